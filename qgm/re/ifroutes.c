// SPDX-License-Identifier: MIT
/*
 * ifroutes: what follows from interfaces (ifset.h): local, connected and broadcast routes, what
 * becomes of neighbours and gateways, and what QGMs read.
 */
#include "qgm/re/errno.h"
#include "qgm/re/ifset.h"
#include "qgm/re/ipv6.h"
#include "qgm/re/refuse.h"
#include "qgm/re/rib.h"

/* --- routes --------------------------------------------------------------------------------- */

static int derived(struct txn *t, bool add, struct prefix p, u8 proto, u8 kind, u16 ifid)
{
	if (!add)
		return rib_del(t, &p, proto);
	return rib_add(t, &p, proto, 0, kind, ifid, PIX_IP_NONE);
}

/* Has an earlier address of the interface the same subnet? */
static bool subnet_again(const struct pix_iface *cfg, u32 i)
{
	for (u32 k = 0; k < i; k++)
		if (cfg->addr[k].len == cfg->addr[i].len &&
		    prefix_match(ifset_addr(cfg, k), ifset_addr(cfg, i), cfg->addr[i].len))
			return true;
	return false;
}

/* An own address is not one while it is tentative (packets to it end here), and somebody else's
 * when it turned out a duplicate (RFC 4862 5.4). */
static int own_route(struct txn *t, bool add, const struct pix_iface *cfg, u32 i)
{
	struct pix_ip ip = ifset_addr(cfg, i);
	struct prefix p = { .vrf = cfg->vrf, .addr = ip, .len = prefix_host_len(ip) };

	if (cfg->addr[i].state == PIX_ADDR_DUPLICATE)
		return 0;
	return derived(t, add, p, PIX_ROUTE_LOCAL,
		       cfg->addr[i].state == PIX_ADDR_VALID ? NH_LOCAL : NH_BLACKHOLE, 0);
}

static int broadcast_routes(struct txn *t, bool add, const struct prefix *subnet)
{
	struct prefix p = *subnet;
	int err;

	p.len = 32;
	err = derived(t, add, p, RIB_BROADCAST, NH_BROADCAST, 0);
	p.addr.lo |= ~prefix_mask(p.addr, subnet->len).lo;
	return err ? err : derived(t, add, p, RIB_BROADCAST, NH_BROADCAST, 0);
}

/* Has the interface a valid address in the subnet of address i? */
static bool subnet_valid(const struct pix_iface *cfg, u32 i)
{
	for (u32 k = i; k < cfg->addr_count; k++)
		if (cfg->addr[k].len == cfg->addr[i].len && cfg->addr[k].state == PIX_ADDR_VALID &&
		    prefix_match(ifset_addr(cfg, k), ifset_addr(cfg, i), cfg->addr[i].len))
			return true;
	return false;
}

/* The subnet-router anycast address (RFC 4291 2.6.1; not of a /127, RFC 6164) is ours, too. */
static int anycast_route(struct txn *t, bool add, const struct pix_iface *cfg, u32 i,
			 const struct prefix *subnet)
{
	struct prefix p = *subnet;

	if (subnet->len >= 127 || !subnet_valid(cfg, i))
		return 0;
	p.len = 128;
	return derived(t, add, p, RIB_ANYCAST, NH_LOCAL, 0);
}

/* Add or delete what the addresses of `cfg` give. */
static int routes(struct txn *t, bool add, const struct pix_iface *cfg)
{
	int err = 0;

	if (!ifset_is_active(cfg))
		return 0;
	for (u32 i = 0; i < cfg->addr_count && !err; i++) {
		struct pix_ip ip = ifset_addr(cfg, i);
		struct prefix subnet = { .vrf = cfg->vrf, .len = cfg->addr[i].len };

		err = own_route(t, add, cfg, i);
		if (err || subnet.len == prefix_host_len(ip) || cfg->kind == PIX_IF_LOOPBACK ||
		    subnet_again(cfg, i))
			continue;
		subnet.addr = prefix_base(ip, subnet.len);
		err = derived(t, add, subnet, PIX_ROUTE_CONNECTED, NH_GLEAN, cfg->id);
		if (!err && !pix_ip_is4(ip))
			err = anycast_route(t, add, cfg, i, &subnet);
		else if (!err && subnet.len <= 30)
			err = broadcast_routes(t, add, &subnet);
	}
	return err;
}

/* Neighbours, routes and adjacencies of an interface after its old routes have gone. */
static int renew(struct txn *t, struct ifstate *s)
{
	u16 id = s->cfg.id;
	int err = adj_neigh_flush(t, id, s->made.vrf);

	if (!err)
		err = routes(t, true, &s->cfg);
	if (!err)
		err = adj_refresh(t, id);
	if (!err && undo_save(&t->undo, &s->made, sizeof(s->made)))
		err = -ENOMEM;
	if (!err)
		s->made = s->cfg;
	return err;
}

static bool any_dirty(const struct txn *t)
{
	u64 any = 0;

	for (u32 i = 0; i < ARRAY_SIZE(t->if_dirty); i++)
		any |= t->if_dirty[i];
	return any;
}

