// SPDX-License-Identifier: MIT
/*
 * RE routing: lookup of a burst, and the rewrite stage (RFC 1812 5.2, 5.3; RFC 8200 3). QGM cores.
 * The usual packet goes re_route4 or re_route6 -> send -> rewrite_one with no branch mispredicted
 * and no function that is not here. Both families run the same text, with `six` as a constant.
 */
#include "qgm/re/re.h"

#include "qgm/re/checksum.h"
#include "qgm/re/icmp6.h"
#include "qgm/stages.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

static void slow(struct re *re, const struct tables *t, struct packet *p,
		 const struct adjacency *adj, bool six)
{
	if (six)
		re_slow6(re, t, p, adj);
	else
		re_slow4(re, t, p, adj);
}

static void no_route(struct re *re, const struct tables *t, struct packet *p, bool six)
{
	if (six)
		icmp6_error(re, t, p, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOROUTE, 0,
			    DROP_no_route);
	else
		icmp_error(re, t, p, ICMP_DEST_UNREACH, ICMP_NET_UNREACH, 0, DROP_no_route);
}

/* True: rewrite may send `p` to its next hop as it is. */
static ALWAYS_INLINE bool forward_ok(const struct packet *p, const struct adjacency *adj, bool six)
{
	u32 hops = six ? packet_ipv6(p)->hop_limit : packet_ipv4(p)->ttl;

	return adj->resolved && !(p->flags & PACKET_BROADCAST) &&
	       (hops > 1 || (p->flags & PACKET_LOCAL)) && packet_l3_len(p) <= adj->mtu;
}

/* The member of a group for the flow of `p`. */
static const struct adjacency *choose(const struct tables *t, struct packet *p,
				      const struct adjacency *group, u32 *id)
{
	*id = nh_group_member(group->group, re_path_hash(p, packet_hash(p)));
	return nh_get(t->nh, *id);
}

/* TTL and checksum (RFC 1812 5.3.1, RFC 1624), the Ethernet header. */
static ALWAYS_INLINE void rewrite_one(struct packet *p, const struct adjacency *adj, u32 plants,
				      bool six)
{
	struct ipv4_hdr *ip = packet_ipv4(p);
	u32 hlen = plants && !adj->eth_len ? ETH_HLEN : adj->eth_len; /* "stale-nh" */

	if (six) {
		if (!(p->flags & PACKET_LOCAL) && likely(!(plants & RE_PLANT_TTL)))
			packet_ipv6(p)->hop_limit--;
	} else if (!(p->flags & PACKET_LOCAL)) {
		be16 from, to;

		__builtin_memcpy(&from, &ip->ttl, sizeof(from)); /* the word TTL, protocol */
		if (likely(!(plants & RE_PLANT_TTL)))
			ip->ttl--;
		__builtin_memcpy(&to, &ip->ttl, sizeof(to));
		if (likely(!(plants & RE_PLANT_CHECKSUM)))
			ip->check = checksum_update(ip->check, from, to);
	}
	p->len = (u16)(p->len - p->l3_off + hlen);
	p->data = (u8 *)ip - hlen;
	p->l4_off = (u16)(p->l4_off - p->l3_off + hlen);
	p->l3_off = (u16)hlen;
	p->out_if = adj->ifid;
	p->out_port = adj->port;
	if (likely(hlen == ETH_HLEN))
		__builtin_memcpy(p->data, adj->eth, ETH_HLEN);
	else
		__builtin_memcpy(p->data, adj->eth, hlen);
}

void re_emit(struct re *re, const struct tables *t, struct packet *p)
{
	if (likely(p->out_port))
		qgm_output(re->q, t, p);
	else
		fe_send(re->q, t, p);
}

void re_odd(struct re *re, const struct tables *t, struct packet *p, const struct adjacency *adj,
	    bool six)
{
	if (unlikely(!p->nh_id)) {
		no_route(re, t, p, six);
	} else if (forward_ok(p, adj, six)) { /* to a bridge */
		rewrite_one(p, adj, 0, six);
		re_emit(re, t, p);
	} else {
		slow(re, t, p, adj, six);
	}
}

