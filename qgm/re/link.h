// SPDX-License-Identifier: MIT
/*
 * link: the Ethernet header that packets leave an interface with: station addresses, the tags of a
 * sub-interface (IEEE 802.1Q-2022 9.5: the outer of two is a service tag, one alone a customer
 * tag), EtherType. Any core.
 */
#pragma once

#include "qgm/iface.h"
#include "qgm/packet.h"
#include "qgm/re/ipv4.h"
#include "qgm/vlan.h"

/* Bytes of it: 14, 18 or 22. An IRB interface has no tags of its own: the bridge puts them. */
static inline u32 link_hlen(const struct iface *ifc)
{
	if (ifc->kind != IFACE_SUB || !ifc->vlan_outer)
		return ETH_HLEN;
	return ETH_HLEN + (ifc->vlan_inner ? 2 * VLAN_TAG : VLAN_TAG);
}

static inline u8 *link_put16(u8 *to, u16 v)
{
	be16 wire = cpu_to_be16(v);

	__builtin_memcpy(to, &wire, sizeof(wire));
	return to + sizeof(wire);
}

/* What packet_hash() finds a flow by: the EtherType in front of a packet made here. */
static inline void link_type(struct packet *p, u16 ethertype)
{
	link_put16(p->data + p->l3_off - 2, ethertype);
}

/* Write the header, link_hlen() bytes from `to` on. */
static inline void link_write(const struct iface *ifc, u8 *to, const u8 *dst, u16 ethertype)
{
	__builtin_memcpy(to, dst, ETH_ALEN);
	__builtin_memcpy(to + ETH_ALEN, ifc->mac, ETH_ALEN);
	to += 2 * ETH_ALEN;
	if (link_hlen(ifc) > ETH_HLEN) {
		to = link_put16(to, ifc->vlan_inner ? VLAN_TPID_S : VLAN_TPID_C);
		to = link_put16(to, ifc->vlan_outer);
		if (ifc->vlan_inner) {
			to = link_put16(to, VLAN_TPID_C);
			to = link_put16(to, ifc->vlan_inner);
		}
	}
	link_put16(to, ethertype);
}
