// SPDX-License-Identifier: MIT
/*
 * tables and epochs: readers take no lock. One root (struct tables) is loaded once per burst
 * and passed to every stage. The generic side builds a new root in the arena, publishes it by
 * one release store, and reclaims what it replaced when every live QGM has published an epoch
 * at or beyond it (QSBR; a halted QGM is offline). Rooms: qgm/tables.c (roots, grace periods,
 * arena), qgm/re/ (fib, next hops), qgm/fe/ (bridges).
 */
#pragma once

#include "qgm/iface.h"
#include "qgm/vlan.h"

struct fib;      /* qgm/re/fib.h: one VRF's longest-prefix match */
struct fib6;     /* qgm/re/fib6.h: the same for IPv6 */
struct steer;    /* qgm/steer/steer.h: who works on what a port receives */
struct nh_table; /* qgm/re/nexthop.h: next hops by id */

/* The IRBs of a bridge by VID; 0 none. */
struct bridge_irb {
	u64 made; /* as in struct bridge */
	u16 ifid[VLAN_VIDS];
};

struct bridge {
	u64 made; /* epoch of the draft that made this object, which may edit it in place */
	u16 id;
	u16 owner; /* QGM that writes its FDB */
	u16 count; /* members: interfaces in mode L2 */
	bool tags; /* a member is not a port that passes tags untouched, or there is an IRB */
	u32 ageing_s;
	u32 mac_limit;                  /* stations at most, 0 no limit */
	const struct bridge_irb *irb;   /* NULL: the router has no station in it */
	const struct vlan_set *service; /* service VLANs: a TUNNEL member has them; NULL: none */
	u16 iface[BRIDGE_PORTS];        /* member interface ids, ascending */
};

struct tables {
	u64 epoch;    /* 1.. ; grows by one with each publication, of those in place too: a QGM
		       * loads it (acquire) once a turn */
	u16 if_count; /* highest interface id + 1 */
	const struct iface *iface[IFACE_MAX];
	u16 port_if[PORT_MAX];                 /* port id -> interface id of kind PORT, 0 none */
	const struct vlan_map *vlan[PORT_MAX]; /* sub-interfaces of the port, NULL none */
	const struct bridge *bridge[BRIDGE_MAX];
	const struct fib *fib[VRF_MAX];   /* NULL: no IPv4 route */
	const struct fib6 *fib6[VRF_MAX]; /* NULL: no IPv6 route */
	const struct nh_table *nh;
	const struct steer *steer[PORT_MAX]; /* by port, NULL: run to completion */
};

/*
 * Generic side, one writer (caller holds the control lock). A batch: begin copies the current
 * root into a draft; the caller edits the draft through the rooms' own functions; commit
 * publishes it as one epoch. abort forgets it. Memory of replaced objects is handed to
 * tables_retire() and freed after the grace period.
 */
struct tables *tables_begin(void);
u64 tables_commit(struct tables *draft);
void tables_abort(struct tables *draft);

/*
 * Publish as the next epoch what the caller has stored (with release) into objects that the current
 * root leads to: the root stays, its epoch grows in place. For changes of which a reader may see
 * any part at any time (docs/decisions/0025); only while tables_settled(), and of a draft that is
 * tables_untouched().
 */
u64 tables_commit_in_place(struct tables *draft);

/* Writer: no QGM holds an older root than the current one. True until the next tables_commit(). */
bool tables_settled(void);

/* Writer: nothing was made for the draft (tables_fresh) nor replaced by it. */
bool tables_untouched(void);

/*
 * Free `p` (from arena_alloc) by free_fn (NULL: arena_free) once every live QGM has passed `epoch`.
 * With the epoch of the open draft it counts from the commit, and an abort forgets it; an object
 * that was also made in that draft (tables_fresh) is freed at the commit at once.
 */
void tables_retire(void *p, u64 epoch, void (*free_fn)(void *));

/* `p` (from arena_alloc) was made for the open draft: an abort frees it. */
void tables_fresh(void *p, void (*free_fn)(void *));

/* Boot, in qgm_setup(): the first root, epoch 1, with nothing in it. 0, -ENOMEM. */
int tables_init(void);

/* Objects that wait for their grace period. */
u32 tables_pending(void);

/* Planted bug "no-grace": what a draft replaces is freed before the draft is published. */
bool tables_plant_no_grace(void);

/* Writer: reclaim what has passed its grace period; returns objects freed. Called on each commit
 * and from the door's periodic work. */
u32 tables_reclaim(void);

/* Writer: true once every live QGM has acknowledged `epoch`. */
bool tables_epoch_reached(u64 epoch);

/* QGM: the current root, loaded with acquire; pairs with the release in tables_commit(). */
const struct tables *tables_current(void);

/* Arena: where tables live. Writer side only; thread-safe under the control lock. */
void *arena_alloc(size_t bytes, size_t align);
void arena_free(void *p);
u64 arena_used(void);
