// SPDX-License-Identifier: MIT
/*
 * The full IPv6 table (libloc-database, build/routes): lookups in and around its prefixes against a
 * naive table, with all forms of the lookup; a writer's churn under a reader, where each answer
 * must be exactly the one of the epoch that the reader holds; all withdrawn and restored.
 * FIB_LONG=1 in the environment: 10^8 lookups compared; 10^9 during 10^7 updates; 100 restores, all
 * of it with FIB_PART=1/n to n/n.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "qgm/arena.h"
#include "qgm/cpu.h"
#include "qgm/ctl.h"
#include "qgm/re/fib6.h"
#include "qgm/re/fib6_build.h"
#include "qgm/re/fib6_line.h"
#include "qgm/re/txn.h"
#include "tests/unit/re/naive6.h"
#include "tools/host/world.h"

#ifndef FIB_ROUTES /* the Makefile says where */
#define FIB_ROUTES "build/routes/prefixes6.txt"
#endif

#ifdef __SANITIZE_ADDRESS__
enum { SLOW = 1 };
#else
enum { SLOW = 0 };
#endif

typedef unsigned __int128 u128;

static struct naive6_route *routes;
static u32 routes_n;
static bool full_length;

/* FIB_PART=k/n: the k-th of n parts of the long form, each with a seed of its own. */
static u32 part = 1, parts = 1;

static bool read_part(void)
{
	const char *text = getenv("FIB_PART");

	return !text || (sscanf(text, "%u/%u", &part, &parts) == 2 && part && part <= parts);
}
static struct world w;

static struct pix_ip ip(u128 a)
{
	return (struct pix_ip){ (u64)(a >> 64), (u64)a };
}

static u128 random128(u64 *s)
{
	u128 hi = naive6_random(s);

	return hi << 64 | naive6_random(s);
}

static void make(const char *plants)
{
	host_reset();
	host_plant(plants);
	fib6_plant_cover(strstr(plants, "cover6") != NULL);
	/* An eighth is the arena: over 10^7 updates the tables grow, by copies: three blocks
	 * then. */
	world_make(&w, full_length ? 768ull << 20 : 256ull << 20, 1, 1);
	/* The QGM sleeps: it holds nothing. */
	ctl_block()->qgm[0].counters->epoch = ~0ull;
}

/* Routes first..first+n-1 announced (or withdrawn) as one epoch. */
static void change(u32 first, u32 n, bool announce)
{
	struct fib6_batch *b;
	struct txn t;

	assert_int_equal(txn_begin(&t), 0);
	b = txn_fib6(&t, 0);
	assert_non_null(b);
	for (u32 i = first; i < first + n; i++) {
		const struct naive6_route *r = &routes[i];

		assert_int_equal(announce ? fib6_add(b, ip(r->addr), r->len, r->nh)
					  : fib6_del(b, ip(r->addr), r->len),
				 0);
	}
	assert_int_equal(txn_build(&t), 0);
	txn_commit(&t);
	tables_reclaim();
}

static u128 near_route(u64 *s)
{
	const struct naive6_route *r = &routes[naive6_random(s) % routes_n];
	u128 mask = naive6_mask(r->len);
	u32 kind = naive6_random(s) % 16;

	if (kind == 0)
		return r->addr - 1;
	if (kind == 1)
		return (r->addr | ~mask) + 1;
	if (kind == 2)
		return r->addr | ~mask;
	if (kind == 3)
		return r->addr;
	if (kind == 4) /* anywhere in what surrounds it */
		mask = naive6_mask(naive6_random(s) % 49);
	return (r->addr & mask) | (random128(s) & ~mask);
}

/* --- answers -----------------------------------------------------------------------------------
 */

