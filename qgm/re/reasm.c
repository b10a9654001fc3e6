// SPDX-License-Identifier: MIT
/*
 * reasm: reassembly to self (reasm.h). One QGM, no locks. Datagrams are found by a hash of their
 * key, fragments hang in a list by offset; those that come in order are appended without a search.
 * A list has REASM_FRAGMENTS members at most, so that no order of fragments costs much.
 */
#include "qgm/re/reasm.h"

#include "qgm/core.h"
#include "qgm/env.h"
#include "qgm/re/checksum.h"
#include "qgm/re/ext6.h"
#include "qgm/re/icmp6.h"
#include "qgm/re/re.h"

enum { NONE = 0xffff, BUCKETS = 64, DATAGRAM_MAX = 65535 };

/* What identifies a datagram (RFC 791 3.2; RFC 8200 4.5: without the protocol). */
struct key {
	struct pix_ip src, dst;
	u32 id;
	u16 vrf;
	u8 proto; /* IPv4 */
	u8 six;
};

struct piece {
	struct packet *p;
	u16 from, to; /* bytes of the payload */
	u16 at;       /* where they start, from p->data */
	u16 next;
};

struct datagram {
	struct timer timer;
	struct key key;
	u16 count; /* pieces; 0: entry free */
	u16 first, last;
	u16 next;         /* in the bucket, or in the free list */
	u16 older, newer; /* by age */
	u32 have;         /* bytes of payload here */
	u32 total;        /* known with the last fragment, else 0 */
};

struct reasm {
	struct reasm_meter meter;
	u64 ms; /* cycles */
	u16 free_datagram, free_piece;
	u16 oldest, newest;
	u32 active;
	u16 bucket[BUCKETS];
	struct datagram datagram[REASM_DATAGRAMS];
	struct piece piece[REASM_PACKETS];
};

/* A fragment as its header says it is. */
struct fragment {
	struct key key;
	u32 from, bytes;
	u16 at; /* of the payload, from p->data */
	bool more;
};

_Static_assert(__builtin_offsetof(struct reasm, meter) == 0, "reasm_busy()");

static void expired(struct qgm *q, struct timer *timer);

struct reasm *reasm_create(u32 node)
{
	struct reasm *r = env_alloc(ENV_PRIVATE, sizeof(*r), CACHE_LINE, node);

	if (!r)
		return NULL;
	r->ms = env_clock_hz() / 1000;
	limits_init(&r->meter.limits, env_clock_hz(), REASM_RATE, REASM_BURST, REASM_RATE_NET,
		    REASM_BURST_NET, false);
	r->oldest = r->newest = NONE;
	for (u32 i = 0; i < BUCKETS; i++)
		r->bucket[i] = NONE;
	for (u32 i = 0; i < REASM_DATAGRAMS; i++) {
		r->datagram[i].timer.fn = expired;
		r->datagram[i].next = i + 1 < REASM_DATAGRAMS ? (u16)(i + 1) : NONE;
	}
	for (u32 i = 0; i < REASM_PACKETS; i++)
		r->piece[i].next = i + 1 < REASM_PACKETS ? (u16)(i + 1) : NONE;
	return r;
}

u32 reasm_datagrams(const struct reasm *r)
{
	return r->active;
}

bool reasm_admit(struct re *re, struct packet *p, u64 net)
{
	struct reasm_meter *m = &re->reasm->meter;
	u64 now = qgm_now(re->q);

	if (unlikely(re->plants & RE_PLANT_SMACK))
		return true;
	if (m->turn != now) {
		m->turn = now;
		m->in_turn = 0;
	}
	if (likely(m->in_turn < REASM_TURN && limits_take(&m->limits, net, now))) {
		m->in_turn++;
		return true;
	}
	qgm_drop(re->q, p, DROP_fragment_rate);
	return false;
}

/* --- datagrams ------------------------------------------------------------------------------ */

static bool same(const struct key *a, const struct key *b)
{
	return pix_ip_eq(a->src, b->src) && pix_ip_eq(a->dst, b->dst) && a->id == b->id &&
	       a->vrf == b->vrf && a->proto == b->proto && a->six == b->six;
}

