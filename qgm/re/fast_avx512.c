// SPDX-License-Identifier: MIT
/*
 * fast_avx512: headers of eight packets abreast (fast_wide.h). A lane is a packet; headers are
 *loaded by 32 bytes and transposed, so that a register has the same eight bytes of all of them, as
 *they lie in memory (little-endian numbers of big-endian fields). Gathers instead cost twice as
 *much. Offsets are those of an untagged frame: the IP header starts at 14.
 *
 *	bytes	 2..9	of the MAC addresses		10..17	EtherType at 12, first word of IP
 *	IPv4	18..25	id, fragment, TTL, checksum	26..33	source, destination
 *	IPv6	18..25	length, next header, hop limit	22..53	source, destination
 */
#include "qgm/re/fast_wide.h"

#include <immintrin.h>

#define ALWAYS_INLINE inline __attribute__((always_inline))

enum { HEADER = 14, IP4 = 20, IP6 = 40, OWN_SHIFT = 22, OWN6_SHIFT = 54 };

/* A gather merges into its target: zeroes, so that it waits for nobody. */
static ALWAYS_INLINE __m512i gather(__m512i at, u64 offset)
{
	return _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), 0xff, at, (const void *)offset,
					   1);
}

static ALWAYS_INLINE __m512i all(u64 v)
{
	return _mm512_set1_epi64((s64)v);
}

/* bad | ((v ^ want) & mask) */
static ALWAYS_INLINE __m512i differs(__m512i bad, __m512i v, u64 want, u64 mask)
{
	return _mm512_ternarylogic_epi64(bad, _mm512_xor_si512(v, all(want)), all(mask), 0xf8);
}

/* Bytes of each quad; -1 is a zero. */
static ALWAYS_INLINE __m512i pick(__m512i v, u64 order)
{
	const __m512i second = _mm512_set_epi64(0x0808080808080808, 0, 0x0808080808080808, 0,
						0x0808080808080808, 0, 0x0808080808080808, 0);

	return _mm512_shuffle_epi8(v, _mm512_or_si512(all(order), second));
}

static ALWAYS_INLINE __m512i swap64(__m512i v)
{
	return pick(v, 0x0001020304050607);
}

/* Lanes whose bit `h` (0..1023) of the filter is set. */
static ALWAYS_INLINE u32 filtered(const u64 *own, __m512i h)
{
	__m512i word = _mm512_permutex2var_epi64(_mm512_loadu_si512(own), _mm512_srli_epi64(h, 6),
						 _mm512_loadu_si512(own + 8));

	word = _mm512_srlv_epi64(word, _mm512_and_si512(h, all(63)));
	return _mm512_test_epi64_mask(word, all(1));
}

/* Eight packets: len | in_port | in_if | l3_off of each; eight bytes of each frame in a row. */
struct eight {
	__m512i pkt, fields;
	const u8 *data[FAST_LANES];
};

struct rows {
	__m512i q[4];
};

_Static_assert(__builtin_offsetof(struct packet, len) == 8 &&
		       __builtin_offsetof(struct packet, l3_off) == 14,
	       "struct eight");

static ALWAYS_INLINE __m512i two(const u8 *a, const u8 *b)
{
	__m512i low = _mm512_castsi256_si512(_mm256_loadu_si256((const void *)a));

	return _mm512_inserti64x4(low, _mm256_loadu_si256((const void *)b), 1);
}

/* 32 bytes at `at` of the eight frames, transposed. */
static ALWAYS_INLINE struct rows transpose(const struct eight *e, u32 at)
{
	const __m512i lower = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
	const __m512i upper = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
	__m512i a = two(e->data[0] + at, e->data[4] + at),
		b = two(e->data[1] + at, e->data[5] + at);
	__m512i c = two(e->data[2] + at, e->data[6] + at),
		d = two(e->data[3] + at, e->data[7] + at);
	__m512i ab02 = _mm512_unpacklo_epi64(a, b), ab13 = _mm512_unpackhi_epi64(a, b);
	__m512i cd02 = _mm512_unpacklo_epi64(c, d), cd13 = _mm512_unpackhi_epi64(c, d);

	return (struct rows){ { _mm512_permutex2var_epi64(ab02, lower, cd02),
				_mm512_permutex2var_epi64(ab13, lower, cd13),
				_mm512_permutex2var_epi64(ab02, upper, cd02),
				_mm512_permutex2var_epi64(ab13, upper, cd13) } };
}

