// SPDX-License-Identifier: MIT
/*
 * Interrupts of the PF (data sheet 7.3): causes in EICR, masks, automatic clear and mask, IVAR from
 * queues to vectors (MSI-X) or to bits of EICR (MSI, INTx), EITR moderation in units of 2.048 us.
 * A message leaves when a cause appears behind an open mask or a mask opens over a cause, not again
 * while the cause stands.
 */
#include "tools/nicsim/82599/hooks.h"

#include <string.h>

enum {
	GPIE_MSIX = 1 << 4,
	GPIE_OCD = 1 << 5,
	GPIE_EIAME = 1 << 30,
	MISC = 0x7fff0000,
	UNIT_NS = 2048,
};

static bool msix(const struct n599 *n)
{
	return (n599_get(n, N599_GPIE) & GPIE_MSIX) && nicsim_msix_on(n->dev);
}

static u64 interval(const struct n599 *n, u32 v)
{
	u32 eitr = n599_get(n, v < 24 ? N599_EITR + 4 * v : 0x12300 + 4 * (v - 24));

	return (eitr >> 3 & 0x1ff) * (u64)UNIT_NS;
}

/* May vector v fire now? Else at its time. */
static bool moderated(struct n599 *n, u32 v)
{
	if (nicsim_now(n->dev) >= n->next[v]) {
		n->next[v] = nicsim_now(n->dev) + interval(n, v);
		return false;
	}
	nicsim_timer_at(n->dev, n->next[v]);
	return true;
}

static void update_msix(struct n599 *n)
{
	u32 eiac = n599_get(n, N599_EIAC) & 0xffff;
	bool eiame = n599_get(n, N599_GPIE) & GPIE_EIAME;
	u32 ivar = n599_get(n, N599_IVAR_MISC) >> 8;

	for (u64 left = n->fresh & n->cause & n->mask; left; left &= left - 1) {
		u32 v = (u32)__builtin_ctzll(left);
		u64 bit = 1ull << v;

		if (moderated(n, v))
			continue;
		n->fresh &= ~bit;
		if (v >= 16 || (eiac & bit))
			n->cause &= ~bit;
		if (eiame)
			n->mask &= ~(n->amask & bit);
		nicsim_raise(n->dev, v);
	}
	if ((n->misc & n->misc_mask) && n->misc_fresh && (ivar & 0x80) &&
	    !moderated(n, ivar & 63)) {
		n->misc_fresh = false;
		if (eiame)
			n->misc_mask &= ~(n->misc_amask & n->misc);
		nicsim_raise(n->dev, ivar & 63);
	}
}

static void update(struct n599 *n)
{
	bool active = (n->misc & n->misc_mask) || (n->cause & n->mask & 0xffff);

	if (msix(n)) {
		update_msix(n);
		return;
	}
	if (!active) {
		nicsim_intx(n->dev, false);
		return;
	}
	if (!(n->fresh & n->mask) && !n->misc_fresh)
		return;
	if (moderated(n, 0))
		return;
	n->fresh = 0;
	n->misc_fresh = false;
	if (nicsim_msi_on(n->dev))
		nicsim_raise(n->dev, 0);
	else
		nicsim_intx(n->dev, true);
}

static void set(struct n599 *n, u64 bits, u32 misc)
{
	n->fresh |= bits & ~n->cause;
	n->cause |= bits;
	if (misc & ~n->misc)
		n->misc_fresh = true;
	n->misc |= misc;
	if ((bits & n->mask) || (misc & n->misc_mask))
		update(n);
}

void n599_irq_queue(struct n599 *n, u32 q, bool tx)
{
	u32 e = n599_get(n, N599_IVAR + 4 * (q >> 1)) >> (16 * (q & 1) + (tx ? 8 : 0));

	if (n->dev->vfs_on && n599_vf_queue_irq(n, q, tx))
		return;
	if (!(e & 0x80))
		return;
	set(n, 1ull << (msix(n) ? e & 63 : e & 15), 0);
}

