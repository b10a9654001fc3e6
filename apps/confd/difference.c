// SPDX-License-Identifier: MIT
/* The model of what the kernel has, and the operations that lead from one model to another: see
 * model.h. */
#include "apps/confd/model.h"

#include "apps/lib/netaddr.h"
#include "apps/lib/pixdev.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- reading ------------------------------------------------------------------------------- */

/* What configuration says of an interface that the kernel lists; out fields are left behind. */
static void configured_part(struct pix_iface *to, const struct pix_iface *from)
{
	struct pix_ip auto_addr = netaddr_link_local(from->mac);
	u32 n = from->addr_count < PIX_IF_ADDRS ? from->addr_count : PIX_IF_ADDRS;

	*to = *from;
	to->link = 0;
	memset(to->mac, 0, sizeof(to->mac));
	to->pad = 0;
	if (to->kind == PIX_IF_PORT)
		to->port = to->id;
	if (n && pix_ip_eq(from->addr[n - 1].ip, auto_addr))
		n--; /* the engine's own */
	to->addr_count = n;
	memset(to->addr, 0, sizeof(to->addr));
	for (u32 i = 0; i < n; i++) {
		to->addr[i].ip = from->addr[i].ip;
		to->addr[i].len = from->addr[i].len;
	}
	if (to->vlan_count > PIX_IF_VLANS)
		to->vlan_count = PIX_IF_VLANS;
	memset(&to->vlan[to->vlan_count], 0, (PIX_IF_VLANS - to->vlan_count) * sizeof(to->vlan[0]));
}

static int read_routes(struct model *m)
{
	struct pix_route *route;
	void *array;
	u32 count;
	int r = pixdev_list(PIX_LIST_ROUTE, sizeof(struct pix_route), &array, &count);

	if (r)
		return r;
	route = array;
	for (u32 i = 0; i < count; i++) {
		struct pix_route *to = &route[m->routes];

		if (route[i].proto != PIX_ROUTE_STATIC)
			continue;
		*to = route[i];
		to->active = to->path = to->paths = to->flags = 0;
		/* which interface was configured cannot be told; only these need one */
		if (pix_ip_is4(to->gateway) || !pix_ip_linklocal(to->gateway))
			to->ifid = 0;
		if (to->type != PIX_ROUTE_FORWARD)
			to->weight = 0;
		else if (!to->weight)
			to->weight = 1;
		m->routes++;
	}
	m->route = route;
	if (m->routes)
		qsort(m->route, m->routes, sizeof(*m->route), route_compare);
	return 0;
}

int model_read(struct model *m, const struct inventory *inv)
{
	int r = model_blank(m, inv);
	u32 port = 0;

	if (r)
		return r;
	for (u32 i = 0; i < inv->count; i++)
		if (inv->iface[i].kind == PIX_IF_PORT && inv->iface[i].mode == PIX_IF_UNUSED)
			m->iface[port++].mtu = inv->iface[i].mtu; /* the kernel says down */
		else if (inv->iface[i].kind == PIX_IF_PORT)
			configured_part(&m->iface[port++], &inv->iface[i]);
	for (u32 i = 0; i < inv->count; i++)
		if (inv->iface[i].kind != PIX_IF_PORT && inv->iface[i].mode != PIX_IF_UNUSED)
			configured_part(&m->iface[m->ifaces++], &inv->iface[i]);
	r = read_routes(m);
	if (!r)
		r = steering_read(m);
	if (r)
		model_free(m);
	return r;
}

/* --- interfaces ---------------------------------------------------------------------------- */

static bool iface_same(const struct pix_iface *a, const struct pix_iface *b)
{
	struct pix_iface x, y;

	configured_part(&x, a);
	configured_part(&y, b);
	return memcmp(&x, &y, sizeof(x)) == 0;
}

static const struct pix_iface *find_id(const struct model *m, u16 id)
{
	for (u32 i = 0; i < m->ifaces; i++)
		if (m->iface[i].id == id)
			return &m->iface[i];
	return NULL;
}

static bool addr_same(const struct pix_addr *a, const struct pix_addr *b)
{
	return pix_ip_eq(a->ip, b->ip) && a->len == b->len;
}

/*
 * Something of `from` is not kept by `to` that another interface may get in the same transaction:
 * an address, the table, the membership of a bridge.
 */
