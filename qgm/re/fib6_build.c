// SPDX-License-Identifier: MIT
/*
 * fib6_build: from prefixes to directories and lines (fib6_line.h has the layout).
 *
 * The values that are to be made wait in a list: each names a place (the root, an entry of a
 * directory, a run of a wide line), what was there before, and where the value goes. Making one
 * looks at the dirty parts only: the blocks of a directory's entries over dirty prefixes are made
 * anew, and their children join the list. A change of a prefix
 * that covers others forces all below it. So the time of a batch goes with the paths of what it
 * changed, and the stack is small however deep the prefixes lie.
 */
#include "qgm/re/fib6_build.h"

#include "qgm/env.h"
#include "qgm/re/errno.h"
#include "qgm/re/fib6_line.h"
#include "qgm/re/fib6_plan.h"

enum {
	GAP = 12,            /* bits that all keys of a place have in common: more is a wide line */
	GAP_SMALL = 8,       /* the same in a small table */
	LARGE_TABLE = 16384, /* prefixes from which speed counts more than memory */
	MERGE = 10,          /* runs of a block that is made one line again */
	ENTRIES_MAX = 1 << F6_DIR_MAX,
};

/* A value to be made. */
struct job {
	struct f6_place p;
	u32 at;  /* byte of the pool, AT_ROOT */
	u32 old; /* the value there before */
	u8 used; /* on the way from the node above */
};
#define AT_ROOT (~0u)

struct build {
	struct fib6_writer *w;
	struct job *job;
	u32 jobs, cap;
	u32 root;
	bool failed;
	struct f6_plan *plan; /* scratch, or NULL */
};

/* A directory under work. */
struct dir {
	struct build *b;
	const struct f6_place *p;
	u32 line; /* first */
	u32 bits;
	u64 dirty[ENTRIES_MAX / 64];
};

static u8 *mem(const struct build *b, u32 line)
{
	return b->w->pool.now.mem + (u64)line * F6_LINE;
}

/* So many bytes of the pool were or will be written. */
static void wrote(const struct build *b, const void *at, u32 bytes)
{
	u32 offset = (u32)((const u8 *)at - b->w->pool.now.mem);
	u32 line = offset / F6_LINE;

	f6_pool_wrote(&b->w->pool, line, (offset + bytes - 1) / F6_LINE - line + 1);
}

static void job_add(struct build *b, const struct job *j)
{
	if (b->jobs == b->cap) {
		u32 cap = b->cap ? b->cap * 2 : 16;
		struct job *more = env_heap_alloc(cap * sizeof(*more));

		if (!more) {
			b->failed = true;
			return;
		}
		if (b->jobs)
			__builtin_memcpy(more, b->job, b->jobs * sizeof(*more));
		env_heap_free(b->job, b->cap * sizeof(*more));
		b->job = more;
		b->cap = cap;
	}
	b->job[b->jobs++] = *j;
}

/* A piece for a node. F6_NONE: no memory. */
static u32 piece(struct build *b, u32 order)
{
	u32 line = f6_pool_take(&b->w->pool, order);

	b->failed |= line == F6_NONE;
	return line;
}

/* --- what goes -------------------------------------------------------------------------------- */

static void tree_drop(struct build *b, u32 v)
{
	u32 line = f6_node_line(v), n = F6_WIDE_RUNS, last = 0;
	const u32 *value;

	if (!(v & F6_NODE))
		return;
	if (v & (F6_DIR | F6_WIDE)) {
		value = ((const struct f6_line *)mem(b, line))->value;
		if (v & F6_DIR) {
			value = (const u32 *)mem(b, line);
			n = 1u << f6_dir_bits(v);
		}
		for (u32 i = 0; i < n; i++) {
			if (!(value[i] & F6_NODE) || value[i] == last)
				continue; /* entries share lines */
			last = value[i];
			tree_drop(b, last);
		}
	}
	f6_pool_drop(&b->w->pool, line);
}

/* --- lines ------------------------------------------------------------------------------------ */

/* Line `index` of 2^split. `r` are the runs behind its first `split` bits. False: they do not fit.
 */
static bool line_fill(struct f6_line *l, const struct runs *r, u32 index, u32 split)
{
	u32 low = (1u << split) - 1, from = (u32)((u64)index << (F6_BITS - split));

	if (r->over || r->deep || r->nh_high > F6_NARROW_NH)
		return false;
	*l = (struct f6_line){ 0 };
	for (u32 i = 0; i < F6_ENDS; i++)
		l->end[i] = (s32)(~0u ^ 1u << 31);
	for (u32 i = 0; i < r->n; i++) {
		u32 first = r->run[i].first;

		if (first & low)
			return false; /* deeper than this node's lines look */
		if (i)
			l->end[i - 1] = (s32)((from + (first >> split) - 1) ^ 1u << 31);
		l->nh[i] = (u8)r->run[i].nh;
	}
	return true;
}

