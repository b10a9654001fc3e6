// SPDX-License-Identifier: MIT
/*
 * fib6_job: the work of a build (fib6_build.c) and what makes its parts: pieces of the pool and
 * jobs (fib6_job.c), lines (fib6_lines.c), directories and nodes of several lines (fib6_dir.c).
 * Internal to qgm/re/fib6*; generic side, control lock held.
 */
#pragma once

#include "qgm/re/fib6_build.h"
#include "qgm/re/fib6_line.h"
#include "qgm/re/fib6_plan.h"

/* A value to be made. */
struct f6_job {
	struct f6_place p;
	u32 at;  /* byte of the pool, F6_AT_ROOT */
	u32 old; /* the value there before */
	u8 used; /* on the way from the node above */
};
#define F6_AT_ROOT (~0u)

struct f6_build {
	struct fib6_writer *w;
	struct f6_job *job;
	u32 jobs, cap;
	u32 root;
	bool failed;          /* no memory: the build ends */
	struct f6_plan *plan; /* scratch, or NULL */
};

static inline u8 *f6_mem(const struct f6_build *b, u32 line)
{
	return b->w->pool.now.mem + (u64)line * F6_LINE;
}

/* So many bytes of the pool were or will be written. */
static inline void f6_wrote(const struct f6_build *b, const void *at, u32 bytes)
{
	u32 offset = (u32)((const u8 *)at - b->w->pool.now.mem);
	u32 line = offset / F6_LINE;

	f6_pool_wrote(&b->w->pool, line, (offset + bytes - 1) / F6_LINE - line + 1);
}

static inline bool f6_is_wide(u32 v)
{
	return (v & (F6_NODE | F6_DIR | F6_WIDE)) == (F6_NODE | F6_WIDE);
}

/* --- fib6_job.c ------------------------------------------------------------------------------ */

/* Sets b->failed without memory. */
void f6_job_add(struct f6_build *b, const struct f6_job *j);

/* A piece of 2^order lines for a node. F6_NONE: no memory, b->failed is set. */
u32 f6_piece(struct f6_build *b, u32 order);

/* The node of value v goes, with all below it. */
void f6_tree_drop(struct f6_build *b, u32 v);

/* --- fib6_lines.c ---------------------------------------------------------------------------- */

/* Line `index` of 2^split. `r` are the runs behind its first `split` bits. False: they do not fit.
 */
bool f6_line_fill(struct f6_line *l, const struct runs *r, u32 index, u32 split);

/* The value of a wide line of these runs. `old` is the wide line that was there before, or
 * something else, which goes: children at the same place stay. */
u32 f6_wide_make(struct f6_build *b, const struct runs *r, const struct f6_place *p, u32 used,
		 u32 old);

/* A line of these runs, if they fit one; what was there before goes. */
bool f6_line_make(struct f6_build *b, const struct runs *r, const struct f6_place *p, u32 used,
		  u32 old, u32 *v);

/* --- fib6_dir.c ------------------------------------------------------------------------------ */

/* The value of a new directory of 2^bits entries; of the one that is there, its dirty entries
 * made anew. */
u32 f6_dir_make(struct f6_build *b, const struct f6_job *j, u32 bits);
u32 f6_dir_edit(struct f6_build *b, const struct f6_job *j);

/* A new node of 2^split lines; of the one that is there, the dirty lines anew. False: the runs
 * of a line are too many, the place takes another shape. */
bool f6_split_make(struct f6_build *b, const struct f6_job *j, u32 split, u32 *v);
bool f6_split_edit(struct f6_build *b, const struct f6_job *j, u32 *v);
