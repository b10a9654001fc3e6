// SPDX-License-Identifier: MIT
/*
 * fib6_build: from prefixes to lines (fib6_line.h has the layout).
 *
 * The values that are to be made wait in a list: each names a place (the root, an entry of a
 * directory, a run of a line), the prefixes below it, and what was there before. Making one looks
 * at the dirty parts only: a directory or a node of the published table is copied, then the entries
 * and lines over dirty prefixes are made anew, and their children join the list. A change of a
 * prefix that covers others forces all below it. So the time of a batch goes with the paths of what
 * it changed, and the stack is small however deep the prefixes lie.
 */
#include "qgm/re/fib6_build.h"

#include "qgm/env.h"
#include "qgm/re/errno.h"
#include "qgm/re/fib6_line.h"

enum {
	DIR_ON = 48,      /* prefixes that make a directory worth its kilobyte */
	DIR_OFF = 24,     /* and those that keep it */
	COUNT_MAX = 2048, /* runs of a node that are counted to choose its split */
	LINE_WEIGHT =
		5, /* a run in a bucket that overflows costs as 1/2 line: see split_choose() */
	RUN_WEIGHT = 2,
};

enum { AT_DIR = 1, FORCE = 2 };

/* A value to be made. */
struct job {
	const struct f6_prefix *top; /* prefixes at and below the place; count > 0 */
	u32 at;                      /* byte of the pool, AT_ROOT */
	u32 old;                     /* the value there before */
	u16 inherit;                 /* next hop that covers the place */
	u8 depth;
	u8 flags;
};
#define AT_ROOT (~0u)

struct build {
	struct fib6_writer *w;
	struct job *job;
	u32 jobs, cap;
	u32 root;
	bool failed;
	u16 *border; /* scratch of split_choose() */
};

/* A directory or node under work. */
struct work {
	struct build *b;
	u32 line; /* first */
	u32 depth;
	u32 bits; /* that choose the entry or line */
	bool dir;
	bool fresh; /* nothing before */
};

static bool plant_cover __generic;

void f6_build_plant(bool on)
{
	plant_cover = on;
}

static u8 *mem(const struct build *b, u32 line)
{
	return b->w->pool.now.mem + (u64)line * F6_LINE;
}

