// SPDX-License-Identifier: MIT
/*
 * fib_layout: what lies behind the direct array of a FIB (fib.h), for the code that looks up
 * (fib_walk.h) and the code that builds (fib_build.c). Read by QGMs, written once by the generic
 * side. Everything is found by a byte offset, below 128 MiB, into the FIB's pool.
 *
 * 18 direct bits: an entry says how the 64 next hops of the /18's /24s are written down: the byte
 * offset of an array << 5 | shift. Where the next hop only changes at multiples of 2^shift, one
 * byte for each such part of the /18 is enough: the byte of /24 number v is array[v >> shift].
 * So an array has 64 >> shift bytes, and lies within a cache line. A /18 with one next hop nh has
 * shift 6 and its byte at offset nh: the first 256 bytes of the pool are 0, 1, 2... 255.
 *
 * Next hops from 255 on and prefixes longer than 24 bits do not fit: the /18 has a wide record
 *
 *	u8 255, 7 bytes, u64 bits, u32 leaf[runs]
 *
 * and bit 4 of its entry is set (FIB_WIDE): the shift is at least 16 then and leads each lookup to
 * the 255, so that the loop over a burst has no case for it; the few destinations that got 255 are
 * looked up once more. Bit v of `bits` is set where /24 number v has another leaf than number v +
 *1; runs are stored from the last to the first, so that the run of v is number popcount(bits >> v).
 *
 * A leaf of 32 bits is a next-hop id, or with FIB_CHILD the offset of a node of the next 8 bits:
 *
 *	node           u64 bits[4], u8 above[4], u16 cover, u16 runs, u32 leaf[runs]
 *
 * run of v = popcount(bits[v / 64] >> v % 64) + above[v / 64]; `cover` is what the node was built
 * over. 8 direct bits: an entry is a leaf of 32 bits, nodes follow at 8, 16 and 24 bits.
 *
 * The idea of runs and population counts: H. Asai, Y. Ohara, "Poptrie", SIGCOMM 2015. What was
 * measured before it became arrays in the first place: docs/decisions/0014.
 */
#pragma once

#include "qgm/compiler.h"

enum {
	FIB_ESCAPE = 255,
	FIB_SHARED_BYTES = 256,
	FIB_SHIFT_BITS = 5, /* of an entry */
	FIB_SHIFT_MASK = 31,
	FIB_UNIFORM = 6,
	FIB_WIDE = 16,
	FIB_WIDE_BITS = 8,
	FIB_WIDE_LEAF = 16,
	FIB_NODE_ABOVE = 32,
	FIB_NODE_COVER = 36,
	FIB_NODE_RUNS = 38,
	FIB_NODE_LEAF = 40,
};

#define FIB_CHILD 0x80000000u
#define FIB_REACH (1u << (32 - FIB_SHIFT_BITS)) /* offsets are below */

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
