// SPDX-License-Identifier: MIT
/*
 * fib6_line: what the IPv6 table looks like to the cores that read it. Internal to qgm/re/fib6*.
 *
 * All of a table lies in one block of memory, its pool, cut into lines of 64 bytes. A value of 32
 * bits says what to do next:
 *
 *	0             no route here: the default route's next hop
 *	1..32767      next hop
 *	F6_NODE | ..  go on in a node: 2^s range lines that begin at line L (a multiple of 2^s). The
 *	              low 23 bits are 2 L + 2^s, so that the lowest bit set gives s. Bits 25-29 are
 *	              the number of bits of the address used up on the way there, minus 1
 *	F6_DIR | L    go on in a directory of 256 values at line L (in directories and the root
 *only)
 *
 * A node at depth d looks at the 32 bits of the address that begin at bit d. Their first s bits
 * choose the line; the line says by up to 7 borders to which of its up to 8 runs of keys the 32
 * bits belong, and has a value for each run. So one memory access resolves 32 bits, however the
 * prefixes lie. If there are more runs than 8, some blocks of 2^n keys are left to children, which
 * look at the bits behind those that the block's keys have in common.
 *
 *	+-----------------------------------+-----------------------------------+
 *	| s32 end[8]                        | u32 value[8]                      |
 *	+-----------------------------------+-----------------------------------+
 *
 * end[i] is the last key of run i with its top bit turned over (SSE2 and AVX2 have signed compares
 * only); the last run's end and the ends that are not used are ~0. So the number of ends below the
 * key is the number of its run.
 */
#pragma once

#include <emmintrin.h>

#include "libc/include/pix/ip.h"
#include "qgm/re/fib6.h"

enum {
	F6_LINE = 64,
	F6_RUNS = 8,
	F6_BITS = 32, /* that a line looks at */
	F6_DIR_BITS = 8,
	F6_DIR_LEVELS = 3, /* directories begin at bits 0, 8 and 16 */
	F6_DIR_ORDER = 4,  /* 2^4 lines */
	F6_SPLIT_MAX = 8,  /* largest s */
	F6_PLACE = (1 << 23) - 1,
	F6_USED_SHIFT = 25,
};
#define F6_NODE (1u << 31)
#define F6_DIR  (1u << 30)

struct f6_line {
	s32 end[F6_RUNS];
	u32 value[F6_RUNS];
} __cacheline;
_Static_assert(sizeof(struct f6_line) == F6_LINE, "a line is a cache line");

static inline u32 f6_node(u32 line, u32 s, u32 used)
{
	return F6_NODE | (used - 1) << F6_USED_SHIFT | (2 * line + (1u << s));
}

/* Bits used up on the way to the node v. */
static inline u32 f6_used(u32 v)
{
	return (v >> F6_USED_SHIFT & 31) + 1;
}

static inline u32 f6_node_split(u32 v)
{
	return (u32)__builtin_ctz(v | F6_NODE); /* others may ask */
}

static inline u32 f6_node_line(u32 v)
{
	v &= F6_PLACE;
	return (v & (v - 1)) >> 1;
}

static inline u32 f6_dir_line(u32 v)
{
	return v & F6_PLACE;
}

/* 64 bits of the address from bit `depth` on (0..127), zeroes behind its end. */
static inline u64 f6_bits(struct pix_ip a, u32 depth)
{
	if (depth >= 64)
		return a.lo << (depth - 64);
	return a.hi << depth | a.lo >> 1 >> (63 - depth);
}

/* Number of the line of node v for an address whose bits from the node's depth on are h. */
static inline u32 f6_line_of(u32 v, u64 h)
{
	return f6_node_line(v) + (u32)(h >> 1 >> (63 - f6_node_split(v)));
}

/* Number of ends below the key h >> 32. */
static inline u32 f6_search(const struct f6_line *l, u64 h)
{
	__m128i key = _mm_set1_epi32((s32)(h >> 32 ^ 1u << 31));
	__m128i a = _mm_cmpgt_epi32(key, _mm_load_si128((const __m128i *)l));
	__m128i b = _mm_cmpgt_epi32(key, _mm_load_si128((const __m128i *)l + 1));
	u32 below = (u32)_mm_movemask_epi8(_mm_packs_epi32(a, b));

	return (u32)__builtin_ctz(~below) / 2;
}

/* Walk on from value v to the end; depth: of its node. */
static inline u32 f6_walk(const u8 *base, u32 v, struct pix_ip a, u32 depth)
{
	while (v & F6_NODE) {
		u64 h = f6_bits(a, depth);
		const u8 *at = base + (u64)f6_line_of(v, h) * F6_LINE;
		const struct f6_line *l = (const struct f6_line *)at;

		v = l->value[f6_search(l, h)];
		depth += f6_used(v);
	}
	return v;
}

/* Chosen by cpu_wide(); all give the same answers. */
void fib6_burst_sse2(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n);
void fib6_burst_avx2(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n);
void fib6_burst_avx512(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n);
