// SPDX-License-Identifier: MIT
/* fib_churn: one writer, one reader, an answer for every epoch (fib_churn.h). */
#include "tests/unit/re/fib_churn.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qgm/arena.h"
#include "qgm/ctl.h"
#include "qgm/re/fib.h"
#include "qgm/re/txn.h"
#include "tests/unit/re/naive4.h"

enum { TARGETS = 4096, SLOTS = 4, BATCH_MAX = 4096, BURST = 48 };

static struct world *world;
static struct fib_churn *churn;
static struct naive4 naive;
static uint32_t target[TARGETS];        /* ascending */
static uint16_t expect[SLOTS][TARGETS]; /* by epoch */
static bool single[SLOTS];              /* that epoch is one change */
static uint64_t rng;
static bool stop;

static uint32_t rnd(uint32_t n)
{
	return (uint32_t)(naive4_random(&rng) % n);
}

/* --- the reader ------------------------------------------------------------------------------ */

/* An epoch that is one change may be seen before the root says so. */
static bool right(uint64_t before, uint64_t after, uint32_t k, uint32_t nh)
{
	for (uint64_t e = before; e <= after; e++)
		if (nh == load_relaxed(&expect[e % SLOTS][k]))
			return true;
	return load_relaxed(&single[(after + 1) % SLOTS]) &&
	       nh == load_relaxed(&expect[(after + 1) % SLOTS][k]);
}

static uint64_t look(const struct tables *t, uint64_t *s)
{
	uint64_t before = load_acquire(&t->epoch), after;
	uint32_t dst[BURST], nh[BURST], at = (uint32_t)(naive4_random(s) % (TARGETS - BURST));
	uint64_t bad = 0;

	/* Near each other, and far. */
	uint32_t step = at & 1 ? 1 : TARGETS / BURST;
	uint32_t from = step == 1 ? at : at % (TARGETS / BURST);

	for (uint32_t i = 0; i < BURST; i++)
		dst[i] = target[from + i * step];
	fib_lookup_burst(t->fib[0], dst, nh, BURST);
	after = load_acquire(&t->epoch);
	for (uint32_t i = 0; i < BURST; i++)
		bad += !right(before, after, from + i * step, nh[i]);
	return bad;
}

static void *reader(void *arg)
{
	u64 *word = &ctl_block()->qgm[0].counters->epoch;
	uint64_t s = 88172645463325252ull, looked = 0, wrong = 0;

	(void)arg;
	while (!load_relaxed(&stop)) {
		const struct tables *t = tables_current();
		uint64_t epoch = load_acquire(&t->epoch);

		for (int i = 0; i < 8; i++, looked += BURST)
			wrong += look(t, &s);
		store_release(word, epoch);
		store_relaxed(&churn->looked, looked);
	}
	store_release(word, ~0ull); /* offline */
	churn->wrong = wrong;
	return NULL;
}

/* --- the writer ------------------------------------------------------------------------------ */

struct update {
	uint32_t addr;
	uint16_t nh; /* 0: withdraw */
	uint8_t len;
};

