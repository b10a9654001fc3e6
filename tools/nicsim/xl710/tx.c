// SPDX-License-Identifier: MIT
/*
 * The transmit engine: descriptors from head to tail of queues with work, frames gathered from
 * their buffers, write-back by DD or by head. What no correct driver writes is a malicious-driver
 * event: the queue stops.
 *
 * Data sheet 332464: 8.4.2 (descriptors), 8.4.2.1 (rules), 8.4.3.5 (completion), 8.2.8.1.
 */
#include "tools/nicsim/xl710/xl710.h"

#include <string.h>

enum {
	QTX_HEAD = 0x0e4000,
	GLPRT_TDOLD = 0x300a20,
	GLV_TEPC = 0x344000,
	DESC = 16,
	BURST = 64,  /* descriptors read at once */
	FRAMES = 64, /* of one turn */
	BUFFERS_MAX = 8,
	FRAME_MIN = 17,
	FCS = 4,
	ETH_MIN = 60,
	D_DATA = 0,
	D_CONTEXT = 1,
	D_PROGRAM = 8,
	D_DONE = 15,
	/* commands of data descriptors */
	C_EOP = 0x001,
	C_RS = 0x002,
	C_DUMMY = 0x010,
	/* of context descriptors */
	X_TSO = 0x01,
	X_IL2TAG2 = 0x04,
	I_PVLAN_FLAGS = 12,
	PVLAN_TAGGED = 1,
	PVLAN_UNTAGGED = 2,
	ETH_VLAN = 0x8100,
	LOOP_MASK = 7,
};

static void malicious(struct xl710 *x, u32 q, u32 index, u32 event, u64 qw1)
{
	nicsim_error(x->dev, NICSIM_E_DESC,
		     "Tx queue %u stopped at descriptor %u (%016llx): event %u", q, index,
		     (unsigned long long)qw1, event);
	xl710_mdd_tx(x, q, event);
}

void xl710_tx_send(struct xl710 *x, u16 vsi, u8 *frame, u32 len)
{
	u32 mode = x->vsi[vsi].info[I_PVLAN_FLAGS] & 3;
	bool tagged = xbe16(frame + 12) == ETH_VLAN;

	if ((mode == PVLAN_TAGGED && !tagged) || (mode == PVLAN_UNTAGGED && tagged) ||
	    xl710_switch_tx_drop(x, vsi, frame, len)) {
		xl710_count(x, GLV_TEPC + xl710_vsi_no(vsi) * 8, 1);
		return;
	}
	if (len < ETH_MIN) {
		memset(frame + len, 0, ETH_MIN - len);
		len = ETH_MIN;
	}
	xl710_stat_vsi_tx(x, vsi, frame, len);
	if (!x->link.up) {
		xl710_count(x, GLPRT_TDOLD, 1);
		return;
	}
	xl710_stat_port_tx(x, frame, len);
	if (unlikely((x->link.loopback & LOOP_MASK) != 0))
		xl710_rx(x->dev, frame, len);
	else
		nicsim_send(x->dev, frame, len);
}

/* The frame under way in the queue whose turn it is. */
struct gather {
	u32 fill, buffers;
	bool any; /* descriptors of a frame were seen */
};

static void frame_begin(struct xl710_txq *t, struct gather *g)
{
	memset(g, 0, sizeof(*g));
	t->ctx = t->prog = t->tso = t->il2tag2 = false;
	t->tso_len = 0;
	t->mss = 0;
	t->ctx0 = 0;
}

static void context(struct xl710_txq *t, u64 qw0, u64 qw1)
{
	u32 cmd = qw1 >> 4 & 0xffff;

	t->ctx = true;
	t->ctx0 = qw0;
	t->ctx1 = qw1;
	t->tso = (cmd & X_TSO) != 0;
	t->tso_len = qw1 >> 30 & 0x3ffff;
	t->mss = (u16)(qw1 >> 50 & 0x3fff);
	t->il2tag2 = (cmd & X_IL2TAG2) != 0;
	t->l2tag2 = (u16)(qw0 >> 32);
}

/* A data descriptor's buffer. 0, or the malicious-driver event. */
static u32 data(struct xl710 *x, const struct xl710_txq *t, struct gather *g, u64 qw0, u64 qw1)
{
	u32 size = qw1 >> 34 & 0x3fff;

	if (size == 0)
		return XL710_MDD_TX_DESC;
	if (g->fill + size > sizeof(x->frame) - 64 || (!t->tso && g->buffers == BUFFERS_MAX) ||
	    g->buffers == XL710_BUFFERS)
		return t->tso || g->buffers < BUFFERS_MAX ? XL710_MDD_TX_SIZE
							  : XL710_MDD_TX_TOO_MANY;
	if (!nicsim_dma_read(x->dev, qw0, x->frame + g->fill, size))
		return XL710_MDD_TX_ADDRESS;
	g->fill += size;
	x->buffer_end[g->buffers++] = g->fill;
	return 0;
}

/* The last descriptor of a frame was read. 0, or the event. */
static u32 frame_end(struct xl710 *x, u32 q, struct xl710_txq *t, const struct gather *g, u64 qw1)
{
	u32 cmd = qw1 >> 4 & 0x3ff, event = 0;

	if (t->prog) {
		if (!t->fd)
			nicsim_error(x->dev, NICSIM_E_DESC,
				     "Tx queue %u: programming descriptor without FD_ENA", q);
		xl710_fdir_program(x, q, t->prog0, t->prog1, x->frame, g->fill);
	}
	if ((cmd & C_DUMMY) != 0)
		return 0;
	if (g->fill < FRAME_MIN || (!t->tso && g->fill + FCS > x->link.max_frame))
		return XL710_MDD_TX_SIZE;
	t->fill = g->fill;
	t->descs = g->buffers;
	return xl710_tx_finish(x, q, cmd, qw1 >> 16 & 0x3ffff, (u16)(qw1 >> 48), &event) ? 0
											 : event;
}

