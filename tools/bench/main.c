// SPDX-License-Identifier: MIT
/*
 * bench: one benchmark a process (tools/bench/bench.py calls it for each, and collects).
 *
 *	bench [-f] [-p] [-b BATCH] [-c CORE] [-d CORE2] [-r ROUNDS] [-s SLICE_MS] [-R ROUTES]
 *	      [-o OUTDIR] NAME
 *	bench -l
 *
 * -p: PIX alone for three seconds, for a profiler; of updates in batches of BATCH (1).
 * Exit status: 0 measured, 1 a wrong answer or a lost packet, 2 cannot run here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/bench/cases.h"
#include "tools/bench/memory.h"

static int list(void)
{
	for (unsigned i = 0; i < bench_case_count; i++)
		printf("%s\t%s\t%s\t%s\n", bench_cases[i].name, bench_cases[i].family,
		       bench_cases[i].full ? "full" : "quick", bench_cases[i].what);
	return 0;
}

static unsigned number(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "lfpb:c:d:r:s:R:o:")) != -1) {
		switch (c) {
		case 'l':
			return list();
		case 'f':
			options.full = true;
			break;
		case 'p':
			options.profile = true;
			break;
		case 'b':
			options.batch = number(optarg);
			break;
		case 'c':
			options.core = number(optarg);
			break;
		case 'd':
			options.core2 = number(optarg);
			break;
		case 'r':
			options.rounds = number(optarg);
			break;
		case 's':
			options.slice_ms = number(optarg);
			break;
		case 'R':
			options.routes = optarg;
			break;
		case 'o':
			options.outdir = optarg;
			break;
		default:
			return 2;
		}
	}
	for (unsigned i = 0; optind + 1 == argc && i < bench_case_count; i++) {
		if (!strcmp(bench_cases[i].name, argv[optind])) {
			if (!strncmp(bench_cases[i].family, "fib", 3))
				memory_large_heap(argv);
			measure_pin(options.core);
			measure_tsc_ghz();
			bench_cases[i].run();
			return 0;
		}
	}
	fprintf(stderr, "bench: one benchmark's name is wanted; bench -l lists them\n");
	return 2;
}
