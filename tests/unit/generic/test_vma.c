// SPDX-License-Identifier: MIT
/* The list of areas against an array that says for each page what it is. */
#include "tests/unit/unit.h"

#include "kernel/errno.h"
#include "kernel/mm/vma.h"
#include "tests/unit/generic/fake_heap.h"

enum { PAGE = 4096, PAGES = 64 };
#define BASE     0x100000ull
#define AT(page) (BASE + (u64)(page)*PAGE)

static struct vma_list list;

static int start(void **state)
{
	(void)state;
	fake_heap_fail_after = -1;
	assert_int_equal(fake_heap_held, 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	fake_heap_fail_after = -1;
	vma_clear(&list);
	assert_int_equal(list.count, 0);
	assert_int_equal(fake_heap_held, 0);
	return 0;
}

static int add(unsigned from, unsigned to, u8 prot)
{
	struct vma v = { .start = AT(from), .end = AT(to), .prot = prot, .kind = VMA_ANON };

	return vma_add(&list, &v);
}

static void check_order(void)
{
	u32 n = 0;

	for (const struct vma *v = list.head; v; v = v->next, n++) {
		assert_true(v->start < v->end && v->start % PAGE == 0 && v->end % PAGE == 0);
		if (v->next)
			assert_true(v->end <= v->next->start);
	}
	assert_int_equal(n, list.count);
	assert_int_equal(fake_heap_held, (long)list.count);
}

static void adding(void **state)
{
	(void)state;
	assert_int_equal(add(10, 20, 3), 0);
	assert_int_equal(add(19, 21, 3), -EEXIST);
	assert_int_equal(add(5, 11, 3), -EEXIST);
	assert_int_equal(add(12, 13, 3), -EEXIST);
	assert_int_equal(add(0, 30, 3), -EEXIST);
	assert_int_equal(add(20, 25, 3), 0); /* merges */
	assert_int_equal(add(5, 10, 1), 0);  /* other rights: does not */
	assert_int_equal(list.count, 2);
	assert_null(vma_find(&list, AT(5) - 1));
	assert_int_equal(vma_find(&list, AT(5))->prot, 1);
	assert_int_equal(vma_find(&list, AT(10) - 1)->prot, 1);
	assert_int_equal(vma_find(&list, AT(10))->prot, 3);
	assert_int_equal(vma_find(&list, AT(25) - 1)->prot, 3);
	assert_null(vma_find(&list, AT(25)));
	check_order();
}

static void cutting(void **state)
{
	(void)state;
	add(0, 30, 3);
	assert_int_equal(vma_cut(&list, AT(10), AT(20)), 0);
	assert_int_equal(list.count, 2);
	assert_null(vma_find(&list, AT(10)));
	assert_null(vma_find(&list, AT(19)));
	assert_non_null(vma_find(&list, AT(20)));
	assert_int_equal(vma_cut(&list, AT(5), AT(25)), 0);
	assert_int_equal(list.head->end, AT(5));
	assert_int_equal(vma_cut(&list, AT(0), AT(60)), 0);
	assert_int_equal(list.count, 0);
	check_order();
}

static void files_split(void **state)
{
	static u8 bytes[1];
	struct vma v = { .start = AT(0),
			 .end = AT(10),
			 .prot = 1,
			 .kind = VMA_FILE,
			 .file = bytes,
			 .file_off = 2 * PAGE,
			 .file_end = 11 * PAGE };

	(void)state;
	assert_int_equal(vma_add(&list, &v), 0);
	assert_int_equal(vma_protect(&list, AT(4), AT(6), 3), 0);
	assert_int_equal(list.count, 3);
	assert_int_equal(vma_find(&list, AT(4))->file_off, 6 * PAGE);
	assert_int_equal(vma_find(&list, AT(6))->file_off, 8 * PAGE);
	assert_int_equal(vma_protect(&list, AT(4), AT(6), 1), 0);
	assert_int_equal(list.count, 1); /* one again */
	assert_int_equal(vma_protect(&list, AT(5), AT(11), 1), -ENOMEM);
	check_order();
}

static void gaps(void **state)
{
	(void)state;
	assert_int_equal(vma_gap(&list, PAGE, AT(0), AT(64)), AT(63));
	add(60, 64, 1);
	add(40, 50, 1);
	assert_int_equal(vma_gap(&list, 10 * PAGE, AT(0), AT(64)), AT(50));
	assert_int_equal(vma_gap(&list, 11 * PAGE, AT(0), AT(64)), AT(29));
	assert_int_equal(vma_gap(&list, 40 * PAGE, AT(0), AT(64)), AT(0));
	assert_int_equal(vma_gap(&list, 41 * PAGE, AT(0), AT(64)), 0);
	assert_int_equal(vma_gap(&list, PAGE, AT(40), AT(50)), 0);
	assert_int_equal(vma_gap(&list, PAGE, AT(45), AT(55)), AT(54));
	assert_int_equal(vma_gap(&list, 0, AT(0), AT(64)), 0);
	assert_int_equal(vma_gap(&list, ~0ull, AT(0), AT(64)), 0);
}

static void cloning(void **state)
{
	struct vma_list copy = { NULL, 0 };
	struct vma device = { .start = AT(20), .end = AT(21), .prot = 1, .kind = VMA_DEVICE };

	(void)state;
	add(0, 5, 1);
	add(10, 15, 3);
	vma_add(&list, &device);
	assert_int_equal(vma_clone(&copy, &list), 0);
	assert_int_equal(copy.count, 2);
	assert_non_null(vma_find(&copy, AT(12)));
	assert_null(vma_find(&copy, AT(20)));
	vma_clear(&copy);
	fake_heap_fail_after = 1;
	assert_int_equal(vma_clone(&copy, &list), -ENOMEM);
	assert_null(copy.head);
	check_order();
}

static void no_memory(void **state)
{
	(void)state;
	add(0, 30, 3);
	for (int n = 0; n < 2; n++) { /* a cut in the middle needs two borders, one new area each */
		fake_heap_fail_after = n;
		assert_int_equal(vma_cut(&list, AT(10), AT(20)), -ENOMEM);
		assert_int_equal(list.count, 1);
		assert_int_equal(vma_find(&list, AT(15))->end, AT(30));
		fake_heap_fail_after = n;
		assert_int_equal(vma_protect(&list, AT(10), AT(20), 1), -ENOMEM);
		assert_int_equal(vma_find(&list, AT(15))->prot, 3);
	}
	fake_heap_fail_after = 0;
	assert_int_equal(add(40, 41, 1), -ENOMEM);
	check_order();
}

static void bounded(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VMA_MAX; i++)
		assert_int_equal(add(2 * i, 2 * i + 1, 1), 0);
	assert_int_equal(add(2 * VMA_MAX, 2 * VMA_MAX + 1, 1), -ENOMEM);
	assert_int_equal(vma_cut(&list, AT(0), AT(3)), 0);
	assert_int_equal(list.count, VMA_MAX - 2);
}

