// SPDX-License-Identifier: MIT
/* two: comparisons on two cores (two.h). */
#include "tools/bench/two.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

#include "tools/bench/report.h"

enum { CHUNK = 1 << 12, CHUNKS_MIN = 12, CHUNKS_MAX = 1024 };

struct job {
	struct pair *pair; /* NULL: end */
	uint64_t units;
};

static struct job job;
static unsigned job_number; /* stored with release after `job` */
static void (*start_fn)(void);

/* A waiting thread leaves its core to others: a spin would take the time of the one that works. */
static void *producer(void *arg)
{
	unsigned done = *(unsigned *)arg;

	measure_pin(options.core2);
	if (start_fn)
		start_fn();
	for (;;) {
		while (__atomic_load_n(&job_number, __ATOMIC_ACQUIRE) == done)
			sched_yield();
		done++;
		if (!job.pair)
			return NULL;
		job.pair->produce(job.pair->arg, job.units);
	}
}

static void post(struct pair *p, uint64_t units)
{
	job = (struct job){ p, units };
	__atomic_fetch_add(&job_number, 1, __ATOMIC_RELEASE);
}

static double run(struct pair *p, unsigned chunks)
{
	static double v[CHUNKS_MAX];
	uint64_t left = (uint64_t)chunks * CHUNK;

	post(p, left);
	left -= p->consume(p->arg, CHUNK); /* until both run */
	for (unsigned i = 0; i < chunks - 2; i++) {
		uint64_t t0 = measure_tsc(), n = p->consume(p->arg, CHUNK);

		v[i] = (double)(measure_tsc() - t0) / (double)n;
		left -= n;
	}
	p->consume(p->arg, left);
	return stats_median(v, chunks - 2);
}

void two_measure(struct pair *pairs, unsigned n, void (*thread_start)(void))
{
	unsigned posted = job_number, chunks[8];
	pthread_t other;

	start_fn = thread_start;
	if (options.core == options.core2 || n > 8)
		report_cannot("two cores are needed");
	for (unsigned i = 0; i < n; i++)
		chunks[i] = CHUNKS_MIN;
	if (pthread_create(&other, NULL, producer, &posted))
		report_cannot("no second thread");
	for (unsigned r = 0; r <= options.rounds; r++) {
		for (unsigned i = 0; i < n; i++) {
			double c = run(&pairs[i], chunks[i]);
			double fit = options.slice_ms * 1e6 * measure_tsc_ghz() / (c * CHUNK);

			if (r) /* the first is the warm-up, and says how long one takes */
				series_add(&pairs[i].cycles, c);
			else
				chunks[i] = (unsigned)fmin(fmax(fit, CHUNKS_MIN), CHUNKS_MAX);
		}
	}
	post(NULL, 0);
	pthread_join(other, NULL);
}
