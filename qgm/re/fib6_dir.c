// SPDX-License-Identifier: MIT
/*
 * fib6_dir: directories, whose entries share lines by blocks, and nodes of several lines
 * (fib6_job.h; fib6_line.h has the layout). Of one that is there, only what lies over dirty
 * prefixes is made anew. Generic side, control lock held.
 */
#include "qgm/re/fib6_job.h"

enum {
	MERGE = 10, /* runs of a block that is made one line again */
	ENTRIES_MAX = 1 << F6_DIR_MAX
};

/* A directory under work. */
struct dir {
	struct f6_build *b;
	const struct f6_place *p;
	u32 line; /* first */
	u32 bits;
	u64 dirty[ENTRIES_MAX / 64];
};

static u32 *entries(const struct dir *d)
{
	return (u32 *)f6_mem(d->b, d->line);
}

/* The place of a block of 2^k entries, or of a line. */
static struct f6_place block_place(const struct dir *d, u32 first, u32 k)
{
	u32 depth = d->p->depth + d->bits;
	unsigned __int128 at = (unsigned __int128)first << (128 - depth);
	struct pix_ip key = { d->p->key.hi | (u64)(at >> 64), d->p->key.lo | (u64)at };

	return f6_place_in(d->p, key, depth - k);
}

/* The entries of a block whose line is v: those without a border need none. */
static void block_set(const struct dir *d, u32 first, u32 k, const struct runs *r, u32 v)
{
	u32 *e = entries(d) + first, run = 0;
	u64 size = 1ull << (F6_BITS - k);

	f6_wrote(d->b, &e[0], (u32)sizeof(*e) << k);
	for (u32 i = 0; i < 1u << k; i++) {
		u64 at = i * size;

		while (run + 1 < r->n && r->run[run + 1].first <= at)
			run++;
		if (r->run[run].child || (run + 1 < r->n && r->run[run + 1].first < at + size))
			e[i] = v;
		else
			e[i] = r->run[run].nh;
	}
}

/* Does each run begin with an entry of 2^k? Then no entry needs a line. */
static bool runs_are_entries(const struct runs *r, u32 k)
{
	u32 inside = (u32)((1ull << (F6_BITS - k)) - 1);

	for (u32 i = 0; i < r->n; i++)
		if (r->run[i].first & inside)
			return false;
	return !r->over && !r->deep;
}

/* Make 2^k entries, of which one is made if they need no more than one line. Nothing is there. */
static void block_make(const struct dir *d, u32 first, u32 k)
{
	struct run run[F6_RUNS];
	struct runs r = { .run = run, .max = F6_RUNS };
	struct f6_place p = block_place(d, first, k);
	u32 v;

	(void)f6_runs_of(&r, &p);
	if (k && runs_are_entries(&r, k)) {
		block_set(d, first, k, &r, 0);
		return;
	}
	/* Children stay when their line is made anew: it is that of one entry. */
	if (!(k && r.deep) && f6_line_make(d->b, &r, &p, d->bits - k, 0, &v)) {
		if (!d->b->failed)
			block_set(d, first, k, &r, v);
		return;
	}
	if (k) {
		block_make(d, first, k - 1);
		if (!d->b->failed)
			block_make(d, first + (1u << (k - 1)), k - 1);
		return;
	}
	entries(d)[first] = 0;
	f6_wrote(d->b, &entries(d)[first], sizeof(u32));
	f6_job_add(d->b, &(struct f6_job){
				 .p = p,
				 .at = (u32)((u8 *)(entries(d) + first) - d->b->w->pool.now.mem),
				 .used = (u8)d->bits });
}

static bool is_line(u32 v)
{
	return (v & (F6_NODE | F6_DIR)) == F6_NODE;
}

/* Log of the size of the block that `index` is in. */
static u32 block_of(const struct dir *d, u32 index)
{
	const u32 *e = entries(d);
	u32 from = index & ~((1u << F6_SHARE) - 1);

	if (e[index] & F6_NODE)
		return d->bits - f6_used(e[index]);
	for (u32 i = from; i < from + (1u << F6_SHARE); i++) {
		u32 k = d->bits - f6_used(e[i]);

		if (is_line(e[i]) && i >> k == index >> k)
			return k;
	}
	return 0;
}

/* More than a line of next hops: made by a job of its own, which may be waiting. */
static bool is_large(u32 v)
{
	return v & F6_NODE && (v & (F6_DIR | F6_WIDE) || f6_split(v));
}

/* Has this block but lines and next hops that would do with one line? */
static bool can_merge(const struct dir *d, u32 first, u32 k)
{
	struct run run[MERGE];
	struct runs r = { .run = run, .max = MERGE };
	struct f6_place p = block_place(d, first, k);
	const u32 *e = entries(d);

	for (u32 i = first; i < first + (1u << k); i++)
		if (is_large(e[i]))
			return false;
	return f6_runs_of(&r, &p) && !r.deep && r.nh_high <= F6_NARROW_NH;
}

/* The lines of a block go. Returns a wide one if it is the only thing there. */
static void block_drop(const struct dir *d, u32 first, u32 k)
{
	const u32 *e = entries(d);
	u32 last = 0;

	for (u32 i = first; i < first + (1u << k); i++)
		if (e[i] & F6_NODE && e[i] != last) {
			last = e[i];
			f6_tree_drop(d->b, last);
		}
}

