// SPDX-License-Identifier: MIT
/*
 * Transmit rings of the 82599 model (data sheet 7.2.3, 4.6.8): enabling by handshake, legacy and
 * advanced descriptors, contexts (two for each ring), frames of several buffers, write-back of DD
 * (WTHRESH) or of the head (TDWBAL). Reported: rings touched while enabled, TDT in a wrong state or
 * outside of the ring, malformed descriptors; after one that no hardware could go on from, the ring
 * hangs as silicon would.
 */
#include "tools/nicsim/82599/hooks.h"

#include <string.h>

enum {
	ENABLE = 1 << 25,
	HANDSHAKE_NS = 1000,
	RING_MAX = 8192,
	BUFFERS_MAX = 40, /* 7.2.1.1: descriptors of one frame without TSO */
	CMD_EOP = 1 << 24,
	CMD_IFCS = 1 << 25,
	CMD_IC = 1 << 26,
	CMD_RS = 1 << 27,
	CMD_DEXT = 1 << 29,
	CMD_VLE = 1 << 30,
	DTYP_CONTEXT = 2,
	DTYP_DATA = 3,
	HEAD_WB = 1,
};
#define CMD_TSE 0x80000000u

void n599_tx_due(struct n599 *n, u32 q)
{
	n->tx_due[q / 64] |= 1ull << (q & 63);
}

static void on(struct n599 *n, u32 i)
{
	struct n599_txq *q = &n->txq[i];
	u32 tdwbal = n599_get(n, n599_txo(N599_TDWBAL, i));
	u32 txdctl = n599_get(n, n599_txo(N599_TXDCTL, i));

	q->base = n599_get(n, n599_txo(N599_TDBAL, i)) | (u64)n599_get(n, n599_txo(N599_TDBAH, i))
								 << 32;
	q->size = n599_get(n, n599_txo(N599_TDLEN, i)) / N599_DESC;
	q->on = true;
	q->pending_on = q->hung = false;
	q->waiting = 0;
	memset(q->ctx, 0, sizeof(q->ctx));
	if ((tdwbal & HEAD_WB) && (txdctl >> 16 & 127))
		nicsim_error(n->owner[i], NICSIM_E_STATE, "TXDCTL[%u].WTHRESH with head write-back",
			     i);
	if (!q->size || q->size > RING_MAX)
		nicsim_error(n->owner[i], NICSIM_E_STATE,
			     "TXDCTL[%u].ENABLE with a ring of %u descriptors", i, q->size);
	else if (!nicsim_dma_ok(n->owner[i], q->base, (u64)q->size * N599_DESC))
		nicsim_error(n->owner[i], NICSIM_E_DMA,
			     "TXDCTL[%u].ENABLE: ring %llx is not in RAM", i,
			     (unsigned long long)q->base);
	else
		return;
	q->hung = true;
}

static bool is_on(struct n599 *n, u32 i)
{
	struct n599_txq *q = &n->txq[i];

	if (q->pending_on && nicsim_now(n->dev) >= q->due && !n->owner[i]->removed &&
	    !nicsim_fault(n->dev, "tx-enable-stuck", NULL))
		on(n, i);
	if (q->pending_off && nicsim_now(n->dev) >= q->due)
		q->on = q->pending_off = false;
	return q->on;
}

void n599_wr_txdctl(struct n599 *n, const struct n599_reg *r, u32 i, u32 raw, u32 old)
{
	struct n599_txq *q = &n->txq[i];

	(void)r;
	q->due = nicsim_now(n->dev) + HANDSHAKE_NS;
	if (raw & ENABLE) {
		if (!(n599_get(n, N599_DMATXCTL) & 1))
			nicsim_error(n->owner[i], NICSIM_E_STATE,
				     "TXDCTL[%u].ENABLE before DMATXCTL.TE", i);
		q->pending_off = false;
		q->pending_on = !q->on;
		if (q->on && ((raw ^ old) & 0x7f7f7f))
			nicsim_error(n->owner[i], NICSIM_E_STATE,
				     "TXDCTL[%u] thresholds changed while enabled", i);
	} else {
		q->pending_on = false;
		q->pending_off = q->on;
	}
	q->read_back = q->on && (raw & ENABLE) && q->read_back;
}

