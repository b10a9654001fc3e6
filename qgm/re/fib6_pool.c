// SPDX-License-Identifier: MIT
/* fib6_pool: lines with batches and grace periods (fib6_pool.h). Generic side, control lock held.
 */
#include "qgm/re/fib6_pool.h"

#include "qgm/atomic.h"
#include "qgm/env.h"
#include "qgm/re/fib6_books.h"
#include "qgm/re/fib6_line.h"
#include "qgm/tables.h"

/* Looks, some 50 ns apart, for the other block: some 100 us, when there are more than BLOCKS_MAX
 * 20 ms, and 100 ms before a batch is refused for want of memory. */
enum { WAIT_SHORT = 2000, WAIT_LONG = 400000, WAIT_LAST = 2000000, BLOCKS_MAX = 4 };

/* Pieces that wait from which on it is worth to look for the readers. */
enum { GONE_LOOK = 64 };

static u64 books_bytes(u32 lines)
{
	return lines * sizeof(struct f6_note) + (lines / 8 + 16) * sizeof(u32);
}

static void block_free(struct f6_pool *p, u8 *mem)
{
	p->blocks -= mem != NULL;
	arena_free(mem);
}

static void books_free(struct f6_books *b)
{
	env_heap_free(b->note, books_bytes(b->lines));
	b->note = NULL;
}

bool f6_pool_moved(const struct f6_pool *p)
{
	return p->before.note != NULL;
}

/*
 * The arena has no block that large in one piece: wait for one of ours that readers may still look
 * at. False: there is none, or its readers do not go.
 */
static bool get_one_back(struct f6_pool *p)
{
	u32 had = p->blocks, i;
	bool spare = p->spare != NULL;
	u32 mine = (p->live != NULL) + (p->now.mem && p->now.mem != p->live) +
		   (f6_pool_moved(p) && p->before.mem != p->live) + spare;

	for (i = 0; had > mine && i < WAIT_LAST; i++) {
		tables_reclaim();
		if (p->blocks < had || (p->spare && !spare))
			return true;
		cpu_pause();
	}
	return false;
}

static bool books_new(struct f6_pool *p, struct f6_books *b, u32 lines)
{
	f6_books_none(b);
	b->lines = lines;
	if (lines > F6_LINES_MAX)
		return false;
	b->note = env_heap_alloc(books_bytes(lines));
	while (b->note && !(b->mem = arena_alloc((size_t)lines * F6_LINE, F6_LINE))) {
		if (!p->spare && !get_one_back(p))
			break;
		block_free(p, p->spare); /* of another size */
		p->spare = NULL;
	}
	if (!b->mem) {
		books_free(b);
		return false;
	}
	b->list = (u32 *)(b->note + lines);
	p->blocks++;
	return true;
}

/* --- blocks ----------------------------------------------------------------------------------- */

/* The batch goes on with the books `new`; those that it began with are kept. */
static void switch_to(struct f6_pool *p, const struct f6_books *new)
{
	if (p->now.mem && !f6_pool_moved(p)) {
		p->before = p->now;
		p->dead_before = p->dead;
	} else if (p->now.mem) {
		block_free(p, p->now.mem);
		books_free(&p->now);
	}
	p->now = *new;
	p->dead = F6_NONE;
	p->list_all = true;
}

/* Room for a piece of `order` more. In the new block what is dead is free. */
static bool grow(struct f6_pool *p, u32 order)
{
	const struct f6_books *old = &p->now;
	struct f6_books new;
	u32 lines = old->lines < 256 ? old->lines * 2 : old->lines + old->lines / 4;
	u32 had = old->lines;

	lines = MAX(lines, old->lines + (2u << order));
	lines = ALIGN_UP(MAX(lines, 8u), 1u << MIN(order + 1, (u32)F6_ORDERS - 1));
	if (lines > 256)
		lines = ALIGN_UP(lines, 64u);
	if (!books_new(p, &new, lines))
		return false;
	if (old->mem) {
		__builtin_memcpy(new.mem, old->mem, (size_t)old->lines * F6_LINE);
		__builtin_memcpy(new.note, old->note, old->lines * sizeof(*old->note));
		__builtin_memcpy(new.free, old->free, sizeof(new.free));
		new.used = old->used - old->retired;
	}
	switch_to(p, &new);
	f6_books_put_range(&p->now, had);
	for (u32 i = 0; i < had; i++)
		if (p->now.note[i].state == F6_DEAD)
			f6_books_put(&p->now, i, p->now.note[i].order);
	return true;
}

/* Copy what the list says (all: everything) of the newest version into a block of the same size. */
static void follow(const struct f6_pool *p, u8 *mem, bool all)
{
	if (all) {
		__builtin_memcpy(mem, p->live, (size_t)p->live_lines * F6_LINE);
		return;
	}
	for (u32 i = 0; i < p->list_n; i++) {
		u64 at = (u64)p->now.list[i] * F6_LINE;

		__builtin_memcpy(mem + at, p->live + at, F6_LINE);
	}
}

