// SPDX-License-Identifier: MIT
/*
 * fib6_line: what the IPv6 table looks like to the cores that read it. Internal to qgm/re/fib6*.
 *
 * All of a table lies in one block of memory, its pool, cut into lines of 64 bytes. A value of 32
 * bits says what to do next:
 *
 *	0             no route here: the default route's next hop
 *	1..32767      next hop
 *	F6_NODE | ..  go on in a directory (F6_DIR), a line of 8 runs (F6_WIDE) or 2^k lines of 13
 *runs
 *
 *	31   30  29    24  23    22                 0
 *	NODE DIR  used     WIDE  2 L + 2^k
 *
 * `used` is the number of bits of the address used up on the way there since the last node. L is
 * the number of the first line, a multiple of 2^k: the lowest bit set gives k.
 *
 * A directory at depth d is 2^(k + 4) values, chosen by as many bits of the address from bit d on;
 * up to 16 entries side by side may share a line. A line at depth d looks at the 32 bits of the
 * address that begin at bit d; the first k of them choose one of 2^k lines. It says by borders to
 * which of its runs of keys they belong, and has a value for each run. In a narrow line the values
 * are next hops up to 255, and nothing follows; in a wide one they are values as in directories.
 *
 *	+------------------------------------------------+---------------+---+
 *	| s32 end[12]                                    | u8 nh[13]     | - |    narrow
 *	+--------------------------------+---------------+---------------+---+
 *	| s32 end[8]                     | u32 value[8]                      |    wide
 *	+--------------------------------+-----------------------------------+
 *
 * end[i] is the last key of run i with its top bit turned over (SSE2 and AVX2 have signed compares
 * only); the last run's end and the ends that are not used are ~0. So the number of ends below the
 * key is the number of its run.
 *
 * While it is read, an entry, a wide line's value or a narrow line's nh[i] may become another
 * (fib6_patch.h), each by one store: a reader looks at it once. Ends never change. AVX-512 compares
 * all of a line at once, and masks out what are no ends.
 */
#pragma once

#include <emmintrin.h>

#include "libc/include/pix/ip.h"
#include "qgm/atomic.h"
#include "qgm/re/fib6.h"

enum {
	F6_LINE = 64,
	F6_RUNS = 13, /* of a narrow line */
	F6_ENDS = 12,
	F6_WIDE_RUNS = 8,
	F6_NARROW_NH = 255, /* highest next hop in a narrow line */
	F6_BITS = 32,       /* that a line looks at */
	F6_DIR_MIN = 4,     /* bits of a directory: one line of values */
	F6_DIR_MAX = 12,
	F6_SHARE = 4,     /* 2^4 entries at most share a line */
	F6_SPLIT_MAX = 8, /* 2^8 lines at most are one node */
	F6_PLACE = (1 << 23) - 1,
	F6_USED_SHIFT = 24,
	F6_USED_MASK = 63,
};
#define F6_NODE (1u << 31)
#define F6_DIR  (1u << 30)
#define F6_WIDE (1u << 23)

struct f6_line {
	union {
		struct {
			s32 end[F6_ENDS];
			u8 nh[F6_RUNS];
		};
		struct {
			s32 wide_end[F6_WIDE_RUNS];
			u32 value[F6_WIDE_RUNS];
		};
	};
} __cacheline;
_Static_assert(sizeof(struct f6_line) == F6_LINE, "a line is a cache line");

static inline u32 f6_used(u32 v)
{
	return v >> F6_USED_SHIFT & F6_USED_MASK;
}

static inline u32 f6_value_wide(u32 line, u32 used)
{
	return F6_NODE | F6_WIDE | used << F6_USED_SHIFT | (2 * line + 1);
}

static inline u32 f6_value_lines(u32 line, u32 split, u32 used)
{
	return F6_NODE | used << F6_USED_SHIFT | (2 * line + (1u << split));
}