static u16 *bucket_of(struct reasm *r, const struct key *k)
{
	u64 h = k->src.hi ^ (k->src.lo << 9 | k->src.lo >> 55) ^ (k->dst.lo << 32 | k->id);

	return &r->bucket[h * 0x9e3779b97f4a7c15ull >> 58];
}

static struct datagram *find(struct reasm *r, const struct key *k)
{
	for (u16 i = *bucket_of(r, k); i != NONE; i = r->datagram[i].next)
		if (same(&r->datagram[i].key, k))
			return &r->datagram[i];
	return NULL;
}

/* Take the first piece out; it is not held any more. */
static struct packet *pop(struct re *re, struct datagram *d)
{
	struct reasm *r = re->reasm;
	u16 i = d->first;
	struct packet *p = r->piece[i].p;

	d->first = r->piece[i].next;
	d->count--;
	r->piece[i].next = r->free_piece;
	r->free_piece = i;
	qgm_unhold(re->q, p);
	return p;
}

/* The entry of a datagram without pieces becomes free. */
static void forget(struct re *re, struct datagram *d)
{
	struct reasm *r = re->reasm;
	u16 i = (u16)(d - r->datagram), *link = bucket_of(r, &d->key);

	timer_cancel(&re->q->wheel, &d->timer);
	while (*link != i)
		link = &r->datagram[*link].next;
	*link = d->next;
	*(d->older == NONE ? &r->oldest : &r->datagram[d->older].newer) = d->newer;
	*(d->newer == NONE ? &r->newest : &r->datagram[d->newer].older) = d->older;
	d->next = r->free_datagram;
	r->free_datagram = i;
	r->active--;
}

static void drop_datagram(struct re *re, struct datagram *d, enum drop_reason why)
{
	while (d->count)
		qgm_drop(re->q, pop(re, d), why);
	forget(re, d);
}

static struct datagram *make(struct re *re, const struct key *k)
{
	struct reasm *r = re->reasm;
	struct datagram *d;
	u16 i, *bucket;

	if (r->free_datagram == NONE)
		drop_datagram(re, &r->datagram[r->oldest], DROP_reassembly_full);
	i = r->free_datagram;
	d = &r->datagram[i];
	bucket = bucket_of(r, k);
	r->free_datagram = d->next;
	d->key = *k;
	d->count = 0;
	d->first = d->last = NONE;
	d->next = *bucket;
	d->older = r->newest;
	d->newer = NONE;
	d->have = d->total = 0;
	*bucket = i;
	*(r->newest == NONE ? &r->oldest : &r->datagram[r->newest].newer) = i;
	r->newest = i;
	r->active++;
	timer_arm(&re->q->wheel, &d->timer,
		  qgm_now(re->q) + (k->six ? REASM_MS_IPV6 : REASM_MS_IPV4) * r->ms);
	return d;
}

/* RFC 792, RFC 8200 4.5: the sender is told if the first fragment is here. */
static void expired(struct qgm *q, struct timer *timer)
{
	struct datagram *d = container_of(timer, struct datagram, timer);
	struct re *re = qgm_re(q);
	const struct tables *t = tables_current();
	struct packet *first = NULL;
	bool six = d->key.six;

	if (!re->reasm->piece[d->first].from)
		first = pop(re, d);
	drop_datagram(re, d, DROP_reassembly_timeout);
	if (first && six)
		icmp6_error(re, t, first, ICMP6_TIME_EXCEEDED, ICMP6_TIME_EXCEED_REASSEMBLY, 0,
			    DROP_reassembly_timeout);
	else if (first)
		icmp_error(re, t, first, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0,
			   DROP_reassembly_timeout);
}

/* --- pieces --------------------------------------------------------------------------------- */

/* Where a piece goes: behind the link that is returned. NULL: it overlaps; *duplicate: it is there
 * already. */
static u16 *place(struct reasm *r, struct datagram *d, u32 from, u32 to, bool *duplicate)
{
	u16 *link = &d->first;

	*duplicate = false;
	if (d->count && from >= r->piece[d->last].to)
		return &r->piece[d->last].next;
	while (*link != NONE && r->piece[*link].to <= from)
		link = &r->piece[*link].next;
	if (*link == NONE || r->piece[*link].from >= to)
		return link;
	*duplicate = r->piece[*link].from == from && r->piece[*link].to == to;
	return NULL;
}

