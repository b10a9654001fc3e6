// SPDX-License-Identifier: MIT
/*
 * rib: the routes of all VRFs by (VRF, prefix, length, protocol). Of those of one prefix the usable
 * one with the lowest distance is in the FIB. A gateway is resolved over the attached subnets;
 * routes with an unresolved gateway stay, inactive. Generic side, control lock.
 */
#pragma once

#include "qgm/re/adj.h"
#include "libc/include/pix/dev.h"

/* Protocols beyond enum pix_route_proto; never listed. */
enum { RIB_BROADCAST = 16, RIB_NEIGH = 17 };

enum { RIB_DISTANCE_STATIC = 1, RIB_DISTANCE_BGP = 20, RIB_DISTANCE_NEIGH = 255 };

struct rib_gateway {
	u16 vrf;
	u32 addr;
	struct nexthop *nh; /* NULL: not attached now */
	struct rib_route *routes;
};

struct rib_route {
	struct rib_route *next; /* of the same prefix, best first */
	struct rib_prefix *prefix;
	u8 proto, type, distance;
	struct nexthop *nh; /* own reference; NULL when it goes through `gw` */
	struct rib_gateway *gw;
	struct rib_route *gw_next;
	struct rib_route **gw_link;
};

struct rib_prefix {
	u16 vrf;
	u8 len;
	u32 addr;
	u32 installed; /* next-hop id in the FIB, 0 none */
	struct rib_route *routes;
};

/* Start with no routes. */
void rib_init(void);

/*
 * Add a route, replacing the one with the same key. `kind`, `ifid` say where it leads: FORWARD with
 * ifid 0 goes through `gateway` wherever that is attached.
 */
int rib_add(struct txn *t, u16 vrf, u32 addr, u8 len, u8 proto, u8 distance, u8 kind, u16 ifid,
	    u32 gateway);

/* -ENOENT when it is not there. */
int rib_del(struct txn *t, u16 vrf, u32 addr, u8 len, u8 proto);

/* The subnets around a neighbour's host route changed: does it show now? */
int rib_neighbour(struct txn *t, u16 vrf, u32 addr);

/* The attached subnets of a VRF changed: resolve its gateways again. */
int rib_resolve(struct txn *t, u16 vrf);

/* The next hop of a route as of now, NULL = not usable. */
static inline const struct nexthop *rib_route_nh(const struct rib_route *r)
{
	return r->gw ? r->gw->nh : r->nh;
}

/* The route of the prefix that is in the FIB, NULL none. */
static inline const struct rib_route *rib_best(const struct rib_prefix *p)
{
	const struct rib_route *r = p->routes;

	while (r && !rib_route_nh(r))
		r = r->next;
	return r;
}

/* All prefixes in order. */
const struct skip *rib_prefixes(void);
