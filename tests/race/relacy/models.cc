// SPDX-License-Identifier: MIT
/*
 * Models of what QGMs share without locks, of the very sources (backend.hh):
 *
 *	ring    qgm/ring.c: one producer, one consumer; payloads are plain memory
 *	sleep   qgm/bell.h over that ring: two producers' bits, a consumer that sleeps; a wake-up
 *	        that is lost is a deadlock
 *
 * Built three times: as it is, with PLANT_RING_RELAXED, and with PLANT_NAP_FENCE: the planted ones
 * must be reported. Exit status: 0 no error in any execution, 2 an error.
 */
#include "tests/race/relacy/backend.hh"

#include "qgm/ring.c"
#include "qgm/bell.h"

#include <stdio.h>
#include <string.h>

enum { ITEMS = 3 };

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
			u32 n = ring_dequeue(&r, p, 2);

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
	fprintf(stderr, "models: ring or sleep?\n");
	return 1;
}
