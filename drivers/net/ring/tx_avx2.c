// SPDX-License-Identifier: MIT
/*
 * Descriptors of frames to send, four at a time, as long as all four are ordinary (behind
 * CPU_AVX2). The queue's QGM.
 */
#include "drivers/net/ring/tx.h"

#include <immintrin.h>

enum { GROUP = TX_RING_GROUP };

_Static_assert(__builtin_offsetof(struct packet, data) == 0, "the first of two words");
_Static_assert(__builtin_offsetof(struct packet, len) == 8, "the low end of the second");

/* First 16 bytes of a and of b. */
static inline __m256i two(const struct packet *a, const struct packet *b)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_load_si128((const void *)a)),
				       _mm_load_si128((const void *)b), 1);
}

u32 tx_ring_fill_avx2(struct tx_ring *q, const struct tx_format *f, struct packet *const *pkts,
		      u32 n)
{
	const __m256i delta = _mm256_set1_epi64x((s64)q->delta);
	const __m256i base = _mm256_set1_epi64x((s64)f->base);
	const __m256i shortest = _mm256_set1_epi64x(PACKET_MIN_FRAME);
	const __m256i range = _mm256_set1_epi64x(q->frame_max - PACKET_MIN_FRAME);
	const __m128i shift = _mm_cvtsi32_si128((int)f->len_shift);
	const __m128i again = _mm_cvtsi32_si128((int)f->len_shift2);
	const u32 pool = q->pool;
	u32 i = 0;

	for (u32 at = q->tail & RING_MASK; i + GROUP <= n; i += GROUP, at += GROUP) {
		struct packet *const *p = pkts + i;
		__m256i a = two(p[0], p[2]), b = two(p[1], p[3]), len, over, word, addr, low, high;
		struct ring_desc *desc;

		at = at == RING_SLOTS ? 0 : at;
		if (at > RING_SLOTS - GROUP)
			break;
		/* 64 bits each, in order. */
		addr = _mm256_add_epi64(_mm256_unpacklo_epi64(a, b), delta);
		len = _mm256_and_si256(_mm256_unpackhi_epi64(a, b), _mm256_set1_epi64x(0xffff));
		over = _mm256_sub_epi32(len, shortest);
		over = _mm256_cmpeq_epi64(_mm256_min_epu32(over, range), over);
		if (_mm256_movemask_epi8(over) != -1 || p[0]->pool != pool || p[1]->pool != pool ||
		    p[2]->pool != pool || p[3]->pool != pool)
			break;
		word = _mm256_or_si256(_mm256_sll_epi64(len, shift), base);
		word = _mm256_or_si256(_mm256_sll_epi64(len, again), word);
		low = _mm256_unpacklo_epi64(addr, word);
		high = _mm256_unpackhi_epi64(addr, word);
		desc = &q->desc[at];
		_mm256_storeu_si256((void *)desc, _mm256_permute2x128_si256(low, high, 0x20));
		_mm256_storeu_si256((void *)(desc + 2), _mm256_permute2x128_si256(low, high, 0x31));
		_mm256_storeu_si256((void *)&q->slot[at], _mm256_loadu_si256((const void *)p));
	}
	return i;
}
