// SPDX-License-Identifier: MIT
/* undo: records in a list of chunks, newest chunk first, records ascending in a chunk (undo.h). */
#include "qgm/re/undo.h"

#include "qgm/env.h"
#include "qgm/re/errno.h"

enum kind { SAVE, ALLOC, FREE };

struct record {
	void *p;
	u32 bytes;
	u16 kind;
	u16 back; /* bytes of the record in front, 0: first of the chunk */
	u8 old[];
};

enum { CHUNK_BYTES = 4096 };

struct undo_chunk {
	struct undo_chunk *below;
	u32 used;
	u32 last; /* bytes of the newest record */
	u8 data[CHUNK_BYTES - 16] __attribute__((aligned(8)));
};

static u64 serial_last __generic;

void undo_begin(struct undo *u)
{
	u->top = NULL;
	u->serial = ++serial_last;
}

static struct record *record_new(struct undo *u, enum kind kind, void *p, size_t bytes, u32 copied)
{
	u32 need = (u32)ALIGN_UP(sizeof(struct record) + copied, 8);
	struct undo_chunk *c = u->top;
	struct record *r;

	if (!c || c->used + need > sizeof(c->data)) {
		c = env_heap_alloc(sizeof(*c));
		if (!c)
			return NULL;
		c->below = u->top;
		u->top = c;
	}
	r = (struct record *)(c->data + c->used);
	*r = (struct record){ .p = p, .bytes = (u32)bytes, .kind = kind, .back = (u16)c->last };
	c->used += need;
	c->last = need;
	return r;
}

int undo_save(struct undo *u, void *p, size_t bytes)
{
	struct record *r;

	ASSERT_ENGINE(bytes <= UNDO_SAVE_MAX);
	r = record_new(u, SAVE, p, bytes, (u32)bytes);
	if (!r)
		return -ENOMEM;
	__builtin_memcpy(r->old, p, bytes);
	return 0;
}

void *undo_alloc(struct undo *u, size_t bytes)
{
	struct record *r = record_new(u, ALLOC, NULL, bytes, 0);

	if (!r)
		return NULL;
	r->p = env_heap_alloc(bytes);
	return r->p;
}

int undo_free(struct undo *u, void *p, size_t bytes)
{
	return record_new(u, FREE, p, bytes, 0) ? 0 : -ENOMEM;
}

/* Walk all records, newest first, and free the chunks. */
static void finish(struct undo *u, bool rollback)
{
	struct undo_chunk *c = u->top;

	while (c) {
		struct undo_chunk *below = c->below;
		u32 at = c->used, size = c->last;

		while (at) {
			struct record *r = (struct record *)(c->data + at - size);

			if (r->kind == SAVE && rollback)
				__builtin_memcpy(r->p, r->old, r->bytes);
			if ((r->kind == ALLOC && rollback) || (r->kind == FREE && !rollback))
				env_heap_free(r->p, r->bytes);
			at -= size;
			size = r->back;
		}
		env_heap_free(c, sizeof(*c));
		c = below;
	}
	u->top = NULL;
}

void undo_commit(struct undo *u)
{
	finish(u, false);
}

void undo_rollback(struct undo *u)
{
	finish(u, true);
}