/* All old routes go before new ones come, so that an address may move between interfaces. */
int ifset_derive(struct txn *t)
{
	u32 vrfs = 0;
	u16 id;
	int err;

	if (!any_dirty(t))
		return 0;
	err = ifset_links(t);

	for (id = ifset_next(0); id && !err; id = ifset_next(id)) {
		if (!ifset_is_dirty(t, id))
			continue;
		vrfs |= 1u << ifset_state(id)->made.vrf | 1u << ifset_state(id)->cfg.vrf;
		err = routes(t, false, &ifset_state(id)->made);
	}
	for (id = ifset_next(0); id && !err; id = ifset_next(id))
		if (ifset_is_dirty(t, id))
			err = renew(t, ifset_state(id));
	for (u16 vrf = 0; vrf < VRF_MAX && !err; vrf++)
		if (vrfs >> vrf & 1)
			err = rib_resolve(t, vrf);
	for (id = ifset_next(0); id && !err; id = ifset_next(id))
		if (ifset_is_dirty(t, id))
			err = adj_neigh_show(t, id);
	t->own_dirty |= vrfs;
	return err;
}

/* --- what QGMs read ------------------------------------------------------------------------- */

static void build_l2(struct iface *want, const struct pix_iface *cfg)
{
	want->vlan_mode = cfg->vlan_mode;
	want->pvid = cfg->pvid;
	want->storm[STORM_BROADCAST] = cfg->storm_broadcast;
	want->storm[STORM_MULTICAST] = cfg->storm_multicast;
	want->storm[STORM_UNKNOWN] = cfg->storm_unknown;
	want->mac_limit = cfg->mac_limit;
	want->vlan_count = cfg->vlan_count;
	__builtin_memcpy(want->vlan, cfg->vlan, sizeof(want->vlan));
}

static int build_iface(struct txn *t, const struct pix_iface *cfg)
{
	static const u8 kind[] = {
		[PIX_IF_PORT] = IFACE_PORT,
		[PIX_IF_SUB] = IFACE_SUB,
		[PIX_IF_IRB] = IFACE_IRB,
		[PIX_IF_LOOPBACK] = IFACE_LOOPBACK,
	};
	struct iface want = {
		.id = cfg->id,
		.kind = kind[cfg->kind],
		.mode = (u8)cfg->mode, /* same values */
		.port = cfg->port,
		.vlan_outer = cfg->vlan_outer,
		.vlan_inner = cfg->vlan_inner,
		.bridge = cfg->bridge,
		.vrf = cfg->vrf,
		.mtu = (u16)cfg->mtu,
		.up = cfg->up,
		.v6 = cfg->v6,
		.urpf = cfg->urpf,
		.addr_count = (u8)cfg->addr_count,
	};
	int err;

	_Static_assert((int)PIX_IF_L3 == IFACE_MODE_L3 && (int)PIX_IF_L2 == IFACE_MODE_L2, "");
	__builtin_memcpy(want.mac, cfg->mac, sizeof(want.mac));
	build_l2(&want, cfg);
	for (u32 i = 0; i < cfg->addr_count; i++)
		want.addr[i] = (struct iface_addr){
			.ip = cfg->addr[i].ip,
			.len = cfg->addr[i].len,
			.state = cfg->addr[i].state,
		};
	err = iface_set(t->draft, &want);
	return err == -EINVAL ? refuse(err, "the forwarding engine refuses the interface") : err;
}

static void own4(struct fib_batch *fib, const struct pix_addr *a)
{
	u32 addr = pix_ip_to4(a->ip), mask = (u32)prefix_mask(a->ip, a->len).lo;

	fib_own_add(fib, addr);
	if (a->len <= 30) {
		fib_own_add(fib, addr & mask);
		fib_own_add(fib, addr | ~mask);
	}
}

/* The filters of addresses that no source may have: own and broadcast ones. */
static int build_own(struct txn *t, u16 vrf)
{
	struct fib_batch *fib = txn_fib(t, vrf);
	struct fib6_batch *fib6 = NULL;

	if (!fib)
		return -ENOMEM;
	fib_own_clear(fib);
	if (t->draft->fib6[vrf] || t->fib6[vrf]) {
		fib6 = txn_fib6(t, vrf);
		if (!fib6)
			return -ENOMEM;
		fib6_own_clear(fib6);
	}
	for (u16 id = ifset_next(0); id; id = ifset_next(id)) {
		const struct pix_iface *cfg = ifset_get(id);

		if (cfg->vrf != vrf || !ifset_is_active(cfg))
			continue;
		for (u32 i = 0; i < cfg->addr_count; i++) {
			if (pix_ip_is4(cfg->addr[i].ip))
				own4(fib, &cfg->addr[i]);
			else if (fib6 && cfg->addr[i].state == PIX_ADDR_VALID)
				fib6_own_add(fib6, ifset_addr(cfg, i));
		}
	}
	return 0;
}

int ifset_build(struct txn *t)
{
	int err = 0;

	if (!any_dirty(t))
		return 0;
	for (u16 id = ifset_next(0), next; id && !err; id = next) {
		next = ifset_next(id);
		if (!ifset_is_dirty(t, id))
			continue;
		err = build_iface(t, ifset_get(id));
		if (!err)
			err = ifset_forget(t, id);
	}
	for (u16 vrf = 0; vrf < VRF_MAX && !err; vrf++)
		if (t->own_dirty >> vrf & 1)
			err = build_own(t, vrf);
	return err;
}
