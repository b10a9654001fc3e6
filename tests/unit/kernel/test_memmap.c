// SPDX-License-Identifier: MIT
/* The boot's list of free ranges: fixed cases, and random operations against a page bitmap. */
#include "tests/unit/unit.h"
#include "kernel/mm/memmap.h"

#define PG ((u64)PAGE_SIZE)

static struct memmap m;

static int reset(void **state)
{
	(void)state;
	memset(&m, 0, sizeof(m));
	return 0;
}

static void check_sane(void)
{
	for (unsigned i = 0; i < m.n; i++) {
		assert_true(m.r[i].len && !(m.r[i].base % PG) && !(m.r[i].len % PG));
		if (i)
			assert_true(m.r[i - 1].base + m.r[i - 1].len <= m.r[i].base);
	}
}

static void test_rounding(void **state)
{
	(void)state;
	memmap_add(&m, 100, 3 * PG); /* inwards: pages 1 and 2 */
	assert_int_equal(m.n, 1);
	assert_int_equal(m.r[0].base, PG);
	assert_int_equal(m.r[0].len, 2 * PG);
	memmap_remove(&m, 2 * PG + 5, 1); /* outwards: page 2 */
	assert_int_equal(m.r[0].len, PG);
	memmap_add(&m, 10 * PG + 1, PG); /* no whole page */
	assert_int_equal(m.n, 1);
}

static void test_merge_and_split(void **state)
{
	(void)state;
	memmap_add(&m, 10 * PG, 10 * PG);
	memmap_add(&m, 20 * PG, 10 * PG); /* touches */
	memmap_add(&m, 15 * PG, 10 * PG); /* overlaps */
	assert_int_equal(m.n, 1);
	assert_int_equal(m.r[0].len, 20 * PG);
	memmap_remove(&m, 18 * PG, 2 * PG);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.r[1].base, 20 * PG);
	memmap_remove(&m, 0, ~0ull);
	assert_int_equal(m.n, 0);
	memmap_add(&m, ~0ull - 8 * PG, 100 * PG); /* wraps: cut at the end */
	check_sane();
	assert_int_equal(m.n, 1);
}

static void test_take(void **state)
{
	(void)state;
	memmap_add(&m, PG, 99 * PG);
	memmap_add(&m, 1000 * PG, 100 * PG);
	assert_int_equal(memmap_take(&m, 2 * PG, PG, ~0ull, -1), 1098 * PG);
	assert_int_equal(memmap_take(&m, 100, PG, 1000 * PG, -1), 99 * PG); /* below the limit */
	assert_int_equal(memmap_take(&m, 8 * PG, 64 * PG, ~0ull, -1), 1088 * PG);
	assert_int_equal(memmap_take(&m, 500 * PG, PG, ~0ull, -1), 0);
	assert_int_equal(memmap_bytes(&m, -1), (98 + 98 - 8) * PG);
	check_sane();
	assert_int_equal(memmap_largest(&m, PG, -1), 98 * PG);
}

static void test_nodes(void **state)
{
	(void)state;
	memmap_add(&m, PG, 99 * PG);
	memmap_set_node(&m, 50 * PG, 1000 * PG, 1);
	assert_int_equal(memmap_bytes(&m, 0), 49 * PG);
	assert_int_equal(memmap_bytes(&m, 1), 50 * PG);
	memmap_set_node(&m, 10 * PG, 5 * PG, 2); /* in the middle */
	assert_int_equal(m.n, 4);
	check_sane();
	assert_int_equal(memmap_take(&m, PG, PG, ~0ull, 2), 14 * PG);
	assert_int_equal(memmap_take(&m, PG, PG, ~0ull, 0), 49 * PG);
	assert_int_equal(memmap_take(&m, PG, PG, ~0ull, 3), 0);
}

static void test_full_table(void **state)
{
	(void)state;
	for (u64 i = 0; i < MEMMAP_MAX + 10; i++)
		memmap_add(&m, (2 * i + 1) * PG, PG);
	assert_int_equal(m.n, MEMMAP_MAX);
	assert_int_equal(m.lost, 10 * PG);
	check_sane();
}

enum { PAGES = 200 };

static void test_random(void **state)
{
	unsigned seed = 4711;
	bool have[PAGES] = { false };

	(void)state;
	print_message("seed %u\n", seed);
	for (int step = 0; step < 20000; step++) {
		u64 base = 1 + rand_r(&seed) % (PAGES - 1), n = 1 + rand_r(&seed) % 20;

		if (base + n > PAGES)
			n = PAGES - base;
		switch (rand_r(&seed) % 3) {
		case 0:
			memmap_add(&m, base * PG, n * PG);
			memset(have + base, true, n);
			break;
		case 1:
			memmap_remove(&m, base * PG, n * PG);
			memset(have + base, false, n);
			break;
		default: {
			u64 align = 1ull << rand_r(&seed) % 4;
			paddr_t got = memmap_take(&m, n * PG, align * PG, ~0ull, -1);

			assert_int_equal(got % (align * PG), 0);
			for (u64 i = 0; got && i < n; i++) {
				assert_true(have[got / PG + i]);
				have[got / PG + i] = false;
			}
			/* None may exist when none was found. */
			for (u64 at = align; !got && at + n <= PAGES; at += align)
				assert_non_null(memchr(have + at, 0, n));
		}
		}
		u64 sum = 0;

		for (unsigned i = 0; i < PAGES; i++)
			sum += have[i];
		assert_int_equal(memmap_bytes(&m, -1), sum * PG);
		check_sane();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_rounding, reset),
		cmocka_unit_test_setup(test_merge_and_split, reset),
		cmocka_unit_test_setup(test_take, reset),
		cmocka_unit_test_setup(test_nodes, reset),
		cmocka_unit_test_setup(test_full_table, reset),
		cmocka_unit_test_setup(test_random, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
