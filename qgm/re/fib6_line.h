// SPDX-License-Identifier: MIT
/*
 * fib6_line: what the IPv6 table looks like to the cores that read it. Internal to qgm/re/fib6*.
 *
 * All of a table lies in one block of memory, its pool, cut into lines of 64 bytes. A value says
 * what to do next:
 *
 *	0            no route here: the default route's next hop
 *	1..32767     next hop
 *	F6_NODE | p  go on in a node: 2^s range lines that begin at line L (a multiple of 2^s),
 *where p = 2 L + 2^s: the lowest bit set gives s F6_DIR | L   go on in a directory of 256 values of
 *32 bits at line L (in directories and the root only)
 *
 * A node at depth d looks at the 16 bits of the address that begin at bit d. Their first s bits
 * choose the line; the line says by up to 12 borders to which of its up to 13 runs of keys the 16
 * bits belong, and has a value for each run. So one memory access resolves 16 bits, however the
 * prefixes lie. A run that goes on in a child has the width of one position of `shift` bits; the
 * child begins at depth d + shift. `shift` is of the builder's choice, line by line: 16 if the line
 * holds all runs that there are, else as many bits as it can tell apart.
 *
 *	+---------------------------+----------------------------------------+---------+
 *	| s16 end[12]               | u8 value[13][3]                        | u8 shift|
 *	+---------------------------+----------------------------------------+---------+
 *
 * end[i] is the last key of run i with its top bit turned over (SSE2 has signed compares only);
 * the last run's end and the ends that are not used are 0xffff. So the number of ends below the key
 * is the number of its run.
 */
#pragma once

#include <emmintrin.h>

#include "libc/include/pix/ip.h"
#include "qgm/re/fib6.h"

enum {
	F6_LINE = 64,
	F6_ENDS = 12,
	F6_RUNS = 13,
	F6_NODE = 1 << 23,
	F6_VALUE = (1 << 24) - 1,
	F6_DIR_BITS = 8,
	F6_DIR_LEVELS = 3, /* directories begin at bits 0, 8 and 16 */
	F6_DIR_ORDER = 4,  /* 2^4 lines */
	F6_SPLIT_MAX = 6,  /* largest s */
};
#define F6_DIR (1u << 31)

struct f6_line {
	s16 end[F6_ENDS];
	u8 value[F6_RUNS * 3];
	u8 shift;
};
_Static_assert(sizeof(struct f6_line) == F6_LINE, "a line is a cache line");

static inline u32 f6_node(u32 line, u32 s)
{
	return F6_NODE | (2 * line + (1u << s));
}

static inline u32 f6_node_split(u32 v)
{
	return (u32)__builtin_ctz(v | F6_NODE); /* only a node has the bit; others may ask */
}

static inline u32 f6_node_line(u32 v)
{
	v &= F6_NODE - 1;
	return (v & (v - 1)) >> 1;
}

static inline u32 f6_dir_line(u32 v)
{
	return v & ~F6_DIR;
}

/* The last value's four bytes end with the line. */
static inline u32 f6_value(const struct f6_line *l, u32 run)
{
	u32 v;

	__builtin_memcpy(&v, &l->value[3 * run], sizeof(v));
	return v & F6_VALUE;
}

/* 64 bits of the address from bit `depth` on (0..127), zeroes behind its end. */
static inline u64 f6_bits(struct pix_ip a, u32 depth)
{
	if (depth >= 64)
		return a.lo << (depth - 64);
	return a.hi << depth | a.lo >> 1 >> (63 - depth);
}

/* The line of the node v for an address whose bits from the node's depth on are h. */
static inline const struct f6_line *f6_line_of(const u8 *base, u32 v, u64 h)
{
	u64 bucket = h >> 1 >> (63 - f6_node_split(v));

	return (const struct f6_line *)(base + ((u64)f6_node_line(v) + bucket) * F6_LINE);
}

/* Number of ends below the key h >> 48. */
static inline u32 f6_search(const struct f6_line *l, u64 h)
{
	__m128i key = _mm_set1_epi16((short)(h >> 48 ^ 0x8000));
	__m128i a = _mm_cmpgt_epi16(key, _mm_load_si128((const __m128i *)l));
	__m128i b = _mm_cmpgt_epi16(key, _mm_load_si128((const __m128i *)l + 1));
	u32 below = (u32)_mm_movemask_epi8(_mm_packs_epi16(a, b));

	return (u32)__builtin_ctz(~below | 1u << F6_ENDS);
}

/* Walk on from value v at `depth` to the end. */
static inline u32 f6_walk(const u8 *base, u32 v, struct pix_ip a, u32 depth)
{
	while (v & F6_NODE) {
		u64 h = f6_bits(a, depth);
		const struct f6_line *l = f6_line_of(base, v, h);

		v = f6_value(l, f6_search(l, h));
		depth += l->shift;
	}
	return v;
}

/* Chosen by cpu_wide(); all give the same answers. */
void fib6_burst_sse2(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n);
void fib6_burst_avx2(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n);
void fib6_burst_avx512(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n);