static bool gives_up(const struct pix_iface *from, const struct pix_iface *to)
{
	if (from->mode == PIX_IF_UNUSED)
		return false;
	if (from->mode != to->mode || from->vrf != to->vrf)
		return true;
	for (u32 i = 0; i < from->addr_count; i++) {
		bool kept = false;

		for (u32 j = 0; j < to->addr_count; j++)
			kept |= addr_same(&from->addr[i], &to->addr[j]);
		if (!kept)
			return true;
	}
	return false;
}

/* The same interface without a use; the kernel forgets it if it is no port. */
static struct pix_iface unused_part(const struct pix_iface *i)
{
	struct pix_iface none = { .id = i->id,
				  .kind = i->kind,
				  .up = i->up,
				  .port = i->port,
				  .vlan_outer = i->vlan_outer,
				  .vlan_inner = i->vlan_inner,
				  .mtu = i->mtu };

	memcpy(none.name, i->name, sizeof(none.name));
	if (i->kind == PIX_IF_IRB)
		none.bridge = i->bridge;
	return none;
}

/* What stays of an interface in the first half of a change: addresses that both have. */
static struct pix_iface kept_part(const struct pix_iface *from, const struct pix_iface *to)
{
	struct pix_iface kept = *to;

	kept.addr_count = 0;
	memset(kept.addr, 0, sizeof(kept.addr));
	for (u32 i = 0; i < from->addr_count && from->vrf == to->vrf; i++)
		for (u32 j = 0; j < to->addr_count; j++)
			if (addr_same(&from->addr[i], &to->addr[j]))
				kept.addr[kept.addr_count++] = from->addr[i];
	return kept.mode == PIX_IF_L3 && !kept.addr_count ? unused_part(to) : kept;
}

static u32 diff_ifaces(const struct model *a, const struct model *b, struct pix_op *ops)
{
	const struct pix_iface *other;
	u32 n = 0;

	for (u32 i = a->ifaces; i-- > 0;) {
		if (find_id(b, a->iface[i].id))
			continue;
		ops[n++] = (struct pix_op){ .kind = PIX_OP_IF_SET,
					    .iface = unused_part(&a->iface[i]) };
	}
	u32 first = n;
	for (u32 i = 0; i < b->ifaces; i++) {
		other = find_id(a, b->iface[i].id);
		if (other && gives_up(other, &b->iface[i]))
			ops[n++] = (struct pix_op){ .kind = PIX_OP_IF_SET,
						    .iface = kept_part(other, &b->iface[i]) };
	}
	u32 last = n;
	for (u32 i = 0; i < b->ifaces; i++) {
		bool done = false;

		other = find_id(a, b->iface[i].id);
		if (other && iface_same(other, &b->iface[i]))
			continue;
		for (u32 k = first; k < last; k++)
			done |= ops[k].iface.id == b->iface[i].id &&
				iface_same(&ops[k].iface, &b->iface[i]);
		if (!done)
			ops[n++] = (struct pix_op){ .kind = PIX_OP_IF_SET, .iface = b->iface[i] };
	}
	return n;
}

static u32 diff_bridges(const struct model *a, const struct model *b, struct pix_op *ops)
{
	u32 n = 0;

	for (u32 i = 0; i < MODEL_BRIDGES; i++)
		if (a->bridge[i].ageing_s != b->bridge[i].ageing_s ||
		    a->bridge[i].mac_limit != b->bridge[i].mac_limit)
			ops[n++] = (struct pix_op){ .kind = PIX_OP_BRIDGE_SET,
						    .bridge = { .id = (u16)i,
								.ageing_s = b->bridge[i].ageing_s,
								.mac_limit =
									b->bridge[i].mac_limit } };
	return n;
}

/* --- routes -------------------------------------------------------------------------------- */

/* The paths of one route: elements [at, end). */
struct group {
	const struct pix_route *r;
	u32 count;
};

static struct group group_at(const struct model *m, u32 at)
{
	struct group g = { at < m->routes ? &m->route[at] : NULL, 0 };

	while (at + g.count < m->routes && g.r->vrf == g.r[g.count].vrf &&
	       pix_ip_eq(g.r->addr, g.r[g.count].addr) && g.r->len == g.r[g.count].len)
		g.count++;
	return g;
}

static int group_order(struct group a, struct group b)
{
	struct pix_route x, y;

	if (!a.count || !b.count)
		return a.count ? -1 : 1;
	x = (struct pix_route){ .vrf = a.r->vrf, .addr = a.r->addr, .len = a.r->len };
	y = (struct pix_route){ .vrf = b.r->vrf, .addr = b.r->addr, .len = b.r->len };
	return route_compare(&x, &y);
}

