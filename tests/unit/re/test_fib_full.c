// SPDX-License-Identifier: MIT
/*
 * The full IPv4 table (libloc-database, build/routes): every /24 against a painted table, with all
 * forms of the lookup; a writer's churn under a reader (fib_churn.h); all withdrawn and restored.
 * FIB_LONG=1 in the environment: every address; 10^9 lookups during 10^7 updates; 100 restores, all
 * of it with FIB_PART=1/n to n/n.
 */
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "qgm/arena.h"
#include "qgm/cpu.h"
#include "qgm/re/fib.h"
#include "qgm/re/txn.h"
#include "tests/unit/re/fib_churn.h"
#include "tests/unit/re/naive4.h"

#ifndef FIB_ROUTES /* the Makefile says where */
#define FIB_ROUTES "build/routes/prefixes4.txt"
#endif

#ifdef __SANITIZE_ADDRESS__
enum { SLOW = 1 };
#else
enum { SLOW = 0 };
#endif

static struct naive4_route *routes;
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

/* Routes first..first+n-1 announced (or withdrawn) as one epoch. */
static void change(u32 first, u32 n, bool announce)
{
	struct txn t;
	struct fib_batch *b;

	assert_int_equal(txn_begin(&t), 0);
	b = txn_fib(&t, 0);
	assert_non_null(b);
	for (u32 i = first; i < first + n; i++) {
		const struct naive4_route *r = &routes[i];

		assert_int_equal(announce ? fib_add(b, r->addr, r->len, r->nh)
					  : fib_del(b, r->addr, r->len),
				 0);
	}
	txn_commit(&t);
	tables_reclaim();
}

static void make(const char *plants)
{
	host_reset();
	host_plant(plants);
	world_make(&w, 256ull << 20, 1, 1);
	/* The QGM sleeps: it holds nothing. */
	ctl_block()->qgm[0].counters->epoch = ~0ull;
}

/* What each /24 must lead to; 0xffff: look at each address. */
static u16 *paint(struct naive4 *t)
{
	u16 *of = calloc(1 << 24, sizeof(*of));

	assert_non_null(of);
	naive4_make(t, routes_n);
	for (u32 len = 0; len <= 32; len++)
		for (u32 i = 0; i < routes_n; i++) {
			if (routes[i].len != len)
				continue;
			naive4_set(t, routes[i].addr, routes[i].len, routes[i].nh);
			if (len > 24)
				of[routes[i].addr >> 8] = 0xffff;
			for (u32 k = 0; len <= 24 && k < 1u << (24 - len); k++)
				of[(routes[i].addr >> 8) + k] = routes[i].nh;
		}
	return of;
}

static u64 compare(const struct fib *f, const struct naive4 *t, const u16 *of, u32 each)
{
	u32 dst[256], nh[256];
	u64 wrong = 0, s = 99;

	for (u32 block = 0; block < 1 << 24; block += 256 / each) {
		for (u32 k = 0; k < 256; k++)
			dst[k] = (block + k / each) << 8 |
				 (each == 256 ? k : (u32)naive4_random(&s) & 255);
		fib_lookup_burst(f, dst, nh, 256);
		for (u32 k = 0; k < 256; k++) {
			u32 want = of[dst[k] >> 8];

			if (want == 0xffff)
				want = naive4_lookup(t, dst[k]);
			wrong += nh[k] != want;
		}
	}
	for (u32 i = 0; i < routes_n; i++) /* all addresses where longer prefixes are */
		for (u32 k = 0; routes[i].len > 24 && k < 256; k++) {
			u32 at = (routes[i].addr & ~255u) | k;

			wrong += fib_lookup(f, at) != naive4_lookup(t, at);
		}
	return wrong;
}

static void every_address(void **state)
{
	u32 each = full_length ? 256 : 1;
	const struct fib *f;
	struct naive4 t;
	u16 *of;

	(void)state;
	make("");
	change(0, routes_n, true);
	f = tables_current()->fib[0];
	of = paint(&t);
	assert_int_equal(f->count, t.count);
	for (u32 path = 0; path <= f->path; path++) {
		struct fib form = *f;

		form.path = (u8)path;
		assert_int_equal(compare(&form, &t, of, each), 0);
	}
	printf("%u routes, %u addresses a /24, %u forms; %lu bytes of tables, %lu of books\n",
	       f->count, each, f->path + 1u, fib_bytes(f), fib_heap_bytes(f));
	assert_true(fib_bytes(f) < 8 << 20);
	assert_true(fib_heap_bytes(f) < 8 << 20);
	free(of);
	naive4_end(&t);
}

