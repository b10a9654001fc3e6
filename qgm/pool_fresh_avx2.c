// SPDX-License-Identifier: MIT
/* pool_fresh with two stores a packet, and what comes back, four at a time (behind CPU_AVX2). */
#include "qgm/pool_fresh.h"

#include <immintrin.h>

_Static_assert(__builtin_offsetof(struct packet, pool) == 31, "last byte of the first half");
_Static_assert(__builtin_offsetof(struct packet, timestamp) == 48, "what is left as it is");

static inline void fresh(const struct pool_map *p, struct packet *pkt, __m256i rest)
{
	u64 at = p->at + (u64)pkt * p->ratio;
	__m256i first = _mm256_castsi128_si256(_mm_cvtsi64_si128((s64)at));

	_mm256_store_si256((void *)pkt, _mm256_blend_epi32(rest, first, 3));
	_mm_store_si128((void *)&pkt->flags, _mm_setzero_si128());
}

void pool_fresh_avx2(const struct pool_map *lines, struct packet **pkts, struct packet *const *from,
		     u32 n)
{
	const struct pool_map p = *lines;
	const __m256i rest = _mm256_setr_epi64x(0, 0, 0, (s64)((u64)p.id << 56));
	size_t i = n;

	for (; i >= 4; i -= 4, pkts += 4) {
		__m256i four = _mm256_loadu_si256((const void *)(from + i - 4));

		fresh(&p, from[i - 1], rest);
		fresh(&p, from[i - 2], rest);
		fresh(&p, from[i - 3], rest);
		fresh(&p, from[i - 4], rest);
		_mm256_storeu_si256((void *)pkts, _mm256_permute4x64_epi64(four, 0x1b));
	}
	for (; i; i--) {
		fresh(&p, from[i - 1], rest);
		*pkts++ = from[i - 1];
	}
}

/* Signed, each line's number and how many follow it: not negative for one of the pool. An address
 * between two lines has its low bits on top after the rotation. */
static inline __m256i wrong_line(__m256i pkt, __m256i meta, __m256i last)
{
	__m256i off = _mm256_sub_epi64(pkt, meta);
	__m256i line = _mm256_or_si256(_mm256_srli_epi64(off, 6), _mm256_slli_epi64(off, 58));

	return _mm256_or_si256(line, _mm256_sub_epi64(last, line));
}

bool pool_lines_avx2(struct packet **to, struct packet *const *from, u32 n, u64 meta, u64 count)
{
	const __m256i first = _mm256_set1_epi64x((s64)meta);
	const __m256i last = _mm256_set1_epi64x((s64)count - 1);
	size_t end = n - 4, i = 0;
	/* The last four may overlap those before. */
	__m256i v = _mm256_loadu_si256((const void *)(from + end));
	__m256i wrong = wrong_line(v, first, last);

	_mm256_storeu_si256((void *)(to + end), v);
	for (; i < end; i += 4) {
		v = _mm256_loadu_si256((const void *)(from + i));
		wrong = _mm256_or_si256(wrong, wrong_line(v, first, last));
		_mm256_storeu_si256((void *)(to + i), v);
	}
	return !_mm256_movemask_pd(_mm256_castsi256_pd(wrong));
}
