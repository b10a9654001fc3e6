// SPDX-License-Identifier: MIT
/* fib_pool: the allocator of FIB records (fib_pool.h). Generic side, control lock held. */
#include "qgm/re/fib_pool.h"

#include "qgm/arena.h"
#include "qgm/env.h"
#include "qgm/poison.h"
#include "qgm/re/fib_layout.h"

enum { LINE = 64, UNIT = 4, UNITS = 16, FULL = 0xffff };

#define OFF_LIST (~1u) /* fresh_next of a line that is not on the list */

/* The longest run of zeroes in a line's map. */
static u32 largest_gap(u32 map)
{
	u32 gap = 0;

	for (u32 x = ~map & FULL; x; x &= x << 1)
		gap++;
	return gap;
}

static void list_add(struct fib_pool *p, u32 i)
{
	struct fib_line *l = &p->line[i];
	u32 gap = l->map == FULL ? 0 : largest_gap(l->map);

	if (!gap)
		return;
	if (gap == UNITS) {
		p->free_map[i / 64] |= 1ull << (i & 63);
		p->low = MIN(p->low, i);
		return;
	}
	l->prev = FIB_POOL_NONE;
	l->next = p->gaps >> gap & 1 ? p->head[gap] : FIB_POOL_NONE;
	if (l->next != FIB_POOL_NONE)
		p->line[l->next].prev = i;
	p->head[gap] = i;
	p->gaps |= 1u << gap;
}

static void list_del(struct fib_pool *p, u32 i)
{
	struct fib_line *l = &p->line[i];
	u32 gap = l->map == FULL ? 0 : largest_gap(l->map);

	if (!gap)
		return;
	if (gap == UNITS) {
		p->free_map[i / 64] &= ~(1ull << (i & 63));
		return;
	}
	if (l->next != FIB_POOL_NONE)
		p->line[l->next].prev = l->prev;
	if (l->prev != FIB_POOL_NONE)
		p->line[l->prev].next = l->next;
	else
		p->head[gap] = l->next;
	if (p->head[gap] == FIB_POOL_NONE)
		p->gaps &= ~(1u << gap);
}

static u64 pool_bytes(u32 lines)
{
	return sizeof(struct fib_pool) + (u64)lines * (LINE + sizeof(struct fib_line)) +
	       ALIGN_UP(lines, 64u) / 8;
}

static void pool_lay_out(struct fib_pool *p, u32 lines)
{
	p->lines = lines;
	p->bytes = pool_bytes(lines);
	p->line = (struct fib_line *)fib_pool_at(p, lines * LINE);
	p->free_map = (u64 *)(p->line + lines);
}

static void pool_add_lines(struct fib_pool *p, u32 from)
{
	for (u32 i = from; i < p->lines; i++) {
		p->line[i] = (struct fib_line){ .fresh_next = OFF_LIST };
		list_add(p, i);
	}
}

struct fib_pool *fib_pool_make(u32 lines)
{
	struct fib_pool *p = arena_alloc(pool_bytes(lines), CACHE_LINE);

	if (!p)
		return NULL;
	*p = (struct fib_pool){ .low = lines, .fresh_list = FIB_POOL_NONE };
	for (u32 i = 0; i < ARRAY_SIZE(p->head); i++)
		p->head[i] = FIB_POOL_NONE;
	pool_lay_out(p, lines);
	__builtin_memset(p->free_map, 0, ALIGN_UP(lines, 64u) / 8);
	pool_add_lines(p, 0);
	return p;
}

struct fib_pool *fib_pool_copy(const struct fib_pool *p, u32 lines)
{
	struct fib_pool *q = arena_alloc(pool_bytes(lines), CACHE_LINE);

	if (!q)
		return NULL;
	*q = *p;
	pool_lay_out(q, lines);
	__builtin_memcpy(fib_pool_at(q, 0), fib_pool_at(p, 0), (u64)p->lines * LINE);
	__builtin_memcpy(q->line, p->line, p->lines * sizeof(*q->line));
	__builtin_memset(q->free_map, 0, ALIGN_UP(lines, 64u) / 8);
	__builtin_memcpy(q->free_map, p->free_map, ALIGN_UP(p->lines, 64u) / 8);
	pool_add_lines(q, p->lines);
	return q;
}

void fib_pool_end(struct fib_pool *p)
{
	arena_free(p);
}

/* --- units ----------------------------------------------------------------------------------- */

static void units_take(struct fib_pool *p, u32 i, u32 mask)
{
	struct fib_line *l = &p->line[i];

	list_del(p, i);
	if (l->fresh_next == OFF_LIST) {
		l->fresh_next = p->fresh_list;
		p->fresh_list = i;
	}
	l->map |= (u16)mask;
	l->fresh |= (u16)mask;
	list_add(p, i);
}

/* A line with no fresh units left stays on the list of those with some, until the batch ends. */
static void units_give(struct fib_pool *p, u32 i, u32 mask)
{
	struct fib_line *l = &p->line[i];

	list_del(p, i);
	l->map &= (u16)~mask;
	list_add(p, i);
}

static u32 find_line(struct fib_pool *p)
{
	for (u32 w = p->low / 64; w < ALIGN_UP(p->lines, 64u) / 64; w++)
		if (p->free_map[w]) {
			p->low = w * 64 + (u32)__builtin_ctzll(p->free_map[w]);
			return p->low;
		}
	p->low = p->lines;
	return FIB_POOL_NONE;
}

