// SPDX-License-Identifier: MIT
/*
 * two: a comparison on two cores. A producer thread on options.core2 and a consumer on options.core
 * run the same number of units; the consumer's side is timed by the wall clock in short chunks of
 * which the median counts: CPU time would count the waiting for the other core, and a chunk in
 * which somebody else ran on either core is an outlier.
 */
#pragma once

#include "tools/bench/measure.h"

struct pair {
	const char *name;
	bench_fn produce, consume; /* exactly as many units as asked for */
	void *arg;
	struct series cycles; /* out: TSC cycles per unit, by round */
};

/* Run the pairs in turns, options.rounds rounds; `thread_start` (may be NULL) runs first in the
 * producer's thread. */
void two_measure(struct pair *pairs, unsigned n, void (*thread_start)(void));
