// SPDX-License-Identifier: MIT
/*
 * FIB: a writer's batches under a reader that checks every answer by epoch (fib_churn.h,
 * fib6_churn.h). With the plain loads of the base form of the lookup: ThreadSanitizer does not see
 * into gathers.
 */
#include "tests/race/race.h"

#include <stdio.h>

#include "qgm/cpu.h"
#include "qgm/re/fib.h"
#include "tests/unit/re/fib6_churn.h"
#include "tests/unit/re/fib_churn.h"

int race_fib(void)
{
	static struct world w;
	struct fib_churn c = {
		.routes = 4000, .updates = 4000, .lookups = 400000, .batch = 100, .seed = 7
	};

	int bad = 0;

	world_make(&w, 128ull << 20, 1, 1);
	cpu_wide_limit(0);
	for (u32 batch = 100; batch; batch = batch > 1) {
		c.batch = batch;
		fib_churn_run(&w, &c);
		printf("%lu updates in %lu epochs, %lu of them in place, %lu lookups, %lu wrong, "
		       "%lu bytes left\n",
		       c.done, c.epochs, c.in_place, c.looked, c.wrong, c.left);
		bad += c.wrong || c.left || (batch == 1 && !c.in_place);
	}
	return bad ? 2 : 0;
}

int race_fib6(void)
{
	static struct world w;
	int bad = 0;

	world_make(&w, 128ull << 20, 1, 1);
	cpu_wide_limit(0);
	for (u32 batch = 100; batch; batch = batch > 1) {
		struct fib6_churn c = {
			.updates = 1500, .lookups = 200000, .batch = batch, .seed = 7
		};

		fib6_churn_run(&c);
		printf("%lu updates in %lu epochs, %lu of them in place, %lu lookups, %lu wrong, "
		       "%lu bytes left\n",
		       c.done, c.epochs, c.in_place, c.looked, c.wrong, c.left);
		bad += c.wrong || c.left || c.lost || (batch == 1 && !c.in_place);
	}
	return bad ? 2 : 0;
}
