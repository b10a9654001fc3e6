// SPDX-License-Identifier: MIT
/*
 * Frames of the null port, a line in one store (patch.h; behind CPU_AVX512). A device writes whole
 * lines as well: a load of 32 bytes that two stores have written between them waits until both have
 * left the store buffer.
 */
#include "drivers/net/null/patch.h"

#include <immintrin.h>

/* For each byte of a line its place in a patch that begins at `at`, modulo 16. */
static inline __m512i places(u16 at)
{
	const __m512i lane = _mm512_broadcast_i32x4(
		_mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));

	return _mm512_and_si512(_mm512_sub_epi8(lane, _mm512_set1_epi8((s8)at)),
				_mm512_set1_epi8(NULL_PATCH - 1));
}

void null_patch_avx512(struct null_patches *d, struct packet *const *pkts, u32 n)
{
	const __m512i line = _mm512_load_si512(d->template), from = places(d->at);
	const __mmask64 where = 0xffffull << d->at;
	const u8(*patch)[NULL_PATCH] = d->patch;
	u32 next = d->next, all = d->n;
	u16 len = d->len;

	for (u32 i = 0; i < n; i++) {
		__m512i own = _mm512_broadcast_i32x4(_mm_loadu_si128((const void *)patch[next]));

		own = _mm512_mask_shuffle_epi8(line, where, own, from);
		_mm512_storeu_si512(pkts[i]->data, own);
		packet_fresh_len(pkts[i], len);
		next = next + 1 == all ? 0 : next + 1;
	}
	d->next = next;
}
