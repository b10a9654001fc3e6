// SPDX-License-Identifier: MIT
/*
 * qgm/re/fib6: differential fuzz against a naive list of prefixes, covering routes, batches that
 * leave published versions alone, aborts before and after the build, allocation failure at each
 * site, deep chains, many neighbours, leaks. All instruction sets. Seed fixed and printed.
 */
#include "tests/unit/re/fake_env.h"

#include "qgm/cpu.h"
#include "qgm/re/fib6.h"
#include "qgm/re/fib6_line.h"

enum { ENOENT_ = 2, ENOMEM_ = 12, EINVAL_ = 22, NAIVE_MAX = 20000 };

struct naive {
	u32 n;
	struct {
		struct pix_ip addr;
		u32 nh;
		u8 len;
	} e[NAIVE_MAX];
};

static struct pix_ip masked(struct pix_ip a, u32 len)
{
	struct pix_ip m = pix_ip_mask(len);

	return (struct pix_ip){ a.hi & m.hi, a.lo & m.lo };
}

static struct pix_ip last_of(struct pix_ip a, u32 len)
{
	struct pix_ip m = pix_ip_mask(len);

	return (struct pix_ip){ a.hi | ~m.hi, a.lo | ~m.lo };
}

static struct pix_ip plus(struct pix_ip a, s64 d)
{
	u64 lo = a.lo + (u64)d;

	a.hi += d < 0 ? -(u64)(lo > a.lo) : (u64)(lo < a.lo);
	a.lo = lo;
	return a;
}

static int naive_find(const struct naive *t, struct pix_ip addr, u8 len)
{
	for (u32 i = 0; i < t->n; i++)
		if (pix_ip_eq(t->e[i].addr, addr) && t->e[i].len == len)
			return (int)i;
	return -1;
}

static void naive_add(struct naive *t, struct pix_ip addr, u8 len, u32 nh)
{
	int i = naive_find(t, addr, len);

	if (i < 0)
		i = (int)t->n++;
	assert_true(t->n <= NAIVE_MAX);
	t->e[i].addr = addr;
	t->e[i].len = len;
	t->e[i].nh = nh;
}

static void naive_del(struct naive *t, int i)
{
	t->e[i] = t->e[--t->n];
}

static u32 naive_lookup(const struct naive *t, struct pix_ip dst)
{
	int best = -1;
	u32 nh = 0;

	for (u32 i = 0; i < t->n; i++)
		if ((int)t->e[i].len > best && pix_ip_eq(masked(dst, t->e[i].len), t->e[i].addr)) {
			best = t->e[i].len;
			nh = t->e[i].nh;
		}
	return nh;
}

static u32 rnd(void)
{
	return (u32)rand() << 16 ^ (u32)rand();
}

static struct pix_ip rnd_ip(void)
{
	return (struct pix_ip){ (u64)rnd() << 32 | rnd(), (u64)rnd() << 32 | rnd() };
}

/* Published versions, as the control plane would hold them. */
static const struct fib6 *cur;
static struct garbage garbage;

static struct fib6_batch *begin(void)
{
	struct fib6_batch *b;

	assert_int_equal(garbage_begin(&garbage), 0);
	b = fib6_begin(cur, 0, &garbage);
	assert_non_null(b);
	return b;
}

static void publish(struct fib6_batch *b)
{
	assert_int_equal(fib6_build(b), 0);
	cur = fib6_commit(b);
	assert_non_null(cur);
	garbage_commit(&garbage, 1);
}

static void check_at(const struct fib6 *f, const struct naive *t, struct pix_ip dst)
{
	assert_int_equal(fib6_lookup(f, dst), naive_lookup(t, dst));
}

typedef void burst_fn(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n);

/* Each instruction set that this CPU has. */
static u32 bursts(burst_fn **fn)
{
	u32 n = 0;

	fn[n++] = fib6_lookup_burst;
	fn[n++] = fib6_burst_sse2;
	if (cpu_wide() & CPU_AVX2)
		fn[n++] = fib6_burst_avx2;
	if (cpu_wide() & CPU_AVX512)
		fn[n++] = fib6_burst_avx512;
	return n;
}

