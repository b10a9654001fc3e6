// SPDX-License-Identifier: MIT
/* Receive queues of the 82576 (7.1.4 to 7.1.6, 8.10): rings, enabling, write-back of legacy and
 * advanced descriptors (one buffer), and the faults of it. */
#include "tools/nicsim/82576/n576.h"

#include <string.h>

enum {
	DD = 1,
	EOP = 2,
	LEGACY_ERROR_SHIFT = 8,
	ADVANCED_ONE_BUFFER = 1,
	SIZE_MAX_DESC = 4096 * 8,
};

void n576_rxq_reset(struct n576 *n)
{
	memset(n->rxq, 0, sizeof(n->rxq));
	/* 8.10.10: queue 0 is on from the beginning, with an empty ring. */
	for (u32 q = 0; q < N576_QUEUES; q++) {
		for (u32 off = 0; off < 0x40; off += 4)
			n576_set(n, n576_rx_off(q, off), 0);
		n576_set(n, n576_rx_off(q, N576_RXDCTL), 1 << 16 | (q ? 0 : XDCTL_ENABLE));
	}
	n->rxq[0].on = true;
}

static u32 buffer_of(const struct n576 *n, u32 srrctl)
{
	static const u32 bsize[] = { 2048, 1024, 512, 256 };

	if (srrctl & 0x7f)
		return (srrctl & 0x7f) * 1024;
	return bsize[n576_get(n, N576_RCTL) >> 16 & 3];
}

static void turn_on(struct n576 *n, u32 q)
{
	struct n576_rxq *r = &n->rxq[q];
	u32 srrctl = n576_get(n, n576_rx_off(q, N576_SRRCTL)), type = srrctl >> 25 & 7;
	u32 len = n576_get(n, n576_rx_off(q, N576_RDLEN));

	r->on = true;
	r->turning_on = r->hung = false;
	r->base = n576_get(n, n576_rx_off(q, N576_RDBAL)) |
		  (u64)n576_get(n, n576_rx_off(q, N576_RDBAH)) << 32;
	r->size = len / N576_DESC;
	r->advanced = type != 0;
	r->buffer = buffer_of(n, srrctl);
	if (!len || len > SIZE_MAX_DESC * N576_DESC)
		nicsim_error(n->dev, NICSIM_E_STATE, "RXDCTL[%u].ENABLE with RDLEN %u", q, len);
	else if (!nicsim_dma_ok(n->dev, r->base, len))
		nicsim_error(n->dev, NICSIM_E_DMA, "RXDCTL[%u].ENABLE: ring %llx is not in RAM", q,
			     (unsigned long long)r->base);
	else if (type > ADVANCED_ONE_BUFFER)
		nicsim_error(n->dev, NICSIM_E_RESERVED, "SRRCTL[%u].DESCTYPE %u is not modelled", q,
			     type);
	else
		return;
	r->hung = true;
}

static bool is_on(struct n576 *n, u32 q)
{
	struct n576_rxq *r = &n->rxq[q];

	if (r->turning_on && nicsim_now(n->dev) >= r->due &&
	    !nicsim_fault(n->dev, "rx-enable-stuck", NULL))
		turn_on(n, q);
	if (r->turning_off && nicsim_now(n->dev) >= r->due)
		r->on = r->turning_off = r->read_back = r->held_valid = false;
	return r->on;
}

static u32 read_rxdctl(struct n576 *n, u32 q, u32 v)
{
	struct n576_rxq *r = &n->rxq[q];

	if ((r->turning_on || r->turning_off) && n576_reached(n, r->due, &r->polls))
		r->due = 0;
	if (!is_on(n, q))
		return v & ~(u32)XDCTL_ENABLE;
	r->read_back = true;
	return v | XDCTL_ENABLE;
}

u32 n576_rxq_read(struct n576 *n, u32 q, u32 off, u32 v)
{
	switch (off) {
	case N576_RXDCTL:
		return read_rxdctl(n, q, v);
	case N576_RDH:
		return n->rxq[q].head;
	case N576_RQDPC:
		n576_set(n, n576_rx_off(q, off), 0);
		return v;
	case 0x1c:
	case 0x20:
	case 0x24:
	case 0x2c:
	case 0x34:
	case 0x3c:
		nicsim_error(n->dev, NICSIM_E_ACCESS, "read of %02x of receive queue %u", off, q);
		return 0;
	default:
		return v;
	}
}