/* Entry `index` alone has something larger than a line, of which parts may stay. */
static void single_edit(const struct dir *d, u32 index, u32 old)
{
	struct f6_place p = block_place(d, index, 0);

	f6_job_add(d->b, &(struct f6_job){
				 .p = p,
				 .at = (u32)((u8 *)(entries(d) + index) - d->b->w->pool.now.mem),
				 .old = old,
				 .used = (u8)d->bits });
}

/* Entry `index` is dirty. Returns the first entry that was not made with it. */
static u32 entry_edit(const struct dir *d, u32 index)
{
	u32 v = entries(d)[index], k = block_of(d, index), first;

	if (!k && is_large(v)) {
		single_edit(d, index, v);
		return index + 1;
	}
	while (k < F6_SHARE && can_merge(d, index >> (k + 1) << (k + 1), k + 1))
		k++;
	first = index >> k << k;
	block_drop(d, first, k);
	block_make(d, first, k);
	return first + (1u << k);
}

static void dirty_range(struct dir *d, u32 first, u32 n)
{
	for (u32 i = first; i < first + n; i++)
		d->dirty[i / 64] |= 1ull << (i % 64);
}

/* Which entries changes at and below `n` reach. */
static void dirty_mark(struct dir *d, const struct f6_prefix *n)
{
	u32 below = n->len - d->p->depth, index;

	if (!(n->flags & F6T_ANY))
		return;
	index = (u32)(f6_bits(n->key, d->p->depth) >> (64 - d->bits));
	if (below >= d->bits) {
		dirty_range(d, index, 1);
	} else if (f6_pushes(n)) {
		dirty_range(d, index, 1u << (d->bits - below));
	} else {
		for (u32 i = 0; i < 2; i++)
			if (n->child[i] && n->flags & F6T_DIRTY << i)
				dirty_mark(d, n->child[i]);
	}
}

static void dirty_find(struct dir *d, const struct f6_job *j)
{
	if (j->p.force)
		dirty_range(d, 0, 1u << d->bits);
	else
		dirty_mark(d, j->p.top);
}

/* The first dirty entry from `i` on; 2^bits: none. */
static u32 dirty_next(const struct dir *d, u32 i)
{
	while (i < 1u << d->bits) {
		u64 left = d->dirty[i / 64] >> (i % 64);

		if (left)
			return i + (u32)__builtin_ctzll(left);
		i = (i | 63) + 1;
	}
	return 1u << d->bits;
}

u32 f6_dir_make(struct f6_build *b, const struct f6_job *j, u32 bits)
{
	struct dir d = { .b = b, .p = &j->p, .bits = bits };

	d.line = f6_piece(b, bits - F6_DIR_MIN);
	if (d.line == F6_NONE)
		return 0;
	f6_pool_set_mark(&b->w->pool, d.line, j->p.top->count);
	for (u32 i = 0; i < 1u << bits && !b->failed; i += 1u << F6_SHARE)
		block_make(&d, i, F6_SHARE);
	return f6_value_dir(d.line, bits, j->used);
}

u32 f6_dir_edit(struct f6_build *b, const struct f6_job *j)
{
	u32 bits = f6_dir_bits(j->old);
	struct dir d = { .b = b, .p = &j->p, .bits = bits };

	d.line = f6_node_line(j->old);
	dirty_find(&d, j);
	for (u32 i = dirty_next(&d, 0); i < 1u << bits && !b->failed; i = dirty_next(&d, i))
		i = entry_edit(&d, i);
	return f6_value_dir(d.line, bits, j->used);
}

/* --- nodes of several lines ------------------------------------------------------------------- */

/* False: the runs of a line are too many. */
static bool split_line(const struct dir *d, u32 index)
{
	struct run run[F6_RUNS];
	struct runs r = { .run = run, .max = F6_RUNS };
	struct f6_place p = block_place(d, index, 0);
	struct f6_line *l = (struct f6_line *)f6_mem(d->b, d->line + index);

	f6_pool_wrote(&d->b->w->pool, d->line + index, 1);
	return f6_runs_of(&r, &p) && f6_line_fill(l, &r, index, d->bits);
}

bool f6_split_edit(struct f6_build *b, const struct f6_job *j, u32 *v)
{
	u32 split = f6_split(j->old);
	struct dir d = { .b = b, .p = &j->p, .bits = split };

	d.line = f6_node_line(j->old);
	*v = f6_value_lines(d.line, split, j->used);
	dirty_find(&d, j);
	for (u32 i = dirty_next(&d, 0); i < 1u << split; i = dirty_next(&d, i + 1))
		if (!split_line(&d, i))
			return false;
	return true;
}

bool f6_split_make(struct f6_build *b, const struct f6_job *j, u32 split, u32 *v)
{
	struct dir d = { .b = b, .p = &j->p, .bits = split };

	d.line = f6_piece(b, split);
	*v = f6_value_lines(d.line, split, j->used);
	if (b->failed)
		return true;
	f6_pool_set_mark(&b->w->pool, d.line, j->p.top->count);
	for (u32 i = 0; i < 1u << split; i++)
		if (!split_line(&d, i)) {
			f6_pool_drop(&b->w->pool, d.line);
			return false;
		}
	return true;
}
