// SPDX-License-Identifier: MIT
/* fib6_avx512: the burst lookup with AVX-512 BW and VL (fib6_burst.h). Only behind cpu_wide(). */
#include <immintrin.h>

#include "qgm/re/fib6_line.h"

static inline u32 search_avx512(const struct f6_line *l, u64 h)
{
	__m256i key = _mm256_set1_epi16((short)(h >> 48 ^ 0x8000));
	__m256i end = _mm256_load_si256((const __m256i *)l);

	return (u32)__builtin_popcount(_mm256_mask_cmplt_epi16_mask((1u << F6_ENDS) - 1, end, key));
}

#define F6_SEARCH search_avx512
#include "qgm/re/fib6_burst.h"

void fib6_burst_avx512(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n)
{
	f6_burst(f, dst, nh_id, n);
}
