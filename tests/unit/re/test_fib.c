// SPDX-License-Identifier: MIT
/*
 * qgm/re/fib: differential fuzz against a naive list of prefixes, covering routes, batches that
 * leave published versions alone, aborts, allocation failures, leaks. Seed fixed and printed.
 */
#include "tests/unit/re/fake_env.h"

#include "qgm/re/fib.h"
#include "qgm/re/ipv4.h"

enum { ENOENT_ = 2, ENOMEM_ = 12, EINVAL_ = 22, NAIVE_MAX = 4096 };

struct naive {
	u32 n;
	struct {
		u32 addr, nh;
		u8 len;
	} e[NAIVE_MAX];
};

static int naive_find(const struct naive *t, u32 addr, u8 len)
{
	for (u32 i = 0; i < t->n; i++)
		if (t->e[i].addr == addr && t->e[i].len == len)
			return (int)i;
	return -1;
}

static void naive_add(struct naive *t, u32 addr, u8 len, u32 nh)
{
	int i = naive_find(t, addr, len);

	if (i < 0)
		i = (int)t->n++;
	t->e[i].addr = addr;
	t->e[i].len = len;
	t->e[i].nh = nh;
}

static void naive_del(struct naive *t, int i)
{
	t->e[i] = t->e[--t->n];
}

static u32 naive_lookup(const struct naive *t, u32 dst)
{
	int best = -1;
	u32 nh = 0;

	for (u32 i = 0; i < t->n; i++)
		if (!((t->e[i].addr ^ dst) & ipv4_mask(t->e[i].len)) && (int)t->e[i].len > best) {
			best = t->e[i].len;
			nh = t->e[i].nh;
		}
	return nh;
}

static u32 rnd(void)
{
	return (u32)rand() << 16 ^ (u32)rand();
}

/* Published versions, as the control plane would hold them. */
static const struct fib *cur;
static struct garbage garbage;

static struct fib_batch *begin(void)
{
	struct fib_batch *b;

	assert_int_equal(garbage_begin(&garbage), 0);
	b = fib_begin(cur, 0, &garbage);
	assert_non_null(b);
	return b;
}

static void publish(struct fib_batch *b)
{
	cur = fib_commit(b);
	garbage_commit(&garbage, 1);
}

static void check_at(const struct fib *f, const struct naive *t, u32 dst)
{
	assert_int_equal(fib_lookup(f, dst), naive_lookup(t, dst));
}

/* Lookups near the edges of every prefix and at random, in bursts of odd sizes. */
static void check(const struct fib *f, const struct naive *t)
{
	u32 dst[150], nh[150];

	for (u32 i = 0; i < t->n; i++) {
		u32 last = t->e[i].addr | ~ipv4_mask(t->e[i].len);

		check_at(f, t, t->e[i].addr);
		check_at(f, t, t->e[i].addr - 1);
		check_at(f, t, last);
		check_at(f, t, last + 1);
	}
	for (u32 k = 0; k < 150; k++)
		dst[k] = t->n && k & 1 ? t->e[rnd() % t->n].addr + rnd() % 300 : rnd();
	for (u32 n = 0; n <= 150; n += n < 5 ? 1 : 29) {
		fib_lookup_burst(f, dst, nh, n);
		for (u32 k = 0; k < n; k++)
			assert_int_equal(nh[k], naive_lookup(t, dst[k]));
	}
	assert_int_equal(f->count, t->n);
}

/* A few bases, so that prefixes cover each other; all lengths. */
static void random_prefix(u32 *addr, u8 *len)
{
	static const u32 base[] = { 0x0a000000, 0x0a010000, 0x0a0101c0, 0xc0a80000, 0x00000000 };

	*len = (u8)(rnd() % 33);
	*addr = rnd() % 4 ? base[rnd() % 5] ^ (rnd() & 0xffff >> rnd() % 16) : rnd();
	*addr &= ipv4_mask(*len);
}

