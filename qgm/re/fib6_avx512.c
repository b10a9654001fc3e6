// SPDX-License-Identifier: MIT
/*
 * fib6_avx512: the burst lookup with AVX-512 F, BW, CD, DQ and VL (fib6_line.h has the layout).
 * Called only behind cpu_wide(). Runs on QGM cores.
 *
 * Sixteen addresses go abreast: directories by gathers, the addresses of lines by arithmetic on
 * 16 lanes, the ends of each line by one compare for each address, the values by gathers again.
 * Each part is done for the whole burst before the next, so that the cache misses of one part
 * overlap and no load waits for a store just made. Two levels of lines are done on all lanes: the
 * builder sees to it that few addresses need more. Those are finished one by one.
 */
#include <immintrin.h>

#include "qgm/packet.h"
#include "qgm/re/fib6_line.h"

enum {
	LANES = 16,
	GROUPS = BURST_MAX / LANES,
};

/* Sixteen addresses on their way. */
struct lanes {
	__m512i value;
	__m512i depth;                 /* bits used up */
	u32 offset[LANES] __cacheline; /* of the line that is looked at */
	u32 key[LANES] __cacheline;    /* next 32 bits, the top one turned over: signed compare */
	u64 below[2];                  /* ends below the key: a byte a lane, a bit an end */
};

static inline __m512i set(u32 v)
{
	return _mm512_set1_epi32((int)v);
}

/* The first (word 0) or second words of sixteen addresses. */
static inline void load_words(const struct pix_ip *dst, u32 word, __m512i *a, __m512i *b)
{
	__m512i at = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);

	at = _mm512_add_epi64(at, _mm512_set1_epi64(word));
	*a = _mm512_permutex2var_epi64(_mm512_loadu_si512(dst), at, _mm512_loadu_si512(dst + 4));
	*b = _mm512_permutex2var_epi64(_mm512_loadu_si512(dst + 8), at,
				       _mm512_loadu_si512(dst + 12));
}

/* The upper 32 bits of each of 16 words. */
static inline __m512i upper(__m512i a, __m512i b)
{
	const __m512i odd =
		_mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);

	return _mm512_permutex2var_epi32(a, odd, b);
}

/* The 64 bits behind the first `depth` (0..64) of eight addresses. */
static inline __m512i shift_in(__m512i hi, __m512i lo, __m256i depth)
{
	__m512i d = _mm512_cvtepu32_epi64(depth);

	/* A shift by 64 and more, or by less than 0, gives zero. */
	return _mm512_or_si512(_mm512_sllv_epi64(hi, d),
			       _mm512_srlv_epi64(lo, _mm512_sub_epi64(_mm512_set1_epi64(64), d)));
}

/* The 32 bits behind those that are used up (at most 64). */
static inline __m512i bits_behind(const struct pix_ip *dst, __m512i depth)
{
	__m512i hi[2], lo[2];

	load_words(dst, 0, &hi[0], &hi[1]);
	load_words(dst, 1, &lo[0], &lo[1]);
	return upper(shift_in(hi[0], lo[0], _mm512_castsi512_si256(depth)),
		     shift_in(hi[1], lo[1], _mm512_extracti64x4_epi64(depth, 1)));
}

static inline __mmask16 is_node(__m512i v)
{
	return _mm512_movepi32_mask(v); /* F6_NODE is the top bit */
}

/* Where the lines are; lanes that have ended look at the first line. */
static inline void locate(struct lanes *l, __m512i bits)
{
	__m512i v = l->value;
	__m512i low = _mm512_and_si512(v, _mm512_sub_epi32(_mm512_setzero_si512(), v));
	__m512i bucket = _mm512_srlv_epi32(bits, _mm512_add_epi32(_mm512_lzcnt_epi32(low), set(1)));
	/* 2 L of the low 23 bits, times 32 */
	__m512i line = _mm512_srli_epi32(_mm512_slli_epi32(_mm512_xor_si512(v, low), 9), 4);

	line = _mm512_maskz_add_epi32(is_node(v), line, _mm512_slli_epi32(bucket, 6));
	_mm512_store_si512(l->offset, line);
	_mm512_store_si512(l->key, _mm512_xor_si512(bits, set(1u << 31)));
}

/* Go through the directories to the first line. */
static inline void enter(const struct fib6 *f, const struct pix_ip *dst, struct lanes *l)
{
	const __m512i index = set((1u << F6_DIR_BITS) - 1), step = set(F6_DIR_BITS);
	__m512i a, b, w, v, at;

	load_words(dst, 0, &a, &b);
	w = upper(a, b);
	l->value = set(f->root);
	l->depth = _mm512_setzero_si512();
	if (!(f->root & F6_DIR)) {
		locate(l, w);
		return;
	}
	at = _mm512_add_epi32(_mm512_srli_epi32(w, 32 - F6_DIR_BITS),
			      set(f6_dir_line(f->root) * 16));
	v = _mm512_i32gather_epi32(at, f->base, 4);
	l->depth = step;
	for (u32 level = 1; level < F6_DIR_LEVELS; level++) {
		__mmask16 on = _mm512_test_epi32_mask(v, set(F6_DIR));

		/* A directory's line times 16 is its index in words of 32 bits; the flag goes. */
		at = _mm512_srli_epi32(w, 32 - F6_DIR_BITS * (level + 1));
		at = _mm512_and_si512(at, index);
		at = _mm512_add_epi32(at, _mm512_slli_epi32(v, 4));
		v = _mm512_mask_i32gather_epi32(v, on, at, f->base, 4);
		l->depth = _mm512_mask_add_epi32(l->depth, on, l->depth, step);
	}
	l->value = v;
	/* At most 24 bits are used up: the first words have all that is needed. */
	a = _mm512_sllv_epi64(a, _mm512_cvtepu32_epi64(_mm512_castsi512_si256(l->depth)));
	b = _mm512_sllv_epi64(b, _mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(l->depth, 1)));
	locate(l, upper(a, b));
}

