// SPDX-License-Identifier: MIT
/* measure: turns, slices, chunks (measure.h). */
#include "tools/bench/measure.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct bench_options options = {
	.batch = 1,
	.core = 1,
	.core2 = 0,
	.rounds = 7,
	.slice_ms = 100,
	.warm_ms = 100,
	.routes = "build/routes",
	.outdir = "build/bench",
};

enum { CHUNKS_MAX = 4096, CHUNKS_MIN = 16, CHUNK_NS = 1000000 };

void measure_pin(unsigned core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	if (!sched_setaffinity(0, sizeof(set), &set))
		return;
	perror("bench: pinning");
	exit(2);
}

static uint64_t ns_of(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

uint64_t measure_cpu_ns(void)
{
	return ns_of(CLOCK_THREAD_CPUTIME_ID);
}

double measure_tsc_ghz(void)
{
	static double ghz;
	uint64_t t0, c0;

	if (ghz > 0)
		return ghz;
	t0 = ns_of(CLOCK_MONOTONIC);
	c0 = __builtin_ia32_rdtsc();
	while (ns_of(CLOCK_MONOTONIC) - t0 < 50000000)
		;
	ghz = (double)(__builtin_ia32_rdtsc() - c0) / (double)(ns_of(CLOCK_MONOTONIC) - t0);
	return ghz;
}

/* Units of work that take about CHUNK_NS. */
static uint64_t calibrate(struct side *s)
{
	uint64_t units = 64;

	for (;;) {
		uint64_t t0 = measure_cpu_ns(), done = s->run(s->arg, units), t;

		t = measure_cpu_ns() - t0;
		if (t > CHUNK_NS / 2 || units > 1ull << 40)
			return (uint64_t)((double)done * CHUNK_NS / (double)(t ? t : 1)) + 1;
		units *= t > CHUNK_NS / 16 ? 2 : 8;
	}
}

/* One slice: median cycles per unit over its chunks. */
static double slice(struct side *s, uint64_t units, unsigned ms)
{
	static double chunk[CHUNKS_MAX];
	uint64_t wall = ns_of(CLOCK_MONOTONIC);
	uint64_t start = measure_cpu_ns(), t0 = start, t1;
	bool late = false;
	unsigned n = 0;

	do {
		uint64_t done = s->run(s->arg, units);

		t1 = measure_cpu_ns();
		chunk[n++] = (double)(t1 - t0) * measure_tsc_ghz() / (double)done;
		t0 = t1;
		/* On a busy machine a slice may be shorter, down to CHUNKS_MIN chunks. */
		late = ns_of(CLOCK_MONOTONIC) - wall > 2 * ms * 1000000ull && n >= CHUNKS_MIN;
	} while (t1 - start < ms * 1000000ull && n < CHUNKS_MAX && !late);
	return stats_median(chunk, n);
}

void measure_sides(struct side *sides, unsigned n)
{
	uint64_t units[16];

	if (n > 16 || options.rounds < 5 || options.rounds > STATS_ROUNDS_MAX) {
		fprintf(stderr, "bench: 5 to %d rounds, at most 16 sides\n", STATS_ROUNDS_MAX);
		exit(2);
	}
	if (options.profile) {
		units[0] = calibrate(&sides[0]);
		fprintf(stderr, "%.2f cycles\n", slice(&sides[0], units[0], 3000));
		exit(0);
	}
	for (unsigned i = 0; i < n; i++) {
		sides[i].cycles.n = 0;
		units[i] = calibrate(&sides[i]);
		slice(&sides[i], units[i], options.warm_ms);
		units[i] = calibrate(&sides[i]);
	}
	for (unsigned r = 0; r < options.rounds; r++)
		for (unsigned i = 0; i < n; i++)
			series_add(&sides[i].cycles, slice(&sides[i], units[i], options.slice_ms));
}
