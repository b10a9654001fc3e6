// SPDX-License-Identifier: MIT
/*
 * fib_layout: what lies behind the direct array of a FIB (fib.h), for the code that looks up
 * (fib_walk.h) and the code that builds (fib_build.c). Read by QGMs, written once by the generic
 * side. Everything is found by a byte offset, a multiple of 4, below 2 GiB, into the FIB's pool.
 *
 * 18 direct bits: an entry is the offset of the /18's record. Bit v of `bits` is set where /24
 * number v has another next hop than number v + 1; runs are stored from the last to the first, so
 * that the run of v is number popcount(bits >> v).
 *
 *	narrow record  u64 bits, u8 leaf[runs]                 at most one line up to 56 runs
 *	wide record    u8, u64 0, u8 255, 6 bytes, u64 bits, u32 leaf[runs]
 *
 * A narrow record holds next hops below 255. Where a /18 has larger ones or prefixes longer than 24
 * bits, its record is wide and bit 0 of its entry is set (FIB_WIDE): from the odd byte on it looks
 * like a narrow one whose only leaf is 255, so that the loop over a burst has no case for it; it
 * only gathers the bits 0 of the entries, and the few destinations that got 255 are looked up once
 * more. A /18 with one next hop nh below 255 has the shared record at offset 16 * nh.
 *
 * A leaf of 32 bits is a next-hop id, or with FIB_CHILD the offset of a node of the next 8 bits:
 *
 *	node           u64 bits[4], u8 above[4], u16 cover, u16 runs, u32 leaf[runs]
 *
 * run of v = popcount(bits[v / 64] >> v % 64) + above[v / 64]; `cover` is what the node was built
 * over. 8 direct bits: an entry is a leaf of 32 bits, nodes follow at 8, 16 and 24 bits.
 *
 * The idea of runs and population counts: H. Asai, Y. Ohara, "Poptrie", SIGCOMM 2015.
 */
#pragma once

#include "qgm/compiler.h"

enum {
	FIB_ESCAPE = 255,
	FIB_REC_HEAD = 8,
	FIB_WIDE_BITS = 16,
	FIB_WIDE_LEAF = 24,
	FIB_NODE_ABOVE = 32,
	FIB_NODE_COVER = 36,
	FIB_NODE_RUNS = 38,
	FIB_NODE_LEAF = 40,
	FIB_SHARED = 16,                            /* bytes from one shared record to the next */
	FIB_SHARED_BYTES = FIB_ESCAPE * FIB_SHARED, /* ... at the start of the pool */
};

#define FIB_CHILD 0x80000000u
#define FIB_WIDE  1u

/* Any alignment. */
static inline u64 fib_load64(const u8 *p)
{
	u64 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static inline u32 fib_load32(const u8 *p)
{
	u32 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static inline u16 fib_load16(const u8 *p)
{
	u16 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

/* Population count without the instruction. */
static inline u32 fib_popcount(u64 x)
{
	x -= x >> 1 & 0x5555555555555555ull;
	x = (x & 0x3333333333333333ull) + (x >> 2 & 0x3333333333333333ull);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return (u32)(x * 0x0101010101010101ull >> 56);
}
