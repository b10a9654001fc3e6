// SPDX-License-Identifier: MIT
/*
 * The full IPv6 table (libloc-database, build/routes): lookups in and around its prefixes against a
 * naive table, with all forms of the lookup; a writer's churn under a reader (fib6_churn.h); when a
 * change may be published in place; all withdrawn and restored.
 * FIB_LONG=1 in the environment: 10^8 lookups compared; 10^9 during 10^7 updates; 100 restores, all
 * of it with FIB_PART=1/n to n/n.
 */
#include "tests/unit/unit.h"

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
#include "tests/unit/re/fib6_churn.h"
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

static void make(const char *plants)
{
	host_reset();
	host_plant(plants);
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
			a[i] = naive6_near(routes, routes_n, &s);
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

/* Returns what came of it; what must hold besides is asserted when nothing is planted. */
static struct fib6_churn run_churn(const char *plants, bool full, u32 batch, u64 updates,
				   u64 lookups)
{
	struct fib6_churn c = { .full = full ? routes : NULL,
				.routes = full ? routes_n : 0,
				.updates = updates,
				.lookups = lookups,
				.batch = batch,
				.seed = 20150810 + part };

	make(plants);
	fib6_churn_run(&c);
	printf("%s%s%s: %lu updates, %lu epochs, %lu in place, %lu aborted; %lu lookups, %lu "
	       "wrong; %lu bytes left\n",
	       full ? "full" : "small", *plants ? ", planted " : "", plants, c.done, c.epochs,
	       c.in_place, c.aborted, c.looked, c.wrong, c.left);
	assert_true(*plants || (!c.left && !c.lost && (c.aborted || c.epochs < 100)));
	return c;
}

static void churn(void **state)
{
	u64 lookups = full_length ? 1000000000 / parts : SLOW ? 500000 : 4000000;
	u64 updates = full_length ? 10000000 / parts : SLOW ? 2000 : 5000;

	(void)state;
	for (int full = 0; full < (SLOW ? 1 : 2); full++)
		assert_int_equal(run_churn("", full, 300, updates, lookups).wrong, 0);
	cpu_wide_limit(0);
	assert_int_equal(run_churn("", false, 300, 1000, 300000).wrong, 0);
	cpu_wide_limit(~0u);
}

/* One change a batch: where the reader keeps up, it is published in place. */
static void churn_single(void **state)
{
	u64 updates = full_length ? 1000000 / parts : SLOW ? 1000 : 2500;

	(void)state;
	for (int full = 0; full < (SLOW ? 1 : 2); full++) {
		struct fib6_churn c = run_churn("", full, 1, updates, updates);

		assert_int_equal(c.wrong, 0);
		assert_true(c.in_place > c.epochs / 5);
	}
	cpu_wide_limit(0);
	assert_int_equal(run_churn("", false, 1, 1500, 300000).wrong, 0);
	cpu_wide_limit(~0u);
}

/* In a process of its own: what reads memory without its grace period may run off anywhere. One
 * that hangs has shown nothing. */
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
		_exit(run_churn(plant, false, batch, 6000, 300000).wrong > 0);
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
	static const struct {
		const char *name;
		u32 batch;
	} plants[] = { { "", 300 },       { "", 1 },           { "no-grace", 300 },
		       { "cover6", 300 }, { "fib6-patch", 1 }, { "fib6-patch", 300 } };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(plants); i++) {
		bool planted = *plants[i].name, seen = false;

		/* Whether the threads meet in a planted window is up to the scheduler. */
		for (u32 tries = 0; tries < (planted ? 5 : 1) && !seen; tries++)
			seen = churn_seen(plants[i].name, plants[i].batch);
		assert_int_equal(seen, planted);
	}
}

/* --- in place -----------------------------------------------------------------------------------
 */

/* A next hop or not, on id `id`; a route to it or not. Returns the root afterwards. */
static const struct tables *set(u32 id, u64 prefix, u32 nh)
{
	struct adjacency adj = { .kind = NH_BLACKHOLE };
	struct fib6_batch *b;
	struct txn t;

	assert_int_equal(txn_begin(&t), 0);
	if (id)
		assert_int_equal(nh_set(t.nh, id, &adj), 0);
	if (nh) {
		b = txn_fib6(&t, 0);
		assert_non_null(b);
		assert_int_equal(fib6_add(b, (struct pix_ip){ prefix, 0 }, 48, nh), 0);
	}
	assert_int_equal(txn_build(&t), 0);
	txn_commit(&t);
	return tables_current();
}

