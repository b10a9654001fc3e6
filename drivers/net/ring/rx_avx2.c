// SPDX-License-Identifier: MIT
/*
 * Frames off a receive ring, eight descriptors at a time, as long as all eight are good (behind
 * CPU_AVX2). The queue's QGM.
 */
#include "drivers/net/ring/rx.h"

#include <immintrin.h>

enum { GROUP = RX_RING_GROUP };

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

static inline void set_lengths(struct packet *const *pkt, __m256i len)
{
	__m128i low = _mm256_castsi256_si128(len), high = _mm256_extracti128_si256(len, 1);

	pkt[0]->len = (u16)_mm_extract_epi16(low, 0);
	pkt[1]->len = (u16)_mm_extract_epi16(high, 0);
	pkt[2]->len = (u16)_mm_extract_epi16(low, 4);
	pkt[3]->len = (u16)_mm_extract_epi16(high, 4);
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
		set_lengths(slot, first);
		set_lengths(slot + 4, second);
		_mm256_storeu_si256((void *)(pkts + n), _mm256_loadu_si256((const void *)slot));
		_mm256_storeu_si256((void *)(pkts + n + 4),
				    _mm256_loadu_si256((const void *)(slot + 4)));
	}
	return n;
}