static void head_write_back(struct xl710 *x, u32 q)
{
	const struct xl710_txq *t = &x->txq[q];
	u32 head = t->head;
	u64 arg;

	x->tx_unsaid[q / 64] &= ~(1ull << (q % 64));
	if (nicsim_fault(x->dev, "tx-no-dd", NULL))
		return;
	if (nicsim_fault(x->dev, "tx-head-jump", &arg))
		head = arg != 0 ? (u32)arg : (head + t->qlen / 2) % t->qlen;
	nicsim_dma_write_back(x->dev, t->head_wb, &head, 4);
}

/*
 * Completion of the frame that ends with the descriptor at `index`; the head is behind it. With RS
 * it is told at once: DD in the descriptor, or the head in memory. Without RS a head is told by the
 * next interrupt of the queue's vector, which it asks for: when ITR expires or software triggers
 * it. (Linux sets RS on each fourth frame only and relies on it; 8.4.3.5.)
 */
static void complete(struct xl710 *x, u32 q, const struct xl710_txq *t, u32 index, u64 qw1)
{
	u32 v = (u32)qw1 | D_DONE;
	bool rs = (qw1 >> 4 & C_RS) != 0;

	if (t->head_wb == 0) {
		if (!rs || nicsim_fault(x->dev, "tx-no-dd", NULL))
			return;
		nicsim_dma_write_back(x->dev, t->base + (u64)index * DESC + 8, &v, 4);
	} else if (rs) {
		head_write_back(x, q);
	} else {
		x->tx_unsaid[q / 64] |= 1ull << (q % 64);
	}
	xl710_irq_tx(x, q);
}

void xl710_tx_flush(struct xl710 *x, u32 vector)
{
	for (u32 w = 0; w < XL710_QUEUES / 64; w++)
		for (u64 m = x->tx_unsaid[w]; m != 0; m &= m - 1) {
			u32 q = w * 64 + (u32)__builtin_ctzll(m);

			if (xl710_irq_of_tx(x, q) == vector)
				head_write_back(x, q);
		}
}

/* One descriptor. 0, or the event. *eop: it ended a frame. */
static u32 one(struct xl710 *x, u32 q, struct xl710_txq *t, struct gather *g, u64 qw0, u64 qw1,
	       bool *eop)
{
	u32 cmd = qw1 >> 4 & 0x3ff, event;

	*eop = false;
	g->any = true;
	switch (qw1 & 15) {
	case D_CONTEXT:
		if (t->ctx || g->buffers != 0)
			return XL710_MDD_TX_DESC;
		context(t, qw0, qw1);
		return 0;
	case D_PROGRAM:
		if (t->prog || g->buffers != 0)
			return XL710_MDD_TX_DESC;
		t->prog = true;
		t->prog0 = qw0;
		t->prog1 = qw1;
		return 0;
	case D_DATA:
		break;
	default:
		return XL710_MDD_TX_DESC;
	}
	event = data(x, t, g, qw0, qw1);
	if (event != 0)
		return event;
	if ((cmd & C_EOP) == 0) {
		if ((cmd & C_RS) != 0)
			return XL710_MDD_TX_DESC;
		return 0;
	}
	*eop = true;
	return frame_end(x, q, t, g, qw1);
}

/* Up to `budget` frames of a queue; how many there were. The queue's head moves with whole frames
 * only: one whose end is not posted yet is read again later. */
static u32 queue_run(struct xl710 *x, u32 q, u32 budget)
{
	struct xl710_txq *t = &x->txq[q];
	u32 frames = 0, at = t->head;
	struct gather g;
	u64 d[BURST * 2];

	frame_begin(t, &g);
	while (frames < budget && at != t->tail) {
		u32 n = (at < t->tail ? t->tail : t->qlen) - at;

		if (n > BURST)
			n = BURST;
		if (!nicsim_dma_read(x->dev, t->base + (u64)at * DESC, d, n * DESC)) {
			malicious(x, q, at, XL710_MDD_TX_ADDRESS, 0);
			return frames;
		}
		for (u32 i = 0; i < n && frames < budget; i++) {
			u64 qw1 = d[i * 2 + 1];
			u32 next = at + 1 == t->qlen ? 0 : at + 1, event;
			bool eop;

			event = one(x, q, t, &g, d[i * 2], qw1, &eop);
			if (event != 0) {
				malicious(x, q, at, event, qw1);
				return frames;
			}
			if (eop) {
				t->head = (u16)next;
				XR(x, QTX_HEAD + (q - x->firstq) * 4) = next;
				complete(x, q, t, at, qw1);
				frame_begin(t, &g);
				frames++;
			}
			at = next;
		}
	}
	return frames;
}

bool xl710_tx_work(struct xl710 *x)
{
	u32 left = FRAMES;
	bool more = false;

	for (u32 w = 0; w < XL710_QUEUES / 64; w++)
		for (u64 m = x->tx_due[w]; m != 0; m &= m - 1) {
			u32 q = w * 64 + (u32)__builtin_ctzll(m);
			struct xl710_txq *t = &x->txq[q];
			u32 n;

			if (!t->on || t->stopped) {
				x->tx_due[w] &= ~(m & -m);
				continue;
			}
			if (nicsim_fault(x->dev, "tx-hang", NULL))
				continue; /* until a timer asks again */
			n = left > 0 ? queue_run(x, q, left) : 0;
			left -= n;
			if (t->head == t->tail || t->stopped || (n == 0 && left > 0))
				x->tx_due[w] &= ~(m & -m);
			else
				more = true;
		}
	return more;
}
