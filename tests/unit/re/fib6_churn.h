// SPDX-License-Identifier: MIT
/*
 * fib6_churn: a writer changes an IPv6 FIB batch after batch, published by the real tables and
 * epochs, while a reader looks up on another thread. Each answer must be exactly the one that the
 * naive table had in the epoch the reader holds; where a batch of one change was published in place
 * meanwhile, the one before it or after it. Used by a unit test and, under ThreadSanitizer, by
 * tests/race.
 */
#pragma once

#include <stdint.h>

struct fib6_churn {
	const struct naive6_route *full; /* start with these `routes` ones; NULL: none */
	uint32_t routes;
	uint64_t updates; /* the writer ends after so many, and */
	uint64_t lookups; /* ... so many by the reader */
	uint32_t batch;   /* at most so many updates an epoch; 1: always one */
	uint64_t seed;
	/* out */
	uint64_t done, looked, epochs, aborted, wrong;
	uint64_t in_place; /* of the epochs, those with the root of the one before */
	uint64_t left;     /* bytes of arena and books that are still used when all is withdrawn */
	uint32_t lost;     /* 1: the books had other lines than those that could be reached */
};

/* The caller has made a world with one QGM, whose core is this test's reader. */
void fib6_churn_run(struct fib6_churn *c);
