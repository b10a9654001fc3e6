// SPDX-License-Identifier: MIT
/*
 * Receive rings of the 82599 model (data sheet 7.1.9, 4.6.7): enabling by handshake, head and tail,
 * legacy and advanced one-buffer descriptors, a frame over several descriptors, and the faults of
 * descriptor write-back. What a driver may not do here is reported: rings touched while enabled,
 * RDT before RXDCTL.ENABLE reads 1, a tail outside of the ring or moved back, a descriptor with DD
 * set or no buffer, a ring or buffer outside of memory.
 */
#include "tools/nicsim/82599/hooks.h"

#include <string.h>

enum {
	ENABLE = 1 << 25,
	HANDSHAKE_NS = 1000,
	RING_MAX = 8192, /* descriptors; 8.2.3.8.3 */
	DD = 1,
	EOP = 2,
};

static void off(struct n599 *n, u32 i)
{
	struct n599_rxq *q = &n->rxq[i];

	q->on = q->pending_off = q->pending_on = q->read_back = false;
	q->held_valid = false;
}

/* The ring starts with what its registers say. */
static void on(struct n599 *n, u32 i)
{
	struct n599_rxq *q = &n->rxq[i];
	u32 srrctl = n599_get(n, n599_rxo(N599_SRRCTL, i));

	q->base = n599_get(n, n599_rxo(N599_RDBAL, i)) | (u64)n599_get(n, n599_rxo(N599_RDBAH, i))
								 << 32;
	q->size = n599_get(n, n599_rxo(N599_RDLEN, i)) / N599_DESC;
	q->buffer = (srrctl & 31) * 1024;
	q->type = srrctl >> 25 & 7;
	q->on = true;
	q->pending_on = false;
	q->hung = false;
	if (!q->size || q->size > RING_MAX)
		nicsim_error(n->owner[i], NICSIM_E_STATE,
			     "RXDCTL[%u].ENABLE with a ring of %u descriptors", i, q->size);
	else if (!nicsim_dma_ok(n->owner[i], q->base, (u64)q->size * N599_DESC))
		nicsim_error(n->owner[i], NICSIM_E_DMA,
			     "RXDCTL[%u].ENABLE: ring %llx is not in RAM", i,
			     (unsigned long long)q->base);
	else if (!q->buffer || q->buffer > 16384)
		nicsim_error(n->owner[i], NICSIM_E_RESERVED, "SRRCTL[%u].BSIZEPACKET is %u", i,
			     srrctl & 31);
	else if (q->type > 1)
		nicsim_error(n->owner[i], NICSIM_E_RESERVED,
			     "SRRCTL[%u].DESCTYPE %u is not modelled", i, q->type);
	else
		return;
	q->hung = true;
}

static bool is_on(struct n599 *n, u32 i)
{
	struct n599_rxq *q = &n->rxq[i];

	if (q->pending_on && nicsim_now(n->dev) >= q->due && !n->owner[i]->removed &&
	    !nicsim_fault(n->dev, "rx-enable-stuck", NULL))
		on(n, i);
	if (q->pending_off && nicsim_now(n->dev) >= q->due)
		off(n, i);
	return q->on;
}

void n599_wr_rxdctl(struct n599 *n, const struct n599_reg *r, u32 i, u32 raw, u32 old)
{
	struct n599_rxq *q = &n->rxq[i];

	(void)r;
	(void)old;
	q->due = nicsim_now(n->dev) + HANDSHAKE_NS;
	if (raw & ENABLE) {
		q->pending_off = false;
		q->pending_on = !q->on;
	} else {
		q->pending_on = false;
		q->pending_off = q->on;
		n599_rsc_flush(n, (int)i);
	}
	q->read_back = q->on && (raw & ENABLE) && q->read_back;
}

u32 n599_rd_rxdctl(struct n599 *n, const struct n599_reg *r, u32 i, u32 v)
{
	struct n599_rxq *q = &n->rxq[i];

	(void)r;
	if (q->pending_on || q->pending_off)
		n599_reached(n, &q->due);
	if (is_on(n, i)) {
		q->read_back = true;
		return v | ENABLE;
	}
	return v & ~(u32)ENABLE;
}

/* RDBAL, RDBAH, RDLEN, SRRCTL */
void n599_wr_rxring(struct n599 *n, const struct n599_reg *r, u32 i, u32 raw, u32 old)
{
	if ((n->rxq[i].on || n->rxq[i].pending_on) &&
	    n599_get(n, r->off + (i - r->first) * r->stride) != old)
		nicsim_error(n->owner[i], NICSIM_E_STATE, "%s[%u] written with %08x while enabled",
			     r->name, i, raw);
}

