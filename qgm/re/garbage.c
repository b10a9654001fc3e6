// SPDX-License-Identifier: MIT
/* garbage: what a batch made and what it replaced (garbage.h). Generic side, control lock held. */
#include "qgm/re/garbage.h"

#include "qgm/env.h"
#include "qgm/tables.h"

void garbage_free(struct gobj *obj)
{
	env_heap_free(obj->heap, obj->heap_bytes);
	arena_free(obj);
}

/* Its grace period is over. */
static void end(void *p)
{
	struct gobj *obj = p;

	if (obj->reclaim)
		obj->reclaim(obj);
	else
		garbage_free(obj);
}

int garbage_begin(struct garbage *g)
{
	g->made = NULL;
	g->old = NULL;
	return 0;
}

void *garbage_alloc(struct garbage *g, size_t bytes)
{
	struct gobj *obj = arena_alloc(bytes, CACHE_LINE);

	if (!obj)
		return NULL;
	__builtin_memset(obj, 0, bytes);
	obj->made_next = g->made;
	g->made = obj;
	return obj;
}

void *garbage_heap(struct gobj *obj, size_t bytes)
{
	void *p = env_heap_alloc(bytes);

	if (!p)
		return NULL;
	if (obj->heap)
		__builtin_memcpy(p, obj->heap, MIN(bytes, obj->heap_bytes));
	env_heap_free(obj->heap, obj->heap_bytes);
	obj->heap = p;
	obj->heap_bytes = bytes;
	return p;
}

void garbage_drop(struct garbage *g, struct gobj *obj)
{
	obj->old_next = g->old;
	g->old = obj;
}

void garbage_commit(struct garbage *g, u64 epoch)
{
	struct gobj *obj = g->old;

	while (obj) {
		struct gobj *next = obj->old_next;

		tables_retire(obj, epoch, end);
		obj = next;
	}
	g->made = g->old = NULL;
}

void garbage_abort(struct garbage *g)
{
	struct gobj *obj = g->made;

	while (obj) {
		struct gobj *next = obj->made_next;

		garbage_free(obj);
		obj = next;
	}
	g->made = g->old = NULL;
}
