// SPDX-License-Identifier: MIT
/* Statistics registers of the gigabit MACs. Those that only the 82576 has (packets and octets to
 * and from the host) are counted by its own model; they read like the others. */
#include "tools/nicsim/core/mac.h"

#include "tools/nicsim/core/frame.h"

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
	HGORC = 0x4128,
	HGOTC = 0x4130,
	FCS = 4,
};

void nicsim_mac_count(u32 *reg, u32 off, u32 by)
{
	u32 was = reg[off / 4];

	reg[off / 4] = was + by < was ? ~0u : was + by;
}

void nicsim_mac_count64(u32 *reg, u32 low, u32 by)
{
	u64 was = reg[low / 4] | (u64)reg[low / 4 + 1] << 32;
	u64 v = was + by < was ? ~0ull : was + by;

	reg[low / 4] = (u32)v;
	reg[low / 4 + 1] = (u32)(v >> 32);
}

/* Registers of one direction. */
struct way {
	u32 good, total, good_bytes, total_bytes, size64, multicast, broadcast;
};

static void count(u32 *reg, const struct way *w, const u8 *frame, u32 bytes)
{
	nicsim_mac_count(reg, w->good, 1);
	nicsim_mac_count(reg, w->total, 1);
	nicsim_mac_count64(reg, w->good_bytes, bytes);
	nicsim_mac_count64(reg, w->total_bytes, bytes);
	nicsim_mac_count(reg, w->size64 + 4 * nicsim_size_class(bytes), 1);
	if (frame[0] & 1)
		nicsim_mac_count(reg, nicsim_broadcast(frame) ? w->broadcast : w->multicast, 1);
}

void nicsim_mac_rx(u32 *reg, const u8 *frame, u32 len)
{
	static const struct way rx = { GPRC, TPR, GORC, TOR, PRC64, MPRC, BPRC };

	count(reg, &rx, frame, len + FCS);
}

void nicsim_mac_tx(u32 *reg, const u8 *frame, u32 len)
{
	static const struct way tx = { GPTC, TPT, GOTC, TOT, PTC64, MPTC, BPTC };

	count(reg, &tx, frame, len + FCS);
}

static bool is_low(u32 off)
{
	return off == GORC || off == GOTC || off == TOR || off == TOT || off == HGORC ||
	       off == HGOTC;
}

u32 nicsim_mac_read(u32 *reg, u32 off)
{
	u32 v = reg[off / 4];

	if (is_low(off))
		return v;
	reg[off / 4] = 0;
	if (is_low(off - 4))
		reg[off / 4 - 1] = 0;
	return v;
}