static u32 narrow_make(struct build *b, const struct runs *r, u32 used)
{
	u32 line = piece(b, 0);

	if (line == F6_NONE)
		return 0;
	(void)line_fill((struct f6_line *)mem(b, line), r, 0, 0);
	return f6_value_lines(line, 0, used);
}

static bool is_wide(u32 v)
{
	return (v & (F6_NODE | F6_DIR | F6_WIDE)) == (F6_NODE | F6_WIDE);
}

/* `old` is the wide line that was there before, or something else, which goes: children at the same
 * place stay. */
static u32 wide_make(struct build *b, const struct runs *r, const struct f6_place *p, u32 used,
		     u32 old)
{
	struct f6_line was = { 0 }, *l;
	u32 line, kept = 0;

	if (is_wide(old)) {
		was = *(struct f6_line *)mem(b, f6_node_line(old));
		f6_pool_drop(&b->w->pool, f6_node_line(old));
	} else {
		tree_drop(b, old);
	}
	line = piece(b, 0);
	if (line == F6_NONE)
		return 0;
	l = (struct f6_line *)mem(b, line);
	*l = (struct f6_line){ 0 };
	for (u32 i = 0; i < F6_WIDE_RUNS; i++)
		l->wide_end[i] = (s32)((i + 1 < r->n ? r->run[i + 1].first - 1 : ~0u) ^ 1u << 31);
	for (u32 i = 0; i < r->n; i++) {
		const struct run *run = &r->run[i];
		const struct f6_prefix *n = run->child;
		u32 bits, at, v;

		l->value[i] = run->nh;
		if (!n)
			continue;
		bits = MIN(n->len - p->depth, (u32)F6_BITS);
		at = is_wide(old) ? f6_search(&was, (u64)run->first << 32, true) : 0;
		v = was.value[at];
		if (v & F6_NODE && f6_used(v) == bits && !(kept >> at & 1))
			kept |= 1u << at;
		else
			v = 0;
		l->value[i] = v;
		if (v && !run->force && !(n->flags & F6T_ANY))
			continue;
		job_add(b, &(struct job){
				   .p = { f6_key(n->key, p->depth + bits), p->depth + bits, n,
					  run->nh, run->force },
				   .at = (u32)((u8 *)&l->value[i] - b->w->pool.now.mem),
				   .old = v,
				   .used = (u8)bits,
			   });
	}
	for (u32 i = 0; i < F6_WIDE_RUNS; i++)
		if (!(kept >> i & 1))
			tree_drop(b, was.value[i]);
	return f6_value_wide(line, used);
}

/* A line of these runs, if they fit one; what was there before goes. */
static bool line_make(struct build *b, const struct runs *r, const struct f6_place *p, u32 used,
		      u32 old, u32 *v)
{
	if (r->over)
		return false;
	if (!r->deep && r->nh_high <= F6_NARROW_NH) {
		tree_drop(b, old);
		*v = r->n == 1 ? r->run[0].nh : narrow_make(b, r, used);
		return true;
	}
	if (r->n > F6_WIDE_RUNS)
		return false;
	if (r->n == 1 && !r->deep) {
		tree_drop(b, old);
		*v = r->run[0].nh;
	} else {
		*v = wide_make(b, r, p, used, old);
	}
	return true;
}

/* --- directories ------------------------------------------------------------------------------ */