/* Packets that have a way, with the adjacency of each: module hook, then rewrite. */
static ALWAYS_INLINE void send(struct re *re, const struct tables *t, struct packet **p,
			       const struct adjacency *const *adj, u32 n, bool six)
{
	qgm_stage(re->q, PIX_STAGE_re, 0); /* up to here; packets are counted by who calls us */
	if (unlikely(stage_hooked(HOOK_FORWARD) || re->plants)) {
		n = stage_hook(re->q, t, HOOK_FORWARD, p, n);
		re_rewrite(re, t, p, n);
	} else {
		u32 m = 0;

		/* Looked up under this very root a moment ago: no generation to compare, and a
		 * resolved adjacency is on an interface that is up. */
		counter_add(&re->q->c->stage[PIX_STAGE_rewrite].packets, n);
		for (u32 i = 0; i < n; i++) {
			struct packet *pkt = p[i];

			rewrite_one(pkt, adj[i], 0, six);
			if (likely(adj[i]->port))
				p[m++] = pkt;
			else
				re_emit(re, t, pkt);
		}
		qgm_output_burst(re->q, p, m);
	}
	qgm_stage(re->q, PIX_STAGE_rewrite, 0);
}

/*
 * Look up a burst. Packets to one destination come in trains, so that a run of equal destinations
 * is looked up once.
 */
static void lookup4(const struct fib *f, const u32 *dst, u32 *id, u32 n)
{
	u32 key[BURST_MAX], k = 0;

	key[0] = dst[0];
	for (u32 i = 1; i < n; i++) {
		k += dst[i] != key[k];
		key[k] = dst[i];
	}
	fib_lookup_burst(f, key, id, k + 1);
	for (u32 i = n - 1; i > k; i--) { /* from the back: run k ends at or behind index k */
		id[i] = id[k];
		k -= dst[i] != dst[i - 1];
	}
}

static void lookup6(const struct fib6 *f, const struct pix_ip *dst, u32 *id, u32 n)
{
	struct pix_ip key[BURST_MAX];
	u32 k = 0;

	key[0] = dst[0];
	for (u32 i = 1; i < n; i++) {
		k += !pix_ip_eq(dst[i], key[k]);
		key[k] = dst[i];
	}
	fib6_lookup_burst(f, key, id, k + 1);
	for (u32 i = n - 1; i > k; i--) {
		id[i] = id[k];
		k -= !pix_ip_eq(dst[i], dst[i - 1]);
	}
}

/* Packets p[0..n) of one VRF with the next-hop id of each. */
static ALWAYS_INLINE void forward(struct re *re, const struct tables *t, struct packet *const *p,
				  const u32 *id, u32 n, bool six)
{
	const struct adjacency *way[BURST_MAX];
	struct packet *out[BURST_MAX];
	u32 m = 0;

	for (u32 i = 0; i < n; i++) {
		const struct adjacency *adj = nh_get(t->nh, id[i]);
		struct packet *pkt = p[i];

		pkt->nh_id = id[i];
		pkt->nh_gen = adj->gen;
		if (likely(forward_ok(pkt, adj, six))) {
			way[m] = adj;
			out[m++] = pkt;
			continue;
		}
		if (unlikely(!id[i])) {
			no_route(re, t, pkt, six);
			continue;
		}
		if (adj->kind == NH_GROUP) {
			adj = choose(t, pkt, adj, &pkt->nh_id);
			pkt->nh_gen = adj->gen;
			if (likely(forward_ok(pkt, adj, six))) {
				way[m] = adj;
				out[m++] = pkt;
				continue;
			}
		}
		if (m && adj->resolved) { /* fragments must not pass what is in front of them */
			send(re, t, out, way, m, six);
			m = 0;
		}
		slow(re, t, pkt, adj, six);
	}
	if (m)
		send(re, t, out, way, m, six);
}

