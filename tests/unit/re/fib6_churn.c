// SPDX-License-Identifier: MIT
/* fib6_churn: one writer, one reader, an answer for every epoch (fib6_churn.h). */
#include "tests/unit/re/fib6_churn.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qgm/arena.h"
#include "qgm/ctl.h"
#include "qgm/re/fib6_build.h"
#include "qgm/re/fib6_line.h"
#include "qgm/re/txn.h"
#include "tests/unit/re/naive6.h"

typedef unsigned __int128 u128;

enum { TARGETS = 2048, SLOTS = 4, BURST = 48, BATCH_MAX = 4096 };

struct update {
	u128 addr;
	u16 nh; /* 0: withdraw */
	u8 len;
};

static struct fib6_churn *churn;
static struct naive6 naive;
static u128 target[TARGETS];       /* ascending */
static u16 expect[SLOTS][TARGETS]; /* by epoch */
static bool single[SLOTS];         /* that epoch is one change; false until it is being made */
static u64 rng;
static bool stop;

static struct pix_ip ip(u128 a)
{
	return (struct pix_ip){ (u64)(a >> 64), (u64)a };
}

static u32 rnd(u32 n)
{
	return (u32)((naive6_random(&rng) >> 16) % n);
}

/* --- the reader ------------------------------------------------------------------------------ */

/* An epoch that is one change may be seen before the root says so. */
static bool right(u64 before, u64 after, u32 k, u32 nh)
{
	for (u64 e = before; e <= after; e++)
		if (nh == load_relaxed(&expect[e % SLOTS][k]))
			return true;
	return load_relaxed(&single[(after + 1) % SLOTS]) &&
	       nh == load_relaxed(&expect[(after + 1) % SLOTS][k]);
}

static u64 look(const struct tables *t, u64 *s)
{
	u64 before = load_acquire(&t->epoch), after, bad = 0;
	u32 at = (u32)((naive6_random(s) >> 20) % (TARGETS - BURST)), nh[BURST];
	struct pix_ip dst[BURST];
	/* Near each other, and far. */
	u32 step = at & 1 ? 1 : TARGETS / BURST, from = step == 1 ? at : at % (TARGETS / BURST);

	for (u32 i = 0; i < BURST; i++)
		dst[i] = ip(target[from + i * step]);
	fib6_lookup_burst(t->fib6[0], dst, nh, BURST);
	after = load_acquire(&t->epoch);
	for (u32 i = 0; i < BURST; i++)
		bad += !right(before, after, from + i * step, nh[i]);
	return bad;
}

