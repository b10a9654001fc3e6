// SPDX-License-Identifier: MIT
/* Transmit queues of the 82576 (7.2, 8.12): rings, legacy and advanced descriptors, contexts (two a
 * queue), write-back of descriptors or of the head. */
#include "tools/nicsim/82576/n576.h"

#include <string.h>

enum {
	DTYP_CONTEXT = 2,
	DTYP_DATA = 3,
	GATHER_MAX = 256 << 10,
	CHAIN_MAX = 512, /* descriptors of one frame */
	BURST = 16,
	HEAD_WB_EN = 1,
};
#define EOP  (1u << 24)
#define IFCS (1u << 25)
#define RS   (1u << 27)
#define DEXT (1u << 29)
#define VLE  (1u << 30)
#define TSE  (1u << 31)

void n576_txq_reset(struct n576 *n)
{
	memset(n->txq, 0, sizeof(n->txq));
	for (u32 q = 0; q < N576_QUEUES; q++) {
		for (u32 off = 0; off < 0x40; off += 4)
			n576_set(n, n576_tx_off(q, off), 0);
		n576_set(n, n576_tx_off(q, N576_TXDCTL), q ? 0 : XDCTL_ENABLE);
	}
	n->txq[0].r.on = true; /* 8.12.15: queue 0 is */
	n->next_tx = 0;
}

static struct nicsim_ring_name name(u32 q)
{
	return (struct nicsim_ring_name){ 'T', q };
}

static bool is_on(struct n576 *n, u32 q)
{
	struct n576_txq *t = &n->txq[q];

	if (nicsim_ring_starts(n->dev, n->dev, &t->r, "tx-enable-stuck")) {
		t->waiting = 0;
		nicsim_ring_start(n->dev, &t->r, name(q),
				  n576_get(n, n576_tx_off(q, N576_TDBAL)) |
					  (u64)n576_get(n, n576_tx_off(q, N576_TDBAH)) << 32,
				  n576_get(n, n576_tx_off(q, N576_TDLEN)), N576_RING_MAX);
	}
	return t->r.on;
}

u32 n576_txq_read(struct n576 *n, u32 q, u32 off, u32 v)
{
	struct n576_txq *t = &n->txq[q];

	switch (off) {
	case N576_TXDCTL:
		n576_ring_look(n, &t->r, &t->polls);
		is_on(n, q);
		return nicsim_ring_control(&t->r, v);
	case N576_TDH:
		return t->r.head;
	case 0x0c:
	case 0x1c:
	case 0x20:
	case 0x24:
	case 0x2c:
	case 0x30:
	case 0x34:
		nicsim_error(n->dev, NICSIM_E_ACCESS, "read of %02x of transmit queue %u", off, q);
		return 0;
	default:
		return v;
	}
}

static void write_txdctl(struct n576 *n, u32 q, u32 v)
{
	struct n576_txq *t = &n->txq[q];

	if (v & ~0x0e1f1f1fu)
		nicsim_error(n->dev, NICSIM_E_RESERVED, "TXDCTL[%u] %08x", q, v);
	n576_set(n, n576_tx_off(q, N576_TXDCTL), v & 0x0a1f1f1f);
	n576_ring_enable(n, &t->r, &t->polls, v);
}

static void write_tdt(struct n576 *n, u32 q, u32 v)
{
	n576_set(n, n576_tx_off(q, N576_TDT), v & 0xffff);
	is_on(n, q);
	nicsim_ring_tail(n->dev, &n->txq[q].r, name(q), v & 0xffff);
}

