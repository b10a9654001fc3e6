// SPDX-License-Identifier: MIT
/*
 * Statistics: of the port (GLPRT_*), of each VSI (GLV_*). They live in the register file: 48 bits
 * in two registers, or 32 bits; all wrap, and reading clears nothing. Octets count the FCS, but
 * those of a VSI's transmitter.
 *
 * Data sheet 332464: 7.11 (statistics), 10.2.2.20.
 */
#include "tools/nicsim/xl710/xl710.h"

#include <string.h>

enum {
	GLPRT_GORC = 0x300000,
	GLPRT_PRC64 = 0x300480, /* 64, 127, 255, 511, 1023, 1522, 9522: 0x20 apart */
	GLPRT_UPRC = 0x3005a0,
	GLPRT_MPRC = 0x3005c0,
	GLPRT_BPRC = 0x3005e0,
	GLPRT_GOTC = 0x300680,
	GLPRT_PTC64 = 0x3006a0,
	GLPRT_UPTC = 0x3009c0,
	GLPRT_MPTC = 0x3009e0,
	GLPRT_BPTC = 0x300a00,
	GLV_GOTC = 0x328000,
	GLV_UPTC = 0x33c000,
	GLV_MPTC = 0x33cc00,
	GLV_BPTC = 0x33d800,
	GLV_GORC = 0x358000,
	GLV_UPRC = 0x36c000,
	GLV_MPRC = 0x36cc00,
	GLV_BPRC = 0x36d800,
	FCS = 4,
};

/* Low register at `off`, 16 bits of the high one behind it. */
static void count48(struct xl710 *x, u32 off, u64 n)
{
	u64 v = ((u64)XR(x, off + 4) << 32 | XR(x, off)) + n;

	XR(x, off) = (u32)v;
	XR(x, off + 4) = (u32)(v >> 32) & 0xffff;
}

void xl710_count(struct xl710 *x, u32 off, u64 n)
{
	XR(x, off) += (u32)n;
}

/* Size class with FCS: 64, 65-127, ... */
static u32 size_class(u32 len)
{
	return (nicsim_size_class(len + FCS) + (len + FCS > 1522)) * 0x20;
}

void xl710_stat_port_rx(struct xl710 *x, const u8 *frame, u32 len)
{
	count48(x, GLPRT_GORC, len + FCS);
	count48(x, GLPRT_PRC64 + size_class(len), 1);
	count48(x, nicsim_by_cast(frame, GLPRT_UPRC, GLPRT_MPRC, GLPRT_BPRC), 1);
}

void xl710_stat_port_tx(struct xl710 *x, const u8 *frame, u32 len)
{
	count48(x, GLPRT_GOTC, len + FCS);
	count48(x, GLPRT_PTC64 + size_class(len), 1);
	count48(x, nicsim_by_cast(frame, GLPRT_UPTC, GLPRT_MPTC, GLPRT_BPTC), 1);
}

void xl710_stat_vsi_rx(struct xl710 *x, u16 vsi, const u8 *frame, u32 len)
{
	count48(x, GLV_GORC + xl710_vsi_no(vsi) * 8, len + FCS);
	count48(x, nicsim_by_cast(frame, GLV_UPRC, GLV_MPRC, GLV_BPRC) + xl710_vsi_no(vsi) * 8, 1);
}

void xl710_stat_vsi_tx(struct xl710 *x, u16 vsi, const u8 *frame, u32 len)
{
	count48(x, GLV_GOTC + xl710_vsi_no(vsi) * 8, len);
	count48(x, nicsim_by_cast(frame, GLV_UPTC, GLV_MPTC, GLV_BPTC) + xl710_vsi_no(vsi) * 8, 1);
}
