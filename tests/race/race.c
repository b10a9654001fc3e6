// SPDX-License-Identifier: MIT
/* race TEST [PLANTED]: one stress of one structure (race.h); tests/race/run.py judges. */
#include "tests/race/race.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qgm/cpu.h"
#include "tools/host/host.h"

const char *race_planted = "";

void race_threads(const struct race_thread *t, u32 n)
{
	pthread_t id[16];

	for (u32 i = 0; i < n; i++) {
		if (pthread_create(&id[i], NULL, t[i].fn, t[i].arg))
			abort();
	}
	for (u32 i = 0; i < n; i++)
		pthread_join(id[i], NULL);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*fn)(void);
	} tests[] = {
		{ "ring", race_ring },       { "mpmc", race_mpmc },
		{ "msgring", race_msgring }, { "framering", race_framering },
		{ "tables", race_tables },   { "fdb", race_fdb },
		{ "engine", race_engine },   { "order", race_order },
		{ "naps", race_naps },       { "routes", race_routes },
		{ "fib", race_fib },         { "fib6", race_fib6 },
	};

	host_reset();
	host_clock_real();
	cpu_wide_limit(
		0); /* the forms that use atomics one by one, which the checker understands */
	race_planted = argc > 2 ? argv[2] : "";
	host_plant(race_planted);
	for (u32 i = 0; argc > 1 && i < ARRAY_SIZE(tests); i++) {
		if (!strcmp(argv[1], tests[i].name))
			return tests[i].fn();
	}
	fprintf(stderr, "race: which test?\n");
	return 1;
}