/* Is there a block that only the list keeps from being as the newest version's? */
static bool is_near(const struct f6_pool *p)
{
	return p->spare &&
	       (p->spare_serial == p->serial || (p->spare_serial == p->base && !p->list_all));
}

/*
 * The other block is free as soon as the readers of the last version but one are gone, mostly
 * within microseconds: to wait for that costs less than a third block, and keeps a fast writer from
 * filling the arena while a reader's core is away.
 */
static void await_spare(struct f6_pool *p)
{
	u32 rounds = p->blocks > BLOCKS_MAX ? WAIT_LONG : WAIT_SHORT;
	u32 mine = 1 + (p->spare != NULL);

	for (u32 i = 0; !is_near(p) && p->blocks > mine && i < rounds; i++) {
		tables_reclaim();
		if (!is_near(p))
			cpu_pause();
	}
}

bool f6_pool_own(struct f6_pool *p)
{
	u8 *mem;

	if (p->now.mem != p->live || !p->live)
		return true;
	await_spare(p);
	do {
		mem = p->spare ? NULL : arena_alloc((size_t)p->live_lines * F6_LINE, F6_LINE);
	} while (!mem && !p->spare && get_one_back(p));
	p->from_spare = p->spare != NULL;
	if (p->spare) {
		mem = p->spare;
		if (p->spare_serial != p->serial)
			follow(p, mem, p->list_all || p->spare_serial != p->base);
		p->spare = NULL;
	} else if (mem) {
		p->blocks++;
		follow(p, mem, true);
	} else {
		return false;
	}
	p->now.mem = mem;
	p->list_n = 0;
	p->list_all = false;
	return true;
}

void f6_pool_wrote(struct f6_pool *p, u32 line, u32 n)
{
	if (p->list_all || (p->list_n && n == 1 && p->now.list[p->list_n - 1] == line))
		return;
	if (p->list_n + n > p->now.lines / 8 + 16) {
		p->list_all = true;
		return;
	}
	for (u32 i = 0; i < n; i++)
		p->now.list[p->list_n++] = line + i;
}

/* --- pieces ----------------------------------------------------------------------------------- */

static u64 gone_epoch(const struct f6_pool *p, u32 line)
{
	return p->gone_last_epoch - (u32)((u32)p->gone_last_epoch - p->now.note[line].prev);
}

/*
 * What a publication in place left waits in a list for the readers of its epoch, whose low half is
 * in `prev`. Of many, those are looked at that waited at the last look: one look at the readers
 * frees them all. Does any piece become free? Not while the batch has moved: an abort returns to
 * books in which they wait.
 */
static bool gone_reclaim(struct f6_pool *p)
{
	u32 had = p->gone_n;
	u64 passed = p->gone_look;

	if (!had || f6_pool_moved(p))
		return false;
	if (!passed || !tables_epoch_reached(passed)) {
		passed = gone_epoch(p, p->gone);
		if (!tables_epoch_reached(passed))
			return false;
	}
	while (p->gone_n && gone_epoch(p, p->gone) <= passed) {
		u32 line = p->gone;

		p->gone = p->now.note[line].next;
		p->gone_n--;
		f6_books_put(&p->now, line, p->now.note[line].order);
	}
	p->gone_look = p->gone_n ? p->gone_last_epoch : 0;
	return p->gone_n < had;
}

void f6_pool_leave(struct f6_pool *p, u32 line, u64 epoch)
{
	struct f6_note *n = &p->now.note[line];

	ASSERT_ENGINE(n->state == F6_USED && p->now.mem == p->live);
	p->now.used -= 1u << n->order;
	if (unlikely(!epoch)) {
		f6_books_put(&p->now, line, n->order);
		return;
	}
	n->state = F6_GONE;
	n->next = F6_NONE;
	n->prev = (u32)epoch;
	if (p->gone_n++)
		p->now.note[p->gone_last].next = line;
	else
		p->gone = line;
	p->gone_last = line;
	p->gone_last_epoch = epoch;
}

void f6_pool_in_place(struct f6_pool *p)
{
	if (p->base == p->serial) /* there is a block that is equal until now */
		p->serial++;
}

/* F6_NONE: no free piece is that large. */
static u32 take(struct f6_pool *p, u32 order)
{
	u32 line = p->now.mem ? f6_books_take(&p->now, order) : F6_NONE;

	if (line == F6_NONE)
		return F6_NONE;
	p->now.note[line] = (struct f6_note){ 0, p->batch, F6_USED, (u8)order, { 0 } };
	p->now.used += 1u << order;
	f6_pool_wrote(p, line, 1u << order);
	return line;
}

u32 f6_pool_take_here(struct f6_pool *p, u32 order)
{
	u32 line = take(p, order);

	if (line == F6_NONE && gone_reclaim(p))
		line = take(p, order);
	return line;
}

