// SPDX-License-Identifier: MIT
/*
 * fast_avx512: headers of eight packets abreast (fast_wide.h). A lane is a packet; headers are
 * loaded by 32 bytes and transposed, so that a register has the same eight bytes of all of them, as
 * they lie in memory (little-endian numbers of big-endian fields). Gathers instead cost twice as
 * much. Offsets are those of an untagged frame: the IP header starts at 14. A lane that is not
 * usual leaves the other seven where they are.
 *
 *	bytes	 2..9	of the MAC addresses		10..17	EtherType at 12, first word of IP
 *	IPv4	18..25	id, fragment, TTL, checksum	26..33	source, destination
 *	IPv6	18..25	length, next header, hop limit	22..53	source, destination
 */
#include "qgm/re/fast_wide.h"

#include <immintrin.h>

#define ALWAYS_INLINE inline __attribute__((always_inline))

enum {
	HEADER = 14,
	IP4 = 20,
	IP6 = 40,
	OWN_SHIFT = 22,
	OWN6_SHIFT = 54,
	NOT_HERE = 0x100,
	IP6_FRAGMENT = 44
};

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

/* What is the same at the start of all frames that are usual, and where: addresses, EtherType and
 * version. `fresh`: the source is a station's. */
struct link {
	__m128i want, mask;
};

static ALWAYS_INLINE struct link link_of(u64 mac, u32 type, u32 mask, bool fresh)
{
	return (struct link){ _mm_set_epi64x((s64)type << 32, (s64)(mac >> 16)),
			      _mm_set_epi64x((s64)mask << 32,
					     (fresh ? 0x01ffffffffffffll : 0xffffffffffffll)) };
}

/* Lanes that differ there, and with `fresh` those whose source is nobody. */
static __attribute__((noinline)) u32 which_differ(const struct eight *e, struct link k, bool fresh)
{
	u32 lanes = 0;

	for (u32 i = 0; i < FAST_LANES; i++) {
		__m128i v = _mm_loadu_si128((const void *)e->data[i]);
		bool nobody = !((u64)_mm_extract_epi64(_mm_srli_si128(v, 6), 0) << 16);

		v = _mm_xor_si128(v, k.want);
		lanes |= (u32)(!_mm_testz_si128(v, k.mask) || (fresh && nobody)) << i;
	}
	return lanes;
}

/* The same; mostly none, so that the frames are or'd first. */
static ALWAYS_INLINE u32 link_differs(const struct eight *e, const struct rows *r, struct link k,
				      bool fresh)
{
	__m128i a = _mm_setzero_si128(), b = a;
	u32 few = 0;

#pragma GCC unroll 4
	for (u32 i = 0; i < FAST_LANES; i += 2) { /* a |= frame ^ want */
		a = _mm_ternarylogic_epi64(a, _mm_loadu_si128((const void *)e->data[i]), k.want,
					   0xf6);
		b = _mm_ternarylogic_epi64(b, _mm_loadu_si128((const void *)e->data[i + 1]), k.want,
					   0xf6);
	}
	if (fresh) /* four bytes of zeroes */
		few = _mm512_cmplt_epu64_mask(r->q[0], all(1ull << 32));
	if (likely(_mm_testz_si128(_mm_or_si128(a, b), k.mask) && !few))
		return 0;
	return which_differ(e, k, fresh);
}

/* Some lane has a tag: its header is elsewhere. */
static ALWAYS_INLINE bool tagged(const struct eight *e)
{
	return _mm512_test_epi64_mask(_mm512_xor_si512(e->fields, all((u64)HEADER << 48)),
				      all(0xffffull << 48));
}

/* Lanes whose packet does not end with its frame; `bad`: behind it. */
static ALWAYS_INLINE u32 ends(const struct eight *e, __m512i end, u32 *bad)
{
	__m512i len = _mm512_and_si512(e->fields, all(0xffff));

	*bad |= _mm512_cmpgt_epu64_mask(end, len);
	return _mm512_cmpneq_epu64_mask(end, len);
}

/* The lengths of the frames of these lanes are added. */
static ALWAYS_INLINE void add_lengths(__m512i *sum, const struct eight *e, u32 lanes)
{
	__m512i len = _mm512_maskz_and_epi64((__mmask8)lanes, e->fields, all(0xffff));

	*sum = _mm512_add_epi64(*sum, len);
}

/* Of the packets that come next in the train, `lanes`, some are longer than their datagrams, some
 * are fragments. */
static ALWAYS_INLINE void note(struct train *b, u32 lanes, u32 pads, u32 pieces)
{
	if (unlikely(lanes & pads))
		b->pads |= (u64)_pext_u32(pads, lanes) << b->n;
	if (unlikely(lanes & pieces))
		b->pieces |= (u64)_pext_u32(pieces, lanes) << b->n;
}

