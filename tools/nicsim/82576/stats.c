// SPDX-License-Identifier: MIT
/* Statistics of the 82576 (8.18): each is cleared when it is read, those of 64 bits by their high
 * half; 32-bit ones stick at all ones. */
#include "tools/nicsim/82576/n576.h"

enum {
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
	RPTHC = 0x4104,
	HGPTC = 0x4118,
	HGORC = 0x4128,
	HGOTC = 0x4130,
};

void n576_count(struct n576 *n, u32 off, u32 v)
{
	u32 was = n576_get(n, off);

	n576_set(n, off, was + v < was ? ~0u : was + v);
}

static void count64(struct n576 *n, u32 low, u32 v)
{
	u64 sum = (n576_get(n, low) | (u64)n576_get(n, low + 4) << 32) + v;

	n576_set(n, low, (u32)sum);
	n576_set(n, low + 4, (u32)(sum >> 32));
}

/* 64, 65-127, 128-255, 256-511, 512-1023, 1024 and more; with FCS. */
static u32 class_of(u32 bytes)
{
	u32 k = 0;

	for (u32 limit = 64; k < 5 && bytes > limit; k++)
		limit = limit == 64 ? 127 : limit * 2 + 1;
	return k;
}

static bool is_group(const u8 *f, bool *broadcast)
{
	*broadcast = (f[0] & f[1] & f[2] & f[3] & f[4] & f[5]) == 0xff;
	return f[0] & 1;
}

void n576_count_rx(struct n576 *n, const u8 *frame, u32 len)
{
	bool broadcast, group = is_group(frame, &broadcast);

	n576_count(n, GPRC, 1);
	n576_count(n, RPTHC, 1);
	n576_count(n, PRC64 + 4 * class_of(len + 4), 1);
	if (group)
		n576_count(n, broadcast ? BPRC : MPRC, 1);
	count64(n, GORC, len + 4);
	count64(n, HGORC, len + 4);
	count64(n, TOR, len + 4);
	n576_count(n, TPR, 1);
}

void n576_count_tx(struct n576 *n, const u8 *frame, u32 len)
{
	bool broadcast, group = is_group(frame, &broadcast);

	n576_count(n, GPTC, 1);
	n576_count(n, HGPTC, 1);
	n576_count(n, PTC64 + 4 * class_of(len + 4), 1);
	if (group)
		n576_count(n, broadcast ? BPTC : MPTC, 1);
	count64(n, GOTC, len + 4);
	count64(n, HGOTC, len + 4);
	count64(n, TOT, len + 4);
	n576_count(n, TPT, 1);
}

static bool is_low_half(u32 off)
{
	return off == GORC || off == GOTC || off == TOR || off == TOT || off == HGORC ||
	       off == HGOTC;
}

/* 8.18: "the low register is to be read first"; the high one clears both. */
u32 n576_stats_read(struct n576 *n, u32 off)
{
	u32 v = n576_get(n, off);

	if (is_low_half(off))
		return v;
	n576_set(n, off, 0);
	if (is_low_half(off - 4))
		n576_set(n, off - 4, 0);
	return v;
}
