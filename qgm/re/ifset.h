// SPDX-License-Identifier: MIT
/*
 * ifset: the interfaces as configured, and what follows from them: interface and bridge objects,
 * local, connected and broadcast routes. An interface gives routes while it is in L3 mode, up, and
 * has a link: a port's own, a sub-interface's that of its port, an IRB's as long as one member of
 * its bridge has one; loopbacks always. Generic side, control lock.
 *
 *	ifset.c     the wishes, and what can be asked about them
 *	ifcheck.c   which wishes are allowed
 *	ifroutes.c  routes, neighbours and objects that follow
 */
#pragma once

#include "libc/include/pix/dev.h"
#include "qgm/re/txn.h"

enum { IFSET_FIRST_ID = 64, IFSET_LINK_MTU_MAX = 9216, IFSET_AGEING_DEFAULT_S = 300 };

struct ifstate {
	struct pix_iface cfg;  /* as wanted; link, MAC and states of addresses are kept here too */
	struct pix_iface made; /* what the routes in the RIB were derived from */
	u32 neighbours;        /* known on it; adj.c keeps it */
};

void ifset_init(void);

/* Interface `id`, NULL when there is none. Ports have theirs always, in mode UNUSED if need be. */
struct ifstate *ifset_state(u16 id);
const struct pix_iface *ifset_get(u16 id);

/* The first interface with an id > `id`, 0 none. */
u16 ifset_next(u16 id);

static inline bool ifset_is_active(const struct pix_iface *cfg)
{
	return cfg->mode == PIX_IF_L3 && cfg->up && cfg->link;
}

/* An address of the interface as the engine knows it: link-local ones scoped. */
struct pix_ip ifset_addr(const struct pix_iface *cfg, u32 i);

/* Is it in L3 mode, up, with link? */
bool ifset_active(u16 id);

/* The active interface of the VRF that has the own address `addr`; 0 none. */
u16 ifset_owner(u16 vrf, struct pix_ip addr);

/* Can `addr` (scoped) be a neighbour on `id` now? */
bool ifset_neighbour_ok(u16 id, struct pix_ip addr);

/* Network and broadcast address are no hosts, but for /31 (RFC 3021), /127 (RFC 6164) and host
 * routes. */
bool ifset_is_host(struct pix_ip addr, u8 len);

/* --- changes of a transaction --------------------------------------------------------------- */

/* Checks that concern one wish alone: -EINVAL. */
int ifset_check(const struct pix_iface *want);

/* Record the wish; ifset_derive() makes it so, once all wishes of the transaction are there. */
int ifset_apply(struct txn *t, const struct pix_iface *want);
int ifset_link(struct txn *t, u16 port, bool up);
int ifset_bridge(struct txn *t, const struct pix_bridge *want);

/* Duplicate address detection ended. -ENOENT: the interface has no such address. */
int ifset_addr_state(struct txn *t, const struct pix_addr_op *op);

/* Does interface `id` agree with all others? -EEXIST. */
int ifset_agree(u16 id);

/* Links of all interfaces after ports and members of bridges. */
int ifset_links(struct txn *t);

/* An interface without a port that is not configured any more goes. */
int ifset_forget(struct txn *t, u16 id);

/* Links, then routes, neighbours and adjacencies after the changed interfaces. */
int ifset_derive(struct txn *t);

/* Build interface objects, bridges and address filters into the draft. */
int ifset_build(struct txn *t);

static inline void ifset_dirty(struct txn *t, u16 id)
{
	t->if_dirty[id / 64] |= 1ull << id % 64;
}

static inline bool ifset_is_dirty(const struct txn *t, u16 id)
{
	return t->if_dirty[id / 64] >> id % 64 & 1;
}

/* Change the configuration of an interface: the record and what is to be done. */
int ifset_change(struct txn *t, u16 id, const struct pix_iface *cfg);

/* Ageing time of a bridge in seconds, and its limit of stations. */
u32 ifset_ageing(u16 bridge);
u32 ifset_mac_limit(u16 bridge);
