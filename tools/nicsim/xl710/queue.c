// SPDX-License-Identifier: MIT
/*
 * LAN queues: enabling (QTX_ENA, QRX_ENA with their request and status bits), the context that
 * enabling reads, disabling with the pre-notice of GLLAN_TXPRE_QDIS, tails.
 *
 * Registers and contexts of queues are indexed relative to the function, GLLAN_TXPRE_QDIS by the
 * absolute number; PFLAN_QALLOC.FIRSTQ is the difference. Here all numbers are absolute.
 *
 * Data sheet 332464: 8.3.3.1 (receive queues), 8.4.3.1 (transmit queues), 8.3.3.2.2 and 8.4.3.4.2
 * (contexts), 10.2.2.18.
 */
#include "tools/nicsim/xl710/xl710.h"

#include <string.h>

enum {
	QTX_HEAD = 0x0e4000,
	TXPRE_QDIS = 0x0e6500,
	QTX_ENA = 0x100000,
	QTX_CTL = 0x104000,
	QTX_TAIL = 0x108000,
	QRX_ENA = 0x120000,
	QRX_TAIL = 0x128000,
	GLLAN_RCTL_0 = 0x12a500,
	ENA_REQ = 1,
	ENA_STAT = 4,
	PF_QUEUE = 2, /* QTX_CTL.PFVF_Q */
	QLEN_MAX = 8160,
	QDIS_BLOCK = 128, /* queues per GLLAN_TXPRE_QDIS register */
};
#define QDIS_STAT  (1u << 16)
#define SET_QDIS   (1u << 30)
#define CLEAR_QDIS (1u << 31)

/* Was the disabling announced? */
static bool qdis_get(const struct xl710 *x, u32 q)
{
	return (x->qdis[q / 64] >> (q % 64) & 1) != 0;
}

static void qdis_put(struct xl710 *x, u32 q, bool on)
{
	x->qdis[q / 64] &= ~(1ull << (q % 64));
	x->qdis[q / 64] |= (u64)on << (q % 64);
}

void xl710_qdis_write(struct xl710 *x, u32 off, u32 v)
{
	u32 block = (off - TXPRE_QDIS) / 4, q = v & 0x7ff;

	/* QINDX counts within the block of 128 that the register stands for. */
	q += block * QDIS_BLOCK;
	if ((v & 0x7ff) >= QDIS_BLOCK || q >= XL710_QUEUES) {
		nicsim_error(x->dev, NICSIM_E_STATE, "GLLAN_TXPRE_QDIS[%u] names queue %u", block,
			     v & 0x7ff);
		return;
	}
	if ((v & SET_QDIS) != 0 && (v & CLEAR_QDIS) != 0)
		nicsim_error(x->dev, NICSIM_E_RESERVED, "GLLAN_TXPRE_QDIS: set and clear");
	if ((v & SET_QDIS) != 0)
		qdis_put(x, q, true);
	else if ((v & CLEAR_QDIS) != 0)
		qdis_put(x, q, false);
}

u32 xl710_qdis_read(struct xl710 *x, u32 off)
{
	u32 q = (XR(x, off) & 0x7ff) + (off - TXPRE_QDIS) / 4 * QDIS_BLOCK;

	return XR(x, off) | (q < XL710_QUEUES && qdis_get(x, q) ? QDIS_STAT : 0);
}

/* Register offset to absolute queue, ~0: not this function's. */
static u32 queue_of(struct xl710 *x, u32 off, u32 base, const char *name)
{
	u32 q = (off - base) / 4 + x->firstq;

	if (q <= x->lastq)
		return q;
	nicsim_error(x->dev, NICSIM_E_STATE, "%s[%u] is not of this function", name,
		     (off - base) / 4);
	return ~0u;
}

/* --- transmit ------------------------------------------------------------------------------- */

static bool bad(struct xl710 *x, const char *dir, u32 q, const char *what, u64 v)
{
	nicsim_error(x->dev, NICSIM_E_DESC, "%s context of queue %u: %s is %llx", dir, q, what,
		     (unsigned long long)v);
	return false;
}

