// SPDX-License-Identifier: MIT
/*
 * Frames off a receive ring, eight descriptors at a time, as long as all eight are good (behind
 * CPU_AVX2). The queue's QGM.
 */
#include "drivers/net/ring/rx.h"

#include <immintrin.h>

enum { GROUP = RX_RING_GROUP, AHEAD = 32 };

/* What a descriptor's word must say, eight times. */
struct judge {
	__m256i checked, good;
	__m256i len_mask, room; /* lengths, less the shortest */
	__m128i len_shift;
};

/* Words of descriptors at[0], at[2], at[1], at[3]. */
static inline __m256i words(const struct ring_desc *at)
{
	__m256i low = _mm256_loadu_si256((const void *)at);
	__m256i high = _mm256_loadu_si256((const void *)(at + 2));

	return _mm256_unpackhi_epi64(low, high);
}

/* All ones in each of the four that is good; its length in *len. */
static inline __m256i judge(const struct judge *j, __m256i word, __m256i *len)
{
	const __m256i shortest = _mm256_set1_epi64x(RX_RING_SHORTEST);
	__m256i is = _mm256_cmpeq_epi64(_mm256_and_si256(word, j->checked), j->good), over;

	*len = _mm256_and_si256(_mm256_srl_epi64(word, j->len_shift), j->len_mask);
	over = _mm256_sub_epi32(*len, shortest); /* of less: more than any room */
	return _mm256_and_si256(is, _mm256_cmpeq_epi64(_mm256_min_epu32(over, j->room), over));
}

/* The map of the ring's pool, four times. */
struct place {
	__m256i meta, data, ratio;
	__m256i rest; /* of a first half, behind data and length */
};

static inline void fresh(struct packet *pkt, __m256i first)
{
	_mm256_store_si256((void *)pkt, first);
	_mm_store_si128((void *)&pkt->flags, _mm_setzero_si128());
}

/* Packets slot[0..4) out, with lengths in the order of words(). */
static inline void arrive(const struct place *p, struct packet **pkts, struct packet *const *slot,
			  __m256i len)
{
	__m256i pkt = _mm256_loadu_si256((const void *)slot), data, two;

	_mm256_storeu_si256((void *)pkts, pkt);
	data = _mm256_permute4x64_epi64(_mm256_sub_epi64(pkt, p->meta), 0xd8);
	data = _mm256_add_epi64(_mm256_mul_epu32(data, p->ratio), p->data);
	two = _mm256_unpacklo_epi64(data, len);
	fresh(slot[0], _mm256_blend_epi32(two, p->rest, 0xf0));
	fresh(slot[1], _mm256_permute2x128_si256(two, p->rest, 0x31));
	two = _mm256_unpackhi_epi64(data, len);
	fresh(slot[2], _mm256_blend_epi32(two, p->rest, 0xf0));
	fresh(slot[3], _mm256_permute2x128_si256(two, p->rest, 0x31));
}

/* The metadata of frames to come is on its way when its burst is. What is behind the ring's fill
 * may be fetched in vain. */
static inline void fetch(struct packet *const *slot)
{
#pragma GCC unroll 8
	for (u32 i = 0; i < GROUP; i++)
		prefetch_write(slot[i]);
}

u32 rx_ring_collect_avx2(struct rx_ring *q, const struct rx_format *f, struct packet **pkts,
			 u32 max)
{
	const u64 good = f->done | f->last;
	const struct judge j = {
		.checked = _mm256_set1_epi64x((s64)(good | f->errors)),
		.good = _mm256_set1_epi64x((s64)good),
		.len_mask = _mm256_set1_epi64x(f->len_mask),
		.room = _mm256_set1_epi64x(q->room - RX_RING_SHORTEST),
		.len_shift = _mm_cvtsi32_si128((int)f->len_shift),
	};
	const struct pool_map *m = q->map;
	const struct place p = {
		.meta = _mm256_set1_epi64x((s64)m->meta),
		.data = _mm256_set1_epi64x((s64)m->data),
		.ratio = _mm256_set1_epi64x((s64)m->ratio),
		.rest = _mm256_setr_epi64x(0, 0, 0, (s64)((u64)m->id << 56)),
	};
	u32 n = 0;

	for (u32 at = q->next & RING_MASK; n + GROUP <= max; n += GROUP, at += GROUP) {
		struct packet *const *slot;
		const struct ring_desc *desc;
		__m256i first, second, all;

		at = at == RING_SLOTS ? 0 : at;
		if (at > RING_SLOTS - GROUP)
			break;
		desc = &q->desc[at];
		all = judge(&j, words(desc), &first);
		all = _mm256_and_si256(all, judge(&j, words(desc + 4), &second));
		if (_mm256_movemask_epi8(all) != -1)
			break;
		slot = &q->slot[at];
		fetch(&q->slot[MIN((at + AHEAD) & RING_MASK, RING_SLOTS - (u32)GROUP)]);
		arrive(&p, pkts + n, slot, first);
		arrive(&p, pkts + n + 4, slot + 4, second);
	}
	return n;
}
