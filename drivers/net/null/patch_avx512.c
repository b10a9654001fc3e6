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

/* What frames and metadata lines are made of. */
struct form {
	__m512i line, from; /* template; places() */
	__mmask64 where;
	__m512i meta, data, ratio; /* the pool's map */
	__m512i len, rest;         /* of a line: second quad; what follows it */
	const u8 (*patch)[NULL_PATCH];
};

static inline struct form form_of(const struct null_patches *d, const struct pool_map *m)
{
	return (struct form){
		.line = _mm512_load_si512(d->template),
		.from = places(d->at),
		.where = 0xffffull << d->at,
		.meta = _mm512_set1_epi64((s64)m->meta),
		.data = _mm512_set1_epi64((s64)m->data),
		.ratio = _mm512_set1_epi64((s64)m->ratio),
		.len = _mm512_set1_epi64(d->len),
		.rest = _mm512_setr_epi64(0, (s64)((u64)m->id << 56), 0, 0, 0, 0, 0, 0),
		.patch = d->patch,
	};
}

/* The packet's line, of the k-th of four pairs of data and length; its frame. */
static inline void arrive(const struct form *f, struct packet *pkt, u8 *data, __m512i pairs, s64 k,
			  u32 number)
{
	const __m512i order =
		_mm512_setr_epi64(2 * k, 2 * k + 1, 8, 9, 10, 11, 12, 13); /* pairs, rest */
	__m512i own = _mm512_broadcast_i32x4(_mm_loadu_si128((const void *)f->patch[number]));

	_mm512_store_si512(pkt, _mm512_permutex2var_epi64(pairs, order, f->rest));
	own = _mm512_mask_shuffle_epi8(f->line, f->where, own, f->from);
	_mm512_storeu_si512(data, own);
}

enum { GROUP = 8 };

/* Packets from[7], ..., from[0], with patches from number `next` on, which are there. */
static inline void eight(const struct form *f, struct packet *const *from, struct packet **pkts,
			 u32 next)
{
	const __m512i back = _mm512_setr_epi64(7, 6, 5, 4, 3, 2, 1, 0);
	__m512i pkt = _mm512_permutexvar_epi64(back, _mm512_loadu_si512(from)), data, low, high;
	u8 *at[GROUP] __cacheline;

	_mm512_storeu_si512(pkts, pkt);
	data = _mm512_mul_epu32(_mm512_sub_epi64(pkt, f->meta), f->ratio);
	data = _mm512_add_epi64(data, f->data);
	_mm512_store_si512(at, data);
	low = _mm512_unpacklo_epi64(data, f->len); /* 0, 2, 4, 6 */
	high = _mm512_unpackhi_epi64(data, f->len);
#pragma GCC unroll 4
	for (u32 k = 0; k < GROUP / 2; k++) {
		arrive(f, from[7 - 2 * k], at[2 * k], low, k, next + 2 * k);
		arrive(f, from[6 - 2 * k], at[2 * k + 1], high, k, next + 2 * k + 1);
	}
}

void null_patch_avx512(struct null_patches *d, const struct pool_map *m, struct packet *const *from,
		       struct packet **pkts, u32 n)
{
	const struct form f = form_of(d, m);
	u32 next = d->next, i = 0;

	for (; n - i >= GROUP && d->n - next >= GROUP; i += GROUP) {
		eight(&f, from + n - GROUP - i, pkts + i, next);
		next = next + GROUP == d->n ? 0 : next + GROUP;
	}
	d->next = next;
	if (n - i) /* the last ones, or around the end of the patches */
		null_patch_avx2(d, m, from, pkts + i, n - i);
}