static void write_rxdctl(struct n576 *n, u32 q, u32 v)
{
	struct n576_rxq *r = &n->rxq[q];

	if (v & ~0x061f1f1fu)
		nicsim_error(n->dev, NICSIM_E_RESERVED, "RXDCTL[%u] %08x", q, v);
	n576_set(n, n576_rx_off(q, N576_RXDCTL), v & 0x021f1f1f);
	r->due = nicsim_now(n->dev) + N576_HANDSHAKE_NS;
	r->polls = 0;
	if (v & XDCTL_ENABLE) {
		r->turning_off = false;
		/* Queue 0, on without a ring since the reset, takes the one it has got meanwhile.
		 */
		r->turning_on = !r->on || !r->size;
		if (r->on && !r->size)
			r->on = false;
	} else {
		r->turning_on = false;
		r->turning_off = r->on;
	}
}

static u32 posted(const struct n576_rxq *r, u32 tail)
{
	return tail >= r->head ? tail - r->head : tail + r->size - r->head;
}

static void write_rdt(struct n576 *n, u32 q, u32 v)
{
	struct n576_rxq *r = &n->rxq[q];
	u32 tail = v & 0xffff;

	n576_set(n, n576_rx_off(q, N576_RDT), tail);
	if ((!is_on(n, q) || !r->read_back) && tail != r->head)
		nicsim_error(n->dev, NICSIM_E_STATE,
			     "RDT[%u] written with %u before RXDCTL.ENABLE was read as 1", q, tail);
	if (!r->on || !r->size) {
		r->tail = tail;
		return;
	}
	if (tail >= r->size) {
		nicsim_error(n->dev, NICSIM_E_TAIL, "RDT[%u] is %u of %u", q, tail, r->size);
		return;
	}
	if (posted(r, tail) < posted(r, r->tail))
		nicsim_error(n->dev, NICSIM_E_TAIL, "RDT[%u] back from %u to %u, RDH is %u", q,
			     r->tail, tail, r->head);
	r->tail = tail;
	n576_rx_drain(n);
}

void n576_rxq_write(struct n576 *n, u32 q, u32 off, u32 v)
{
	struct n576_rxq *r = &n->rxq[q];
	u32 at = n576_rx_off(q, off);
	bool running = r->on && r->size;

	switch (off) {
	case N576_RXDCTL:
		write_rxdctl(n, q, v);
		return;
	case N576_RDT:
		write_rdt(n, q, v);
		return;
	case N576_RDH:
		if (running && v != r->head)
			nicsim_error(n->dev, NICSIM_E_STATE, "RDH[%u] written with %u while on", q,
				     v);
		else
			r->head = v & 0xffff;
		return;
	case N576_RDBAL:
	case N576_RDLEN:
		if (v & 0x7f)
			nicsim_error(n->dev, NICSIM_E_RESERVED, "%s[%u] %08x: not of 128 bytes",
				     off == N576_RDBAL ? "RDBAL" : "RDLEN", q, v);
		v &= ~0x7fu;
		break;
	case N576_RDBAH:
	case N576_SRRCTL:
		break;
	case 0x14: /* DCA_RXCTRL */
	case 0x38: /* DVMOLR */
		n576_set(n, at, v);
		return;
	default:
		nicsim_error(n->dev, NICSIM_E_ACCESS, "write of %02x of receive queue %u", off, q);
		return;
	}
	if ((running || r->turning_on) && n576_get(n, at) != v)
		nicsim_error(n->dev, NICSIM_E_STATE,
			     "register %02x of receive queue %u: %08x while on", off, q, v);
	n576_set(n, at, v);
}

int n576_rxq_room(struct n576 *n, u32 q, u32 len)
{
	struct n576_rxq *r = &n->rxq[q];

	if (!is_on(n, q) || r->hung)
		return -1;
	if (nicsim_fault(n->dev, "rx-hang", NULL) || !r->size)
		return 0;
	return posted(r, r->tail) >= (len + r->buffer - 1) / r->buffer;
}