static void insert(struct re *re, struct datagram *d, u16 *link, struct packet *p,
		   const struct fragment *f)
{
	struct reasm *r = re->reasm;
	u16 i = r->free_piece;

	r->free_piece = r->piece[i].next;
	r->piece[i] = (struct piece){
		.p = p,
		.from = (u16)f->from,
		.to = (u16)(f->from + f->bytes),
		.at = f->at,
		.next = *link,
	};
	*link = i;
	if (r->piece[i].next == NONE)
		d->last = i;
	d->count++;
	d->have += f->bytes;
	if (!f->more)
		d->total = f->from + f->bytes;
	qgm_hold(re->q, p);
}

/* Does the fragment contradict what is known of where the datagram ends? */
static bool end_differs(const struct reasm *r, const struct datagram *d, const struct fragment *f)
{
	u32 to = f->from + f->bytes;

	if (d->total && (f->more ? to > d->total : to != d->total))
		return true;
	return !f->more && d->count && r->piece[d->last].to > to;
}

/* All pieces behind the first one's payload. The first piece's packet, longer. */
static struct packet *join(struct re *re, struct datagram *d)
{
	struct reasm *r = re->reasm;
	u32 base = r->piece[d->first].at, total = d->total;
	struct packet *whole;

	whole = r->piece[d->first].p;
	if (base + total > qgm_room(re->q, whole)) {
		drop_datagram(re, d, DROP_reassembly_size);
		return NULL;
	}
	pop(re, d);
	while (d->count) {
		const struct piece *c = &r->piece[d->first];
		struct packet *p = c->p;

		__builtin_memcpy(whole->data + base + c->from, p->data + c->at,
				 (u32)c->to - c->from);
		pop(re, d);
		qgm_consume(re->q, p);
	}
	forget(re, d);
	whole->len = (u16)(base + total);
	return whole;
}

/* The first fragment's packet with all of the payload, or NULL. */
static struct packet *add(struct re *re, struct packet *p, const struct fragment *f)
{
	struct reasm *r = re->reasm;
	struct datagram *d = find(r, &f->key);
	bool duplicate;
	u16 *link;

	if (r->free_piece == NONE) {
		struct datagram *oldest = &r->datagram[r->oldest];

		if (oldest == d)
			d = NULL;
		drop_datagram(re, oldest, DROP_reassembly_full);
	}
	if (!d)
		d = make(re, &f->key);
	link = place(r, d, f->from, f->from + f->bytes, &duplicate);
	if (duplicate) {
		qgm_drop(re->q, p, DROP_fragment_duplicate);
		return NULL;
	}
	if (!link || end_differs(r, d, f)) {
		qgm_drop(re->q, p, DROP_fragment_overlap);
		drop_datagram(re, d, DROP_fragment_overlap);
		return NULL;
	}
	if (d->count == REASM_FRAGMENTS) {
		qgm_drop(re->q, p, DROP_reassembly_full);
		drop_datagram(re, d, DROP_reassembly_full);
		return NULL;
	}
	insert(re, d, link, p, f);
	return d->total && d->have == d->total ? join(re, d) : NULL;
}

/* --- IPv4 ----------------------------------------------------------------------------------- */

struct packet *reasm_ipv4(struct re *re, const struct tables *t, struct packet *p)
{
	struct ipv4_hdr *ip = packet_ipv4(p);
	u32 frag = be16_to_cpu(ip->frag);
	struct fragment f = {
		.key = { .src = pix_ip4(be32_to_cpu(ip->src)),
			 .dst = pix_ip4(be32_to_cpu(ip->dst)),
			 .id = ip->id,
			 .vrf = p->vrf,
			 .proto = ip->proto },
		.from = (frag & IP_OFFMASK) * 8,
		.bytes = (u32)p->len - p->l4_off,
		.at = p->l4_off,
		.more = frag & IP_MF,
	};

