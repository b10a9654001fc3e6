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
#include "qgm/re/fib6_job.h"

enum {
	GAP = 12,            /* bits that all keys of a place have in common: more is a wide line */
	GAP_SMALL = 8,       /* the same in a small table */
	LARGE_TABLE = 16384, /* prefixes from which speed counts more than memory */
	MANY = 64,           /* prefixes of a table of which ... */
	FEWER = 4,           /* ... a quarter is left: to be made anew */
};

static bool is_large_table(const struct f6_build *b)
{
	return b->w->trie.count >= LARGE_TABLE;
}

static u32 large_make(struct f6_build *b, const struct f6_job *j)
{
	struct f6_shape shape;
	u32 v;

	b->plan = f6_plan_for(b->plan, j->p.top->count);
	if (!b->plan) {
		b->failed = true;
		return 0;
	}
	shape = f6_plan_shape(b->plan, &j->p, is_large_table(b));
	if (shape.split && f6_split_make(b, j, shape.split, &v))
		return v;
	return f6_dir_make(b, j, shape.bits ? shape.bits : F6_DIR_MIN);
}

/* Does the shape still suit the prefixes? */
static bool shape_suits(const struct f6_build *b, const struct f6_job *j)
{
	u32 count = j->p.top ? j->p.top->count : 0;
	u32 mark = f6_pool_mark(&b->w->pool, f6_node_line(j->old));

	return mark && count <= 3 * mark + 16 && 3 * count + 8 >= mark && count > F6_RUNS / 2;
}

static u32 job_do(struct f6_build *b, const struct f6_job *j)
{
	struct f6_job now = *j;
	struct run run[F6_RUNS];
	struct runs r = { .run = run, .max = F6_RUNS };
	u32 v;

	if (j->old & F6_NODE && !f6_is_wide(j->old) && shape_suits(b, j)) {
		if (j->old & F6_DIR)
			return f6_dir_edit(b, j);
		if (f6_split(j->old)) {
			if (f6_split_edit(b, j, &v))
				return v;
			now.old = v;
		}
	}
	(void)f6_runs_of(&r, &j->p);
	if (f6_line_make(b, &r, &j->p, j->used, now.old, &v))
		return v;
	if (j->p.top->len > j->p.depth + (is_large_table(b) ? GAP : GAP_SMALL)) {
		f6_runs_gap(&r, &j->p);
		return f6_wide_make(b, &r, &j->p, j->used, now.old);
	}
	f6_tree_drop(b, now.old);
	return large_make(b, &now);
}

static void put_value(const struct f6_build *b, u32 at, u32 v)
{
	u32 *to = (u32 *)(b->w->pool.now.mem + at);

	if (*to == v)
		return;
	*to = v;
	f6_wrote(b, to, sizeof(*to));
}

/* Make the root's value, `old` before, and all that waits for it. */
static bool run(struct f6_build *b, u32 old)
{
	const struct f6_prefix *top = b->w->trie.root;

	b->root = old;
	b->jobs = 0;
	b->failed = false;
	if (!old || top->flags & F6T_ANY)
		f6_job_add(b,
			   &(struct f6_job){ .p = { .top = top }, .at = F6_AT_ROOT, .old = old });
	while (b->jobs && !b->failed) {
		struct f6_job j = b->job[--b->jobs];
		u32 v = job_do(b, &j);

		if (b->failed)
			break;
		if (j.at == F6_AT_ROOT)
			b->root = v;
		else
			put_value(b, j.at, v);
	}
	return !b->failed;
}

bool f6_build_wanted(const struct fib6_writer *w)
{
	return f6_pool_loose(&w->pool) || (w->most >= MANY && w->trie.count < w->most / FEWER);
}

/* All again in a smaller block. Without memory it stays as it is. */
static void shrink(struct f6_build *b, u32 *root)
{
	if (!f6_build_wanted(b->w) || f6_pool_moved(&b->w->pool))
		return;
	f6_pool_renew(&b->w->pool);
	if (run(b, 0))
		*root = b->root;
	else
		f6_pool_return(&b->w->pool);
}

int f6_build(struct fib6_writer *w, u32 *root)
{
	struct f6_build b = { .w = w };
	int err = -ENOMEM;

	f6_trie_catch_up(&w->trie);
	if (f6_trie_is_bare(&w->trie)) { /* nothing, or only the default route */
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
