// SPDX-License-Identifier: MIT
/*
 * rib_map: the maps behind rib.h, one for each VRF and family: prefix -> what all such routes have
 * in common, or a list of those. For rib.c. Generic side, control lock.
 */
#pragma once

#include "qgm/re/rib.h"

enum { RIB_V4, RIB_V6, RIB_FAMILIES };

extern struct btree rib_map[VRF_MAX][RIB_FAMILIES];

static inline u32 rib_family(struct pix_ip addr)
{
	return pix_ip_is4(addr) ? RIB_V4 : RIB_V6;
}

void rib_map_init(void);

/* An empty map of prefixes of a family. */
struct btree rib_map_empty(u32 family);

/* A prefix as a map's key, and back. */
struct btree_key rib_map_key(struct pix_ip addr, u8 len);
struct prefix rib_map_prefix(u16 vrf, u32 family, const u8 *key);

/* The routes that an item of `rib_map` stands for. */
void rib_map_unpack(void *item, struct rib_infos *l);

/* The routes of a prefix; returns the map's item, NULL none. */
void *rib_map_get(const struct prefix *p, struct rib_infos *l);

/* Make `l` be the routes of the prefix, in place of the map's item `was`. 0 or -ENOMEM. */
int rib_map_store(struct txn *t, const struct prefix *p, void *was, const struct rib_infos *l);

/* The longest prefix of the map that covers *p and is shorter, into *p; its item, NULL none. */
void *rib_map_cover(const struct btree *map, struct prefix *p);

/* Prefixes, and heap bytes of the maps and lists. */
u64 rib_map_bytes(u64 *prefixes);