/* The VSI that owns a queue-set handle. */
static struct xl710_vsi *vsi_of_handle(struct xl710 *x, u32 handle)
{
	u32 i = (handle - XL710_QS_BASE) / 8;

	if (handle < XL710_QS_BASE || i >= XL710_VSIS || !x->vsi[i].used ||
	    (x->vsi[i].tcs >> (handle - XL710_QS_BASE) % 8 & 1) == 0)
		return NULL;
	return &x->vsi[i];
}

/* 8.4.3.4.2: bits of the 128-byte transmit context that software fills. */
static bool tx_context(struct xl710 *x, u32 q, struct xl710_txq *t)
{
	u8 c[128];
	struct xl710_vsi *v;
	u64 n;

	if (!xl710_hmc_context(x, XL710_HMC_TX, q - x->firstq, c))
		return false;
	if (xl710_bits(c, 30, 1) != 1)
		return bad(x, "Tx", q, "NEW_CONTEXT", 0);
	if (xl710_bits(c, 13, 17) != 0 || xl710_bits(c, 31, 1) != 0 || xl710_bits(c, 93, 3) != 0)
		bad(x, "Tx", q, "a reserved field of line 0", xl710_bits(c, 0, 64));
	if (xl710_bits(c, 104, 24) != 0 || xl710_bits(c, 128 + 49, 15) != 0)
		bad(x, "Tx", q, "a reserved field of line 0 or 1", xl710_bits(c, 128, 64));
	for (u32 line = 2; line < 7; line++)
		if (xl710_bits(c, line * 128, 64) != 0 || xl710_bits(c, line * 128 + 64, 64) != 0)
			bad(x, "Tx", q, "hardware's line", line);
	memset(t, 0, sizeof(*t));
	t->base = xl710_bits(c, 32, 57) * 128;
	t->qlen = (u16)xl710_bits(c, 128 + 33, 13);
	t->head = (u16)xl710_bits(c, 0, 13);
	t->fd = xl710_bits(c, 91, 1) != 0;
	n = xl710_bits(c, 128 + 64, 64);
	t->head_wb = xl710_bits(c, 128 + 32, 1) != 0 ? n : 0;
	if (t->qlen < 8 || t->qlen > QLEN_MAX || t->qlen % 8 != 0)
		return bad(x, "Tx", q, "QLEN", t->qlen);
	if (t->head != 0)
		return bad(x, "Tx", q, "HEAD", t->head);
	if (!nicsim_dma_ok(x->dev, t->base, t->qlen * 16u))
		return bad(x, "Tx", q, "BASE (no memory)", t->base);
	if (xl710_bits(c, 128 + 32, 1) != 0 && (n % 4 != 0 || !nicsim_dma_ok(x->dev, n, 4)))
		return bad(x, "Tx", q, "HEAD_WB_ADDR", n);
	n = xl710_bits(c, 7 * 128 + 84, 10);
	v = vsi_of_handle(x, (u32)n);
	if (v == NULL)
		return bad(x, "Tx", q, "RDYLIST (no queue set of a VSI)", n);
	t->vsi = v->index;
	return true;
}

static void tx_disable(struct xl710 *x, u32 q)
{
	memset(&x->txq[q], 0, sizeof(x->txq[q]));
	x->tx_due[q / 64] &= ~(1ull << (q % 64));
	x->tx_unsaid[q / 64] &= ~(1ull << (q % 64));
	XR(x, QTX_TAIL + (q - x->firstq) * 4) = 0;
	XR(x, QTX_HEAD + (q - x->firstq) * 4) = 0;
}

