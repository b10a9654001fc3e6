// SPDX-License-Identifier: MIT
/*
 * fast_send_avx512: the second pass of the fast path, from next hops into headers and out, eight
 * packets abreast (fast_wide.h; behind CPU_AVX512, QGM cores). Three loops: what the adjacencies
 * say, for eight packets a round; the stores into each frame, of bytes that are all known by then;
 * and the collection by port, a port a round, so that nothing waits for the count of the packet
 * before.
 */
#include "qgm/re/fast_wide.h"

#include <immintrin.h>

#include "qgm/re/link.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

enum {
	CHUNKS_HERE = 8, /* as many chunks of adjacencies in a register */
	PART = 32,       /* packets at a time: their ports are one register */
	TTL_AT = ETH_HLEN + 8,
	HOPS_AT = ETH_HLEN + 7,
};

/* What is to be sent, and where. */
struct sending {
	u32 n;
	struct packet *p[PART] __cacheline;
	const struct adjacency *adj[PART] __cacheline;
	u16 port[PART] __cacheline;
	u32 aged[PART] __cacheline; /* IPv4 */
	/* Right from a driver: len to vlan_outer as they are to be. */
	__m128i meta[PART] __cacheline;
};

_Static_assert(PART * sizeof(u16) == CACHE_LINE, "struct sending, port");
_Static_assert(__builtin_offsetof(struct packet, len) == 8 &&
		       __builtin_offsetof(struct packet, out_port) == 16 &&
		       __builtin_offsetof(struct packet, vrf) == 20,
	       "struct sending, meta");
_Static_assert(__builtin_offsetof(struct adjacency, port) == 4 &&
		       __builtin_offsetof(struct adjacency, plain_len) == 8,
	       "one gather");

static ALWAYS_INLINE __m512i all(u64 v)
{
	return _mm512_set1_epi64((s64)v);
}

static ALWAYS_INLINE __m512i gather(__m512i at, u64 offset)
{
	return _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), 0xff, at, (const void *)offset,
					   1);
}

/* Addresses of the adjacencies of eight ids. `near`: the chunks, if there are few. */
static ALWAYS_INLINE __m512i adjacencies(const struct nh_table *nh, __m512i near, __m512i id)
{
	__m512i number = _mm512_srli_epi64(id, __builtin_ctz(NH_CHUNK)), chunk;

	if (likely(nh->chunks <= CHUNKS_HERE))
		chunk = _mm512_permutexvar_epi64(number, near);
	else
		chunk = _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), 0xff, number, nh->chunk,
						    sizeof(void *));
	id = _mm512_and_si512(id, all(NH_CHUNK - 1));
	id = _mm512_slli_epi64(id, __builtin_ctz(sizeof(struct adjacency)));
	return _mm512_add_epi64(_mm512_add_epi64(chunk, id),
				all(__builtin_offsetof(struct nh_chunk, adj)));
}

/* Eight ids. Those of IPv6 have been stored one by one just now: by a load of all, which cannot
 * take them from the store buffer, the core would wait for each. */
static ALWAYS_INLINE __m512i numbers(const u32 *id, u32 lanes, bool six)
{
	const __m256i at = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
	__m256i v;

	if (six)
		v = _mm256_mmask_i32gather_epi32(_mm256_setzero_si256(), (__mmask8)lanes, at, id,
						 4);
	else
		v = _mm256_maskz_loadu_epi32((__mmask8)lanes, id);
	return _mm512_cvtepu32_epi64(v);
}

/* What receive.h and the rewrite write of eight packets from s->n on: where they end, and of their
 * adjacencies. */
static ALWAYS_INLINE void stamps(struct sending *s, const struct receive_mark *m, __m512i end,
				 __m512i fields)
{
	const __m512i first = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
	const __m512i second = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
	__m512i way = _mm512_ternarylogic_epi64(fields, all(0xffffffff), all((u64)m->vrf << 32),
						0xea); /* and, or */

	end = _mm512_or_si512(end, all(receive_word(m)));
	_mm512_storeu_si512(s->meta + s->n, _mm512_permutex2var_epi64(end, first, way));
	_mm512_storeu_si512(s->meta + s->n + 4, _mm512_permutex2var_epi64(end, second, way));
}

/* The eight packets from the i-th on, of which `lanes` are there; those that do not simply go to a
 * neighbour are returned. */
static ALWAYS_INLINE u32 eight(const struct nh_table *nh, __m512i near, const struct train *b,
			       const u32 *of, const struct receive_mark *m, const u32 *id, u32 i,
			       u32 lanes, struct sending *s)
{
	__m512i adj = adjacencies(nh, near, numbers(id + i, lanes, !of));
	__m512i fields = gather(adj, __builtin_offsetof(struct adjacency, port));
	__m512i end = _mm512_cvtepu16_epi64(_mm_loadu_si128((const void *)(b->end + i)));
	__m512i room = _mm512_and_si512(_mm512_srli_epi64(fields, 32), all(0xffff));
	__m512i pkt = _mm512_loadu_si512(b->p + i);
	__m256i aged = of ? _mm256_loadu_si256((const void *)(of + i)) : _mm256_setzero_si256();
	u32 odd = _mm512_mask_cmpgt_epu64_mask((__mmask8)lanes, end, room);

	lanes ^= odd;
	if (unlikely(lanes != 0xff)) {
		pkt = _mm512_maskz_compress_epi64((__mmask8)lanes, pkt);
		adj = _mm512_maskz_compress_epi64((__mmask8)lanes, adj);
		fields = _mm512_maskz_compress_epi64((__mmask8)lanes, fields);
		aged = _mm256_maskz_compress_epi32((__mmask8)lanes, aged);
		end = _mm512_maskz_compress_epi64((__mmask8)lanes, end);
	}
	_mm512_storeu_si512(s->p + s->n, pkt);
	_mm512_storeu_si512(s->adj + s->n, adj);
	_mm_storeu_si128((void *)(s->port + s->n), _mm512_cvtepi64_epi16(fields));
	if (of)
		_mm256_storeu_si256((void *)(s->aged + s->n), aged);
	if (m)
		stamps(s, m, end, fields);
	s->n += (u32)__builtin_popcount(lanes);
	return odd;
}

