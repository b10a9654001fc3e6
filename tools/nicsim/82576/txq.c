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
	n->txq[0].on = true; /* 8.12.15: queue 0 is */
	n->next_tx = 0;
}

static void turn_on(struct n576 *n, u32 q)
{
	struct n576_txq *t = &n->txq[q];
	u32 len = n576_get(n, n576_tx_off(q, N576_TDLEN));

	t->on = true;
	t->turning_on = t->hung = false;
	t->waiting = 0;
	t->base = n576_get(n, n576_tx_off(q, N576_TDBAL)) |
		  (u64)n576_get(n, n576_tx_off(q, N576_TDBAH)) << 32;
	t->size = len / N576_DESC;
	if (len && nicsim_dma_ok(n->dev, t->base, len))
		return;
	nicsim_error(n->dev, len ? NICSIM_E_DMA : NICSIM_E_STATE,
		     "TXDCTL[%u].ENABLE: ring %llx of %u bytes", q, (unsigned long long)t->base,
		     len);
	t->hung = true;
}

static bool is_on(struct n576 *n, u32 q)
{
	struct n576_txq *t = &n->txq[q];

	if (t->turning_on && nicsim_now(n->dev) >= t->due &&
	    !nicsim_fault(n->dev, "tx-enable-stuck", NULL))
		turn_on(n, q);
	if (t->turning_off && nicsim_now(n->dev) >= t->due)
		t->on = t->turning_off = t->read_back = false;
	return t->on;
}

