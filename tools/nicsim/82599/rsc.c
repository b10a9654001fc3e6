// SPDX-License-Identifier: MIT
/* Receive-side coalescing (data sheet 7.11). */
#include "tools/nicsim/82599/hooks.h"

void n599_rsc_flush(struct n599 *n, int queue)
{
	(void)n;
	(void)queue;
}

bool n599_rsc_put(struct n599 *n, const struct n599_pkt *p, const struct n599_rxinfo *info)
{
	(void)n;
	(void)p;
	(void)info;
	return false;
}
