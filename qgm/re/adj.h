// SPDX-License-Identifier: MIT
/*
 * adj: the writer's books of next hops and neighbours. A next hop is a reference-counted id for
 * (kind, interface, gateway); its adjacency follows from the interface and the neighbour. A
 * neighbour is (interface, address) -> MAC and holds its host route. Link-local addresses are
 * scoped here (ip6_scoped()). Generic side, control lock.
 */
#pragma once

#include "qgm/re/btree.h"
#include "qgm/re/txn.h"

struct nexthop {
	u32 id;
	u32 refs;
	u8 kind;     /* enum nh_kind */
	bool failed; /* FORWARD: the gateway did not answer when it was last asked */
	u16 ifid;
	struct pix_ip gateway;
};

struct neigh {
	u16 ifid;
	u8 mac[6];
	struct pix_ip addr;
};

/* In all, and on one interface: who makes up stations on one link does not shut out those of
 * others. */
enum { NEIGH_MAX = 16384, NEIGH_IF_MAX = 4096 };

/* Start with no next hops and no neighbours. */
void adj_init(void);

/* The next hop, with one more reference: an existing one, or a new id. Kinds without interface
 * have ifid 0 and no gateway. NULL: no memory or no id left. */
struct nexthop *adj_get(struct txn *t, u8 kind, u16 ifid, struct pix_ip gateway);

/* Give a reference back; NULL is allowed. */
int adj_put(struct txn *t, struct nexthop *nh);

/* A next hop of kind NH_GROUP with an id of its own and one reference, no buckets yet. */
struct nexthop *adj_group_new(struct txn *t);

/* Interface `ifid` changed: make its adjacencies anew. */
int adj_refresh(struct txn *t, u16 ifid);

const struct neigh *adj_neigh(u16 ifid, struct pix_ip addr);

/* Learn or change, forget (-ENOENT), and forget those of `ifid`, which was in `vrf`, that are not
 * on it any more. The host route follows. -ENOSPC: too many. */
int adj_neigh_set(struct txn *t, u16 ifid, struct pix_ip addr, const u8 *mac);
int adj_neigh_del(struct txn *t, u16 ifid, struct pix_ip addr);
int adj_neigh_flush(struct txn *t, u16 ifid, u16 vrf);

/* The address did not answer: groups do without it until it is learned. */
int adj_neigh_failed(struct txn *t, u16 ifid, struct pix_ip addr);

/* The subnets of `ifid` changed: put its neighbours' host routes in or out of the FIB. */
int adj_neigh_show(struct txn *t, u16 ifid);

/* All neighbours, by interface and address; all next hops (kind FORWARD: the gateways of routes and
 * the neighbours), by interface, kind and gateway. */
const struct btree *adj_neighbours(void);
const struct btree *adj_nexthops(void);
