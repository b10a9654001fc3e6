// SPDX-License-Identifier: MIT
/* vlan: the map of a port from VLAN identifiers to sub-interfaces (vlan.h). */
#include "qgm/vlan.h"

static u32 slot_of(const struct vlan_map *m, u32 key)
{
	return (key * 0x9e3779b1u >> 16) & m->inner_mask;
}

u16 vlan_map_find(const struct vlan_map *m, u32 tags, u32 outer, u32 inner)
{
	u32 entry = m->outer[outer & VLAN_VID_MASK];
	u32 key = (outer & VLAN_VID_MASK) << 12 | (inner & VLAN_VID_MASK);

	if (likely(!(entry & VLAN_MAP_INNER)) || tags < 2)
		return entry & VLAN_MAP_IF;
	for (u32 i = slot_of(m, key); m->inner[i].key; i = (i + 1) & m->inner_mask) {
		if (m->inner[i].key == key)
			return (u16)m->inner[i].ifid;
	}
	return entry & VLAN_MAP_IF;
}

size_t vlan_map_bytes(u32 inners, u32 *mask)
{
	u32 slots = 2;

	while (slots < 2 * inners)
		slots *= 2;
	*mask = slots - 1;
	return sizeof(struct vlan_map) + slots * sizeof(struct vlan_inner);
}

void vlan_map_add(struct vlan_map *m, u16 outer, u16 inner, u16 ifid)
{
	u32 key = (u32)outer << 12 | inner, i;

	if (!inner) {
		m->outer[outer] = (u16)((m->outer[outer] & VLAN_MAP_INNER) | ifid);
		return;
	}
	m->outer[outer] |= VLAN_MAP_INNER;
	for (i = slot_of(m, key); m->inner[i].key && m->inner[i].key != key;)
		i = (i + 1) & m->inner_mask;
	m->inner[i] = (struct vlan_inner){ key, ifid };
}
