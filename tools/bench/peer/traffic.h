// SPDX-License-Identifier: MIT
/* traffic: frames into received mbufs, in the same steps as our null port (drivers/net/null). */
#pragma once

#include <immintrin.h>
#include <string.h>

#include "tools/bench/peer/peer.h"

/* What the frames of a burst have in common. */
struct peer_frames {
	struct peer_traffic t;
#ifdef __AVX512BW__
	__m512i line, from; /* template; for each byte its place in a patch, modulo 16 */
	__mmask64 where;
#endif
};

static inline struct peer_frames peer_frames(const struct peer_traffic *t)
{
	struct peer_frames f = { .t = *t };

#ifdef __AVX512BW__
	const __m512i lane = _mm512_broadcast_i32x4(
		_mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));

	f.line = _mm512_loadu_si512(t->template);
	f.from = _mm512_and_si512(_mm512_sub_epi8(lane, _mm512_set1_epi8((char)t->at)),
				  _mm512_set1_epi8(15));
	f.where = 0xffffull << t->at;
#endif
	return f;
}

/* Frame number `number` to `data`. */
static inline void peer_generate(const struct peer_frames *f, uint32_t number, uint8_t *data)
{
	const struct peer_traffic *t = &f->t;

#ifdef __AVX512BW__ /* the line in one store (patch_avx512.c) */
	__m512i own = _mm512_broadcast_i32x4(_mm_loadu_si128((const void *)t->patch[number]));

	_mm512_storeu_si512(data, _mm512_mask_shuffle_epi8(f->line, f->where, own, f->from));
#else
	memcpy(data, t->template, 64);
	memcpy(data + t->at, t->patch[number], 16);
#endif
}

/* Of n frames from `next` on so many before the numbers begin again. */
static inline uint32_t peer_run(const struct peer_frames *f, uint32_t next, uint32_t n)
{
	return n < f->t.n - next ? n : f->t.n - next;
}

/* The number after `run` frames from `next` on. */
static inline uint32_t peer_next(const struct peer_frames *f, uint32_t next, uint32_t run)
{
	return next + run == f->t.n ? 0 : next + run;
}
