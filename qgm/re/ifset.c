// SPDX-License-Identifier: MIT
/* ifset: interfaces as configured and the routes that follow from them (ifset.h). */
#include "qgm/re/ifset.h"

#include "qgm/re/adj.h"
#include "qgm/re/errno.h"
#include "qgm/re/ipv4.h"
#include "qgm/re/rib.h"

enum { MTU_MIN = 68 /* RFC 791 3.2 */, AGEING_DEFAULT_S = 300, AGEING_MAX_S = 1000000 };

struct ifstate {
	struct pix_iface cfg;  /* as wanted; cfg.link is kept here too */
	struct pix_iface made; /* what the routes in the RIB were derived from */
};

static struct ifstate ifs[PORT_MAX] __generic;
static u32 ageing[BRIDGE_MAX] __generic;

void ifset_init(void)
{
	for (u16 id = 1; id < port_count(); id++) {
		const struct port *port = port_get(id);
		struct pix_iface *cfg = &ifs[id].cfg;

		*cfg = (struct pix_iface){
			.id = id, .mode = PIX_IF_UNUSED, .port = id, .mtu = port->mtu
		};
		__builtin_memcpy(cfg->name, port->name, PIX_NAME);
		__builtin_memcpy(cfg->mac, port->mac, ETH_ALEN);
		cfg->link = 1;
		ifs[id].made = *cfg;
	}
	for (u32 i = 0; i < BRIDGE_MAX; i++)
		ageing[i] = AGEING_DEFAULT_S;
}

const struct pix_iface *ifset_get(u16 id)
{
	return id && id < port_count() ? &ifs[id].cfg : NULL;
}

static bool active(const struct pix_iface *cfg)
{
	return cfg->mode == PIX_IF_L3 && cfg->up && cfg->link;
}

bool ifset_active(u16 id)
{
	const struct pix_iface *cfg = ifset_get(id);

	return cfg && active(cfg);
}

u32 ifset_ageing(u16 bridge)
{
	return ageing[bridge];
}

/* --- addresses ------------------------------------------------------------------------------ */

static u32 ip4(const struct pix_addr *a)
{
	return pix_ip_to4(a->ip);
}

static bool in_subnet(const struct pix_addr *a, u32 addr)
{
	return !((ip4(a) ^ addr) & ipv4_mask(a->len));
}

/* Network and broadcast address are no hosts, but for /31 (RFC 3021) and /32. */
static bool is_host(const struct pix_addr *a, u32 addr)
{
	u32 mask = ipv4_mask(a->len);

	return a->len > 30 || ((addr & ~mask) && (addr | mask) != 0xffffffff);
}

/* Length of the subnet of `cfg` in which `addr` can be a neighbour, -1: in none. */
static int neighbour_subnet(const struct pix_iface *cfg, u32 addr)
{
	int best = -1;

	if (!active(cfg))
		return -1;
	for (u32 i = 0; i < cfg->addr_count; i++) {
		const struct pix_addr *a = &cfg->addr[i];

		if (ip4(a) == addr)
			return -1;
		if (a->len < 32 && in_subnet(a, addr) && is_host(a, addr) && (int)a->len > best)
			best = (int)a->len;
	}
	return best;
}

bool ifset_neighbour_ok(u16 id, u32 addr)
{
	const struct pix_iface *cfg = ifset_get(id);

	return cfg && neighbour_subnet(cfg, addr) >= 0;
}

u16 ifset_attached(u16 vrf, u32 addr)
{
	int best = -1;
	u16 found = 0;

	for (u16 id = 1; id < port_count(); id++) {
		int len = ifs[id].cfg.vrf == vrf ? neighbour_subnet(&ifs[id].cfg, addr) : -1;

		if (len > best) {
			best = len;
			found = id;
		}
	}
	return found;
}

u16 ifset_owner(u16 vrf, u32 addr)
{
	for (u16 id = 1; id < port_count(); id++) {
		const struct pix_iface *cfg = &ifs[id].cfg;

		if (cfg->vrf != vrf || !active(cfg))
			continue;
		for (u32 i = 0; i < cfg->addr_count; i++)
			if (ip4(&cfg->addr[i]) == addr)
				return id;
	}
	return 0;
}

bool ifset_covers(u16 vrf, u32 addr, u8 len)
{
	for (u16 id = 1; id < port_count(); id++) {
		const struct pix_iface *cfg = &ifs[id].cfg;

		if (cfg->vrf != vrf || !active(cfg))
			continue;
		for (u32 i = 0; i < cfg->addr_count; i++)
			if (cfg->addr[i].len < len && in_subnet(&cfg->addr[i], addr))
				return true;
	}
	return false;
}

static bool overlap(const struct pix_addr *a, const struct pix_addr *b)
{
	return in_subnet(a->len < b->len ? a : b, ip4(a->len < b->len ? b : a));
}

/* --- checks --------------------------------------------------------------------------------- */

