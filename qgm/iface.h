// SPDX-License-Identifier: MIT
/*
 * interface: the logical thing that configuration and routes name. (port, outer VLAN, inner
 * VLAN) leads to an interface, which leads to a bridge domain or a VRF. Immutable once
 * published; a change publishes a new object under the same id with the next generation.
 */
#pragma once

#include "qgm/port.h"
#include "libc/include/pix/ip.h"

enum {
	IFACE_MAX = 512,
	IFACE_ADDRS = 8,
	VRF_MAX = 16,
	BRIDGE_MAX = 32,
	BRIDGE_PORTS = PORT_MAX,
};

enum iface_kind { IFACE_NONE, IFACE_PORT, IFACE_HOST, IFACE_LOOPBACK, IFACE_SUB, IFACE_IRB };
enum iface_mode { IFACE_MODE_NONE, IFACE_MODE_L3, IFACE_MODE_L2 };

struct iface_addr {
	struct pix_ip ip;
	u8 len;
	u8 state; /* enum pix_addr_state */
};

struct tables;

/*
 * Writer, on an open draft: make interface `want->id` be so (gen is ignored and grows). Mode NONE
 * unbinds it. Membership of bridges and the port's untagged interface follow. Kind PORT, one
 * interface per port. 0, -EINVAL (id, port, vrf, bridge out of range), -ENOMEM (draft unusable:
 * abort it).
 */
struct iface;
int iface_set(struct tables *draft, const struct iface *want);

/* Writer: ageing time of a bridge, kept while the bridge has no members. 0, -EINVAL, -ENOMEM. */
int bridge_set_ageing(struct tables *draft, u16 bridge, u32 ageing_s);

struct iface {
	u16 id; /* 1.. ; a port interface has the port's id, 0 means none */
	u16 gen;
	u8 kind; /* enum iface_kind */
	u8 mode; /* enum iface_mode */
	u16 port;
	u16 vlan_outer;
	u16 vlan_inner;
	u16 bridge; /* bridge domain id when mode is L2, 1.. */
	u16 vrf;
	u16 mtu;
	bool up; /* administratively */
	bool v6; /* IPv6 is on */
	u8 mac[6];
	u8 addr_count; /* behind mac: two bytes beyond it may be read */
	u8 vlan_mode;  /* enum pix_vlan_mode, when mode is L2 */
	u8 urpf;       /* enum pix_urpf, when mode is L3 */
	u16 pvid;
	struct iface_addr addr[IFACE_ADDRS];
};
