// SPDX-License-Identifier: MIT
/*
 * txn: one change of the tables under way: the undo log of the bookkeeping, the drafts that QGMs
 * will read, and what has to be built before publication. What the writer's files (rib.c,
 * adj.c, ifset.c, control.c) share. Generic side, control lock held.
 *
 * Functions that take a txn return 0 or -errno; after an error the transaction can only be
 * aborted, which undoes all of it.
 */
#pragma once

#include "qgm/tables.h"
#include "qgm/re/fib.h"
#include "qgm/re/fib6.h"
#include "qgm/re/nexthop.h"
#include "qgm/re/undo.h"

struct txn {
	struct undo undo;
	struct garbage garbage;
	struct tables *draft;
	struct nh_batch *nh;
	struct nh_batch nh_room;
	struct fib_batch *fib[VRF_MAX]; /* begun when first needed */
	struct fib6_batch *fib6[VRF_MAX];
	u32 fibs, fibs6;              /* how many were begun */
	u16 fib_vrf, fib6_vrf;        /* the last VRF of them */
	u64 if_dirty[IFACE_MAX / 64]; /* interface objects to build, bit per id */
	u32 own_dirty;                /* filters of own addresses to build, bit per VRF */
	bool groups_dirty;            /* a gateway began or ceased to answer */
	struct pathset *sets_dirty;   /* groups whose buckets are to be dealt */
	bool steer_dirty;             /* steering to build */
	bool flows_saved;             /* flow rules as they were are in `undo` */
	bool changed;                 /* something to publish */
};
_Static_assert(VRF_MAX <= 32, "own_dirty has a bit per VRF");

int txn_begin(struct txn *t);

/* The batch over the IPv4 or IPv6 FIB of a VRF. NULL: no memory. */
struct fib_batch *txn_fib(struct txn *t, u16 vrf);
struct fib6_batch *txn_fib6(struct txn *t, u16 vrf);

/* Do what a commit needs memory for. The last step before it. */
int txn_build(struct txn *t);

/* Publish as one epoch. Cannot fail after txn_build(), or when no IPv6 route changed. Returns the
 * epoch. */
u64 txn_commit(struct txn *t);
void txn_abort(struct txn *t);
