// SPDX-License-Identifier: MIT
/* Virtual functions of the 82599 model (data sheet 7.10). */
#include "tools/nicsim/82599/hooks.h"

u32 n599_pool_shift(const struct n599 *n)
{
	u32 mtqc = n599_get(n, N599_MTQC);

	return (mtqc & 0xc) == 8 ? 2 : 1;
}

bool n599_vf_queue_irq(struct n599 *n, u32 q, bool tx)
{
	(void)n;
	(void)q;
	(void)tx;
	return false;
}

bool n599_tx_switch(struct n599 *n, const u8 *frame, u32 len, u32 pool)
{
	(void)n;
	(void)frame;
	(void)len;
	(void)pool;
	return false;
}

void n599_vf_irq(struct n599 *n, u32 vf)
{
	(void)n;
	(void)vf;
}
