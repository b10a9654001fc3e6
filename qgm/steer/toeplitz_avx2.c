// SPDX-License-Identifier: MIT
/*
 * toeplitz by carry-less multiplication (behind CPU_AVX2 and CPU_CLMUL). With a word w of the
 * input, its first bit in bit 31, and the key window K, key bit i in bit i, coefficient 31 + r of w
 * times K is the sum of w_b k_(b+r): bit r of the hash, counted from the top. So the products of
 * all words are added, and bits 31..62 reversed.
 */
#include "qgm/steer/toeplitz.h"

#include <immintrin.h>

/* Bits 31..62 of the sum, in reverse. */
static inline u32 finish(__m128i sum)
{
	const __m128i rev = _mm_setr_epi8(0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15);
	const __m128i low = _mm_set1_epi8(15);
	__m128i v = _mm_srli_epi64(sum, 31);
	__m128i lo = _mm_shuffle_epi8(rev, _mm_and_si128(v, low));
	__m128i hi = _mm_shuffle_epi8(rev, _mm_and_si128(_mm_srli_epi16(v, 4), low));

	v = _mm_or_si128(_mm_slli_epi16(lo, 4), hi); /* bits of each byte; then the bytes */
	return __builtin_bswap32((u32)_mm_cvtsi128_si32(v));
}

/* Each 32-bit word to the machine's order. */
static inline __m128i words(const void *p)
{
	const __m128i swap = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);

	return _mm_shuffle_epi8(_mm_loadu_si128(p), swap);
}

void toeplitz_hash4_clmul(const struct toeplitz *t, const struct toeplitz4 *in, u32 *hash, u32 n)
{
	const __m128i k01 = _mm_loadu_si128((const void *)t->window);
	const __m128i k2 = _mm_loadl_epi64((const void *)(t->window + 2));
	const __m128i one = _mm_set1_epi64x(0xffffffff);

	for (u32 i = 0; i < n; i++) {
		__m128i w = words(&in[i]);
		__m128i even = _mm_and_si128(w, one), odd = _mm_srli_epi64(w, 32);
		__m128i sum = _mm_clmulepi64_si128(even, k01, 0x00);

		sum = _mm_xor_si128(sum, _mm_clmulepi64_si128(odd, k01, 0x10));
		sum = _mm_xor_si128(sum, _mm_clmulepi64_si128(even, k2, 0x01));
		hash[i] = finish(sum);
	}
}

/* The products of four words, from word number 4 v on. */
static inline __m128i four(const struct toeplitz *t, const void *p, u32 v)
{
	const __m128i one = _mm_set1_epi64x(0xffffffff);
	__m128i w = words(p), even = _mm_and_si128(w, one), odd = _mm_srli_epi64(w, 32);
	__m128i ke = _mm_loadu_si128((const void *)(t->even + 2 * v));
	__m128i ko = _mm_loadu_si128((const void *)(t->odd + 2 * v));

	return _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(even, ke, 0x00),
					   _mm_clmulepi64_si128(even, ke, 0x11)),
			     _mm_xor_si128(_mm_clmulepi64_si128(odd, ko, 0x00),
					   _mm_clmulepi64_si128(odd, ko, 0x11)));
}

void toeplitz_hash6_clmul(const struct toeplitz *t, const struct toeplitz6 *in, u32 *hash, u32 n)
{
	const __m128i k8 = _mm_loadl_epi64((const void *)(t->window + 8));

	for (u32 i = 0; i < n; i++) {
		u32 ports;
		__m128i sum = _mm_xor_si128(four(t, in[i].src, 0), four(t, in[i].dst, 1));

		__builtin_memcpy(&ports, in[i].ports, sizeof(ports));
		ports = __builtin_bswap32(ports);
		sum = _mm_xor_si128(sum,
				    _mm_clmulepi64_si128(_mm_cvtsi32_si128((int)ports), k8, 0x00));
		hash[i] = finish(sum);
	}
}
