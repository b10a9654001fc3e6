// SPDX-License-Identifier: MIT
/*
 * interface: the logical thing that configuration and routes name. (port, outer VLAN, inner
 * VLAN) leads to an interface, which leads to a bridge domain or a VRF. Immutable once
 * published; a change publishes a new object under the same id with the next generation.
 */
#pragma once

#include "qgm/port.h"
#include "libc/include/pix/dev.h"

enum {
	IFACE_MAX = 512,
	IFACE_ADDRS = 8,
	VRF_MAX = 16,
	BRIDGE_MAX = 32,
	BRIDGE_PORTS = IFACE_MAX, /* members of a bridge */
};

enum iface_kind { IFACE_NONE, IFACE_PORT, IFACE_HOST, IFACE_LOOPBACK, IFACE_SUB, IFACE_IRB };
enum iface_mode { IFACE_MODE_NONE, IFACE_MODE_L3, IFACE_MODE_L2 };

struct iface_addr {
	struct pix_ip ip;
	u8 len;
	u8 state; /* enum pix_addr_state */
};

struct tables;

struct iface;
struct vlan_set; /* qgm/vlan.h */

/*
 * Writer, on an open draft: make interface `want->id` be so (gen is ignored and grows; `vlans` and
 * `storm_gap` are computed). Mode NONE unbinds it. Membership of bridges, the ports' maps of VLANs
 * and the bridges' IRBs follow. By kind:
 *	PORT      port. Takes what no sub-interface of the port takes.
 *	SUB       port, vlan_outer 1..4094, vlan_inner 0 or 1..4094
 *	IRB       mode L3, bridge, vlan_outer 0..4094 (0: the domain of frames without VLAN); port 0
 *	LOOPBACK  mode L3, port 0
 * Mode L2 (PORT, SUB): bridge, vlan_mode, pvid 1..4094 (ACCESS, TUNNEL) or 0..4094 (TRUNK), for
 * TRUNK vlan[0..vlan_count), each range inside 1..4094. The caller sees to it that no two
 * interfaces are the same (port, tags) or (bridge, VID); of two the higher id counts. 0, -EINVAL
 * (out of range), -ENOMEM (draft unusable: abort it).
 */
int iface_set(struct tables *draft, const struct iface *want);

/* Writer: ageing time of a bridge, kept while the bridge has no members. 0, -EINVAL, -ENOMEM. */
int bridge_set_ageing(struct tables *draft, u16 bridge, u32 ageing_s);

/* Writer: stations that the bridge learns at most, 0: no limit but memory. The same errors. */
int bridge_set_limit(struct tables *draft, u16 bridge, u32 mac_limit);

/* Classes of storm control: frames that are flooded. */
enum iface_storm { STORM_BROADCAST, STORM_MULTICAST, STORM_UNKNOWN, STORM_CLASSES };

struct iface {
	u16 id; /* 1.. ; a port interface has the port's id, 0 means none */
	u16 gen;
	u8 kind;  /* enum iface_kind */
	u8 mode;  /* enum iface_mode */
	u16 port; /* PORT, SUB; else 0 */
	u16 vlan_outer;
	u16 vlan_inner;
	u16 bridge; /* mode L2, and IRB: bridge id, 1.. */
	u16 vrf;
	u16 mtu;
	bool up; /* administratively */
	bool v6; /* IPv6 is on */
	u8 mac[6];
	u8 addr_count; /* behind mac: two bytes beyond it may be read */
	u8 vlan_mode;  /* enum pix_vlan_mode, when mode is L2 */
	u8 urpf;       /* enum pix_urpf, when mode is L3 */
	u16 pvid;
	const struct vlan_set *vlans; /* L2 TRUNK: tagged VLANs, the native one among them */
	u64 storm_gap[STORM_CLASSES]; /* cycles between two frames, 0 no limit */
	/* Not for each packet. */
	u32 storm[STORM_CLASSES]; /* L2: packets a second let in, 0 no limit */
	u32 mac_limit;            /* L2: stations learned here at most, 0 no limit */
	u16 vlan_count;
	struct pix_vlan_range vlan[PIX_IF_VLANS]; /* L2 TRUNK: allowed VLANs */
	struct iface_addr addr[IFACE_ADDRS];
} __cacheline;