static void answers(void **state)
{
	u64 lookups = full_length ? 100000000 / parts
		      : SLOW      ? 400000
				  : 10000000,
	    s = 4710 + part, wrong = 0;
	u32 sizes[] = { 32, 64, 1, 31, 50, 256, 17 };
	const struct fib6 *f;
	struct naive6 t;

	(void)state;
	make("");
	naive6_make(&t, routes_n);
	change(0, routes_n, true);
	for (u32 i = 0; i < routes_n; i++)
		naive6_set(&t, routes[i].addr, routes[i].len, routes[i].nh);
	f = tables_current()->fib6[0];
	assert_int_equal(f->count, t.count);
	for (u64 k = 0, round = 0; k < lookups; round++) {
		struct pix_ip dst[256];
		u32 n = sizes[round % ARRAY_SIZE(sizes)], nh[256], form = (u32)(round / 7 % 4);
		u128 a[256];

		for (u32 i = 0; i < n; i++) {
			a[i] = near_route(&s);
			dst[i] = ip(a[i]);
		}
		if (form == 0 || (form == 1 && !(cpu_wide() & CPU_AVX2)))
			fib6_burst_sse2(f, dst, nh, n);
		else if (form == 1)
			fib6_burst_avx2(f, dst, nh, n);
		else
			fib6_lookup_burst(f, dst, nh, n);
		for (u32 i = 0; i < n; i++) {
			u16 want = naive6_lookup(&t, a[i]);

			wrong += nh[i] != want || (k % 8 == 0 && fib6_lookup(f, dst[i]) != want);
		}
		k += n;
	}
	printf("%u routes, %lu lookups, %lu wrong; %lu bytes of tables, %lu of books\n", f->count,
	       lookups, wrong, fib6_bytes(f), fib6_heap_bytes(f));
	assert_int_equal(wrong, 0);
	assert_true(fib6_bytes(f) < 4 << 20);
	naive6_end(&t);
}

static void restore(void **state)
{
	u32 times = full_length ? 100 / parts : 2, step = 4096;
	u64 used = 0, with = 0;

	(void)state;
	make("");
	change(0, 0, true);
	change(0, 0, true);
	for (u32 n = 0; n < times; n++) {
		const struct fib6 *f;

		for (u32 i = 0; i < routes_n; i += step)
			change(i, MIN(step, routes_n - i), true);
		f = tables_current()->fib6[0];
		with = with ? with : fib6_bytes(f);
		assert_int_equal(fib6_bytes(f), with);
		for (u32 i = 0; i < routes_n; i += step)
			change(i, MIN(step, routes_n - i), false);
		change(0, 0, true);
		change(0, 0, true);
		f = tables_current()->fib6[0];
		used = used ? used : arena_used();
		assert_int_equal(arena_used(), used);
		assert_int_equal(fib6_heap_bytes(f), 0);
		assert_int_equal(fib6_bytes(f), sizeof(*f));
		assert_true(arena_check());
	}
	printf("%u times: %lu bytes with all routes, %lu bytes of the arena without\n", times, with,
	       used);
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
	} else
		lines = 1;
	for (u32 i = 0; i < n; i++)
		if (value[i] & F6_NODE && value[i] != last)
			lines += reached(mem, last = value[i]);
	return lines;
}

/* No line is lost: the books know of those that can be reached, and of no other. */
static bool lines_complete(void)
{
	const struct fib6 *f = tables_current()->fib6[0];
	const struct f6_pool *p = &f->writer->pool;
	u32 r = reached(p->live, f->root);

	if (r != p->now.used)
		printf("%u lines used, %u reached\n", p->now.used, r);
	return r == p->now.used;
}

/* --- churn under a reader -----------------------------------------------------------------------
 */

enum { TARGETS = 2048, SLOTS = 4, BURST = 48, BATCH = 300 };

struct update {
	u128 addr;
	u16 nh; /* 0: withdraw */
	u8 len;
};

static struct {
	struct naive6 naive;
	u128 target[TARGETS]; /* ascending */
	u16 expect[SLOTS][TARGETS];
	u64 random;
	u64 done, epochs, aborted, looked, wrong;
	bool stop;
} c;

static u32 rnd(u32 n)
{
	return (u32)((naive6_random(&c.random) >> 16) % n);
}

