// SPDX-License-Identifier: MIT
/*
 * control: what the generic partition may change in the data plane. A transaction of operations
 * (libc/include/pix/dev.h) is checked whole, built into a draft of the tables, and published as one
 * epoch; if any operation is wrong or memory runs out, nothing has changed. Generic side (or the
 * host program that stands for it); the caller holds the one control lock around every call.
 */
#pragma once

#include "qgm/compiler.h"
#include "libc/include/pix/dev.h"
#include "qgm/port.h"

/*
 * Once, after the ports are registered and ctl_init(), before any QGM turns: publishes the first
 * epoch (no interface bound). 0 or -ENOMEM. Interfaces have the ids of their ports. A port's link
 * counts as up until control_link() says otherwise.
 */
int control_init(void);

/*
 * Execute `n` operations (at most PIX_TXN_MAX) as one. `flags`: PIX_TXN_CHECK validates and
 * changes nothing (memory excepted: it is tried for real and rolled back). Returns 0 and the
 * epoch in *epoch; the caller waits for tables_epoch_reached(). On error returns -EINVAL, -ENOENT,
 * -EEXIST, -ENOSPC or -ENOMEM, the operation's index in *failed and the code in its `error`.
 *
 *	IF_SET     -EINVAL a field out of range (control_why() says which); -EEXIST a subnet of
 *	           another interface of the VRF overlaps, or another one has the same VLAN tags
 *	ROUTE_ADD  -EINVAL the same of a route, the gateway is an own address, the interface is of
 *	           another VRF; -ENOSPC too many paths; a gateway that is not attached now is
 *	           accepted and stays inactive. Operations on one route that stand side by side are
 *	           one change.
 *	ROUTE_DEL  -ENOENT no such route, or no such path
 *	NEIGH_SET  -EINVAL interface not L3, address not in its subnets, own or broadcast address,
 *	           MAC group or zero
 *	NEIGH_DEL  -ENOENT. NEIGH_FAIL: never fails for an unknown address; the caller then sends
 *	           CTL_NEIGH_FAILED to every QGM. ECMP groups do without the neighbour until it is
 *	           set again
 *	BRIDGE_SET -EINVAL unknown bridge or ageing
 *	ADDR_STATE -ENOENT no such interface or IPv6 address
 */
int control_txn(struct pix_op *ops, u32 n, u32 flags, u64 *epoch, u32 *failed);

/* The same with operations in pieces of CONTROL_PIECE each, so that nobody needs a megabyte in one
 * piece of memory. */
enum { CONTROL_PIECE = 32 };
int control_txn_pieces(struct pix_op *const *piece, u32 n, u32 flags, u64 *epoch, u32 *failed);

/* Why the last transaction failed, in words; "" when there is nothing to say. */
const char *control_why(void);

/*
 * Link of a port changed: its interfaces' routes are withdrawn or come back. 0 and the epoch in
 * *epoch (0: nothing changed), -EINVAL, -ENOMEM (nothing changed; call again).
 */
int control_link(u16 port, bool up, u64 *epoch);

/* The ports that must hear all stations, bit per port: those with a member of a bridge. */
u64 control_promiscuous(void);

/* The outer VIDs of frames that interfaces of the port take, a bit each. */
void control_port_vlans(u16 port, u64 vlans[PORT_VLAN_WORDS]);

/* The largest MTU of the configured interfaces of a port, 0: none is. */
u32 control_port_mtu(u16 port);

/* Which punt classes somebody listens to (bit per enum pix_punt_class). ARP and ICMP are on from
 * the start, LOCAL off: other protocols to own addresses then get ICMP unreachable. */
int control_listen(u32 classes, u64 *epoch);

/*
 * The own address from which packets of this router to `dst` go out. `ifid`: the interface of a
 * link-local or multicast destination, else 0. 0 or -ENOENT (no route, or no address of the
 * family).
 */
int control_source(u16 vrf, struct pix_ip dst, u16 ifid, struct pix_ip *src);

/*
 * Listings, in a stable order: up to `max` elements; returns how many were written, *total = how
 * many there are. Routes (by VRF, family, prefix, length, preference, path) go on where the call
 * before ended, whatever has changed since: *at is zero to begin with; 0 is returned at the end.
 * The others give elements from number `start` on. Neighbours are followed by the gateways of
 * routes that are not resolved.
 */
struct control_routes {
	struct pix_ip addr; /* the prefix under way */
	u16 vrf;
	u8 len;
	u8 begun, end;
	u32 done; /* elements of this prefix that were written */
};

u32 control_list_routes(struct control_routes *at, struct pix_route *out, u32 max, u32 *total);
u32 control_list_neigh(u32 start, struct pix_neigh *out, u32 max, u32 *total);
u32 control_list_tables(u32 start, struct pix_table *out, u32 max, u32 *total);
u32 control_list_gateways(u32 start, struct pix_neigh *out, u32 max, u32 *total);
u32 control_list_ifaces(u32 start, struct pix_iface *out, u32 max, u32 *total);
u32 control_list_bridges(u32 start, struct pix_bridge *out, u32 max, u32 *total);

/* The interface as configured (mode PIX_IF_UNUSED when unbound). -ENOENT: no such interface. */
int control_iface(u16 ifid, struct pix_iface *out);