static const struct pix_route *path_in(const struct group *g, const struct pix_route *r)
{
	for (u32 i = 0; i < g->count; i++)
		if (pix_ip_eq(g->r[i].gateway, r->gateway) && g->r[i].ifid == r->ifid)
			return &g->r[i];
	return NULL;
}

static struct pix_op route_op(u32 kind, const struct pix_route *r, u8 flags)
{
	struct pix_op op = { .kind = kind, .route = *r };

	op.route.flags = flags;
	return op;
}

/* The whole route anew: the first path replaces what was there. */
static u32 put_group(struct group g, struct pix_op *ops)
{
	for (u32 i = 0; i < g.count; i++)
		ops[i] = route_op(PIX_OP_ROUTE_ADD, &g.r[i], i ? PIX_ROUTE_PATH : 0);
	return g.count;
}

/* Only what differs of a route that both have, so that flows on other paths stay where they are. */
static u32 diff_group(struct group a, struct group b, struct pix_op *ops)
{
	u32 common = 0, n = 0;

	for (u32 i = 0; i < a.count; i++)
		common += path_in(&b, &a.r[i]) != NULL;
	if (a.r->type != b.r->type || a.r->distance != b.r->distance || !common ||
	    a.count + b.count - common > PIX_ROUTE_PATHS)
		return put_group(b, ops);
	for (u32 i = 0; i < b.count; i++) {
		const struct pix_route *was = path_in(&a, &b.r[i]);

		if (!was || was->weight != b.r[i].weight)
			ops[n++] = route_op(PIX_OP_ROUTE_ADD, &b.r[i], PIX_ROUTE_PATH);
	}
	for (u32 i = 0; i < a.count; i++)
		if (!path_in(&b, &a.r[i]))
			ops[n++] = route_op(PIX_OP_ROUTE_DEL, &a.r[i], PIX_ROUTE_PATH);
	return n;
}

/* Walk both sorted lists; removed routes when del, new and changed ones otherwise. */
static u32 diff_routes(const struct model *a, const struct model *b, bool del, struct pix_op *ops)
{
	u32 i = 0, j = 0, n = 0;

	while (i < a->routes || j < b->routes) {
		struct group ga = group_at(a, i), gb = group_at(b, j);
		int d = group_order(ga, gb);

		if (del && d < 0)
			ops[n++] = route_op(PIX_OP_ROUTE_DEL, ga.r, 0);
		else if (!del && d > 0)
			n += put_group(gb, ops + n);
		else if (!del && d == 0)
			n += diff_group(ga, gb, ops + n);
		i += d <= 0 ? ga.count : 0;
		j += d >= 0 ? gb.count : 0;
	}
	return n;
}

int model_diff(const struct model *a, const struct model *b, struct pix_op **ops)
{
	size_t most = a->ifaces + 2 * (size_t)b->ifaces + MODEL_BRIDGES + a->routes + b->routes +
		      MODEL_PORTS + 2 * PIX_FLOWS_MAX + 1;
	struct pix_op *op = calloc(most, sizeof(*op));
	u32 n = 0;

	*ops = op;
	if (!op)
		return -1;
	n += diff_routes(a, b, true, op);
	n += diff_ifaces(a, b, op + n);
	n += diff_bridges(a, b, op + n);
	n += diff_routes(a, b, false, op + n);
	n += steering_diff(a, b, op + n);
	return (int)n;
}

char *op_subject(char *buf, size_t n, const struct pix_op *op)
{
	char prefix[NETADDR_NET];

	switch (op->kind) {
	case PIX_OP_IF_SET:
		snprintf(buf, n, "interface %.*s", PIX_NAME - 1, op->iface.name);
		break;
	case PIX_OP_ROUTE_ADD:
	case PIX_OP_ROUTE_DEL:
		snprintf(buf, n, "route %s",
			 netaddr_print_ipnet(prefix, op->route.addr, op->route.len));
		break;
	case PIX_OP_BRIDGE_SET:
		snprintf(buf, n, "bridge br%u", op->bridge.id - 1u);
		break;
	case PIX_OP_STEER_SET:
		if (op->steer.port)
			snprintf(buf, n, "steering of port %u", op->steer.port);
		else
			snprintf(buf, n, "steering");
		break;
	case PIX_OP_FLOW_SET:
	case PIX_OP_FLOW_DEL:
		snprintf(buf, n, "steering of a flow to QGM %u", op->flow.qgm);
		break;
	default:
		snprintf(buf, n, "operation %u", op->kind);
	}
	return buf;
}