static __attribute__((noinline)) u32 note(u8 *odd, u32 n, u32 i, u32 lanes)
{
	for (; lanes; lanes &= lanes - 1)
		odd[n++] = (u8)(i + (u32)__builtin_ctz(lanes));
	return n;
}

/* Those from the i-th on, at most PART; the numbers of the others behind odd[0..n), returned. */
static ALWAYS_INLINE u32 ways(const struct nh_table *nh, __m512i near, const struct train *b,
			      const u32 *aged, const struct receive_mark *m, const u32 *id, u32 i,
			      u8 *odd, u32 n, struct sending *s)
{
	u32 end = MIN(b->n, i + PART);

	s->n = 0;
	for (; i < end; i += FAST_LANES) {
		u32 lanes = end - i >= FAST_LANES ? 0xff : (1u << (end - i)) - 1;

		lanes = eight(nh, near, b, aged, m, id, i, lanes, s);
		if (unlikely(lanes))
			n = note(odd, n, i, lanes);
	}
	return n;
}

_Static_assert(__builtin_offsetof(struct packet, out_if) ==
			       __builtin_offsetof(struct packet, out_port) + 2 &&
		       __builtin_offsetof(struct adjacency, ifid) ==
			       __builtin_offsetof(struct adjacency, port) + 2,
	       "copied both at once");

static ALWAYS_INLINE void headers(const struct sending *s, const struct receive_mark *m, bool six)
{
	u64 now = m ? m->now : 0;

#pragma GCC unroll 4
	for (u32 i = 0; i < s->n; i++) {
		struct packet *p = s->p[i];
		const struct adjacency *adj = s->adj[i];
		u8 *frame = p->data;

		__m128i eth = _mm_load_si128((const void *)adj->eth);

		/* With the first two bytes of IP as they are: one store. */
		eth = _mm_blend_epi16(eth, _mm_loadu_si128((const void *)frame), 0x80);
		_mm_storeu_si128((void *)frame, eth);
		if (six)
			frame[HOPS_AT]--;
		else
			__builtin_memcpy(frame + TTL_AT, &s->aged[i], sizeof(s->aged[i]));
		if (m) {
			_mm_storeu_si128((void *)&p->len, s->meta[i]);
			p->timestamp = now;
		} else {
			__builtin_memcpy(&p->out_port, &adj->port, 2 * sizeof(u16));
		}
	}
}

/* All of one port, a bit each, behind what is collected for it. */
static ALWAYS_INLINE void collect(struct qgm *q, u16 port, const struct sending *s, u32 which)
{
	struct qgm_egress *e = q->egress[port];
	u32 n = e->n;

	if (unlikely(n + (u32)__builtin_popcount(which) > BURST_MAX)) {
		for (; which; which &= which - 1)
			output_collect(q, s->p[__builtin_ctz(which)]);
		return;
	}
	for (u32 i = 0; which; i += FAST_LANES, which >>= FAST_LANES) {
		__m512i p = _mm512_load_si512(s->p + i);

		p = _mm512_maskz_compress_epi64((__mmask8)which, p);
		_mm512_storeu_si512(e->pkt + n, p);
		n += (u32)__builtin_popcount((u8)which);
	}
	e->n = n;
	q->egress_used |= 1ull << port;
}

static ALWAYS_INLINE void out(struct qgm *q, const struct sending *s)
{
	__m512i ports = _mm512_load_si512(s->port);
	u32 left = ~0u >> (PART - s->n);

	while (left) {
		u16 port = s->port[__builtin_ctz(left)];
		u32 which = _mm512_cmpeq_epi16_mask(ports, _mm512_set1_epi16((s16)port)) & left;

		collect(q, port, s, which);
		left ^= which;
	}
}

/* `aged`: of IPv4; NULL: IPv6. */
static ALWAYS_INLINE u32 send(struct qgm *q, const struct nh_table *nh, const struct train *b,
			      const u32 *aged, const struct receive_mark *m, const u32 *id, u8 *odd)
{
	u32 few = nh->chunks < CHUNKS_HERE ? (1u << nh->chunks) - 1 : 0xff, n = 0;
	__m512i near = _mm512_maskz_loadu_epi64((__mmask8)few, nh->chunk);
	struct sending s;

	for (u32 i = 0; i < b->n; i += PART) {
		n = ways(nh, near, b, aged, m, id, i, odd, n, &s);
		if (unlikely(!s.n))
			continue;
		headers(&s, m, !aged);
		out(q, &s);
	}
	return n;
}

u32 fast_send4(struct qgm *q, const struct nh_table *nh, const struct train4 *b,
	       const struct receive_mark *m, const u32 *id, u8 *odd)
{
	if (m)
		return send(q, nh, &b->t, b->aged, m, id, odd);
	return send(q, nh, &b->t, b->aged, NULL, id, odd);
}

u32 fast_send6(struct qgm *q, const struct nh_table *nh, const struct train6 *b,
	       const struct receive_mark *m, const u32 *id, u8 *odd)
{
	if (m)
		return send(q, nh, &b->t, NULL, m, id, odd);
	return send(q, nh, &b->t, NULL, NULL, id, odd);
}
