// SPDX-License-Identifier: MIT
/*
 * rib: the routes of all VRFs by (VRF, family, prefix, protocol). Of those of one prefix the usable
 * one with the lowest distance is in the FIB. Generic side, control lock.
 *
 * A table of a million routes has a few hundred different ways to go, so that a route is no object
 * of its own: an ordered map (btree.h) leads from address and length to what all such routes have
 * in common (struct rib_info), or, when several protocols have the prefix, to a list of those:
 *
 *	map of (VRF, family): prefix -> info -> paths -> next hops
 *	                      prefix -> list of infos, best first
 *
 * That is 13 bytes for an IPv4 route and 25 for an IPv6 one, over the fill of the nodes.
 */
#pragma once

#include "libc/include/pix/dev.h"
#include "qgm/re/paths.h"
#include "qgm/re/prefix.h"

/* Protocols beyond enum pix_route_proto; never listed. */
enum { RIB_BROADCAST = 16, RIB_NEIGH = 17, RIB_ANYCAST = 18 };

enum { RIB_DISTANCE_STATIC = 1, RIB_DISTANCE_BGP = 20, RIB_DISTANCE_NEIGH = 255 };

/* A route but for its prefix. Immutable; one object for all routes that have it. */
struct rib_info {
	u32 refs; /* prefixes */
	u8 proto, distance;
	u8 kind;            /* enum nh_kind */
	struct nexthop *nh; /* own reference; NULL when it goes through `set` */
	struct pathset *set;
};

enum { RIB_INFOS = 8 }; /* protocols that can have one prefix */

/* The routes of one prefix, best first. */
struct rib_infos {
	u32 n;
	struct rib_info *info[RIB_INFOS];
};

/* rib_info.c, for rib.c: the info that is like `want`, whose reference to next hop or set becomes
 * the info's (NULL: no memory); a prefix has it no more; heap bytes of all. */
void rib_info_init(void);
struct rib_info *rib_info_get(struct txn *t, const struct rib_info *want);
int rib_info_put(struct txn *t, struct rib_info *r);
u64 rib_info_bytes(void);

/* Start with no routes. */
void rib_init(void);

/* Add a route with a next hop of its own, replacing the one with the same prefix and protocol. */
int rib_add(struct txn *t, const struct prefix *p, u8 proto, u8 distance, u8 kind, u16 ifid,
	    struct pix_ip gateway);

/* The same with gateways, 1..PIX_ROUTE_PATHS. */
int rib_add_paths(struct txn *t, const struct prefix *p, u8 proto, u8 distance,
		  const struct route_path *path, u32 n);

/* -ENOENT when it is not there. */
int rib_del(struct txn *t, const struct prefix *p, u8 proto);

/* The route of a protocol, NULL none. */
const struct rib_info *rib_get(const struct prefix *p, u8 proto);

/* The subnets around a neighbour's host route changed: does it show now? */
int rib_neighbour(struct txn *t, const struct prefix *host);

/* The attached subnets of a VRF changed: resolve its gateways again. */
int rib_resolve(struct txn *t, u16 vrf);

/* The active interface of a VRF to whose subnets `addr` belongs as a host address (neither own nor
 * broadcast), longest subnet first; 0 none. */
u16 rib_attached(u16 vrf, struct pix_ip addr);

/* Is `addr` an own address of the VRF now? */
bool rib_own(u16 vrf, struct pix_ip addr);

/* The next hop of a route as of now, NULL = not usable. */
static inline const struct nexthop *rib_info_nh(const struct rib_info *r)
{
	return r->set ? r->set->way : r->nh;
}

/* The route that is in the FIB, NULL none. */
static inline const struct rib_info *rib_best(const struct rib_infos *l)
{
	for (u32 i = 0; i < l->n; i++)
		if (rib_info_nh(l->info[i]))
			return l->info[i];
	return NULL;
}

/* Walk all prefixes in order (VRF, IPv4 before IPv6, address, length), while nothing changes. */
struct rib_walk {
	struct btree_iter it;
	u16 vrf;
	u8 family;
};

enum rib_start {
	RIB_FIRST, /* from the very first prefix on */
	RIB_FROM,  /* from this prefix on, itself included if it is there */
};

void rib_walk_start(struct rib_walk *w, const struct prefix *p, enum rib_start where);

/* The next prefix and its routes; false at the end. */
bool rib_walk_next(struct rib_walk *w, struct prefix *p, struct rib_infos *l);

/* Routes that a listing shows, counting each path. */
u32 rib_listed(void);

/* Prefixes of a VRF and family, and heap bytes of their map. */
u64 rib_table_bytes(u16 vrf, bool v6, u64 *prefixes);

/* Prefixes, and heap bytes of all that is kept for them. */
u64 rib_bytes(u64 *prefixes);
