// SPDX-License-Identifier: MIT
/* fib6_pool: a buddy allocator of lines with batches and grace periods (fib6_pool.h). */
#include "qgm/re/fib6_pool.h"

#include "qgm/env.h"
#include "qgm/re/fib6_line.h"
#include "qgm/tables.h"

enum { FREE = 1, USED, DEAD }; /* 0: inside of a piece */

struct f6_note {
	u32 next; /* FREE: list; DEAD: list; USED: the mark */
	u32 prev; /* FREE: list; USED, DEAD: serial of the batch that took it */
	u8 state; /* of the piece that begins here */
	u8 order;
	u8 pad[2];
};

static void list_add(struct f6_books *b, u32 line, u32 order)
{
	struct f6_note *n = &b->note[line];

	*n = (struct f6_note){ b->free[order], F6_NONE, FREE, (u8)order, { 0 } };
	if (n->next != F6_NONE)
		b->note[n->next].prev = line;
	b->free[order] = line;
}

static void list_del(struct f6_books *b, u32 line)
{
	struct f6_note *n = &b->note[line];

	if (n->next != F6_NONE)
		b->note[n->next].prev = n->prev;
	if (n->prev != F6_NONE)
		b->note[n->prev].next = n->next;
	else
		b->free[n->order] = n->next;
	n->state = 0;
}

/* A piece is free: merge it with its buddies. */
static void put(struct f6_books *b, u32 line, u32 order)
{
	b->note[line].state = 0;
	while (order + 1 < F6_ORDERS) {
		u32 buddy = line ^ 1u << order;

		if (buddy >= b->lines || b->note[buddy].state != FREE ||
		    b->note[buddy].order != order)
			break;
		list_del(b, buddy);
		line &= ~(1u << order);
		order++;
	}
	list_add(b, line, order);
}

/* Lines [from, lines) are new: into the lists by the largest pieces that fit. */
static void put_range(struct f6_books *b, u32 from)
{
	while (from < b->lines) {
		u32 order = 0;

		while (order + 1 < F6_ORDERS && !(from & ((2u << order) - 1)) &&
		       from + (2u << order) <= b->lines)
			order++;
		put(b, from, order);
		from += 1u << order;
	}
}

static void block_free(struct f6_books *b)
{
	arena_free(b->mem);
	env_heap_free(b->note, b->lines * sizeof(*b->note));
	b->mem = NULL;
	b->note = NULL;
}

/* The batch goes on in the block `new`; the old one is kept if it is published. */
static void switch_to(struct f6_pool *p, const struct f6_books *new)
{
	if (p->now.mem && p->now.mem == p->published) {
		p->before = p->now;
		p->dead_before = p->dead;
	} else if (p->now.mem) {
		block_free(&p->now);
	}
	p->now = *new;
	p->now.gen++;
	p->dead = F6_NONE;
}

static void block_none(struct f6_books *b)
{
	*b = (struct f6_books){ .gen = b->gen };
	for (u32 i = 0; i < F6_ORDERS; i++)
		b->free[i] = F6_NONE;
}

static bool block_new(struct f6_books *b, u32 lines, u32 gen)
{
	b->gen = gen;
	block_none(b);
	b->lines = lines;
	if (lines > F6_LINES_MAX)
		return false;
	b->note = env_heap_alloc(lines * sizeof(*b->note));
	b->mem = b->note ? arena_alloc((size_t)lines * F6_LINE, F6_LINE) : NULL;
	if (b->mem)
		return true;
	env_heap_free(b->note, lines * sizeof(*b->note));
	return false;
}

/* Room for a piece of `order` more. A new block has no old readers: what is dead is free there. */
static bool grow(struct f6_pool *p, u32 order)
{
	const struct f6_books *old = &p->now;
	struct f6_books new;
	u32 lines = old->lines < 256 ? old->lines * 2 : old->lines + old->lines / 4;

	lines = MAX(lines, old->lines + (2u << order));
	lines = ALIGN_UP(MAX(lines, 8u), 1u << MIN(order + 1, (u32)F6_ORDERS - 1));
	if (lines > 256)
		lines = ALIGN_UP(lines, 64u);
	if (!block_new(&new, lines, old->gen))
		return false;
	if (old->mem) {
		__builtin_memcpy(new.mem, old->mem, (size_t)old->lines * F6_LINE);
		__builtin_memcpy(new.note, old->note, old->lines * sizeof(*old->note));
		__builtin_memcpy(new.free, old->free, sizeof(new.free));
		new.used = old->used - old->retired;
	}
	u32 had = old->lines;

	switch_to(p, &new);
	put_range(&p->now, had);
	for (u32 i = 0; i < had; i++)
		if (p->now.note[i].state == DEAD)
			put(&p->now, i, p->now.note[i].order);
	return true;
}

