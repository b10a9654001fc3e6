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
#include "qgm/re/fib6_runs.h"

enum {
	DIR_ON = 48,      /* prefixes that make a directory worth its kilobyte */
	DIR_OFF = 24,     /* and those that keep it */
	COUNT_MAX = 4096, /* runs of a node that are counted to choose its split */
};

/* What choosing a split goes by (split_choose()). */
enum {
	GOOD_FILL = 3, /* runs in a line */
	LINE = 4,      /* cost of a line */
	OVER = 8,      /* of a run in a bucket that overflows */
	BELOW = 4,     /* factor for children of a node that is itself a child */
};

enum { AT_DIR = 1, FORCE = 2 };

/* A value to be made. */
struct job {
	const struct f6_prefix *top; /* prefixes at and below the place; count > 0 */
	u32 at;                      /* byte of the pool, AT_ROOT */
	u32 old;                     /* the value there before */
	u16 inherit;                 /* next hop that covers the place */
	u8 depth;
	u8 used; /* on the way from the node above */
	u8 flags;
};
#define AT_ROOT (~0u)

struct build {
	struct fib6_writer *w;
	struct job *job;
	u32 jobs, cap;
	u32 root;
	bool failed;
	u32 *border; /* scratch of split_choose() */
};

/* A directory or node under work. */
struct work {
	struct build *b;
	u32 line; /* first */
	u32 depth;
	u32 bits; /* that choose the entry or line */
	bool dir;
	bool top;    /* not a child of a node */
	bool fresh;  /* nothing before */
	bool replan; /* lines are made anew, even if they would do */
};

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
		tree_drop(b, l->value[i]);
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

/* --- lines ------------------------------------------------------------------------------------ */

/* A line to be made: its runs, and how they are found. */
struct plan {
	struct build *b;
	struct runs r;
	struct run run[F6_RUNS];
	const struct f6_prefix *top;
	u64 lo, hi;
	u16 nh;
	bool force;
	/* Costs that are known. */
	u32 nknown;
	struct {
		const struct f6_prefix *child;
		u32 cost;
	} known[24];
};

static bool plan_try(struct plan *p, bool whole)
{
	p->r.run = p->run;
	p->r.n = 0;
	p->r.max = F6_RUNS;
	return f6_runs_of(&p->r, p->top, p->lo, p->hi, p->nh, p->force, whole);
}

/* Smallest s for which a node of 2^s lines resolves all runs at once; 33: there is none. */
static u32 flat_split(const u32 *border, u32 n)
{
	u32 s = 0;

	for (u32 i = 0; i + F6_RUNS < n; i++) /* not 9 runs in one bucket */
		s = MAX(s, (u32)__builtin_clz(border[i] ^ (border[i + F6_RUNS - 1] + 1)) + 1);
	return s;
}

/* Cost of runs as a node of 2^s lines, with a guess of what the buckets that overflow need. */
static u32 guess_split(const u32 *border, u32 n, u32 s)
{
	u32 cost = LINE << s, in = 0;
	u64 bucket = 0;

	for (u32 i = 0; i < n; i++) {
		u64 at = (u64)border[i] >> (F6_BITS - s);

		if (at != bucket) {
			cost += in + 1 > F6_RUNS ? LINE + in * OVER : 0;
			bucket = at;
			in = 0;
		}
		in++;
	}
	return cost + (in > F6_RUNS ? LINE + in * OVER : 0);
}

/* The same for all below `top`, with the best split. */
static u32 guess(struct build *b, const struct f6_prefix *top, u32 depth)
{
	struct runs r = { .depth = depth, .max = COUNT_MAX, .border = b->border };
	u32 best;

	if (top->count < F6_RUNS / 2)
		return LINE; /* surely */
	if (!f6_runs_of(&r, top, 0, ~0u, 0, false, true))
		return top->count * OVER;
	best = guess_split(b->border, r.n, 0);
	for (u32 s = 1; s <= F6_SPLIT_MAX && (u32)LINE << s < best; s++)
		best = MIN(best, guess_split(b->border, r.n, s));
	return best;
}

static u32 child_cost(struct plan *p, const struct run *run)
{
	u32 cost;

	for (u32 i = 0; i < p->nknown; i++)
		if (p->known[i].child == run->child)
			return p->known[i].cost;
	cost = guess(p->b, run->child, p->r.depth + run->used);
	if (p->nknown < ARRAY_SIZE(p->known)) {
		p->known[p->nknown].child = run->child;
		p->known[p->nknown++].cost = cost;
	}
	return cost;
}