	(void)t;
	if (!f.bytes || (f.more && f.bytes % 8) ||
	    f.from + f.bytes > DATAGRAM_MAX - ipv4_hlen(ip)) {
		qgm_drop(re->q, p, DROP_fragment_bad);
		return NULL;
	}
	p = add(re, p, &f);
	if (!p)
		return NULL;
	ip = packet_ipv4(p);
	ip->frag = 0;
	ip->total_len = cpu_to_be16((u16)packet_l3_len(p));
	ip->check = 0;
	ip->check = checksum(ip, ipv4_hlen(ip));
	return p;
}

/* --- IPv6 ----------------------------------------------------------------------------------- */

/* Take the fragment header at `x` out of `p`, whose payload is complete. */
static struct packet *strip(struct packet *p)
{
	struct ext6 x = ext6_start(p);
	u8 *h = (u8 *)packet_ipv6(p);
	u8 next;

	ext6_walk(p, &x, true); /* stood there before */
	next = h[x.off];
	h[x.next_at] = next;
	for (u32 i = x.off; i; i -= 8) /* eight bytes on, from the back: headers are units of 8 */
		__builtin_memcpy(h + i, h + i - 8, 8);
	p->l3_off = (u16)(p->l3_off + 8);
	p->l4_off = (u16)(p->l3_off + IPV6_HLEN);
	packet_ipv6(p)->payload_len = cpu_to_be16((u16)(packet_l3_len(p) - IPV6_HLEN));
	p->l4_proto = packet_ipv6(p)->next;
	return p;
}

/* RFC 8200 4.5, RFC 7112 5: the first fragment holds all headers. Walked in a copy of the walk, as
 * if the fragment header were not there. */
static bool first_is_whole(const struct packet *p, const struct ext6 *at)
{
	struct ext6 x = *at;
	u32 room = packet_l3_len(p);

	x.proto = ((const u8 *)packet_ipv6(p))[x.off];
	x.next_at = x.off;
	x.off = (u16)(x.off + sizeof(struct ipv6_fragment));
	switch (ext6_walk(p, &x, true)) {
	case EXT6_SHORT:
		return false;
	case EXT6_UPPER:
		return x.proto == IPPROTO_NONE_ || room >= x.off + 8u;
	default:
		return true; /* judged when the whole is here */
	}
}

static void parameter_problem(struct re *re, const struct tables *t, struct packet *p, u8 code,
			      u32 pointer)
{
	icmp6_error(re, t, p, ICMP6_PARAM_PROB, code, pointer, DROP_fragment_bad);
}

struct packet *reasm_ipv6(struct re *re, const struct tables *t, struct packet *p,
			  const struct ext6 *x)
{
	const struct ipv6_hdr *ip = packet_ipv6(p);
	const struct ipv6_fragment *h = (const void *)((const u8 *)ip + x->off);
	u32 offset = be16_to_cpu(h->offset);
	struct fragment f = {
		.key = { .src = packet_src6(p),
			 .dst = packet_dst6(p),
			 .id = h->id,
			 .vrf = p->vrf,
			 .six = 1 },
		.from = offset & IP6_OFFMASK,
		.at = (u16)(p->l3_off + x->off + sizeof(*h)),
		.more = offset & IP6_MORE,
	};

	f.bytes = (u32)p->len - f.at;
	if (f.more && (f.bytes % 8 || !f.bytes)) {
		parameter_problem(re, t, p, ICMP6_PARAMPROB_HEADER,
				  __builtin_offsetof(struct ipv6_hdr, payload_len));
		return NULL;
	}
	if (f.from + f.bytes + x->off > (u32)DATAGRAM_MAX + IPV6_HLEN) {
		parameter_problem(re, t, p, ICMP6_PARAMPROB_HEADER, x->off + 2u);
		return NULL;
	}
	if (!f.from && f.more && !first_is_whole(p, x)) {
		parameter_problem(re, t, p, ICMP6_PARAMPROB_FIRSTFRAG, 0);
		return NULL;
	}
	if (!f.from && !f.more)
		return strip(p); /* RFC 6946 4: an atomic one is on its own */
	if (!f.bytes) {
		qgm_drop(re->q, p, DROP_fragment_bad);
		return NULL;
	}
	p = add(re, p, &f);
	return p ? strip(p) : NULL;
}
