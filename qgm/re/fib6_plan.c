// SPDX-License-Identifier: MIT
/* fib6_plan: shapes of nodes (fib6_plan.h). */
#include "qgm/re/fib6_plan.h"

#include "qgm/env.h"

enum {
	COUNT_MAX = 4096, /* runs that are looked at one by one */
	LARGE = 1024,     /* prefixes: directories of the first levels are as large as can be */
	ENTRY = sizeof(u32),
	OVER = 256, /* bytes: cost of a run that needs one more directory, in a large table */
	OVER_SMALL = 24,
	WASTE = 8, /* times the lines that a node of several would need if they were full */
};

struct f6_plan {
	u32 over;  /* cost of a run that needs one more directory */
	bool flat; /* no run is in the way of narrow lines */
	u32 bits;  /* that are tried */
	u16 from[(1 << F6_DIR_MAX) +
		 1]; /* first run that begins at or behind an entry's first key */
	u32 max;     /* runs, of a place that is looked at */
	struct run run[];
};

static size_t plan_bytes(u32 max)
{
	return sizeof(struct f6_plan) + (max + 1) * sizeof(struct run);
}

void f6_plan_free(struct f6_plan *plan)
{
	if (plan)
		env_heap_free(plan, plan_bytes(plan->max));
}

struct f6_plan *f6_plan_for(struct f6_plan *plan, u32 prefixes)
{
	u32 max = MIN(2 * prefixes + 2, (u32)COUNT_MAX); /* two borders each */

	if (plan && plan->max >= max)
		return plan;
	f6_plan_free(plan);
	plan = env_heap_alloc(plan_bytes(max));
	if (plan)
		plan->max = max;
	return plan;
}

/*
 * Smallest number of bits behind the first `skip` that leave no more runs than a line has to any
 * line, for the runs that begin at [at, end) behind the place's first key; 0: none will do.
 */
static u32 flat_split(const struct f6_plan *plan, u32 at, u32 end, u32 skip)
{
	const struct run *run = plan->run;
	u32 split = 1;

	if (!plan->flat)
		return 0;
	/* A line that one run goes through and F6_RUNS begin in has one too many, unless the first
	 * begins with it. */
	for (u32 i = at; i + F6_RUNS - 1 < end; i++) {
		u32 from = run[i].first, to = run[i + F6_RUNS - 1].first;
		u32 same = (u32)__builtin_clz(from ^ to);
		u32 begin = same ? from & ~(~0u >> same) : 0;

		if (from == begin) {
			if (i + F6_RUNS >= end)
				continue;
			same = (u32)__builtin_clz(from ^ run[i + F6_RUNS].first);
		}
		if (same >= skip)
			split = MAX(split, same - skip + 1);
	}
	return split <= F6_SPLIT_MAX ? split : 0;
}

/* Is a node of 2^split lines good enough for so many runs? */
static bool worth(u32 split, u32 runs)
{
	return split && 1u << split <= runs * WASTE / F6_RUNS + WASTE;
}

/* Bytes of the lines of a block of 2^k entries. */
static u32 block_cost(const struct f6_plan *plan, u32 first, u32 k)
{
	u32 at = plan->from[first], runs = plan->from[first + (1u << k)] - at + 1, split;

	if (runs > 1 && plan->run[at].first == first << (F6_BITS - plan->bits))
		runs--;
	if (runs == 1)
		return 0;
	if (runs <= F6_RUNS)
		return F6_LINE;
	if (k)
		return block_cost(plan, first, k - 1) +
		       block_cost(plan, first + (1u << (k - 1)), k - 1);
	split = flat_split(plan, at, plan->from[first + 1], plan->bits);
	if (worth(split, runs))
		return (u32)F6_LINE << split;
	return F6_LINE + runs * plan->over;
}

static u32 cost(struct f6_plan *plan, u32 n, u32 bits)
{
	u32 sum = (u32)ENTRY << bits, run = 0;

	plan->bits = bits;
	for (u32 i = 0; i <= 1u << bits; i++) {
		while (run < n && plan->run[run].first < (u64)i << (F6_BITS - bits))
			run++;
		plan->from[i] = (u16)run;
	}
	for (u32 i = 0; i < 1u << bits; i += 1u << F6_SHARE)
		sum += block_cost(plan, i, F6_SHARE);
	return sum;
}

struct f6_shape f6_plan_shape(struct f6_plan *plan, const struct f6_place *p, bool large)
{
	u32 most = MIN((u32)F6_DIR_MAX, 128 - p->depth), best = F6_DIR_MIN, least = ~0u, split;
	struct runs r = { .run = plan->run, .max = plan->max };

	if (p->depth % F6_DIR_MAX == 0 && p->depth < 2 * F6_DIR_MAX && p->top->count >= LARGE)
		return (struct f6_shape){ 0, F6_DIR_MAX };
	if (!f6_runs_of(&r, p))
		return (struct f6_shape){ 0, (u8)most };
	plan->over = large ? OVER : OVER_SMALL;
	plan->flat = !r.deep && r.nh_high <= F6_NARROW_NH;
	split = flat_split(plan, 1, r.n, 0);
	if (worth(split, r.n))
		return (struct f6_shape){ (u8)split, 0 };
	for (u32 bits = F6_DIR_MIN; bits <= most; bits++) {
		u32 c = cost(plan, r.n, bits);

		if (c < least) {
			least = c;
			best = bits;
		}
	}
	return (struct f6_shape){ 0, (u8)best };
}
