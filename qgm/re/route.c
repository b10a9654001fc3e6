// SPDX-License-Identifier: MIT
/*
 * RE routing: lookup of a burst, what each kind of next hop means (RFC 1812 5.2, 5.3), and the
 * rewrite stage. QGM cores. The usual packet goes re_route -> send -> re_rewrite with no branch
 * mispredicted and no function that is not here.
 */
#include "qgm/re/re.h"

#include "qgm/re/checksum.h"
#include "qgm/stages.h"

void re_wait(struct re *re, struct packet *p, const struct adjacency *adj)
{
	u32 dst = be32_to_cpu(packet_ipv4(p)->dst);

	neigh_wait(re, p, adj->ifid, adj->kind == NH_GLEAN ? pix_ip4(dst) : adj->gateway);
}

/* A packet whose next hop is not a resolved neighbour, or that may not go there. Consumes it. */
static void slow_path(struct re *re, const struct tables *t, struct packet *p,
		      const struct adjacency *adj)
{
	const struct ipv4_hdr *ip = packet_ipv4(p);
	bool local = p->flags & PACKET_LOCAL;

	switch (adj->kind) {
	case NH_LOCAL:
		re_local(re, t, p, false);
		return;
	case NH_BROADCAST:
		re_local(re, t, p, true);
		return;
	case NH_BLACKHOLE:
		qgm_drop(re->q, p, DROP_blackhole);
		return;
	case NH_UNREACHABLE:
		icmp_error(re, t, p, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0, DROP_unreachable);
		return;
	case NH_GLEAN:
	case NH_FORWARD:
		break;
	default:
		qgm_drop(re->q, p, DROP_stale_nexthop);
		return;
	}
	/* RFC 1812 5.3.4: what came as a link-layer broadcast is not forwarded. */
	if (p->flags & PACKET_BROADCAST) {
		qgm_drop(re->q, p, DROP_ip_broadcast);
	} else if (!local && ip->ttl <= 1) {
		icmp_error(re, t, p, ICMP_TIME_EXCEEDED, 0, 0, DROP_ttl_expired);
	} else if ((u32)p->len - p->l3_off > adj->mtu) {
		struct icmp_hdr h = { .frag.mtu = cpu_to_be16(adj->mtu) };

		if (ip->frag & cpu_to_be16(IP_DF))
			icmp_error(re, t, p, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, h.rest,
				   DROP_mtu_exceeded);
		else
			re_fragment(re, t, p, adj);
	} else {
		re_wait(re, p, adj);
	}
}

/* True: rewrite may send `p` to its next hop as it is. */
static inline bool forward_ok(const struct packet *p, const struct adjacency *adj)
{
	u32 ttl = packet_ipv4(p)->ttl;

	return adj->resolved && !(p->flags & PACKET_BROADCAST) &&
	       (ttl > 1 || (p->flags & PACKET_LOCAL)) && (u32)p->len - p->l3_off <= adj->mtu;
}

/* The adjacency of a packet's next-hop id, noted in the packet; NULL: no route, consumed. */
static inline const struct adjacency *resolve(struct re *re, const struct tables *t,
					      struct packet *p, u32 id)
{
	const struct adjacency *adj;

	if (unlikely(!id)) {
		icmp_error(re, t, p, ICMP_DEST_UNREACH, ICMP_NET_UNREACH, 0, DROP_no_route);
		return NULL;
	}
	adj = nh_get(t->nh, id);
	p->nh_id = id;
	p->nh_gen = adj->gen;
	return adj;
}