static void drop_all(struct naive *t)
{
	struct fib_batch *b = begin();

	while (t->n) {
		assert_int_equal(fib_del(b, t->e[0].addr, t->e[0].len), 0);
		naive_del(t, 0);
	}
	publish(b);
	assert_null(cur->dir);
	fake_grace();
	arena_free((void *)(uintptr_t)cur);
	cur = NULL;
	assert_int_equal(fake_live, 0);
}

static void fuzz(void **state)
{
	static struct naive t;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct fib_batch *b = begin();

		for (u32 k = rnd() % 12; k; k--) {
			u32 addr, nh = 1 + rnd() % FIB_NH_MAX;
			u8 len;
			int i;

			if (t.n && rnd() % 5 < 2) {
				i = (int)(rnd() % t.n);
				assert_int_equal(fib_get(b, t.e[i].addr, t.e[i].len), t.e[i].nh);
				assert_int_equal(fib_del(b, t.e[i].addr, t.e[i].len), 0);
				naive_del(&t, i);
				continue;
			}
			random_prefix(&addr, &len);
			if (t.n > 500)
				continue;
			assert_int_equal(fib_add(b, addr, len, nh), 0);
			naive_add(&t, addr, len, nh);
		}
		publish(b);
		check(cur, &t);
		fake_grace();
		check(cur, &t);
	}
	drop_all(&t);
}

/* A reader's version does not change while later batches are made, published or forgotten. */
static void versions(void **state)
{
	static struct naive t, before;
	const struct fib *old;

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct fib_batch *b = begin();
		long live;
		u32 addr;
		u8 len;

		for (int k = 0; k < 8; k++) {
			random_prefix(&addr, &len);
			assert_int_equal(fib_add(b, addr, len, 7), 0);
			naive_add(&t, addr, len, 7);
		}
		publish(b);
		fake_grace();
		before = t;
		old = cur;
		live = fake_live;
		b = begin();
		for (int k = 0; k < 8; k++) {
			random_prefix(&addr, &len);
			assert_int_equal(fib_add(b, addr, len, 9), 0);
			if (fib_get(b, t.e[0].addr, t.e[0].len))
				assert_int_equal(fib_del(b, t.e[0].addr, t.e[0].len), 0);
		}
		check(old, &before); /* while the draft is open */
		fib_abort(b);
		garbage_abort(&garbage);
		check(old, &before);
		assert_int_equal(fake_live, live);
	}
	drop_all(&t);
}

static void covering(void **state)
{
	struct fib_batch *b = begin();

	(void)state;
	assert_int_equal(fib_add(b, 0, 0, 1), 0);
	assert_int_equal(fib_add(b, 0x0a000000, 8, 2), 0);
	assert_int_equal(fib_add(b, 0x0a000000, 9, 3), 0);
	assert_int_equal(fib_add(b, 0x0a800000, 9, 4), 0); /* both halves hide the /8 */
	assert_int_equal(fib_add(b, 0x0a010200, 24, 5), 0);
	assert_int_equal(fib_add(b, 0x0a010203, 32, 6), 0);
	assert_int_equal(fib_del(b, 0x0a000000, 9), 0);
	publish(b);
	assert_int_equal(fib_lookup(cur, 0x0a000001), 2);
	assert_int_equal(fib_lookup(cur, 0x0a800001), 4);
	assert_int_equal(fib_lookup(cur, 0x0a010203), 6);
	assert_int_equal(fib_lookup(cur, 0x0a010204), 5);
	assert_int_equal(fib_lookup(cur, 0x0b000000), 1);
	b = begin();
	assert_int_equal(fib_del(b, 0x0a010203, 32), 0);
	assert_int_equal(fib_del(b, 0, 0), 0);
	assert_int_equal(fib_del(b, 0x0a800000, 9), 0);
	assert_int_equal(fib_del(b, 0x0a800000, 9), -ENOENT_);
	publish(b);
	assert_int_equal(fib_lookup(cur, 0x0a010203), 5);
	assert_int_equal(fib_lookup(cur, 0x0a800001), 2);
	assert_int_equal(fib_lookup(cur, 0x0b000000), 0);
	b = begin();
	assert_int_equal(fib_del(b, 0x0a000000, 8), 0);
	assert_int_equal(fib_del(b, 0x0a010200, 24), 0);
	publish(b);
	assert_null(cur->dir);
	fake_grace();
	arena_free((void *)(uintptr_t)cur);
	cur = NULL;
	assert_int_equal(fake_live, 0);
}

