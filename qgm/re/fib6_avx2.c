// SPDX-License-Identifier: MIT
/* fib6_avx2: the burst lookup with AVX2 and BMI2 (fib6_burst.h). Called only behind cpu_wide(). */
#include <immintrin.h>

#include "qgm/re/fib6_line.h"

static inline u32 search_avx2(const struct f6_line *l, u64 h, bool wide)
{
	__m256i key = _mm256_set1_epi32((s32)(h >> 32 ^ 1u << 31));
	__m256i low = _mm256_cmpgt_epi32(key, _mm256_load_si256((const __m256i *)l));
	__m128i high =
		_mm_cmpgt_epi32(_mm256_castsi256_si128(key), _mm_load_si128(f6_last_ends(l, wide)));
	u32 below = (u32)_mm256_movemask_ps(_mm256_castsi256_ps(low));

	if (!wide)
		below |= (u32)_mm_movemask_ps(_mm_castsi128_ps(high)) << 8;
	return (u32)__builtin_popcount(below);
}

#define F6_SEARCH search_avx2
#include "qgm/re/fib6_burst.h"

void fib6_burst_avx2(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n)
{
	f6_burst(f, dst, nh_id, n);
}
