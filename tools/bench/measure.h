// SPDX-License-Identifier: MIT
/*
 * measure: how the sides of a comparison are timed. All sides run in this process, in turns
 * (A B A B ...), each turn a slice of CPU time of the calling thread, which is pinned. A slice is
 * cut into chunks; its figure is the median over them of CPU time per unit of work, so that what
 * another process on the core takes away (time, and for a while the caches) is not measured.
 * Slices in which nothing could be measured do not exist: no round is ever left out.
 */
#pragma once

#include <stdint.h>

#include "tools/bench/stats.h"

/* Do about `units` of work, return how many were done (more than 0). */
typedef uint64_t (*bench_fn)(void *arg, uint64_t units);

struct side {
	const char *name;
	bench_fn run;
	void *arg;
	struct series cycles; /* out: TSC cycles of CPU time per unit, by round */
};

/* What all cases share; set by main() from the command line. */
struct bench_options {
	unsigned core;   /* of the measured thread */
	unsigned core2;  /* of a second one */
	unsigned rounds; /* at least 5 */
	unsigned slice_ms;
	unsigned warm_ms;
	unsigned batch;     /* of updates, with `profile` */
	bool full;          /* make bench-full */
	bool profile;       /* run PIX alone and report nothing */
	const char *routes; /* directory of prefixes4.txt and prefixes6.txt */
	const char *outdir; /* for the data of plots */
};

extern struct bench_options options;

/* Pin the calling thread to a core. Exits when the machine refuses. */
void measure_pin(unsigned core);

/* CPU time of the calling thread, ns; TSC cycles per ns. */
uint64_t measure_cpu_ns(void);
double measure_tsc_ghz(void);

/* TSC, ordered behind what came before. */
static inline uint64_t measure_tsc(void)
{
	__builtin_ia32_lfence();
	return __builtin_ia32_rdtsc();
}

/* Run all sides in turns: warm-up, then options.rounds rounds. */
void measure_sides(struct side *sides, unsigned n);