static u64 look(const struct tables *t, u64 *s)
{
	const u16 *want = c.expect[t->epoch % SLOTS];
	u32 at = (u32)((naive6_random(s) >> 20) % (TARGETS - BURST)), nh[BURST];
	struct pix_ip dst[BURST];
	u64 bad = 0;
	/* Near each other, and far. */
	u32 step = at & 1 ? 1 : TARGETS / BURST, from = step == 1 ? at : at % (TARGETS / BURST);

	for (u32 i = 0; i < BURST; i++)
		dst[i] = ip(c.target[from + i * step]);
	fib6_lookup_burst(t->fib6[0], dst, nh, BURST);
	for (u32 i = 0; i < BURST; i++)
		bad += nh[i] != want[from + i * step];
	return bad;
}

static void *reader(void *arg)
{
	u64 *word = &ctl_block()->qgm[0].counters->epoch;
	u64 s = 88172645463325252ull, looked = 0, wrong = 0;

	(void)arg;
	while (!load_relaxed(&c.stop)) {
		const struct tables *t = tables_current();

		for (int i = 0; i < 8; i++, looked += BURST)
			wrong += look(t, &s);
		store_release(word, t->epoch);
		store_relaxed(&c.looked, looked);
	}
	store_release(word, ~0ull); /* offline */
	c.wrong = wrong;
	return NULL;
}

static struct update random_update(void)
{
	u32 kind = rnd(1000);
	/* Short ones are rare: each touches many targets. */
	u8 len = (u8)(kind < 500   ? 48
		      : kind < 800 ? 24 + rnd(25)
		      : kind < 998 ? 49 + rnd(80)
				   : rnd(24));
	struct update u = { .len = len };

	u.addr = c.target[rnd(TARGETS)] & naive6_mask(len);
	if (rnd(3))
		u.nh = (u16)(1 + rnd(300));
	return u;
}

static void give_reason(const char *what, int err)
{
	fprintf(stderr, "%s: error %d after %lu updates; %lu bytes of the arena used\n", what, err,
		c.done, arena_used());
	abort();
}

/* One epoch, or an aborted one. */
static void batch(const struct update *u, u32 n, bool give_up)
{
	struct fib6_batch *b;
	struct txn t;
	u16 *want;
	int err;

	while (!tables_epoch_reached(tables_current()->epoch - 1)) /* its slot is used again */
		sched_yield();
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
	if (give_up) {
		err = n & 1 ? txn_build(&t) : 0;
		if (err)
			give_reason("build", err);
		txn_abort(&t);
		c.aborted++;
		return;
	}
	want = c.expect[t.draft->epoch % SLOTS];
	memcpy(want, c.expect[(t.draft->epoch - 1) % SLOTS], sizeof(c.expect[0]));
	for (u32 i = 0; i < n; i++)
		naive6_set(&c.naive, u[i].addr, u[i].len, u[i].nh);
	for (u32 i = 0; i < n; i++)
		for (u32 k = 0; k < TARGETS; k++)
			if ((c.target[k] & naive6_mask(u[i].len)) == u[i].addr)
				want[k] = naive6_lookup(&c.naive, c.target[k]);
	err = txn_build(&t);
	if (err)
		give_reason("build", err);
	txn_commit(&t);
	c.epochs++;
	c.done += n;
}

static int by_value(const void *a, const void *b)
{
	u128 x = *(const u128 *)a, y = *(const u128 *)b;

	return (x > y) - (x < y);
}

