// SPDX-License-Identifier: MIT
/* ifset: interfaces as configured (ifset.h). */
#include "qgm/re/ifset.h"

#include "qgm/ifcount.h"
#include "qgm/re/errno.h"
#include "qgm/re/ipv6.h"
#include "qgm/re/prefix.h"
#include "qgm/re/refuse.h"

enum { AGEING_MAX_S = 1000000, MTU_IRB = 1500, MTU_LOOPBACK = 65535 };

static struct ifstate port_state[PORT_MAX] __generic;
static struct ifstate *ifs[IFACE_MAX] __generic;
static bool port_link[PORT_MAX] __generic;
static struct {
	u32 ageing_s, mac_limit;
} bridges[BRIDGE_MAX] __generic;

void ifset_init(void)
{
	__builtin_memset(ifs, 0, sizeof(ifs));
	for (u16 id = 1; id < port_count(); id++) {
		const struct port *port = port_get(id);
		struct pix_iface *cfg = &port_state[id].cfg;

		*cfg = (struct pix_iface){
			.id = id, .mode = PIX_IF_UNUSED, .port = id, .mtu = port->mtu
		};
		__builtin_memcpy(cfg->name, port->name, PIX_NAME);
		__builtin_memcpy(cfg->mac, port->mac, sizeof(cfg->mac));
		cfg->link = port_link[id] = 1;
		port_state[id].made = *cfg;
		ifs[id] = &port_state[id];
	}
	for (u32 i = 0; i < BRIDGE_MAX; i++) {
		bridges[i].ageing_s = IFSET_AGEING_DEFAULT_S;
		bridges[i].mac_limit = 0;
	}
}

struct ifstate *ifset_state(u16 id)
{
	return id < IFACE_MAX ? ifs[id] : NULL;
}

const struct pix_iface *ifset_get(u16 id)
{
	return id < IFACE_MAX && ifs[id] ? &ifs[id]->cfg : NULL;
}

u16 ifset_next(u16 id)
{
	while (++id < IFACE_MAX)
		if (ifs[id])
			return id;
	return 0;
}

bool ifset_active(u16 id)
{
	const struct pix_iface *cfg = ifset_get(id);

	return cfg && ifset_is_active(cfg);
}

u32 ifset_ageing(u16 bridge)
{
	return bridges[bridge].ageing_s;
}

u32 ifset_mac_limit(u16 bridge)
{
	return bridges[bridge].mac_limit;
}

/* --- addresses ------------------------------------------------------------------------------ */

struct pix_ip ifset_addr(const struct pix_iface *cfg, u32 i)
{
	return ip6_scoped(cfg->addr[i].ip, cfg->id);
}

bool ifset_is_host(struct pix_ip addr, u8 len)
{
	struct pix_ip m = prefix_mask(addr, len);
	bool v4 = pix_ip_is4(addr);

	if (len >= prefix_host_len(addr) - 1)
		return true;
	if (!((addr.hi & ~m.hi) | (addr.lo & ~m.lo)))
		return false;
	return !v4 || (addr.lo | m.lo) != ~0ull;
}

bool ifset_neighbour_ok(u16 id, struct pix_ip addr)
{
	const struct pix_iface *cfg = ifset_get(id);
	bool ok = false;

	if (!cfg || !ifset_is_active(cfg) || cfg->kind == PIX_IF_LOOPBACK)
		return false;
	for (u32 i = 0; i < cfg->addr_count; i++) {
		struct pix_ip own = ifset_addr(cfg, i);
		u8 len = cfg->addr[i].len;

		if (pix_ip_eq(own, addr) && cfg->addr[i].state != PIX_ADDR_DUPLICATE)
			return false;
		if (len < prefix_host_len(own) && prefix_match(own, addr, len) &&
		    ifset_is_host(addr, len))
			ok = true;
	}
	return ok;
}

u16 ifset_owner(u16 vrf, struct pix_ip addr)
{
	for (u16 id = ifset_next(0); id; id = ifset_next(id)) {
		const struct pix_iface *cfg = &ifs[id]->cfg;

		if (cfg->vrf != vrf || !ifset_is_active(cfg))
			continue;
		for (u32 i = 0; i < cfg->addr_count; i++)
			if (pix_ip_eq(ifset_addr(cfg, i), addr))
				return id;
	}
	return 0;
}

/* --- wishes --------------------------------------------------------------------------------- */

int ifset_change(struct txn *t, u16 id, const struct pix_iface *cfg)
{
	struct pix_iface *now = &ifs[id]->cfg;

	if (!__builtin_memcmp(now, cfg, sizeof(*now)))
		return 0;
	if (undo_save(&t->undo, now, sizeof(*now)))
		return -ENOMEM;
	*now = *cfg;
	ifset_dirty(t, id);
	t->changed = true;
	return 0;
}

/*
 * A sub-interface has its port's MAC. An IRB's is made from the first port's, locally administered,
 * with the id in the place of the vendor, so that no two routed stations of one LAN are the same.
 */
