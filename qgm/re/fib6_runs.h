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
	u32 first;                     /* key; the run ends before the next one's */
	u16 nh;                        /* of the run, or inherited by the child */
	bool force;                    /* what covers the child changed */
};

/* A place: what lies below the first `depth` bits of `key`. */
struct f6_place {
	struct pix_ip key;
	u32 depth;
	const struct f6_prefix *top; /* of its prefixes (it may be none any more), or NULL */
	u32 nh;                      /* that covers it */
	bool force;                  /* that changed */
};

/* The runs of a place, in order. */
struct runs {
	u32 n, max;
	bool over;   /* there are more than max */
	u32 deep;    /* children */
	u32 nh_high; /* highest next hop */
	struct run *run;
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

/* The first `depth` bits of an address. */
static inline struct pix_ip f6_key(struct pix_ip a, u32 depth)
{
	struct pix_ip mask = pix_ip_mask(depth);

	return (struct pix_ip){ a.hi & mask.hi, a.lo & mask.lo };
}

/* The place `depth` bits deep on the way to `key`, in the place `p` (which may be the same). */
struct f6_place f6_place_in(const struct f6_place *p, struct pix_ip key, u32 depth);

/* The runs of the 32 bits behind a place's depth. False: more than r->max. */
bool f6_runs_of(struct runs *r, const struct f6_place *p);

/* A run for all that the prefixes of the place have in common: three runs at most. */
void f6_runs_gap(struct runs *r, const struct f6_place *p);

/* Planted bug "cover6". */
void f6_runs_plant(bool on);
