// SPDX-License-Identifier: MIT
/*
 * toeplitz by VPCLMULQDQ, four 128-bit lanes at a time (behind CPU_VPCLMUL): four IPv4 flows or
 * two IPv6 flows a step. The arithmetic is that of toeplitz_avx2.c.
 */
#include "qgm/steer/toeplitz.h"

#include <immintrin.h>

static inline __m512i swap_words(__m512i v)
{
	const __m512i swap = _mm512_broadcast_i32x4(
		_mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));

	return _mm512_shuffle_epi8(v, swap);
}

/* Bits 31..62 of the low half of each lane, in reverse, in dword 0 of the lane. */
static inline __m512i finish(__m512i sum)
{
	const __m512i rev = _mm512_broadcast_i32x4(
		_mm_setr_epi8(0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15));
	const __m512i bytes = _mm512_broadcast_i32x4(
		_mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
	const __m512i low = _mm512_set1_epi8(15);
	__m512i v = _mm512_shuffle_epi8(_mm512_srli_epi64(sum, 31), bytes);
	__m512i lo = _mm512_shuffle_epi8(rev, _mm512_and_si512(v, low));
	__m512i hi = _mm512_shuffle_epi8(rev, _mm512_and_si512(_mm512_srli_epi16(v, 4), low));

	return _mm512_or_si512(_mm512_slli_epi16(lo, 4), hi);
}

/* Sums of the four flows whose tuples are the lanes of w. */
static inline __m512i sum4(__m512i w, __m512i k01, __m512i k2)
{
	__m512i even = _mm512_and_si512(w, _mm512_set1_epi64(0xffffffff));
	__m512i odd = _mm512_srli_epi64(w, 32);

	return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(even, k01, 0x00),
					 _mm512_clmulepi64_epi128(odd, k01, 0x10),
					 _mm512_clmulepi64_epi128(even, k2, 0x01), 0x96);
}

void toeplitz_hash4_vpclmul(const struct toeplitz *t, const struct toeplitz4 *in, u32 *hash, u32 n)
{
	const __m512i k01 = _mm512_broadcast_i64x2(_mm_loadu_si128((const void *)t->window));
	const __m512i k2 = _mm512_broadcast_i64x2(_mm_loadl_epi64((const void *)(t->window + 2)));
	/* Two steps give eight hashes in 16 dwords: dword 0 of each lane. */
	const __m512i pick = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 0, 0, 0, 0, 0, 0, 0, 0);
	u32 i = 0;

	for (; i + 8 <= n; i += 8) {
		__m512i a = swap_words(_mm512_loadu_si512(&in[i]));
		__m512i b = swap_words(_mm512_loadu_si512(&in[i + 4]));
		__m512i h = _mm512_permutex2var_epi32(finish(sum4(a, k01, k2)), pick,
						      finish(sum4(b, k01, k2)));

		_mm256_storeu_si256((void *)(hash + i), _mm512_castsi512_si256(h));
	}
	for (; i < n; i += 4) { /* the rest: lanes that are there, and no more */
		u32 left = MIN(n - i, 4u);
		__mmask8 lanes = (__mmask8)((1u << 2 * left) - 1);
		__m512i a = swap_words(_mm512_maskz_loadu_epi64(lanes, &in[i]));
		__m512i h = _mm512_permutexvar_epi32(pick, finish(sum4(a, k01, k2)));

		_mm512_mask_storeu_epi32(hash + i, (__mmask16)((1u << left) - 1), h);
	}
}

/* Products of the eight words in each pair of lanes; the pairs are still to be added. */
static inline __m512i sum_addresses(__m512i w, __m512i ke, __m512i ko)
{
	__m512i even = _mm512_and_si512(w, _mm512_set1_epi64(0xffffffff));
	__m512i odd = _mm512_srli_epi64(w, 32);
	__m512i a = _mm512_xor_si512(_mm512_clmulepi64_epi128(even, ke, 0x00),
				     _mm512_clmulepi64_epi128(even, ke, 0x11));

	return _mm512_ternarylogic_epi64(a, _mm512_clmulepi64_epi128(odd, ko, 0x00),
					 _mm512_clmulepi64_epi128(odd, ko, 0x11), 0x96);
}

void toeplitz_hash6_vpclmul(const struct toeplitz *t, const struct toeplitz6 *in, u32 *hash, u32 n)
{
	const __m512i ke = _mm512_broadcast_i64x4(_mm256_loadu_si256((const void *)t->even));
	const __m512i ko = _mm512_broadcast_i64x4(_mm256_loadu_si256((const void *)t->odd));
	const __m512i k8 = _mm512_broadcast_i64x2(_mm_loadl_epi64((const void *)(t->window + 8)));
	const __m512i pick = _mm512_setr_epi32(0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	u32 i = 0;

	for (; i + 2 <= n; i += 2) {
		__m512i w = _mm512_inserti64x4(
			_mm512_castsi256_si512(_mm256_loadu_si256((const void *)in[i].src)),
			_mm256_loadu_si256((const void *)in[i + 1].src), 1);
		__m512i p = _mm512_inserti64x4(
			_mm512_castsi256_si512(
				_mm256_castsi128_si256(_mm_loadu_si32((const void *)in[i].ports))),
			_mm256_castsi128_si256(_mm_loadu_si32((const void *)in[i + 1].ports)), 1);
		__m512i sum = sum_addresses(swap_words(w), ke, ko);
		__m512i h;

		/* The ports' product into the first lane of each pair; the second lane is added. */
		p = _mm512_maskz_mov_epi64(0x11, swap_words(p));
		sum = _mm512_xor_si512(sum, _mm512_clmulepi64_epi128(p, k8, 0x00));
		sum = _mm512_xor_si512(sum, _mm512_shuffle_i64x2(sum, sum, 0xb1));
		h = _mm512_permutexvar_epi32(pick, finish(sum));
		_mm_storel_epi64((void *)(hash + i), _mm512_castsi512_si128(h));
	}
	if (i < n)
		toeplitz_hash6_clmul(t, in + i, hash + i, n - i);
}
