// SPDX-License-Identifier: MIT
/*
 * Models of what QGMs share without locks, of the very sources (backend.hh):
 *
 *	ring    qgm/ring.c: one producer, one consumer; payloads are plain memory
 *	mpmc    qgm/mpmc.c: two of each, laps of two slots
 *	sleep   qgm/bell.h over that ring: two producers' bits, a consumer that sleeps; a wake-up
 *	        that is lost is a deadlock
 *
 * Built as it is, with PLANT_RING_RELAXED, with PLANT_NAP_FENCE and with PLANT_MPMC_INDEX: the
 * planted ones must be reported. Exit status: 0 no error in any execution, 2 an error.
 */
#include "tests/race/relacy/backend.hh"

#include "qgm/mpmc.c"
#include "qgm/ring.c"
#include "qgm/bell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS = 3 };

/* The wide forms of mpmc do not exist here: there is a CPU without. */
u32 cpu_wide(void)
{
	return 0;
}

#define NO_FORM(width)                                                                           \
	u32 mpmc_enqueue_##width(struct mpmc *r, void *const *objs, u32 n, u64 *stalls)          \
	{                                                                                        \
		abort();                                                                         \
	}                                                                                        \
	u32 mpmc_dequeue_##width(struct mpmc *r, void **objs, u32 n, u64 *stalls)                \
	{                                                                                        \
		abort();                                                                         \
	}

NO_FORM(avx2)
NO_FORM(avx512)

struct ring_model : rl::test_suite<ring_model, 2> {
	struct ring r;
	rl::var<int> payload[ITEMS];

	void before()
	{
		RL_ASSERT(ring_init(&r, 2) == 0);
	}

	void produce()
	{
		for (int i = 0; i < ITEMS; i++) {
			void *p = &payload[i];

			payload[i]($) = 100 + i;
			while (!ring_enqueue(&r, &p, 1))
				rl::yield(1, $);
		}
	}

	void consume()
	{
		for (int i = 0; i < ITEMS;) {
			void *p[2];
			u32 n = ring_dequeue(&r, p, 1 + i % 2); /* singles have code of their own */

			for (u32 k = 0; k < n; k++, i++) {
				rl::var<int> *v = (rl::var<int> *)p[k];

				RL_ASSERT(v == &payload[i]);
				RL_ASSERT((int)(*v)($) == 100 + i);
				(*v)($) = 0; /* the consumer owns it now */
			}
			if (!n)
				rl::yield(1, $);
		}
	}

	void thread(unsigned id)
	{
		if (id == 0)
			produce();
		else
			consume();
	}
};

/* Two laps and a half: who comes to a slot last may see what it was two laps ago. */
struct mpmc_model : rl::test_suite<mpmc_model, 4> {
	enum { EACH = 3 };
	struct mpmc r;
	rl::var<int> payload[2 * EACH];
	atomic_u32 taken;

	void before()
	{
		RL_ASSERT(mpmc_init(&r, 2) == 0);
		taken($).store(0, rl::mo_relaxed);
	}

	void after()
	{
		RL_ASSERT(mpmc_count(&r) == 0);
	}

	void produce(unsigned id)
	{
		void *p[EACH];
		u64 stalls = 0;

		for (unsigned i = 0; i < EACH; i++) {
			p[i] = &payload[id * EACH + i];
			payload[id * EACH + i]($) = 100;
		}
		for (u32 put = 0, n; put < EACH; put += n) {
			/* Two fit registers here; any number goes the other way. */
			n = rl::rand(2) ? mpmc_enqueue(&r, p + put, MIN(EACH - put, 2u), &stalls)
					: enqueue_run(&r, p + put, MIN(EACH - put, 2u), &stalls);
			if (!n)
				rl::yield(1, $);
		}
	}

	void consume()
	{
		u64 stalls = 0;
		u32 want = 2;

		while (load_relaxed(&taken) < 2 * EACH) {
			void *p[2];
			u32 n = rl::rand(2) ? mpmc_dequeue(&r, p, want, &stalls)
					    : dequeue_run(&r, p, want, &stalls);

			want = 3 - want;

			for (u32 k = 0; k < n; k++) {
				rl::var<int> *v = (rl::var<int> *)p[k];

				RL_ASSERT((int)(*v)($) == 100);
				(*v)($) = 0; /* the consumer owns it now */
			}
			if (n)
				taken($).fetch_add(n, rl::mo_relaxed);
			else
				rl::yield(1, $);
		}
	}

	void thread(unsigned id)
	{
		if (id < 2)
			produce(id);
		else
			consume();
	}
};

struct sleep_model : rl::test_suite<sleep_model, 3> {
	struct ring r[2];
	atomic_u64 inbound;
	atomic_u32 napping;
	rl::rl_sem_t doorbell;
	rl::var<int> payload[2][ITEMS];

	void before()
	{
		RL_ASSERT(ring_init(&r[0], 2) == 0);
		RL_ASSERT(ring_init(&r[1], 2) == 0);
		inbound($).store(0, rl::mo_relaxed);
		napping($).store(0, rl::mo_relaxed);
		doorbell.init(false, 0, 100, $);
	}

	void after()
	{
		doorbell.deinit($);
	}

	void produce(unsigned id)
	{
		for (int i = 0; i < 2; i++) {
			void *p = &payload[id][i];

			payload[id][i]($) = i + 1;
			RL_ASSERT(ring_enqueue(&r[id], &p, 1) == 1);
			fence_full();
			if (bell_ring(&inbound, &napping, 1u << id))
				doorbell.signal($);
		}
	}

	void consume()
	{
		int got[2] = { 0, 0 };

		while (got[0] + got[1] < 4) {
			u64 bits = bell_take(&inbound);

			for (unsigned id = 0; id < 2; id++) {
				void *p[2];
				u32 n = bits >> id & 1 ? ring_dequeue(&r[id], p, 2) : 0;

				for (u32 k = 0; k < n; k++)
					RL_ASSERT((int)(*(rl::var<int> *)p[k])($) == ++got[id]);
			}
			if (bits)
				continue;
			bell_nap(&napping);
			if (!load_relaxed(&inbound))
				doorbell.wait(false, false, $);
			store_relaxed(&napping, 0);
		}
	}

	void thread(unsigned id)
	{
		if (id == 2)
			consume();
		else
			produce(id);
	}
};

template <typename model> static int run(rl::scheduler_type_e how, unsigned long iterations)
{
	rl::test_params p;

	p.search_type = how;
	p.iteration_count = iterations;
	p.context_bound = 4;
	p.execution_depth_limit = 4000;
	bool ok = rl::simulate<model>(p);

	printf("%lu executions: %s\n", (unsigned long)p.stop_iteration, ok ? "no error" : "error");
	return ok ? 0 : 2;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "ring"))
		return run<ring_model>(rl::sched_bound, 0);
	if (argc > 1 && !strcmp(argv[1], "sleep"))
		return run<sleep_model>(rl::sched_random, 200000);
	if (argc > 1 && !strcmp(argv[1], "mpmc"))
		return run<mpmc_model>(rl::sched_random, 100000);
	fprintf(stderr, "models: ring, mpmc or sleep?\n");
	return 1;
}
