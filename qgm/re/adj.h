// SPDX-License-Identifier: MIT
/*
 * adj: the writer's books of next hops and neighbours. A next hop is a reference-counted id for
 * (kind, interface, gateway); its adjacency follows from the interface and the neighbour. A
 * neighbour is (interface, address) -> MAC and holds its host route. Generic side, control lock.
 */
#pragma once

#include "qgm/re/skip.h"
#include "qgm/re/txn.h"

struct nexthop {
	u32 id;
	u32 refs;
	u8 kind; /* enum nh_kind */
	u16 ifid;
	u32 gateway;
};

struct neigh {
	u16 ifid;
	u8 mac[6];
	u32 addr;
};

enum { NEIGH_MAX = 8192 };

/* Start with no next hops and no neighbours. */
void adj_init(void);

/* The next hop, with one more reference: an existing one, or a new id. Kinds without interface
 * have ifid and gateway 0. NULL: no memory or no id left. */
struct nexthop *adj_get(struct txn *t, u8 kind, u16 ifid, u32 gateway);

/* Give a reference back; NULL is allowed. */
int adj_put(struct txn *t, struct nexthop *nh);

/* Interface `ifid` changed: make its adjacencies anew. */
int adj_refresh(struct txn *t, u16 ifid);

const struct neigh *adj_neigh(u16 ifid, u32 addr);

/* Learn or change, forget (-ENOENT), and forget those of `ifid`, which was in `vrf`, that are not
 * on it any more. The host route follows. -ENOSPC: NEIGH_MAX are there. */
int adj_neigh_set(struct txn *t, u16 ifid, u32 addr, const u8 *mac);
int adj_neigh_del(struct txn *t, u16 ifid, u32 addr);
int adj_neigh_flush(struct txn *t, u16 ifid, u16 vrf);

/* The subnets of `ifid` changed: put its neighbours' host routes in or out of the FIB. */
int adj_neigh_show(struct txn *t, u16 ifid);

/* All neighbours, by interface and address. */
const struct skip *adj_neighbours(void);