/* A unicast host address with a length of 1..32 (RFC 1812 4.2.2.11, 4.2.3.1). */
static bool address_ok(const struct pix_addr *a)
{
	u32 top = ip4(a) >> 24;

	return pix_ip_is4(a->ip) && a->len >= 1 && a->len <= 32 && top && top != 127 && top < 224 &&
	       is_host(a, ip4(a));
}

int ifset_check(const struct pix_iface *want)
{
	const struct port *port;

	if (!ifset_get(want->id) || want->mode > PIX_IF_L2 || want->vrf >= VRF_MAX ||
	    want->addr_count > PIX_IF_ADDRS || want->up > 1)
		return -EINVAL;
	port = port_get(want->id);
	if (want->mtu && (want->mtu < MTU_MIN || want->mtu > port->mtu))
		return -EINVAL;
	if (want->mode == PIX_IF_L2 && (!want->bridge || want->bridge >= BRIDGE_MAX))
		return -EINVAL;
	if (want->mode != PIX_IF_L3 && want->addr_count)
		return -EINVAL;
	for (u32 i = 0; i < want->addr_count; i++) {
		if (!address_ok(&want->addr[i]))
			return -EINVAL;
		for (u32 k = 0; k < i; k++)
			if (overlap(&want->addr[i], &want->addr[k]))
				return -EINVAL;
	}
	return 0;
}

/* Another interface of the VRF must not have the same address or an overlapping subnet. */
int ifset_agree(u16 id)
{
	const struct pix_iface *a = &ifs[id].cfg;

	if (a->mode != PIX_IF_L3)
		return 0;
	for (u16 other = 1; other < port_count(); other++) {
		const struct pix_iface *b = &ifs[other].cfg;

		if (other == id || b->mode != PIX_IF_L3 || b->vrf != a->vrf)
			continue;
		for (u32 i = 0; i < a->addr_count; i++)
			for (u32 k = 0; k < b->addr_count; k++)
				if (overlap(&a->addr[i], &b->addr[k]))
					return -EEXIST;
	}
	return 0;
}

/* --- wishes --------------------------------------------------------------------------------- */

static int change(struct txn *t, u16 id, const struct pix_iface *cfg)
{
	struct pix_iface *now = &ifs[id].cfg;

	if (!__builtin_memcmp(now, cfg, sizeof(*now)))
		return 0;
	if (undo_save(&t->undo, now, sizeof(*now)))
		return -ENOMEM;
	*now = *cfg;
	t->if_dirty |= 1ull << id;
	t->changed = true;
	return 0;
}

int ifset_apply(struct txn *t, const struct pix_iface *want)
{
	struct pix_iface cfg = ifs[want->id].cfg;

	cfg.mode = want->mode;
	cfg.vrf = want->vrf;
	cfg.bridge = want->mode == PIX_IF_L2 ? want->bridge : 0;
	cfg.mtu = want->mtu ? want->mtu : port_get(want->id)->mtu;
	cfg.up = want->mode != PIX_IF_UNUSED && want->up;
	cfg.kind = PIX_IF_PORT;
	cfg.port = want->id;
	cfg.addr_count = want->addr_count;
	__builtin_memset(cfg.addr, 0, sizeof(cfg.addr));
	__builtin_memcpy(cfg.addr, want->addr, want->addr_count * sizeof(want->addr[0]));
	return change(t, want->id, &cfg);
}

int ifset_link(struct txn *t, u16 port, bool up)
{
	struct pix_iface cfg = ifs[port].cfg;

	cfg.link = up;
	if (cfg.mode == PIX_IF_L3)
		return change(t, port, &cfg);
	/* Nothing follows from it: routes have L3 interfaces only, bridges look at the port. */
	if (undo_save(&t->undo, &ifs[port].cfg.link, sizeof(cfg.link)))
		return -ENOMEM;
	ifs[port].cfg.link = up;
	t->changed = true;
	return 0;
}

int ifset_bridge(struct txn *t, u16 bridge, u32 ageing_s)
{
	int err;

	if (!bridge || bridge >= BRIDGE_MAX || ageing_s > AGEING_MAX_S)
		return -EINVAL;
	if (!ageing_s)
		ageing_s = AGEING_DEFAULT_S;
	if (ageing[bridge] == ageing_s)
		return 0;
	if (undo_save(&t->undo, &ageing[bridge], sizeof(ageing[bridge])))
		return -ENOMEM;
	ageing[bridge] = ageing_s;
	t->changed = true;
	err = bridge_set_ageing(t->draft, bridge, ageing_s);
	return err;
}

/* --- routes --------------------------------------------------------------------------------- */