void n599_irq_misc(struct n599 *n, u32 bits)
{
	set(n, 0, bits & MISC);
}

bool n599_irq_timer(struct n599 *n, u64 now)
{
	(void)now;
	update(n);
	return false;
}

void n599_irq_reset(struct n599 *n)
{
	n->cause = n->mask = n->amask = n->fresh = 0;
	n->misc = n->misc_mask = n->misc_amask = 0;
	n->misc_fresh = false;
	memset(n->next, 0, sizeof(n->next));
	nicsim_intx(n->dev, false);
}

static void unmask(struct n599 *n, u64 bits, u32 misc)
{
	n->fresh |= bits & ~n->mask & n->cause;
	if (misc & ~n->misc_mask & n->misc)
		n->misc_fresh = true;
	n->mask |= bits;
	n->misc_mask |= misc & MISC;
	update(n);
}

static void mask_off(struct n599 *n, u64 bits, u32 misc)
{
	n->mask &= ~bits;
	n->misc_mask &= ~misc;
	update(n);
}

/* 8.2.3.5.1: reading clears; with GPIE.OCD only bits 16..29. Without MSI-X it also masks what EIAM
 * says. */
N599_RD(eicr)
{
	u32 gpie = n599_get(n, N599_GPIE);

	v = n->misc | (u32)(n->cause & 0xffff);
	if (gpie & GPIE_OCD) {
		n->misc &= ~0x3fff0000u;
	} else {
		n->misc = 0;
		n->cause &= ~0xffffull;
	}
	n->fresh &= n->cause;
	if (!(gpie & GPIE_EIAME)) {
		n->mask &= ~n->amask;
		n->misc_mask &= ~n->misc_amask;
	}
	update(n);
	return v;
}

N599_WR(eicr)
{
	n->cause &= ~(u64)(raw & 0xffff);
	n->misc &= ~(raw & MISC);
	n->fresh &= n->cause;
	update(n);
}

N599_WR(eics)
{
	set(n, raw & 0xffff, raw & MISC);
}

N599_RD(eims)
{
	return (u32)(n->mask & 0xffff) | n->misc_mask;
}

N599_WR(eims)
{
	unmask(n, raw & 0xffff, raw & MISC);
}

N599_WR(eimc)
{
	mask_off(n, raw & 0xffff, raw & MISC);
}

N599_RD(eiam)
{
	return (u32)(n->amask & 0xffff) | n->misc_amask;
}

N599_WR(eiam)
{
	n->amask = (n->amask & ~0xffffull) | (raw & 0xffff);
	n->misc_amask = raw & MISC;
}

/* The _EX registers: vectors 0..31 and 32..63. */
N599_WR(eics_ex)
{
	set(n, (u64)raw << 32 * i, 0);
}

N599_RD(eims_ex)
{
	return (u32)(n->mask >> 32 * i);
}

N599_WR(eims_ex)
{
	unmask(n, (u64)raw << 32 * i, 0);
}

N599_WR(eimc_ex)
{
	mask_off(n, (u64)raw << 32 * i, 0);
}

N599_RD(eiam_ex)
{
	return (u32)(n->amask >> 32 * i);
}

N599_WR(eiam_ex)
{
	n->amask = (n->amask & ~(0xffffffffull << 32 * i)) | (u64)raw << 32 * i;
}

N599_WR(eitr)
{
	if (i < N599_VECTORS && !(raw >> 31)) { /* CNT_WDIS clear: the counter is written too */
		n->next[i] = nicsim_now(n->dev) + (raw >> 21 & 127) * 4ull * UNIT_NS;
		update(n);
	}
}

N599_WR(gpie)
{
	if ((raw & ~old & GPIE_MSIX) && !nicsim_msix_on(n->dev))
		nicsim_trace(n->dev, "GPIE.Multiple_MSIX while MSI-X is off in the capability");
}