/* Cost of all children. */
static u32 plan_cost(struct plan *p)
{
	u32 cost = 0;

	for (u32 i = 0; i < p->r.n; i++)
		if (p->run[i].child)
			cost += child_cost(p, &p->run[i]);
	return cost;
}

/* One more block looked into, or taken in as a whole: the one that saves most lines for its runs.
 * False: none does. */
static bool plan_better(struct plan *p, u32 *cost)
{
	const struct f6_prefix *child[F6_RUNS], *best = NULL;
	u32 n = 0, runs = p->r.n, gain = 0, price = 1;
	bool whole = false;

	for (u32 i = 0; i < p->r.n; i++)
		if (p->run[i].child)
			child[n++] = p->run[i].child;
	for (u32 i = 0; i < 2 * n; i++) {
		bool w = i & 1;
		u32 *count = w ? &p->r.nwhole : &p->r.nopen;

		if (*count == F6_RUNS)
			continue;
		(w ? p->r.whole : p->r.open)[(*count)++] = child[i / 2];
		if (plan_try(p, false)) {
			u32 c = plan_cost(p), more = MAX(p->r.n, runs + 1) - runs;

			if (c < *cost && (*cost - c) * price > gain * more) {
				gain = *cost - c;
				price = more;
				best = child[i / 2];
				whole = w;
			}
		}
		--*count;
	}
	if (best && whole)
		p->r.whole[p->r.nwhole++] = best;
	else if (best)
		p->r.open[p->r.nopen++] = best;
	(void)plan_try(p, false);
	*cost -= gain;
	return best != NULL;
}

/* All runs, if they fit; else those that save most lines below. Returns the cost of children. */
static u32 plan_make(struct plan *p)
{
	u32 cost;

	if (plan_try(p, true))
		return plan_cost(p);
	p->r.open[p->r.nopen++] = p->top;
	(void)plan_try(p, false);
	cost = plan_cost(p);
	while (plan_better(p, &cost))
		;
	return cost;
}

static void plan_init(struct plan *p, const struct work *k, u32 index, const struct f6_prefix *n,
		      u32 nh, bool force)
{
	u32 width = F6_BITS - k->bits;

	*p = (struct plan){
		.b = k->b, .r.depth = k->depth, .top = n, .nh = (u16)nh, .force = force
	};
	p->lo = (u64)index << width;
	p->hi = p->lo + (1ull << width) - 1;
}

/*
 * Is all that changed below n in children of the published line? Then they are put on the list, and
 * the line stays as it is.
 */
static bool line_keep(const struct work *k, struct f6_line *l, const struct f6_prefix *n, u32 nh)
{
	u32 at, v;

	at = f6_search(l, f6_bits(n->key, k->depth));
	v = l->value[at];
	if (v & F6_NODE && n->len >= k->depth + f6_used(v)) {
		if (n->count < 2)
			return false;
		job_add(k->b, &(struct job){
				      .top = n,
				      .at = (u32)((u8 *)&l->value[at] - k->b->w->pool.now.mem),
				      .old = v,
				      .inherit = (u16)nh,
				      .depth = (u8)(k->depth + f6_used(v)),
				      .used = (u8)f6_used(v),
			      });
		return true;
	}
	nh = f6_inherits(n, nh);
	if (n->flags & F6T_CHANGED)
		return false;
	for (u32 i = 0; i < 2; i++)
		if (n->flags & F6T_DIRTY << i && !line_keep(k, l, n->child[i], nh))
			return false;
	return true;
}

/* Runs of keys and their values, as a line has them. */
struct strip {
	u32 n;
	u32 end[F6_RUNS + 3];
	u32 value[F6_RUNS + 3];
};

static void strip_add(struct strip *s, u32 end, u32 value)
{
	if (s->n && s->value[s->n - 1] == value && !(value & F6_NODE))
		s->n--;
	s->end[s->n] = end;
	s->value[s->n++] = value;
}

/*
 * If all that changed in a published line is one prefix with nothing below it: paint its keys. No
 * other prefix is looked at. False: it is not so simple.
 */
