// SPDX-License-Identifier: MIT
/*
 * Rings and pools against rte_ring and rte_mempool: bulks of 1, 8, 32 and 64 objects, through a
 * ring on one core, and from one core to another. All objects are checked to come out in order.
 */
#include <stdio.h>
#include <stdlib.h>

#include "qgm/env.h"
#include "qgm/mpmc.h"
#include "qgm/ring.h"
#include "tools/bench/cases.h"
#include "tools/bench/hosted.h"
#include "tools/bench/peer/peer.h"
#include "tools/bench/two.h"

enum { SLOTS = 1024, BULK_MAX = 64 };

static const u32 bulks[] = { 1, 8, 32, 64 };

struct pass {
	struct ring *spsc;
	struct mpmc *mpmc;
	u32 bulk;
	u64 next, expect;
	u64 stalls;
};

static inline u32 put(struct pass *p, void *const *objs, u32 n)
{
	return p->spsc ? ring_enqueue(p->spsc, objs, n)
		       : mpmc_enqueue(p->mpmc, objs, n, &p->stalls);
}

static inline u32 get(struct pass *p, void **objs, u32 n)
{
	return p->spsc ? ring_dequeue(p->spsc, objs, n)
		       : mpmc_dequeue(p->mpmc, objs, n, &p->stalls);
}

static u64 pass(void *arg, u64 objects)
{
	struct pass *p = arg;
	void *in[BULK_MAX], *out[BULK_MAX];
	u64 done = 0;

	for (u32 i = 0; i < p->bulk; i++)
		in[i] = (void *)(uintptr_t)(64 * (i + 1));
	while (done < objects) {
		put(p, in, p->bulk);
		done += get(p, out, p->bulk);
		__asm__ volatile("" : : "r"(out) : "memory");
	}
	return done;
}

static u64 produce(void *arg, u64 objects)
{
	struct pass *p = arg;
	void *in[BULK_MAX];
	u64 done = 0;

	while (done < objects) {
		u32 n = (u32)MIN((u64)p->bulk, objects - done);

		for (u32 i = 0; i < n; i++)
			in[i] = (void *)(uintptr_t)(64 * (p->next + i));
		n = put(p, in, n);
		if (!n)
			cpu_pause();
		p->next += n;
		done += n;
	}
	return done;
}

static u64 consume(void *arg, u64 objects)
{
	struct pass *p = arg;
	void *out[BULK_MAX];
	u64 done = 0;

	while (done < objects) {
		u32 n = get(p, out, (u32)MIN((u64)p->bulk, objects - done));

		if (!n)
			cpu_pause();
		for (u32 i = 0; i < n; i++) {
			if ((u64)(uintptr_t)out[i] != 64 * p->expect++)
				report_wrong("ring: an object is out of order");
		}
		done += n;
	}
	return done;
}

static struct pass *pass_make(bool multi, u32 bulk)
{
	struct pass *p = aligned_alloc(CACHE_LINE, ALIGN_UP(sizeof(*p), (size_t)CACHE_LINE));

	*p = (struct pass){ .bulk = bulk, .next = 64, .expect = 64 };
	if (multi) {
		p->mpmc = env_alloc(ENV_PRIVATE, mpmc_bytes(SLOTS), CACHE_LINE, 0);
		if (!p->mpmc || mpmc_init(p->mpmc, SLOTS))
			report_cannot("ring");
	} else {
		p->spsc = env_alloc(ENV_PRIVATE, ring_bytes(SLOTS), CACHE_LINE, 0);
		if (!p->spsc || ring_init(p->spsc, SLOTS))
			report_cannot("ring");
	}
	return p;
}

static void one_core(const char *name, bool multi, u32 bulk)
{
	struct side s[] = {
		{ "pix", pass, pass_make(multi, bulk), { 0 } },
		{ "rte_ring", peer_ring_pass, peer_ring_create(SLOTS, multi, bulk), { 0 } }
	};
	char bench[64];

	snprintf(bench, sizeof(bench), "%s/%u", name, bulk);
	report_sides(&(struct report){ bench, "cycles/object", REPORT_CYCLES, 1, 0.8,
				       "one core, enqueue and dequeue" },
		     s, 2);
}

static void two_cores(const char *name, bool multi, u32 bulk)
{
	struct pair p[] = { { "pix", produce, consume, pass_make(multi, bulk), { 0 } },
			    { "rte_ring",
			      peer_ring_produce,
			      peer_ring_consume,
			      peer_ring_create(SLOTS, multi, bulk),
			      { 0 } } };
	char bench[64];

	two_measure(p, 2, peer_thread);
	snprintf(bench, sizeof(bench), "%s/%u-2core", name, bulk);
	report_series(bench, "cycles/object", &p[0].cycles, "rte_ring", &p[1].cycles, 0.8,
		      "from one core to another, order checked");
}

static void rings(const char *name, bool multi)
{
	memory_engine(64 << 20, PAGES_BEST, NULL);
	peer_start(options.core, 64, NULL);
	for (u32 i = 0; i < ARRAY_SIZE(bulks); i++) {
		one_core(name, multi, bulks[i]);
		two_cores(name, multi, bulks[i]);
	}
}

