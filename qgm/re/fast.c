// SPDX-License-Identifier: MIT
/*
 * fast: usual packets (fast.h). Two passes over a burst with the lookup in between: headers into
 * keys, and next hops into headers. Every test of the first pass is a branch that is not taken.
 * What it reads beyond a short frame is still in the packet's buffer, and the length is among the
 * tests.
 */
#include "qgm/re/fast.h"

#include "qgm/core.h"
#include "qgm/re/checksum.h"
#include "qgm/re/fast_wide.h"
#include "qgm/re/re.h"
#include "qgm/re/shed.h"
#include "qgm/stages.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* From this many chunks of adjacencies on they are fetched ahead. */
enum { PREFETCH_CHUNKS = 16 };

/* First octets of addresses that are no unicast ones, or nobody's (RFC 1812 4.2.2.11, 5.3.7): 1;
 * perhaps link-local (169.254/16): 2. */
static const u8 odd_octet[256] = { [0] = 1, [127] = 1, [169] = 2, [224 ... 255] = 1 };

static ALWAYS_INLINE u32 load32(const u8 *p)
{
	u32 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static ALWAYS_INLINE u64 load64(const u8 *p)
{
	u64 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

/* Is it for this station? `mac`: the address in the low 48 bits, shifted up by 16. A group address
 * is never ours, so that PACKET_BROADCAST is not set then. */
static ALWAYS_INLINE bool for_us(const u8 *frame, u64 mac)
{
	return load64(frame) << 16 == mac;
}

/* Some odd octet is in front: is it more than 169 without the 254? */
static __attribute__((noinline)) bool odd_address(const u8 *ip)
{
	return (odd_octet[ip[12]] | odd_octet[ip[16]]) & 1 || (u16)load32(ip + 12) == 0xfea9 ||
	       (u16)load32(ip + 16) == 0xfea9;
}

/* All of RFC 1812 5.2.2, 5.3.1, 5.3.7; l3_off is behind tags or not. */
static ALWAYS_INLINE bool usual4(const struct packet *p, const struct fib *f, u64 mac, u32 *dst,
				 u32 *end)
{
	const u8 *ip = p->data + p->l3_off;
	u32 total = __builtin_bswap16((u16)load32(ip + 2)), src;

	*end = p->l3_off + total;
	if (unlikely((load32(ip - 2) & 0xffffff) != 0x450008)) /* EtherType, version, length */
		return false;
	if (unlikely(!for_us(p->data, mac)))
		return false;
	if (unlikely(total < IP_MIN_HLEN || *end > p->len))
		return false;
	if (unlikely(ip[8] <= 1))
		return false;
	if (unlikely(odd_octet[ip[12]] || odd_octet[ip[16]]) && odd_address(ip))
		return false;
	if (unlikely(!checksum_ok20(ip)))
		return false;
	src = be32_to_cpu(load32(ip + 12));
	*dst = be32_to_cpu(load32(ip + 16));
	return likely(!fib_maybe_own(f, src));
}

/* Unicast, not of ::/64, not link-local nor beyond. */
static ALWAYS_INLINE bool ordinary(u64 hi)
{
	return hi - 1 < (0xfe80ull << 48) - 1;
}

static ALWAYS_INLINE bool usual6(const struct packet *p, const struct fib6 *f, u64 mac,
				 struct pix_ip *dst, u32 *end)
{
	const u8 *ip = p->data + p->l3_off;
	u64 head = load64(ip); /* byte 4, 5: length; 6: next header; 7: hop limit */
	struct pix_ip src = pix_ip_load(ip + 8);

	*dst = pix_ip_load(ip + 24);
	*end = p->l3_off + IPV6_HLEN + __builtin_bswap16((u16)(head >> 32));
	if (unlikely((load32(ip - 2) & 0xf0ffff) != 0x60dd86)) /* EtherType, version */
		return false;
	if (unlikely(!for_us(p->data, mac)))
		return false;
	if (unlikely(*end > p->len || !(u8)(head >> 48) || head >> 56 <= 1))
		return false;
	if (unlikely(!ordinary(src.hi) || !ordinary(dst->hi)))
		return false;
	return likely(!fib6_maybe_own(f, src));
}

/* A packet whose next hop is not a neighbour to whom it may go as it is. The adjacency if it is one
 * after all, by a group of paths; NULL: consumed. */
static __attribute__((noinline)) const struct adjacency *
odd_hop(struct re *re, const struct tables *t, struct packet *p, u32 id, bool six)
{
	const struct adjacency *adj = nh_get(t->nh, id);

	if (adj->kind == NH_LOCAL && shed_local(re, p, six))
		return NULL;
	p->nh_id = id;
	if (adj->kind == NH_GROUP) {
		p->nh_id = nh_group_member(adj->group, re_path_hash(p, packet_hash(p)));
		adj = nh_get(t->nh, p->nh_id);
		if (likely(packet_l3_len(p) <= adj->fast_mtu))
			return adj;
	}
	p->nh_gen = adj->gen;
	p->l4_off = (u16)(p->l3_off + (six ? IPV6_HLEN : IP_MIN_HLEN));
	p->l4_proto = six ? packet_ipv6(p)->next : packet_ipv4(p)->proto;
	re_odd(re, t, p, adj, six);
	return NULL;
}

/* TTL less one, and the checksum (RFC 1624 eqn. 3): the words TTL+protocol and checksum at once.
 * The first falls by one (it is not 0), the second rises by one, and past 0xffff to 1 (never
 * 0xffff). */
static ALWAYS_INLINE void age4(u8 *ip)
{
	u32 v = load32(ip + 8), w = v + 0xffff;

	w += v >= 0xfffe0000 ? 0x10000 : 0;
	__builtin_memcpy(ip + 8, &w, sizeof(w));
}

/* A header of another length: the frame grows or shrinks in front. */
static __attribute__((noinline)) void new_header(struct packet *p, const struct adjacency *adj)
{
	u8 *l3 = p->data + p->l3_off;

	p->len = (u16)(p->len - p->l3_off + adj->eth_len);
	p->data = l3 - adj->eth_len;
	p->l3_off = adj->eth_len;
	__builtin_memcpy(p->data, adj->eth, adj->eth_len);
}

_Static_assert(__builtin_offsetof(struct packet, out_if) ==
			       __builtin_offsetof(struct packet, out_port) + 2 &&
		       __builtin_offsetof(struct adjacency, ifid) ==
			       __builtin_offsetof(struct adjacency, port) + 2,
	       "copied both at once");

static ALWAYS_INLINE void send_to(struct qgm *q, struct packet *p, const struct adjacency *adj)
{
	__builtin_memcpy(&p->out_port, &adj->port, 2 * sizeof(u16));
	output_collect(q, p);
}

static ALWAYS_INLINE void age(u8 *ip, bool six)
{
	if (six)
		ip[7]--;
	else
		age4(ip);
}

/* A packet with tags, or to be sent with tags, or to no neighbour. */
static __attribute__((noinline)) void send_other(struct re *re, const struct tables *t,
						 struct packet *p, u32 nh, bool six)
{
	const struct adjacency *adj = nh_get(t->nh, nh);
	u8 *ip = p->data + p->l3_off;

	if (unlikely(packet_l3_len(p) > adj->fast_mtu)) {
		adj = odd_hop(re, t, p, nh, six);
		if (!adj)
			return;
	}
	age(ip, six);
	if (p->l3_off == ETH_HLEN && adj->eth_len == ETH_HLEN)
		__builtin_memcpy(ip - ETH_HLEN, adj->eth, ETH_HLEN);
	else
		new_header(p, adj);
	send_to(re->q, p, adj);
}

/* Fetch the adjacencies of a burst when there are so many that they are not at hand. */
static ALWAYS_INLINE void fetch(const struct nh_table *nh, const u32 *id, u32 n)
{
	if (likely(nh->chunks < PREFETCH_CHUNKS))
		return;
	for (u32 i = 0; i < n; i++)
		prefetch(nh_get(nh, id[i]));
}

/* Next hops into headers, packets out, in order. */
static ALWAYS_INLINE void send(struct re *re, const struct tables *t, const struct train *b,
			       const u32 *id, bool six)
{
	const struct nh_chunk *const *chunk = t->nh->chunk;
	struct qgm *q = re->q;
	bool tags = b->tags;

	fetch(t->nh, id, b->keys);
	for (u32 i = 0; i < b->n; i++) {
		struct packet *p = b->p[i];
		u32 nh = id[b->of[i]];
		const struct adjacency *adj = &chunk[nh / NH_CHUNK]->adj[nh % NH_CHUNK];
		u8 *frame = p->data;

		if (unlikely(tags || p->len > adj->plain_len)) {
			send_other(re, t, p, nh, six);
			continue;
		}
		age(frame + ETH_HLEN, six);
		__builtin_memcpy(frame, adj->eth, ETH_HLEN);
		send_to(q, p, adj);
	}
}

static ALWAYS_INLINE bool applies(const struct re *re, const struct iface *ifc)
{
	return !re->plants && !ifc->urpf && !stage_hooked(HOOK_FORWARD);
}

/* The interface's address as for_us() wants it. Reads two bytes beyond: addr_count follows. */
static ALWAYS_INLINE u64 mac_of(const struct iface *ifc)
{
	return load64(ifc->mac) << 16;
}

/* The padding of some frames is cut off. */
static __attribute__((noinline)) void trim(const struct train *b)
{
	for (u64 bits = b->pads; bits; bits &= bits - 1) {
		u32 i = (u32)__builtin_ctzll(bits);

		b->p[i]->len = b->end[i];
	}
}

/* Packets that the wide pass has left out go after the others. `m`: they came right from a driver,
 * and nothing is written of them yet. */
static __attribute__((noinline)) void send_odd(struct re *re, const struct tables *t,
					       const struct train *b, const struct receive_mark *m,
					       const u32 *id, const u8 *odd, u32 n, bool six)
{
	for (u32 i = 0; i < n; i++) {
		struct packet *p = b->p[odd[i]];

		if (m) {
			receive_stamp(m, &p, 1);
			p->len = b->end[odd[i]];
		}
		send_other(re, t, p, id[odd[i]], six);
	}
}

/* Looked up; packets are counted by who calls us. */
static ALWAYS_INLINE void looked_up(struct re *re, u32 n)
{
	qgm_stage(re->q, PIX_STAGE_re, 0);
	counter_add(&re->q->c->stage[PIX_STAGE_rewrite].packets, n);
}

/* Fragments may end before they are rewritten. */
static void stamp_pieces(const struct train *b, const struct receive_mark *m)
{
	for (u64 bits = b->pieces; bits; bits &= bits - 1)
		receive_stamp(m, &b->p[__builtin_ctzll(bits)], 1);
}

static __attribute__((noinline)) void finish4(struct re *re, const struct tables *t,
					      const struct fib *f, struct train4 *b,
					      const struct receive_mark *m)
{
	bool wide = likely(re->wide && !b->t.narrow);
	u32 id[BURST_MAX], n;
	u8 odd[BURST_MAX];

	if (unlikely(b->t.pieces) && wide) {
		if (m)
			stamp_pieces(&b->t, m);
		shed4(re, t, f, b);
	}
	if (unlikely(b->t.pads) && !m)
		trim(&b->t);
	if (unlikely(!b->t.n))
		return;
	fib_lookup_burst(f, b->key, id, b->t.keys);
	looked_up(re, b->t.n);
	if (likely(wide)) {
		n = fast_send4(re->q, t->nh, b, m, id, odd);
		if (unlikely(n))
			send_odd(re, t, &b->t, m, id, odd, n, false);
	} else {
		send(re, t, &b->t, id, false);
	}
	qgm_stage(re->q, PIX_STAGE_rewrite, 0);
}

static __attribute__((noinline)) void finish6(struct re *re, const struct tables *t,
					      const struct fib6 *f, struct train6 *b,
					      const struct receive_mark *m)
{
	bool wide = likely(re->wide && !b->t.narrow);
	u32 id[BURST_MAX], n;
	u8 odd[BURST_MAX];

	if (unlikely(b->t.pieces) && wide) {
		if (m)
			stamp_pieces(&b->t, m);
		shed6(re, t, f, b);
	}
	if (unlikely(b->t.pads) && !m)
		trim(&b->t);
	if (unlikely(!b->t.n))
		return;
	fib6_lookup_burst(f, b->key, id, b->t.keys);
	looked_up(re, b->t.n);
	if (likely(wide)) {
		n = fast_send6(re->q, t->nh, b, m, id, odd);
		if (unlikely(n))
			send_odd(re, t, &b->t, m, id, odd, n, true);
	} else {
		send(re, t, &b->t, id, true);
	}
	qgm_stage(re->q, PIX_STAGE_rewrite, 0);
}

static ALWAYS_INLINE void begin(struct train *b)
{
	b->n = b->keys = b->tags = b->narrow = 0;
	b->pads = b->pieces = 0;
}

/* One more packet by the scalar pass; `fresh`: its destination is not that of the last one. */
static ALWAYS_INLINE void add(struct train *b, struct packet *p, u32 end, bool fresh)
{
	p->len = (u16)end; /* without the link's padding */
	b->narrow = 1;
	b->tags |= p->l3_off ^ ETH_HLEN;
	b->keys += fresh;
	b->of[b->n] = (u8)(b->keys - 1);
	b->p[b->n++] = p;
}

/* Usual ones behind those of b, others behind rest[0..left); returns how many these are then. */
static ALWAYS_INLINE u32 check4(const struct fib *f, u64 mac, struct packet *const *p, u32 n,
				struct train4 *b, struct packet **rest, u32 left)
{
	u64 last = b->t.keys ? b->key[b->t.keys - 1] : ~0ull;

	for (u32 i = 0; i < n; i++) {
		u32 dst, end;

		if (unlikely(!usual4(p[i], f, mac, &dst, &end))) {
			rest[left++] = p[i];
			continue;
		}
		add(&b->t, p[i], end, dst != last);
		last = dst;
		b->key[b->t.keys - 1] = dst;
	}
	return left;
}

u32 re_fast4(struct re *re, const struct tables *t, const struct iface *ifc,
	     struct packet *const *p, u32 n, struct packet **rest)
{
	const struct fib *f = t->fib[ifc->vrf];
	u64 mac = mac_of(ifc);
	u32 left = 0;
	struct train4 b;

	if (unlikely(!f || !applies(re, ifc))) {
		__builtin_memcpy(rest, p, n * sizeof(*p));
		return n;
	}
	begin(&b.t);
	for (u32 i = 0, stop; i < n; i = stop) {
		if (likely(re->wide && n - i >= FAST_FEW)) {
			i += fast_wide4(mac, f, p + i, n - i, &b, rest, &left, NULL);
			if (likely(i == n))
				break;
		}
		stop = MIN(n, i + FAST_LANES);
		left = check4(f, mac, p + i, stop - i, &b, rest, left);
	}
	if (likely(b.t.n))
		finish4(re, t, f, &b, NULL);
	return left;
}

/* The wide pass has taken n packets right from the driver. */
static ALWAYS_INLINE void passed(struct re *re, u32 n)
{
	qgm_stage(re->q, PIX_STAGE_parse, n);
	counter_add(&re->q->c->stage[PIX_STAGE_re].packets, n);
}

u32 re_fresh4(struct re *re, const struct tables *t, const struct receive_mark *m,
	      struct packet *const *p, u32 n, struct packet **rest, u64 *bytes)
{
	const struct iface *ifc = t->iface[m->in_if];
	const struct fib *f = t->fib[m->vrf];
	struct fast_fresh fresh = { 0 };
	u32 left = 0;
	struct train4 b;

	if (unlikely(!f || !re->wide || !applies(re, ifc)))
		return RE_FRESH_NOT;
	begin(&b.t);
	fast_wide4(mac_of(ifc), f, p, n, &b, rest, &left, &fresh);
	*bytes = fresh.bytes;
	passed(re, n - left);
	if (likely(b.t.n))
		finish4(re, t, f, &b, m);
	return left;
}

u32 re_fresh6(struct re *re, const struct tables *t, const struct receive_mark *m,
	      struct packet *const *p, u32 n, struct packet **rest, u64 *bytes)
{
	const struct iface *ifc = t->iface[m->in_if];
	const struct fib6 *f = t->fib6[m->vrf];
	struct fast_fresh fresh = { 0 };
	u32 left = 0;
	struct train6 b;

	if (unlikely(!f || !ifc->v6 || !re->wide || !applies(re, ifc)))
		return RE_FRESH_NOT;
	begin(&b.t);
	fast_wide6(mac_of(ifc), f, p, n, &b, rest, &left, &fresh);
	*bytes = fresh.bytes;
	passed(re, n - left);
	if (likely(b.t.n))
		finish6(re, t, f, &b, m);
	return left;
}

static ALWAYS_INLINE u32 check6(const struct fib6 *f, u64 mac, struct packet *const *p, u32 n,
				struct train6 *b, struct packet **rest, u32 left)
{
	/* PIX_IP_NONE is never usual. */
	struct pix_ip last = b->t.keys ? b->key[b->t.keys - 1] : PIX_IP_NONE;

	for (u32 i = 0; i < n; i++) {
		struct pix_ip dst;
		u32 end;

		if (unlikely(!usual6(p[i], f, mac, &dst, &end))) {
			rest[left++] = p[i];
			continue;
		}
		add(&b->t, p[i], end, !pix_ip_eq(dst, last));
		last = dst;
		b->key[b->t.keys - 1] = dst;
	}
	return left;
}

u32 re_fast6(struct re *re, const struct tables *t, const struct iface *ifc,
	     struct packet *const *p, u32 n, struct packet **rest)
{
	const struct fib6 *f = t->fib6[ifc->vrf];
	u64 mac = mac_of(ifc);
	u32 left = 0;
	struct train6 b;

	if (unlikely(!f || !ifc->v6 || !applies(re, ifc))) {
		__builtin_memcpy(rest, p, n * sizeof(*p));
		return n;
	}
	begin(&b.t);
	for (u32 i = 0, stop; i < n; i = stop) {
		if (likely(re->wide && n - i >= FAST_FEW)) {
			i += fast_wide6(mac, f, p + i, n - i, &b, rest, &left, NULL);
			if (likely(i == n))
				break;
		}
		stop = MIN(n, i + FAST_LANES);
		left = check6(f, mac, p + i, stop - i, &b, rest, left);
	}
	if (likely(b.t.n))
		finish6(re, t, f, &b, NULL);
	return left;
}
