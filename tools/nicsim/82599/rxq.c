// SPDX-License-Identifier: MIT
/*
 * Receive rings of the 82599 model (data sheet 7.1.9, 4.6.7): enabling by handshake, head and tail,
 * legacy and advanced one-buffer descriptors, a frame over several descriptors, and the faults of
 * descriptor write-back. What a driver may not do here is reported: rings touched while enabled,
 * RDT before RXDCTL.ENABLE reads 1, a tail outside of the ring or moved back, a descriptor with DD
 * set or no buffer, a ring or buffer outside of memory.
 */
#include "tools/nicsim/82599/hooks.h"

enum {
	HANDSHAKE_NS = 1000,
	RING_MAX = 8192, /* descriptors; 8.2.3.8.3 */
	DD = 1,
	EOP = 2,
};

static struct nicsim_ring_name name(u32 i)
{
	return (struct nicsim_ring_name){ 'R', i };
}

/* The ring starts with what its registers say. */
static void on(struct n599 *n, u32 i)
{
	struct n599_rxq *q = &n->rxq[i];
	u32 srrctl = n599_get(n, n599_rxo(N599_SRRCTL, i));

	q->buffer = (srrctl & 31) * 1024;
	q->type = srrctl >> 25 & 7;
	q->held.valid = false;
	if (!nicsim_ring_start(n->owner[i], &q->r, name(i),
			       n599_get(n, n599_rxo(N599_RDBAL, i)) |
				       (u64)n599_get(n, n599_rxo(N599_RDBAH, i)) << 32,
			       n599_get(n, n599_rxo(N599_RDLEN, i)), RING_MAX))
		return;
	if (!q->buffer || q->buffer > 16384)
		nicsim_error(n->owner[i], NICSIM_E_RESERVED, "SRRCTL[%u].BSIZEPACKET is %u", i,
			     srrctl & 31);
	else if (q->type > 1)
		nicsim_error(n->owner[i], NICSIM_E_RESERVED,
			     "SRRCTL[%u].DESCTYPE %u is not modelled", i, q->type);
	else
		return;
	q->r.hung = true;
}

static bool is_on(struct n599 *n, u32 i)
{
	struct n599_rxq *q = &n->rxq[i];

	if (nicsim_ring_starts(n->dev, n->owner[i], &q->r, "rx-enable-stuck"))
		on(n, i);
	return q->r.on;
}

N599_WR(rxdctl)
{
	nicsim_ring_enable(&n->rxq[i].r, raw & NICSIM_RING_ENABLE,
			   nicsim_now(n->dev) + HANDSHAKE_NS);
	if (!(raw & NICSIM_RING_ENABLE))
		n599_rsc_flush(n, (int)i);
}

N599_RD(rxdctl)
{
	n599_reached(n, &n->rxq[i].r.due);
	is_on(n, i);
	return nicsim_ring_control(&n->rxq[i].r, v);
}

/* RDBAL, RDBAH, RDLEN, SRRCTL */
N599_WR(rxring)
{
	if ((n->rxq[i].r.on || n->rxq[i].r.turning_on) &&
	    n599_get(n, r->off + (i - r->first) * r->stride) != old)
		nicsim_error(n->owner[i], NICSIM_E_STATE, "%s[%u] written with %08x while enabled",
			     r->name, i, raw);
}

N599_RD(rdh)
{
	return n->rxq[i].r.head;
}

N599_WR(rdh)
{
	nicsim_ring_head(n->owner[i], &n->rxq[i].r, name(i), raw);
}

N599_WR(rdt)
{
	is_on(n, i);
	if (nicsim_ring_tail(n->owner[i], &n->rxq[i].r, name(i), raw & 0xffff))
		n->rx_due = n->fifo_used != 0;
}

/* Has ring i descriptors for len bytes? -1: the ring does not take frames at all. */
int n599_rxq_room(struct n599 *n, u32 i, u32 len)
{
	struct n599_rxq *q = &n->rxq[i];

	if (!is_on(n, i) || q->r.hung)
		return -1;
	if (nicsim_fault(n->dev, "rx-hang", NULL))
		return 0;
	return nicsim_ring_posted(&q->r, q->r.tail) >= (len + q->buffer - 1) / q->buffer;
}

static void write_back(struct n599 *n, const struct n599_rxq *q, u32 index, const u32 *d)
{
	u64 at = q->r.base + (u64)index * N599_DESC;
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

static void put_descriptor(struct n599 *n, u32 i, u32 index, u32 *d, bool last)
{
	struct n599_rxq *q = &n->rxq[i];

	if (!nicsim_rx_spoil(n->dev, q->type ? d + 3 : d + 2, q->type ? d + 2 : d + 3, last,
			     q->type ? 0x20000000u : 0x0100u))
		return;
	if (nicsim_hold(n->dev, &q->held, index, d))
		return;
	write_back(n, q, index, d);
	if (unlikely(q->held.valid)) {
		q->held.valid = false;
		write_back(n, q, q->held.index, q->held.d);
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

/* Read descriptor `index` and check it; 0: unusable, the ring stops. */
static u64 buffer_of(struct n599 *n, u32 i, u32 index)
{
	struct n599_rxq *q = &n->rxq[i];
	u64 d[2];

	if (!nicsim_dma_read(n->owner[i], q->r.base + (u64)index * N599_DESC, d, sizeof(d)))
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

	nicsim_ring_skip(n->dev, &q->r, "rx-head-jump");
	if (q->r.head != q->r.tail && nicsim_fault(n->dev, "rx-ghost", NULL)) {
		/* a write-back for a frame that never was: stale buffer, plausible length */
		u32 d[4] = { 0 };
		struct n599_rxinfo info = { 0 };

		fill(q, d, 60, true, &info);
		write_back(n, q, q->r.head, d);
		q->r.head = nicsim_ring_next(&q->r, q->r.head);
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
		d[2] |= q->r.head << 4;
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
		u32 part = MIN(len, q->buffer), index = q->r.head;
		u64 at = buffer_of(n, i, index);

		if (!at || !nicsim_dma_write(n->owner[i], at, frame, part)) {
			q->r.hung = !n->owner[i]->removed;
			return false;
		}
		fill(q, d, part, part == len, info);
		q->r.head = nicsim_ring_next(&q->r, index);
		if (unlikely(info->starts != NULL))
			coalesced(q, d, done, part, part == len, info);
		put_descriptor(n, i, index, d, part == len);
		frame += part;
		done += part;
		len -= part;
	}
	return true;
}