static void restore(void **state)
{
	u32 times = full_length ? 100 / parts : 2, step = 4096;
	u64 used = 0, with = 0;

	(void)state;
	make("");
	for (u32 n = 0; n <= times; n++) {
		for (u32 i = 0; i < routes_n; i += step)
			change(i, MIN(step, routes_n - i), true);
		for (u32 i = 0; i < 4; i++)
			change(0, 0, true);
		with = n > 1 && with ? with : fib_bytes(tables_current()->fib[0]);
		assert_int_equal(fib_bytes(tables_current()->fib[0]), with);
		for (u32 i = 0; i < routes_n; i += step)
			change(i, MIN(step, routes_n - i), false);
		for (u32 i = 0; i < 4; i++)
			change(0, 0, true);
		used = used ? used : arena_used();
		assert_int_equal(arena_used(), used);
		assert_int_equal(fib_heap_bytes(tables_current()->fib[0]), 0);
		assert_true(arena_check());
	}
	printf("%u times: %lu bytes with all routes, %lu bytes of the arena without\n", times, with,
	       used);
}

static struct fib_churn run_churn(bool full, const char *plants, u32 batch, u64 updates,
				  u64 lookups)
{
	struct fib_churn c = { .routes = full ? routes_n : 6000,
			       .full = full ? routes : NULL,
			       .updates = updates,
			       .lookups = lookups,
			       .batch = batch,
			       .seed = 20150810 + part };

	make(plants);
	fib_churn_run(&w, &c);
	printf("%s%s%s: %lu updates, %lu epochs, %lu in place, %lu aborted; %lu lookups, %lu "
	       "wrong; %lu bytes left\n",
	       full ? "full" : "small", *plants ? ", planted " : "", plants, c.done, c.epochs,
	       c.in_place, c.aborted, c.looked, c.wrong, c.left);
	return c;
}

static void churn(void **state)
{
	u64 lookups = full_length ? 1000000000 / parts : SLOW ? 2000000 : 20000000;
	u64 updates = full_length ? 10000000 / parts : SLOW ? 5000 : 20000;

	(void)state;
	for (int full = 0; full < (SLOW ? 1 : 2); full++) {
		struct fib_churn c = run_churn(full, "", 300, updates, lookups);

		assert_int_equal(c.wrong, 0);
		assert_int_equal(c.left, 0);
		assert_true(c.looked >= lookups && c.done >= updates && c.aborted > 0);
		assert_true(c.in_place > 0);
	}
}

/* One change a batch: where the reader keeps up, it is published in place. */
static void churn_single(void **state)
{
	u64 updates = full_length ? 1000000 / parts : 20000;

	(void)state;
	for (int full = 0; full < (SLOW ? 1 : 2); full++) {
		struct fib_churn c = run_churn(full, "", 1, updates, updates);

		assert_int_equal(c.wrong, 0);
		assert_int_equal(c.left, 0);
		assert_true(c.in_place > c.epochs / 10);
	}
}

/* A next hop or not, on id `id`; a route to it or not. Returns the root afterwards. */
static const struct tables *set(u32 id, u32 prefix, u32 nh)
{
	struct adjacency adj = { .kind = NH_BLACKHOLE };
	struct fib_batch *b;
	struct txn t;

	assert_int_equal(txn_begin(&t), 0);
	if (id)
		assert_int_equal(nh_set(t.nh, id, &adj), 0);
	if (nh) {
		b = txn_fib(&t, 0);
		assert_non_null(b);
		assert_int_equal(fib_add(b, prefix, 24, nh), 0);
	}
	txn_commit(&t);
	return tables_current();
}

/* The same root as before after a change of one route? */
static bool same_root(u32 prefix, u32 nh)
{
	const struct tables *before = tables_current();
	u64 epoch = before->epoch;
	const struct tables *now = set(0, prefix, nh);

	assert_int_equal(now->epoch, epoch + 1);
	assert_int_equal(fib_lookup(now->fib[0], prefix | 5), nh);
	return now == before;
}