static u32 look(const struct tables *t, u64 prefix)
{
	return fib6_lookup(t->fib6[0], (struct pix_ip){ prefix, 5 });
}

/* The same root as before after a change of one route? */
static bool same_root(u64 prefix, u32 nh)
{
	const struct tables *before = tables_current();
	u64 epoch = before->epoch;
	const struct tables *now = set(0, prefix, nh);

	assert_int_equal(now->epoch, epoch + 1);
	assert_int_equal(look(now, prefix), nh);
	return now == before;
}

#define NET 0x20010db800000000ull

/* Twenty routes behind two directories. */
static void set_some(void)
{
	for (u64 i = 0; i < 40; i++)
		set(0, NET + (i % 20 << 40) + (i << 16), 1 + i % 7);
}

/* In place only while no QGM holds an older root: it would not know the next hop. */
static void in_place_rules(void **state)
{
	const struct tables *held;
	u64 *word;

	(void)state;
	make("");
	word = &ctl_block()->qgm[0].counters->epoch;
	ctl_block()->qgm[0].up = 1;
	*word = ~0ull;
	set_some();
	*word = tables_current()->epoch;
	assert_true(same_root(NET + 0x30000, 33));
	assert_true(same_root(NET + 0x30000, 34));
	*word = tables_current()->epoch;
	held = tables_current(); /* from here on the QGM is away with this root */
	set(100, 0, 0);
	assert_false(same_root(NET + 0x30000, 100));
	assert_int_equal(look(held, NET + 0x30000), 34);
	assert_false(nh_valid(held->nh, 100));
	*word = tables_current()->epoch;
	assert_true(same_root(NET + 0x30000, 1));
	/* Not with a next hop in the same batch. */
	held = tables_current();
	assert_ptr_not_equal(set(101, NET + 0x30000, 101), held);
	*word = ~0ull;
	set(0, NET + 0x40000, 1); /* both blocks agree again */
	assert_true(same_root(NET + 0x50000, 1));
	assert_int_equal(look(tables_current(), NET + 0x40000), 1);
	/* With the check of the readers left out, a QGM is told a next hop that it does not know.
	 */
	make("fib6-early");
	word = &ctl_block()->qgm[0].counters->epoch;
	ctl_block()->qgm[0].up = 1;
	*word = ~0ull;
	set_some();
	*word = tables_current()->epoch;
	held = tables_current();
	set(100, 0, 0);
	set(0, NET + 0x30000, 100);
	assert_int_equal(look(held, NET + 0x30000), 100);
	assert_false(nh_valid(held->nh, 100));
	make("");
}

enum { HELD = 20 };

/* The line that holds an address now. */
static const struct f6_line *line_of(u64 hi)
{
	const struct fib6 *f = tables_current()->fib6[0];
	struct pix_ip a = { hi, 0 };
	u32 v = f->root, depth = 0;

	while (v & (F6_DIR | F6_WIDE)) {
		depth += f6_used(v);
		v = f6_step(f->base, v, f6_bits(a, depth));
	}
	assert_true(v & F6_NODE);
	return (const struct f6_line *)(f->base + f6_at_of(v, f6_bits(a, depth + f6_used(v))));
}

/* Of the lines that a QGM may look at since its turn began, how many became others? */
static u32 lines_reused(const char *plants)
{
	const struct f6_line *line[HELD];
	struct f6_line was[HELD];
	u32 done = 0, other = 0;
	u64 *word;

	make(plants);
	word = &ctl_block()->qgm[0].counters->epoch;
	ctl_block()->qgm[0].up = 1;
	*word = ~0ull;
	set_some();
	*word = tables_current()->epoch;
	for (u64 i = 0; i < HELD; i++) {
		line[i] = line_of(NET + (i << 40));
		was[i] = *line[i];
	}
	while (done < HELD && same_root(NET + ((u64)done << 40) + 0x550000, 77))
		done++;
	assert_true(done >= 2);
	for (u32 i = 0; i < HELD; i++)
		other += memcmp(line[i]->end, was[i].end, sizeof(was[i].end)) != 0;
	*word = ~0ull; /* it comes to the end of its turn */
	set(0, NET + 0x660000, 7);
	return other;
}

/* What a publication in place left waits for who may look at it; without that it is seen. */
static void held_lines(void **state)
{
	(void)state;
	assert_int_equal(lines_reused(""), 0);
	assert_int_not_equal(lines_reused("fib6-reuse"), 0);
	make("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),        cmocka_unit_test(restore),
		cmocka_unit_test(churn),          cmocka_unit_test(churn_single),
		cmocka_unit_test(in_place_rules), cmocka_unit_test(held_lines),
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
