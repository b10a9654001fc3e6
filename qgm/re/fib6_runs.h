// SPDX-License-Identifier: MIT
/*
 * fib6_runs: the prefixes below a place as runs: ranges of the next 32 bits with one next hop, or
 * with a child that holds what is longer. Internal to qgm/re/fib6*; generic side, control lock
 * held.
 */
#pragma once

#include "qgm/re/fib6_line.h"
#include "qgm/re/fib6_trie.h"

struct run {
	const struct f6_prefix *child; /* or NULL: a next hop */
	u32 end;                       /* last key */
	u16 nh;                        /* of the run, or inherited by the child */
	u8 used;                       /* bits that the child's keys have in common */
	bool force;
};

/*
 * The runs of the 32 bits after `depth`, in order; it stops when there are more than `max`. Which
 * prefixes are looked into and which blocks are left to children is said by two lists.
 */
struct runs {
	u32 depth;
	u32 n, max;
	u32 last;    /* value of the run before, F6_NODE for a child */
	u32 *border; /* last key of each run; or: */
	struct run *run;
	u32 nopen, nwhole;
	const struct f6_prefix *open[F6_RUNS];  /* looked into: their halves may be children */
	const struct f6_prefix *whole[F6_RUNS]; /* all of it is runs of this line */
	const struct f6_line *like;             /* or: the same children as this line, if any */
};

/* Only this prefix, nothing longer? */
static inline bool f6_is_lone(const struct f6_prefix *n)
{
	return n->count == (n->nh != 0);
}

/* The next hop that what lies below `n` inherits, where `nh` covers `n`. */
static inline u32 f6_inherits(const struct f6_prefix *n, u32 nh)
{
	/* The default route is not pushed down: 0 stands for it. */
	return n->len && n->nh ? n->nh : nh;
}

/* Does the next hop of this prefix change for what lies below? */
bool f6_pushes(const struct f6_prefix *n);

/*
 * Add the runs of keys lo..hi below `n`, which `nh` covers, to `r`. `force`: what covers changed;
 * `whole`: all becomes runs of this line. False: there are more than r->max.
 */
bool f6_runs_of(struct runs *r, const struct f6_prefix *n, u64 lo, u64 hi, u32 nh, bool force,
		bool whole);

/* Planted bug "cover6". */
void f6_runs_plant(bool on);