/* TTL and checksum (RFC 1812 5.3.1, RFC 1624), the Ethernet header. */
static inline void rewrite_one(struct packet *p, const struct adjacency *adj, u32 plants)
{
	struct ipv4_hdr *ip = packet_ipv4(p);

	if (!(p->flags & PACKET_LOCAL)) {
		be16 from, to;

		__builtin_memcpy(&from, &ip->ttl, sizeof(from)); /* the word TTL, protocol */
		if (likely(!(plants & RE_PLANT_TTL)))
			ip->ttl--;
		__builtin_memcpy(&to, &ip->ttl, sizeof(to));
		if (likely(!(plants & RE_PLANT_CHECKSUM)))
			ip->check = checksum_update(ip->check, from, to);
	}
	p->len = (u16)(p->len - p->l3_off + ETH_HLEN);
	p->data = (u8 *)ip - ETH_HLEN;
	p->l4_off = (u16)(p->l4_off - p->l3_off + ETH_HLEN);
	p->l3_off = ETH_HLEN;
	p->out_if = adj->ifid;
	p->out_port = adj->port;
	__builtin_memcpy(p->data, adj->eth, ETH_HLEN);
}

/* Packets that have a way, with the adjacency of each: module hook, then rewrite. */
static void send(struct re *re, const struct tables *t, struct packet **p,
		 const struct adjacency *const *adj, u32 n)
{
	qgm_stage(re->q, PIX_STAGE_re, 0); /* up to here; packets are counted by who calls us */
	if (unlikely(stage_hooked(HOOK_FORWARD) || re->plants)) {
		n = stage_hook(re->q, t, HOOK_FORWARD, p, n);
		re_rewrite(re, t, p, n);
	} else {
		/* Looked up under this very root a moment ago: no generation to compare, and a
		 * resolved adjacency is on an interface that is up. */
		counter_add(&re->q->c->stage[PIX_STAGE_rewrite].packets, n);
		for (u32 i = 0; i < n; i++)
			rewrite_one(p[i], adj[i], 0);
		qgm_output_burst(re->q, p, n);
	}
	qgm_stage(re->q, PIX_STAGE_rewrite, 0);
}

/*
 * Look up a burst. Packets to one destination come in trains, so that a run of equal destinations
 * is looked up once.
 */
static void lookup(const struct fib *f, const u32 *dst, u32 *id, u32 n)
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

/* Packets p[0..n) of one VRF. */
static void route_run(struct re *re, const struct tables *t, struct packet *const *p,
		      const u32 *dst, u32 n)
{
	const struct fib *f = t->fib[p[0]->vrf];
	const struct adjacency *way[BURST_MAX];
	struct packet *out[BURST_MAX];
	u32 id[BURST_MAX];
	u32 m = 0;

	if (likely(f))
		lookup(f, dst, id, n);
	else
		__builtin_memset(id, 0, n * sizeof(id[0]));
	for (u32 i = 0; i < n; i++) {
		const struct adjacency *adj = resolve(re, t, p[i], id[i]);

		if (unlikely(!adj))
			continue;
		if (likely(forward_ok(p[i], adj))) {
			way[m] = adj;
			out[m++] = p[i];
			continue;
		}
		if (m && adj->resolved) { /* fragments must not pass what is in front of them */
			send(re, t, out, way, m);
			m = 0;
		}
		slow_path(re, t, p[i], adj);
	}
	if (m)
		send(re, t, out, way, m);
}

void re_route(struct re *re, const struct tables *t, struct packet *const *p, const u32 *dst, u32 n)
{
	for (u32 from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && p[to]->vrf == p[from]->vrf; to++)
			;
		route_run(re, t, p + from, dst + from, to - from);
	}
}

void re_route_one(struct re *re, const struct tables *t, struct packet *p)
{
	const struct fib *f = t->fib[p->vrf];
	u32 id = f ? fib_lookup(f, be32_to_cpu(packet_ipv4(p)->dst)) : 0;
	const struct adjacency *adj = resolve(re, t, p, id);

	if (!adj)
		return;
	if (!forward_ok(p, adj))
		slow_path(re, t, p, adj);
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
		} else {
			rewrite_one(p[i], adj, re->plants);
			qgm_output(re->q, t, p[i]);
		}
	}
}