void case_ring_spsc(void)
{
	rings("ring-spsc", false);
}

void case_ring_mpmc(void)
{
	rings("ring-mpmc", true);
}

/* --- pool ------------------------------------------------------------------------------------ */

struct getput {
	struct pool_cache *pc;
	u32 bulk;
};

static u64 getput(void *arg, u64 objects)
{
	struct getput *g = arg;
	struct packet *p[BULK_MAX];
	u64 done = 0;

	while (done < objects) {
		if (pool_get(g->pc, p, g->bulk) != g->bulk)
			report_wrong("pool: dry");
		__asm__ volatile("" : : "r"(p) : "memory");
		pool_put(g->pc, p, g->bulk);
		done += g->bulk;
	}
	return done;
}

void case_pool(void)
{
	struct getput g = { NULL, 32 };
	struct pool *pool;

	memory_engine(64 << 20, PAGES_BEST, NULL);
	peer_start(options.core, 128, NULL);
	pool = pool_create(0, POOL_CLASS_STD, 8192, 0);
	g.pc = pool ? pool_cache_create(pool, POOL_CACHE_MAX, 0) : NULL;
	if (!g.pc)
		report_cannot("pool");
	report_sides(
		&(struct report){ "pool-32", "cycles/object", REPORT_CYCLES, 1, 1.0,
				  "PIX resets the metadata line of each buffer and checks each "
				  "free; rte_mempool moves pointers" },
		(struct side[]){ { "pix", getput, &g, { 0 } },
				 { "rte_mempool",
				   peer_pool_getput,
				   peer_pool_create(8192, 2240, 512, 32),
				   { 0 } } },
		2);
	report_sides(&(struct report){ "pool-32/packets", "cycles/object", REPORT_CYCLES, 1, 1.0,
				       "equal duties: a packet buffer with its metadata" },
		     (struct side[]){ { "pix", getput, &g, { 0 } },
				      { "rte_pktmbuf bulk",
					peer_mbufs_getput,
					peer_mbufs_create(8192, 512, 32),
					{ 0 } } },
		     2);
}

/* --- false sharing --------------------------------------------------------------------------- */

/* The ring of ring.c with the indices of both sides and their copies on one line. */
struct crowded {
	u32 head, tail_cached, tail, head_cached;
	u32 mask;
	void *slot[SLOTS];
} __cacheline;

struct apart {
	u32 head, tail_cached;
	u8 pad0[2 * CACHE_LINE - 8];
	u32 tail, head_cached;
	u8 pad1[2 * CACHE_LINE - 8];
	u32 mask;
	u8 pad2[CACHE_LINE - 4];
	void *slot[SLOTS];
} __cacheline;

/* One object at a time, as the documents' experiment does. `lazy`: copies of the other's index. */
#define SHARED_RING(type)                                                      \
	static u64 type##_produce(void *arg, u64 objects)                      \
	{                                                                      \
		struct type *r = arg;                                          \
                                                                               \
		for (u64 i = 0; i < objects; i++) {                            \
			u32 head = r->head;                                    \
                                                                               \
			while (head - r->tail_cached == SLOTS) {               \
				r->tail_cached = load_acquire(&r->tail);       \
				if (head - r->tail_cached == SLOTS)            \
					cpu_pause();                           \
			}                                                      \
			r->slot[head % SLOTS] = r;                             \
			store_release(&r->head, head + 1);                     \
		}                                                              \
		return objects;                                                \
	}                                                                      \
	static u64 type##_consume(void *arg, u64 objects)                      \
	{                                                                      \
		struct type *r = arg;                                          \
                                                                               \
		for (u64 i = 0; i < objects; i++) {                            \
			u32 tail = r->tail;                                    \
                                                                               \
			while (tail == r->head_cached) {                       \
				r->head_cached = load_acquire(&r->head);       \
				if (tail == r->head_cached)                    \
					cpu_pause();                           \
			}                                                      \
			if (r->slot[tail % SLOTS] != r)                        \
				report_wrong("false sharing: a wrong object"); \
			store_release(&r->tail, tail + 1);                     \
		}                                                              \
		return objects;                                                \
	}

SHARED_RING(crowded)
SHARED_RING(apart)

void case_false_sharing(void)
{
	static struct crowded crowded;
	static struct apart apart;
	struct pair p[] = { { "own lines", apart_produce, apart_consume, &apart, { 0 } },
			    { "one line", crowded_produce, crowded_consume, &crowded, { 0 } } };
	struct series rate[2] = { 0 };

	two_measure(p, 2, NULL);
	for (u32 i = 0; i < 2; i++)
		for (u32 k = 0; k < p[i].cycles.n; k++)
			series_add(&rate[i], measure_tsc_ghz() * 1e3 / p[i].cycles.v[k]);
	report_series("false-sharing", "Mobject/s", &rate[0], "indices on one line", &rate[1], 0,
		      "ring indices of two cores on lines of their own : on one line; the source "
		      "documents had 55 : 11");
	report_point("false-sharing", "\"own lines\" %.2f", series_median(&rate[0]));
	report_point("false-sharing", "\"one line\" %.2f", series_median(&rate[1]));
}
