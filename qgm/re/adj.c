// SPDX-License-Identifier: MIT
/* adj: next-hop ids and neighbours of the table writer (adj.h). */
#include "qgm/re/adj.h"

#include "qgm/re/errno.h"
#include "qgm/re/ifset.h"
#include "qgm/re/ipv4.h"
#include "qgm/re/ipv6.h"
#include "qgm/re/refuse.h"
#include "qgm/re/rib.h"

enum { NH_KEY = 19, NEIGH_KEY = 18 };
enum { ETH_P_8021Q = 0x8100, ETH_P_8021AD = 0x88a8 };

static struct btree nexthops __generic;   /* key: interface, kind, gateway */
static struct btree neighbours __generic; /* key: interface, address */
static u64 id_used[NH_MAX / 64] __generic;
static u32 id_hint __generic;

void adj_init(void)
{
	nexthops = btree_empty(NH_KEY);
	neighbours = btree_empty(NEIGH_KEY);
	__builtin_memset(id_used, 0, sizeof(id_used));
	id_hint = 0;
}

static struct btree_key nh_key(u8 kind, u16 ifid, struct pix_ip gateway)
{
	struct btree_key k = { { 0 } };

	btree_key_u16(&k, 0, ifid);
	k.b[2] = kind;
	btree_key_u64(&k, 3, gateway.hi);
	btree_key_u64(&k, 11, gateway.lo);
	return k;
}

static struct btree_key neigh_key(u16 ifid, struct pix_ip addr)
{
	struct btree_key k = { { 0 } };

	btree_key_u16(&k, 0, ifid);
	btree_key_u64(&k, 2, addr.hi);
	btree_key_u64(&k, 10, addr.lo);
	return k;
}

static u32 fixed_id(u8 kind)
{
	switch (kind) {
	case NH_LOCAL:
		return NH_ID_LOCAL;
	case NH_BROADCAST:
		return NH_ID_BROADCAST;
	case NH_BLACKHOLE:
		return NH_ID_BLACKHOLE;
	case NH_UNREACHABLE:
		return NH_ID_UNREACHABLE;
	default:
		return 0;
	}
}

/* A free id, marked as used; 0 when none is left or no memory. */
static u32 id_take(struct txn *t)
{
	for (u32 i = 0; i < NH_MAX / 64; i++) {
		u32 w = (id_hint + i) % (NH_MAX / 64);
		u64 used = id_used[w] | (w ? 0 : (1ull << NH_ID_FIRST) - 1);
		u32 bit;

		if (used == ~0ull)
			continue;
		if (undo_save(&t->undo, &id_used[w], sizeof(id_used[w])))
			return 0;
		bit = (u32)__builtin_ctzll(~used);
		id_used[w] |= 1ull << bit;
		id_hint = w;
		return w * 64 + bit;
	}
	return 0;
}

static int id_give(struct txn *t, u32 id)
{
	if (undo_save(&t->undo, &id_used[id / 64], sizeof(u64)))
		return -ENOMEM;
	id_used[id / 64] &= ~(1ull << id % 64);
	return 0;
}

static void header_put(struct adjacency *adj, u16 v)
{
	v = cpu_to_be16(v);
	__builtin_memcpy(adj->eth + adj->eth_len, &v, sizeof(v));
	adj->eth_len += 2;
}

/* The Ethernet header to a neighbour, with the tags of the interface (IEEE 802.1Q-2022 9.5). */
static void header(struct adjacency *adj, const struct pix_iface *cfg, const u8 *mac)
{
	__builtin_memcpy(adj->eth, mac, ETH_ALEN);
	__builtin_memcpy(adj->eth + ETH_ALEN, cfg->mac, ETH_ALEN);
	adj->eth_len = 2 * ETH_ALEN;
	if (cfg->kind == PIX_IF_SUB) {
		header_put(adj, cfg->vlan_inner ? ETH_P_8021AD : ETH_P_8021Q);
		header_put(adj, cfg->vlan_outer);
		if (cfg->vlan_inner) {
			header_put(adj, ETH_P_8021Q);
			header_put(adj, cfg->vlan_inner);
		}
	}
	header_put(adj, pix_ip_is4(adj->gateway) ? ETH_P_IP : ETH_P_IPV6);
}

