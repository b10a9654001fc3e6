// SPDX-License-Identifier: MIT
/*
 * arena: the allocator of memory that the table writer writes and QGMs read (ENV_ARENA). Writer
 * side only, under the control lock. Good fit in constant time: free blocks hang in lists by size
 * class (8 classes per power of two), found through bit maps, split and merged with their
 * neighbours (after M. Masmano and others, TLSF, 2004).
 *
 *	+--------------+------------------------+--------------+-----------
 *	| header 64 B  | payload, 64 B aligned  | header 64 B  | ...
 *	+--------------+------------------------+--------------+-----------
 *
 * All of the allocator's own state lies in the arena too: a restarted generic partition finds it.
 * Freed memory is filled with a pattern, so that a reader without grace period is seen.
 */
#include "qgm/arena.h"

#include "qgm/env.h"
#include "qgm/poison.h"

enum {
	UNIT = 64,
	CLASSES = 30,
	SUB = 8,
	MAGIC_USED = 0x75736564,
	MAGIC_FREE = 0x66726565,
};

struct free_links {
	struct block *next, *prev;
};

struct block {
	struct arena_tag tag; /* must be first: arena_tag_of() */
	u32 magic;
	u32 units;      /* of UNIT bytes, header included */
	u32 prev_units; /* of the block in front, 0: first */
	u32 pad;
} __cacheline;

_Static_assert(sizeof(struct block) == UNIT, "the header is one unit");

struct arena {
	struct block *first;
	u64 bytes;
	u64 used;
	u32 class_map;
	u8 sub_map[CLASSES];
	struct block *list[CLASSES][SUB];
};

static struct arena *arena __boot_const;

static void class_of(u32 units, u32 *c, u32 *s)
{
	if (units < SUB) {
		*c = 0;
		*s = units;
		return;
	}
	u32 top = 31 - (u32)__builtin_clz(units); /* at least 3 */

	*c = top - 2;
	*s = units >> (top - 3) & (SUB - 1);
}

static struct free_links *links(struct block *b)
{
	return (struct free_links *)(b + 1);
}

static struct block *after(const struct block *b)
{
	return (struct block *)((u64)b + (u64)b->units * UNIT);
}

static bool is_last(const struct block *b)
{
	return (u64)after(b) >= (u64)arena->first + arena->bytes;
}

static void list_add(struct block *b)
{
	u32 c, s;

	class_of(b->units, &c, &s);
	b->magic = MAGIC_FREE;
	memory_allow(b + 1, sizeof(struct free_links));
	links(b)->prev = NULL;
	links(b)->next = arena->list[c][s];
	if (arena->list[c][s])
		links(arena->list[c][s])->prev = b;
	arena->list[c][s] = b;
	arena->class_map |= 1u << c;
	arena->sub_map[c] |= (u8)(1u << s);
}

static void list_del(struct block *b)
{
	u32 c, s;
	struct free_links *l = links(b);

	class_of(b->units, &c, &s);
	if (l->next)
		links(l->next)->prev = l->prev;
	if (l->prev)
		links(l->prev)->next = l->next;
	else
		arena->list[c][s] = l->next;
	if (!arena->list[c][s]) {
		arena->sub_map[c] &= (u8) ~(1u << s);
		if (!arena->sub_map[c])
			arena->class_map &= ~(1u << c);
	}
}

/* A free block of at least `units`, NULL when there is none. */
static struct block *find(u32 units)
{
	u32 c, s, subs;

	/* Up to the next class border, so that any block of the class found is large enough. */
	if (units >= SUB)
		units += (1u << (31 - (u32)__builtin_clz(units) - 3)) - 1;
	class_of(units, &c, &s);
	subs = arena->sub_map[c] & (u32)(0xff << s);
	if (!subs) {
		u32 classes = c + 1 < 32 ? arena->class_map & ~0u << (c + 1) : 0;

		if (!classes)
			return NULL;
		c = (u32)__builtin_ctz(classes);
		subs = arena->sub_map[c];
	}
	return arena->list[c][__builtin_ctz(subs)];
}