u32 n599_rd_rdh(struct n599 *n, const struct n599_reg *r, u32 i, u32 v)
{
	(void)r;
	(void)v;
	return n->rxq[i].head;
}

void n599_wr_rdh(struct n599 *n, const struct n599_reg *r, u32 i, u32 raw, u32 old)
{
	(void)r;
	(void)old;
	if (n->rxq[i].on && (raw & 0xffff) != n->rxq[i].head)
		nicsim_error(n->owner[i], NICSIM_E_STATE, "RDH[%u] written with %u while enabled",
			     i, raw);
	else
		n->rxq[i].head = raw & 0xffff;
}

static u32 posted(const struct n599_rxq *q, u32 tail)
{
	return tail >= q->head ? tail - q->head : tail + q->size - q->head;
}

void n599_wr_rdt(struct n599 *n, const struct n599_reg *r, u32 i, u32 raw, u32 old)
{
	struct n599_rxq *q = &n->rxq[i];
	u32 tail = raw & 0xffff;

	(void)r;
	(void)old;
	if (!is_on(n, i) || !q->read_back) {
		if (tail != q->head)
			nicsim_error(n->owner[i], NICSIM_E_STATE,
				     "RDT[%u] written with %u before RXDCTL.ENABLE was read as 1",
				     i, tail);
		if (!q->on) {
			q->tail = tail;
			return;
		}
	}
	if (tail >= q->size) {
		nicsim_error(n->owner[i], NICSIM_E_TAIL, "RDT[%u] is %u of %u", i, tail, q->size);
		return;
	}
	if (posted(q, tail) < posted(q, q->tail))
		nicsim_error(n->owner[i], NICSIM_E_TAIL, "RDT[%u] back from %u to %u, RDH is %u", i,
			     q->tail, tail, q->head);
	q->tail = tail;
	n->rx_due = n->fifo_used != 0;
}

/* Has ring i descriptors for len bytes? -1: the ring does not take frames at all. */
int n599_rxq_room(struct n599 *n, u32 i, u32 len)
{
	struct n599_rxq *q = &n->rxq[i];

	if (!is_on(n, i) || q->hung)
		return -1;
	if (nicsim_fault(n->dev, "rx-hang", NULL))
		return 0;
	return posted(q, q->tail) >= (len + q->buffer - 1) / q->buffer;
}

static void write_back(struct n599 *n, const struct n599_rxq *q, u32 index, const u32 *d)
{
	u64 at = q->base + (u64)index * N599_DESC;
	struct nicsim_dev *dev = n->owner[q - n->rxq];

	/* The dword with DD last: it is the third in the advanced format, the fourth in the other.
	 */
	if (q->type) {
		nicsim_dma_write(dev, at + 12, d + 3, 4);
		nicsim_dma_write_back(dev, at, d, 12);
	} else {
		nicsim_dma_write_back(dev, at, d, 16);
	}
}

/* 13.. the faults of a write-back; d is changed in place. False: it does not happen. */
static bool spoil(struct n599 *n, struct n599_rxq *q, u32 *d, bool last)
{
	u32 *status = q->type ? d + 2 : d + 3, *len = q->type ? d + 3 : d + 2;
	u64 arg;

	if (nicsim_fault(n->dev, "rx-no-dd", NULL))
		return false;
	if (nicsim_fault(n->dev, "rx-no-length", NULL))
		*len &= 0xffff0000u;
	if (nicsim_fault(n->dev, "rx-length", &arg))
		*len = (*len & 0xffff0000u) | (arg & 0xffff);
	if (last && nicsim_fault(n->dev, "rx-no-eop", NULL))
		*status &= ~(u32)EOP;
	if (last && nicsim_fault(n->dev, "rx-error", &arg))
		*status |= arg ? (u32)arg : q->type ? 0x20000000u : 0x0100u;
	return true;
}

static void put_descriptor(struct n599 *n, u32 i, u32 index, u32 *d, bool last)
{
	struct n599_rxq *q = &n->rxq[i];

	if (unlikely(n->dev->nfaults != 0)) {
		if (!spoil(n, q, d, last))
			return;
		if (!q->held_valid && nicsim_fault(n->dev, "rx-order", NULL)) {
			memcpy(q->held, d, sizeof(q->held));
			q->held_index = index;
			q->held_valid = true;
			return;
		}
	}
	write_back(n, q, index, d);
	if (unlikely(q->held_valid)) {
		q->held_valid = false;
		write_back(n, q, q->held_index, q->held);
	}
}

