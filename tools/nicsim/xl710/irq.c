// SPDX-License-Identifier: MIT
/*
 * Interrupts: vector 0 with its causes (PFINT_ICR0), a vector for each group of queues, masks that
 * clear themselves when the message leaves, throttling in units of 2 microseconds. Without MSI-X
 * all causes go to vector 0, which is then MSI or INTx.
 *
 * Data sheet 332464: 7.5 (interrupts), 7.5.2 (ITR), 10.2.2.6.
 */
#include "tools/nicsim/xl710/xl710.h"

#include <string.h>

enum {
	ITRN = 0x030000,
	DYN_CTLN = 0x034800,
	ITR0 = 0x038000,
	DYN_CTL0 = 0x038480,
	ICR0 = 0x038780,
	ICR0_ENA = 0x038800,
	QINT_RQCTL = 0x03a000,
	QINT_TQCTL = 0x03c000,
	GLINT_CTL = 0x03f800,
	INTENA = 1 << 0,
	CLEARPBA = 1 << 1,
	SWINT_TRIG = 1 << 2,
	NO_ITR = 3,
	ICR0_OTHER = 0x7fff0000, /* causes that PFINT_ICR0_ENA masks */
	ICR0_QUEUES = 0x1fe,
	DIS_AUTOMASK_PF0 = 1,
	DIS_AUTOMASK_N = 4,
	ITR_UNIT = 2000, /* ns */
};
#define INTENA_MSK (1u << 31)
#define CAUSE_ENA  (1u << 30)
#define INTEVENT   (1u << 31)

static u32 dyn_of(u32 v)
{
	return v == 0 ? DYN_CTL0 : DYN_CTLN + (v - 1) * 4;
}

static u32 itr_of(u32 v, u32 i)
{
	return v == 0 ? ITR0 + i * 128 : ITRN + i * 2048 + (v - 1) * 4;
}

static bool due_get(const struct xl710 *x, u32 v)
{
	return (x->vector_due[v / 64] >> (v % 64) & 1) != 0;
}

static void due_put(struct xl710 *x, u32 v, bool on)
{
	x->vector_due[v / 64] &= ~(1ull << (v % 64));
	x->vector_due[v / 64] |= (u64)on << (v % 64);
}

void xl710_irq_reset(struct xl710 *x)
{
	memset(x->itr_next, 0, sizeof(x->itr_next));
	memset(x->vector_due, 0, sizeof(x->vector_due));
	nicsim_intx(x->dev, false);
}

/* The message leaves, unless masked or too early: then it stays due. */
static void fire(struct xl710 *x, u32 v)
{
	u32 itr = XR(x, dyn_of(v)) >> 3 & 3;
	u64 now = xl710_now(x);
	u32 keep = v == 0 ? DIS_AUTOMASK_PF0 : DIS_AUTOMASK_N;

	due_put(x, v, true);
	if ((XR(x, dyn_of(v)) & INTENA) == 0)
		return;
	if (now < x->itr_next[v]) {
		xl710_wake_at(x, x->itr_next[v]);
		return;
	}
	due_put(x, v, false);
	if ((XR(x, GLINT_CTL) & keep) == 0)
		XR(x, dyn_of(v)) &= ~(u32)INTENA;
	xl710_tx_flush(x, v);
	if (itr != NO_ITR)
		x->itr_next[v] = now + (u64)(XR(x, itr_of(v, itr)) & 0xfff) * ITR_UNIT;
	if (nicsim_msix_on(x->dev) || nicsim_msi_on(x->dev))
		nicsim_raise(x->dev, v);
	else
		nicsim_intx(x->dev, true);
}

void xl710_cause(struct xl710 *x, u32 bits)
{
	XR(x, ICR0) |= bits;
	if ((bits & (ICR0_QUEUES | XL710_ICR0_SWINT)) != 0 || (bits & XR(x, ICR0_ENA)) != 0)
		fire(x, 0);
}

/* Reading clears all causes. Bit 0 says whether an enabled one was there. */
u32 xl710_icr0_read(struct xl710 *x, u32 off)
{
	u32 v = XR(x, off);

	XR(x, off) = 0;
	nicsim_intx(x->dev, false);
	if ((v & ICR0_OTHER & XR(x, ICR0_ENA)) != 0 || (v & (ICR0_QUEUES | XL710_ICR0_SWINT)) != 0)
		v |= 1;
	return v;
}

