// SPDX-License-Identifier: MIT
/*
 * qgm/re/fib with thousands of prefixes: the large layout, and the way from the small one to it and
 * back, against a naive table; each allocation failing in turn; planted bugs. Seed fixed.
 */
#include "tests/unit/re/fake_env.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "qgm/re/fib.h"
#include "qgm/re/fib_pool.h"
#include "qgm/re/ipv4.h"
#include "tests/unit/re/naive4.h"

enum { ENOENT_ = 2, ENOMEM_ = 12 };

static const struct fib *cur;
static struct garbage garbage;

static u32 rnd(void)
{
	return (u32)rand() << 16 ^ (u32)rand();
}

static struct fib_batch *begin(void)
{
	struct fib_batch *b;

	assert_int_equal(garbage_begin(&garbage), 0);
	b = fib_begin(cur, 0, &garbage);
	assert_non_null(b);
	return b;
}

static u32 in_place;

/* As txn_commit() does; settled when the last version's grace period is over. */
static void publish(struct fib_batch *b)
{
	if (fake_settled && fib_in_place(b)) {
		fake_passed = 0;
		fib_commit_in_place(b, 1);
		garbage_commit(&garbage, 1);
		in_place++;
		return;
	}
	cur = fib_commit(b);
	garbage_commit(&garbage, 1);
	fake_settled = false;
}

static struct naive4 book;

static void full_check(const struct fib *f, u32 looks)
{
	u32 dst[83], want[83], nh[83];

	assert_int_equal(f->count, book.count);
	assert_true(!f->pool || fib_pool_check(f->pool));
	for (u32 n = 0; n < looks; n += 83) {
		for (u32 k = 0; k < 83; k++) {
			const struct naive4_route *r = &book.slot[rnd() & book.mask];

			dst[k] = r->used ? r->addr + rnd() % 3 - 1 : rnd() & 0x3ffffff;
			if (r->used && rnd() % 3 == 0) /* behind the prefix's last address */
				dst[k] = (r->addr | ~ipv4_mask(r->len)) + rnd() % 2;
			want[k] = naive4_lookup(&book, dst[k]);
		}
		for (u32 path = 0; path <= (f->dir ? f->path : 0u); path++) {
			struct fib form = *f;

			form.path = (u8)path;
			fib_lookup_burst(&form, dst, nh, 1 + n % 83);
			for (u32 k = 0; k < 1 + n % 83; k++)
				assert_int_equal(nh[k], want[k]);
			assert_int_equal(fib_lookup(&form, dst[82]), want[82]);
		}
	}
}

/* In 0.0.0.0/6, so that there is much below each other; next hops around the limits of a byte. */
static void wild_prefix(u32 *addr, u8 *len, u32 *nh)
{
	u32 kind = rnd() % 100;

	*len = (u8)(kind < 50   ? 24
		    : kind < 80 ? 14 + rnd() % 11
		    : kind < 97 ? 25 + rnd() % 8
				: rnd() % 14);
	*addr = rnd() & (rnd() % 2 ? 0x000fffff : 0x03ffffff) & ipv4_mask(*len);
	kind = rnd() % 50;
	*nh = kind < 40 ? 1 + rnd() % 9 : kind < 48 ? 250 + rnd() % 10 : 1 + rnd() % FIB_NH_MAX;
}

static void wild_change(struct fib_batch *b, struct naive4 *to, bool grow)
{
	u32 addr, nh;
	u8 len;

	wild_prefix(&addr, &len, &nh);
	if (rnd() % 100 >= (grow ? 90u : 20u)) { /* one that is there, if we hit one */
		const struct naive4_route *r = &to->slot[rnd() & to->mask];

		for (u32 k = 0; k < 64 && !r->nh; k++)
			r = &to->slot[rnd() & to->mask];
		if (!r->nh)
			return;
		assert_int_equal(fib_get(b, r->addr, r->len), r->nh);
		assert_int_equal(fib_del(b, r->addr, r->len), 0);
		naive4_set(to, r->addr, r->len, 0);
		return;
	}
	assert_int_equal(fib_add(b, addr, len, nh), 0);
	naive4_set(to, addr, len, (u16)nh);
}

static void copy_book(struct naive4 *to, const struct naive4 *from)
{
	struct naive4_route *slot = to->slot;

	memcpy(slot, from->slot, (from->mask + 1) * sizeof(*slot));
	*to = *from;
	to->slot = slot;
}