u32 n576_txq_read(struct n576 *n, u32 q, u32 off, u32 v)
{
	struct n576_txq *t = &n->txq[q];

	switch (off) {
	case N576_TXDCTL:
		if ((t->turning_on || t->turning_off) && n576_reached(n, t->due, &t->polls))
			t->due = 0;
		if (!is_on(n, q))
			return v & ~(u32)XDCTL_ENABLE;
		t->read_back = true;
		return v | XDCTL_ENABLE;
	case N576_TDH:
		return t->head;
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
	t->due = nicsim_now(n->dev) + N576_HANDSHAKE_NS;
	t->polls = 0;
	if (v & XDCTL_ENABLE) {
		t->turning_off = false;
		t->turning_on = !t->on || !t->size;
		if (t->on && !t->size)
			t->on = false;
	} else {
		t->turning_on = false;
		t->turning_off = t->on;
	}
}

static void write_tdt(struct n576 *n, u32 q, u32 v)
{
	struct n576_txq *t = &n->txq[q];
	u32 tail = v & 0xffff;

	n576_set(n, n576_tx_off(q, N576_TDT), tail);
	if ((!is_on(n, q) || !t->read_back) && tail != t->head)
		nicsim_error(n->dev, NICSIM_E_STATE,
			     "TDT[%u] written with %u before TXDCTL.ENABLE was read as 1", q, tail);
	if (t->on && t->size && tail >= t->size)
		nicsim_error(n->dev, NICSIM_E_TAIL, "TDT[%u] is %u of %u", q, tail, t->size);
	else
		t->tail = tail;
}

void n576_txq_write(struct n576 *n, u32 q, u32 off, u32 v)
{
	struct n576_txq *t = &n->txq[q];
	u32 at = n576_tx_off(q, off);
	bool running = t->on && t->size;

	switch (off) {
	case N576_TXDCTL:
		write_txdctl(n, q, v);
		return;
	case N576_TDT:
		write_tdt(n, q, v);
		return;
	case N576_TDH:
		if (running && v != t->head)
			nicsim_error(n->dev, NICSIM_E_STATE, "TDH[%u] written with %u while on", q,
				     v);
		else
			t->head = v & 0xffff;
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
	if ((running || t->turning_on) && n576_get(n, at) != v)
		nicsim_error(n->dev, NICSIM_E_STATE,
			     "register %02x of transmit queue %u: %08x while on", off, q, v);
	n576_set(n, at, v);
}

/* --- descriptors ----------------------------------------------------------------------------- */

static u32 next(const struct n576_txq *t, u32 i)
{
	return i + 1 == t->size ? 0 : i + 1;
}

static bool wrong(struct n576 *n, u32 q, u32 index, const char *what)
{
	nicsim_error(n->dev, NICSIM_E_DESC, "descriptor %u of transmit queue %u: %s", index, q,
		     what);
	n->txq[q].hung = true;
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
	u32 index = t->head, d[4];
	bool first = true;

	*g = (struct gather){ 0 };
	for (u32 k = 0; k < CHAIN_MAX && index != t->tail; k++) {
		if (!nicsim_dma_read(n->dev, t->base + (u64)index * N576_DESC, d, sizeof(d)))
			return -1;
		if (d[2] & DEXT && (d[2] >> 20 & 15) == DTYP_CONTEXT) {
			if (!first) {
				wrong(n, q, index, "a context inside of a frame");
				return -1;
			}
			take_context(t, d);
			report(g, index, d[2]);
			index = next(t, index);
			g->end = index;
			if (index == t->tail)
				t->head = index; /* nothing behind it yet: it is used up */
			continue;
		}
		if (!take_data(n, q, index, d, g, first)) {
			wrong(n, q, index, "no data that could be sent");
			return -1;
		}
		first = false;
		report(g, index, d[2]);
		index = next(t, index);
		if (d[2] & EOP) {
			g->end = index;
			if (d[2] & DEXT &&
			    g->paylen !=
				    g->tx.len - (g->tx.tse ? g->tx.ctx->maclen + g->tx.ctx->iplen +
								     g->tx.ctx->l4len
							   : 0))
				wrong(n, q, index, "PAYLEN is not what the frame has");
			return t->hung ? -1 : 1;
		}
	}
	return 0;
}

/* --- write-back ------------------------------------------------------------------------------ */

static void flush(struct n576 *n, u32 q)
{
	struct n576_txq *t = &n->txq[q];
	u32 low = n576_get(n, n576_tx_off(q, N576_TDWBAL)), head = t->head;
	u64 arg;

	if (low & HEAD_WB_EN) {
		if (nicsim_fault(n->dev, "tx-head-wb", &arg))
			head = (u32)arg;
		if (!nicsim_fault(n->dev, "tx-no-dd", NULL))
			nicsim_dma_write_back(
				n->dev,
				(low & ~3u) | (u64)n576_get(n, n576_tx_off(q, N576_TDWBAH)) << 32,
				&head, 4);
	} else {
		for (u32 i = 0; i < t->waiting; i++) {
			u64 at = t->base + (u64)t->wb[i] * N576_DESC;
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

	t->head = g->end;
	for (u32 i = 0; i < g->nrs; i++) {
		if (t->waiting == N576_WAITING)
			flush(n, q);
		t->wb[t->waiting++] = g->rs[i];
	}
	if (t->waiting && (t->waiting >= wthresh || t->head == t->tail))
		flush(n, q);
}

/* How many frames were sent; *more: there are others. */
static u32 queue_work(struct n576 *n, u32 q, bool *more)
{
	struct n576_txq *t = &n->txq[q];
	struct gather g;
	u32 sent = 0;

	if (!is_on(n, q) || t->hung || !t->size || t->head == t->tail)
		return 0;
	if (nicsim_fault(n->dev, "tx-hang", NULL))
		return 0;
	while (sent < BURST && t->head != t->tail) {
		int r = gather(n, q, &g);

		if (r <= 0) {
			t->hung |= r < 0 && !n->dev->removed;
			return sent;
		}
		if (!n576_tx_frame(n, &g.tx)) {
			wrong(n, q, t->head, "the frame or its context makes no sense");
			return sent;
		}
		done(n, q, &g);
		sent++;
	}
	*more |= t->head != t->tail;
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