void xl710_qtx_ena_write(struct xl710 *x, u32 off, u32 v)
{
	u32 q = queue_of(x, off, QTX_ENA, "QTX_ENA");
	u32 ctl;

	XR(x, off) = 0;
	if (q == ~0u)
		return;
	ctl = XR(x, QTX_CTL + (q - x->firstq) * 4);
	if ((v & ENA_REQ) == 0) {
		if (x->txq[q].on && !qdis_get(x, q))
			nicsim_error(x->dev, NICSIM_E_STATE,
				     "Tx queue %u disabled without SET_QDIS", q);
		tx_disable(x, q);
		return;
	}
	if (x->txq[q].on) {
		XR(x, off) = ENA_REQ | ENA_STAT;
		return;
	}
	if (qdis_get(x, q))
		nicsim_error(x->dev, NICSIM_E_STATE, "Tx queue %u enabled while QDIS is set", q);
	if ((ctl & 3) != PF_QUEUE || (ctl >> 2 & 0xf) != 0)
		nicsim_error(x->dev, NICSIM_E_STATE, "Tx queue %u enabled with QTX_CTL %08x", q,
			     ctl);
	if (!tx_context(x, q, &x->txq[q])) {
		memset(&x->txq[q], 0, sizeof(x->txq[q]));
		XR(x, off) = ENA_REQ; /* the status never follows */
		return;
	}
	x->txq[q].on = true;
	XR(x, QTX_TAIL + (q - x->firstq) * 4) = 0;
	XR(x, off) = ENA_REQ | ENA_STAT;
}

void xl710_qtx_ctl_write(struct xl710 *x, u32 off, u32 v)
{
	u32 q = queue_of(x, off, QTX_CTL, "QTX_CTL");

	(void)v;
	if (q != ~0u && x->txq[q].on)
		nicsim_error(x->dev, NICSIM_E_STATE, "QTX_CTL[%u] written while enabled", q);
}

void xl710_qtx_tail_write(struct xl710 *x, u32 off, u32 v)
{
	u32 q = queue_of(x, off, QTX_TAIL, "QTX_TAIL");
	struct xl710_txq *t;

	if (q == ~0u)
		return;
	t = &x->txq[q];
	if (!t->on) {
		if (v != 0)
			nicsim_error(x->dev, NICSIM_E_STATE, "QTX_TAIL[%u] = %u while disabled", q,
				     v);
		return;
	}
	if (v >= t->qlen) {
		nicsim_error(x->dev, NICSIM_E_TAIL, "QTX_TAIL[%u] = %u of %u", q, v, t->qlen);
		return;
	}
	t->tail = (u16)v;
	if (t->tail != t->head)
		x->tx_due[q / 64] |= 1ull << (q % 64);
}

u32 xl710_qtx_head_read(struct xl710 *x, u32 off)
{
	u32 q = (off - QTX_HEAD) / 4 + x->firstq;

	return q < XL710_QUEUES ? x->txq[q].head : 0;
}

/* Drivers zero it before they enable a queue. */
void xl710_qtx_head_write(struct xl710 *x, u32 off, u32 v)
{
	u32 q = queue_of(x, off, QTX_HEAD, "QTX_HEAD");

	if (q != ~0u && (x->txq[q].on || v != 0))
		nicsim_error(x->dev, NICSIM_E_STATE, "QTX_HEAD[%u] = %u while %s", q, v,
			     x->txq[q].on ? "enabled" : "disabled");
}

/* --- receive -------------------------------------------------------------------------------- */

