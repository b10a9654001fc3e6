// SPDX-License-Identifier: MIT
/*
 * garbage: how objects that QGMs read are made and replaced in one batch. Every such object (FIB
 * node, next-hop chunk, interface...) starts with struct gobj. A batch keeps two lists: what it
 * made (freed at once when the batch is aborted) and what it replaced (freed after the grace
 * period when the batch is published). Generic side only; QGMs never read struct gobj.
 */
#pragma once

#include "qgm/compiler.h"

struct gobj {
	struct gobj *made_next;
	struct gobj *old_next;
	void *heap;     /* generic-side memory that goes with the object, or NULL */
	u64 heap_bytes; /* its size */
	/*
	 * Called instead of freeing the object when the grace period of the batch that dropped it
	 * is over (not when a batch that made it is aborted): whoever keeps parts of it for reuse
	 * ends it later by garbage_free(). NULL: it is freed.
	 */
	void (*reclaim)(struct gobj *obj);
};

struct garbage {
	struct gobj *made;
	struct gobj *old;
};

/* 0 or -ENOMEM (never, today). */
int garbage_begin(struct garbage *g);

/* Zeroed arena object of `bytes` (>= sizeof(struct gobj)), on a line of its own. NULL: no memory.
 */
void *garbage_alloc(struct garbage *g, size_t bytes);

/* Generic-side memory that goes with `obj`, replacing what it had; NULL: no memory, unchanged. */
void *garbage_heap(struct gobj *obj, size_t bytes);

/* `obj` is not reachable from the draft any more (made in this batch or before). */
void garbage_drop(struct garbage *g, struct gobj *obj);

/* For `reclaim`: free the object and what goes with it. */
void garbage_free(struct gobj *obj);

/* The draft is published as `epoch`: retire what was replaced. Cannot fail. */
void garbage_commit(struct garbage *g, u64 epoch);

/* Nothing was made and nothing replaced yet? */
static inline bool garbage_none(const struct garbage *g)
{
	return !g->made && !g->old;
}

/* The draft is forgotten: free what was made. */
void garbage_abort(struct garbage *g);