/* The adjacency of a next hop as interface and neighbour are now. */
static int publish(struct txn *t, const struct nexthop *nh)
{
	struct adjacency adj = { .kind = nh->kind, .ifid = nh->ifid, .gateway = nh->gateway };
	const struct pix_iface *cfg = nh->ifid ? ifset_get(nh->ifid) : NULL;

	if (cfg) {
		const struct neigh *n = NULL;

		adj.mtu = (u16)cfg->mtu;
		adj.port = cfg->port;
		if (nh->kind == NH_FORWARD)
			n = adj_neigh(nh->ifid, nh->gateway);
		if (n) {
			header(&adj, cfg, n->mac);
			adj.resolved = 1;
		}
	}
	t->changed = true;
	return nh_set(t->nh, nh->id, &adj);
}

struct nexthop *adj_get(struct txn *t, u8 kind, u16 ifid, struct pix_ip gateway)
{
	struct btree_key key = nh_key(kind, ifid, gateway);
	struct nexthop *nh = btree_get(&nexthops, &key);

	if (nh) {
		if (undo_save(&t->undo, &nh->refs, sizeof(nh->refs)))
			return NULL;
		nh->refs++;
		return nh;
	}
	nh = undo_alloc(&t->undo, sizeof(*nh));
	if (!nh)
		return NULL;
	*nh = (struct nexthop){ .refs = 1, .kind = kind, .ifid = ifid, .gateway = gateway };
	nh->id = fixed_id(kind) ? fixed_id(kind) : id_take(t);
	if (!nh->id || btree_put(&nexthops, &t->undo, &key, nh))
		return NULL;
	if (!fixed_id(kind) && publish(t, nh))
		return NULL;
	return nh;
}

struct nexthop *adj_group_new(struct txn *t)
{
	struct nexthop *nh = undo_alloc(&t->undo, sizeof(*nh));

	if (!nh)
		return NULL;
	*nh = (struct nexthop){ .refs = 1, .kind = NH_GROUP, .id = id_take(t) };
	return nh->id ? nh : NULL;
}

int adj_put(struct txn *t, struct nexthop *nh)
{
	static const struct adjacency none;
	struct btree_key key;
	int err = 0;

	if (!nh)
		return 0;
	if (undo_save(&t->undo, &nh->refs, sizeof(nh->refs)))
		return -ENOMEM;
	if (--nh->refs)
		return 0;
	if (nh->kind != NH_GROUP) {
		key = nh_key(nh->kind, nh->ifid, nh->gateway);
		err = btree_remove(&nexthops, &t->undo, &key);
	}
	if (!err && !fixed_id(nh->kind)) {
		err = id_give(t, nh->id);
		if (!err)
			err = nh_set(t->nh, nh->id, &none);
	}
	t->changed = true;
	return err ? err : undo_free(&t->undo, nh, sizeof(*nh));
}

int adj_refresh(struct txn *t, u16 ifid)
{
	struct btree_key from = nh_key(0, ifid, PIX_IP_NONE);

	for (struct btree_iter it = btree_from(&nexthops, &from, false); it.item; btree_next(&it)) {
		const struct nexthop *nh = it.item;
		int err;

		if (nh->ifid != ifid)
			break;
		err = publish(t, nh);
		if (err)
			return err;
	}
	return 0;
}

/* --- neighbours ----------------------------------------------------------------------------- */

const struct btree *adj_neighbours(void)
{
	return &neighbours;
}

const struct btree *adj_nexthops(void)
{
	return &nexthops;
}

const struct neigh *adj_neigh(u16 ifid, struct pix_ip addr)
{
	struct btree_key key = neigh_key(ifid, addr);

	return btree_get(&neighbours, &key);
}

/* A gateway answers, or does not: groups choose again at the end of the transaction. */
static int set_failed(struct txn *t, struct nexthop *nh, bool failed)
{
	if (nh->failed == failed)
		return 0;
	if (undo_save(&t->undo, &nh->failed, sizeof(nh->failed)))
		return -ENOMEM;
	nh->failed = failed;
	t->groups_dirty = true;
	return 0;
}

/* The neighbour is new, changed or gone: the next hop through it, if anybody has one. */
static int publish_through(struct txn *t, u16 ifid, struct pix_ip addr, bool alive)
{
	struct btree_key key = nh_key(NH_FORWARD, ifid, addr);
	struct nexthop *nh = btree_get(&nexthops, &key);
	int err = 0;

	if (nh && alive)
		err = set_failed(t, nh, false);
	return nh && !err ? publish(t, nh) : err;
}

