// SPDX-License-Identifier: MIT
/* adj: next-hop ids and neighbours of the table writer (adj.h). */
#include "qgm/re/adj.h"

#include "qgm/re/errno.h"
#include "qgm/re/ifset.h"
#include "qgm/re/ipv4.h"
#include "qgm/re/rib.h"

static struct skip nexthops __generic;   /* key: kind, interface, gateway */
static struct skip neighbours __generic; /* key: interface, address */
static u64 id_used[NH_MAX / 64] __generic;
static u32 id_hint __generic;

void adj_init(void)
{
	nexthops = neighbours = (struct skip){ 0 };
	__builtin_memset(id_used, 0, sizeof(id_used));
}

static u64 nh_key(u8 kind, u16 ifid, u32 gateway)
{
	return (u64)ifid << 40 | (u64)kind << 32 | gateway;
}

static u64 neigh_key(u16 ifid, u32 addr)
{
	return (u64)ifid << 32 | addr;
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

/* The adjacency of a next hop as interface and neighbour are now. */
static int publish(struct txn *t, const struct nexthop *nh)
{
	struct adjacency adj = { .kind = nh->kind,
				 .ifid = nh->ifid,
				 .gateway = nh->gateway ? pix_ip4(nh->gateway) : PIX_IP_NONE };
	const struct pix_iface *cfg = nh->ifid ? ifset_get(nh->ifid) : NULL;

	if (cfg) {
		const struct neigh *n = NULL;

		adj.mtu = (u16)cfg->mtu;
		adj.port = nh->ifid;
		if (nh->kind == NH_FORWARD)
			n = adj_neigh(nh->ifid, nh->gateway);
		if (n) {
			struct eth_hdr *eth = (struct eth_hdr *)adj.eth;

			__builtin_memcpy(eth->dst, n->mac, ETH_ALEN);
			__builtin_memcpy(eth->src, cfg->mac, ETH_ALEN);
			eth->type = cpu_to_be16(ETH_P_IP);
			adj.eth_len = ETH_HLEN;
			adj.resolved = 1;
		}
	}
	t->changed = true;
	return nh_set(t->nh, nh->id, &adj);
}

struct nexthop *adj_get(struct txn *t, u8 kind, u16 ifid, u32 gateway)
{
	u64 key = nh_key(kind, ifid, gateway);
	struct nexthop *nh = skip_get(&nexthops, key);

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
	if (!nh->id || skip_put(&nexthops, &t->undo, key, nh))
		return NULL;
	if (!fixed_id(kind) && publish(t, nh))
		return NULL;
	return nh;
}

int adj_put(struct txn *t, struct nexthop *nh)
{
	static const struct adjacency none;
	int err;

	if (!nh)
		return 0;
	if (undo_save(&t->undo, &nh->refs, sizeof(nh->refs)))
		return -ENOMEM;
	if (--nh->refs)
		return 0;
	err = skip_remove(&nexthops, &t->undo, nh_key(nh->kind, nh->ifid, nh->gateway));
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
	struct skip_node *node = skip_from(&nexthops, nh_key(0, ifid, 0));

	for (; node; node = node->next[0]) {
		const struct nexthop *nh = node->item;
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

const struct skip *adj_neighbours(void)
{
	return &neighbours;
}

const struct neigh *adj_neigh(u16 ifid, u32 addr)
{
	return skip_get(&neighbours, neigh_key(ifid, addr));
}

/* The neighbour is new, changed or gone: the next hop through it, if anybody has one. */
static int publish_through(struct txn *t, u16 ifid, u32 addr)
{
	const struct nexthop *nh = skip_get(&nexthops, nh_key(NH_FORWARD, ifid, addr));

	return nh ? publish(t, nh) : 0;
}

int adj_neigh_set(struct txn *t, u16 ifid, u32 addr, const u8 *mac)
{
	struct neigh *n = skip_get(&neighbours, neigh_key(ifid, addr));
	int err;

	if (n) {
		if (!__builtin_memcmp(n->mac, mac, ETH_ALEN))
			return 0; /* a refresh publishes nothing */
		if (undo_save(&t->undo, n->mac, ETH_ALEN))
			return -ENOMEM;
		__builtin_memcpy(n->mac, mac, ETH_ALEN);
		return publish_through(t, ifid, addr);
	}
	if (neighbours.count >= NEIGH_MAX)
		return -ENOSPC;
	n = undo_alloc(&t->undo, sizeof(*n));
	if (!n)
		return -ENOMEM;
	n->ifid = ifid;
	n->addr = addr;
	__builtin_memcpy(n->mac, mac, ETH_ALEN);
	err = skip_put(&neighbours, &t->undo, neigh_key(ifid, addr), n);
	if (!err)
		err = publish_through(t, ifid, addr);
	if (!err)
		err = rib_add(t, ifset_get(ifid)->vrf, addr, 32, RIB_NEIGH, RIB_DISTANCE_NEIGH,
			      NH_FORWARD, ifid, addr);
	return err;
}

/* `vrf`: where its host route is. */
static int neigh_forget(struct txn *t, struct neigh *n, u16 vrf)
{
	int err = skip_remove(&neighbours, &t->undo, neigh_key(n->ifid, n->addr));

	if (!err)
		err = rib_del(t, vrf, n->addr, 32, RIB_NEIGH);
	if (!err)
		err = publish_through(t, n->ifid, n->addr);
	return err ? err : undo_free(&t->undo, n, sizeof(*n));
}

int adj_neigh_del(struct txn *t, u16 ifid, u32 addr)
{
	struct neigh *n = skip_get(&neighbours, neigh_key(ifid, addr));

	return n ? neigh_forget(t, n, ifset_get(ifid)->vrf) : -ENOENT;
}

int adj_neigh_show(struct txn *t, u16 ifid)
{
	struct skip_node *node = skip_from(&neighbours, neigh_key(ifid, 0));
	int err = 0;

	for (; node && !err; node = node->next[0]) {
		const struct neigh *n = node->item;

		if (n->ifid != ifid)
			break;
		err = rib_neighbour(t, ifset_get(ifid)->vrf, n->addr);
	}
	return err;
}

int adj_neigh_flush(struct txn *t, u16 ifid, u16 vrf)
{
	struct skip_node *node = skip_from(&neighbours, neigh_key(ifid, 0)), *next;

	for (; node; node = next) {
		struct neigh *n = node->item;
		int err;

		next = node->next[0]; /* the node lives until the commit */
		if (n->ifid != ifid)
			break;
		if (vrf == ifset_get(ifid)->vrf && ifset_neighbour_ok(ifid, n->addr))
			continue;
		err = neigh_forget(t, n, vrf);
		if (err)
			return err;
	}
	return 0;
}