/* Lookups near the edges of prefixes and at random, in bursts of odd sizes. */
static void check_some(const struct fib6 *f, const struct naive *t, u32 prefixes)
{
	struct pix_ip dst[150];
	u32 nh[150], want[150];
	burst_fn *fn[4];
	u32 fns = bursts(fn);

	for (u32 k = 0; k < prefixes; k++) {
		u32 i = prefixes < t->n ? rnd() % t->n : k;
		struct pix_ip first = t->e[i].addr, last = last_of(first, t->e[i].len);

		check_at(f, t, first);
		check_at(f, t, plus(first, -1));
		check_at(f, t, last);
		check_at(f, t, plus(last, 1));
	}
	for (u32 k = 0; k < 150; k++) {
		dst[k] = rnd_ip();
		if (t->n && k % 4) {
			u32 i = rnd() % t->n;
			struct pix_ip m = pix_ip_mask(t->e[i].len);

			dst[k].hi = t->e[i].addr.hi | (dst[k].hi & ~m.hi);
			dst[k].lo = t->e[i].addr.lo | (dst[k].lo & ~m.lo);
			if (k & 16)
				dst[k] = plus(t->e[i].addr, (s64)(rnd() % 300) - 150);
		}
		want[k] = naive_lookup(t, dst[k]);
	}
	for (u32 n = 0; n <= 150; n += n < 5 ? 1 : 29)
		for (u32 k = 0; k < fns; k++) {
			fn[k](f, dst, nh, n);
			assert_memory_equal(nh, want, n * sizeof(*nh));
		}
	assert_int_equal(f->count, t->n);
}

static void check(const struct fib6 *f, const struct naive *t)
{
	check_some(f, t, t->n);
}

/* A few bases, so that prefixes cover each other; all lengths. */
static void random_prefix(struct pix_ip *addr, u8 *len)
{
	static const struct pix_ip base[] = {
		{ 0x20010db800000000, 0 },
		{ 0x20010db800010000, 0 },
		{ 0x20010db8ffff00c0, 0x0123456789abcdef },
		{ 0xfe80000300000000, 0x0200000000000001 },
		{ 0, 0 },
		{ 0xfd00000000000000, 0 },
	};
	struct pix_ip r = rnd_ip();
	u32 keep = rnd() % 129;
	struct pix_ip m = pix_ip_mask(keep), b = base[rnd() % 6];

	*len = (u8)(rnd() % 129);
	if (rnd() % 3 == 0)
		*len = (u8)(8 * (rnd() % 17));
	if (rnd() % 4) {
		r.hi = (b.hi & m.hi) | (r.hi & ~m.hi);
		r.lo = (b.lo & m.lo) | (r.lo & ~m.lo);
	}
	*addr = masked(r, *len);
}

static void drop_all(struct naive *t)
{
	struct fib6_batch *b = begin();

	while (t->n) {
		assert_int_equal(fib6_del(b, t->e[0].addr, t->e[0].len), 0);
		naive_del(t, 0);
	}
	publish(b);
	assert_int_equal(cur->root, 0);
	fake_grace();
	arena_free((void *)(uintptr_t)cur);
	cur = NULL;
	assert_int_equal(fake_live, 0);
}