static void choose_mac(struct pix_iface *cfg)
{
	const struct port *port = port_get(cfg->kind == PIX_IF_IRB ? 1 : cfg->port);

	__builtin_memset(cfg->mac, 0, sizeof(cfg->mac));
	if (!port || cfg->kind == PIX_IF_LOOPBACK)
		return;
	__builtin_memcpy(cfg->mac, port->mac, sizeof(cfg->mac));
	if (cfg->kind == PIX_IF_IRB) {
		cfg->mac[0] = 0x06;
		cfg->mac[1] = (u8)(cfg->id >> 8);
		cfg->mac[2] = (u8)cfg->id;
	}
}

static u32 default_mtu(const struct pix_iface *want)
{
	if (want->kind == PIX_IF_LOOPBACK)
		return MTU_LOOPBACK;
	return want->kind == PIX_IF_IRB ? MTU_IRB : port_get(want->port)->mtu;
}

/* The state that an address begins with, or goes on with when the interface had it before. */
static u8 first_state(const struct pix_iface *old, const struct pix_iface *cfg, struct pix_ip ip)
{
	if (pix_ip_is4(ip) || !cfg->dad || cfg->kind == PIX_IF_LOOPBACK)
		return PIX_ADDR_VALID;
	for (u32 i = 0; ifset_is_active(old) && i < old->addr_count; i++)
		if (pix_ip_eq(old->addr[i].ip, ip) &&
		    !__builtin_memcmp(old->mac, cfg->mac, sizeof(old->mac)))
			return old->addr[i].state;
	return PIX_ADDR_TENTATIVE;
}

static void choose_addresses(const struct pix_iface *old, struct pix_iface *cfg,
			     const struct pix_iface *want)
{
	bool linklocal = false;

	__builtin_memset(cfg->addr, 0, sizeof(cfg->addr));
	cfg->addr_count = want->addr_count;
	for (u32 i = 0; i < want->addr_count; i++) {
		cfg->addr[i].ip = want->addr[i].ip;
		cfg->addr[i].len = want->addr[i].len;
		cfg->v6 |= !pix_ip_is4(want->addr[i].ip);
		linklocal |= pix_ip_linklocal(want->addr[i].ip);
	}
	if (cfg->v6 && !linklocal && cfg->kind != PIX_IF_LOOPBACK) {
		cfg->addr[cfg->addr_count].ip = ip6_linklocal_of(cfg->mac);
		cfg->addr[cfg->addr_count++].len = 64;
	}
	for (u32 i = 0; i < cfg->addr_count; i++)
		cfg->addr[i].state = first_state(old, cfg, cfg->addr[i].ip);
}

static void choose_l2(struct pix_iface *cfg, const struct pix_iface *want)
{
	cfg->vlan_mode = want->vlan_mode;
	cfg->pvid = want->pvid;
	cfg->storm_broadcast = want->storm_broadcast;
	cfg->storm_multicast = want->storm_multicast;
	cfg->storm_unknown = want->storm_unknown;
	cfg->mac_limit = want->mac_limit;
	cfg->vlan_count = want->vlan_count;
	__builtin_memcpy(cfg->vlan, want->vlan, want->vlan_count * sizeof(want->vlan[0]));
}

static int state_new(struct txn *t, const struct pix_iface *want)
{
	struct ifstate *s = undo_alloc(&t->undo, sizeof(*s));

	if (!s || undo_save(&t->undo, &ifs[want->id], sizeof(ifs[0])))
		return -ENOMEM;
	s->cfg.id = s->made.id = want->id;
	ifs[want->id] = s;
	return 0;
}

int ifset_apply(struct txn *t, const struct pix_iface *want)
{
	const struct pix_iface *old;
	struct pix_iface cfg;

	if (!ifs[want->id]) {
		if (want->mode == PIX_IF_UNUSED)
			return 0;
		if (state_new(t, want))
			return -ENOMEM;
	}
	old = &ifs[want->id]->cfg;
	cfg = (struct pix_iface){ .id = want->id, .link = old->link };
	if (want->id < IFSET_FIRST_ID || !want->name[0])
		__builtin_memcpy(cfg.name, old->name, PIX_NAME);
	else
		__builtin_memcpy(cfg.name, want->name, PIX_NAME - 1);
	cfg.mode = want->mode;
	cfg.kind = want->id < IFSET_FIRST_ID ? (u8)PIX_IF_PORT : want->kind;
	cfg.port = cfg.kind == PIX_IF_PORT ? want->id : cfg.kind == PIX_IF_SUB ? want->port : 0;
	if (want->mode == PIX_IF_UNUSED) {
		if (want->id >= IFSET_FIRST_ID) { /* as it was, but nothing of it */
			cfg.kind = old->kind;
			cfg.port = old->port;
			cfg.vlan_outer = old->vlan_outer;
			cfg.vlan_inner = old->vlan_inner;
			cfg.bridge = old->kind == PIX_IF_IRB ? old->bridge : 0;
		}
		cfg.mtu = default_mtu(&cfg);
		choose_mac(&cfg);
		return ifset_change(t, want->id, &cfg);
	}
	if (old->mode == PIX_IF_UNUSED)
		ifcount_born(want->id);
	if (cfg.kind == PIX_IF_SUB || cfg.kind == PIX_IF_IRB)
		cfg.vlan_outer = want->vlan_outer;
	if (cfg.kind == PIX_IF_SUB)
		cfg.vlan_inner = want->vlan_inner;
	cfg.vrf = want->vrf;
	cfg.bridge = want->mode == PIX_IF_L2 || cfg.kind == PIX_IF_IRB ? want->bridge : 0;
	cfg.mtu = want->mtu ? want->mtu : default_mtu(&cfg);
	cfg.up = want->up;
	choose_mac(&cfg);
	if (want->mode == PIX_IF_L2) {
		choose_l2(&cfg, want);
	} else {
		cfg.v6 = want->v6;
		cfg.urpf = want->urpf;
		cfg.dad = want->dad;
		cfg.ra = want->ra;
		choose_addresses(old, &cfg, want);
	}
	return ifset_change(t, want->id, &cfg);
}