u32 n599_rd_txdctl(struct n599 *n, const struct n599_reg *r, u32 i, u32 v)
{
	struct n599_txq *q = &n->txq[i];

	(void)r;
	if (q->pending_on || q->pending_off)
		n599_reached(n, &q->due);
	if (is_on(n, i)) {
		q->read_back = true;
		return v | ENABLE;
	}
	return v & ~(u32)ENABLE;
}

void n599_wr_txring(struct n599 *n, const struct n599_reg *r, u32 i, u32 raw, u32 old)
{
	if ((n->txq[i].on || n->txq[i].pending_on) && n599_get(n, r->off + i * r->stride) != old)
		nicsim_error(n->owner[i], NICSIM_E_STATE, "%s[%u] written with %08x while enabled",
			     r->name, i, raw);
}

u32 n599_rd_tdh(struct n599 *n, const struct n599_reg *r, u32 i, u32 v)
{
	(void)r;
	(void)v;
	return n->txq[i].head;
}

void n599_wr_tdh(struct n599 *n, const struct n599_reg *r, u32 i, u32 raw, u32 old)
{
	(void)r;
	(void)old;
	if (n->txq[i].on && (raw & 0xffff) != n->txq[i].head)
		nicsim_error(n->owner[i], NICSIM_E_STATE, "TDH[%u] written with %u while enabled",
			     i, raw);
	else
		n->txq[i].head = raw & 0xffff;
}

static u32 posted(const struct n599_txq *q, u32 tail)
{
	return tail >= q->head ? tail - q->head : tail + q->size - q->head;
}

void n599_wr_tdt(struct n599 *n, const struct n599_reg *r, u32 i, u32 raw, u32 old)
{
	struct n599_txq *q = &n->txq[i];
	u32 tail = raw & 0xffff;

	(void)r;
	(void)old;
	if (!is_on(n, i) || !q->read_back) {
		if (tail != q->head)
			nicsim_error(n->owner[i], NICSIM_E_STATE,
				     "TDT[%u] written with %u before TXDCTL.ENABLE was read as 1",
				     i, tail);
		if (!q->on) {
			q->tail = tail;
			return;
		}
	}
	if (tail >= q->size) {
		nicsim_error(n->owner[i], NICSIM_E_TAIL, "TDT[%u] is %u of %u", i, tail, q->size);
		return;
	}
	if (posted(q, tail) < posted(q, q->tail))
		nicsim_error(n->owner[i], NICSIM_E_TAIL, "TDT[%u] back from %u to %u, TDH is %u", i,
			     q->tail, tail, q->head);
	q->tail = tail;
	n599_tx_due(n, i);
}

/* --- descriptors ------------------------------------------------------------------------------ */

static bool broken(struct n599 *n, u32 i, u32 index, const char *what)
{
	nicsim_error(n->owner[i], NICSIM_E_DESC, "Tx descriptor %u[%u]: %s", i, index, what);
	return false;
}

static void context(struct n599 *n, u32 i, u32 index, const u32 *d)
{
	u32 idx = d[3] >> 4 & 7;
	struct n599_context *c = &n->txq[i].ctx[idx & 1];

	if (idx > 1)
		broken(n, i, index, "context index above 1");
	if (d[2] & (CMD_EOP | CMD_RS))
		broken(n, i, index, "context with EOP or RS");
	*c = (struct n599_context){ .valid = true,
				    .vlan = (u16)(d[0] >> 16),
				    .maclen = (u8)(d[0] >> 9 & 127),
				    .iplen = (u16)(d[0] & 511),
				    .tucmd = (u16)(d[2] >> 9 & 0x7ff),
				    .l4len = (u8)(d[3] >> 8),
				    .mss = (u16)(d[3] >> 16) };
}

