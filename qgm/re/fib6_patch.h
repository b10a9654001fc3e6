// SPDX-License-Identifier: MIT
/*
 * fib6_patch: the change of one IPv6 prefix put straight into the directory or line that it
 * concerns. Internal to qgm/re/fib6*; generic side, control lock held.
 *
 * Either the batch writes the block that nobody reads, or, when it is the batch's only change, it
 * is found out first by which stores into the block that is being read it can be made (struct
 * f6_stage): entries of directories that lead to a line made beside, or bytes of a line. Each
 * destination is decided by one entry and one byte, so that whatever part of them a reader sees,
 * each of its answers is the one before or the one after.
 */
#pragma once

#include "qgm/re/fib6_build.h"
#include "qgm/re/fib6_line.h"

/* Entries of a directory that get the value v: those that have `only`, and entry `self`. */
struct f6_entries {
	u32 at, n; /* byte of the pool of the first; how many are looked at */
	u32 only;  /* or F6_EACH */
	u32 self;  /* byte of the pool, or F6_NONE */
	u32 v;
};
#define F6_EACH F6_NODE /* no value: nodes name a piece */

struct f6_stage {
	struct f6_entries entries;
	u32 taken; /* piece made beside, or F6_NONE */
	u32 gone;  /* piece that nothing leads to any more, or F6_NONE */
	u32 line;  /* the one whose first `runs` bytes of next hops become nh */
	u32 runs;
	u8 nh[F6_RUNS];
};

/*
 * `n` has another next hop, or none any more; the counts say so already, and `root` is the value of
 * the batch's table. True: its lookups are right now. False: the builder has to do it
 * (fib6_build.h); nothing was changed. With `stage` nothing is stored yet, but what
 * f6_patch_store() will store.
 */
bool f6_patch(struct fib6_writer *w, u32 root, const struct f6_prefix *n, struct f6_stage *stage);

/* Store it. Readers of `epoch`, which the caller then publishes, see all of it. Cannot fail. */
void f6_patch_store(struct fib6_writer *w, const struct f6_stage *s, u64 epoch);

/* Give back what was staged. */
void f6_patch_forget(struct fib6_writer *w, const struct f6_stage *s);

/* Planted bugs (enum fib6_plant). */
void f6_patch_plant(u32 mask);
