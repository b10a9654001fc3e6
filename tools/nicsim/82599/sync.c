// SPDX-License-Identifier: MIT
/* Semaphores between drivers and firmware (data sheet 10.5.4): SWSM.SMBI (reads give the old value
 * and set it), SWSM.SWESMBI (firmware grants at once), and SW_FW_SYNC (GSSR), which may only be
 * changed while SWESMBI is held. Firmware here is idle. */
#include "tools/nicsim/82599/hooks.h"

enum { SMBI = 1, SWESMBI = 2, GSSR_SW = 0x1f, GSSR_FW = 0x3e0 };

N599_RD(swsm)
{
	n599_set(n, N599_SWSM, v | SMBI);
	return nicsim_fault(n->dev, "semaphore-stuck", NULL) ? v | SMBI : v;
}

N599_WR(swsm)
{
	/* SMBI can be cleared, not set, by a write. */
	if ((raw & SMBI) && !(old & SMBI))
		n599_set(n, N599_SWSM, n599_get(n, N599_SWSM) & ~(u32)SMBI);
}

N599_WR(gssr)
{
	if (!(n599_get(n, N599_SWSM) & SWESMBI))
		nicsim_error(n->dev, NICSIM_E_STATE, "SW_FW_SYNC written without SWSM.SWESMBI");
	if ((raw ^ old) & GSSR_FW)
		nicsim_error(n->dev, NICSIM_E_STATE,
			     "SW_FW_SYNC: firmware's bits changed, %x to %x", old, raw);
	if (raw & ~old & GSSR_SW & (old >> 5))
		nicsim_error(n->dev, NICSIM_E_STATE, "SW_FW_SYNC: taken while firmware has it");
}
