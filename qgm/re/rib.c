// SPDX-License-Identifier: MIT
/* rib: routes by (VRF, prefix, protocol), best one into the FIB (rib.h). */
#include "qgm/re/rib.h"

#include "qgm/re/errno.h"
#include "qgm/re/ifset.h"
#include "qgm/re/ipv4.h"

static struct skip prefixes __generic; /* key: VRF, address, length: covering ones first */
static struct skip gateways __generic; /* key: VRF, address */

void rib_init(void)
{
	prefixes = gateways = (struct skip){ 0 };
}

static u64 prefix_key(u16 vrf, u32 addr, u8 len)
{
	return (u64)vrf << 40 | (u64)addr << 8 | len;
}

static u64 gateway_key(u16 vrf, u32 addr)
{
	return (u64)vrf << 32 | addr;
}

const struct skip *rib_prefixes(void)
{
	return &prefixes;
}

/* --- best route ----------------------------------------------------------------------------- */

/* Routes hang in order of preference, so that the first usable one is the best. */
static bool before(const struct rib_route *a, const struct rib_route *b)
{
	return a->distance != b->distance ? a->distance < b->distance : a->proto < b->proto;
}

/*
 * A neighbour's host route stands for the attached subnet. It must not hide a route that is more
 * specific than the subnet: then packets go there, and the neighbour serves as a gateway only.
 */
static bool neighbour_shows(const struct rib_prefix *p)
{
	for (u8 len = 32; len-- > 0;) {
		const struct rib_prefix *up =
			skip_get(&prefixes, prefix_key(p->vrf, p->addr & ipv4_mask(len), len));
		const struct rib_route *r = up ? rib_best(up) : NULL;

		if (r)
			return r->proto == PIX_ROUTE_CONNECTED;
	}
	return false;
}

static int install(struct txn *t, struct rib_prefix *p)
{
	const struct rib_route *r = rib_best(p);
	struct fib_batch *fib;
	u32 id;

	if (r && r->proto == RIB_NEIGH && !neighbour_shows(p))
		r = NULL;
	id = r ? rib_route_nh(r)->id : 0;
	if (id == p->installed)
		return 0;
	fib = txn_fib(t, p->vrf);
	if (!fib || undo_save(&t->undo, &p->installed, sizeof(p->installed)))
		return -ENOMEM;
	p->installed = id;
	t->changed = true;
	return id ? fib_add(fib, p->addr, p->len, id) : fib_del(fib, p->addr, p->len);
}

/* Bring the FIB up to date after a change of the prefix's routes. */
static int refresh(struct txn *t, struct rib_prefix *p)
{
	bool before = p->installed;
	int err = install(t, p);
	struct skip_node *node;

	if (err || before == !!p->installed || p->len == 32 ||
	    !ifset_covers(p->vrf, p->addr, p->len))
		return err;
	/* It came or went inside of an attached subnet: neighbours below show or hide. */
	for (node = skip_from(&prefixes, prefix_key(p->vrf, p->addr, 32)); node && !err;
	     node = node->next[0]) {
		struct rib_prefix *below = node->item;

		if (below->vrf != p->vrf || ((below->addr ^ p->addr) & ipv4_mask(p->len)))
			break;
		if (below->len == 32)
			err = install(t, below);
	}
	return err;
}

/* --- gateways ------------------------------------------------------------------------------- */

static int gateway_join(struct txn *t, struct rib_route *r, u16 vrf, u32 addr)
{
	struct rib_gateway *gw = skip_get(&gateways, gateway_key(vrf, addr));
	u16 ifid;

	if (!gw) {
		gw = undo_alloc(&t->undo, sizeof(*gw));
		if (!gw || skip_put(&gateways, &t->undo, gateway_key(vrf, addr), gw))
			return -ENOMEM;
		gw->vrf = vrf;
		gw->addr = addr;
		ifid = ifset_attached(vrf, addr);
		if (ifid) {
			gw->nh = adj_get(t, NH_FORWARD, ifid, addr);
			if (!gw->nh)
				return -ENOMEM;
		}
	}
	if (undo_save(&t->undo, &gw->routes, sizeof(gw->routes)) ||
	    (gw->routes && undo_save(&t->undo, &gw->routes->gw_link, sizeof(gw->routes->gw_link))))
		return -ENOMEM;
	r->gw = gw;
	r->gw_next = gw->routes;
	r->gw_link = &gw->routes;
	if (gw->routes)
		gw->routes->gw_link = &r->gw_next;
	gw->routes = r;
	return 0;
}

static int gateway_leave(struct txn *t, struct rib_route *r)
{
	struct rib_gateway *gw = r->gw;
	int err;

	if (!gw)
		return 0;
	if (undo_save(&t->undo, r->gw_link, sizeof(*r->gw_link)) ||
	    (r->gw_next && undo_save(&t->undo, &r->gw_next->gw_link, sizeof(r->gw_link))))
		return -ENOMEM;
	*r->gw_link = r->gw_next;
	if (r->gw_next)
		r->gw_next->gw_link = r->gw_link;
	if (gw->routes)
		return 0;
	err = adj_put(t, gw->nh);
	if (!err)
		err = skip_remove(&gateways, &t->undo, gateway_key(gw->vrf, gw->addr));
	return err ? err : undo_free(&t->undo, gw, sizeof(*gw));
}

