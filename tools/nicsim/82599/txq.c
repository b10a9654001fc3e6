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

static struct nicsim_ring_name name(u32 i)
{
	return (struct nicsim_ring_name){ 'T', i };
}

static void on(struct n599 *n, u32 i)
{
	struct n599_txq *q = &n->txq[i];

	q->waiting = 0;
	memset(q->ctx, 0, sizeof(q->ctx));
	if ((n599_get(n, n599_txo(N599_TDWBAL, i)) & HEAD_WB) &&
	    (n599_get(n, n599_txo(N599_TXDCTL, i)) >> 16 & 127))
		nicsim_error(n->owner[i], NICSIM_E_STATE, "TXDCTL[%u].WTHRESH with head write-back",
			     i);
	nicsim_ring_start(n->owner[i], &q->r, name(i),
			  n599_get(n, n599_txo(N599_TDBAL, i)) |
				  (u64)n599_get(n, n599_txo(N599_TDBAH, i)) << 32,
			  n599_get(n, n599_txo(N599_TDLEN, i)), RING_MAX);
}

static bool is_on(struct n599 *n, u32 i)
{
	struct n599_txq *q = &n->txq[i];

	if (nicsim_ring_starts(n->dev, n->owner[i], &q->r, "tx-enable-stuck"))
		on(n, i);
	return q->r.on;
}

N599_WR(txdctl)
{
	bool enable = raw & NICSIM_RING_ENABLE;

	nicsim_ring_enable(&n->txq[i].r, enable, nicsim_now(n->dev) + HANDSHAKE_NS);
	if (enable && !(n599_get(n, N599_DMATXCTL) & 1))
		nicsim_error(n->owner[i], NICSIM_E_STATE, "TXDCTL[%u].ENABLE before DMATXCTL.TE",
			     i);
	if (enable && n->txq[i].r.on && ((raw ^ old) & 0x7f7f7f))
		nicsim_error(n->owner[i], NICSIM_E_STATE,
			     "TXDCTL[%u] thresholds changed while enabled", i);
}

N599_RD(txdctl)
{
	n599_reached(n, &n->txq[i].r.due);
	is_on(n, i);
	return nicsim_ring_control(&n->txq[i].r, v);
}

N599_WR(txring)
{
	if ((n->txq[i].r.on || n->txq[i].r.turning_on) &&
	    n599_get(n, r->off + i * r->stride) != old)
		nicsim_error(n->owner[i], NICSIM_E_STATE, "%s[%u] written with %08x while enabled",
			     r->name, i, raw);
}

N599_RD(tdh)
{
	return n->txq[i].r.head;
}

N599_WR(tdh)
{
	nicsim_ring_head(n->owner[i], &n->txq[i].r, name(i), raw);
}

N599_WR(tdt)
{
	is_on(n, i);
	if (nicsim_ring_tail(n->owner[i], &n->txq[i].r, name(i), raw & 0xffff))
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
	for (g->index = q->r.head; g->index != q->r.tail;) {
		bool eop;

		if (!nicsim_dma_read(n->owner[i], q->r.base + (u64)g->index * N599_DESC, d,
				     sizeof(d)))
			return -1;
		if ((d[2] & CMD_DEXT) && (d[2] >> 20 & 15) == DTYP_CONTEXT) {
			context(n, i, g->index, d);
			if (g->buffers)
				return broken(n, i, g->index, "context inside of a frame"), -1;
			g->index = nicsim_ring_next(&q->r, g->index);
			q->r.head = g->index; /* contexts are consumed at once */
			continue;
		}
		if ((d[2] & CMD_DEXT) && (d[2] >> 20 & 15) != DTYP_DATA)
			return broken(n, i, g->index, "reserved type"), -1;
		if (d[3] & 1)
			broken(n, i, g->index, "posted with DD set");
		eop = d[2] & CMD_EOP;
		if (!data(n, i, d, g))
			return -1;
		g->index = nicsim_ring_next(&q->r, g->index);
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
		nicsim_dma_write_back(n->owner[q - n->txq], q->r.base + (u64)index * N599_DESC, d,
				      sizeof(d));
}

static void flush(struct n599 *n, u32 i)
{
	struct n599_txq *q = &n->txq[i];
	u32 tdwbal = n599_get(n, n599_txo(N599_TDWBAL, i));

	if (!q->waiting)
		return;
	if (tdwbal & HEAD_WB)
		nicsim_tx_head(n->dev, n->owner[i],
			       (tdwbal & ~3u) | (u64)n599_get(n, n599_txo(N599_TDWBAH, i)) << 32,
			       q->r.head);
	else
		for (u32 k = 0; k < q->waiting; k++)
			dd(n, q, q->wb[k]);
	q->waiting = 0;
	n599_irq_queue(n, i, true);
}

static void done(struct n599 *n, u32 i, const struct gather *g)
{
	struct n599_txq *q = &n->txq[i];
	u32 wthresh = n599_get(n, n599_txo(N599_TXDCTL, i)) >> 16 & 127;

	q->r.head = g->index;
	nicsim_ring_skip(n->dev, &q->r, "tx-head-jump");
	if (!g->rs)
		return;
	q->wb[q->waiting++] = g->index ? g->index - 1 : q->r.size - 1;
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

	if (!is_on(n, i) || q->r.hung || n->dead)
		return IDLE;
	if (!n->link_up || !(n599_get(n, N599_DMATXCTL) & 1) ||
	    nicsim_fault(n->dev, "tx-hang", NULL))
		return STALLED;
	for (u32 k = 0; k < N599_TX_BURST; k++) {
		int r = gather(n, i, &g);

		if (r <= 0) {
			q->r.hung |= r < 0 && !n->owner[i]->removed;
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
