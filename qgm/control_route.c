// SPDX-License-Identifier: MIT
/*
 * control_route: route operations (control_route.h). The paths of a route come as an operation
 * each; those of one route that stand side by side in a transaction are one change, so that a route
 * goes from its former paths to its new ones without steps between, and its flows move once.
 */
#include "qgm/control_route.h"

#include "qgm/re/errno.h"
#include "qgm/re/ifset.h"
#include "qgm/re/ipv6.h"
#include "qgm/re/refuse.h"
#include "qgm/re/rib.h"

enum { WEIGHT_MAX = 16 };

static int invalid(const char *why)
{
	return refuse(-EINVAL, why);
}

/* --- checks --------------------------------------------------------------------------------- */

static int prefix_check(const struct pix_route *r)
{
	struct pix_ip m;

	if (r->len > prefix_host_len(r->addr))
		return invalid("the prefix length is too large");
	m = prefix_mask(r->addr, r->len);
	if ((r->addr.hi & ~m.hi) | (r->addr.lo & ~m.lo))
		return invalid("the prefix has bits beyond its length");
	if (pix_ip_is4(r->addr))
		return 0;
	if (pix_ip_linklocal(r->addr) || pix_ip6_multicast(r->addr))
		return invalid("no routes for link-local and multicast prefixes");
	return 0;
}

static bool unicast(struct pix_ip a)
{
	u32 top = pix_ip_to4(a) >> 24;

	if (pix_ip_is4(a))
		return top && top != 127 && top < 224;
	return !pix_ip_none(a) && !pix_ip_eq(a, IP6_LOOPBACK) && !pix_ip6_multicast(a);
}

static int gateway_check(const struct pix_route *r)
{
	if (pix_ip_is4(r->gateway) != pix_ip_is4(r->addr))
		return invalid("the gateway is of another family");
	if (!unicast(r->gateway))
		return invalid("the gateway is not a unicast address");
	if (r->ifid >= IFACE_MAX)
		return invalid("no such interface");
	if (pix_ip_linklocal(r->gateway) && !r->ifid)
		return invalid("a link-local gateway needs an interface");
	return 0;
}

int control_route_check(const struct pix_route *r, bool add)
{
	int err;

	if (r->vrf >= VRF_MAX)
		return invalid("no such VRF");
	err = prefix_check(r);
	if (err)
		return err;
	if (r->proto != PIX_ROUTE_STATIC && r->proto != PIX_ROUTE_BGP)
		return invalid("a route that is set is static or BGP");
	if (r->flags & ~PIX_ROUTE_PATH)
		return invalid("no such flags of a route");
	if (!add)
		return r->flags ? gateway_check(r) : 0;
	if (r->type > PIX_ROUTE_UNREACHABLE)
		return invalid("no such type of route");
	if (r->weight > WEIGHT_MAX)
		return invalid("a weight is 1..16");
	if (r->type == PIX_ROUTE_FORWARD)
		return gateway_check(r);
	if (r->flags || !pix_ip_none(r->gateway) || r->ifid)
		return invalid("a route that does not forward has no gateway");
	return 0;
}

/* --- execution ------------------------------------------------------------------------------ */

/* A route as it is to be. */
struct want {
	bool exists;
	u8 kind, distance;
	u32 n; /* kind FORWARD */
	struct route_path path[PIX_ROUTE_PATHS];
};

static void want_from(struct want *w, const struct rib_info *r)
{
	*w = (struct want){ .exists = r != NULL };
	if (!r)
		return;
	w->kind = r->kind;
	w->distance = r->distance;
	for (; r->set && w->n < r->set->count; w->n++)
		w->path[w->n] = r->set->member[w->n].path;
}

static struct route_path path_of(const struct pix_route *r)
{
	return (struct route_path){
		.gateway = ip6_scoped(r->gateway, r->ifid),
		.ifid = r->ifid,
		.weight = r->weight ? r->weight : 1,
	};
}

static u32 path_find(const struct want *w, const struct route_path *p)
{
	u32 i = 0;

	while (i < w->n &&
	       (!pix_ip_eq(w->path[i].gateway, p->gateway) || w->path[i].ifid != p->ifid))
		i++;
	return i;
}

static int path_add(struct want *w, const struct pix_route *r)
{
	struct route_path p = path_of(r);
	const struct pix_iface *cfg = ifset_get(r->ifid);
	u32 i = path_find(w, &p);

	if (r->ifid && (!cfg || cfg->vrf != r->vrf))
		return invalid("the interface is not one of the route's VRF");
	if (rib_own(r->vrf, p.gateway))
		return invalid("the gateway is an own address");
	if (i == PIX_ROUTE_PATHS)
		return refuse(-ENOSPC, "a route has at most 16 paths");
	w->path[i] = p;
	w->n = MAX(w->n, i + 1);
	return 0;
}

static int step_add(struct want *w, const struct pix_route *r)
{
	static const u8 kind[] = {
		[PIX_ROUTE_FORWARD] = NH_FORWARD,
		[PIX_ROUTE_BLACKHOLE] = NH_BLACKHOLE,
		[PIX_ROUTE_UNREACHABLE] = NH_UNREACHABLE,
	};

	if (!r->flags || !w->exists || w->kind != NH_FORWARD)
		w->n = 0;
	w->exists = true;
	w->kind = kind[r->type];
	w->distance = r->distance;
	if (!w->distance)
		w->distance = r->proto == PIX_ROUTE_BGP ? RIB_DISTANCE_BGP : RIB_DISTANCE_STATIC;
	return w->kind == NH_FORWARD ? path_add(w, r) : 0;
}

static int step_del(struct want *w, const struct pix_route *r)
{
	struct route_path p = path_of(r);
	u32 i;

	if (!w->exists)
		return refuse(-ENOENT, "no such route");
	if (!r->flags) {
		w->exists = false;
		return 0;
	}
	i = path_find(w, &p);
	if (i == w->n)
		return refuse(-ENOENT, "the route has no such path");
	w->path[i] = w->path[--w->n];
	w->exists = w->n != 0;
	return 0;
}

static bool same_route(const struct pix_op *a, const struct pix_op *b)
{
	return (b->kind == PIX_OP_ROUTE_ADD || b->kind == PIX_OP_ROUTE_DEL) &&
	       a->route.vrf == b->route.vrf && a->route.len == b->route.len &&
	       a->route.proto == b->route.proto && pix_ip_eq(a->route.addr, b->route.addr);
}

int control_route_execute(struct txn *t, const struct control_ops *ops, u32 *at)
{
	const struct pix_op *first = control_op(ops, *at), *op = first;
	struct prefix p = { .vrf = first->route.vrf,
			    .addr = first->route.addr,
			    .len = first->route.len };
	u8 proto = first->route.proto;
	const struct rib_info *old = rib_get(&p, proto);
	struct want w;

	want_from(&w, old);
	for (;; ++*at) {
		int err = op->kind == PIX_OP_ROUTE_ADD ? step_add(&w, &op->route)
						       : step_del(&w, &op->route);

		if (err)
			return err;
		if (*at + 1 == ops->n)
			break;
		op = control_op(ops, *at + 1);
		if (!same_route(first, op))
			break;
	}
	if (!w.exists)
		return old ? rib_del(t, &p, proto) : 0;
	if (w.kind == NH_FORWARD)
		return rib_add_paths(t, &p, proto, w.distance, w.path, w.n);
	return rib_add(t, &p, proto, w.distance, w.kind, 0, PIX_IP_NONE);
}
