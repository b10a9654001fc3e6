// SPDX-License-Identifier: MIT
/* receive_plain with two headers a register (behind CPU_AVX2). */
#include "qgm/receive.h"

#include <immintrin.h>

#include "qgm/vlan.h"

/* What was seen in any header, by bits or by words of all ones. */
struct seen {
	__m256i bits;      /* or of the headers, in the order of ORDER */
	__m256i no_source; /* quads 1, 3 */
	__m256i tag;       /* words 7, 15 */
};

/* Destination in the low half; source and type, as they follow each other, in the upper one. */
static inline void look(struct seen *s, __m128i a, __m128i b)
{
	const __m256i order = _mm256_broadcastsi128_si256(
		_mm_setr_epi8(0, 1, 2, 3, 4, 5, -1, -1, 6, 7, 8, 9, 10, 11, 12, 13));
	const __m256i tag_c = _mm256_set1_epi16((s16)__builtin_bswap16(VLAN_TPID_C));
	const __m256i tag_s = _mm256_set1_epi16((s16)__builtin_bswap16(VLAN_TPID_S));
	__m256i h = _mm256_inserti128_si256(_mm256_castsi128_si256(a), b, 1);
	__m256i source;

	h = _mm256_shuffle_epi8(h, order);
	source = _mm256_slli_epi64(h, 16);
	s->bits = _mm256_or_si256(s->bits, h);
	s->no_source =
		_mm256_or_si256(s->no_source, _mm256_cmpeq_epi64(source, _mm256_setzero_si256()));
	s->tag = _mm256_or_si256(s->tag, _mm256_or_si256(_mm256_cmpeq_epi16(h, tag_c),
							 _mm256_cmpeq_epi16(h, tag_s)));
}

/* Group bits of both addresses, sources of zeroes, tags. */
static inline bool odd(const struct seen *s)
{
	const __m256i group = _mm256_set1_epi64x(1);
	const __m256i upper = _mm256_setr_epi64x(0, -1, 0, -1);
	const __m256i type =
		_mm256_setr_epi64x(0, (s64)(0xffffull << 48), 0, (s64)(0xffffull << 48));
	__m256i any = _mm256_or_si256(_mm256_and_si256(s->bits, group),
				      _mm256_or_si256(_mm256_and_si256(s->no_source, upper),
						      _mm256_and_si256(s->tag, type)));

	return !_mm256_testz_si256(any, any);
}

/* 16 bytes: a buffer is longer than any header. */
static inline __m128i header(const struct packet *p)
{
	return _mm_loadu_si128((const void *)p->data);
}

bool receive_plain_avx2(const struct receive_mark *m, struct packet *const *p, u32 n, u64 *bytes)
{
	u64 word = receive_word(m), now = m->now, sum = 0;
	struct seen seen = { _mm256_setzero_si256(), _mm256_setzero_si256(),
			     _mm256_setzero_si256() };
	s64 shorts = 0;
	size_t i = 0;

	for (; i + 4 <= n; i += 4) {
		look(&seen, header(p[i]), header(p[i + 1]));
		look(&seen, header(p[i + 2]), header(p[i + 3]));
		receive_one(p[i], word, now, &sum, &shorts);
		receive_one(p[i + 1], word, now, &sum, &shorts);
		receive_one(p[i + 2], word, now, &sum, &shorts);
		receive_one(p[i + 3], word, now, &sum, &shorts);
	}
	for (; i < n; i++) {
		look(&seen, header(p[i]), header(p[i]));
		receive_one(p[i], word, now, &sum, &shorts);
	}
	receive_vrf(m, p, n);
	*bytes = sum;
	return !odd(&seen) && shorts >= 0;
}