/* 8.3.3.2.2: the 32-byte receive context. */
static bool rx_context(struct xl710 *x, u32 q, struct xl710_rxq *r)
{
	u8 c[32];

	if (!xl710_hmc_context(x, XL710_HMC_RX, q - x->firstq, c))
		return false;
	memset(r, 0, sizeof(*r));
	if (xl710_bits(c, 21, 11) != 0 || xl710_bits(c, 128, 46) != 0 ||
	    xl710_bits(c, 188, 5) != 0 || xl710_bits(c, 197, 1) != 0 || xl710_bits(c, 202, 54) != 0)
		bad(x, "Rx", q, "a reserved field", xl710_bits(c, 128, 64));
	r->head = (u16)xl710_bits(c, 0, 13);
	r->base = xl710_bits(c, 32, 57) * 128;
	r->qlen = (u16)xl710_bits(c, 89, 13);
	r->dbuff = (u32)xl710_bits(c, 102, 7) * 128;
	r->dtype = (u8)xl710_bits(c, 114, 2);
	r->d32 = xl710_bits(c, 116, 1) != 0;
	r->crcstrip = xl710_bits(c, 117, 1) != 0;
	r->l2tsel = xl710_bits(c, 119, 1) != 0;
	r->showiv = xl710_bits(c, 127, 1) != 0;
	r->rxmax = (u32)xl710_bits(c, 174, 14);
	if (r->qlen < 32 || r->qlen > QLEN_MAX || r->qlen % 32 != 0)
		return bad(x, "Rx", q, "QLEN", r->qlen);
	if (r->head != 0)
		return bad(x, "Rx", q, "HEAD", r->head);
	if (r->dbuff < 1024 || r->dbuff > 16256)
		return bad(x, "Rx", q, "DBUFF", r->dbuff);
	if (r->dtype != 0)
		return bad(x, "Rx", q, "DTYPE (header split is not modelled)", r->dtype);
	if (r->rxmax < 64 || r->rxmax > XL710_FRAME_MAX || r->rxmax > 5 * r->dbuff)
		return bad(x, "Rx", q, "RXMAX", r->rxmax);
	if (!r->d32 && !r->l2tsel)
		bad(x, "Rx", q, "L2TSEL with 16-byte descriptors", 0);
	if (!nicsim_dma_ok(x->dev, r->base, r->qlen * (r->d32 ? 32u : 16u)))
		return bad(x, "Rx", q, "BASE (no memory)", r->base);
	return true;
}

void xl710_qrx_ena_write(struct xl710 *x, u32 off, u32 v)
{
	u32 q = queue_of(x, off, QRX_ENA, "QRX_ENA");
	u32 tail;

	XR(x, off) = 0;
	if (q == ~0u)
		return;
	if ((v & ENA_REQ) == 0) {
		memset(&x->rxq[q], 0, sizeof(x->rxq[q]));
		return;
	}
	if (x->rxq[q].on) {
		XR(x, off) = ENA_REQ | ENA_STAT;
		return;
	}
	if ((XR(x, GLLAN_RCTL_0) & 1) != 0)
		nicsim_error(x->dev, NICSIM_E_STATE, "Rx queue %u enabled in PXE mode", q);
	if (!rx_context(x, q, &x->rxq[q])) {
		memset(&x->rxq[q], 0, sizeof(x->rxq[q]));
		XR(x, off) = ENA_REQ;
		return;
	}
	tail = XR(x, QRX_TAIL + (q - x->firstq) * 4);
	if (tail >= x->rxq[q].qlen) {
		nicsim_error(x->dev, NICSIM_E_TAIL, "Rx queue %u of %u enabled with tail %u", q,
			     x->rxq[q].qlen, tail);
		tail = 0;
	}
	x->rxq[q].tail = (u16)tail;
	x->rxq[q].on = true;
	XR(x, off) = ENA_REQ | ENA_STAT;
}

void xl710_qrx_tail_write(struct xl710 *x, u32 off, u32 v)
{
	u32 q = queue_of(x, off, QRX_TAIL, "QRX_TAIL");
	struct xl710_rxq *r;
	u32 posted, free;

	if (q == ~0u || !x->rxq[q].on)
		return; /* looked at when the queue is enabled */
	r = &x->rxq[q];
	if (v >= r->qlen) {
		nicsim_error(x->dev, NICSIM_E_TAIL, "QRX_TAIL[%u] = %u of %u", q, v, r->qlen);
		return;
	}
	posted = (r->tail + r->qlen - r->head) % r->qlen;
	free = (v + r->qlen - r->tail) % r->qlen;
	if (posted + free >= r->qlen)
		nicsim_error(x->dev, NICSIM_E_TAIL, "QRX_TAIL[%u] = %u passes head %u", q, v,
			     r->head);
	r->tail = (u16)v;
}

void xl710_queues_reset(struct xl710 *x)
{
	memset(x->txq, 0, sizeof(x->txq));
	memset(x->rxq, 0, sizeof(x->rxq));
	memset(x->tx_due, 0, sizeof(x->tx_due));
	memset(x->tx_unsaid, 0, sizeof(x->tx_unsaid));
	memset(x->qdis, 0, sizeof(x->qdis));
}