int arena_init(u64 bytes, u32 node)
{
	u64 head = ALIGN_UP(sizeof(struct arena), (u64)UNIT);
	u8 *mem = NULL;

	bytes &= ~(u64)(UNIT - 1);
	while (bytes >= 64 * 1024 && !(mem = env_alloc(ENV_ARENA, bytes, 4096, node)))
		bytes = bytes / 2 & ~(u64)(UNIT - 1);
	if (!mem)
		return -12; /* ENOMEM */
	arena = (struct arena *)mem;
	arena->first = (struct block *)(mem + head);
	arena->bytes = bytes - head;
	arena->first->units = (u32)(arena->bytes / UNIT);
	memory_forbid(arena->first + 1, arena->bytes - UNIT);
	list_add(arena->first);
	return 0;
}

/* Cut b to `units`; the rest becomes a free block. */
static void split(struct block *b, u32 units)
{
	struct block *rest;

	if (b->units < units + 2)
		return;
	rest = (struct block *)((u64)b + (u64)units * UNIT);
	memory_allow(rest, UNIT);
	*rest = (struct block){ .units = b->units - units, .prev_units = units };
	b->units = units;
	if (!is_last(rest))
		after(rest)->prev_units = rest->units;
	list_add(rest);
}

void *arena_alloc(size_t bytes, size_t align)
{
	struct block *b;
	u32 units, extra = align > UNIT ? (u32)(2 * align / UNIT) : 0;

	ASSERT_ENGINE(arena != NULL && bytes > 0 && !(align & (align - 1)));
	if (bytes > arena->bytes)
		return NULL;
	units = (u32)((bytes + UNIT - 1) / UNIT) + 1;
	b = find(units + extra);
	if (!b)
		return NULL;
	list_del(b);
	if (extra) { /* move up to where the payload is aligned; what is in front stays free */
		u64 at = ALIGN_UP((u64)(b + 1), align) - UNIT;

		if (at != (u64)b && at - (u64)b < 2 * UNIT)
			at += align;
		if (at != (u64)b) {
			u32 front = (u32)((at - (u64)b) / UNIT);

			split(b, front);
			list_add(b);
			b = (struct block *)at;
			list_del(b);
		}
	}
	split(b, units);
	b->magic = MAGIC_USED;
	b->tag = (struct arena_tag){ .epoch = 0 };
	arena->used += (u64)b->units * UNIT;
	memory_allow(b + 1, (u64)(b->units - 1) * UNIT);
	__builtin_memset(b + 1, 0, (u64)(b->units - 1) * UNIT);
	return b + 1;
}

void arena_poison(void *p)
{
	struct block *b = (struct block *)p - 1;

	__builtin_memset(p, POISON_BYTE, (u64)(b->units - 1) * UNIT);
}

void arena_free(void *p)
{
	struct block *b;

	if (!p)
		return;
	b = (struct block *)p - 1;
	ASSERT_ENGINE(b->magic == MAGIC_USED); /* freed twice, or not from here */
	arena->used -= (u64)b->units * UNIT;
	arena_poison(p);
	memory_forbid(p, (u64)(b->units - 1) * UNIT);
	if (!is_last(b) && after(b)->magic == MAGIC_FREE) {
		list_del(after(b));
		b->units += after(b)->units;
	}
	if (b->prev_units) {
		struct block *front = (struct block *)((u64)b - (u64)b->prev_units * UNIT);

		if (front->magic == MAGIC_FREE) {
			list_del(front);
			front->units += b->units;
			b = front;
		}
	}
	if (!is_last(b))
		after(b)->prev_units = b->units;
	list_add(b);
}

u64 arena_used(void)
{
	return arena ? arena->used : 0;
}

u64 arena_size(void)
{
	return arena ? arena->bytes : 0;
}

struct arena_tag *arena_tag_of(void *p)
{
	struct block *b = (struct block *)p - 1;

	ASSERT_ENGINE(b->magic == MAGIC_USED);
	return &b->tag;
}

bool arena_check(void)
{
	const struct block *b = arena->first;
	u64 used = 0, prev = 0;

	for (;;) {
		if (b->prev_units != prev || b->units < 2 ||
		    (b->magic != MAGIC_FREE && b->magic != MAGIC_USED))
			return false;
		if (b->magic == MAGIC_USED)
			used += (u64)b->units * UNIT;
		prev = b->units;
		if (is_last(b))
			break;
		b = after(b);
	}
	return used == arena->used;
}
