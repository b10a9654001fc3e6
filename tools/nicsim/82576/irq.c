// SPDX-License-Identifier: MIT
/*
 * Interrupts of the 82576 (7.3): legacy causes ICR with their mask; with GPIE.Multiple_MSIX a cause
 * goes by IVAR to a vector, whose bit in EICR asks for a message if EIMS has it and EITR lets it.
 */
#include "tools/nicsim/82576/n576.h"

enum {
	GPIE_NSICR = 1,
	GPIE_MULTIPLE_MSIX = 1 << 4,
	GPIE_EIAME = 1 << 30,
	IVAR_VALID = 0x80,
	VECTORS = (1 << N576_VECTORS) - 1,
	EITR_SHIFT = 2, /* interval in bits 14:2, microseconds */
	EITR_MASK = 0x1fff,
};

void n576_irq_reset(struct n576 *n)
{
	for (u32 i = 0; i < N576_VECTORS; i++)
		n->eitr_at[i] = 0;
	n->eitr_owed = 0;
	nicsim_intx(n->dev, false);
}

bool n576_irq_is(u32 off)
{
	return (off >= N576_ICR && off <= N576_IAM && off != 0xc4) || off == N576_GPIE ||
	       (off >= N576_EICS && off <= N576_EIAM) || off == N576_EICR ||
	       (off >= N576_EITR && off < N576_EITR + 4 * N576_VECTORS) ||
	       (off >= N576_IVAR && off < N576_IVAR + 32) || off == N576_IVAR_MISC;
}

static bool vectors(const struct n576 *n)
{
	return n576_get(n, N576_GPIE) & GPIE_MULTIPLE_MSIX;
}

/* A message of vector v; what is acknowledged by itself. */
static void send(struct n576 *n, u32 v)
{
	u32 bit = 1u << v;
	u64 interval = (u64)(n576_get(n, N576_EITR + 4 * v) >> EITR_SHIFT & EITR_MASK) * 1000;

	n->eitr_owed &= ~bit;
	n->eitr_at[v] = nicsim_now(n->dev) + interval;
	if (!nicsim_msix_on(n->dev) && n576_get(n, N576_GPIE) & GPIE_MULTIPLE_MSIX)
		nicsim_error(n->dev, NICSIM_E_STATE,
			     "vector %u with GPIE.Multiple_MSIX while MSI-X is off", v);
	nicsim_raise(n->dev, v);
	if (n576_get(n, N576_EIAC) & bit)
		n576_set(n, N576_EICR, n576_get(n, N576_EICR) & ~bit);
	if (n576_get(n, N576_GPIE) & GPIE_EIAME && n576_get(n, N576_EIAM) & bit)
		n576_set(n, N576_EIMS, n576_get(n, N576_EIMS) & ~bit);
}

static void ask(struct n576 *n, u32 wanted)
{
	u32 bits = wanted & n576_get(n, N576_EICR) & n576_get(n, N576_EIMS);

	for (; bits; bits &= bits - 1) {
		u32 v = (u32)__builtin_ctz(bits);

		if (nicsim_now(n->dev) >= n->eitr_at[v]) {
			send(n, v);
		} else {
			n->eitr_owed |= 1u << v;
			nicsim_timer_at(n->dev, n->eitr_at[v]);
		}
	}
}

static void to_vector(struct n576 *n, u32 ivar)
{
	u32 v = ivar & 0x1f;

	if (!(ivar & IVAR_VALID))
		return;
	if (v >= N576_VECTORS) {
		nicsim_error(n->dev, NICSIM_E_VECTOR, "IVAR names vector %u", v);
		return;
	}
	n576_set(n, N576_EICR, n576_get(n, N576_EICR) | 1u << v);
	ask(n, 1u << v);
}

/* The line, or MSI, by the legacy causes. */
static void legacy(struct n576 *n, bool edge)
{
	bool on = n576_get(n, N576_ICR) & n576_get(n, N576_IMS) & ~ICR_ASSERTED;

	if (vectors(n) && nicsim_msix_on(n->dev))
		return;
	if (on && edge)
		nicsim_raise(n->dev, 0);
	nicsim_intx(n->dev, on);
}

static void cause(struct n576 *n, u32 bits)
{
	n576_set(n, N576_ICR, n576_get(n, N576_ICR) | bits);
	legacy(n, true);
}

