// SPDX-License-Identifier: MIT
/* pool_fresh with two stores a packet (behind CPU_AVX2). */
#include "qgm/pool_fresh.h"

#include <immintrin.h>

_Static_assert(__builtin_offsetof(struct packet, pool) == 31, "last byte of the first half");
_Static_assert(__builtin_offsetof(struct packet, timestamp) == 48, "what is left as it is");

void pool_fresh_avx2(const struct pool_lines *p, struct packet *const *pkts, u32 n)
{
	const u64 meta = p->meta, data = p->data, stride = p->stride;
	const __m256i fresh = _mm256_setr_epi64x(0, 0, 0, (s64)((u64)p->id << 56));

#pragma GCC unroll 4
	for (u32 i = 0; i < n; i++) {
		u64 at = data + ((u64)pkts[i] - meta) / sizeof(struct packet) * stride;
		__m256i first = _mm256_castsi128_si256(_mm_cvtsi64_si128((s64)at));

		first = _mm256_blend_epi32(fresh, first, 3);
		_mm256_store_si256((void *)pkts[i], first);
		_mm_store_si128((void *)&pkts[i]->flags, _mm_setzero_si128());
	}
}