static void queue_cause(struct xl710 *x, u32 off)
{
	u32 ctl = XR(x, off), v = ctl & 0xff;

	XR(x, off) = ctl | INTEVENT;
	if ((ctl & CAUSE_ENA) == 0)
		return;
	if (!nicsim_msix_on(x->dev) || v == 0) {
		xl710_cause(x, XL710_ICR0_QUEUE0 << (ctl >> 13 & 7));
		return;
	}
	if (v >= XL710_VECTORS) {
		nicsim_error(x->dev, NICSIM_E_VECTOR, "queue's vector %u of %u", v, XL710_VECTORS);
		return;
	}
	/* The queue's own ITR index throttles its vector (7.5.2.1). */
	if ((ctl >> 11 & 3) != NO_ITR)
		XR(x, dyn_of(v)) = (XR(x, dyn_of(v)) & ~(3u << 3)) | (ctl >> 11 & 3) << 3;
	fire(x, v);
}

/* The vector that a transmit queue's completions cause, ~0: none. */
u32 xl710_irq_of_tx(const struct xl710 *x, u32 q)
{
	u32 ctl = XR(x, QINT_TQCTL + (q - x->firstq) * 4);

	if ((ctl & CAUSE_ENA) == 0)
		return ~0u;
	return nicsim_msix_on(x->dev) ? ctl & 0xff : 0;
}

void xl710_irq_rx(struct xl710 *x, u32 q)
{
	queue_cause(x, QINT_RQCTL + (q - x->firstq) * 4);
}

void xl710_irq_tx(struct xl710 *x, u32 q)
{
	queue_cause(x, QINT_TQCTL + (q - x->firstq) * 4);
}

static void dyn_write(struct xl710 *x, u32 vec, u32 v)
{
	u32 off = dyn_of(vec), itr = v >> 3 & 3;
	bool was = (XR(x, off) & INTENA) != 0;

	if (itr != NO_ITR)
		XR(x, itr_of(vec, itr)) = v >> 5 & 0xfff;
	if ((v & INTENA_MSK) == 0)
		XR(x, off) = (XR(x, off) & ~(u32)INTENA) | (v & INTENA);
	if ((v & CLEARPBA) != 0) {
		due_put(x, vec, false);
		if (vec == 0)
			nicsim_intx(x->dev, false);
	}
	if ((v & SWINT_TRIG) != 0) {
		if (vec == 0)
			XR(x, ICR0) |= XL710_ICR0_SWINT;
		fire(x, vec);
	} else if (!was && (XR(x, off) & INTENA) != 0 && due_get(x, vec)) {
		fire(x, vec);
	}
}

void xl710_dyn_ctl0_write(struct xl710 *x, u32 off, u32 v)
{
	(void)off;
	dyn_write(x, 0, v);
}

void xl710_dyn_ctln_write(struct xl710 *x, u32 off, u32 v)
{
	u32 vec = (off - DYN_CTLN) / 4 + 1;

	if (vec >= XL710_VECTORS) {
		nicsim_error(x->dev, NICSIM_E_VECTOR, "PFINT_DYN_CTLN[%u] of %u vectors", vec - 1,
			     XL710_VECTORS);
		return;
	}
	dyn_write(x, vec, v);
}

void xl710_qint_write(struct xl710 *x, u32 off, u32 v)
{
	XR(x, off) &= ~INTEVENT;
	if ((v & CAUSE_ENA) != 0 && (v & 0xff) >= XL710_VECTORS)
		nicsim_error(x->dev, NICSIM_E_VECTOR, "queue cause to vector %u of %u", v & 0xff,
			     XL710_VECTORS);
}

/* Vectors whose throttling time is over. */
void xl710_irq_tick(struct xl710 *x)
{
	for (u32 v = 0; v < XL710_VECTORS; v++)
		if (due_get(x, v) && xl710_now(x) >= x->itr_next[v])
			fire(x, v);
}

u64 xl710_irq_next(const struct xl710 *x)
{
	u64 next = ~0ull, now = nicsim_now(x->dev);

	for (u32 i = 0; i < 3; i++)
		for (u64 m = x->vector_due[i]; m != 0; m &= m - 1) {
			u32 v = i * 64 + (u32)__builtin_ctzll(m);

			if (x->itr_next[v] > now && x->itr_next[v] < next)
				next = x->itr_next[v];
		}
	return next;
}
