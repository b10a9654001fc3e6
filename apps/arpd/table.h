// SPDX-License-Identifier: MIT
/*
 * All neighbours: (interface, address) -> struct neigh, bounded. Entries that are not resolved
 * (INCOMPLETE, FAILED) have a smaller bound of their own and the oldest of them makes room, so that
 * a scan of a large subnet costs neither memory nor the neighbours that answer.
 */
#pragma once

#include <pix/types.h>

#include "apps/arpd/neigh.h"

enum {
	TABLE_MAX = 4096,
	TABLE_UNRESOLVED_MAX = 512,
	TABLE_BUCKETS = 1024, /* power of two */
};

struct entry {
	struct neigh n;
	u32 addr; /* host order */
	u16 ifid; /* 0: slot is free */
	u16 next; /* chain or free list, index + 1 */
	u64 made; /* ms; age among the unresolved */
};

struct table {
	struct entry slot[TABLE_MAX];
	u16 bucket[TABLE_BUCKETS]; /* index + 1 */
	u16 free;
	u32 count;
};

void table_init(struct table *t);
/* NULL: unknown. */
struct entry *table_find(struct table *t, u16 ifid, u32 addr);
/* A new entry in state NONE (there is none yet). NULL: full. */
struct entry *table_add(struct table *t, u16 ifid, u32 addr, u64 now);
void table_remove(struct table *t, struct entry *e);
/* INCOMPLETE and FAILED entries; *oldest (may be NULL as argument) is the one made first, or NULL.
 */
u32 table_unresolved(struct table *t, struct entry **oldest);

#define table_foreach(e_, t_)                                                  \
	for (struct entry *e_ = (t_)->slot; e_ < (t_)->slot + TABLE_MAX; e_++) \
		if (e_->ifid)