static void fill(const struct n599_rxq *q, u32 *d, u32 len, bool last,
		 const struct n599_rxinfo *info)
{
	u32 status = last ? info->status | EOP | DD : DD;
	u32 error = last ? info->error : 0;

	if (q->type) {
		d[0] = last ? info->rss | (u32)info->type << 4 : 0;
		d[1] = last ? info->hash : 0;
		d[2] = status | error;
		d[3] = len | (last ? (u32)info->vlan << 16 : 0);
	} else {
		d[0] = d[1] = 0;
		d[2] = len | (info->fragment_sum << 16);
		d[3] = (status & 0xff) | (error >> 24 & 0xe0) << 8 | (error >> 29 & 1) << 8 |
		       (u32)info->vlan << 16;
	}
}

static u32 next(const struct n599_rxq *q, u32 index)
{
	return index + 1 == q->size ? 0 : index + 1;
}

/* Read descriptor `index` and check it; 0: unusable, the ring stops. */
static u64 buffer_of(struct n599 *n, u32 i, u32 index)
{
	struct n599_rxq *q = &n->rxq[i];
	u64 d[2];

	if (!nicsim_dma_read(n->owner[i], q->base + (u64)index * N599_DESC, d, sizeof(d)))
		return 0;
	/* Silicon does not look at the status of a posted descriptor, but its driver does: DD with
	 * a length there is a frame that never came. (Linux leaves DD and clears the length.) */
	if (q->type ? (d[1] & 1) && (d[1] >> 32 & 0xffff) : (d[1] >> 32 & 1) && (d[1] & 0xffff))
		nicsim_error(n->owner[i], NICSIM_E_DESC,
			     "Rx descriptor %u[%u] posted with DD and length", i, index);
	if (!d[0]) {
		nicsim_error(n->owner[i], NICSIM_E_DESC, "Rx descriptor %u[%u] has no buffer", i,
			     index);
		return 0;
	}
	if (!nicsim_dma_ok(n->owner[i], d[0], q->buffer)) {
		nicsim_error(n->owner[i], NICSIM_E_DMA,
			     "Rx buffer %llx of %u[%u]: %u bytes are not all RAM",
			     (unsigned long long)d[0], i, index, q->buffer);
		return 0;
	}
	return d[0];
}

static void jump(struct n599 *n, u32 i)
{
	struct n599_rxq *q = &n->rxq[i];
	u64 by;

	if (nicsim_fault(n->dev, "rx-head-jump", &by))
		for (by = by ? by : 1; by && q->head != q->tail; by--)
			q->head = next(q, q->head);
	if (q->head != q->tail && nicsim_fault(n->dev, "rx-ghost", NULL)) {
		/* a write-back for a frame that never was: stale buffer, plausible length */
		u32 d[4] = { 0 };
		struct n599_rxinfo info = { 0 };

		fill(q, d, 60, true, &info);
		write_back(n, q, q->head, d);
		q->head = next(q, q->head);
	}
}

/* 7.1.6.2, 7.11.5: segments that begin in this buffer; the next one of the frame, if any. */
static void coalesced(const struct n599_rxq *q, u32 *d, u32 at, u32 part, bool last,
		      const struct n599_rxinfo *info)
{
	u32 count = 0;

	for (u32 k = 0; k < info->nstarts; k++)
		count += info->starts[k] >= at && info->starts[k] < at + part;
	d[0] |= MIN(count, 15u) << 17;
	if (!last)
		d[2] |= q->head << 4;
}

/*
 * Put a frame into ring i, which has room for it. False: a descriptor was unusable; the ring has
 * stopped and the frame is lost.
 */
bool n599_rxq_put(struct n599 *n, const u8 *frame, u32 len, const struct n599_rxinfo *info)
{
	u32 i = info->queue;
	struct n599_rxq *q = &n->rxq[i];
	u32 d[4], done = 0;

	if (unlikely(n->dev->nfaults != 0)) {
		jump(n, i);
		if (n599_rxq_room(n, i, len) <= 0)
			return false;
	}
	while (len) {
		u32 part = MIN(len, q->buffer), index = q->head;
		u64 at = buffer_of(n, i, index);

		if (!at || !nicsim_dma_write(n->owner[i], at, frame, part)) {
			q->hung = !n->owner[i]->removed;
			return false;
		}
		fill(q, d, part, part == len, info);
		q->head = next(q, index);
		if (unlikely(info->starts != NULL))
			coalesced(q, d, done, part, part == len, info);
		put_descriptor(n, i, index, d, part == len);
		frame += part;
		done += part;
		len -= part;
	}
	return true;
}