int adj_neigh_failed(struct txn *t, u16 ifid, struct pix_ip addr)
{
	struct btree_key key = nh_key(NH_FORWARD, ifid, addr);
	struct nexthop *nh = btree_get(&nexthops, &key);

	return nh ? set_failed(t, nh, true) : 0;
}

static struct prefix host_route(u16 vrf, struct pix_ip addr)
{
	return (struct prefix){ .vrf = vrf, .addr = addr, .len = prefix_host_len(addr) };
}

int adj_neigh_set(struct txn *t, u16 ifid, struct pix_ip addr, const u8 *mac)
{
	struct btree_key key = neigh_key(ifid, addr);
	struct neigh *n = btree_get(&neighbours, &key);
	struct prefix host = host_route(ifset_get(ifid)->vrf, addr);
	u32 *known = &ifset_state(ifid)->neighbours;
	int err;

	if (n) {
		if (!__builtin_memcmp(n->mac, mac, ETH_ALEN))
			return 0; /* a refresh publishes nothing */
		if (undo_save(&t->undo, n->mac, ETH_ALEN))
			return -ENOMEM;
		__builtin_memcpy(n->mac, mac, ETH_ALEN);
		return publish_through(t, ifid, addr, true);
	}
	if (neighbours.count >= NEIGH_MAX || *known >= NEIGH_IF_MAX)
		return refuse(-ENOSPC, "too many neighbours");
	n = undo_alloc(&t->undo, sizeof(*n));
	if (!n || undo_save(&t->undo, known, sizeof(*known)))
		return -ENOMEM;
	++*known;
	n->ifid = ifid;
	n->addr = addr;
	__builtin_memcpy(n->mac, mac, ETH_ALEN);
	err = btree_put(&neighbours, &t->undo, &key, n);
	if (!err)
		err = publish_through(t, ifid, addr, true);
	if (!err)
		err = rib_add(t, &host, RIB_NEIGH, RIB_DISTANCE_NEIGH, NH_FORWARD, ifid, addr);
	return err;
}

/* `vrf`: where its host route is. */
static int neigh_forget(struct txn *t, struct neigh *n, u16 vrf)
{
	struct btree_key key = neigh_key(n->ifid, n->addr);
	struct prefix host = host_route(vrf, n->addr);
	u32 *known = &ifset_state(n->ifid)->neighbours;
	int err = btree_remove(&neighbours, &t->undo, &key);

	if (!err && undo_save(&t->undo, known, sizeof(*known)))
		err = -ENOMEM;
	if (!err)
		--*known;
	if (!err)
		err = rib_del(t, &host, RIB_NEIGH);
	if (!err)
		err = publish_through(t, n->ifid, n->addr, false);
	return err ? err : undo_free(&t->undo, n, sizeof(*n));
}

int adj_neigh_del(struct txn *t, u16 ifid, struct pix_ip addr)
{
	struct btree_key key = neigh_key(ifid, addr);
	struct neigh *n = btree_get(&neighbours, &key);

	return n ? neigh_forget(t, n, ifset_get(ifid)->vrf) : -ENOENT;
}

int adj_neigh_show(struct txn *t, u16 ifid)
{
	struct btree_key from = neigh_key(ifid, PIX_IP_NONE);
	struct btree_iter it = btree_from(&neighbours, &from, false);
	int err = 0;

	for (; it.item && !err; btree_next(&it)) {
		const struct neigh *n = it.item;
		struct prefix host;

		if (n->ifid != ifid)
			break;
		host = host_route(ifset_get(ifid)->vrf, n->addr);
		err = rib_neighbour(t, &host);
	}
	return err;
}

int adj_neigh_flush(struct txn *t, u16 ifid, u16 vrf)
{
	struct btree_key at = neigh_key(ifid, PIX_IP_NONE);

	for (;;) {
		struct btree_iter it = btree_from(&neighbours, &at, true);
		struct neigh *n = it.item;
		int err;

		if (!n || n->ifid != ifid)
			return 0;
		at = neigh_key(ifid, n->addr);
		if (vrf == ifset_get(ifid)->vrf && ifset_neighbour_ok(ifid, n->addr))
			continue;
		err = neigh_forget(t, n, vrf);
		if (err)
			return err;
	}
}