static ALWAYS_INLINE struct eight load(struct packet *const *p)
{
	struct eight e;

	e.pkt = _mm512_loadu_si512(p);
	e.fields = gather(e.pkt, 8);
#pragma GCC unroll 8
	for (u32 i = 0; i < FAST_LANES; i++)
		e.data[i] = p[i]->data;
	return e;
}

/* All that is the same for both families: no tag, for us, EtherType and version. */
static ALWAYS_INLINE __m512i link_differs(const struct eight *e, const struct rows *r, u64 mac,
					  u64 type, u64 mask)
{
	__m512i bad =
		differs(_mm512_setzero_si512(), e->fields, (u64)HEADER << 48, 0xffffull << 48);
	u32 first = 0;

#pragma GCC unroll 8
	for (u32 i = 0; i < FAST_LANES; i++) {
		u16 v;

		__builtin_memcpy(&v, e->data[i], sizeof(v));
		first |= (u16)(v ^ (u16)(mac >> 16));
	}
	bad = _mm512_or_si512(bad, all(first));
	bad = differs(bad, r->q[0], mac >> 32, 0xffffffff);
	return differs(bad, r->q[1], type << 16, mask << 16);
}

/* Lanes whose packet does not end with its frame; `bad`: behind it. */
static ALWAYS_INLINE u32 ends(const struct eight *e, __m512i end, u32 *bad)
{
	__m512i len = _mm512_and_si512(e->fields, all(0xffff));

	*bad |= _mm512_cmpgt_epu64_mask(end, len);
	return _mm512_cmpneq_epu64_mask(end, len);
}

/* Without the link's padding. */
static __attribute__((noinline)) void trim(struct packet *const *p, __m512i end, u32 lanes)
{
	u64 e[FAST_LANES];

	_mm512_storeu_si512(e, end);
	for (; lanes; lanes &= lanes - 1) {
		u32 i = (u32)__builtin_ctz(lanes);

		p[i]->len = (u16)e[i];
	}
}

/* Packets of the eight and numbers of their keys. */
static ALWAYS_INLINE void take(__m512i pkt, struct packet **to, u8 *of, u32 keys)
{
	u64 numbers = 0x0706050403020100 + keys * 0x0101010101010101;

	_mm512_storeu_si512(to, pkt);
	__builtin_memcpy(of, &numbers, sizeof(numbers));
}

/* First octets 0, 127, 169, 224 and above of source and destination: a bit for each kind, by the
 * upper and by the lower half of the octet. */
static ALWAYS_INLINE u32 odd_octets(__m512i m3)
{
	const __m512i upper = _mm512_broadcast_i32x4(
		_mm_setr_epi8(1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 4, 0, 0, 0, 8, 8));
	const __m512i lower = _mm512_broadcast_i32x4(
		_mm_setr_epi8(9, 8, 8, 8, 8, 8, 8, 8, 8, 12, 8, 8, 8, 8, 8, 10));
	const __m512i nibble = _mm512_set1_epi8(15);
	__m512i lo = _mm512_shuffle_epi8(lower, _mm512_and_si512(m3, nibble));
	__m512i hi = _mm512_shuffle_epi8(upper, _mm512_and_si512(_mm512_srli_epi64(m3, 4), nibble));

	return _mm512_test_epi64_mask(_mm512_and_si512(lo, hi), all(0x000000ff000000ff));
}

/* Lanes whose header does not sum up to 0xffff (RFC 1071): words as 32-bit numbers, folded twice. A
 * multiple of 0xffff that is below 10 * 0xffff is 0xffff after the second fold. */
static ALWAYS_INLINE u32 bad_sums(__m512i m1, __m512i m2, __m512i m3)
{
	const __m512i low = all(0xffffffff), word = all(0xffff);
	__m512i a = _mm512_add_epi64(_mm512_and_si512(m2, low), _mm512_srli_epi64(m2, 32));
	__m512i b = _mm512_add_epi64(_mm512_and_si512(m3, low), _mm512_srli_epi64(m3, 32));
	__m512i s = _mm512_add_epi64(_mm512_add_epi64(a, b), _mm512_srli_epi64(m1, 32));

	s = _mm512_add_epi64(_mm512_and_si512(s, word), _mm512_srli_epi64(s, 16));
	s = _mm512_add_epi64(_mm512_and_si512(s, word), _mm512_srli_epi64(s, 16));
	return _mm512_cmpneq_epu64_mask(s, word);
}

