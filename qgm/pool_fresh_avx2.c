// SPDX-License-Identifier: MIT
/* pool_fresh with two stores a packet (behind CPU_AVX2). */
#include "qgm/pool_fresh.h"

#include <immintrin.h>

_Static_assert(__builtin_offsetof(struct packet, pool) == 31, "last byte of the first half");
_Static_assert(__builtin_offsetof(struct packet, timestamp) == 48, "what is left as it is");

static inline void fresh(const struct pool_lines *p, struct packet *pkt, __m256i rest)
{
	u64 at = p->at + (u64)pkt * p->ratio;
	__m256i first = _mm256_castsi128_si256(_mm_cvtsi64_si128((s64)at));

	_mm256_store_si256((void *)pkt, _mm256_blend_epi32(rest, first, 3));
	_mm_store_si128((void *)&pkt->flags, _mm_setzero_si128());
}

void pool_fresh_avx2(const struct pool_lines *lines, struct packet **pkts,
		     struct packet *const *from, u32 n)
{
	const struct pool_lines p = *lines;
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