static int derived(struct txn *t, bool add, const struct pix_iface *cfg, u32 addr, u8 len, u8 proto)
{
	static const u8 kind[] = {
		[PIX_ROUTE_LOCAL] = NH_LOCAL,
		[PIX_ROUTE_CONNECTED] = NH_GLEAN,
		[RIB_BROADCAST] = NH_BROADCAST,
	};

	if (!add)
		return rib_del(t, cfg->vrf, addr, len, proto);
	return rib_add(t, cfg->vrf, addr, len, proto, 0, kind[proto],
		       proto == PIX_ROUTE_CONNECTED ? cfg->id : 0, 0);
}

/* Add or delete what the addresses of `cfg` give. */
static int routes(struct txn *t, bool add, const struct pix_iface *cfg)
{
	int err = 0;

	if (!active(cfg))
		return 0;
	for (u32 i = 0; i < cfg->addr_count && !err; i++) {
		const struct pix_addr *a = &cfg->addr[i];
		u32 mask = ipv4_mask(a->len), addr = ip4(a);

		err = derived(t, add, cfg, addr, 32, PIX_ROUTE_LOCAL);
		if (!err && a->len < 32)
			err = derived(t, add, cfg, addr & mask, (u8)a->len, PIX_ROUTE_CONNECTED);
		if (!err && a->len <= 30)
			err = derived(t, add, cfg, addr & mask, 32, RIB_BROADCAST);
		if (!err && a->len <= 30)
			err = derived(t, add, cfg, addr | ~mask, 32, RIB_BROADCAST);
	}
	return err;
}

/* All old routes go before new ones come, so that an address may move between interfaces. */
int ifset_derive(struct txn *t)
{
	u32 vrfs = 0;
	int err = 0;

	for (u16 id = 1; id < port_count() && !err; id++)
		if (t->if_dirty >> id & 1)
			err = routes(t, false, &ifs[id].made);
	for (u16 id = 1; id < port_count() && !err; id++) {
		struct ifstate *s = &ifs[id];

		if (!(t->if_dirty >> id & 1))
			continue;
		vrfs |= 1u << s->made.vrf | 1u << s->cfg.vrf;
		err = adj_neigh_flush(t, id, s->made.vrf);
		if (!err)
			err = routes(t, true, &s->cfg);
		if (!err)
			err = adj_refresh(t, id);
		if (!err && undo_save(&t->undo, &s->made, sizeof(s->made)))
			err = -ENOMEM;
		if (!err)
			s->made = s->cfg;
	}
	for (u16 vrf = 0; vrf < VRF_MAX && !err; vrf++)
		if (vrfs >> vrf & 1)
			err = rib_resolve(t, vrf);
	for (u16 id = 1; id < port_count() && !err; id++)
		if (t->if_dirty >> id & 1)
			err = adj_neigh_show(t, id);
	t->own_dirty |= vrfs;
	return err;
}

/* --- what QGMs read ------------------------------------------------------------------------- */

static int build_iface(struct txn *t, const struct pix_iface *cfg)
{
	struct iface want = {
		.id = cfg->id,
		.kind = IFACE_PORT,
		.mode = (u8)cfg->mode, /* same values */
		.port = cfg->id,
		.bridge = cfg->bridge,
		.vrf = cfg->vrf,
		.mtu = (u16)cfg->mtu,
		.up = cfg->up,
		.addr_count = (u8)cfg->addr_count,
	};

	_Static_assert((int)PIX_IF_L3 == IFACE_MODE_L3 && (int)PIX_IF_L2 == IFACE_MODE_L2, "");
	__builtin_memcpy(want.mac, cfg->mac, ETH_ALEN);
	for (u32 i = 0; i < cfg->addr_count; i++)
		want.addr[i] =
			(struct iface_addr){ .ip = cfg->addr[i].ip, .len = cfg->addr[i].len };
	return iface_set(t->draft, &want);
}

/* The filter of addresses that no source may have: own and broadcast ones. */
static int build_own(struct txn *t, u16 vrf)
{
	struct fib_batch *fib = txn_fib(t, vrf);

	if (!fib)
		return -ENOMEM;
	fib_own_clear(fib);
	for (u16 id = 1; id < port_count(); id++) {
		const struct pix_iface *cfg = &ifs[id].cfg;

		if (cfg->vrf != vrf || !active(cfg))
			continue;
		for (u32 i = 0; i < cfg->addr_count; i++) {
			u32 mask = ipv4_mask(cfg->addr[i].len), addr = ip4(&cfg->addr[i]);

			fib_own_add(fib, addr);
			if (cfg->addr[i].len <= 30) {
				fib_own_add(fib, addr & mask);
				fib_own_add(fib, addr | ~mask);
			}
		}
	}
	return 0;
}

int ifset_build(struct txn *t)
{
	int err = 0;

	for (u16 id = 1; id < port_count() && !err; id++)
		if (t->if_dirty >> id & 1)
			err = build_iface(t, &ifs[id].cfg);
	for (u16 vrf = 0; vrf < VRF_MAX && !err; vrf++)
		if (t->own_dirty >> vrf & 1)
			err = build_own(t, vrf);
	return err;
}
