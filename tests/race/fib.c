// SPDX-License-Identifier: MIT
/*
 * FIB: a writer's batches under a reader that checks every answer by epoch (fib_churn.h). With the
 * plain loads of the base form of the lookup: ThreadSanitizer does not see into gathers.
 */
#include "tests/race/race.h"

#include <stdio.h>

#include "qgm/cpu.h"
#include "tests/unit/re/fib_churn.h"

int race_fib(void)
{
	static struct world w;
	struct fib_churn c = {
		.routes = 4000, .updates = 4000, .lookups = 400000, .batch = 100, .seed = 7
	};

	world_make(&w, 128ull << 20, 1, 1);
	cpu_wide_limit(0);
	fib_churn_run(&w, &c);
	printf("%lu updates in %lu epochs, %lu lookups, %lu wrong, %lu bytes left\n", c.done,
	       c.epochs, c.looked, c.wrong, c.left);
	return c.wrong || c.left ? 2 : 0;
}