static uint32_t first_target(uint32_t addr)
{
	uint32_t lo = 0, hi = TARGETS;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (target[mid] < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct update random_update(void)
{
	uint32_t at = target[rnd(TARGETS)];
	uint32_t kind = rnd(1000);
	/* Short ones are rare: each touches many targets. */
	uint8_t len = (uint8_t)(kind < 600   ? 24
				: kind < 870 ? 18 + rnd(7)
				: kind < 999 ? 25 + rnd(8)
					     : rnd(18));
	struct update u = { .len = len };

	u.addr = at & naive4_mask(len);
	if (rnd(3))
		u.nh = (uint16_t)(rnd(20) ? 1 + rnd(200) : 200 + rnd(100));
	return u;
}

/* Between two looks at where the reader is. It needs microseconds; who gives a core of a busy host
 * away is without it for milliseconds. */
static void moment(void)
{
	static uint32_t n;

	if (++n % 2048)
		cpu_pause();
	else
		sched_yield();
}

/* One epoch, or an aborted one. */
static void batch(const struct update *u, uint32_t n, bool give_up)
{
	struct txn t;
	struct fib_batch *b;
	const struct tables *root;
	uint16_t *want, *had;
	uint64_t epoch;

	while (!tables_epoch_reached(tables_current()->epoch - 1)) /* its slot is used again */
		moment();
	if (txn_begin(&t) || !(b = txn_fib(&t, 0)))
		abort();
	for (uint32_t i = 0; i < n; i++) {
		int err = u[i].nh ? fib_add(b, u[i].addr, u[i].len, u[i].nh)
				  : fib_del(b, u[i].addr, u[i].len);

		if (err && err != -2)
			abort();
	}
	if (give_up) {
		txn_abort(&t);
		churn->aborted++;
		return;
	}
	epoch = t.draft->epoch;
	want = expect[epoch % SLOTS];
	had = expect[(epoch - 1) % SLOTS];
	store_relaxed(&single[epoch % SLOTS], n == 1);
	for (uint32_t k = 0; k < TARGETS; k++)
		store_relaxed(&want[k], had[k]);
	for (uint32_t i = 0; i < n; i++)
		naive4_set(&naive, u[i].addr, u[i].len, u[i].nh);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t last = u[i].addr | ~naive4_mask(u[i].len);

		for (uint32_t k = first_target(u[i].addr); k < TARGETS && target[k] <= last; k++)
			store_relaxed(&want[k], naive4_lookup(&naive, target[k]));
	}
	root = tables_current();
	txn_commit(&t);
	churn->in_place += root == tables_current();
	churn->epochs++;
	churn->done += n;
}

static void *writer(void *arg)
{
	static struct update u[BATCH_MAX];

	(void)arg;
	while (churn->done < churn->updates || load_relaxed(&churn->looked) < churn->lookups) {
		uint32_t n = rnd(4) ? 1 + rnd(MIN(8, churn->batch)) : 1 + rnd(churn->batch);

		for (uint32_t i = 0; i < n; i++)
			u[i] = random_update();
		batch(u, n, !rnd(16));
	}
	store_relaxed(&stop, true);
	return NULL;
}

/* --- the frame ------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void load(void)
{
	static struct update u[BATCH_MAX];
	uint32_t n = 0;

	for (uint32_t i = 0; i < TARGETS; i++)
		target[i] = churn->full ? churn->full[rnd(churn->routes)].addr | rnd(256)
					: rnd(1u << 16) << 8 | 10u << 24 | rnd(256);
	qsort(target, TARGETS, sizeof(target[0]), by_value);
	for (uint32_t i = 0; i < churn->routes; i++) {
		const struct naive4_route *r = churn->full ? &churn->full[i] : NULL;
		struct update one = random_update();

		if (r)
			one = (struct update){ r->addr, r->nh, r->len };
		else
			one.nh = (uint16_t)(1 + rnd(64));
		u[n++] = one;
		if (n == BATCH_MAX || i + 1 == churn->routes) {
			batch(u, n, false);
			n = 0;
		}
	}
}

static void withdraw(void)
{
	static struct update u[BATCH_MAX];
	uint32_t n = 0;

	for (uint32_t i = 0; i <= naive.mask; i++)
		if (naive.slot[i].nh) {
			u[n++] = (struct update){ naive.slot[i].addr, 0, naive.slot[i].len };
			if (n == BATCH_MAX) {
				batch(u, n, false);
				n = 0;
			}
		}
	batch(u, n, false);
	batch(u, 0, false);
	tables_reclaim();
}

void fib_churn_run(struct world *w, struct fib_churn *c)
{
	pthread_t thread;
	uint64_t used;

	world = w;
	churn = c;
	rng = c->seed;
	stop = false;
	naive4_make(&naive,
		    c->routes + (uint32_t)(c->updates > 4000000 ? 4000000 : c->updates) + 1000000);
	memset(expect, 0, sizeof(expect));
	ctl_block()->qgm[0].counters->epoch = ~0ull;
	batch(NULL, 0, false);
	batch(NULL, 0, false);
	tables_reclaim();
	used = arena_used();
	load();
	c->done = c->epochs = c->aborted = c->in_place = 0;
	ctl_block()->qgm[0].up = 1;
	ctl_block()->qgm[0].counters->epoch = 0;
	fence_full();
	if (pthread_create(&thread, NULL, reader, NULL))
		abort();
	writer(NULL);
	pthread_join(thread, NULL);
	withdraw();
	c->left = arena_used() - used + fib_heap_bytes(tables_current()->fib[0]);
	naive4_end(&naive);
	(void)world;
}