/* The first data descriptor of a frame says what is done with it. */
static void first(struct n599 *n, u32 i, u32 index, const u32 *d, struct n599_txinfo *t)
{
	struct n599_txq *q = &n->txq[i];
	u32 idx = d[3] >> 4 & 7;

	memset(t, 0, sizeof(*t));
	t->vle = d[2] & CMD_VLE;
	if (!(d[2] & CMD_IFCS))
		broken(n, i, index, "IFCS is clear");
	if (!(d[2] & CMD_DEXT)) {
		t->legacy_ic = d[2] & CMD_IC;
		t->cso = (u8)(d[2] >> 16);
		t->css = (u8)(d[3] >> 8);
		t->vlan = (u16)(d[3] >> 16);
		return;
	}
	t->advanced = true;
	t->tse = d[2] & CMD_TSE;
	t->ixsm = d[3] & 0x100;
	t->txsm = d[3] & 0x200;
	t->paylen = d[3] >> 14;
	if (d[3] & 0x400)
		broken(n, i, index, "IPsec offload is not there");
	if (t->tse || t->ixsm || t->txsm || t->vle || (d[3] & 0x80)) {
		t->ctx = q->ctx[idx & 1].valid;
		t->c = q->ctx[idx & 1];
		t->vlan = t->c.vlan;
		if (idx > 1 || !t->ctx)
			broken(n, i, index, "uses a context that was never written");
	}
}

struct gather {
	struct n599_txinfo t;
	u32 len, buffers, index; /* index: next descriptor */
	bool rs;
};

/* One descriptor into the frame. False: the ring is broken. */
static bool data(struct n599 *n, u32 i, const u32 *d, struct gather *g)
{
	u32 len = d[2] & 0xffff;
	u64 at = d[0] | (u64)d[1] << 32;

	if (!g->buffers++)
		first(n, i, g->index, d, &g->t);
	if (!len)
		return broken(n, i, g->index, "length 0");
	if (g->len + len > (g->t.tse ? (u32)N599_TSO_MAX : (u32)N599_MAX_FRAME))
		return broken(n, i, g->index, "frame is too long");
	if (!nicsim_dma_read(n->owner[i], at, n->frame + g->len, len))
		return false;
	g->len += len;
	g->rs |= (d[2] & CMD_RS) != 0;
	return true;
}

/*
 * Gather the next frame from the head on. 1: whole; 0: its end has not been posted; -1: broken.
 * Contexts on the way are stored at once.
 */
static int gather(struct n599 *n, u32 i, struct gather *g)
{
	struct n599_txq *q = &n->txq[i];
	u32 d[4];

	g->len = g->buffers = 0;
	g->rs = false;
	for (g->index = q->head; g->index != q->tail;) {
		bool eop;

		if (!nicsim_dma_read(n->owner[i], q->base + (u64)g->index * N599_DESC, d,
				     sizeof(d)))
			return -1;
		if ((d[2] & CMD_DEXT) && (d[2] >> 20 & 15) == DTYP_CONTEXT) {
			context(n, i, g->index, d);
			if (g->buffers)
				return broken(n, i, g->index, "context inside of a frame"), -1;
			g->index = g->index + 1 == q->size ? 0 : g->index + 1;
			q->head = g->index; /* contexts are consumed at once */
			continue;
		}
		if ((d[2] & CMD_DEXT) && (d[2] >> 20 & 15) != DTYP_DATA)
			return broken(n, i, g->index, "reserved type"), -1;
		if (d[3] & 1)
			broken(n, i, g->index, "posted with DD set");
		eop = d[2] & CMD_EOP;
		if (!data(n, i, d, g))
			return -1;
		g->index = g->index + 1 == q->size ? 0 : g->index + 1;
		if (eop)
			return 1;
	}
	return 0;
}

static void check(struct n599 *n, u32 i, const struct gather *g)
{
	u32 want = g->t.tse ? g->len - MIN(g->len, g->t.c.maclen + g->t.c.iplen + (u32)g->t.c.l4len)
			    : g->len;

	if (g->len < 17)
		broken(n, i, g->index, "frame of less than 17 bytes");
	if (g->buffers > BUFFERS_MAX && !g->t.tse)
		broken(n, i, g->index, "frame of more than 40 buffers");
	if (g->t.advanced && g->t.paylen != want)
		nicsim_error(n->owner[i], NICSIM_E_DESC, "Tx ring %u: PAYLEN %u, the frame has %u",
			     i, g->t.paylen, want);
}

