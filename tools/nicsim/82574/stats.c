// SPDX-License-Identifier: MIT
/* Statistics registers (data sheet 10.2.7): 32 bits that stay at all ones, 64 bits that stay there
 * too; reading clears, of 64 bits the high half's. */
#include "tools/nicsim/82574/n574.h"

enum {
	FIRST = 0x4000,
	LAST = 0x412c,
	PRC64 = 0x405c,
	GPRC = 0x4074,
	BPRC = 0x4078,
	MPRC = 0x407c,
	GPTC = 0x4080,
	GORC = 0x4088,
	GOTC = 0x4090,
	TOR = 0x40c0,
	TOT = 0x40c8,
	TPR = 0x40d0,
	TPT = 0x40d4,
	PTC64 = 0x40d8,
	MPTC = 0x40f0,
	BPTC = 0x40f4,
};

bool n574_is_statistic(u32 off)
{
	return off >= FIRST && off <= LAST;
}

static bool is_low(u32 off)
{
	return off == GORC || off == GOTC || off == TOR || off == TOT;
}

u32 n574_statistic(struct n574 *n, u32 off)
{
	u32 v = *n574_reg(n, off);

	if (is_low(off))
		return v;
	*n574_reg(n, off) = 0;
	if (is_low(off - 4))
		*n574_reg(n, off - 4) = 0;
	return v;
}

void n574_count(struct n574 *n, u32 off)
{
	if (*n574_reg(n, off) != 0xffffffff)
		++*n574_reg(n, off);
}

static void bytes(struct n574 *n, u32 low, u32 len)
{
	u64 v = *n574_reg(n, low) | (u64)*n574_reg(n, low + 4) << 32;

	v = v + len < v ? ~0ull : v + len;
	*n574_reg(n, low) = (u32)v;
	*n574_reg(n, low + 4) = (u32)(v >> 32);
}

/* Registers of 64, 127, 255, 511, 1023 and more bytes. */
static void size_class(struct n574 *n, u32 first, u32 len)
{
	static const u32 limit[] = { 64, 127, 255, 511, 1023 };
	u32 i = 0;

	while (i < 5 && len > limit[i])
		i++;
	n574_count(n, first + 4 * i);
}

static void group(struct n574 *n, const u8 *frame, u32 broadcast, u32 multicast)
{
	bool all = true;

	for (u32 i = 0; i < 6; i++)
		all &= frame[i] == 0xff;
	if (all)
		n574_count(n, broadcast);
	else if (frame[0] & 1)
		n574_count(n, multicast);
}

void n574_count_rx(struct n574 *n, const u8 *frame, u32 len)
{
	n574_count(n, GPRC);
	n574_count(n, TPR);
	bytes(n, GORC, len + 4);
	bytes(n, TOR, len + 4);
	size_class(n, PRC64, len + 4);
	group(n, frame, BPRC, MPRC);
}

void n574_count_tx(struct n574 *n, const u8 *frame, u32 len)
{
	n574_count(n, GPTC);
	n574_count(n, TPT);
	bytes(n, GOTC, len + 4);
	bytes(n, TOT, len + 4);
	size_class(n, PTC64, len + 4);
	group(n, frame, BPTC, MPTC);
}
