// SPDX-License-Identifier: MIT
/* The heap over the real physical allocator: contents, alignment, exhaustion, misuse. */
#include "tests/unit/kernel/fake_machine.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/memmap.h"
#include "kernel/mm/phys.h"
#include "kernel/mm/phys_init.h"

static int set_up(void **state)
{
	(void)state;
	fake_cpu(0);
	fake_ram(16 << 20, 8 << 20);
	memmap_add(&memmap, 16 << 20, 8 << 20);
	phys_init(&memmap);
	return 0;
}

static u64 free_now(void)
{
	struct phys_stats s;

	phys_stats(&s);
	return s.free_pages;
}

static void test_sizes(void **state)
{
	(void)state;
	for (size_t n = 0; n < 20000; n += n < 300 ? 1 : 97) {
		u8 *p = kmalloc(n), *q = kzalloc(n);

		assert_non_null(p);
		assert_int_equal((u64)p % 16, 0);
		if (n > 2048)
			assert_int_equal((u64)p % PAGE_SIZE, 0);
		memset(p, 0xff, n);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(q[i], 0);
		kfree(p);
		kfree(q);
	}
	kfree(NULL);
}

static void test_random(void **state)
{
	static struct {
		u8 *p;
		size_t n;
	} held[500];
	unsigned seed = 7;
	struct heap_stats s;

	(void)state;
	print_message("seed %u\n", seed);
	for (int step = 0; step < 100000; step++) {
		unsigned i = rand_r(&seed) % 500;

		if (held[i].p) {
			for (size_t k = 0; k < held[i].n; k += 13)
				assert_int_equal(held[i].p[k], (u8)i);
			kfree(held[i].p);
			held[i].p = NULL;
			continue;
		}
		held[i].n = 1 + rand_r(&seed) % (rand_r(&seed) % 20 ? 500 : 9000);
		held[i].p = kmalloc(held[i].n);
		if (held[i].p)
			memset(held[i].p, (int)i, held[i].n);
	}
	for (unsigned i = 0; i < 500; i++)
		kfree(held[i].p);
	heap_stats(&s);
	assert_int_equal(s.objects, 0);
	assert_int_equal(s.large_pages, 0);
	assert_true(s.slab_pages <= 7 * 4); /* one empty slab per class may stay */
}

static void test_exhaustion(void **state)
{
	void *first = NULL;
	u64 before = free_now(), n = 0;

	(void)state;
	/* A chain through the objects themselves. */
	for (void **p; (p = kmalloc(2000)); n++) {
		*p = first;
		first = p;
	}
	assert_true(n > 3000);
	assert_null(kmalloc(100000));
	assert_null(kzalloc(20000));
	while (first) {
		void *next = *(void **)first;

		kfree(first);
		first = next;
	}
	assert_true(free_now() + 4 >= before);
	assert_null(kmalloc(~0ull / 2));
}

static void test_misuse(void **state)
{
	u8 *p = kmalloc(100), *big = kmalloc(10000);

	(void)state;
	expect_panic("not the start of an object", kfree(p + 16));
	kfree(p);
	assert_int_equal(p[50], 0xdd); /* poisoned */
	expect_panic("free already", kfree(p));
	expect_panic("not the start of an allocation", kfree(big + PAGE_SIZE));
	kfree(big);
	expect_panic("not the start of an allocation", kfree(big));
	expect_panic("not heap memory", kfree(&p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_exhaustion),
		cmocka_unit_test(test_misuse),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
