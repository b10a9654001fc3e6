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
	n->rxq[0].r.on = true;
}

static u32 buffer_of(const struct n576 *n, u32 srrctl)
{
	static const u32 bsize[] = { 2048, 1024, 512, 256 };

	if (srrctl & 0x7f)
		return (srrctl & 0x7f) * 1024;
	return bsize[n576_get(n, N576_RCTL) >> 16 & 3];
}

static struct nicsim_ring_name name(u32 q)
{
	return (struct nicsim_ring_name){ 'R', q };
}

static void turn_on(struct n576 *n, u32 q)
{
	struct n576_rxq *r = &n->rxq[q];
	u32 srrctl = n576_get(n, n576_rx_off(q, N576_SRRCTL)), type = srrctl >> 25 & 7;

	r->advanced = type != 0;
	r->buffer = buffer_of(n, srrctl);
	r->held.valid = false;
	if (!nicsim_ring_start(n->dev, &r->r, name(q),
			       n576_get(n, n576_rx_off(q, N576_RDBAL)) |
				       (u64)n576_get(n, n576_rx_off(q, N576_RDBAH)) << 32,
			       n576_get(n, n576_rx_off(q, N576_RDLEN)), N576_RING_MAX))
		return;
	if (type > ADVANCED_ONE_BUFFER) {
		nicsim_error(n->dev, NICSIM_E_RESERVED, "SRRCTL[%u].DESCTYPE %u is not modelled", q,
			     type);
		r->r.hung = true;
	}
}

static bool is_on(struct n576 *n, u32 q)
{
	struct n576_rxq *r = &n->rxq[q];

	if (nicsim_ring_starts(n->dev, n->dev, &r->r, "rx-enable-stuck"))
		turn_on(n, q);
	return r->r.on;
}

static u32 read_rxdctl(struct n576 *n, u32 q, u32 v)
{
	struct n576_rxq *r = &n->rxq[q];

	n576_ring_look(n, &r->r, &r->polls);
	is_on(n, q);
	return nicsim_ring_control(&r->r, v);
}

u32 n576_rxq_read(struct n576 *n, u32 q, u32 off, u32 v)
{
	switch (off) {
	case N576_RXDCTL:
		return read_rxdctl(n, q, v);
	case N576_RDH:
		return n->rxq[q].r.head;
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
	n576_ring_enable(n, &r->r, &r->polls, v);
}

static void write_rdt(struct n576 *n, u32 q, u32 v)
{
	n576_set(n, n576_rx_off(q, N576_RDT), v & 0xffff);
	is_on(n, q);
	if (nicsim_ring_tail(n->dev, &n->rxq[q].r, name(q), v & 0xffff))
		n576_rx_drain(n);
}

void n576_rxq_write(struct n576 *n, u32 q, u32 off, u32 v)
{
	struct n576_rxq *r = &n->rxq[q];
	u32 at = n576_rx_off(q, off);
	bool running = r->r.on && r->r.size;

	switch (off) {
	case N576_RXDCTL:
		write_rxdctl(n, q, v);
		return;
	case N576_RDT:
		write_rdt(n, q, v);
		return;
	case N576_RDH:
		nicsim_ring_head(n->dev, &r->r, name(q), v);
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
	if ((running || r->r.turning_on) && n576_get(n, at) != v)
		nicsim_error(n->dev, NICSIM_E_STATE,
			     "register %02x of receive queue %u: %08x while on", off, q, v);
	n576_set(n, at, v);
}

int n576_rxq_room(struct n576 *n, u32 q, u32 len)
{
	struct n576_rxq *r = &n->rxq[q];

	if (!is_on(n, q) || r->r.hung)
		return -1;
	if (nicsim_fault(n->dev, "rx-hang", NULL) || !r->r.size)
		return 0;
	return nicsim_ring_posted(&r->r, r->r.tail) >= (len + r->buffer - 1) / r->buffer;
}

static void write_back(struct n576 *n, const struct n576_rxq *r, u32 index, const u32 *d)
{
	nicsim_dma_write_back(n->dev, r->r.base + (u64)index * N576_DESC, d, N576_DESC);
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
	if (nicsim_hold(n->dev, &r->held, index, d))
		return;
	write_back(n, r, index, d);
	if (r->held.valid) {
		r->held.valid = false;
		write_back(n, r, r->held.index, r->held.d);
	}
}

void n576_rxq_put(struct n576 *n, const u8 *frame, u32 len, const struct n576_info *info)
{
	struct n576_rxq *r = &n->rxq[info->queue];

	nicsim_ring_skip(n->dev, &r->r, "rx-head-jump");
	for (u32 at = 0, part; at < len && r->r.head != r->r.tail; at += part) {
		u32 index = r->r.head, status, wlen, d[4];
		u64 addr;
		bool last;

		part = MIN(len - at, r->buffer);
		last = at + part == len;
		if (!nicsim_dma_read(n->dev, r->r.base + (u64)index * N576_DESC, d, sizeof(d)))
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
		r->r.head = nicsim_ring_next(&r->r, r->r.head);
		status = DD | (last ? (u32)EOP | info->status : 0);
		wlen = part;
		if (!nicsim_rx_spoil(n->dev, &wlen, &status, last,
				     r->advanced ? 0x80000000u : 0x0100u))
			continue;
		describe(r, d, wlen, status, info);
		put_one(n, r, index, d);
	}
	n576_irq_queue(n, info->queue, false);
}