/* In place only while no QGM holds an older root: it would not know the next hop. */
static void in_place_rules(void **state)
{
	u64 *word = &ctl_block()->qgm[0].counters->epoch;
	const struct tables *held;

	(void)state;
	make("");
	word = &ctl_block()->qgm[0].counters->epoch;
	ctl_block()->qgm[0].up = 1;
	set(0, 0x0a000000, 1);
	set(0, 0x0a000100, 2);
	set(0, 0x0a000200, 2);
	*word = tables_current()->epoch;
	assert_true(same_root(0x0a000300, 3));
	assert_true(same_root(0x0a000300, 4));
	*word = tables_current()->epoch;
	held = tables_current(); /* from here on the QGM is away with this root */
	set(100, 0, 0);
	assert_false(same_root(0x0a000300, 100));
	assert_int_equal(fib_lookup(held->fib[0], 0x0a000305), 4);
	assert_false(nh_valid(held->nh, 100));
	*word = tables_current()->epoch;
	assert_true(same_root(0x0a000300, 1));
	/* Not with a next hop in the same batch, nor two routes. */
	held = tables_current();
	assert_ptr_not_equal(set(101, 0x0a000300, 101), held);
	*word = ~0ull;
	set(0, 0x0a000400, 1); /* both direct arrays agree again */
	assert_true(same_root(0x0a000500, 1));
	assert_int_equal(fib_lookup(tables_current()->fib[0], 0x0a000405), 1);
	/* With the check of the readers left out, a QGM is told a next hop that it does not know.
	 */
	make("fib-early");
	word = &ctl_block()->qgm[0].counters->epoch;
	ctl_block()->qgm[0].up = 1;
	for (u32 i = 0; i < 4; i++)
		set(0, 0x0a000000 | i << 8, 1 + i);
	*word = tables_current()->epoch;
	held = tables_current();
	set(100, 0, 0);
	set(0, 0x0a000300, 100);
	assert_int_equal(fib_lookup(held->fib[0], 0x0a000305), 100);
	assert_false(nh_valid(held->nh, 100));
	make("");
}

/* Forms of the lookup without wide instructions. */
static void churn_base(void **state)
{
	struct fib_churn c;

	(void)state;
	cpu_wide_limit(0);
	c = run_churn(false, "", 300, 5000, 2000000);
	assert_int_equal(c.wrong, 0);
	c = run_churn(false, "", 1, 5000, 2000000);
	cpu_wide_limit(~0u);
	assert_int_equal(c.wrong, 0);
	assert_int_equal(c.left, 0);
}

/* In a process of its own: what reads reused records may also run off into nowhere. One that hangs
 * has shown nothing. */
static bool churn_seen(const char *plant, u32 batch)
{
	bool hung;
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (!child) {
		signal(SIGSEGV, SIG_DFL);
		alarm(*plant ? 120 : 600);
		_exit(run_churn(false, plant, batch, 3000, 300000).wrong > 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	hung = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
	printf("planted %s, batches of %u: %s\n", *plant ? plant : "nothing", batch,
	       !status               ? "silent"
	       : hung                ? "hung"
	       : WIFSIGNALED(status) ? "crash"
				     : "seen");
	return status && !hung;
}

static void planted_bugs(void **state)
{
	static const char *const plants[] = { "", "fib-reuse", "fib-replay", "cover" };

	(void)state;
	for (u32 n = 0; n < 2 * ARRAY_SIZE(plants); n++) {
		bool planted = *plants[n / 2], seen = false;

		/* Whether the threads meet in a planted window is up to the scheduler. */
		for (u32 tries = 0; tries < (planted ? 5 : 1) && !seen; tries++)
			seen = churn_seen(plants[n / 2], n & 1 ? 1 : 300);
		assert_int_equal(seen, planted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_address), cmocka_unit_test(restore),
		cmocka_unit_test(churn),         cmocka_unit_test(churn_base),
		cmocka_unit_test(churn_single),  cmocka_unit_test(in_place_rules),
		cmocka_unit_test(planted_bugs),
	};

	if (!read_part()) {
		fprintf(stderr, "FIB_PART is k/n\n");
		return 1;
	}
	full_length = getenv("FIB_LONG") != NULL;
	routes_n = naive4_file(FIB_ROUTES, &routes);
	if (!routes_n) {
		fprintf(stderr, "no %s\n", FIB_ROUTES);
		return 1;
	}
	if (SLOW)
		routes_n /= 8;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