static void fuzz_rounds(int rounds, u32 most, u32 per_round, u32 dense)
{
	static struct naive t;

	for (int round = 0; round < rounds; round++) {
		struct fib6_batch *b = begin();
		bool shrink = round / 40 % 3 == 2;

		for (u32 k = rnd() % per_round; k; k--) {
			u32 nh = 1 + (dense ? rnd() % 3 : rnd() % FIB6_NH_MAX);
			struct pix_ip addr;
			u8 len;
			int i;

			if (t.n && rnd() % 5 < (shrink ? 4u : 2u)) {
				i = (int)(rnd() % t.n);
				assert_int_equal(fib6_get(b, t.e[i].addr, t.e[i].len), t.e[i].nh);
				assert_int_equal(fib6_del(b, t.e[i].addr, t.e[i].len), 0);
				assert_int_equal(fib6_get(b, t.e[i].addr, t.e[i].len), 0);
				naive_del(&t, i);
				continue;
			}
			random_prefix(&addr, &len);
			if (dense) { /* one corner, so that lines split and overflow */
				len = (u8)(dense + rnd() % 20);
				addr = (struct pix_ip){ 0x2001000000000000 |
								(u64)(rnd() % 8) << 40 |
								(rnd() & 0xffffffff),
							0 };
				addr = masked(addr, len);
			}
			if (t.n > most)
				continue;
			assert_int_equal(fib6_add(b, addr, len, nh), 0);
			naive_add(&t, addr, len, nh);
			if (rnd() % 50 == 0)
				assert_int_equal(fib6_build(b), 0);
		}
		publish(b);
		check_some(cur, &t, MIN(t.n, 60u));
		fake_grace();
		check_some(cur, &t, MIN(t.n, 10u));
	}
	check(cur, &t);
	drop_all(&t);
}

static void fuzz(void **state)
{
	(void)state;
	fuzz_rounds(400, 500, 12, 0);
}

static void fuzz_large(void **state)
{
	(void)state;
	fuzz_rounds(240, 6000, 120, 0);
}

static void fuzz_dense(void **state)
{
	(void)state;
	fuzz_rounds(240, 4000, 150, 30);
	fuzz_rounds(120, 2000, 150, 18);
}

/* A reader's version does not change while later batches are made, published or forgotten. */
static void versions(void **state)
{
	static struct naive t, before;
	const struct fib6 *old;

	(void)state;
	for (int round = 0; round < 90; round++) {
		struct fib6_batch *b = begin();
		u64 bytes, heap;
		long live;
		struct pix_ip addr;
		u8 len;

		for (int k = 0; k < 8; k++) {
			random_prefix(&addr, &len);
			assert_int_equal(fib6_add(b, addr, len, 7), 0);
			naive_add(&t, addr, len, 7);
		}
		publish(b);
		fake_grace();
		before = t;
		old = cur;
		live = fake_live;
		bytes = fib6_bytes(cur);
		heap = fib6_heap_bytes(cur);
		b = begin();
		for (int k = 0; k < 8 * (1 + round % 3 * 20); k++) {
			random_prefix(&addr, &len);
			assert_int_equal(fib6_add(b, addr, len, 9), 0);
			if (fib6_get(b, t.e[0].addr, t.e[0].len))
				assert_int_equal(fib6_del(b, t.e[0].addr, t.e[0].len), 0);
			if (round & 1)
				assert_int_equal(fib6_build(b), 0);
		}
		check_some(old, &before, 40); /* while the draft is open */
		fib6_abort(b);
		garbage_abort(&garbage);
		check_some(old, &before, 40);
		assert_int_equal(fake_live, live);
		assert_int_equal(fib6_bytes(cur), bytes);
		assert_int_equal(fib6_heap_bytes(cur), heap);
	}
	check(cur, &t);
	drop_all(&t);
}

/* Readers of older versions while newer ones are published and nothing is reclaimed yet. */
static void late_readers(void **state)
{
	static struct naive t, at[4];
	const struct fib6 *version[4];

	(void)state;
	for (int round = 0; round < 30; round++) {
		for (int v = 0; v < 4; v++) {
			struct fib6_batch *b = begin();

			for (int k = 0; k < 40; k++) {
				struct pix_ip addr;
				u8 len;

				random_prefix(&addr, &len);
				if (t.n > 300) {
					int i = (int)(rnd() % t.n);

					assert_int_equal(fib6_del(b, t.e[i].addr, t.e[i].len), 0);
					naive_del(&t, i);
				}
				assert_int_equal(fib6_add(b, addr, len, 1 + rnd() % 9), 0);
				naive_add(&t, addr, len, fib6_get(b, addr, len));
			}
			publish(b);
			version[v] = cur;
			at[v] = t;
		}
		for (int v = 0; v < 4; v++)
			check_some(version[v], &at[v], 30);
		fake_grace();
		check_some(cur, &t, 30);
	}
	drop_all(&t);
}