static void clear_all(void)
{
	struct fib_batch *b = begin();

	for (u32 i = 0; i <= book.mask; i++)
		if (book.slot[i].nh)
			assert_int_equal(fib_del(b, book.slot[i].addr, book.slot[i].len), 0);
	publish(b);
	assert_null(cur->dir);
	fake_grace();
	arena_free((void *)(uintptr_t)cur);
	cur = NULL;
	assert_int_equal(fake_live, 0);
}

/* Up over the border of the layouts and down again; batches published and forgotten, with and
 * without the grace period over; whatever was published stays as it was. */
static void large(void **state)
{
	static struct naive4 draft;
	u32 seen[33] = { 0 };

	(void)state;
	naive4_make(&book, 30000);
	naive4_make(&draft, 30000);
	for (int round = 0; round < 160; round++) {
		bool grow = round % 80 < 40, give_up = rnd() % 4 == 0;
		struct fib_batch *b = begin();
		long live = fake_live;

		copy_book(&draft, &book);
		for (u32 k = rnd() % 2 ? rnd() % 8 : 250; k; k--)
			wild_change(b, &draft, grow);
		if (give_up) {
			fib_abort(b);
			garbage_abort(&garbage);
			assert_true(fake_live <= live); /* what begin() took */
		} else {
			publish(b);
			copy_book(&book, &draft);
		}
		if (!cur)
			continue;
		seen[cur->bits]++;
		full_check(cur, 500);
		if (rnd() % 3)
			fake_grace();
	}
	assert_true(seen[FIB_BITS_SMALL] > 10 && seen[FIB_BITS_LARGE] > 10);
	clear_all();
	naive4_end(&draft);
	naive4_end(&book);
}

/* Batches of one change in a large and in a small table, most of them published in place; of more
 * in between, so that the other direct array has to follow; aborted ones. */
static void singles(void **state)
{
	static struct naive4 draft;
	struct fib_batch *b = begin();
	u32 waited = 0;

	(void)state;
	naive4_make(&book, 40000);
	naive4_make(&draft, 40000);
	for (int large_one = 1; large_one >= 0; large_one--) {
		while (large_one ? book.count < 4000 : book.count > 505)
			wild_change(b, &book, large_one);
		publish(b);
		in_place = 0;
		for (int round = 0; round < 6000; round++) {
			bool give_up = rnd() % 16 == 0;
			u32 n = rnd() % 32 ? 1 : rnd() % 20;

			if (rnd() % 2) {
				fake_grace();
				fake_settled = true;
			}
			b = begin();
			if (give_up)
				copy_book(&draft, &book);
			for (; n; n--)
				wild_change(b, give_up ? &draft : &book, round & 1);
			if (give_up) {
				fib_abort(b);
				garbage_abort(&garbage);
			} else {
				publish(b);
			}
			waited = MAX(waited, fib_waiting(cur));
			full_check(cur, round % 128 ? 83 : 1000);
		}
		printf("%s: %u of 6000 batches in place, up to %u records waiting\n",
		       large_one ? "large" : "small", in_place, waited);
		assert_true(in_place > 1000 && waited > 0);
		b = begin();
	}
	fib_abort(b);
	garbage_abort(&garbage);
	fake_grace();
	fake_settled = false;
	clear_all();
	naive4_end(&draft);
	naive4_end(&book);
}

/* One change as an epoch; the readers keep up with roots, but say nothing of what was published in
 * place, so that its old records wait. Returns whether it was published in place. */
static bool one(u32 addr, u8 len, u32 nh)
{
	const struct fib *before = cur;
	struct fib_batch *b;

	fake_settled = true;
	b = begin();
	assert_int_equal(nh ? fib_add(b, addr, len, nh) : fib_del(b, addr, len), 0);
	naive4_set(&book, addr, len, (u16)nh);
	publish(b);
	if (cur != before)
		fake_grace();
	return cur == before;
}

/* The pool is found too small when only a byte is to be changed: the larger one is a copy, so that
 * the byte must not be stored there and left alone. */