static void job_add(struct build *b, const struct job *j)
{
	if (b->jobs == b->cap) {
		u32 cap = b->cap ? b->cap * 2 : 64;
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

/* --- what goes -------------------------------------------------------------------------------- */

static void tree_drop(struct build *b, u32 v);

static void line_drop(struct build *b, const struct f6_line *l)
{
	for (u32 i = 0; i < F6_RUNS; i++)
		tree_drop(b, f6_value(l, i));
}

static void tree_drop(struct build *b, u32 v)
{
	u32 line = v & F6_DIR ? f6_dir_line(v) : f6_node_line(v);

	if (v & F6_DIR) {
		for (u32 i = 0; i < 1u << F6_DIR_BITS; i++)
			tree_drop(b, ((u32 *)mem(b, line))[i]);
	} else if (v & F6_NODE) {
		for (u32 i = 0; i < 1u << f6_node_split(v); i++)
			line_drop(b, (struct f6_line *)mem(b, line + i));
	} else {
		return;
	}
	f6_pool_drop(&b->w->pool, line);
}

/* --- runs ------------------------------------------------------------------------------------- */

/* The runs of positions of w bits after `depth`, in order; stops when there are more than `max`. */
struct runs {
	const struct build *b;
	u32 depth, width;
	u32 n, max;
	u32 last;    /* value of the run before, F6_NODE for a child */
	u16 *border; /* last key of each run; or: */
	struct run *run;
};

struct run {
	const struct f6_prefix *child; /* or NULL: a next hop */
	u16 end;                       /* last position */
	u16 nh;                        /* of the run, or inherited by the child */
	bool force;
};

static bool run_add(struct runs *r, u32 end, const struct f6_prefix *child, u32 nh, bool force)
{
	if (!child && r->n && r->last == nh) {
		r->n--; /* the same: the run before ends here */
	} else if (r->n == r->max) {
		r->n++;
		return false;
	}
	if (r->border)
		r->border[r->n++] = (u16)end;
	else
		r->run[r->n++] = (struct run){ child, (u16)end, (u16)nh, force };
	r->last = child ? (u32)F6_NODE : nh;
	return true;
}

/* Only this prefix, nothing longer? */
static bool is_lone(const struct f6_prefix *n)
{
	return n->count == (n->nh != 0);
}

/* Does the next hop of this prefix change for what lies below? */
static bool pushes(const struct f6_prefix *n)
{
	return n->len && n->flags & F6T_CHANGED && likely(!plant_cover);
}

static u32 inherits(const struct f6_prefix *n, u32 nh)
{
	/* The default route is not pushed down: 0 stands for it. */
	return n->len && n->nh ? n->nh : nh;
}

static bool runs_of(struct runs *r, const struct f6_prefix *n, u32 lo, u32 hi, u32 nh, bool force)
{
	u32 bottom = r->depth + r->width, first, span, mid;

	if (!n || !n->count)
		return run_add(r, hi, NULL, nh, false);
	first = (u32)(f6_bits(n->key, r->depth) >> (64 - r->width));
	if (first > lo && !run_add(r, first - 1, NULL, nh, false))
		return false;
	if (n->len >= bottom) {
		span = 1;
		if (n->len == bottom && is_lone(n)) {
			if (!run_add(r, first, NULL, n->nh, false))
				return false;
		} else if (!run_add(r, first, n, nh, force)) {
			return false;
		}
	} else {
		u32 inner = inherits(n, nh);
		bool push = force || pushes(n);

		span = 1u << (bottom - n->len);
		mid = first + span / 2;
		if (!runs_of(r, n->child[0], first, mid - 1, inner, push) ||
		    !runs_of(r, n->child[1], mid, first + span - 1, inner, push))
			return false;
	}
	return first + span > hi || run_add(r, hi, NULL, nh, false);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void value_put(u8 *place, u32 v)
{
	place[0] = (u8)v;
	place[1] = (u8)(v >> 8);
	place[2] = (u8)(v >> 16);
}

/* How many bits of position the line tells apart: the most for which its runs fit. */
static u32 width_choose(struct runs *r, const struct work *k, u32 index, const struct f6_prefix *n,
			u32 nh, bool force)
{
	for (u32 w = 16; w >= k->bits; w -= w > 8 ? 2 : 1) {
		u32 shift = w - k->bits;

		r->width = w;
		r->n = 0;
		r->max = F6_RUNS;
		if (runs_of(r, n, index << shift, ((index + 1) << shift) - 1, nh, force))
			return w;
	}
	__builtin_unreachable();
}

/* Line `index` of a node. */
static void line_make(const struct work *k, u32 index, const struct f6_prefix *n, u32 nh,
		      bool force)
{
	struct build *b = k->b;
	struct run run[F6_RUNS + 1];
	struct runs r = { .b = b, .depth = k->depth, .run = run };
	struct f6_line *l = (struct f6_line *)mem(b, k->line + index), old = { 0 };
	u32 w = width_choose(&r, k, index, n, nh, force), kept = 0;
	bool same;

	if (!k->fresh)
		old = *l;
	same = old.shift == w;
	*l = (struct f6_line){ .shift = (u8)w };
	for (u32 i = 0; i < F6_ENDS; i++) {
		u32 end = i + 1 < r.n ? ((run[i].end + 1u) << (16 - w)) - 1 : 0xffff;

		l->end[i] = (s16)(end ^ 0x8000);
	}
	for (u32 i = 0; i < r.n; i++) {
		u32 v = 0, at = 0;

		if (!run[i].child) {
			value_put(&l->value[3 * i], run[i].nh);
			continue;
		}
		if (same) {
			at = f6_search(&old, (u64)run[i].end << (64 - w));
			v = f6_value(&old, at);
		}
		if (!(v & F6_NODE))
			v = 0;
		else
			kept |= 1u << at;
		value_put(&l->value[3 * i], v);
		if (!v || run[i].force || run[i].child->flags & F6T_DIRTY)
			job_add(b, &(struct job){
					   .top = run[i].child,
					   .at = (u32)((u8 *)&l->value[3 * i] - b->w->pool.now.mem),
					   .old = v,
					   .inherit = run[i].nh,
					   .depth = (u8)(k->depth + w),
					   .flags = run[i].force || !v ? FORCE : 0,
				   });
	}
	for (u32 i = 0; i < F6_RUNS; i++)
		if (!(kept >> i & 1))
			tree_drop(b, f6_value(&old, i));
}

/* Entry `index` of a directory. */
static void entry_make(const struct work *k, u32 index, const struct f6_prefix *n, u32 nh,
		       bool force)
{
	struct build *b = k->b;
	u32 *entry = (u32 *)mem(b, k->line) + index;
	u32 old = k->fresh ? 0 : *entry;
	u32 depth = k->depth + k->bits;

	if (n && n->count && !(n->len == depth && is_lone(n))) {
		*entry = old & (F6_DIR | F6_NODE) ? old : 0;
		job_add(b, &(struct job){
				   .top = n,
				   .at = (u32)((u8 *)entry - b->w->pool.now.mem),
				   .old = *entry,
				   .inherit = (u16)nh,
				   .depth = (u8)depth,
				   .flags = AT_DIR | (force || !*entry ? FORCE : 0),
			   });
		return;
	}
	*entry = n && n->count ? n->nh : nh;
	tree_drop(b, old);
}

/*
 * The entries or lines below the first `done` bits, which are `index`; n: what lies at or below
 * there. Only what is dirty or forced.
 */
static void split(const struct work *k, u32 index, u32 done, const struct f6_prefix *n, u32 nh,
		  bool force)
{
	const struct f6_prefix *half[2] = { NULL, NULL };

	if (!force && !(n && n->flags & F6T_DIRTY))
		return;
	if (done == k->bits) {
		if (k->dir)
			entry_make(k, index, n, nh, force);
		else
			line_make(k, index, n, nh, force);
		return;
	}
	if (n && n->len == k->depth + done) {
		nh = inherits(n, nh);
		force |= pushes(n);
		half[0] = n->child[0];
		half[1] = n->child[1];
	} else if (n) {
		half[f6_bit(n->key, k->depth + done)] = n;
	}
	split(k, 2 * index, done + 1, half[0], nh, force);
	split(k, 2 * index + 1, done + 1, half[1], nh, force);
}

/* --- nodes ------------------------------------------------------------------------------------ */

/* Cost of 2^s lines: the lines, and the runs of those buckets that hold too many. */
static u32 split_cost(const u16 *border, u32 n, u32 s)
{
	u32 cost = LINE_WEIGHT << s, in = 0, bucket = 0;

	for (u32 i = 0; i < n; i++) {
		u32 at = (u32)border[i] >> (16 - s);

		if (at != bucket) {
			cost += in + 1 > F6_RUNS ? (in + 1) * RUN_WEIGHT : 0;
			bucket = at;
			in = 0;
		}
		in++;
	}
	return cost + (in > F6_RUNS ? in * RUN_WEIGHT : 0);
}

static u32 split_choose(struct build *b, const struct f6_prefix *top, u32 depth, u32 nh)
{
	struct runs r = {
		.b = b, .depth = depth, .width = 16, .max = COUNT_MAX, .border = b->border
	};
	u32 best = 0, cost;

	if (!runs_of(&r, top, 0, 0xffff, nh, false))
		return F6_SPLIT_MAX;
	cost = split_cost(b->border, r.n, 0);
	for (u32 s = 1; s <= F6_SPLIT_MAX && (u32)LINE_WEIGHT << s < cost; s++) {
		u32 c = split_cost(b->border, r.n, s);

		if (c < cost) {
			cost = c;
			best = s;
		}
	}
	return best;
}

/* A piece of the batch that holds what the piece at `line` does. F6_NONE: no memory. */
static u32 piece_own(struct build *b, u32 line, u32 order)
{
	u32 copy;

	if (f6_pool_mine(&b->w->pool, line))
		return line;
	copy = f6_pool_take(&b->w->pool, order);
	if (copy == F6_NONE)
		return F6_NONE;
	__builtin_memcpy(mem(b, copy), mem(b, line), (size_t)F6_LINE << order);
	f6_pool_set_mark(&b->w->pool, copy, f6_pool_mark(&b->w->pool, line));
	f6_pool_drop(&b->w->pool, line);
	return copy;
}

static u32 dir_make(struct build *b, const struct job *j)
{
	struct work k = { .b = b, .depth = j->depth, .bits = F6_DIR_BITS, .dir = true };
	bool force = j->flags & FORCE;

	if (j->old & F6_DIR) {
		k.line = piece_own(b, f6_dir_line(j->old), F6_DIR_ORDER);
	} else {
		tree_drop(b, j->old);
		k.fresh = force = true;
		k.line = f6_pool_take(&b->w->pool, F6_DIR_ORDER);
	}
	if (k.line == F6_NONE) {
		b->failed = true;
		return 0;
	}
	split(&k, 0, 0, j->top, j->inherit, force);
	return F6_DIR | k.line;
}

static u32 node_make(struct build *b, const struct job *j)
{
	struct work k = { .b = b, .depth = j->depth, .fresh = true };
	bool force = j->flags & FORCE, is_node = j->old & F6_NODE && !(j->old & F6_DIR);
	struct f6_pool *pool = &b->w->pool;
	u32 mark = is_node ? f6_pool_mark(pool, f6_node_line(j->old)) : 0, count = j->top->count;

	if (is_node && mark && count * 2 <= mark * 3 && count * 2 >= mark) {
		k.bits = f6_node_split(j->old);
		k.fresh = false;
	} else {
		mark = count;
		k.bits = split_choose(b, j->top, j->depth, j->inherit);
		k.fresh = !is_node || k.bits != f6_node_split(j->old);
	}
	if (k.fresh) {
		tree_drop(b, j->old);
		force = true;
		k.line = f6_pool_take(pool, k.bits);
	} else {
		k.line = piece_own(b, f6_node_line(j->old), k.bits);
	}
	if (k.line == F6_NONE) {
		b->failed = true;
		return 0;
	}
	f6_pool_set_mark(pool, k.line, mark);
	split(&k, 0, 0, j->top, j->inherit, force);
	return f6_node(k.line, k.bits);
}

static void job_do(struct build *b, const struct job *j)
{
	u32 count = j->top->count, v;

	if (j->flags & AT_DIR && j->depth < F6_DIR_BITS * F6_DIR_LEVELS &&
	    count >= (j->old & F6_DIR ? DIR_OFF : DIR_ON))
		v = dir_make(b, j);
	else
		v = node_make(b, j);
	if (b->failed)
		return;
	if (j->at == AT_ROOT)
		b->root = v;
	else if (j->flags & AT_DIR)
		*(u32 *)(b->w->pool.now.mem + j->at) = v;
	else
		value_put(b->w->pool.now.mem + j->at, v);
}

/* Make the root's value, `old` before, and all that waits for it. */
static bool run(struct build *b, u32 old)
{
	const struct f6_prefix *top = b->w->trie.root;

	b->root = old;
	b->jobs = 0;
	b->failed = false;
	if (!old || top->flags & F6T_DIRTY)
		job_add(b, &(struct job){ .top = top,
					  .at = AT_ROOT,
					  .old = old,
					  .flags = AT_DIR | (old ? 0 : FORCE) });
	while (b->jobs && !b->failed) {
		struct job j = b->job[--b->jobs];

		job_do(b, &j);
	}
	return !b->failed;
}

/* Most of the block is free: all again in a smaller one. Without memory it stays as it is. */
static void shrink(struct build *b, u32 *root)
{
	struct f6_books *books = &b->w->pool.now;

	if (books->lines <= 64 || (books->used - books->retired) * 4 >= books->lines ||
	    books->mem != b->w->pool.published)
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

	if (!w->trie.root || is_lone(w->trie.root)) { /* nothing, or only the default route */
		f6_pool_renew(&w->pool);
		*root = 0;
		return 0;
	}
	b.border = env_heap_alloc(COUNT_MAX * sizeof(*b.border));
	if (b.border && run(&b, *root)) {
		*root = b.root;
		shrink(&b, root);
		err = 0;
	}
	env_heap_free(b.border, COUNT_MAX * sizeof(*b.border));
	env_heap_free(b.job, b.cap * sizeof(*b.job));
	return err;
}
