// SPDX-License-Identifier: MIT
/*
 * fib6_plan: of which shape the nodes of an IPv6 table are. Internal to qgm/re/fib6*; generic
 * side, control lock held.
 */
#pragma once

#include "qgm/re/fib6_runs.h"

struct f6_plan; /* scratch memory, up to 74 KB */

/* For a place of so many prefixes: `plan` (NULL: none yet), or a larger one in its place. NULL: no
 * memory, and `plan` is gone. */
struct f6_plan *f6_plan_for(struct f6_plan *plan, u32 prefixes);
void f6_plan_free(struct f6_plan *plan);

/*
 * What a place gets whose runs do not fit a line: 2^split lines (narrow), or with split 0 a
 * directory of so many bits: what takes less memory with the lines behind it, where a run that is
 * in none of these lines counts more.
 */
struct f6_shape {
	u8 split, bits;
};
struct f6_shape f6_plan_shape(struct f6_plan *plan, const struct f6_place *p, bool large);
