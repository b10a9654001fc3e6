// SPDX-License-Identifier: MIT
/*
 * fib_avx512: 32 destinations at a time with gathers (layout: fib_layout.h). QGM cores.
 *
 * A gather must get its registers' old content as zeroes: it merges, and so would wait for the one
 * before it to end (a factor of two here).
 */
#include <immintrin.h>

#include "qgm/re/fib_path.h"

#define FIB_POPCOUNT(x) ((u32)__builtin_popcountll(x))

#include "qgm/re/fib_walk.h"

enum { LANES = 16 };

static inline __m512i get(const void *base, __m512i index, __mmask16 m, const int scale)
{
	if (scale == 4)
		return _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), m, index, base, 4);
	return _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), m, index, base, 1);
}

/* Where the byte of each destination lies, from its entry. */
static inline __m512i place(__m512i dst, __m512i entry)
{
	__m512i v = _mm512_and_si512(_mm512_srli_epi32(dst, 8), _mm512_set1_epi32(63));
	__m512i shift = _mm512_and_si512(entry, _mm512_set1_epi32(FIB_SHIFT_MASK));

	return _mm512_add_epi32(_mm512_srli_epi32(entry, FIB_SHIFT_BITS),
				_mm512_srlv_epi32(v, shift));
}

/* The byte alone, by a load of 4 bytes within 4 bytes, so that none crosses into the next line. */
static inline __m512i leaf(const u8 *recs, __m512i at, __mmask16 m)
{
	__m512i word = get(recs, _mm512_srli_epi32(at, 2), m, 4);
	__m512i bits = _mm512_slli_epi32(_mm512_and_si512(at, _mm512_set1_epi32(3)), 3);

	return _mm512_and_si512(_mm512_srlv_epi32(word, bits), _mm512_set1_epi32(255));
}

/* Two halves: that is how they are stored (fast_avx512.c), and only so can they be had from the
 * store buffer. */
static inline __m512i sixteen(const u32 *dst)
{
	__m512i low = _mm512_castsi256_si512(_mm256_loadu_si256((const void *)dst));

	return _mm512_inserti64x4(low, _mm256_loadu_si256((const void *)(dst + LANES / 2)), 1);
}

void fib_burst_avx512(const struct fib *f, const u32 *dst, u32 *nh_id, u32 n)
{
	const __m512i escape = _mm512_set1_epi32(FIB_ESCAPE);
	const __mmask16 all = 0xffff;
	__mmask16 again = 0;
	u32 i = 0;

	if (f->bits == FIB_BITS_SMALL) {
		walk_burst_small(f, dst, nh_id, n);
		return;
	}
	for (; i + 2 * LANES <= n; i += 2 * LANES) {
		__m512i a = sixteen(dst + i), b = sixteen(dst + i + LANES);
		__m512i x = get(f->dir, _mm512_srli_epi32(a, 14), all, 4);
		__m512i y = get(f->dir, _mm512_srli_epi32(b, 14), all, 4);

		x = leaf(f->recs, place(a, x), all);
		y = leaf(f->recs, place(b, y), all);
		again |= _mm512_cmpeq_epi32_mask(x, escape) | _mm512_cmpeq_epi32_mask(y, escape);
		_mm512_storeu_si512(nh_id + i, x);
		_mm512_storeu_si512(nh_id + i + LANES, y);
	}
	for (; i < n; i += LANES) {
		__mmask16 m = n - i < LANES ? (__mmask16)((1u << (n - i)) - 1) : all;
		__m512i a = _mm512_maskz_loadu_epi32(m, dst + i);
		__m512i x = get(f->dir, _mm512_srli_epi32(a, 14), m, 4);

		x = leaf(f->recs, place(a, x), m);
		again |= _mm512_mask_cmpeq_epi32_mask(m, x, escape);
		_mm512_mask_storeu_epi32(nh_id + i, m, x);
	}
	if (unlikely(again))
		walk_burst_wide(f, dst, nh_id, n);
}
