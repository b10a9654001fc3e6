// SPDX-License-Identifier: MIT
/* Receive-side scaling (data sheet 7.1.2): Toeplitz over addresses, and over the ports of TCP that
 * is no fragment. Tags are seen through. */
#include <string.h>

#include "tools/nicsim/82574/n574.h"

enum {
	PCSD = 1 << 13,
	EXSTEN = 1 << 15,
	EN_TCP4 = 1 << 16,
	EN_IP4 = 1 << 17,
	EN_TCP6 = 1 << 18,
	EN_IP6 = 1 << 20,
	T_TCP4 = 1,
	T_IP4 = 2,
	T_TCP6 = 3,
	T_IP6 = 5,
	TCP = 6,
};

/* What is hashed, into `in`; its length, 0: nothing. */
static u32 input(u32 mrqc, const u8 *p, u32 len, u32 ethertype, u8 *in, u32 *type)
{
	if (ethertype == 0x0800 && len >= 20 && p[0] >> 4 == 4) {
		u32 ihl = (p[0] & 15u) * 4;
		bool fragment = (p[6] & 0x3f) | p[7];

		memcpy(in, p + 12, 8);
		if (p[9] == TCP && !fragment && len >= ihl + 4 && mrqc & EN_TCP4) {
			memcpy(in + 8, p + ihl, 4);
			*type = T_TCP4;
			return 12;
		}
		*type = T_IP4;
		return mrqc & EN_IP4 ? 8 : 0;
	}
	if (ethertype == 0x86dd && len >= 40 && p[0] >> 4 == 6) {
		memcpy(in, p + 8, 32);
		if (p[6] == TCP && len >= 44 && mrqc & EN_TCP6) {
			memcpy(in + 32, p + 40, 4);
			*type = T_TCP6;
			return 36;
		}
		*type = T_IP6;
		return mrqc & EN_IP6 ? 32 : 0;
	}
	return 0;
}

bool n574_rss(struct n574 *n, const u8 *frame, u32 len, u32 *hash, u32 *type)
{
	u32 mrqc = *n574_reg(n, N574_MRQC), at = 12, got;
	u8 in[36], key[40];

	*hash = *type = 0;
	if ((mrqc & 3) != 1 || !(*n574_reg(n, N574_RXCSUM) & PCSD) ||
	    !(*n574_reg(n, N574_RFCTL) & EXSTEN))
		return false;
	if (len >= 18 && frame[at] == 0x81 && frame[at + 1] == 0)
		at += 4;
	got = input(mrqc, frame + at + 2, len - at - 2, (u32)frame[at] << 8 | frame[at + 1], in,
		    type);
	if (!got) {
		*type = 0;
		return true;
	}
	memcpy(key, n574_reg(n, N574_RSSRK), sizeof(key));
	*hash = nicsim_toeplitz(key, in, got);
	return true;
}
