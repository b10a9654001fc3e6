// SPDX-License-Identifier: MIT
/* Causes, masks and what they send: INTx, MSI, or MSI-X with a vector for each of five causes
 * (data sheet 7.4, 10.2.4). */
#include "tools/nicsim/82574/n574.h"

enum {
	EIAME = 1 << 24, /* CTRL_EXT */
	IAME = 1 << 27,
	ITR_NS = 256,
};
#define ASSERTED (1u << 31)

/* Causes that MSI-X tells as "other" (7.4.1.1). */
enum { OTHERS = N574_LSC | N574_RXO | 1 << 16 | 1 << 17 | 1 << 18 };

static bool throttled(struct n574 *n, u32 vector)
{
	bool msix = nicsim_msix_on(n->dev);
	u32 interval = *n574_reg(n, msix ? N574_EITR + 4 * vector : N574_ITR);
	u64 now = nicsim_now(n->dev);

	if (now < n->quiet[vector]) {
		n->late |= 1u << vector;
		nicsim_timer_at(n->dev, n->quiet[vector]);
		return true;
	}
	n->quiet[vector] = now + (u64)(interval & 0xffff) * ITR_NS;
	return false;
}

static void message(struct n574 *n, u32 vector)
{
	if (!throttled(n, vector))
		nicsim_raise(n->dev, vector);
}

/* Cause `bit` sends vector and is cleared and masked as EIAC and IAM say. */
static void message_of(struct n574 *n, u32 bit, u32 entry)
{
	u32 vector = entry & 7;

	if (!(entry & 8))
		return;
	if (vector >= N574_VECTORS) {
		nicsim_error(n->dev, NICSIM_E_VECTOR, "IVAR names vector %u", vector);
		return;
	}
	message(n, vector);
	n->icr &= ~(*n574_reg(n, N574_EIAC) & bit);
	if (*n574_reg(n, N574_CTRL_EXT) & EIAME)
		n->ims &= ~(*n574_reg(n, N574_IAM) & bit);
}

void n574_irq_update(struct n574 *n)
{
	u32 active, fresh;

	n->icr &= ~ASSERTED;
	if (nicsim_msix_on(n->dev) && n->icr & OTHERS)
		n->icr |= N574_OTHER;
	active = n->icr & n->ims;
	if (active)
		n->icr |= ASSERTED;
	n->fired &= active;
	fresh = active & ~n->fired;
	n->fired |= fresh;
	if (nicsim_msix_on(n->dev)) {
		for (u32 i = 0; i < 5; i++)
			if (fresh & (u32)N574_RXQ << i)
				message_of(n, (u32)N574_RXQ << i,
					   *n574_reg(n, N574_IVAR) >> 4 * i & 15);
		n->fired &= n->icr & n->ims;
	} else if (nicsim_msi_on(n->dev)) {
		if (fresh)
			message(n, 0);
	} else {
		nicsim_intx(n->dev, active != 0);
	}
}

void n574_cause(struct n574 *n, u32 bits)
{
	n->icr |= bits;
	n574_irq_update(n);
}

/* 10.2.4.1: cleared when nothing is masked in, or when an interrupt is asserted. */
u32 n574_icr_read(struct n574 *n)
{
	u32 v = n->icr;

	if (!n->ims || v & ASSERTED) {
		n->icr = 0;
		if (*n574_reg(n, N574_CTRL_EXT) & IAME)
			n->ims &= ~*n574_reg(n, N574_IAM);
	}
	n574_irq_update(n);
	return v;
}

void n574_icr_write(struct n574 *n, u32 v)
{
	n->icr &= ~v;
	n574_irq_update(n);
}

void n574_irq_timer(struct n574 *n, u64 now)
{
	for (u32 v = 0; v < N574_VECTORS; v++) {
		if (!(n->late >> v & 1))
			continue;
		if (now < n->quiet[v]) {
			nicsim_timer_at(n->dev, n->quiet[v]);
			continue;
		}
		n->late &= ~(1u << v);
		message(n, v);
	}
}