/* Returns the wrong answers; what must hold besides is asserted when nothing is planted. */
static u64 churn_run(const char *plants, bool full, u64 updates, u64 lookups)
{
	struct update u[BATCH];
	pthread_t thread;
	u64 used, left;

	make(plants);
	memset(&c, 0, sizeof(c));
	c.random = 20150810 + part;
	naive6_make(&c.naive, routes_n + (u32)MIN(updates, 4000000ull) + 2000000);
	for (u32 i = 0; i < TARGETS; i++) {
		u128 base = (u128)0x20010db8 << 96 | (u128)rnd(1 << 20) << 76;

		c.target[i] = (full ? near_route(&c.random) : base) | rnd(256);
	}
	qsort(c.target, TARGETS, sizeof(c.target[0]), by_value);
	batch(NULL, 0, false);
	batch(NULL, 0, false);
	tables_reclaim();
	used = arena_used();
	if (full) {
		change(0, routes_n, true);
		for (u32 i = 0; i < routes_n; i++)
			naive6_set(&c.naive, routes[i].addr, routes[i].len, routes[i].nh);
		for (u32 k = 0; k < TARGETS; k++)
			for (u32 e = 0; e < SLOTS; e++)
				c.expect[e][k] = naive6_lookup(&c.naive, c.target[k]);
	}
	ctl_block()->qgm[0].up = 1;
	ctl_block()->qgm[0].counters->epoch = 0;
	fence_full();
	assert_int_equal(pthread_create(&thread, NULL, reader, NULL), 0);
	while (c.done < updates || load_relaxed(&c.looked) < lookups) {
		u32 n = rnd(4) ? 1 + rnd(8) : 1 + rnd(BATCH);

		for (u32 i = 0; i < n; i++)
			u[i] = random_update();
		batch(u, n, !rnd(16));
	}
	store_relaxed(&c.stop, true);
	pthread_join(thread, NULL);
	assert_true(lines_complete());
	for (u32 i = 0, n = 0; i <= c.naive.mask; i++) {
		const struct naive6_route *r = &c.naive.slot[i];

		if (r->nh)
			u[n++] = (struct update){ r->addr, 0, r->len };
		if (n == BATCH || (n && i == c.naive.mask)) {
			batch(u, n, false);
			n = 0;
		}
	}
	batch(NULL, 0, false);
	batch(NULL, 0, false);
	tables_reclaim();
	left = arena_used() - used + fib6_heap_bytes(tables_current()->fib6[0]);
	printf("%s%s%s: %lu updates, %lu epochs, %lu aborted; %lu lookups, %lu wrong; %lu bytes "
	       "left\n",
	       full ? "full" : "small", *plants ? ", planted " : "", plants, c.done, c.epochs,
	       c.aborted, c.looked, c.wrong, left);
	assert_true(*plants || (!left && (c.aborted || c.epochs < 100)));
	naive6_end(&c.naive);
	return c.wrong;
}

static void churn(void **state)
{
	u64 lookups = full_length ? 1000000000 / parts : SLOW ? 500000 : 4000000;
	u64 updates = full_length ? 10000000 / parts : SLOW ? 2000 : 5000;

	(void)state;
	assert_int_equal(churn_run("", false, updates, lookups), 0);
	if (!SLOW)
		assert_int_equal(churn_run("", true, updates, lookups), 0);
	cpu_wide_limit(0);
	assert_int_equal(churn_run("", false, 1000, 300000), 0);
	cpu_wide_limit(~0u);
}

/* Each in a process of its own: what reads memory without its grace period may run off anywhere. */
static void planted_bugs(void **state)
{
	static const char *const plants[] = { "", "no-grace", "cover6" };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(plants); i++) {
		pid_t child;
		int status;

		fflush(stdout);
		child = fork();
		if (!child) {
			signal(SIGSEGV, SIG_DFL);
			alarm(60);
			_exit(churn_run(plants[i], false, 2000, 200000) > 0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		printf("planted %s: %s\n", *plants[i] ? plants[i] : "nothing",
		       !status               ? "silent"
		       : WIFSIGNALED(status) ? "crash"
					     : "seen");
		assert_int_equal(!status, !*plants[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(restore),
		cmocka_unit_test(churn),
		cmocka_unit_test(planted_bugs),
	};

	if (!read_part()) {
		fprintf(stderr, "FIB_PART is k/n\n");
		return 1;
	}
	full_length = getenv("FIB_LONG") != NULL;
	routes_n = naive6_file(FIB_ROUTES, &routes);
	if (!routes_n) {
		fprintf(stderr, "no %s\n", FIB_ROUTES);
		return 1;
	}
	if (SLOW)
		routes_n /= 8;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
