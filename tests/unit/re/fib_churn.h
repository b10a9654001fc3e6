// SPDX-License-Identifier: MIT
/*
 * fib_churn: a writer changes a FIB batch after batch, published by the real tables and epochs,
 * while a reader looks up on another thread. Each answer must be exactly the one that the naive
 * table had in the epoch the reader holds; where a batch of one change was published in place
 * meanwhile, the one before it or after it. Used by a unit test and, under ThreadSanitizer, by
 * tests/race.
 */
#pragma once

#include <stdint.h>

#include "tools/host/world.h"

struct fib_churn {
	uint32_t routes;  /* at the start */
	uint64_t updates; /* the writer ends after so many, and */
	uint64_t lookups; /* ... so many by the reader */
	uint32_t batch;   /* at most so many updates an epoch; 1: always one */
	uint64_t seed;
	const struct naive4_route *full; /* start with these `routes` ones; NULL: random ones */
	/* out */
	uint64_t done, looked, epochs, aborted, wrong;
	uint64_t in_place; /* of the epochs, those with the root of the one before */
	uint64_t left;     /* bytes of arena and books that are still used when all is withdrawn */
};

/* `w` was made with one QGM; its core is this test's reader. */
void fib_churn_run(struct world *w, struct fib_churn *c);
