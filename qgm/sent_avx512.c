// SPDX-License-Identifier: MIT
/* sent: eight frames at a time (sent.h; behind CPU_AVX512). */
#include "qgm/sent.h"

#include <immintrin.h>

enum { LANES = 8 };

_Static_assert(__builtin_offsetof(struct packet, len) == 8 &&
		       __builtin_offsetof(struct packet, in_port) == 10,
	       "fields() has both");

/* len | in_port << 16 | ... of the lanes `m`. */
static inline __m512i fields(struct packet *const *p, __mmask8 m)
{
	const u64 len = __builtin_offsetof(struct packet, len);

	return _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), m,
					   _mm512_maskz_loadu_epi64(m, p), (const void *)len, 1);
}

bool sent_sum_avx512(struct packet *const *p, u32 n, struct sent_sum *s)
{
	const __m512i port = _mm512_set1_epi64(0xffff0000);
	const __m512i first = _mm512_set1_epi64((s64)p[0]->in_port << 16);
	const __m512i last = _mm512_set1_epi64((s64)p[n - 1]->in_port << 16);
	__m512i bytes = _mm512_setzero_si512();
	u32 other = 0, count = 0;

	for (u32 i = 0; i < n; i += LANES) {
		__mmask8 m = n - i >= LANES ? 0xff : (__mmask8)((1u << (n - i)) - 1);
		__m512i f = fields(p + i, m), from = _mm512_and_si512(f, port);
		u32 a = _mm512_mask_cmpeq_epi64_mask(m, from, first);
		u32 b = _mm512_mask_cmpneq_epi64_mask(m, from, last);

		bytes = _mm512_add_epi64(bytes, _mm512_and_si512(f, _mm512_set1_epi64(0xffff)));
		count += (u32)__builtin_popcount(a);
		other |= b & ~a;
	}
	s->bytes = (u64)_mm512_reduce_add_epi64(bytes);
	s->first = count;
	return !other;
}