/* --- write-back
 * ----------------------------------------------------------------------------------- */

static void dd(struct n599 *n, struct n599_txq *q, u32 index)
{
	static const u32 d[4] = { 0, 0, 0, 1 };

	if (!nicsim_fault(n->dev, "tx-no-dd", NULL))
		nicsim_dma_write_back(n->owner[q - n->txq], q->base + (u64)index * N599_DESC, d,
				      sizeof(d));
}

static void flush(struct n599 *n, u32 i)
{
	struct n599_txq *q = &n->txq[i];
	u32 tdwbal = n599_get(n, n599_txo(N599_TDWBAL, i));
	u64 arg = 0;

	if (!q->waiting)
		return;
	if (tdwbal & HEAD_WB) {
		u32 head = q->head;

		if (nicsim_fault(n->dev, "tx-head-wb", &arg))
			head = (u32)arg;
		if (!nicsim_fault(n->dev, "tx-no-dd", NULL))
			nicsim_dma_write_back(
				n->owner[i],
				(tdwbal & ~3u) | (u64)n599_get(n, n599_txo(N599_TDWBAH, i)) << 32,
				&head, 4);
	} else {
		for (u32 k = 0; k < q->waiting; k++)
			dd(n, q, q->wb[k]);
	}
	q->waiting = 0;
	n599_irq_queue(n, i, true);
}

static void done(struct n599 *n, u32 i, const struct gather *g)
{
	struct n599_txq *q = &n->txq[i];
	u32 wthresh = n599_get(n, n599_txo(N599_TXDCTL, i)) >> 16 & 127;
	u64 arg;

	q->head = g->index;
	if (nicsim_fault(n->dev, "tx-head-jump", &arg))
		for (arg = arg ? arg : 1; arg && q->head != q->tail; arg--)
			q->head = q->head + 1 == q->size ? 0 : q->head + 1;
	if (!g->rs)
		return;
	q->wb[q->waiting++] = g->index ? g->index - 1 : q->size - 1;
	if (q->waiting >= wthresh || q->waiting == ARRAY_SIZE(q->wb))
		flush(n, i);
}

enum ring { IDLE, MORE, STALLED };

/* Frames of ring i, at most N599_TX_BURST. Stalled: there is work, but something holds it up whose
 * end calls work() again. */
static enum ring ring(struct n599 *n, u32 i)
{
	struct n599_txq *q = &n->txq[i];
	struct gather g;

	if (!is_on(n, i) || q->hung || n->dead)
		return IDLE;
	if (!n->link_up || !(n599_get(n, N599_DMATXCTL) & 1) ||
	    nicsim_fault(n->dev, "tx-hang", NULL))
		return STALLED;
	for (u32 k = 0; k < N599_TX_BURST; k++) {
		int r = gather(n, i, &g);

		if (r <= 0) {
			q->hung |= r < 0 && !n->owner[i]->removed;
			flush(n, i);
			return IDLE;
		}
		check(n, i, &g);
		if (g.t.tse)
			n599_tso(n, i, n->frame, g.len, &g.t);
		else
			n599_tx_frame(n, i, n->frame, g.len, &g.t);
		done(n, i, &g);
	}
	return MORE;
}

bool n599_tx_work(struct n599 *n)
{
	bool more = false;

	for (u32 w = 0; w < N599_QUEUES / 64; w++)
		for (u64 left = n->tx_due[w]; left; left &= left - 1) {
			u32 i = w * 64 + (u32)__builtin_ctzll(left);

			switch (ring(n, i)) {
			case MORE:
				more = true;
				break;
			case IDLE:
				n->tx_due[w] &= ~(left & -left);
				break;
			default:
				break;
			}
		}
	return more;
}