/* Lines of words w and w + 1 that begin k free ones (k up to 64). */
static u64 begins(const struct fib_pool *p, u32 w, u32 k)
{
	unsigned __int128 x = p->free_map[w];
	u32 have = 1;

	if (w + 1 < ALIGN_UP(p->lines, 64u) / 64)
		x |= (unsigned __int128)p->free_map[w + 1] << 64;
	for (; have * 2 <= k; have *= 2)
		x &= x >> have;
	return (u64)(x & x >> (k - have));
}

/* The first of k free lines in a row. */
static u32 find_lines(struct fib_pool *p, u32 k)
{
	for (u32 w = p->low / 64; w < ALIGN_UP(p->lines, 64u) / 64; w++) {
		u64 at = p->free_map[w] ? begins(p, w, k) : 0;

		if (at)
			return w * 64 + (u32)__builtin_ctzll(at);
	}
	return FIB_POOL_NONE;
}

bool fib_pool_room(struct fib_pool *p, u32 bytes)
{
	u32 k = (bytes + LINE - 1) / LINE;

	if (p->room < p->lines && begins(p, p->room / 64, k) >> (p->room & 63) & 1)
		return true;
	for (u32 w = ALIGN_UP(p->lines, 64u) / 64; w-- > 0;) { /* others take from the front */
		u64 at = p->free_map[w] ? begins(p, w, k) : 0;

		if (at) {
			p->room = w * 64 + 63 - (u32)__builtin_clzll(at);
			return true;
		}
	}
	return false;
}

static u32 get_small(struct fib_pool *p, u32 units)
{
	u32 lists = units < UNITS ? p->gaps & ~0u << units : 0;
	u32 i = lists ? p->head[__builtin_ctz(lists)] : find_line(p);
	u32 x, at;

	if (i == FIB_POOL_NONE)
		return FIB_POOL_NONE;
	x = ~p->line[i].map & FULL;
	for (u32 k = 1; k < units; k++) /* bit at: units `at`.. are free */
		x &= x >> 1;
	at = (u32)__builtin_ctz(x);
	/* x was narrowed from above: bit at says that at..at+units-1 are free. */
	units_take(p, i, ((1u << units) - 1) << at);
	return i * LINE + at * UNIT;
}

u32 fib_pool_get(struct fib_pool *p, u32 bytes)
{
	u32 units = (bytes + UNIT - 1) / UNIT, at, k;

	p->used += units;
	if (units <= UNITS) {
		at = get_small(p, units);
	} else {
		k = (units + UNITS - 1) / UNITS;
		at = find_lines(p, k);
		for (u32 i = 0; at != FIB_POOL_NONE && i < k; i++) {
			u32 here = MIN(units - i * UNITS, (u32)UNITS);

			units_take(p, at + i, (1u << here) - 1);
		}
		at = at == FIB_POOL_NONE ? at : at * LINE;
	}
	if (at == FIB_POOL_NONE)
		p->used -= units;
	return at;
}

void fib_pool_put(struct fib_pool *p, u32 offset, u32 bytes)
{
	u32 units = (bytes + UNIT - 1) / UNIT;

	__builtin_memset(fib_pool_at(p, offset), POISON_BYTE, units * UNIT);
	p->used -= units;
	while (units) {
		u32 first = offset / UNIT % UNITS;
		u32 here = MIN(units, UNITS - first);
		u32 mask = ((1u << here) - 1) << first;

		ASSERT_ENGINE((p->line[offset / LINE].map & mask) == mask);
		p->line[offset / LINE].fresh &= (u16)~mask;
		units_give(p, offset / LINE, mask);
		offset += here * UNIT;
		units -= here;
	}
}

/* --- the end of a batch ---------------------------------------------------------------------- */

/* Take the next line off the list of those with fresh units; FIB_POOL_NONE: no more. */
static u32 fresh_pop(struct fib_pool *p)
{
	u32 i = p->fresh_list;

	if (i != FIB_POOL_NONE) {
		p->fresh_list = p->line[i].fresh_next;
		p->line[i].fresh_next = OFF_LIST;
	}
	return i;
}

void fib_pool_keep(struct fib_pool *p)
{
	u32 i;

	while ((i = fresh_pop(p)) != FIB_POOL_NONE)
		p->line[i].fresh = 0;
}

void fib_pool_forget(struct fib_pool *p)
{
	u32 i;

	while ((i = fresh_pop(p)) != FIB_POOL_NONE) {
		u32 mask = p->line[i].fresh;

		p->used -= fib_popcount(mask);
		p->line[i].fresh = 0;
		units_give(p, i, mask);
	}
}

bool fib_pool_check(const struct fib_pool *p)
{
	u32 used = 0, listed = 0, partly = 0;

	for (u32 i = 0; i < p->lines; i++) {
		u32 map = p->line[i].map;

		used += fib_popcount(map);
		partly += map && map != FULL;
		if ((p->free_map[i / 64] >> (i & 63) & 1) != !map || (!map && i < p->low) ||
		    (p->line[i].fresh & ~map))
			return false;
	}
	for (u32 gap = 1; gap < UNITS; gap++) {
		if (!(p->gaps >> gap & 1))
			continue;
		for (u32 i = p->head[gap]; i != FIB_POOL_NONE; i = p->line[i].next, listed++)
			if (largest_gap(p->line[i].map) != gap || listed > p->lines)
				return false;
	}
	return used == p->used && listed == partly;
}