static void bad_arguments(void **state)
{
	struct fib_batch *b = begin();

	(void)state;
	assert_int_equal(fib_add(b, 0x0a000001, 24, 1), -EINVAL_);
	assert_int_equal(fib_add(b, 1, 0, 1), -EINVAL_);
	assert_int_equal(fib_add(b, 0, 33, 1), -EINVAL_);
	assert_int_equal(fib_add(b, 0, 8, 0), -EINVAL_);
	assert_int_equal(fib_add(b, 0, 8, FIB_NH_MAX + 1), -EINVAL_);
	assert_int_equal(fib_del(b, 0x0a000001, 24), -EINVAL_);
	assert_int_equal(fib_del(b, 0x0a000000, 24), -ENOENT_);
	assert_int_equal(fib_get(b, 0x0a000001, 24), 0);
	fib_abort(b);
	garbage_abort(&garbage);
	assert_int_equal(fake_live, 0);
}

/* Whichever allocation fails, an abort leaves the published version and no memory behind. */
static void no_memory(void **state)
{
	static struct naive t;
	struct fib_batch *b = begin();
	bool failed = true;

	(void)state;
	for (int k = 0; k < 40; k++) {
		u32 addr;
		u8 len;

		random_prefix(&addr, &len);
		assert_int_equal(fib_add(b, addr, len, 7), 0);
		naive_add(&t, addr, len, 7);
	}
	publish(b);
	fake_grace();
	for (long n = 0; failed; n++) {
		long live = fake_live;
		int err = 0;

		srand(77);
		fake_failed = 0;
		fake_fail_after = n;
		if (garbage_begin(&garbage))
			continue;
		b = fib_begin(cur, 0, &garbage);
		for (int k = 0; b && !err && k < 20; k++) {
			u32 addr;
			u8 len;

			random_prefix(&addr, &len);
			err = fib_add(b, addr, len, 9);
			if (!err)
				err = fib_del(b, addr, len);
		}
		failed = fake_failed > 0;
		fake_fail_after = -1;
		assert_int_equal(!b || err == -ENOMEM_, failed);
		if (b)
			fib_abort(b);
		garbage_abort(&garbage);
		assert_int_equal(fake_live, live);
		check(cur, &t);
	}
	drop_all(&t);
}

/* The planted bug must be seen by the checks above. */
static void planted_cover(void **state)
{
	struct fib_batch *b = begin();

	(void)state;
	fib_plant(FIB_PLANT_COVER);
	assert_int_equal(fib_add(b, 0x0a000000, 12, 2), 0);
	assert_int_equal(fib_add(b, 0x0a000000, 14, 3), 0);
	assert_int_equal(fib_del(b, 0x0a000000, 14), 0);
	fib_plant(0);
	publish(b);
	assert_int_equal(fib_lookup(cur, 0x0a000001), 3); /* 2 without the bug */
	b = begin();
	assert_int_equal(fib_del(b, 0x0a000000, 12), 0);
	publish(b);
	fake_grace();
	arena_free((void *)(uintptr_t)cur);
	cur = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_arguments), cmocka_unit_test(covering),
		cmocka_unit_test(fuzz),          cmocka_unit_test(versions),
		cmocka_unit_test(no_memory),     cmocka_unit_test(planted_cover),
	};

	printf("seed 20151\n");
	srand(20151);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
