// SPDX-License-Identifier: MIT
/* The buddy allocator over two nodes with a hole: ownership, merging, nodes, misuse. */
#include "tests/unit/kernel/fake_machine.h"
#include "kernel/mm/memmap.h"
#include "kernel/mm/phys.h"
#include "kernel/mm/phys_init.h"

enum { MIB = 1 << 20 };
#define NODE0 (16ull * MIB)
#define NODE1 (64ull * MIB)

static u64 free_now(void)
{
	struct phys_stats s;

	phys_stats(&s);
	return s.free_pages;
}

static int set_up(void **state)
{
	(void)state;
	fake_cpu(0);
	fake_ram(NODE0, 8 * MIB);
	fake_ram(NODE1, 8 * MIB + 12 * PAGE_SIZE);
	memmap_add(&memmap, NODE0, 8 * MIB);
	memmap_add(&memmap, NODE1, 8 * MIB + 12 * PAGE_SIZE);
	memmap_set_node(&memmap, NODE1, 16 * MIB, 1);
	phys_init(&memmap);
	return 0;
}

static bool in_ram(paddr_t pa, u64 len)
{
	return (pa >= NODE0 && pa + len <= NODE0 + 8 * MIB) ||
	       (pa >= NODE1 && pa + len <= NODE1 + 8 * MIB + 12 * PAGE_SIZE);
}

static void test_all_and_back(void **state)
{
	struct phys_stats s;
	u64 before = free_now(), n = 0;
	static paddr_t page[8192];

	(void)state;
	phys_stats(&s);
	assert_int_equal(s.nodes, 2);
	assert_int_equal(s.total_pages, before);
	for (paddr_t pa; (pa = phys_alloc(0, 0)); n++) {
		assert_true(in_ram(pa, PAGE_SIZE));
		*(u64 *)phys_to_virt(pa) = n; /* a page given twice would lose its number */
		page[n] = pa;
	}
	assert_int_equal(n, before);
	assert_int_equal(free_now(), 0);
	for (u64 i = 0; i < n; i++)
		assert_int_equal(*(u64 *)phys_to_virt(page[i]), i);
	for (u64 i = 0; i < n; i++)
		phys_free(page[(i * 7919) % n], 0);
	assert_int_equal(free_now(), before);
	/* All merged again: the largest blocks are there. */
	paddr_t big = phys_alloc(11, 1);

	assert_int_equal(big, NODE1);
	phys_free(big, 11);
}

static void test_nodes(void **state)
{
	paddr_t a, b;

	(void)state;
	a = phys_alloc(0, 1);
	assert_true(a >= NODE1);
	b = phys_alloc(0, 0);
	assert_true(b < NODE1);
	phys_free(a, 0);
	phys_free(b, 0);
	fake_cpu(1);
	a = phys_alloc(3, NODE_ANY);
	assert_true(a >= NODE1);
	assert_int_equal(a % (8 * PAGE_SIZE), 0);
	phys_free(a, 3);
	fake_cpu(0);
	a = phys_alloc(0, 77); /* no such node: any */
	assert_true(a != 0);
	phys_free(a, 0);
}

static void test_random_orders(void **state)
{
	static struct {
		paddr_t pa;
		unsigned order;
	} held[200];
	u64 before = free_now();
	unsigned seed = 99;

	(void)state;
	print_message("seed %u\n", seed);
	for (int step = 0; step < 50000; step++) {
		unsigned i = rand_r(&seed) % 200;

		if (held[i].pa) {
			u64 mark = *(u64 *)phys_to_virt(held[i].pa);

			assert_int_equal(mark, i * 1000 + held[i].order);
			phys_free(held[i].pa, held[i].order);
			held[i].pa = 0;
			continue;
		}
		held[i].order = rand_r(&seed) % 7;
		held[i].pa = phys_alloc(held[i].order, rand_r(&seed) % 2);
		if (!held[i].pa)
			continue;
		assert_true(in_ram(held[i].pa, (u64)PAGE_SIZE << held[i].order));
		assert_int_equal(held[i].pa % ((u64)PAGE_SIZE << held[i].order), 0);
		*(u64 *)phys_to_virt(held[i].pa) = i * 1000 + held[i].order;
	}
	for (unsigned i = 0; i < 200; i++)
		if (held[i].pa)
			phys_free(held[i].pa, held[i].order);
	assert_int_equal(free_now(), before);
	assert_int_equal(fake_locks_held, 0);
}

static void test_misuse(void **state)
{
	paddr_t a = phys_alloc(1, 0);

	(void)state;
	expect_panic("not an allocated block", phys_free(a, 0));
	expect_panic("not an allocated block", phys_free(a + PAGE_SIZE, 0));
	phys_free(a, 1);
	expect_panic("not an allocated block", phys_free(a, 1));
	expect_panic("not RAM", phys_free(40ull * MIB, 0)); /* the hole */
	expect_panic("not RAM", phys_free(0xfee00000, 0));
	assert_int_equal(phys_alloc(PHYS_ORDER_MAX + 1, 0), 0);
	expect_panic("virt_to_phys", virt_to_phys(state));
}

static void test_zero(void **state)
{
	paddr_t pa = phys_alloc_zero(0);

	(void)state;
	for (int i = 0; i < PAGE_SIZE; i++)
		assert_int_equal(((u8 *)phys_to_virt(pa))[i], 0);
	phys_free(pa, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_and_back),  cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_random_orders), cmocka_unit_test(test_misuse),
		cmocka_unit_test(test_zero),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
