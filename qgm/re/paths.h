// SPDX-License-Identifier: MIT
/*
 * paths: the gateways through which routes lead, one or several (ECMP), as sets that are shared by
 * all routes with the same. A set of one path stands for that path's next hop; a set of several
 * has a next hop of kind NH_GROUP, whose id stays while members come and go: the FIB does not
 * change when a path of many routes is lost. A set is usable while one of its gateways is attached.
 *
 * Buckets of a group are dealt by weight. A member that leaves gives its buckets to the rest, one
 * that comes takes no more than its share; a set made by changing a route's paths begins with the
 * buckets of the set before, so that other flows stay (resilient hashing). Of several attached
 * gateways those that do not answer get no buckets. Generic side, control lock.
 */
#pragma once

#include "libc/include/pix/dev.h"
#include "qgm/re/adj.h"

struct route_path {
	struct pix_ip gateway; /* link-local ones scoped */
	u16 ifid;              /* as wished, 0: where the gateway is attached */
	u8 weight;             /* 1..16 */
};

struct path_member {
	struct route_path path;
	struct nexthop *nh; /* NULL: not attached now */
};

struct pathset {
	u32 refs;
	u64 hash;
	u16 probe; /* sets with the same hash are numbered */
	u16 vrf;
	u8 count;
	bool moved;            /* `way` changed and the FIB does not know yet */
	bool dirty;            /* buckets to be dealt in paths_build() */
	struct nexthop *way;   /* where packets go: a member, or the group; NULL: not usable */
	struct nexthop *group; /* count > 1 */
	u16 *bucket;           /* as last dealt: ids of members */
	u32 buckets;
	struct pathset *dirty_next;
	struct path_member member[];
};

void paths_init(void);

/* The set of these paths (sorted or not, no two with the same gateway and interface) with one more
 * reference. `from`: the set that a route had before, or NULL. NULL: no memory or no id. */
struct pathset *paths_get(struct txn *t, u16 vrf, const struct route_path *path, u32 n,
			  const struct pathset *from);

int paths_put(struct txn *t, struct pathset *s);

/* The attached subnets of a VRF changed: find its gateways again. *moved is set when sets lead
 * elsewhere; they have their `moved` set until paths_settled(). */
int paths_resolve(struct txn *t, u16 vrf, bool *moved);
int paths_settled(struct txn *t, u16 vrf);

/* End of the transaction: deal the buckets of groups that changed. */
int paths_build(struct txn *t);

/* Deal `n` buckets: bucket[] holds former owners (any value is allowed), id[] and weight[] the
 * `members` (at most PIX_ROUTE_PATHS) of today. Pure; for tests. */
void paths_deal(u16 *bucket, u32 n, const u16 *id, const u8 *weight, u32 members);

/* Planted bug "ecmp-shuffle": buckets are dealt anew each time, whoever had them. */
void paths_plant_shuffle(bool on);