void n576_txq_write(struct n576 *n, u32 q, u32 off, u32 v)
{
	struct n576_txq *t = &n->txq[q];
	u32 at = n576_tx_off(q, off);
	bool running = t->r.on && t->r.size;

	switch (off) {
	case N576_TXDCTL:
		write_txdctl(n, q, v);
		return;
	case N576_TDT:
		write_tdt(n, q, v);
		return;
	case N576_TDH:
		nicsim_ring_head(n->dev, &t->r, name(q), v);
		return;
	case N576_TDBAL:
	case N576_TDLEN:
		if (v & 0x7f)
			nicsim_error(n->dev, NICSIM_E_RESERVED, "%s[%u] %08x: not of 128 bytes",
				     off == N576_TDBAL ? "TDBAL" : "TDLEN", q, v);
		v &= ~0x7fu;
		break;
	case N576_TDWBAL:
		if (v & 2)
			nicsim_error(n->dev, NICSIM_E_RESERVED, "TDWBAL[%u] %08x", q, v);
		break;
	case N576_TDBAH:
	case N576_TDWBAH:
		break;
	case 0x14: /* DCA_TXCTRL */
		n576_set(n, at, v);
		return;
	default:
		nicsim_error(n->dev, NICSIM_E_ACCESS, "write of %02x of transmit queue %u", off, q);
		return;
	}
	if ((running || t->r.turning_on) && n576_get(n, at) != v)
		nicsim_error(n->dev, NICSIM_E_STATE,
			     "register %02x of transmit queue %u: %08x while on", off, q, v);
	n576_set(n, at, v);
}

/* --- descriptors ----------------------------------------------------------------------------- */

static bool wrong(struct n576 *n, u32 q, u32 index, const char *what)
{
	nicsim_error(n->dev, NICSIM_E_DESC, "descriptor %u of transmit queue %u: %s", index, q,
		     what);
	n->txq[q].r.hung = true;
	return false;
}

static void take_context(struct n576_txq *t, const u32 *d)
{
	t->ctx[d[3] >> 4 & 1] = (struct n576_context){ .vlan = d[0] >> 16,
						       .maclen = d[0] >> 9 & 0x7f,
						       .iplen = d[0] & 0x1ff,
						       .tucmd = d[2],
						       .l4len = d[3] >> 8 & 0xff,
						       .mss = d[3] >> 16 };
}

/* One frame's descriptors, from the head on. 1: it is in n->tx_frame; 0: its end has not come; -1:
 * it makes no sense, the queue hangs. */
struct gather {
	struct n576_tx tx;
	u32 end; /* index behind it */
	u32 rs[8], nrs;
	u32 paylen;
};

static bool append(struct n576 *n, struct gather *g, u64 addr, u32 len)
{
	if (!len || g->tx.len + len > GATHER_MAX ||
	    !nicsim_dma_read(n->dev, addr, n->tx_frame + g->tx.len, len))
		return false;
	g->tx.len += len;
	return true;
}

static bool take_data(struct n576 *n, u32 q, u32 index, const u32 *d, struct gather *g, bool first)
{
	struct n576_txq *t = &n->txq[q];

	if (!(d[2] & DEXT)) { /* legacy, 7.2.2.1 */
		if (first && d[2] & VLE) {
			g->tx.tagged = true;
			g->tx.tag = (u16)(d[3] >> 16);
		}
		return append(n, g, d[0] | (u64)d[1] << 32, d[2] & 0xffff);
	}
	if ((d[2] >> 20 & 15) != DTYP_DATA)
		return false;
	if (first) {
		g->paylen = d[3] >> 14;
		g->tx.popts = d[3] & 0x300;
		g->tx.tse = d[2] & TSE;
		if (g->tx.popts || g->tx.tse || d[2] & VLE)
			g->tx.ctx = &t->ctx[d[3] >> 4 & 1];
		if (d[2] & VLE) {
			g->tx.tagged = true;
			g->tx.tag = (u16)g->tx.ctx->vlan;
		}
	}
	if (d[2] & EOP && !(d[2] & IFCS))
		wrong(n, q, index, "the last of a frame without IFCS");
	return append(n, g, d[0] | (u64)d[1] << 32, d[2] & 0xffff);
}

static void report(struct gather *g, u32 index, u32 command)
{
	if (command & RS && g->nrs < ARRAY_SIZE(g->rs))
		g->rs[g->nrs++] = index;
}

