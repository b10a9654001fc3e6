// SPDX-License-Identifier: MIT
/*
 * All neighbours: (interface, address of either family) -> struct neigh, bounded. Entries that are
 * not resolved (INCOMPLETE, FAILED) have smaller bounds of their own, for each interface and for
 * all, and the oldest of them makes room, so that a scan of a large subnet costs neither memory nor
 * the neighbours that answer, least of all those of other interfaces. Resolved entries make room
 * for resolved ones only: one that never answered us for another one.
 */
#pragma once

#include <pix/ip.h>

#include "apps/arpd/neigh.h"

enum {
	TABLE_MAX = 4096,
	TABLE_UNRESOLVED_MAX = 512,
	TABLE_UNRESOLVED_IF = 256, /* of one interface */
	TABLE_IF_MAX = 2048,       /* entries of one interface */
	TABLE_BUCKETS = 1024,      /* power of two */
};

struct entry {
	struct neigh n;
	struct pix_ip addr;
	u16 ifid;    /* 0: slot is free */
	bool router; /* IsRouter (RFC 4861 5.1) */
	u16 next;    /* chain or free list, index + 1 */
	u64 made;    /* ms; age among the unresolved */
};

struct table {
	struct entry slot[TABLE_MAX];
	u16 bucket[TABLE_BUCKETS]; /* index + 1 */
	u16 free;
	u32 count;
};

void table_init(struct table *t);
/* NULL: unknown. */
struct entry *table_find(struct table *t, u16 ifid, struct pix_ip addr);
/* A new entry in state NONE (there is none yet). NULL: full. */
struct entry *table_add(struct table *t, u16 ifid, struct pix_ip addr, u64 now);
void table_remove(struct table *t, struct entry *e);

/* What there is of an interface (0: of all), and who is the first to go. */
struct table_census {
	u32 entries, unresolved;
	struct entry *oldest;   /* unresolved, made first; or NULL */
	struct entry *unproven; /* resolved but it never answered us, made first; or NULL */
};

struct table_census table_census(struct table *t, u16 ifid);

#define table_foreach(e_, t_)                                                  \
	for (struct entry *e_ = (t_)->slot; e_ < (t_)->slot + TABLE_MAX; e_++) \
		if (e_->ifid)
