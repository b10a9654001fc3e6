// SPDX-License-Identifier: MIT
/* garbage: what a batch made and what it replaced (garbage.h). Generic side, control lock held. */
#include "qgm/re/garbage.h"

#include "qgm/env.h"
#include "qgm/tables.h"
#include "qgm/re/errno.h"

/* What tables_retire() keeps until the grace period is over. */
struct grave {
	u64 reserved[8]; /* the retire list may link through the object's first words */
	struct gobj *list;
};

void garbage_free(struct gobj *obj)
{
	env_heap_free(obj->heap, obj->heap_bytes);
	arena_free(obj);
}

static void grave_free(void *p)
{
	struct grave *grave = p;
	struct gobj *obj = grave->list;

	while (obj) {
		struct gobj *next = obj->old_next;

		if (obj->reclaim)
			obj->reclaim(obj);
		else
			garbage_free(obj);
		obj = next;
	}
	arena_free(grave);
}

int garbage_begin(struct garbage *g)
{
	g->made = NULL;
	g->old = NULL;
	g->grave = arena_alloc(sizeof(struct grave), CACHE_LINE);
	return g->grave ? 0 : -ENOMEM;
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
	g->grave->list = g->old;
	if (g->old)
		tables_retire(g->grave, epoch, grave_free);
	else
		arena_free(g->grave);
	g->made = g->old = NULL;
	g->grave = NULL;
}

void garbage_abort(struct garbage *g)
{
	struct gobj *obj = g->made;

	while (obj) {
		struct gobj *next = obj->made_next;

		garbage_free(obj);
		obj = next;
	}
	arena_free(g->grave);
	g->made = g->old = NULL;
	g->grave = NULL;
}