static int gather(struct n576 *n, u32 q, struct gather *g)
{
	struct n576_txq *t = &n->txq[q];
	u32 index = t->r.head, d[4];
	bool first = true;

	*g = (struct gather){ 0 };
	for (u32 k = 0; k < CHAIN_MAX && index != t->r.tail; k++) {
		if (!nicsim_dma_read(n->dev, t->r.base + (u64)index * N576_DESC, d, sizeof(d)))
			return -1;
		if (d[2] & DEXT && (d[2] >> 20 & 15) == DTYP_CONTEXT) {
			if (!first) {
				wrong(n, q, index, "a context inside of a frame");
				return -1;
			}
			take_context(t, d);
			report(g, index, d[2]);
			index = nicsim_ring_next(&t->r, index);
			g->end = index;
			if (index == t->r.tail)
				t->r.head = index; /* nothing behind it yet: it is used up */
			continue;
		}
		if (!take_data(n, q, index, d, g, first)) {
			wrong(n, q, index, "no data that could be sent");
			return -1;
		}
		first = false;
		report(g, index, d[2]);
		index = nicsim_ring_next(&t->r, index);
		if (d[2] & EOP) {
			g->end = index;
			if (d[2] & DEXT &&
			    g->paylen !=
				    g->tx.len - (g->tx.tse ? g->tx.ctx->maclen + g->tx.ctx->iplen +
								     g->tx.ctx->l4len
							   : 0))
				wrong(n, q, index, "PAYLEN is not what the frame has");
			return t->r.hung ? -1 : 1;
		}
	}
	return 0;
}

/* --- write-back ------------------------------------------------------------------------------ */

static void flush(struct n576 *n, u32 q)
{
	struct n576_txq *t = &n->txq[q];
	u32 low = n576_get(n, n576_tx_off(q, N576_TDWBAL));

	if (low & HEAD_WB_EN) {
		nicsim_tx_head(n->dev, n->dev,
			       (low & ~3u) | (u64)n576_get(n, n576_tx_off(q, N576_TDWBAH)) << 32,
			       t->r.head);
	} else {
		for (u32 i = 0; i < t->waiting; i++) {
			u64 at = t->r.base + (u64)t->wb[i] * N576_DESC;
			u32 d[4];

			if (nicsim_fault(n->dev, "tx-no-dd", NULL) ||
			    !nicsim_dma_read(n->dev, at, d, sizeof(d)))
				continue;
			d[0] = d[1] = 0;
			d[2] = d[2] & DEXT ? 0 : d[2];
			d[3] = 1;
			nicsim_dma_write_back(n->dev, at, d, sizeof(d));
		}
	}
	if (t->waiting)
		n576_irq_queue(n, q, true);
	t->waiting = 0;
}

static void done(struct n576 *n, u32 q, const struct gather *g)
{
	struct n576_txq *t = &n->txq[q];
	u32 wthresh = n576_get(n, n576_tx_off(q, N576_TXDCTL)) >> 16 & 31;

	t->r.head = g->end;
	for (u32 i = 0; i < g->nrs; i++) {
		if (t->waiting == N576_WAITING)
			flush(n, q);
		t->wb[t->waiting++] = g->rs[i];
	}
	if (t->waiting && (t->waiting >= wthresh || t->r.head == t->r.tail))
		flush(n, q);
}

/* How many frames were sent; *more: there are others. */
static u32 queue_work(struct n576 *n, u32 q, bool *more)
{
	struct n576_txq *t = &n->txq[q];
	struct gather g;
	u32 sent = 0;

	if (!is_on(n, q) || t->r.hung || !t->r.size || t->r.head == t->r.tail)
		return 0;
	if (nicsim_fault(n->dev, "tx-hang", NULL))
		return 0;
	while (sent < BURST && t->r.head != t->r.tail) {
		int r = gather(n, q, &g);

		if (r <= 0) {
			t->r.hung |= r < 0 && !n->dev->removed;
			return sent;
		}
		if (!n576_tx_frame(n, &g.tx)) {
			wrong(n, q, t->r.head, "the frame or its context makes no sense");
			return sent;
		}
		done(n, q, &g);
		sent++;
	}
	*more |= t->r.head != t->r.tail;
	return sent;
}

bool n576_tx_work(struct n576 *n)
{
	bool more = false;

	if (!(n576_get(n, N576_TCTL) & TCTL_EN) || !n->link_up || n->dead || n->reset_busy ||
	    n->dev->removed || n576_get(n, N576_CTRL) & CTRL_MASTER_DISABLE)
		return false;
	for (u32 i = 0, sent = 0; i < N576_QUEUES && sent < 64; i++) {
		sent += queue_work(n, n->next_tx, &more);
		n->next_tx = (n->next_tx + 1) % N576_QUEUES;
		more |= sent >= 64;
	}
	return more;
}
