// SPDX-License-Identifier: MIT
/* Buffers into a receive ring, four descriptors at a time (behind CPU_AVX2). The queue's QGM. */
#include "drivers/net/ring/refill.h"

#include <immintrin.h>

enum { GROUP = RX_RING_POST_GROUP };

u32 rx_ring_post_avx2(struct rx_ring *q, u32 at, struct packet *const *pkts, u32 n)
{
	const struct pool_map *m = q->map;
	const __m256i meta = _mm256_set1_epi64x((s64)m->meta);
	const __m256i first = _mm256_set1_epi64x((s64)(m->data + m->delta));
	const __m256i ratio = _mm256_set1_epi64x((s64)m->ratio);
	const __m256i zero = _mm256_setzero_si256();
	struct ring_desc *desc = q->desc + at;
	struct packet **slot = q->slot + at;
	u32 i = 0;

	for (; i + GROUP <= n; i += GROUP, pkts += GROUP, desc += GROUP, slot += GROUP) {
		__m256i pkt = _mm256_loadu_si256((const void *)pkts), addr;

		_mm256_storeu_si256((void *)slot, pkt);
		addr = _mm256_permute4x64_epi64(_mm256_sub_epi64(pkt, meta), 0xd8); /* 0 2 1 3 */
		addr = _mm256_add_epi64(_mm256_mul_epu32(addr, ratio), first);
		_mm256_storeu_si256((void *)desc, _mm256_unpacklo_epi64(addr, zero));
		_mm256_storeu_si256((void *)(desc + 2), _mm256_unpackhi_epi64(addr, zero));
	}
	return i;
}
