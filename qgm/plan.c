// SPDX-License-Identifier: MIT
/* plan: how the data-plane region is dealt (plan.h). Called once, by qgm_setup(). */
#include "qgm/plan.h"

#include "qgm/ctl.h"

enum {
	CORE_RESERVE = 188 * 1024, /* stacks and tables under one QGM core, taken later */
	BASE_RESERVE = 1024 * 1024,
	FDB_COST = 64 + 32, /* a bucket and what the owner knows of it */
	BUFFER_COST =
		2048 + 64 + 64 + 32, /* buffer, stride, metadata, two slots of the shared ring */
	JUMBO_COST = 10240 + 64 + 64 + 32,
	JUMBO_QUEUE = 384, /* a receive ring, and some on their way */
	QUEUE_BUFFERS = 384,
	JUMBO_QGM = 96, /* what a cache of the least size may keep */
	/* Tables of the Internet's size take 14 MiB at most (test_small.c), and what a batch
	 * builds beside them. */
	ARENA_FULL = 32 << 20,
	ARENA_SMALL = 64 << 20, /* regions below are for no such table */
	/* Enough buffers: both rings of a queue and what waits behind them; caches; on their way.
	 */
	ENOUGH_QUEUE = 2048,
	ENOUGH_QGM = 512,
	ENOUGH_BASE = 4096,
};

static u32 pow2_floor(u64 v, u32 lo, u32 hi)
{
	u32 p = lo;

	while (p < hi && 2ull * p <= v)
		p *= 2;
	return p;
}

/* Jumbo buffers from a quarter of the memory, when those are enough for all ports. */
static u32 jumbo_count(u64 avail, u32 nqgm, u32 nqueues)
{
	u64 have = avail / 4 / JUMBO_COST, need = nqueues * JUMBO_QUEUE + nqgm * JUMBO_QGM;

	return nqueues && have >= need ? (u32)MIN(have, 2 * need) : 0;
}

/* Where an eighth of the memory holds no full table, buffers beyond what is enough make room. */
static void arena_from_buffers(struct qgm_plan *plan, u64 avail)
{
	u64 enough = ENOUGH_BASE + (u64)plan->nqueues * ENOUGH_QUEUE + plan->nqgm * ENOUGH_QGM;
	u64 move;

	if (avail < ARENA_SMALL || plan->arena_bytes >= ARENA_FULL || plan->pool_count <= enough)
		return;
	move = MIN((plan->pool_count - enough) * BUFFER_COST, ARENA_FULL - plan->arena_bytes) &
	       ~0xfffull;
	plan->arena_bytes += move;
	plan->pool_count -= (u32)((move + BUFFER_COST - 1) / BUFFER_COST);
}

void qgm_plan(u64 dp_bytes, u32 nqgm, u32 nports, u32 nqueues, struct qgm_plan *plan)
{
	u64 reserve = BASE_RESERVE + (u64)nqgm * CORE_RESERVE;
	u64 avail = dp_bytes > 2 * reserve ? dp_bytes - reserve : dp_bytes / 2;
	u64 slot = sizeof(struct frame_slot);
	u32 owners = MAX(MIN(nqgm, nports), 1u);
	/* Rings: from and to QGMs that have queues. */
	u32 users = MAX(MIN(nqgm, nqueues), 1u);
	u64 pairs = (u64)nqgm * nqgm - (u64)(nqgm - users) * (nqgm - users);

	*plan = (struct qgm_plan){
		.nqgm = nqgm, .nports = nports, .nqueues = nqueues, .owners = owners
	};
	/* Shares of what is there: pools 5/8, arena 1/8 (and what pools can spare), frames 1/16,
	 * rings 1/32, FDB 1/32. */
	plan->punt_slots = pow2_floor(avail / 24 / nqgm / slot, 8, 512);
	plan->inject_slots = pow2_floor(avail / 48 / nqgm / slot, 8, 256);
	plan->cmd_slots = 64;
	plan->event_slots = pow2_floor(avail / 64 / nqgm / 64, 64, 1024);
	plan->ring_slots = pow2_floor(avail / 64 / pairs / sizeof(void *), 128, 1024);
	plan->msg_slots = pow2_floor(avail / 64 / pairs / 64, 8, 64);
	/* 65,536 stations where 1/32 is enough for them; more where 1/128 is. */
	plan->fdb_buckets = MAX(pow2_floor(avail / 32 / owners / FDB_COST, 128, 16384),
				pow2_floor(avail / 128 / owners / FDB_COST, 128, 262144));
	plan->arena_bytes = MIN(MAX(avail / 8, 1024ull * 1024), 256ull * 1024 * 1024) & ~0xfffull;
	plan->jumbo_count = jumbo_count(avail, nqgm, nqueues);
	plan->pool_count = (u32)MIN(
		MAX((avail * 5 / 8 - (u64)plan->jumbo_count * JUMBO_COST) / BUFFER_COST, 256ull),
		262144ull);
	arena_from_buffers(plan, avail);
	/* What waits behind all full Tx queues together is at most a quarter of the buffers. */
	plan->late_slots = pow2_floor(plan->pool_count / 4 / MAX(nqueues, 1u), 32, 512);
	plan->port_queues = MAX(plan->pool_count / 2 / QUEUE_BUFFERS / MAX(nports, 1u), 1u);
	/* The caches of all QGMs together hold at most a quarter of the buffers. */
	plan->cache_max = MIN(MAX(plan->pool_count / 4 / nqgm, 32u), (u32)POOL_CACHE_MAX);
}