/* Random operations; model[page] is prot + 1, or 0 where nothing is. */
static void against_model(void **state)
{
	u8 model[PAGES] = { 0 };

	(void)state;
	srand(3);
	for (int round = 0; round < 100000; round++) {
		unsigned a = (unsigned)rand() % PAGES, b = a + 1 + (unsigned)rand() % (PAGES - a);
		u8 prot = (u8)(rand() % 4);
		bool free = true, full = true;

		for (unsigned i = a; i < b; i++) {
			free &= model[i] == 0;
			full &= model[i] != 0;
		}
		assert_int_equal(vma_free_range(&list, AT(a), AT(b)), free);
		switch (rand() % 3) {
		case 0:
			assert_int_equal(add(a, b, prot), free ? 0 : -EEXIST);
			for (unsigned i = a; free && i < b; i++)
				model[i] = prot + 1;
			break;
		case 1:
			assert_int_equal(vma_cut(&list, AT(a), AT(b)), 0);
			memset(model + a, 0, b - a);
			break;
		case 2:
			assert_int_equal(vma_protect(&list, AT(a), AT(b), prot),
					 full ? 0 : -ENOMEM);
			for (unsigned i = a; full && i < b; i++)
				model[i] = prot + 1;
			break;
		}
		unsigned areas = 0;
		for (unsigned i = 0; i < PAGES; i++) {
			const struct vma *v = vma_find(&list, AT(i) + 17);
			assert_int_equal(v ? v->prot + 1 : 0, model[i]);
			areas += model[i] && (i == 0 || model[i - 1] != model[i]);
		}
		assert_int_equal(list.count, areas); /* neighbours are always merged */
		check_order();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(adding, start, end),
		cmocka_unit_test_setup_teardown(cutting, start, end),
		cmocka_unit_test_setup_teardown(files_split, start, end),
		cmocka_unit_test_setup_teardown(gaps, start, end),
		cmocka_unit_test_setup_teardown(cloning, start, end),
		cmocka_unit_test_setup_teardown(no_memory, start, end),
		cmocka_unit_test_setup_teardown(bounded, start, end),
		cmocka_unit_test_setup_teardown(against_model, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