u32 f6_pool_take(struct f6_pool *p, u32 order)
{
	u32 have = order, line;

	while (have < F6_ORDERS && p->now.free[have] == F6_NONE)
		have++;
	if (!p->now.mem || have == F6_ORDERS) {
		if (!grow(p, order))
			return F6_NONE;
		return f6_pool_take(p, order);
	}
	line = p->now.free[have];
	list_del(&p->now, line);
	while (have > order) {
		have--;
		list_add(&p->now, line + (1u << have), have);
	}
	p->now.note[line] = (struct f6_note){ 0, p->serial, USED, (u8)order, { 0 } };
	p->now.used += 1u << order;
	return line;
}

bool f6_pool_mine(const struct f6_pool *p, u32 line)
{
	return p->now.note[line].prev == p->serial;
}

void f6_pool_drop(struct f6_pool *p, u32 line)
{
	struct f6_note *n = &p->now.note[line];

	ASSERT_ENGINE(n->state == USED);
	if (n->prev == p->serial) {
		p->now.used -= 1u << n->order;
		put(&p->now, line, n->order);
		return;
	}
	n->state = DEAD;
	n->next = p->dead;
	p->dead = line;
	p->now.retired += 1u << n->order;
}

u32 f6_pool_mark(const struct f6_pool *p, u32 line)
{
	return p->now.note[line].next;
}

void f6_pool_set_mark(struct f6_pool *p, u32 line, u32 mark)
{
	p->now.note[line].next = mark;
}

void f6_pool_begin(struct f6_pool *p)
{
	if (!p->now.mem)
		block_none(&p->now);
	p->published = p->now.mem;
	p->before.mem = NULL;
	p->dead = p->dead_before = F6_NONE;
	p->serial++;
}

void f6_pool_renew(struct f6_pool *p)
{
	struct f6_books none = { .gen = p->now.gen };

	block_none(&none);
	switch_to(p, &none);
}

void f6_pool_return(struct f6_pool *p)
{
	if (p->now.mem)
		block_free(&p->now);
	p->now = p->before;
	p->dead = p->dead_before;
	p->before.mem = NULL;
}

struct fib6_dead f6_pool_commit(struct f6_pool *p)
{
	struct fib6_dead d = { .mem = p->before.mem, .list = p->dead, .gen = p->now.gen };

	if (p->before.mem)
		env_heap_free(p->before.note, p->before.lines * sizeof(*p->before.note));
	p->before.mem = NULL;
	p->dead = p->dead_before = F6_NONE;
	return d;
}

void f6_pool_bury(struct f6_pool *p, const struct fib6_dead *d)
{
	struct f6_books *b = &p->now;

	arena_free(d->mem);
	if (d->gen != b->gen) {
		b = &p->before; /* an open batch moved the pool */
		if (!b->mem || d->gen != b->gen)
			return; /* moved since, and grow() has done it */
	}
	for (u32 line = d->list; line != F6_NONE;) {
		u32 next = b->note[line].next, order = b->note[line].order;

		b->used -= 1u << order;
		b->retired -= 1u << order;
		put(b, line, order);
		line = next;
	}
}

void f6_pool_abort(struct f6_pool *p)
{
	struct f6_books *b = &p->now;

	if (p->before.mem)
		f6_pool_return(p);
	for (u32 line = p->dead; line != F6_NONE;) {
		u32 next = b->note[line].next;

		b->note[line].state = USED;
		b->note[line].next = 0;
		b->retired -= 1u << b->note[line].order;
		line = next;
	}
	p->dead = F6_NONE;
	for (u32 i = 0; i < b->lines; i++)
		if (b->note[i].state == USED && b->note[i].prev == p->serial) {
			b->used -= 1u << b->note[i].order;
			put(b, i, b->note[i].order);
		}
	if (b->mem && !p->published) {
		ASSERT_ENGINE(!b->used);
		block_free(b);
		block_none(b);
	}
}

u64 f6_pool_heap(const struct f6_pool *p)
{
	return p->now.lines * sizeof(struct f6_note);
}