/* How many packets from the first on are of one VRF. */
static ALWAYS_INLINE u32 run_of(struct packet *const *p, u32 n)
{
	u32 run = 1;

	while (run < n && p[run]->vrf == p[0]->vrf)
		run++;
	return run;
}

void re_route4(struct re *re, const struct tables *t, struct packet *const *p, const u32 *dst,
	       u32 n)
{
	u32 id[BURST_MAX];

	for (u32 run; n; p += run, dst += run, n -= run) {
		const struct fib *f = t->fib[p[0]->vrf];

		run = run_of(p, n);
		if (likely(f))
			lookup4(f, dst, id, run);
		else
			__builtin_memset(id, 0, run * sizeof(id[0]));
		forward(re, t, p, id, run, false);
	}
}

void re_route6(struct re *re, const struct tables *t, struct packet *const *p,
	       const struct pix_ip *dst, u32 n)
{
	u32 id[BURST_MAX];

	for (u32 run; n; p += run, dst += run, n -= run) {
		const struct fib6 *f = t->fib6[p[0]->vrf];

		run = run_of(p, n);
		if (likely(f))
			lookup6(f, dst, id, run);
		else
			__builtin_memset(id, 0, run * sizeof(id[0]));
		forward(re, t, p, id, run, true);
	}
}

const struct adjacency *re_lookup(const struct tables *t, struct packet *p, u32 *id)
{
	const struct adjacency *adj;

	if (packet_is6(p)) {
		const struct fib6 *f = t->fib6[p->vrf];

		*id = f ? fib6_lookup(f, packet_dst6(p)) : 0;
	} else {
		const struct fib *f = t->fib[p->vrf];

		*id = f ? fib_lookup(f, be32_to_cpu(packet_ipv4(p)->dst)) : 0;
	}
	if (!*id)
		return NULL;
	adj = nh_get(t->nh, *id);
	return adj->kind == NH_GROUP ? choose(t, p, adj, id) : adj;
}

void re_route_one(struct re *re, const struct tables *t, struct packet *p)
{
	bool six = packet_is6(p);
	u32 id;
	const struct adjacency *adj = re_lookup(t, p, &id);

	if (!adj) {
		no_route(re, t, p, six);
		return;
	}
	p->nh_id = id;
	p->nh_gen = adj->gen;
	if (!forward_ok(p, adj, six))
		slow(re, t, p, adj, six);
	else if (stage_hook(re->q, t, HOOK_FORWARD, &p, 1))
		re_rewrite(re, t, &p, 1);
}

/*
 * The next hop changed between lookup and here (the packet crossed a ring or a module waited): once
 * more through lookup, then it is dropped.
 */
static void stale(struct re *re, const struct tables *t, struct packet *p)
{
	if (p->flags & PACKET_RELOOKUP) {
		qgm_drop(re->q, p, DROP_stale_nexthop);
		return;
	}
	p->flags |= PACKET_RELOOKUP;
	re_route_one(re, t, p);
}

void re_rewrite(struct re *re, const struct tables *t, struct packet *const *p, u32 n)
{
	counter_add(&re->q->c->stage[PIX_STAGE_rewrite].packets, n);
	for (u32 i = 0; i < n; i++) {
		const struct adjacency *adj = NULL;

		if (likely(nh_valid(t->nh, p[i]->nh_id)))
			adj = nh_get(t->nh, p[i]->nh_id);
		if (unlikely(!adj ||
			     (adj->gen != p[i]->nh_gen && !(re->plants & RE_PLANT_STALE_NH)))) {
			stale(re, t, p[i]);
			continue;
		}
		if (packet_is6(p[i]))
			rewrite_one(p[i], adj, re->plants, true);
		else
			rewrite_one(p[i], adj, re->plants, false);
		re_emit(re, t, p[i]);
	}
}