static inline void compare(const u8 *base, struct lanes *l)
{
#pragma GCC unroll 2
	for (u32 half = 0; half < 2; half++) {
		u64 all = 0; /* gathered here: a vector load over 16 small stores would wait for
				them */

#pragma GCC unroll 8
		for (u32 i = 0; i < 8; i++) {
			const __m256i *line = (const __m256i *)(base + l->offset[8 * half + i]);
			__m256i key = _mm256_set1_epi32((s32)l->key[8 * half + i]);

			all |= (u64)_mm256_cmpgt_epi32_mask(key, *line) << 8 * i;
		}
		l->below[half] = all;
	}
}

/* The values of the runs; which lanes have not ended. */
static inline __mmask16 advance(const u8 *base, struct lanes *l)
{
	__m512i below = _mm512_cvtepu8_epi32(_mm_set_epi64x((s64)l->below[1], (s64)l->below[0]));
	__m512i run = _mm512_sub_epi32(set(32), _mm512_lzcnt_epi32(below));
	__m512i at = _mm512_add_epi32(_mm512_load_si512(l->offset), _mm512_slli_epi32(run, 2));
	__m512i v = _mm512_mask_i32gather_epi32(l->value, is_node(l->value), at,
						base + offsetof(struct f6_line, value), 1);
	__m512i used = _mm512_and_si512(_mm512_srli_epi32(v, F6_USED_SHIFT), set(31));

	l->value = v;
	l->depth = _mm512_add_epi32(l->depth, _mm512_add_epi32(used, set(1)));
	return is_node(v);
}

/* Whole groups of 16; compiled apart for two, so that lanes stay in registers. */
static inline __attribute__((always_inline)) void
burst_of(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 groups)
{
	const __m512i lane =
		_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
	u8 depth[BURST_MAX + LANES], who[BURST_MAX + LANES];
	struct lanes l[GROUPS];
	u32 left = 0;

#pragma GCC unroll 2
	for (u32 g = 0; g < groups; g++)
		enter(f, dst + g * LANES, &l[g]);
#pragma GCC unroll 2
	for (u32 g = 0; g < groups; g++)
		compare(f->base, &l[g]);
#pragma GCC unroll 2
	for (u32 g = 0; g < groups; g++) {
		(void)advance(f->base, &l[g]);
		locate(&l[g], bits_behind(dst + g * LANES, l[g].depth));
	}
#pragma GCC unroll 2
	for (u32 g = 0; g < groups; g++)
		compare(f->base, &l[g]);
#pragma GCC unroll 2
	for (u32 g = 0; g < groups; g++) {
		__mmask16 on = advance(f->base, &l[g]);
		__mmask16 none = _mm512_testn_epi32_mask(l[g].value, l[g].value);
		__m512i me = _mm512_add_epi32(lane, set(g * LANES));

		_mm512_storeu_si512(nh_id + g * LANES,
				    _mm512_mask_mov_epi32(l[g].value, none, set(f->fallback)));
		if (!on)
			continue;
		me = _mm512_maskz_compress_epi32(on, me);
		_mm_storeu_si128((void *)(who + left), _mm512_cvtepi32_epi8(me));
		me = _mm512_maskz_compress_epi32(on, l[g].depth);
		_mm_storeu_si128((void *)(depth + left), _mm512_cvtepi32_epi8(me));
		left += (u32)__builtin_popcount(on);
	}
	for (u32 k = 0; k < left; k++) {
		u32 i = who[k], v = f6_walk(f->base, nh_id[i], dst[i], depth[k]);

		nh_id[i] = v ? v : f->fallback;
	}
}

static __attribute__((noinline)) void burst_two(const struct fib6 *f, const struct pix_ip *dst,
						u32 *nh_id)
{
	burst_of(f, dst, nh_id, 2);
}

static void burst(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 groups)
{
	if (groups == 2)
		burst_two(f, dst, nh_id);
	else
		burst_of(f, dst, nh_id, groups);
}

void fib6_burst_avx512(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n)
{
	struct pix_ip rest[LANES] = { { 0 } };
	u32 nh[LANES], tail = n % LANES;

	if (!f->root || n < 4) {
		fib6_burst_avx2(f, dst, nh_id, n);
		return;
	}
	n -= tail;
	for (u32 i = 0; i < n; i += BURST_MAX)
		burst(f, dst + i, nh_id + i, MIN(n - i, (u32)BURST_MAX) / LANES);
	if (tail) {
		__builtin_memcpy(rest, dst + n, tail * sizeof(*rest));
		burst(f, rest, nh, 1);
		__builtin_memcpy(nh_id + n, nh, tail * sizeof(*nh));
	}
}
