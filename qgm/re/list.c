// SPDX-License-Identifier: MIT
/* The listings of control.h. Generic side, control lock held. */
#include "qgm/control.h"

#include "qgm/re/adj.h"
#include "qgm/re/errno.h"
#include "qgm/re/ifset.h"
#include "qgm/re/ipv6.h"
#include "qgm/re/rib.h"

static bool listed(const struct rib_info *r)
{
	return r->proto <= PIX_ROUTE_BGP;
}

static u8 type_of(const struct rib_info *r)
{
	if (r->kind == NH_BLACKHOLE)
		return PIX_ROUTE_BLACKHOLE;
	return r->kind == NH_UNREACHABLE ? PIX_ROUTE_UNREACHABLE : PIX_ROUTE_FORWARD;
}

/* Path `path` of a route. */
static void route_fill(struct pix_route *out, const struct prefix *p, const struct rib_infos *l,
		       const struct rib_info *r, u32 path)
{
	const struct path_member *m = r->set ? &r->set->member[path] : NULL;
	const struct nexthop *nh = m ? m->nh : r->nh;

	*out = (struct pix_route){
		.vrf = p->vrf,
		.len = p->len,
		.proto = r->proto,
		.addr = ip6_unscoped(p->addr),
		.gateway = m ? ip6_unscoped(m->path.gateway) : PIX_IP_NONE,
		.path = (u8)path,
		.paths = r->set ? r->set->count : 1,
		.weight = m ? m->path.weight : 1,
		.ifid = nh ? nh->ifid : 0,
		.type = type_of(r),
		.distance = r->distance,
	};
	if (r->proto == PIX_ROUTE_LOCAL)
		out->ifid = ifset_owner(p->vrf, p->addr);
	out->active = nh && rib_best(l) == r;
}

u32 control_list_routes(struct control_routes *at, struct pix_route *out, u32 max, u32 *total)
{
	struct prefix p = { .vrf = at->vrf, .addr = at->addr, .len = at->len };
	struct rib_walk w;
	struct rib_infos l;
	u32 n = 0;

	*total = rib_listed();
	if (at->end)
		return 0;
	rib_walk_start(&w, &p, at->begun ? RIB_FROM : RIB_FIRST);
	while (n < max) {
		u32 seen = 0;

		if (!rib_walk_next(&w, &p, &l)) {
			at->end = true;
			break;
		}
		if (!at->begun || p.vrf != at->vrf || p.len != at->len ||
		    !pix_ip_eq(p.addr, at->addr))
			*at = (struct control_routes){
				.begun = true, .vrf = p.vrf, .len = p.len, .addr = p.addr
			};
		for (u32 i = 0; i < l.n; i++) {
			u32 paths = l.info[i]->set ? l.info[i]->set->count : 1;

			for (u32 k = 0; listed(l.info[i]) && k < paths; k++) {
				if (seen++ < at->done)
					continue;
				if (n == max)
					return n;
				route_fill(&out[n++], &p, &l, l.info[i], k);
				at->done++;
			}
		}
	}
	return n;
}

u32 control_list_neigh(u32 start, struct pix_neigh *out, u32 max, u32 *total)
{
	static const struct btree_key first;
	struct btree_iter it = btree_from(adj_neighbours(), &first, false);
	u32 seen = 0, n = 0;

	for (; it.item; btree_next(&it)) {
		const struct neigh *e = it.item;

		if (seen++ < start || n == max)
			continue;
		out[n] = (struct pix_neigh){ .ifid = e->ifid,
					     .addr = ip6_unscoped(e->addr),
					     .state = PIX_NEIGH_RESOLVED };
		__builtin_memcpy(out[n++].mac, e->mac, sizeof(e->mac));
	}
	*total = seen;
	return n;
}

u32 control_list_gateways(u32 start, struct pix_neigh *out, u32 max, u32 *total)
{
	static const struct btree_key first;
	struct btree_iter it = btree_from(adj_nexthops(), &first, false);
	u32 seen = 0, n = 0;

	for (; it.item; btree_next(&it)) {
		const struct nexthop *nh = it.item;

		if (nh->kind != NH_FORWARD || adj_neigh(nh->ifid, nh->gateway) || seen++ < start ||
		    n == max)
			continue;
		out[n++] = (struct pix_neigh){ .ifid = nh->ifid,
					       .addr = ip6_unscoped(nh->gateway),
					       .state = nh->failed ? PIX_NEIGH_FAILED
								   : PIX_NEIGH_WANTED };
	}
	*total = seen;
	return n;
}

u32 control_list_tables(u32 start, struct pix_table *out, u32 max, u32 *total)
{
	const struct tables *t = tables_current();
	u32 seen = 0, n = 0;

	for (u32 i = 0; i < 2 * VRF_MAX; i++) {
		u16 vrf = (u16)(i / 2);
		bool v6 = i & 1;
		struct pix_table e = { .vrf = vrf, .v6 = v6 };

		e.rib_bytes = rib_table_bytes(vrf, v6, &e.prefixes);
		if (!e.prefixes || seen++ < start || n == max)
			continue;
		if (v6 && t->fib6[vrf]) {
			e.fib_prefixes = t->fib6[vrf]->count;
			e.fib_bytes = fib6_bytes(t->fib6[vrf]);
		} else if (!v6 && t->fib[vrf]) {
			e.fib_prefixes = t->fib[vrf]->count;
			e.fib_bytes = fib_bytes(t->fib[vrf]);
		}
		out[n++] = e;
	}
	*total = seen;
	return n;
}

u32 control_list_ifaces(u32 start, struct pix_iface *out, u32 max, u32 *total)
{
	u32 seen = 0, n = 0;

	for (u16 id = ifset_next(0); id; id = ifset_next(id))
		if (seen++ >= start && n < max)
			out[n++] = *ifset_get(id);
	*total = seen;
	return n;
}

u32 control_list_bridges(u32 start, struct pix_bridge *out, u32 max, u32 *total)
{
	const struct tables *t = tables_current();
	u32 seen = 0, n = 0;

	for (u16 id = 1; id < BRIDGE_MAX; id++) {
		const struct bridge *b = t->bridge[id];

		if (!b || !b->count || seen++ < start || n == max)
			continue;
		out[n++] = (struct pix_bridge){
			.id = id,
			.owner = b->owner,
			.ageing_s = ifset_ageing(id),
			.mac_limit = ifset_mac_limit(id),
			.members = b->count,
		};
	}
	*total = seen;
	return n;
}

int control_iface(u16 ifid, struct pix_iface *out)
{
	if (!ifset_get(ifid))
		return -ENOENT;
	*out = *ifset_get(ifid);
	return 0;
}