u32 f6_pool_take(struct f6_pool *p, u32 order)
{
	u32 line = f6_pool_take_here(p, order);

	if (line == F6_NONE && grow(p, order))
		line = take(p, order);
	return line;
}

void f6_pool_drop(struct f6_pool *p, u32 line)
{
	struct f6_note *n = &p->now.note[line];

	ASSERT_ENGINE(n->state == F6_USED);
	if (n->prev == p->batch) {
		p->now.used -= 1u << n->order;
		f6_books_put(&p->now, line, n->order);
		return;
	}
	n->state = F6_DEAD;
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

/* --- batches ---------------------------------------------------------------------------------- */

void f6_pool_begin(struct f6_pool *p)
{
	if (!p->now.mem)
		f6_books_none(&p->now);
	p->dead = p->dead_before = F6_NONE;
	p->batch++;
	p->renewed = false;
	if (p->gone_n >= GONE_LOOK)
		(void)gone_reclaim(p);
}

void f6_pool_renew(struct f6_pool *p)
{
	struct f6_books none;

	f6_books_none(&none);
	switch_to(p, &none);
	p->renewed = true;
}

void f6_pool_return(struct f6_pool *p)
{
	if (p->now.mem) {
		block_free(p, p->now.mem);
		books_free(&p->now);
	}
	p->now = p->before;
	p->dead = p->dead_before;
	p->before.note = NULL;
	p->renewed = false;
}

struct fib6_dead f6_pool_commit(struct f6_pool *p)
{
	struct fib6_dead d = { 0 };
	u32 next;

	for (u32 line = p->dead; line != F6_NONE; line = next) {
		u32 order = p->now.note[line].order;

		next = p->now.note[line].next;
		p->now.used -= 1u << order;
		p->now.retired -= 1u << order;
		f6_books_put(&p->now, line, order);
	}
	p->dead = F6_NONE;
	if (p->renewed)
		p->gone_n = 0; /* other books */
	if (f6_pool_moved(p)) {
		if (p->before.mem != p->live)
			block_free(p, p->before.mem);
		books_free(&p->before);
	}
	if (p->now.mem == p->live)
		return d;
	d = (struct fib6_dead){ .mem = p->live, .lines = p->live_lines, .serial = p->serial };
	p->base = p->serial++;
	p->live = p->now.mem;
	p->live_lines = p->now.lines;
	if (p->spare && p->spare_lines != p->live_lines) {
		block_free(p, p->spare);
		p->spare = NULL;
	}
	return d;
}

/* Nobody reads or writes this block any more. */
static void retire(struct f6_pool *p, u8 *mem, u32 lines, u64 serial)
{
	if (lines != p->live_lines || (p->spare && p->spare_serial > serial)) {
		block_free(p, mem);
		return;
	}
	if (p->spare)
		block_free(p, p->spare);
	p->spare = mem;
	p->spare_lines = lines;
	p->spare_serial = serial;
}

void f6_pool_bury(struct f6_pool *p, const struct fib6_dead *d)
{
	if (d->mem)
		retire(p, d->mem, d->lines, d->serial);
}

/* The batch's first block, as the books are that it began with. */
static void give_back(struct f6_pool *p)
{
	u8 *mem = p->now.mem;

	if (mem == p->live)
		return;
	p->now.mem = p->live;
	if (!p->from_spare) {
		block_free(p, mem);
		/* The list said where `live` differs from the block before: lost. */
	} else {
		follow(p, mem, p->list_all);
		retire(p, mem, p->live_lines, p->serial);
	}
	p->list_n = 0;
	p->list_all = false;
	p->base = p->serial;
}

void f6_pool_abort(struct f6_pool *p)
{
	struct f6_books *b = &p->now;

	if (f6_pool_moved(p)) {
		f6_pool_return(p);
		p->list_all = true;
	}
	for (u32 line = p->dead; line != F6_NONE;) {
		u32 next = b->note[line].next;

		b->note[line].state = F6_USED;
		b->note[line].next = 0;
		b->retired -= 1u << b->note[line].order;
		line = next;
	}
	p->dead = F6_NONE;
	for (u32 i = 0; i < b->lines; i++)
		if (b->note[i].state == F6_USED && b->note[i].prev == p->batch) {
			b->used -= 1u << b->note[i].order;
			f6_books_put(b, i, b->note[i].order);
		}
	if (p->live) {
		give_back(p);
	} else if (b->mem) { /* made by this batch */
		ASSERT_ENGINE(!b->used);
		block_free(p, b->mem);
		books_free(b);
		f6_books_none(b);
	}
}

void f6_pool_end(struct f6_pool *p)
{
	if (p->spare)
		block_free(p, p->spare);
	p->spare = NULL;
}

u64 f6_pool_heap(const struct f6_pool *p)
{
	return p->now.lines ? books_bytes(p->now.lines) : 0;
}