static int gateway_resolve(struct txn *t, struct rib_gateway *gw)
{
	u16 ifid = ifset_attached(gw->vrf, gw->addr);
	struct nexthop *old = gw->nh, *nh = NULL;
	int err = 0;

	if (ifid == (old ? old->ifid : 0))
		return 0;
	if (ifid) {
		nh = adj_get(t, NH_FORWARD, ifid, gw->addr);
		if (!nh)
			return -ENOMEM;
	}
	if (undo_save(&t->undo, &gw->nh, sizeof(gw->nh)))
		return -ENOMEM;
	gw->nh = nh;
	for (struct rib_route *r = gw->routes; r && !err; r = r->gw_next)
		err = refresh(t, r->prefix);
	return err ? err : adj_put(t, old);
}

int rib_resolve(struct txn *t, u16 vrf)
{
	struct skip_node *node = skip_from(&gateways, gateway_key(vrf, 0));

	for (; node; node = node->next[0]) {
		struct rib_gateway *gw = node->item;
		int err;

		if (gw->vrf != vrf)
			break;
		err = gateway_resolve(t, gw);
		if (err)
			return err;
	}
	return 0;
}

/* --- routes --------------------------------------------------------------------------------- */

static struct rib_route **route_link(struct rib_prefix *p, u8 proto)
{
	struct rib_route **link = &p->routes;

	while (*link && (*link)->proto != proto)
		link = &(*link)->next;
	return link;
}

/* Take the route out of its prefix and free it after commit. */
static int unlink_route(struct txn *t, struct rib_route **link)
{
	struct rib_route *r = *link;
	int err;

	if (undo_save(&t->undo, link, sizeof(*link)))
		return -ENOMEM;
	*link = r->next;
	err = gateway_leave(t, r);
	if (!err)
		err = adj_put(t, r->nh);
	return err ? err : undo_free(&t->undo, r, sizeof(*r));
}

static struct rib_prefix *prefix_get(struct txn *t, u16 vrf, u32 addr, u8 len)
{
	struct rib_prefix *p = skip_get(&prefixes, prefix_key(vrf, addr, len));

	if (p)
		return p;
	p = undo_alloc(&t->undo, sizeof(*p));
	if (!p || skip_put(&prefixes, &t->undo, prefix_key(vrf, addr, len), p))
		return NULL;
	p->vrf = vrf;
	p->addr = addr;
	p->len = len;
	return p;
}

static bool same_route(const struct rib_route *r, u8 distance, u8 kind, u16 ifid, u32 gateway)
{
	if (r->distance != distance)
		return false;
	if (r->gw)
		return kind == NH_FORWARD && !ifid && r->gw->addr == gateway;
	return r->nh->kind == kind && r->nh->ifid == ifid && r->nh->gateway == gateway;
}

int rib_add(struct txn *t, u16 vrf, u32 addr, u8 len, u8 proto, u8 distance, u8 kind, u16 ifid,
	    u32 gateway)
{
	struct rib_prefix *p = prefix_get(t, vrf, addr, len);
	struct rib_route *r, *old, **link;
	int err;

	if (!p)
		return -ENOMEM;
	old = *route_link(p, proto);
	if (old && same_route(old, distance, kind, ifid, gateway))
		return 0;
	r = undo_alloc(&t->undo, sizeof(*r));
	if (!r)
		return -ENOMEM;
	*r = (struct rib_route){ .prefix = p, .proto = proto, .type = kind, .distance = distance };
	if (kind == NH_FORWARD && !ifid) {
		err = gateway_join(t, r, vrf, gateway);
		if (err)
			return err;
	} else {
		r->nh = adj_get(t, kind, ifid, gateway);
		if (!r->nh)
			return -ENOMEM;
	}
	if (old) {
		err = unlink_route(t, route_link(p, proto));
		if (err)
			return err;
	}
	for (link = &p->routes; *link && before(*link, r); link = &(*link)->next)
		;
	if (undo_save(&t->undo, link, sizeof(*link)))
		return -ENOMEM;
	r->next = *link;
	*link = r;
	t->changed = true;
	return refresh(t, p);
}

int rib_neighbour(struct txn *t, u16 vrf, u32 addr)
{
	struct rib_prefix *p = skip_get(&prefixes, prefix_key(vrf, addr, 32));

	return p ? install(t, p) : 0;
}

int rib_del(struct txn *t, u16 vrf, u32 addr, u8 len, u8 proto)
{
	struct rib_prefix *p = skip_get(&prefixes, prefix_key(vrf, addr, len));
	struct rib_route **link = p ? route_link(p, proto) : NULL;
	int err;

	if (!link || !*link)
		return -ENOENT;
	t->changed = true;
	err = unlink_route(t, link);
	if (!err)
		err = refresh(t, p);
	if (err || p->routes)
		return err;
	err = skip_remove(&prefixes, &t->undo, prefix_key(vrf, addr, len));
	return err ? err : undo_free(&t->undo, p, sizeof(*p));
}
