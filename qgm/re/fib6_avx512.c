// SPDX-License-Identifier: MIT
/*
 * fib6_avx512: the burst lookup with AVX-512 F, BW, CD, DQ and VL (fib6_line.h has the layout).
 * Called only behind cpu_wide(). Runs on QGM cores.
 *
 * Sixteen addresses go abreast: directories by gathers, the addresses of lines by arithmetic on
 * 16 lanes, then for each address one compare with all ends of its line and the load of a byte.
 * Each part is done for the whole burst before the next, so that the cache misses of one part
 * overlap. What is left behind four directories and a narrow line, few addresses of a full table,
 * goes on address by address, each step for all of them.
 */
#include <immintrin.h>

#include "qgm/re/fib6_line.h"

static inline u32 search_avx512(const struct f6_line *l, u64 h, bool wide)
{
	__m512i key = _mm512_set1_epi32((s32)(h >> 32 ^ 1u << 31));

	return (u32)__builtin_popcount(
		_mm512_mask_cmpgt_epi32_mask(wide ? 0xff : 0xfff, key, _mm512_load_si512(l)));
}

#define F6_SEARCH search_avx512
#include "qgm/re/fib6_burst.h"

enum {
	LANES = 16,
	GROUPS = 2,
	DIRS = 5, /* levels done on all lanes */
};

/* Sixteen addresses on their way. */
struct lanes {
	__m512i word[3]; /* of 32 bits, the first three */
	__m512i value;
	__m512i depth;                 /* bits used up, that of the node `value` included */
	u32 offset[LANES] __cacheline; /* of the line that is looked at */
	u32 key[LANES] __cacheline;    /* next 32 bits, the top one turned over: signed compare */
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

/* The upper (1) or lower 32 bits of each of 16 words. */
static inline __m512i half(__m512i a, __m512i b, u32 which)
{
	const __m512i even =
		_mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);

	return _mm512_permutex2var_epi32(a, _mm512_add_epi32(even, set(which)), b);
}

static inline void load(struct lanes *l, const struct pix_ip *dst)
{
	__m512i a, b;

	load_words(dst, 0, &a, &b);
	l->word[0] = half(a, b, 1);
	l->word[1] = half(a, b, 0);
	load_words(dst, 1, &a, &b);
	l->word[2] = half(a, b, 1);
}

static inline __mmask16 is_node(__m512i v)
{
	return _mm512_movepi32_mask(v); /* F6_NODE is the top bit */
}

/* The 32 bits behind those that are used up (at most 64). */
static inline __m512i bits_behind(const struct lanes *l)
{
	__mmask16 far = _mm512_cmpge_epu32_mask(l->depth, set(32));
	__m512i a = _mm512_mask_mov_epi32(l->word[0], far, l->word[1]);
	__m512i b = _mm512_mask_mov_epi32(l->word[1], far, l->word[2]);
	__m512i d = _mm512_and_si512(l->depth, set(31));

	/* A shift by 32 gives zero. */
	return _mm512_or_si512(_mm512_sllv_epi32(a, d),
			       _mm512_srlv_epi32(b, _mm512_sub_epi32(set(32), d)));
}

/* Lanes `on` have come to another value: the bits that its node uses up on the way. */
static inline void use(struct lanes *l, __mmask16 on)
{
	__m512i used = _mm512_srli_epi32(l->value, F6_USED_SHIFT);

	used = _mm512_maskz_and_epi32(on & is_node(l->value), used, set(F6_USED_MASK));
	l->depth = _mm512_add_epi32(l->depth, used);
}

/* The entries of the directories that lanes `on` have come to. */
static inline void gather(const u8 *base, struct lanes *l, __mmask16 on)
{
	__m512i v = l->value, bits = bits_behind(l);
	__m512i low = _mm512_and_si512(v, _mm512_sub_epi32(_mm512_setzero_si512(), v));
	/* 2^k: 31 - k; k + 4 bits of 32 are 28 - k from the right */
	__m512i index = _mm512_srlv_epi32(bits, _mm512_sub_epi32(_mm512_lzcnt_epi32(low), set(3)));
	/* 2 L of the low 23 bits, times 8: words of 32 bits */
	__m512i at = _mm512_srli_epi32(_mm512_slli_epi32(_mm512_xor_si512(v, low), 9), 6);

	at = _mm512_add_epi32(at, index);
	l->value = _mm512_mask_i32gather_epi32(v, on, at, base, 4);
	use(l, on);
}

/* Go through the first directory. */
static inline void enter(const struct fib6 *f, struct lanes *l)
{
	__m512i at;

	l->value = set(f->root);
	l->depth = _mm512_setzero_si512();
	if (!(f->root & F6_DIR))
		return;
	at = _mm512_srl_epi32(l->word[0], _mm_cvtsi32_si128((int)(32 - f6_dir_bits(f->root))));
	at = _mm512_add_epi32(at, set(f6_node_line(f->root) * (F6_LINE / 4)));
	l->value = _mm512_i32gather_epi32(at, f->base, 4);
	use(l, 0xffff);
}

/* Lanes whose next 32 bits can be had from three words. */
static inline __mmask16 in_reach(const struct lanes *l)
{
	return is_node(l->value) & _mm512_cmple_epu32_mask(l->depth, set(63));
}

