// SPDX-License-Identifier: MIT
/* The listings of control.h. Generic side, control lock held. */
#include "qgm/control.h"

#include "qgm/re/adj.h"
#include "qgm/re/errno.h"
#include "qgm/re/ifset.h"
#include "qgm/re/rib.h"

static bool listed(const struct rib_route *r)
{
	return r->proto <= PIX_ROUTE_BGP;
}

static void route_fill(struct pix_route *out, const struct rib_prefix *p, const struct rib_route *r)
{
	const struct nexthop *nh = rib_route_nh(r);
	u8 type = PIX_ROUTE_FORWARD;

	if (r->type == NH_BLACKHOLE)
		type = PIX_ROUTE_BLACKHOLE;
	else if (r->type == NH_UNREACHABLE)
		type = PIX_ROUTE_UNREACHABLE;
	*out = (struct pix_route){
		.vrf = p->vrf,
		.len = p->len,
		.proto = r->proto,
		.addr = pix_ip4(p->addr),
		.gateway = r->gw ? pix_ip4(r->gw->addr) : PIX_IP_NONE,
		.paths = 1,
		.ifid = nh ? nh->ifid : 0,
		.type = type,
		.distance = r->distance,
	};
	if (r->proto == PIX_ROUTE_LOCAL)
		out->ifid = ifset_owner(p->vrf, p->addr);
	out->active = nh && rib_best(p) == r;
}

u32 control_list_routes(u32 start, struct pix_route *out, u32 max, u32 *total)
{
	u32 seen = 0, n = 0;

	for (struct skip_node *node = skip_from(rib_prefixes(), 0); node; node = node->next[0]) {
		const struct rib_prefix *p = node->item;

		for (const struct rib_route *r = p->routes; r; r = r->next) {
			if (!listed(r))
				continue;
			if (seen++ >= start && n < max)
				route_fill(&out[n++], p, r);
		}
	}
	*total = seen;
	return n;
}

u32 control_list_neigh(u32 start, struct pix_neigh *out, u32 max, u32 *total)
{
	u32 seen = 0, n = 0;

	for (struct skip_node *node = skip_from(adj_neighbours(), 0); node; node = node->next[0]) {
		const struct neigh *e = node->item;

		if (seen++ < start || n == max)
			continue;
		out[n] =
			(struct pix_neigh){ .ifid = e->ifid, .addr = pix_ip4(e->addr), .state = 1 };
		__builtin_memcpy(out[n++].mac, e->mac, sizeof(e->mac));
	}
	*total = seen;
	return n;
}

u32 control_list_ifaces(u32 start, struct pix_iface *out, u32 max, u32 *total)
{
	u32 seen = 0, n = 0;

	for (u16 id = 1; ifset_get(id); id++)
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