static void patch_in_full_pool(void **state)
{
	const u32 base = 10u << 24, flip = base | 1u << 22;
	struct fib_batch *b = begin();
	u32 grown = 0;

	(void)state;
	naive4_make(&book, 30000);
	for (u32 i = 0; i < 2500; i++) {
		assert_int_equal(fib_add(b, base | i << 8, 24, 1 + i % 3), 0);
		naive4_set(&book, base | i << 8, 24, (u16)(1 + i % 3));
	}
	publish(b);
	fake_grace();
	in_place = 0;
	for (u32 i = 0; i < 4000 && grown < 2; i++) {
		/* A line more, and the one before waits. */
		one(flip, 24, i & 1 ? 0 : 9);
		grown += !one(base | 7 << 8, 24, 10 + i % 3);
		assert_int_equal(fib_lookup(cur, base | 7 << 8 | 1), 10 + i % 3);
		full_check(cur, 83);
	}
	assert_true(grown == 2 && in_place > 1000);
	fake_grace();
	fake_settled = false;
	clear_all();
	naive4_end(&book);
}

/* Every allocation of a batch fails in turn: of one that makes the table large, and of one that
 * changes a large table. Nothing stays behind, and nothing has changed. */
static void large_no_memory(void **state)
{
	static struct naive4 draft;

	(void)state;
	naive4_make(&book, 30000);
	naive4_make(&draft, 30000);
	for (u32 upto = 2000; upto <= 3000; upto += 1000) {
		struct fib_batch *b = begin();
		bool failed = true;
		u32 sites = 0;

		while (book.count < upto)
			wild_change(b, &book, true);
		publish(b);
		fake_grace();
		assert_int_equal(cur->bits, upto > 2048 ? FIB_BITS_LARGE : FIB_BITS_SMALL);
		for (long n = 0; failed; n += 1 + n / 16, sites++) {
			long live = fake_live;
			int err = 0;

			srand(78);
			fake_failed = 0;
			fake_fail_after = n;
			if (garbage_begin(&garbage))
				continue;
			b = fib_begin(cur, 0, &garbage);
			for (int k = 0; b && !err && k < 300; k++) {
				u32 addr, nh;
				u8 len;

				wild_prefix(&addr, &len, &nh);
				err = rnd() % 4 ? fib_add(b, addr, len, nh) : fib_del(b, addr, len);
				err = err == -ENOENT_ ? 0 : err;
			}
			failed = fake_failed > 0;
			fake_fail_after = -1;
			assert_true(!err || (err == -ENOMEM_ && failed));
			if (b)
				fib_abort(b);
			garbage_abort(&garbage);
			assert_int_equal(fake_live, live);
			full_check(cur, 200);
		}
		assert_true(sites > 20);
	}
	clear_all();
	naive4_end(&draft);
	naive4_end(&book);
}

/* A version is what it was as long as somebody may read it, and the next ones are right. With one
 * of the bugs planted, not. */
static u32 old_and_new(u32 plant)
{
	const struct fib *old;
	u32 wrong = 0, nh;
	struct naive4 before;

	naive4_make(&book, 30000);
	naive4_make(&before, 30000);
	fib_plant(plant);
	for (int round = 0; round < 30; round++) {
		struct fib_batch *b = begin();

		while (book.count < 2500)
			wild_change(b, &book, true);
		old = cur;
		copy_book(&before, &book);
		for (u32 k = 0; old && k < 60; k++)
			wild_change(b, &book, k & 1);
		publish(b);
		for (u32 i = 0; i <= book.mask; i++) {
			u32 at = book.slot[i].addr;

			if (!book.slot[i].used)
				continue;
			nh = fib_lookup(cur, at);
			wrong += nh != naive4_lookup(&book, at);
			nh = old ? fib_lookup(old, at) : 0;
			wrong += old && nh != naive4_lookup(&before, at);
		}
		fake_grace();
	}
	fib_plant(0);
	naive4_end(&before);
	return wrong;
}

static void planted(void **state)
{
	static const u32 bugs[] = { 0, FIB_PLANT_COVER, FIB_PLANT_REUSE, FIB_PLANT_REPLAY };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(bugs); i++) {
		int status;
		pid_t child;

		fflush(stdout);
		child = fork();
		if (!child) {
			signal(SIGSEGV, SIG_DFL);
			_exit(old_and_new(bugs[i]) > 0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(!status, !bugs[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(large),
		cmocka_unit_test(singles),
		cmocka_unit_test(patch_in_full_pool),
		cmocka_unit_test(large_no_memory),
		cmocka_unit_test(planted),
	};

	printf("seed 20152\n");
	srand(20152);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
