// SPDX-License-Identifier: MIT
/* Mailboxes between PF and VFs (data sheet 7.10.2.9): 64 bytes for each VF, a pair of status and
 * request bits, owned by one side at a time. */
#include "tools/nicsim/82599/hooks.h"

void n599_wr_vflrec(struct n599 *n, const struct n599_reg *r, u32 i, u32 raw, u32 old)
{
	u32 off = i ? 0x001c0 : N599_VFLRE;

	(void)r;
	(void)old;
	n599_set(n, off, n599_get(n, off) & ~raw);
	n599_set(n, N599_VFLREC + 4 * i, 0);
}

void n599_wr_mbvficr(struct n599 *n, const struct n599_reg *r, u32 i, u32 raw, u32 old)
{
	(void)r;
	n599_set(n, N599_MBVFICR + 4 * i, old & ~raw);
}

u32 n599_rd_pfmailbox(struct n599 *n, const struct n599_reg *r, u32 i, u32 v)
{
	(void)n;
	(void)r;
	(void)i;
	return v;
}

void n599_wr_pfmailbox(struct n599 *n, const struct n599_reg *r, u32 i, u32 raw, u32 old)
{
	(void)n;
	(void)r;
	(void)i;
	(void)raw;
	(void)old;
}

void n599_wr_vfre(struct n599 *n, const struct n599_reg *r, u32 i, u32 raw, u32 old)
{
	(void)n;
	(void)r;
	(void)i;
	(void)raw;
	(void)old;
}

void n599_mailbox_reset(struct n599 *n, u32 vf)
{
	(void)n;
	(void)vf;
}