/* Where the lines are; the other lanes look at the first line. Returns which have narrow lines. */
static inline __mmask16 locate(struct lanes *l)
{
	__mmask16 other = _mm512_test_epi32_mask(l->value, set(F6_DIR | F6_WIDE));
	__mmask16 on = in_reach(l) & (__mmask16)~other;
	__m512i v = l->value, bits = bits_behind(l);
	__m512i low = _mm512_and_si512(v, _mm512_sub_epi32(_mm512_setzero_si512(), v));
	__m512i which = _mm512_srlv_epi32(bits, _mm512_add_epi32(_mm512_lzcnt_epi32(low), set(1)));
	/* 2 L of the low 23 bits, times 32 */
	__m512i line = _mm512_srli_epi32(_mm512_slli_epi32(_mm512_xor_si512(v, low), 9), 4);

	line = _mm512_maskz_add_epi32(on, line, _mm512_slli_epi32(which, 6));
	_mm512_store_si512(l->offset, line);
	_mm512_store_si512(l->key, _mm512_xor_si512(bits, set(1u << 31)));
	/* Loads, not shuffles: the compiler would take lanes out of the vectors. */
	__asm__("" : "+m"(l->offset), "+m"(l->key));
	return on;
}

static inline void narrow(const u8 *base, const struct lanes *l, u32 *nh_id)
{
#pragma GCC unroll 16
	for (u32 i = 0; i < LANES; i++) {
		const struct f6_line *line = (const struct f6_line *)(base + l->offset[i]);
		u32 below = _mm512_mask_cmpgt_epi32_mask(0xfff, _mm512_set1_epi32((s32)l->key[i]),
							 _mm512_load_si512(line));

		/* One load, as f6_narrow() is; but the compiler keeps atomic ones in their order,
		 * which costs a burst 5 % of its time. */
		nh_id[i] = line->nh[__builtin_popcount(below)];
	}
}

/* The results that are there; `done`: lanes with narrow lines, whose results are stored. */
static inline void finish(const struct fib6 *f, const struct lanes *l, __mmask16 done, u32 *nh_id)
{
	if (f->fallback) {
		__m512i nh = _mm512_mask_loadu_epi32(l->value, done, nh_id);
		__mmask16 none = _mm512_testn_epi32_mask(nh, nh);

		_mm512_storeu_si512(nh_id, _mm512_mask_mov_epi32(nh, none, set(f->fallback)));
	} else {
		_mm512_mask_storeu_epi32(nh_id, (__mmask16)~done, l->value);
	}
}

/* What is left of a group goes on one by one. */
static u32 go_on(const struct fib6 *f, const struct pix_ip *dst, struct lanes *l, u32 lanes,
		 u32 first, u32 *nh_id, struct f6_at *at)
{
	u32 live = 0;

	_mm512_store_si512(l->key, l->value);
	_mm512_store_si512(l->offset, l->depth);
	for (; lanes; lanes &= lanes - 1) {
		u32 i = (u32)__builtin_ctz(lanes), v = l->key[i];

		live += f6_go(f, v, dst[first + i], l->offset[i] - f6_used(v), first + i, nh_id,
			      &at[live]);
	}
	return live;
}

/* One or two groups of 16; compiled apart for each, so that lanes stay in registers. */
static inline __attribute__((always_inline)) void
burst_of(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 groups)
{
	struct f6_at at[GROUPS * LANES + 1];
	struct lanes l[GROUPS];
	__mmask16 on[GROUPS];
	u32 live = 0;

#pragma GCC unroll 2
	for (u32 g = 0; g < groups; g++) {
		load(&l[g], dst + g * LANES);
		enter(f, &l[g]);
	}
	for (u32 level = 1; level < DIRS; level++) {
		u32 any = 0;

#pragma GCC unroll 2
		for (u32 g = 0; g < groups; g++) {
			on[g] = _mm512_mask_test_epi32_mask(in_reach(&l[g]), l[g].value,
							    set(F6_DIR));
			any |= on[g];
		}
		if (!any)
			break;
#pragma GCC unroll 2
		for (u32 g = 0; g < groups; g++)
			gather(f->base, &l[g], on[g]);
	}
#pragma GCC unroll 2
	for (u32 g = 0; g < groups; g++)
		on[g] = locate(&l[g]);
#pragma GCC unroll 2
	for (u32 g = 0; g < groups; g++)
		narrow(f->base, &l[g], nh_id + g * LANES);
#pragma GCC unroll 2
	for (u32 g = 0; g < groups; g++) {
		u32 left = is_node(l[g].value) & (u32)~on[g];

		finish(f, &l[g], on[g], nh_id + g * LANES);
		if (unlikely(left))
			live += go_on(f, dst, &l[g], left, g * LANES, nh_id, at + live);
	}
	f6_live(f, dst, nh_id, at, live);
}

static __attribute__((noinline)) void burst_two(const struct fib6 *f, const struct pix_ip *dst,
						u32 *nh_id)
{
	burst_of(f, dst, nh_id, 2);
}

static __attribute__((noinline)) void burst_one(const struct fib6 *f, const struct pix_ip *dst,
						u32 *nh_id)
{
	burst_of(f, dst, nh_id, 1);
}

void fib6_burst_avx512(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n)
{
	struct pix_ip rest[LANES] = { { 0 } };
	u32 nh[LANES], i = 0;

	if (!(f->root & F6_NODE) || n < 4) {
		f6_burst(f, dst, nh_id, n);
		return;
	}
	for (; i + 2 * LANES <= n; i += 2 * LANES)
		burst_two(f, dst + i, nh_id + i);
	for (; i + LANES <= n; i += LANES)
		burst_one(f, dst + i, nh_id + i);
	if (i < n) {
		__builtin_memcpy(rest, dst + i, (n - i) * sizeof(*rest));
		burst_one(f, rest, nh);
		__builtin_memcpy(nh_id + i, nh, (n - i) * sizeof(*nh));
	}
}
