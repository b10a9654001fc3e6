// SPDX-License-Identifier: MIT
/*
 * All that the data plane needs from its surroundings. kernel/net/core_env.c implements it for
 * the image, tools/ and tests/ for host programs. Nothing else outside of qgm/ is called.
 */
#pragma once

#include "qgm/compiler.h"

/* What a start-up allocation is for; decides which partition maps it (kernel/mm/split.h). */
enum env_mem {
	ENV_PRIVATE,  /* engine only: pools, queues, driver state, rings between QGMs */
	ENV_CTL,      /* both partitions read and write: message rings */
	ENV_COUNTERS, /* QGMs write, the generic partition reads */
	ENV_ARENA,    /* the generic partition writes, QGMs read: tables */
	ENV_PUNT,     /* both: copies of punted and injected frames */
};

/*
 * Zeroed memory for the life of the machine, aligned to `align` (a power of two), on NUMA node
 * `node`. Start-up only, boot CPU only. NULL when the region is full.
 */
void *env_alloc(enum env_mem mem, size_t bytes, size_t align, u32 node);

/*
 * The table writer's own memory (RIB, configuration, undo log): heap of the generic partition, not
 * seen by QGMs. Under the control lock. Zeroed; NULL when it runs out. env_heap_free() gets the
 * size that was asked for; p may be NULL.
 */
void *env_heap_alloc(size_t bytes);
void env_heap_free(void *p, size_t bytes);

/*
 * What is added to an address of memory from env_alloc() to give the address by which devices see
 * it (wraps). Constant over one allocation. Boot CPU.
 */
u64 env_iova_delta(const void *va);

/* Monotonic cycle counter (TSC). Any core. */
u64 env_clock(void);

/* Cycles of env_clock() per second. */
u64 env_clock_hz(void);

/*
 * Wake the QGM `qgm` if it sleeps. The caller has enqueued, done a full fence and read its
 * `napping` word as set (the sleep protocol, qgm/nap.h). ENV_GENERIC wakes the generic side.
 */
#define ENV_GENERIC 0xffffu
void env_wake(u32 qgm);

/* Stop this QGM: a broken invariant of the engine. Does not return. */
__noreturn void env_panic(const char *file, int line, const char *what);

/* One line into the log, at most 100 bytes; never blocks, may be lost when the log is full. */
void env_log(u32 qgm, const char *text);

/*
 * Was this bug planted (command line pix.plant=, or a test)? Asked at creation only; the engine
 * keeps the answers in a mask (enum qgm_plant, qgm/core.h). Boot CPU.
 */
bool env_planted(const char *name);

#define ASSERT_ENGINE(x)                                   \
	do {                                               \
		if (unlikely(!(x)))                        \
			env_panic(__FILE__, __LINE__, #x); \
	} while (0)
