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
 *	IF_SET     -EINVAL unknown id, mode, vrf, bridge, mtu (68..port's), address, two addresses
 *	           in one subnet; -EEXIST a subnet of another interface of the VRF overlaps
 *	ROUTE_ADD  -EINVAL vrf, prefix bits beyond len, proto not static or BGP, gateway multicast
 *	           or own; a gateway that is not attached now is accepted and stays inactive
 *	ROUTE_DEL  -ENOENT
 *	NEIGH_SET  -EINVAL interface not L3, address not in its subnets, own or broadcast address,
 *	           MAC group or zero
 *	NEIGH_DEL  -ENOENT. NEIGH_FAIL: never fails for an unknown address; the caller then sends
 *	           CTL_NEIGH_FAILED to every QGM
 *	BRIDGE_SET -EINVAL unknown bridge or ageing
 */
int control_txn(struct pix_op *ops, u32 n, u32 flags, u64 *epoch, u32 *failed);

/*
 * Link of a port changed: its interfaces' routes are withdrawn or come back. 0 and the epoch in
 * *epoch (0: nothing changed), -EINVAL, -ENOMEM (nothing changed; call again).
 */
int control_link(u16 port, bool up, u64 *epoch);

/* Which punt classes somebody listens to (bit per enum pix_punt_class). ARP and ICMP are on from
 * the start, LOCAL off: other protocols to own addresses then get ICMP unreachable. */
int control_listen(u32 classes, u64 *epoch);

/* The own address from which packets of this router to `dst` go out. 0 or -ENOENT (no route). */
int control_source(u16 vrf, u32 dst, u32 *src);

/*
 * Listings, in a stable order (routes by VRF, prefix, length, preference): up to `max` elements
 * from number `start` on; returns how many were written, *total = how many there are.
 */
u32 control_list_routes(u32 start, struct pix_route *out, u32 max, u32 *total);
u32 control_list_neigh(u32 start, struct pix_neigh *out, u32 max, u32 *total);
u32 control_list_ifaces(u32 start, struct pix_iface *out, u32 max, u32 *total);
u32 control_list_bridges(u32 start, struct pix_bridge *out, u32 max, u32 *total);

/* The interface as configured (mode PIX_IF_UNUSED when unbound). -ENOENT: no such interface. */
int control_iface(u16 ifid, struct pix_iface *out);