#define IP(hi, lo)           ((struct pix_ip){ hi, lo })
#define ADD(hi, lo, len, nh) assert_int_equal(fib6_add(b, IP(hi, lo), len, nh), 0)
#define DEL(hi, lo, len)     assert_int_equal(fib6_del(b, IP(hi, lo), len), 0)
#define LOOK(hi, lo, nh)     assert_int_equal(fib6_lookup(cur, IP(hi, lo)), nh)

static void finish(void)
{
	fake_grace();
	arena_free((void *)(uintptr_t)cur);
	cur = NULL;
	assert_int_equal(fake_live, 0);
}

static void covering(void **state)
{
	struct fib6_batch *b = begin();

	(void)state;
	ADD(0, 0, 0, 1);
	ADD(0x20010db800000000, 0, 32, 2);
	ADD(0x20010db800000000, 0, 33, 3);
	ADD(0x20010db880000000, 0, 33, 4); /* both halves hide the /32 */
	ADD(0x20010db800010000, 0, 48, 5);
	ADD(0x20010db800010000, 1, 128, 6);
	DEL(0x20010db800000000, 0, 33);
	publish(b);
	LOOK(0x20010db800000001, 0, 2);
	LOOK(0x20010db880000001, 0, 4);
	LOOK(0x20010db800010000, 1, 6);
	LOOK(0x20010db800010000, 2, 5);
	LOOK(0x3000000000000000, 0, 1);
	b = begin();
	DEL(0x20010db800010000, 1, 128);
	DEL(0, 0, 0);
	DEL(0x20010db880000000, 0, 33);
	assert_int_equal(fib6_del(b, IP(0x20010db880000000, 0), 33), -ENOENT_);
	publish(b);
	LOOK(0x20010db800010000, 1, 5);
	LOOK(0x20010db880000001, 0, 2);
	LOOK(0x3000000000000000, 0, 0);
	b = begin();
	DEL(0x20010db800000000, 0, 32);
	DEL(0x20010db800010000, 0, 48);
	publish(b);
	assert_int_equal(cur->root, 0);
	LOOK(0x20010db800010000, 1, 0);
	finish();
}

/* The default route alone has no lines; empty tables and their batches neither. */
static void only_default(void **state)
{
	struct fib6_batch *b = begin();
	u32 nh[70];
	struct pix_ip dst[70] = { { 0, 0 } };

	(void)state;
	fib6_own_add(b, IP(1, 2));
	publish(b);
	assert_true(fib6_maybe_own(cur, IP(1, 2)));
	assert_false(fib6_maybe_own(cur, IP(1, 3)));
	LOOK(1, 1, 0);
	b = begin();
	ADD(0, 0, 0, FIB6_NH_MAX);
	publish(b);
	fake_grace();
	LOOK(1, 1, FIB6_NH_MAX);
	fib6_lookup_burst(cur, dst, nh, 70);
	assert_int_equal(nh[69], FIB6_NH_MAX);
	assert_int_equal(fib6_bytes(cur), sizeof(*cur));
	assert_true(fib6_maybe_own(cur, IP(1, 2)));
	b = begin();
	DEL(0, 0, 0);
	fib6_own_clear(b);
	publish(b);
	assert_false(fib6_maybe_own(cur, IP(1, 2)));
	fib6_lookup_burst(cur, dst, nh, 70);
	assert_int_equal(nh[69], 0);
	finish();
}