static bool line_paint(const struct work *k, u32 index, struct f6_line *l,
		       const struct f6_prefix *n, u32 nh)
{
	u64 from = (u64)index << (F6_BITS - k->bits), hi = from + (1ull << (F6_BITS - k->bits)) - 1;
	struct strip s = { 0 };
	u64 first, last;

	while (n && !(n->flags & F6T_CHANGED)) {
		if (!n->flags || n->flags == (F6T_DIRTY | F6T_DIRTY << 1))
			return false;
		nh = f6_inherits(n, nh);
		n = n->child[n->flags >> 2];
	}
	if (!n || n->child[0] || n->child[1] || n->len > k->depth + F6_BITS || n->len == k->depth)
		return false;
	first = f6_bits(n->key, k->depth) >> 32;
	last = first + (1ull << (F6_BITS - (n->len - k->depth))) - 1;
	for (u32 i = 0; i < F6_RUNS && from <= hi; i++) {
		u64 end = MIN((u64)((u32)l->end[i] ^ 1u << 31), hi);

		if (end < first || from > last) {
			strip_add(&s, (u32)end, l->value[i]);
		} else {
			if (l->value[i] & F6_NODE || from > first || end < last)
				return false;
			if (from < first)
				strip_add(&s, (u32)first - 1, l->value[i]);
			strip_add(&s, (u32)last, f6_inherits(n, nh));
			if (end > last)
				strip_add(&s, (u32)end, l->value[i]);
		}
		if (s.n > F6_RUNS)
			return false;
		from = end + 1;
	}
	for (u32 i = 0; i < F6_RUNS; i++) {
		l->end[i] = (s32)((i + 1 < s.n ? s.end[i] : ~0u) ^ 1u << 31);
		l->value[i] = i < s.n ? s.value[i] : 0;
	}
	return true;
}

/* Line `index` of a node. */
static void line_make(const struct work *k, u32 index, const struct f6_prefix *n, u32 nh,
		      bool force)
{
	struct build *b = k->b;
	struct f6_line *l = (struct f6_line *)mem(b, k->line + index), old = { 0 };
	u32 kept = 0, jobs = b->jobs;
	struct plan p;
	u64 first;

	if (!k->fresh) {
		if (!force && !k->replan && n &&
		    (line_keep(k, l, n, nh) || line_paint(k, index, l, n, nh)))
			return;
		b->jobs = jobs;
		old = *l;
	}
	plan_init(&p, k, index, n, nh, force);
	p.r.like = k->fresh || k->replan ? NULL : &old;
	if (!p.r.like || !plan_try(&p, true)) {
		p.r.like = NULL;
		(void)plan_make(&p);
	}
	first = p.lo;
	*l = (struct f6_line){ 0 };
	for (u32 i = 0; i < F6_RUNS; i++)
		l->end[i] = (s32)((i + 1 < p.r.n ? p.run[i].end : ~0u) ^ 1u << 31);
	for (u32 i = 0; i < p.r.n; first = p.run[i++].end + 1ull) {
		const struct run *run = &p.run[i];
		u32 at = 0, v = 0;

		if (!run->child) {
			l->value[i] = run->nh;
			continue;
		}
		if (!k->fresh) {
			at = f6_search(&old, first << 32);
			v = old.value[at];
		}
		if (v & F6_NODE && f6_used(v) == run->used)
			kept |= 1u << at;
		else
			v = 0;
		l->value[i] = v;
		if (!v || run->force || run->child->flags & F6T_ANY)
			job_add(b, &(struct job){
					   .top = run->child,
					   .at = (u32)((u8 *)&l->value[i] - b->w->pool.now.mem),
					   .old = v,
					   .inherit = run->nh,
					   .depth = (u8)(k->depth + run->used),
					   .used = run->used,
					   .flags = run->force || !v ? FORCE : 0,
				   });
	}
	for (u32 i = 0; i < F6_RUNS; i++)
		if (!(kept >> i & 1))
			tree_drop(b, old.value[i]);
}