/* Packets of the lanes `good`, where they end, numbers of their keys. */
static ALWAYS_INLINE void take(struct train *b, u32 good, __m512i pkt, __m512i end)
{
	u64 numbers = 0x0706050403020100 + b->keys * 0x0101010101010101;

	if (unlikely(good != 0xff)) {
		pkt = _mm512_maskz_compress_epi64((__mmask8)good, pkt);
		end = _mm512_maskz_compress_epi64((__mmask8)good, end);
	}
	_mm512_storeu_si512(b->p + b->n, pkt);
	_mm_storeu_si128((void *)(b->end + b->n), _mm512_cvtepi64_epi16(end));
	__builtin_memcpy(b->of + b->n, &numbers, sizeof(numbers));
}

/* Their number, once the keys are stored as well. */
static ALWAYS_INLINE void took(struct train *b, u32 good)
{
	u32 n = (u32)__builtin_popcount(good);

	b->n += n;
	b->keys += n;
}

/* First octets 0, 127, 224 and above of source and destination: a bit for each kind, by the upper
 * and by the lower half of the octet. And 169.254/16. */
static ALWAYS_INLINE u32 odd_octets(__m512i m3)
{
	const __m512i upper = _mm512_broadcast_i32x4(
		_mm_setr_epi8(1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 8, 8));
	const __m512i lower = _mm512_broadcast_i32x4(
		_mm_setr_epi8(9, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 10));
	const __m512i nibble = _mm512_set1_epi8(15);
	__m512i lo = _mm512_shuffle_epi8(lower, _mm512_and_si512(m3, nibble));
	__m512i hi = _mm512_shuffle_epi8(upper, _mm512_and_si512(_mm512_srli_epi64(m3, 4), nibble));

	__m512i odd = _mm512_and_si512(lo, hi);

	odd = _mm512_mask_mov_epi16(odd,
				    _mm512_cmpeq_epi16_mask(m3, _mm512_set1_epi16((s16)0xfea9)),
				    _mm512_set1_epi16(0xff));
	return _mm512_test_epi64_mask(odd, all(0x000000ff000000ff));
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

/* TTL and checksum as age4() of fast.c makes them, with the protocol: 32 bits of each lane. */
static ALWAYS_INLINE __m256i aged4(__m512i m2)
{
	__m256i v = _mm512_cvtepi64_epi32(_mm512_srli_epi64(m2, 32));
	__mmask8 carry = _mm256_cmpge_epu32_mask(v, _mm256_set1_epi32((s32)0xfffe0000));

	v = _mm256_add_epi32(v, _mm256_set1_epi32(0xffff));
	return _mm256_mask_add_epi32(v, carry, v, _mm256_set1_epi32(0x10000));
}

/* The first level of the table for eight destinations. */
static ALWAYS_INLINE void fetch4(const struct fib *f, __m256i key)
{
	u32 at[FAST_LANES];

	if (f->bits != FIB_BITS_LARGE)
		return;
	_mm256_storeu_si256((void *)at, _mm256_srli_epi32(key, 32 - FIB_BITS_LARGE));
	__asm__("" : "+m"(at)); /* loads, not shuffles */
#pragma GCC unroll 8
	for (u32 i = 0; i < FAST_LANES; i++)
		__asm__ volatile("prefetcht0 %0" : : "m"(f->dir[at[i]]));
}

/* Eight packets, of which `lanes` are there. The lanes that are not usual, of these; or NOT_HERE.
 * `bytes`: NULL, or they come right from a driver, and the lengths of the others are added. */
static ALWAYS_INLINE u32 eight4(u64 mac, const void *fib, struct packet *const *p, u32 lanes,
				void *train, __m512i *bytes)
{
	const struct fib *f = fib;
	const struct link link = link_of(mac, 0x450008, 0xffffff, bytes);
	struct train4 *b = train;
	struct eight e = load(p);
	struct rows r = transpose(&e, 2);
	__m512i m1 = r.q[1], m2 = r.q[2], m3 = r.q[3];
	__m512i total = pick(m1, 0x8080808080800607);
	__m512i end = _mm512_add_epi64(total, all(HEADER));
	__m512i keys = pick(m3, 0x0001020304050607); /* source, destination: host order */
	__m512i hash = _mm512_mul_epu32(_mm512_srli_epi64(keys, 32), all(0x9e3779b1));
	__m256i key = _mm512_cvtepi64_epi32(keys), aged = aged4(m2);
	u32 odd = link_differs(&e, &r, link, bytes), pads = ends(&e, end, &odd);

	u32 pieces = _mm512_test_epi64_mask(m2, all(0xff3f0000)); /* MF, or an offset */

	odd |= _mm512_cmplt_epu64_mask(total, all(IP4));
	odd |= _mm512_testn_epi64_mask(m2, all(0xfeull << 32)); /* TTL 0, 1 */
	odd |= odd_octets(m3) | bad_sums(m1, m2, m3);
	odd |= filtered(f->own, _mm512_srli_epi64(_mm512_slli_epi64(hash, 32), 32 + OWN_SHIFT));
	if (!bytes && unlikely(tagged(&e)))
		return NOT_HERE;
	fetch4(f, key);
	odd &= lanes;
	lanes ^= odd;
	if (bytes)
		add_lengths(bytes, &e, lanes);
	note(&b->t, lanes, pads, pieces);
	take(&b->t, lanes, e.pkt, end);
	if (unlikely(lanes != 0xff)) {
		key = _mm256_maskz_compress_epi32((__mmask8)lanes, key);
		aged = _mm256_maskz_compress_epi32((__mmask8)lanes, aged);
	}
	_mm256_storeu_si256((void *)(b->aged + b->t.n), aged);
	_mm256_storeu_si256((void *)(b->key + b->t.keys), key);
	took(&b->t, lanes);
	return odd;
}

/* The packets of the lanes `odd` behind those in rest[0..left). How many these are then. */
static __attribute__((noinline)) u32 leave(struct packet *const *p, u32 odd, struct packet **rest,
					   u32 left)
{
	for (; odd; odd &= odd - 1)
		rest[left++] = p[__builtin_ctz(odd)];
	return left;
}

/* The last, fewer than eight; one of them fills up. */
static ALWAYS_INLINE void fill(struct packet *const *p, u32 n, struct packet **to)
{
	for (u32 i = 0; i < FAST_LANES; i++)
		to[i] = p[i < n ? i : 0];
}

/* eight4() or eight6(); always inlined. */
typedef u32 (*eight_fn)(u64 mac, const void *f, struct packet *const *p, u32 lanes, void *b,
			__m512i *bytes);

/* All of a burst by eights (fast_wide4, fast_wide6). */
static ALWAYS_INLINE u32 by_eights(eight_fn eight, u64 mac, const void *f, struct packet *const *p,
				   u32 n, void *b, struct packet **rest, u32 *left,
				   struct fast_fresh *fresh)
{
	__m512i bytes = _mm512_setzero_si512();
	__m512i *sum = fresh ? &bytes : NULL;
	u32 i = 0, odd;

	for (; i + FAST_LANES <= n; i += FAST_LANES) {
		odd = eight(mac, f, p + i, 0xff, b, sum);
		if (likely(!odd))
			continue;
		if (odd == NOT_HERE)
			return i;
		*left = leave(p + i, odd, rest, *left);
	}
	if (unlikely(i < n)) {
		struct packet *last[FAST_LANES];

		fill(p + i, n - i, last);
		odd = eight(mac, f, last, (1u << (n - i)) - 1, b, sum);
		if (odd == NOT_HERE)
			return i;
		*left = leave(last, odd, rest, *left);
	}
	if (fresh)
		fresh->bytes = (u64)_mm512_reduce_add_epi64(bytes);
	return n;
}

u32 fast_wide4(u64 mac, const struct fib *f, struct packet *const *p, u32 n, struct train4 *b,
	       struct packet **rest, u32 *left, struct fast_fresh *fresh)
{
	if (fresh)
		return by_eights(eight4, mac, f, p, n, b, rest, left, fresh);
	return by_eights(eight4, mac, f, p, n, b, rest, left, NULL);
}

/* Not unicast, of ::/64, link-local or beyond, by the upper half. */
static ALWAYS_INLINE u32 odd_halves(__m512i hi)
{
	return _mm512_cmpge_epu64_mask(_mm512_sub_epi64(hi, all(1)), all((0xfe80ull << 48) - 1));
}

static ALWAYS_INLINE u32 eight6(u64 mac, const void *fib, struct packet *const *p, u32 lanes,
				void *train, __m512i *bytes)
{
	const struct fib6 *f = fib;
	const struct link link = link_of(mac, 0x60dd86, 0xf0ffff, bytes);
	struct train6 *b = train;
	const __m512i first = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
	const __m512i second = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
	const __m512i k = all(0x9e3779b97f4a7c15);
	struct eight e = load(p);
	struct rows r = transpose(&e, 2), s = transpose(&e, 22);
	__m512i m2 = r.q[2];
	__m512i src_hi = swap64(s.q[0]), src_lo = swap64(s.q[1]);
	__m512i dst_hi = swap64(s.q[2]), dst_lo = swap64(s.q[3]);
	__m512i end = _mm512_add_epi64(pick(m2, 0x8080808080800001), all(HEADER + IP6));
	__m512i hash =
		_mm512_mullo_epi64(_mm512_xor_si512(_mm512_mullo_epi64(src_hi, k), src_lo), k);
	u32 odd = link_differs(&e, &r, link, bytes), pads = ends(&e, end, &odd);

	__m512i other = _mm512_xor_si512(m2, all(IP6_FRAGMENT << 16));
	u32 pieces = _mm512_testn_epi64_mask(other, all(0xffull << 16));

	odd |= _mm512_testn_epi64_mask(m2, all(0xffull << 16)); /* hop-by-hop options */
	odd |= _mm512_testn_epi64_mask(m2, all(0xfeull << 24)); /* hop limit 0, 1 */
	odd |= odd_halves(src_hi) | odd_halves(dst_hi);
	odd |= filtered(f->own, _mm512_srli_epi64(hash, OWN6_SHIFT));
	if (!bytes && unlikely(tagged(&e)))
		return NOT_HERE;
	odd &= lanes;
	lanes ^= odd;
	if (bytes)
		add_lengths(bytes, &e, lanes);
	note(&b->t, lanes, pads, pieces);
	take(&b->t, lanes, e.pkt, end);
	if (unlikely(lanes != 0xff)) {
		dst_hi = _mm512_maskz_compress_epi64((__mmask8)lanes, dst_hi);
		dst_lo = _mm512_maskz_compress_epi64((__mmask8)lanes, dst_lo);
	}
	_mm512_storeu_si512(b->key + b->t.keys, _mm512_permutex2var_epi64(dst_hi, first, dst_lo));
	_mm512_storeu_si512(b->key + b->t.keys + 4,
			    _mm512_permutex2var_epi64(dst_hi, second, dst_lo));
	took(&b->t, lanes);
	return odd;
}

u32 fast_wide6(u64 mac, const struct fib6 *f, struct packet *const *p, u32 n, struct train6 *b,
	       struct packet **rest, u32 *left, struct fast_fresh *fresh)
{
	if (fresh)
		return by_eights(eight6, mac, f, p, n, b, rest, left, fresh);
	return by_eights(eight6, mac, f, p, n, b, rest, left, NULL);
}

/* Packets i..i+7, of which `stay` do, to k..., and where they end. */
static ALWAYS_INLINE void pack(struct train *b, u32 i, u32 k, __mmask8 stay)
{
	__m512i p = _mm512_maskz_compress_epi64(stay, _mm512_loadu_si512(b->p + i));
	__m512i end = _mm512_cvtepu16_epi64(_mm_loadu_si128((const void *)(b->end + i)));

	_mm512_storeu_si512(b->p + k, p);
	_mm_storeu_si128((void *)(b->end + k),
			 _mm512_cvtepi64_epi16(_mm512_maskz_compress_epi64(stay, end)));
}

static ALWAYS_INLINE void pack32(u32 *v, u32 i, u32 k, __mmask8 stay)
{
	__m256i a = _mm256_loadu_si256((const void *)(v + i));

	_mm256_storeu_si256((void *)(v + k), _mm256_maskz_compress_epi32(stay, a));
}

static ALWAYS_INLINE void packed(struct train *b, u64 gone)
{
	b->pads = _pext_u64(b->pads, ~gone);
	b->n = b->keys = b->n - (u32)__builtin_popcountll(gone);
}

void fast_pack4(struct train4 *b, u64 gone)
{
	u32 n = b->t.n;

	for (u32 i = 0, k = 0; i < n; i += FAST_LANES) {
		__mmask8 stay = (__mmask8) ~(gone >> i);

		pack(&b->t, i, k, stay);
		pack32(b->key, i, k, stay);
		pack32(b->aged, i, k, stay);
		k += (u32)__builtin_popcount(stay);
	}
	packed(&b->t, gone);
}

void fast_pack6(struct train6 *b, u64 gone)
{
	u32 n = b->t.n, k = 0;

	for (u32 i = 0; i < n; i += FAST_LANES) {
		__mmask8 stay = (__mmask8) ~(gone >> i);

		pack(&b->t, i, k, stay);
		k += (u32)__builtin_popcount(stay);
	}
	k = 0;
	for (u32 i = 0; i < n; i++) {
		b->key[k] = b->key[i];
		k += !(gone >> i & 1);
	}
	packed(&b->t, gone);
}