static void bad_arguments(void **state)
{
	struct fib6_batch *b = begin();

	(void)state;
	assert_int_equal(fib6_add(b, IP(0x20010db800000001, 0), 48, 1), -EINVAL_);
	assert_int_equal(fib6_add(b, IP(0x20010db800000001, 1), 127, 1), -EINVAL_);
	assert_int_equal(fib6_add(b, IP(0, 1), 0, 1), -EINVAL_);
	assert_int_equal(fib6_add(b, IP(0, 0), 129, 1), -EINVAL_);
	assert_int_equal(fib6_add(b, IP(0, 0), 8, 0), -EINVAL_);
	assert_int_equal(fib6_add(b, IP(0, 0), 8, FIB6_NH_MAX + 1), -EINVAL_);
	assert_int_equal(fib6_del(b, IP(0, 1), 24), -EINVAL_);
	assert_int_equal(fib6_del(b, IP(0, 0), 24), -ENOENT_);
	assert_int_equal(fib6_get(b, IP(0, 0), 24), 0);
	assert_int_equal(fib6_get(b, IP(0, 1), 24), 0);
	fib6_abort(b);
	garbage_abort(&garbage);
	assert_int_equal(fake_live, 0);
}

/* Whichever allocation fails, an abort leaves the published version and no memory behind. */
static void no_memory(void **state)
{
	static struct naive t;
	struct fib6_batch *b = begin();
	bool failed = true;
	long n;

	(void)state;
	for (int k = 0; k < 300; k++) {
		struct pix_ip addr;
		u8 len;

		random_prefix(&addr, &len);
		assert_int_equal(fib6_add(b, addr, len, 7), 0);
		naive_add(&t, addr, len, 7);
	}
	publish(b);
	fake_grace();
	for (n = 0; failed; n++) {
		long live = fake_live;
		u64 bytes = fib6_bytes(cur);
		int err = 0;

		srand(77);
		fake_failed = 0;
		fake_fail_after = n;
		if (garbage_begin(&garbage))
			continue;
		b = fib6_begin(cur, 0, &garbage);
		for (int k = 0; b && !err && k < 400; k++) {
			struct pix_ip addr;
			u8 len;

			random_prefix(&addr, &len);
			err = fib6_add(b, addr, len, 9);
			if (!err && k % 3 == 0)
				err = fib6_del(b, addr, len);
			if (!err && k % 50 == 0)
				err = fib6_build(b);
		}
		if (b && !err)
			err = fib6_build(b);
		failed = fake_failed > 0;
		fake_fail_after = -1;
		assert_int_equal(!b || err == -ENOMEM_, failed);
		if (b)
			fib6_abort(b);
		garbage_abort(&garbage);
		assert_int_equal(fake_live, live);
		assert_int_equal(fib6_bytes(cur), bytes);
		check_some(cur, &t, 30);
	}
	assert_true(n > 30);
	printf("%ld allocation sites\n", n - 1);
	drop_all(&t);
}

/* Every length on one path, on many paths: memory and time stay in proportion. */
static void deep_chains(void **state)
{
	static struct naive t;
	struct fib6_batch *b = begin();
	u64 bytes;

	(void)state;
	for (u32 chain = 0; chain < 60; chain++) {
		struct pix_ip end = rnd_ip();

		end.hi = (end.hi & 0xffff) | 0x2001000000000000 | (u64)(rnd() % 4) << 30;
		for (u32 len = 1; len <= 128; len++) {
			struct pix_ip p = masked(end, len);

			naive_add(&t, p, (u8)len, 1 + rnd() % 1000);
			assert_int_equal(fib6_add(b, p, (u8)len, t.e[t.n - 1].nh), 0);
			/* naive_add() replaces in the middle when the prefix was there */
			if (fib6_get(b, p, (u8)len) != t.e[naive_find(&t, p, (u8)len)].nh)
				assert_int_equal(
					fib6_add(b, p, (u8)len, t.e[naive_find(&t, p, (u8)len)].nh),
					0);
		}
	}
	publish(b);
	fake_grace();
	bytes = fib6_bytes(cur);
	printf("%u prefixes in chains: %llu bytes, %llu of the writer\n", t.n,
	       (unsigned long long)bytes, (unsigned long long)fib6_heap_bytes(cur));
	assert_true(bytes < 128ull * t.n);
	check_some(cur, &t, 500);
	for (u32 k = 0; k < 40; k++) { /* short ones, which cover all of it, change */
		b = begin();
		for (u32 i = 0; i < t.n && i < 12; i++) {
			t.e[i].nh = 1 + rnd() % 1000;
			assert_int_equal(fib6_add(b, t.e[i].addr, t.e[i].len, t.e[i].nh), 0);
		}
		publish(b);
		fake_grace();
		check_some(cur, &t, 30);
	}
	drop_all(&t);
}