static void *reader(void *arg)
{
	u64 *word = &ctl_block()->qgm[0].counters->epoch;
	u64 s = 88172645463325252ull, looked = 0, wrong = 0;

	(void)arg;
	while (!load_relaxed(&stop)) {
		const struct tables *t = tables_current();
		u64 epoch = load_acquire(&t->epoch);

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

static struct update random_update(void)
{
	u32 kind = rnd(1000);
	/* Short ones are rare: each touches many targets. */
	u8 len = (u8)(kind < 500   ? 48
		      : kind < 800 ? 24 + rnd(25)
		      : kind < 998 ? 49 + rnd(80)
				   : rnd(24));
	struct update u = { .len = len };

	u.addr = target[rnd(TARGETS)] & naive6_mask(len);
	if (rnd(3))
		/* Above 255: in wide lines, new borders in which are not for publication in place.
		 */
		u.nh = (u16)(1 + rnd(churn->batch > 1 || !rnd(64) ? 300 : 200));
	return u;
}

static void give_reason(const char *what, int err)
{
	fprintf(stderr, "%s: error %d after %lu updates; %lu bytes of the arena used\n", what, err,
		churn->done, arena_used());
	abort();
}

/* The answers of the epoch that is being made. */
static void expect_next(u64 epoch, const struct update *u, u32 n)
{
	u16 *want = expect[epoch % SLOTS];
	const u16 *had = expect[(epoch - 1) % SLOTS];

	store_relaxed(&single[(epoch + 1) % SLOTS], false);
	store_relaxed(&single[epoch % SLOTS], n == 1);
	for (u32 k = 0; k < TARGETS; k++)
		store_relaxed(&want[k], had[k]);
	for (u32 i = 0; i < n; i++)
		naive6_set(&naive, u[i].addr, u[i].len, u[i].nh);
	for (u32 i = 0; i < n; i++)
		for (u32 k = 0; k < TARGETS; k++)
			if ((target[k] & naive6_mask(u[i].len)) == u[i].addr)
				store_relaxed(&want[k], naive6_lookup(&naive, target[k]));
}

/* Between two looks at where the reader is. It needs microseconds; who gives a core of a busy host
 * away is without it for milliseconds. */
static void moment(void)
{
	static u32 n;

	if (++n % 2048)
		cpu_pause();
	else
		sched_yield();
}

/* One epoch, or an aborted one. */
static void batch(const struct update *u, u32 n, bool give_up)
{
	const struct tables *root = tables_current();
	bool patient = churn->batch == 1 && rnd(8);
	struct fib6_batch *b;
	struct txn t;
	int err;

	while (!tables_epoch_reached(root->epoch - 1)) /* its slot is used again */
		moment();
	/* Mostly let the reader come to the newest root, so that the batch may go in place. */
	while (patient && !tables_settled())
		moment();
	err = txn_begin(&t);
	b = err ? NULL : txn_fib6(&t, 0);
	if (!b)
		give_reason("begin", err);
	for (u32 i = 0; i < n; i++) {
		err = u[i].nh ? fib6_add(b, ip(u[i].addr), u[i].len, u[i].nh)
			      : fib6_del(b, ip(u[i].addr), u[i].len);

		if (err && err != -2)
			give_reason("update", err);
	}
	err = !give_up || rnd(2) ? txn_build(&t) : 0;
	if (err)
		give_reason("build", err);
	if (give_up) {
		txn_abort(&t);
		churn->aborted++;
		return;
	}
	expect_next(t.draft->epoch, u, n);
	txn_commit(&t);
	churn->in_place += root == tables_current();
	churn->epochs++;
	churn->done += n;
}

static void writer(void)
{
	static struct update u[BATCH_MAX];

	while (churn->done < churn->updates || load_relaxed(&churn->looked) < churn->lookups) {
		u32 n = rnd(4) ? 1 + rnd(MIN(8u, churn->batch)) : 1 + rnd(churn->batch);

		for (u32 i = 0; i < n; i++)
			u[i] = random_update();
		batch(u, n, !rnd(16));
	}
	store_relaxed(&stop, true);
}

/* --- the frame ------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	u128 x = *(const u128 *)a, y = *(const u128 *)b;

	return (x > y) - (x < y);
}

static void load(void)
{
	static struct update u[BATCH_MAX];
	u32 n = 0;

	for (u32 i = 0; i < TARGETS; i++) {
		u128 base = (u128)0x20010db8 << 96 | (u128)rnd(1 << 20) << 76;

		if (churn->full)
			base = naive6_near(churn->full, churn->routes, &rng);
		target[i] = base | rnd(256);
	}
	qsort(target, TARGETS, sizeof(target[0]), by_value);
	for (u32 i = 0; i < churn->routes; i++) {
		const struct naive6_route *r = &churn->full[i];

		u[n++] = (struct update){ r->addr, r->nh, r->len };
		if (n == BATCH_MAX || i + 1 == churn->routes) {
			struct fib6_batch *b;
			struct txn t;

			if (txn_begin(&t) || !(b = txn_fib6(&t, 0)))
				give_reason("load", 0);
			for (u32 k = 0; k < n; k++) {
				naive6_set(&naive, u[k].addr, u[k].len, u[k].nh);
				if (fib6_add(b, ip(u[k].addr), u[k].len, u[k].nh))
					give_reason("load", 0);
			}
			if (txn_build(&t))
				give_reason("load", 0);
			txn_commit(&t);
			n = 0;
		}
	}
	for (u32 k = 0; k < TARGETS; k++)
		for (u32 e = 0; e < SLOTS; e++)
			expect[e][k] = naive6_lookup(&naive, target[k]);
}

static void withdraw(void)
{
	static struct update u[BATCH_MAX];
	u32 n = 0;

	for (u32 i = 0; i <= naive.mask; i++) {
		const struct naive6_route *r = &naive.slot[i];

		if (r->nh)
			u[n++] = (struct update){ r->addr, 0, r->len };
		if (n == BATCH_MAX || (n && i == naive.mask)) {
			batch(u, n, false);
			n = 0;
		}
	}
	batch(NULL, 0, false);
	batch(NULL, 0, false);
	tables_reclaim();
}

/* Lines that can be reached from the value v; entries of a directory share some. */
static u32 reached(const u8 *mem, u32 v)
{
	const struct f6_line *l = (const struct f6_line *)(mem + (u64)f6_node_line(v) * F6_LINE);
	u32 lines = 1u << f6_split(v), n = F6_WIDE_RUNS, last = 0;
	const u32 *value = l->value;

	if (!(v & F6_NODE))
		return 0;
	if (!(v & (F6_DIR | F6_WIDE)))
		return lines;
	if (v & F6_DIR) {
		value = (const u32 *)l;
		n = 1u << f6_dir_bits(v);
	} else {
		lines = 1;
	}
	for (u32 i = 0; i < n; i++)
		if (value[i] & F6_NODE && value[i] != last)
			lines += reached(mem, last = value[i]);
	return lines;
}

/* The books know of other lines than those that can be reached, or the lists do not hold the rest.
 */
static bool lines_lost(void)
{
	const struct fib6 *f = tables_current()->fib6[0];
	const struct f6_pool *p = &f->writer->pool;
	u32 can = reached(p->live, f->root), waiting = 0, spare = 0, at = p->gone;

	for (u32 i = 0; i < p->gone_n; i++, at = p->now.note[at].next)
		waiting += 1u << p->now.note[at].order;
	for (u32 i = 0; i < p->now.lines; i++)
		if (p->now.note[i].state == F6_FREE)
			spare += 1u << p->now.note[i].order;
	if (can == p->now.used && can + waiting + spare == p->now.lines)
		return false;
	printf("%u lines used, %u reached, %u waiting, %u free of %u\n", p->now.used, can, waiting,
	       spare, p->now.lines);
	return true;
}

void fib6_churn_run(struct fib6_churn *c)
{
	u64 *word = &ctl_block()->qgm[0].counters->epoch, used;
	pthread_t thread;

	churn = c;
	rng = c->seed;
	stop = false;
	naive6_make(&naive, c->routes + (u32)MIN(c->updates, 4000000ull) + 2000000);
	memset(expect, 0, sizeof(expect));
	*word = ~0ull; /* the QGM sleeps: it holds nothing */
	batch(NULL, 0, false);
	batch(NULL, 0, false);
	tables_reclaim();
	used = arena_used();
	load();
	c->done = c->epochs = c->aborted = c->in_place = 0;
	ctl_block()->qgm[0].up = 1;
	*word = 0;
	fence_full();
	if (pthread_create(&thread, NULL, reader, NULL))
		abort();
	writer();
	pthread_join(thread, NULL);
	c->lost = lines_lost();
	withdraw();
	c->left = arena_used() - used + fib6_heap_bytes(tables_current()->fib6[0]);
	naive6_end(&naive);
}