void n576_irq_queue(struct n576 *n, u32 q, bool tx)
{
	u32 ivar = n576_get(n, N576_IVAR + 4 * (q & 7)) >> (q & 8 ? 16 : 0) >> (tx ? 8 : 0);

	if (vectors(n))
		to_vector(n, ivar & 0xff);
	else
		cause(n, tx ? ICR_TXDW : ICR_RXDW);
}

void n576_irq_other(struct n576 *n, u32 bits)
{
	cause(n, bits);
	if (vectors(n) && n576_get(n, N576_IMS) & bits)
		to_vector(n, n576_get(n, N576_IVAR_MISC) >> 8 & 0xff);
}

void n576_irq_timer(struct n576 *n, u64 now)
{
	for (u32 bits = n->eitr_owed; bits; bits &= bits - 1) {
		u32 v = (u32)__builtin_ctz(bits);

		if (now < n->eitr_at[v]) {
			nicsim_timer_at(n->dev, n->eitr_at[v]);
			continue;
		}
		n->eitr_owed &= ~(1u << v);
		ask(n, 1u << v);
	}
}

static u32 read_icr(struct n576 *n)
{
	u32 v = n576_get(n, N576_ICR);

	if (v & n576_get(n, N576_IMS))
		v |= ICR_ASSERTED;
	/* 8.8.9: a read clears, in MSI-X mode only with GPIE.NSICR or an unmasked cause */
	if (!vectors(n) || n576_get(n, N576_GPIE) & GPIE_NSICR || v & ICR_ASSERTED ||
	    !n576_get(n, N576_IMS))
		n576_set(n, N576_ICR, 0);
	if (n576_get(n, N576_GPIE) & GPIE_NSICR)
		n576_set(n, N576_IMS, n576_get(n, N576_IMS) & ~n576_get(n, N576_IAM));
	legacy(n, false);
	return v;
}

u32 n576_irq_read(struct n576 *n, u32 off)
{
	u32 v = n576_get(n, off);

	switch (off) {
	case N576_ICR:
		return read_icr(n);
	case N576_EICR:
		n576_set(n, off, 0);
		return v;
	case N576_ICS:
	case N576_IMC:
	case N576_EICS:
	case N576_EIMC:
		nicsim_error(n->dev, NICSIM_E_ACCESS, "read of register %05x, which is write-only",
			     off);
		return 0;
	default:
		return v;
	}
}

static void write_ivar(struct n576 *n, u32 off, u32 v)
{
	u32 known = off == N576_IVAR_MISC ? 0x00009f9f : 0x9f9f9f9f;

	if (v & ~known)
		nicsim_error(n->dev, NICSIM_E_RESERVED, "register %05x: %08x has reserved bits",
			     off, v);
	n576_set(n, off, v & known);
}

void n576_irq_write(struct n576 *n, u32 off, u32 v)
{
	switch (off) {
	case N576_ICR:
		n576_set(n, off, n576_get(n, off) & ~v);
		legacy(n, false);
		break;
	case N576_ICS:
		cause(n, v & ~ICR_ASSERTED);
		if (vectors(n) && n576_get(n, N576_IMS) & v)
			to_vector(n, n576_get(n, N576_IVAR_MISC) >> 8 & 0xff);
		break;
	case N576_IMS:
		n576_set(n, off, n576_get(n, off) | (v & ~ICR_ASSERTED));
		legacy(n, true);
		break;
	case N576_IMC:
		n576_set(n, N576_IMS, n576_get(n, N576_IMS) & ~v);
		legacy(n, false);
		break;
	case N576_EICR:
		n576_set(n, off, n576_get(n, off) & ~v);
		break;
	case N576_EICS:
		n576_set(n, N576_EICR, n576_get(n, N576_EICR) | (v & VECTORS));
		ask(n, v);
		break;
	case N576_EIMS:
		n576_set(n, off, n576_get(n, off) | (v & VECTORS));
		ask(n, v);
		break;
	case N576_EIMC:
		n576_set(n, N576_EIMS, n576_get(n, N576_EIMS) & ~v);
		break;
	case N576_EIAC:
	case N576_EIAM:
		n576_set(n, off, v & VECTORS);
		break;
	case N576_GPIE:
		if (v & ~0xc0000f91u)
			nicsim_error(n->dev, NICSIM_E_RESERVED, "GPIE %08x", v);
		n576_set(n, off, v);
		break;
	default:
		if (off >= N576_IVAR)
			write_ivar(n, off, v);
		else
			n576_set(n, off, v & 0x7fffffff);
		break;
	}
}
