// SPDX-License-Identifier: MIT
/*
 * control_source: the own address from which this router's packets to a destination go out
 * (control.h): IPv4 by the subnet of the next hop (RFC 1122 3.3.4.3), IPv6 by the rules of RFC 6724
 * section 5 that concern a router: same address (1), appropriate scope (2), outgoing interface (5),
 * longest matching prefix (8). Generic side, control lock.
 */
#include "qgm/control.h"

#include "qgm/re/errno.h"
#include "qgm/re/ifset.h"
#include "qgm/re/ipv6.h"
#include "qgm/re/prefix.h"
#include "qgm/tables.h"

struct query {
	struct pix_ip dst; /* scoped */
	struct pix_ip via; /* next hop */
	u16 vrf, ifid;     /* of the way out */
};

/* A candidate and how good it is; higher wins, the first of equals. */
struct choice {
	struct pix_ip ip;
	u32 rank; /* 0: none yet */
};

/* 2 link-local, 14 global (RFC 6724 3.1, 3.2). */
static u32 scope(struct pix_ip a)
{
	if (pix_ip_is4(a))
		return 14;
	if (pix_ip6_multicast(a))
		return ip6_multicast_scope(a);
	return pix_ip_linklocal(a) ? 2 : 14;
}

static u32 rank(const struct query *q, const struct pix_iface *cfg, u32 i)
{
	struct pix_ip own = ifset_addr(cfg, i);
	u32 r = 1 + (prefix_common(own, q->dst) & 127);

	if (pix_ip_is4(own))
		r = 1 + prefix_match(own, q->via, cfg->addr[i].len);
	if (cfg->id == q->ifid)
		r += 1 << 8;
	/* A source of a smaller scope than the destination's is the last resort, and the smallest
	 * that will do is best. */
	if (scope(own) >= scope(q->dst))
		r += (32 - scope(own)) << 9;
	return r;
}

static void consider(struct choice *c, const struct query *q, const struct pix_iface *cfg)
{
	for (u32 i = 0; i < cfg->addr_count; i++) {
		struct pix_ip ip = cfg->addr[i].ip;
		u32 r;

		if (pix_ip_is4(ip) != pix_ip_is4(q->dst) || cfg->addr[i].state != PIX_ADDR_VALID)
			continue;
		if (pix_ip_linklocal(ip) && cfg->id != q->ifid)
			continue;
		r = rank(q, cfg, i);
		if (r > c->rank)
			*c = (struct choice){ .ip = ip, .rank = r };
	}
}

/* The next hop of the destination; for a group its first member. NULL: none. */
static const struct adjacency *way_out(const struct tables *t, u16 vrf, struct pix_ip dst)
{
	const struct adjacency *adj;
	u32 id = 0;

	if (pix_ip_is4(dst) && t->fib[vrf])
		id = fib_lookup(t->fib[vrf], pix_ip_to4(dst));
	if (!pix_ip_is4(dst) && t->fib6[vrf])
		id = fib6_lookup(t->fib6[vrf], dst);
	if (!id)
		return NULL;
	adj = nh_get(t->nh, id);
	return adj->kind == NH_GROUP ? nh_get(t->nh, adj->group->bucket[0]) : adj;
}

int control_source(u16 vrf, struct pix_ip dst, u16 ifid, struct pix_ip *src)
{
	struct query q = { .dst = ip6_scoped(dst, ifid), .vrf = vrf, .ifid = ifid };
	struct choice best = { .rank = 0 };
	const struct adjacency *adj;

	if (vrf >= VRF_MAX)
		return -ENOENT;
	q.via = q.dst;
	if (pix_ip_is4(dst) || !pix_ip6_multicast(dst)) {
		adj = way_out(tables_current(), vrf, q.dst);
		if (!adj)
			return -ENOENT;
		if (adj->kind == NH_LOCAL) {
			*src = dst;
			return 0;
		}
		q.ifid = adj->ifid;
		if (adj->kind == NH_FORWARD)
			q.via = adj->gateway;
	}
	for (u16 id = ifset_next(0); id; id = ifset_next(id)) {
		const struct pix_iface *cfg = ifset_get(id);

		if (cfg->vrf == vrf && ifset_is_active(cfg))
			consider(&best, &q, cfg);
	}
	if (!best.rank)
		return -ENOENT;
	*src = best.ip;
	return 0;
}
