// SPDX-License-Identifier: MIT
/*
 * ifset: the interfaces as configured, and what follows from them: interface and bridge objects,
 * local, connected and broadcast routes. An interface gives routes while it is in L3 mode, up, and
 * its port has a link. Generic side, control lock.
 */
#pragma once

#include "qgm/re/txn.h"
#include "libc/include/pix/dev.h"

void ifset_init(void);

/* Configuration of interface `id`, NULL when there is no such interface. */
const struct pix_iface *ifset_get(u16 id);

/* Is it in L3 mode, up, with link? */
bool ifset_active(u16 id);

/* The active interface of a VRF to whose subnets `addr` belongs as a host address (neither own nor
 * broadcast), longest subnet first; 0 none. */
u16 ifset_attached(u16 vrf, u32 addr);

/* The active interface of the VRF that has the own address `addr`; 0 none. */
u16 ifset_owner(u16 vrf, u32 addr);

/* Is the prefix inside of, and longer than, an attached subnet of the VRF? */
bool ifset_covers(u16 vrf, u32 addr, u8 len);

/* Can `addr` be a neighbour on `id` now? */
bool ifset_neighbour_ok(u16 id, u32 addr);

/* Checks that concern one wish alone: -EINVAL. */
int ifset_check(const struct pix_iface *want);

/* Record the wish; ifset_derive() makes it so, once all wishes of the transaction are there. */
int ifset_apply(struct txn *t, const struct pix_iface *want);
int ifset_link(struct txn *t, u16 port, bool up);
int ifset_bridge(struct txn *t, u16 bridge, u32 ageing_s);

/* Do the addresses of interface `id` agree with all others? -EEXIST. */
int ifset_agree(u16 id);

/* Routes, neighbours and adjacencies after the changed interfaces. */
int ifset_derive(struct txn *t);

/* Build interface objects, bridges and address filters into the draft. */
int ifset_build(struct txn *t);

/* Ageing time of a bridge in seconds. */
u32 ifset_ageing(u16 bridge);