/* Thousands of neighbours on one link, and small tables. */
static void sizes(void **state)
{
	static struct naive t;
	struct fib6_batch *b = begin();
	u64 small;

	(void)state;
	for (u32 i = 0; i < 20; i++) { /* a VRF of 20 routes */
		struct pix_ip p = { 0x2001000000000000 + ((u64)rnd() % 60000 << 32), 0 };

		if (i >= 10)
			p = IP(0xfe80000000000000 + ((u64)i << 32), i & 1);
		naive_add(&t, p, i < 10 ? 48 : i & 1 ? 128 : 64, 1 + i);
		assert_int_equal(fib6_add(b, p, i < 10 ? 48 : i & 1 ? 128 : 64, 1 + i), 0);
	}
	publish(b);
	fake_grace();
	small = fib6_bytes(cur);
	printf("20 routes: %llu bytes\n", (unsigned long long)small);
	assert_true(small <= 6144);
	check(cur, &t);
	b = begin();
	for (u32 i = 0; i < 8192; i++) {
		struct pix_ip p = { 0x20010db800010000, (u64)rnd() << 32 | rnd() };

		if (i & 1)
			p = IP(0xfe80000300000000, 0x020000fffe000000 | (rnd() & 0xffffff));
		naive_add(&t, p, 128, 100 + i);
		assert_int_equal(fib6_add(b, p, 128, fib6_get(b, p, 128) ? 100 + i : 100 + i), 0);
	}
	publish(b);
	fake_grace();
	printf("8192 neighbours: %llu bytes, %llu of the writer\n",
	       (unsigned long long)fib6_bytes(cur), (unsigned long long)fib6_heap_bytes(cur));
	assert_true(fib6_bytes(cur) < 4u << 20);
	check_some(cur, &t, 800);
	b = begin();
	while (t.n > 20) {
		assert_int_equal(fib6_del(b, t.e[t.n - 1].addr, t.e[t.n - 1].len), 0);
		t.n--;
	}
	publish(b);
	fake_grace();
	check(cur, &t);
	assert_true(fib6_bytes(cur) <= 2 * small); /* gives its memory back */
	drop_all(&t);
}

/* The planted bug must be seen by checks as above. */
static void planted_cover(void **state)
{
	struct fib6_batch *b = begin();

	(void)state;
	ADD(0x2001000000000000, 0, 20, 2);
	ADD(0x20010db800010000, 0, 48, 3);
	ADD(0x20010db800010000, 0x8000000000000000, 65, 4);
	publish(b);
	fake_grace();
	LOOK(0x20010db800020000, 1, 2);
	b = begin();
	fib6_plant(FIB6_PLANT_COVER);
	DEL(0x20010db800010000, 0, 48);
	publish(b);
	fib6_plant(0);
	LOOK(0x20010db800010000, 0, 3); /* 2 without the bug */
	b = begin();
	DEL(0x2001000000000000, 0, 20);
	DEL(0x20010db800010000, 0x8000000000000000, 65);
	publish(b);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_arguments), cmocka_unit_test(only_default),
		cmocka_unit_test(covering),      cmocka_unit_test(fuzz),
		cmocka_unit_test(versions),      cmocka_unit_test(late_readers),
		cmocka_unit_test(no_memory),     cmocka_unit_test(deep_chains),
		cmocka_unit_test(sizes),         cmocka_unit_test(fuzz_dense),
		cmocka_unit_test(fuzz_large),    cmocka_unit_test(planted_cover),
	};

	printf("seed 20152\n");
	srand(20152);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