static ALWAYS_INLINE bool eight4(u64 mac, const u64 *own, struct packet *const *p, struct train4 *b)
{
	struct eight e = load(p);
	struct rows r = transpose(&e, 2);
	__m512i m1 = r.q[1], m2 = r.q[2], m3 = r.q[3];
	__m512i bad = link_differs(&e, &r, mac, 0x450008, 0xffffff);
	__m512i total = pick(m1, 0x8080808080800607);
	__m512i end = _mm512_add_epi64(total, all(HEADER));
	__m512i keys = pick(m3, 0x0001020304050607); /* source, destination: host order */
	__m512i hash = _mm512_mul_epu32(_mm512_srli_epi64(keys, 32), all(0x9e3779b1));
	u32 wrong = 0, pads = ends(&e, end, &wrong);

	wrong |= _mm512_cmplt_epu64_mask(total, all(IP4));
	wrong |= _mm512_testn_epi64_mask(m2, all(0xfeull << 32)); /* TTL 0, 1 */
	wrong |= odd_octets(m3) | bad_sums(m1, m2, m3);
	wrong |= filtered(own, _mm512_srli_epi64(_mm512_slli_epi64(hash, 32), 32 + OWN_SHIFT));
	wrong |= _mm512_test_epi64_mask(bad, bad);
	if (unlikely(wrong))
		return false;
	if (unlikely(pads))
		trim(p, end, pads);
	take(e.pkt, b->p + b->n, b->of + b->n, b->keys);
	_mm256_storeu_si256((void *)(b->key + b->keys), _mm512_cvtepi64_epi32(keys));
	return true;
}

u32 fast_wide4(u64 mac, const u64 *own, struct packet *const *p, u32 n, struct train4 *b)
{
	u32 i = 0;

	for (; i + FAST_LANES <= n && likely(eight4(mac, own, p + i, b)); i += FAST_LANES) {
		b->n += FAST_LANES;
		b->keys += FAST_LANES;
	}
	return i;
}

/* Not unicast, of ::/64, link-local or beyond, by the upper half. */
static ALWAYS_INLINE u32 odd_halves(__m512i hi)
{
	return _mm512_cmpge_epu64_mask(_mm512_sub_epi64(hi, all(1)), all((0xfe80ull << 48) - 1));
}

static ALWAYS_INLINE bool eight6(u64 mac, const u64 *own, struct packet *const *p, struct train6 *b)
{
	const __m512i first = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
	const __m512i second = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
	struct eight e = load(p);
	struct rows r = transpose(&e, 2), s = transpose(&e, 22);
	__m512i m2 = r.q[2];
	__m512i src_hi = swap64(s.q[0]), src_lo = swap64(s.q[1]);
	__m512i dst_hi = swap64(s.q[2]), dst_lo = swap64(s.q[3]);
	__m512i bad = link_differs(&e, &r, mac, 0x60dd86, 0xf0ffff);
	__m512i end = _mm512_add_epi64(pick(m2, 0x8080808080800001), all(HEADER + IP6));
	const __m512i k = all(0x9e3779b97f4a7c15);
	__m512i hash =
		_mm512_mullo_epi64(_mm512_xor_si512(_mm512_mullo_epi64(src_hi, k), src_lo), k);
	u32 wrong = 0, pads = ends(&e, end, &wrong);

	wrong |= _mm512_testn_epi64_mask(m2, all(0xffull << 16)); /* hop-by-hop options */
	wrong |= _mm512_testn_epi64_mask(m2, all(0xfeull << 24)); /* hop limit 0, 1 */
	wrong |= odd_halves(src_hi) | odd_halves(dst_hi);
	wrong |= filtered(own, _mm512_srli_epi64(hash, OWN6_SHIFT));
	wrong |= _mm512_test_epi64_mask(bad, bad);
	if (unlikely(wrong))
		return false;
	if (unlikely(pads))
		trim(p, end, pads);
	take(e.pkt, b->p + b->n, b->of + b->n, b->keys);
	_mm512_storeu_si512(b->key + b->keys, _mm512_permutex2var_epi64(dst_hi, first, dst_lo));
	_mm512_storeu_si512(b->key + b->keys + 4,
			    _mm512_permutex2var_epi64(dst_hi, second, dst_lo));
	return true;
}

u32 fast_wide6(u64 mac, const u64 *own, struct packet *const *p, u32 n, struct train6 *b)
{
	u32 i = 0;

	for (; i + FAST_LANES <= n && likely(eight6(mac, own, p + i, b)); i += FAST_LANES) {
		b->n += FAST_LANES;
		b->keys += FAST_LANES;
	}
	return i;
}