static u32 next(const struct n576_rxq *r, u32 i)
{
	return i + 1 == r->size ? 0 : i + 1;
}

static void write_back(struct n576 *n, const struct n576_rxq *r, u32 index, const u32 *d)
{
	nicsim_dma_write_back(n->dev, r->base + (u64)index * N576_DESC, d, N576_DESC);
}

/* What the device gets wrong on command; false: it is never written back. */
static bool spoil(struct n576 *n, const struct n576_rxq *r, u32 *len, u32 *status, bool last)
{
	u64 arg = 0;

	if (likely(!n->dev->nfaults))
		return true;
	if (nicsim_fault(n->dev, "rx-no-dd", NULL))
		return false;
	if (nicsim_fault(n->dev, "rx-no-length", NULL))
		*len = 0;
	if (nicsim_fault(n->dev, "rx-length", &arg))
		*len = arg & 0xffff;
	if (last && nicsim_fault(n->dev, "rx-no-eop", NULL))
		*status &= ~(u32)EOP;
	if (last && nicsim_fault(n->dev, "rx-error", &arg))
		*status |= arg ? (u32)arg : r->advanced ? 0x80000000u : 0x0100u;
	return true;
}

/* 7.1.4, 7.1.5.2: the write-back formats. A legacy one wants checksum, status, errors, tag. */
static void describe(const struct n576_rxq *r, u32 *d, u32 len, u32 status,
		     const struct n576_info *info)
{
	if (r->advanced) {
		d[0] = info->type;
		d[1] = info->hash;
		d[2] = status;
		d[3] = len | (u32)info->vlan << 16;
		return;
	}
	/* the address stays */
	d[2] = len;
	d[3] = (status & 0xff) | (status & 0xff00) | (u32)info->vlan << 16;
}

static void put_one(struct n576 *n, struct n576_rxq *r, u32 index, u32 *d)
{
	if (n->dev->nfaults && !r->held_valid && nicsim_fault(n->dev, "rx-order", NULL)) {
		memcpy(r->held, d, sizeof(r->held));
		r->held_index = index;
		r->held_valid = true;
		return;
	}
	write_back(n, r, index, d);
	if (r->held_valid && r->held_index != index) {
		r->held_valid = false;
		write_back(n, r, r->held_index, r->held);
	}
}

void n576_rxq_put(struct n576 *n, const u8 *frame, u32 len, const struct n576_info *info)
{
	struct n576_rxq *r = &n->rxq[info->queue];
	u64 by = 0;

	if (n->dev->nfaults && nicsim_fault(n->dev, "rx-head-jump", &by))
		for (by = by ? by : 1; by && r->head != r->tail; by--)
			r->head = next(r, r->head);
	for (u32 at = 0, part; at < len && r->head != r->tail; at += part) {
		u32 index = r->head, status, wlen, d[4];
		u64 addr;
		bool last;

		part = MIN(len - at, r->buffer);
		last = at + part == len;
		if (!nicsim_dma_read(n->dev, r->base + (u64)index * N576_DESC, d, sizeof(d)))
			return;
		addr = d[0] | (u64)d[1] << 32;
		if (d[2] & DD && (r->advanced ? d[3] & 0xffff : d[2]))
			nicsim_error(n->dev, NICSIM_E_DESC,
				     "descriptor %u of receive queue %u is posted with DD set",
				     index, info->queue);
		if (!nicsim_dma_ok(n->dev, addr, r->buffer))
			nicsim_error(n->dev, NICSIM_E_DMA,
				     "descriptor %u of receive queue %u: buffer %llx is not RAM",
				     index, info->queue, (unsigned long long)addr);
		else
			nicsim_dma_write(n->dev, addr, frame + at, part);
		r->head = next(r, r->head);
		status = DD | (last ? (u32)EOP | info->status : 0);
		wlen = part;
		if (!spoil(n, r, &wlen, &status, last))
			continue;
		describe(r, d, wlen, status, info);
		put_one(n, r, index, d);
	}
	n576_irq_queue(n, info->queue, false);
}