/* Entry `index` of a directory. */
static void entry_make(const struct work *k, u32 index, const struct f6_prefix *n, u32 nh,
		       bool force)
{
	struct build *b = k->b;
	u32 *entry = (u32 *)mem(b, k->line) + index;
	u32 old = k->fresh ? 0 : *entry;
	u32 depth = k->depth + k->bits;

	if (n && n->count && !(n->len == depth && f6_is_lone(n))) {
		*entry = old & (F6_DIR | F6_NODE) ? old : 0;
		job_add(b, &(struct job){
				   .top = n,
				   .at = (u32)((u8 *)entry - b->w->pool.now.mem),
				   .old = *entry,
				   .inherit = (u16)nh,
				   .depth = (u8)depth,
				   .used = F6_DIR_BITS,
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
	bool dirty[2] = { true, true };

	if (done == k->bits) {
		if (k->dir)
			entry_make(k, index, n, nh, force);
		else
			line_make(k, index, n, nh, force);
		return;
	}
	if (n && n->len == k->depth + done) {
		nh = f6_inherits(n, nh);
		force |= f6_pushes(n);
		for (u32 i = 0; i < 2; i++) {
			half[i] = n->child[i];
			dirty[i] = n->flags & F6T_DIRTY << i;
		}
	} else if (n) {
		u32 bit = f6_bit(n->key, k->depth + done);

		half[bit] = n;
		dirty[!bit] = false;
	} else {
		dirty[0] = dirty[1] = false;
	}
	for (u32 i = 0; i < 2; i++)
		if (force || dirty[i])
			split(k, 2 * index + i, done + 1, half[i], nh, force);
}

/* --- nodes ------------------------------------------------------------------------------------ */

/* Lines of a node that splits by k->bits, with its children. */
static u32 split_cost(const struct work *k, u32 index, u32 done, const struct f6_prefix *n, u32 nh)
{
	const struct f6_prefix *half[2] = { NULL, NULL };

	if (!n || n->count < F6_RUNS / 2)
		return (u32)LINE << (k->bits - done);
	if (done == k->bits) {
		struct plan p;

		plan_init(&p, k, index, n, nh, false);
		return LINE + plan_make(&p) * (k->top ? 1 : BELOW);
	}
	if (n->len == k->depth + done) {
		nh = f6_inherits(n, nh);
		half[0] = n->child[0];
		half[1] = n->child[1];
	} else {
		half[f6_bit(n->key, k->depth + done)] = n;
	}
	return split_cost(k, 2 * index, done + 1, half[0], nh) +
	       split_cost(k, 2 * index + 1, done + 1, half[1], nh);
}

/*
 * By how many bits a node splits: as many as resolve all at once, if that takes few lines, or else
 * what costs least with its children. Below another node a further level costs more: the wide
 * lookup does two levels on all lanes.
 */
static u32 split_choose(struct build *b, const struct job *j)
{
	struct work k = { .b = b, .depth = j->depth, .top = j->flags & AT_DIR };
	struct runs r = { .depth = j->depth, .max = COUNT_MAX, .border = b->border };
	u32 flat = 33, best = 0, cost = ~0u;

	if (f6_runs_of(&r, j->top, 0, ~0u, j->inherit, false, true))
		flat = flat_split(b->border, r.n);
	if (!flat || (flat <= F6_SPLIT_MAX && r.n >= (u32)GOOD_FILL << flat))
		return flat;
	for (k.bits = 0; k.bits <= MIN(flat, (u32)F6_SPLIT_MAX) && (u32)LINE << k.bits < cost;
	     k.bits++) {
		u32 c = split_cost(&k, 0, 0, j->top, j->inherit);

		if (c < cost) {
			cost = c;
			best = k.bits;
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
	bool force = j->flags & FORCE, is_node = j->old & F6_NODE;
	struct f6_pool *pool = &b->w->pool;
	u32 mark = is_node ? f6_pool_mark(pool, f6_node_line(j->old)) : 0, count = j->top->count;

	if (is_node && mark && count <= mark * 2 + 4 && count * 2 + 4 >= mark) {
		k.bits = f6_node_split(j->old);
		k.fresh = false;
	} else {
		mark = count;
		k.bits = split_choose(b, j);
		k.replan = true;
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
	return f6_node(k.line, k.bits, j->used);
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
	else
		*(u32 *)(b->w->pool.now.mem + j->at) = v;
}

/* Make the root's value, `old` before, and all that waits for it. */
static bool run(struct build *b, u32 old)
{
	const struct f6_prefix *top = b->w->trie.root;

	b->root = old;
	b->jobs = 0;
	b->failed = false;
	if (!old || top->flags & F6T_ANY)
		job_add(b, &(struct job){ .top = top,
					  .at = AT_ROOT,
					  .old = old,
					  .used = 1,
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

	if (!w->trie.root || f6_is_lone(w->trie.root)) { /* nothing, or only the default route */
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
