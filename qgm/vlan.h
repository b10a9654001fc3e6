// SPDX-License-Identifier: MIT
/*
 * vlan: sets of VLANs, and the map of a port from VLAN identifiers to sub-interfaces. Both are
 * immutable once published. IEEE 802.1Q-2022: 9.6 (the tag), table 9-2 (VID 0 is no VLAN, the tag
 * carries a priority only; VID 4095 is reserved).
 *
 *	vlan_map:  outer VID -> interface, or: a sub-interface with an inner VID has it, too
 *	           (outer VID, inner VID) -> interface, a small table with exact keys
 */
#pragma once

#include "qgm/compiler.h"

enum {
	VLAN_VIDS = 4096,
	VLAN_VID_MASK = 0x0fff,
	VLAN_VID_MAX = 4094,
	VLAN_TAG = 4,            /* bytes of a tag */
	VLAN_TPID_C = 0x8100,    /* customer VLAN tag, 802.1Q-2022 table 9-1 */
	VLAN_TPID_S = 0x88a8,    /* service VLAN tag */
	VLAN_MAP_IF = 0x7fff,    /* of an element of outer[]: the interface, 0 none */
	VLAN_MAP_INNER = 0x8000, /* look into inner[] first */
};

struct vlan_set {
	u64 bits[VLAN_VIDS / 64];
};

struct vlan_inner {
	u32 key; /* outer VID << 12 | inner VID; 0: free, ends a search */
	u32 ifid;
};

struct vlan_map {
	u64 made;       /* epoch of the draft that made it, which may edit it in place */
	u32 inner_mask; /* slots - 1; at least half of them are free */
	u32 pad;
	u16 outer[VLAN_VIDS];
	struct vlan_inner inner[];
};

static inline bool vlan_set_has(const struct vlan_set *s, u32 vid)
{
	return s->bits[vid / 64] >> (vid % 64) & 1;
}

static inline void vlan_set_add(struct vlan_set *s, u32 vid)
{
	s->bits[vid / 64] |= 1ull << (vid % 64);
}

/* QGM: the sub-interface of a frame with these tags (TCIs; `tags` of them, at least one), 0: none
 * has them. A tag with VID 0 counts as absent. */
u16 vlan_map_find(const struct vlan_map *m, u32 tags, u32 outer, u32 inner);

/* Writer: bytes of a map for `inners` pairs, and the mask for it. */
size_t vlan_map_bytes(u32 inners, u32 *mask);

/* Writer, on a map of zeroes with its mask: a sub-interface (inner VID 0: none). */
void vlan_map_add(struct vlan_map *m, u16 outer, u16 inner, u16 ifid);
