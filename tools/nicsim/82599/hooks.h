// SPDX-License-Identifier: MIT
/* What registers do beside being stored (regs.inc): a read hook returns what is read, a write
 * hook runs after the store. Each is in the file of its noun. */
#pragma once

#include "tools/nicsim/82599/n599.h"

/* Their heads; which of the arguments one needs differs. n: the chip; r: the line of the table; i:
 * which of its elements; v: what is stored; raw: what was written, all bits; old: what was stored
 * before. */
#define N599_UNUSED __attribute__((unused))
#define N599_RD(name)                                                                        \
	u32 n599_rd_##name(N599_UNUSED struct n599 *n, N599_UNUSED const struct n599_reg *r, \
			   N599_UNUSED u32 i, N599_UNUSED u32 v)
#define N599_WR(name)                                                                         \
	void n599_wr_##name(N599_UNUSED struct n599 *n, N599_UNUSED const struct n599_reg *r, \
			    N599_UNUSED u32 i, N599_UNUSED u32 raw, N599_UNUSED u32 old)

#define RD(name) N599_RD(name);
#define WR(name) N599_WR(name);
/* clang-format off */
RD(ctrl)
RD(status)
RD(esdp)
RD(i2cctl)
RD(frtimer)
RD(eec)
RD(eerd)
RD(swsm)
RD(eicr)
RD(eims)
RD(eiam)
RD(eims_ex)
RD(eiam_ex)
RD(rdh)
RD(rxdctl)
RD(rdrxctl)
RD(fdirctrl)
RD(fdircmd)
RD(tdh)
RD(txdctl)
RD(secrxstat)
RD(systiml)
RD(msca)
RD(links)
RD(anlp1)
RD(pfmailbox)
RD(wide)
RD(qbrc_l)
RD(qbrc_h)
RD(qbtc_l)
RD(qbtc_h)
WR(ctrl)
WR(ctrl_ext)
WR(i2cctl)
WR(nvm)
WR(fla)
WR(eec)
WR(eerd)
WR(swsm)
WR(gssr)
WR(eicr)
WR(eics)
WR(eitr)
WR(eims)
WR(eimc)
WR(eiam)
WR(gpie)
WR(eics_ex)
WR(eims_ex)
WR(eimc_ex)
WR(eiam_ex)
WR(rssrk)
WR(filter)
WR(rxring)
WR(rdh)
WR(rdt)
WR(rxdctl)
WR(rscctl)
WR(rxctrl)
WR(rxpbsize)
WR(fdirctrl)
WR(fdircmd)
WR(txring)
WR(tdh)
WR(tdt)
WR(txdctl)
WR(mtqc)
WR(secrx)
WR(msca)
WR(maxfrs)
WR(autoc)
WR(autoc2)
WR(vflrec)
WR(mbvficr)
WR(pfmailbox)
WR(vfre)
WR(qde)
/* clang-format on */
#undef RD
#undef WR