static inline u32 f6_value_dir(u32 line, u32 bits, u32 used)
{
	return F6_NODE | F6_DIR | used << F6_USED_SHIFT | (2 * line + (1u << (bits - F6_DIR_MIN)));
}

/* First line of a node. */
static inline u32 f6_node_line(u32 v)
{
	v &= F6_PLACE;
	return (v & (v - 1)) >> 1;
}

/* Bits that choose a line of the node v. */
static inline u32 f6_split(u32 v)
{
	return (u32)__builtin_ctz(v | F6_NODE); /* others may ask */
}

/* Bits that choose an entry of the directory v. */
static inline u32 f6_dir_bits(u32 v)
{
	return f6_split(v) + F6_DIR_MIN;
}

/* Byte of the pool where the node v has what concerns an address, whose bits from the node's depth
 * on are h: a line, or an entry. */
static inline u32 f6_at_of(u32 v, u64 h)
{
	u32 first = f6_node_line(v) * F6_LINE;

	if (v & F6_DIR)
		return first + (u32)(h >> (64 - f6_dir_bits(v))) * (u32)sizeof(u32);
	return first + (u32)(h >> 1 >> (63 - f6_split(v))) * F6_LINE;
}

/* 64 bits of the address from bit `depth` on (0..127), zeroes behind its end. */
static inline u64 f6_bits(struct pix_ip a, u32 depth)
{
	if (depth >= 64)
		return a.lo << (depth - 64);
	return a.hi << depth | a.lo >> 1 >> (63 - depth);
}

/* The last four ends. A wide line has values there, which may change while they are read: its first
 * four ends instead, which the caller does not count. */
static inline const __m128i *f6_last_ends(const struct f6_line *l, bool wide)
{
	return (const __m128i *)l + (wide ? 0 : 2);
}

/* Number of ends below the key h >> 32, of the first eight or of twelve. */
static inline u32 f6_search(const struct f6_line *l, u64 h, bool wide)
{
	__m128i key = _mm_set1_epi32((s32)(h >> 32 ^ 1u << 31));
	__m128i a = _mm_cmpgt_epi32(key, _mm_load_si128((const __m128i *)l));
	__m128i b = _mm_cmpgt_epi32(key, _mm_load_si128((const __m128i *)l + 1));
	__m128i c = _mm_cmpgt_epi32(key, _mm_load_si128(f6_last_ends(l, wide)));
	u32 below;

	c = wide ? _mm_setzero_si128() : c;
	below = (u32)_mm_movemask_epi8(
		_mm_packs_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, _mm_setzero_si128())));
	return (u32)__builtin_ctz(~below);
}

/* An entry may change at any time (fib6_patch.h). What it leads to was stored before; loads that
 * depend on it come after it on x86, and ThreadSanitizer wants to be told. */
static inline u32 f6_entry(const void *at)
{
#ifdef __SANITIZE_THREAD__
	return load_acquire((const u32 *)at);
#else
	return load_relaxed((const u32 *)at);
#endif
}

/* A narrow line's next hop of run i, which may change as well. */
static inline u32 f6_narrow(const struct f6_line *l, u32 i)
{
	return load_relaxed(&l->nh[i]);
}

/* One step from the node v. */
static inline u32 f6_step(const u8 *base, u32 v, u64 h)
{
	const void *at = base + f6_at_of(v, h);
	const struct f6_line *l = at;

	if (v & F6_DIR)
		return f6_entry(at);
	return v & F6_WIDE ? f6_entry(&l->value[f6_search(l, h, true)])
			   : f6_narrow(l, f6_search(l, h, false));
}

/* Walk on from value v to the end; depth: of the node that had it. */
static inline u32 f6_walk(const u8 *base, u32 v, struct pix_ip a, u32 depth)
{
	while (v & F6_NODE) {
		depth += f6_used(v);
		v = f6_step(base, v, f6_bits(a, depth));
	}
	return v;
}

/* Chosen by cpu_wide(); all give the same answers. */
void fib6_burst_sse2(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n);
void fib6_burst_avx2(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n);
void fib6_burst_avx512(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n);