int ifset_addr_state(struct txn *t, const struct pix_addr_op *op)
{
	struct pix_iface cfg = ifs[op->ifid]->cfg;

	for (u32 i = 0; i < cfg.addr_count; i++) {
		if (pix_ip_is4(op->ip) || !pix_ip_eq(cfg.addr[i].ip, op->ip))
			continue;
		cfg.addr[i].state = op->state;
		return ifset_change(t, op->ifid, &cfg);
	}
	return refuse(-ENOENT, "the interface has no such IPv6 address");
}

int ifset_bridge(struct txn *t, const struct pix_bridge *want)
{
	u32 ageing_s = want->ageing_s ? want->ageing_s : IFSET_AGEING_DEFAULT_S;
	u16 id = want->id;
	int err;

	if (!id || id >= BRIDGE_MAX)
		return refuse(-EINVAL, "no such bridge");
	if (ageing_s > AGEING_MAX_S)
		return refuse(-EINVAL, "ageing is at most 1000000 seconds");
	if (bridges[id].ageing_s == ageing_s && bridges[id].mac_limit == want->mac_limit)
		return 0;
	if (undo_save(&t->undo, &bridges[id], sizeof(bridges[id])))
		return -ENOMEM;
	bridges[id].ageing_s = ageing_s;
	bridges[id].mac_limit = want->mac_limit;
	t->changed = true;
	err = bridge_set_ageing(t->draft, id, ageing_s);
	return err ? err : bridge_set_limit(t->draft, id, want->mac_limit);
}

/* --- links ---------------------------------------------------------------------------------- */

static bool bridge_link(u16 bridge)
{
	for (u16 id = ifset_next(0); id; id = ifset_next(id)) {
		const struct pix_iface *cfg = &ifs[id]->cfg;

		if (cfg->mode == PIX_IF_L2 && cfg->bridge == bridge && cfg->up &&
		    port_link[cfg->port])
			return true;
	}
	return false;
}

static bool link_of(const struct pix_iface *cfg)
{
	if (cfg->kind == PIX_IF_LOOPBACK)
		return true;
	return cfg->kind == PIX_IF_IRB ? bridge_link(cfg->bridge) : port_link[cfg->port];
}

/* Bring the links of all interfaces up to date: ports changed, or members of bridges. */
int ifset_links(struct txn *t)
{
	for (u16 id = ifset_next(0); id; id = ifset_next(id)) {
		bool link = link_of(&ifs[id]->cfg);
		struct pix_iface cfg;
		int err;

		if (link == ifs[id]->cfg.link)
			continue;
		cfg = ifs[id]->cfg;
		cfg.link = link;
		if (cfg.mode != PIX_IF_L3) { /* for listings; bridges look at the port */
			if (undo_save(&t->undo, &ifs[id]->cfg.link, sizeof(cfg.link)))
				return -ENOMEM;
			ifs[id]->cfg.link = cfg.link;
			t->changed = true;
			continue;
		}
		/* RFC 4862 5.4.2: an interface that comes up makes sure of its addresses again. */
		for (u32 i = 0; cfg.link && i < cfg.addr_count; i++)
			cfg.addr[i].state = first_state(&ifs[id]->cfg, &cfg, cfg.addr[i].ip);
		err = ifset_change(t, id, &cfg);
		if (err)
			return err;
	}
	return 0;
}

int ifset_link(struct txn *t, u16 port, bool up)
{
	if (port_link[port] == up)
		return 0;
	if (undo_save(&t->undo, &port_link[port], sizeof(port_link[port])))
		return -ENOMEM;
	port_link[port] = up;
	return ifset_links(t);
}

int ifset_forget(struct txn *t, u16 id)
{
	struct ifstate *s = ifset_state(id);

	if (!s || id < IFSET_FIRST_ID || s->cfg.mode != PIX_IF_UNUSED)
		return 0;
	if (undo_free(&t->undo, s, sizeof(*s)) || undo_save(&t->undo, &ifs[id], sizeof(ifs[0])))
		return -ENOMEM;
	ifs[id] = NULL;
	return 0;
}