static u32 *entries(const struct dir *d)
{
	return (u32 *)mem(d->b, d->line);
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

	wrote(d->b, &e[0], (u32)sizeof(*e) << k);
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
	if (!(k && r.deep) && line_make(d->b, &r, &p, d->bits - k, 0, &v)) {
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
	wrote(d->b, &entries(d)[first], sizeof(u32));
	job_add(d->b,
		&(struct job){ .p = p,
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
			tree_drop(d->b, last);
		}
}

/* Entry `index` alone has something larger than a line, of which parts may stay. */
static void single_edit(const struct dir *d, u32 index, u32 old)
{
	struct f6_place p = block_place(d, index, 0);

	job_add(d->b,
		&(struct job){ .p = p,
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

static void dirty_find(struct dir *d, const struct job *j)
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

static u32 dir_edit(struct build *b, const struct job *j)
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
	struct f6_line *l = (struct f6_line *)mem(d->b, d->line + index);

	f6_pool_wrote(&d->b->w->pool, d->line + index, 1);
	return f6_runs_of(&r, &p) && line_fill(l, &r, index, d->bits);
}

/* The dirty lines anew. False: it takes another shape. */
static bool split_edit(struct build *b, const struct job *j, u32 *v)
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

static bool split_make(struct build *b, const struct job *j, u32 split, u32 *v)
{
	struct dir d = { .b = b, .p = &j->p, .bits = split };

	d.line = piece(b, split);
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

/* --- places ----------------------------------------------------------------------------------- */

static u32 dir_make(struct build *b, const struct job *j, u32 bits)
{
	struct dir d = { .b = b, .p = &j->p, .bits = bits };

	d.line = piece(b, bits - F6_DIR_MIN);
	if (d.line == F6_NONE)
		return 0;
	f6_pool_set_mark(&b->w->pool, d.line, j->p.top->count);
	for (u32 i = 0; i < 1u << bits && !b->failed; i += 1u << F6_SHARE)
		block_make(&d, i, F6_SHARE);
	return f6_value_dir(d.line, bits, j->used);
}

static bool is_large_table(const struct build *b)
{
	return b->w->trie.root->count >= LARGE_TABLE;
}

static u32 large_make(struct build *b, const struct job *j)
{
	struct f6_shape shape;
	u32 v;

	b->plan = b->plan ? b->plan : f6_plan_new();
	if (!b->plan) {
		b->failed = true;
		return 0;
	}
	shape = f6_plan_shape(b->plan, &j->p, is_large_table(b));
	if (shape.split && split_make(b, j, shape.split, &v))
		return v;
	return dir_make(b, j, shape.bits ? shape.bits : F6_DIR_MIN);
}

/* Does the shape still suit the prefixes? */
static bool shape_suits(const struct build *b, const struct job *j)
{
	u32 count = j->p.top ? j->p.top->count : 0;
	u32 mark = f6_pool_mark(&b->w->pool, f6_node_line(j->old));

	return mark && count <= 3 * mark + 16 && 3 * count + 8 >= mark && count > F6_RUNS / 2;
}

static u32 job_do(struct build *b, const struct job *j)
{
	struct job now = *j;
	struct run run[F6_RUNS];
	struct runs r = { .run = run, .max = F6_RUNS };
	u32 v;

	if (j->old & F6_NODE && !is_wide(j->old) && shape_suits(b, j)) {
		if (j->old & F6_DIR)
			return dir_edit(b, j);
		if (f6_split(j->old)) {
			if (split_edit(b, j, &v))
				return v;
			now.old = v;
		}
	}
	(void)f6_runs_of(&r, &j->p);
	if (line_make(b, &r, &j->p, j->used, now.old, &v))
		return v;
	if (j->p.top->len > j->p.depth + (is_large_table(b) ? GAP : GAP_SMALL)) {
		f6_runs_gap(&r, &j->p);
		return wide_make(b, &r, &j->p, j->used, now.old);
	}
	tree_drop(b, now.old);
	return large_make(b, &now);
}

static void put_value(const struct build *b, u32 at, u32 v)
{
	u32 *to = (u32 *)(b->w->pool.now.mem + at);

	if (*to == v)
		return;
	*to = v;
	wrote(b, to, sizeof(*to));
}

/* Make the root's value, `old` before, and all that waits for it. */
static bool run(struct build *b, u32 old)
{
	const struct f6_prefix *top = b->w->trie.root;

	b->root = old;
	b->jobs = 0;
	b->failed = false;
	if (!old || top->flags & F6T_ANY)
		job_add(b, &(struct job){ .p = { .top = top }, .at = AT_ROOT, .old = old });
	while (b->jobs && !b->failed) {
		struct job j = b->job[--b->jobs];
		u32 v = job_do(b, &j);

		if (b->failed)
			break;
		if (j.at == AT_ROOT)
			b->root = v;
		else
			put_value(b, j.at, v);
	}
	return !b->failed;
}

/* Most of the block is free: all again in a smaller one. Without memory it stays as it is. */
static void shrink(struct build *b, u32 *root)
{
	struct f6_books *books = &b->w->pool.now;

	if (books->lines <= 64 || (books->used - books->retired) * 4 >= books->lines ||
	    f6_pool_moved(&b->w->pool))
		return;
	f6_pool_renew(&b->w->pool);
	if (run(b, 0))
		*root = b->root;
	else
		f6_pool_return(&b->w->pool);
}

int f6_build(struct fib6_writer *w, u32 *root)
{
	struct build b = { .w = w };
	int err = -ENOMEM;

	if (!w->trie.root || f6_is_lone(w->trie.root)) { /* nothing, or only the default route */
		f6_pool_renew(&w->pool);
		*root = 0;
		return 0;
	}
	if ((!*root || w->trie.root->flags & F6T_ANY) && !f6_pool_own(&w->pool))
		return -ENOMEM;
	if (run(&b, *root)) {
		*root = b.root;
		shrink(&b, root);
		err = 0;
	}
	f6_plan_free(b.plan);
	env_heap_free(b.job, b.cap * sizeof(*b.job));
	return err;
}
