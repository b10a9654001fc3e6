// SPDX-License-Identifier: MIT
/*
 * The data-plane region's allocator on the host: what is dealt, what each root is told to map, no
 * two pieces overlapping, contents zero, exhaustion. Page tables are a list of calls here; what
 * root_boot maps becomes real memory, filled with rubbish first.
 */
#include "tests/unit/kernel/fake_machine.h"
#include "kernel/cmdline.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/memmap.h"
#include "kernel/mm/paging.h"
#include "kernel/mm/phys.h"
#include "kernel/mm/roots.h"
#include "kernel/mm/split_init.h"
#include "kernel/printk.h"
#include <sys/mman.h>

enum { MIB = 1 << 20, CALLS = 4096, PIECES = 2000 };
enum { BOOT = 1, GENERIC = 2 };

paddr_t root_generic = GENERIC, root_qgm, root_boot = BOOT;

static struct call {
	paddr_t root, pa;
	vaddr_t va;
	u64 len;
	unsigned flags;
} calls[CALLS];
static unsigned ncalls;
static u64 dpmem;

int pt_map(paddr_t root, vaddr_t va, paddr_t pa, u64 len, unsigned flags)
{
	assert_true(ncalls < CALLS);
	calls[ncalls++] = (struct call){ root, pa, va, len, flags };
	if (root != BOOT)
		return 0;
	void *p = mmap((void *)va, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	assert_ptr_equal(p, (void *)va);
	memset(p, 0xa5, len);
	return 0;
}

int pt_unmap(paddr_t root, vaddr_t va, u64 len)
{
	if (root == BOOT)
		assert_int_equal(munmap((void *)va, len), 0);
	return 0;
}

void pt_load(paddr_t root)
{
	(void)root;
}

paddr_t pt_current(void)
{
	return BOOT;
}

void roots_map_qgm_image(void)
{
}

void printk(const char *fmt, ...)
{
	(void)fmt;
}

u64 cmdline_u64(const char *key, u64 dflt)
{
	assert_string_equal(key, "pix.dpmem");
	return dpmem ? dpmem : dflt;
}

static const struct call *mapping_of(paddr_t root, vaddr_t va)
{
	for (unsigned i = 0; i < ncalls; i++)
		if (calls[i].root == root && va >= calls[i].va && va - calls[i].va < calls[i].len)
			return &calls[i];
	return NULL;
}

/* 256 MiB on two nodes, with a hole in node 0. */
static int set_up(void **state)
{
	(void)state;
	memmap_add(&memmap, 1 * MIB, 63 * MIB);
	memmap_add(&memmap, 80 * MIB + PAGE_SIZE, 48 * MIB);
	memmap_add(&memmap, 1024 * MIB, 128 * MIB);
	memmap_set_node(&memmap, 1024 * MIB, 1024 * MIB, 1);
	dp_deal();
	dp_init();
	return 0;
}

static void test_deal(void **state)
{
	paddr_t base;
	u64 len, sum[2] = { 0 };
	int node;

	(void)state;
	for (unsigned i = 0; dp_region(i, &base, &len, &node); i++) {
		assert_int_equal(base % PAGE_2M, 0);
		assert_int_equal(len % PAGE_2M, 0);
		sum[node] += len;
		for (unsigned k = 0; k < memmap.n; k++)
			assert_false(base < memmap.r[k].base + memmap.r[k].len &&
				     base + len > memmap.r[k].base);
	}
	/* A quarter of each node, rounded up to 2 MiB. */
	assert_int_equal(sum[0], 28 * MIB);
	assert_int_equal(sum[1], 32 * MIB);
	assert_int_equal(dp_total_bytes(NODE_ANY), 60 * MIB);
}

static void check_rights(void *p, enum dp_kind kind)
{
	static const int generic[] = { [DP_CTL] = PT_W,
				       [DP_COUNTERS] = 0,
				       [DP_ARENA] = PT_W,
				       [DP_PUNT] = PT_W,
				       [DP_PRIVATE] = -1 };
	const struct call *g = mapping_of(GENERIC, (vaddr_t)p);
	const struct call *q = mapping_of(root_qgm, (vaddr_t)p);

	assert_non_null(q);
	assert_int_equal(q->flags, kind == DP_ARENA ? 0 : PT_W);
	if (generic[kind] < 0) {
		assert_null(g);
		return;
	}
	assert_non_null(g);
	assert_int_equal(g->flags, generic[kind]);
	assert_int_equal(g->pa, q->pa);
}

static void test_random_pieces(void **state)
{
	static struct {
		u8 *p;
		u64 n;
	} got[PIECES];
	unsigned seed = 3, n = 0, refused = 0;

	(void)state;
	print_message("seed %u\n", seed);
	while (n < PIECES && refused < 50) {
		enum dp_kind kind = rand_r(&seed) % DP_KINDS;
		u64 bytes = 1 + rand_r(&seed) % (rand_r(&seed) % 50 ? 20000 : 5 * MIB);
		u64 align = 1ull << rand_r(&seed) % 13;
		u8 *p = dp_alloc(kind, bytes, align, rand_r(&seed) % 3 - 1);

		if (!p) {
			refused++;
			continue;
		}
		assert_int_equal((u64)p % align, 0);
		if (bytes >= PAGE_2M)
			assert_int_equal((u64)p % PAGE_2M, 0);
		for (u64 i = 0; i < bytes; i += i < 64 ? 1 : 61)
			assert_int_equal(p[i], 0);
		assert_int_equal(p[bytes - 1], 0);
		memset(p, 0x5a, bytes);
		check_rights(p, kind);
		check_rights(p + bytes - 1, kind);
		assert_int_equal(dp_paddr(p) + bytes - 1, dp_paddr(p + bytes - 1));
		got[n].p = p;
		got[n++].n = bytes;
	}
	assert_true(n > 200 && refused);
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = i + 1; k < n; k++)
			assert_false(got[i].p < got[k].p + got[k].n &&
				     got[k].p < got[i].p + got[i].n);
	/* Nothing physical is mapped twice in one root. */
	for (unsigned i = 0; i < ncalls; i++)
		for (unsigned k = i + 1; k < ncalls; k++)
			assert_false(calls[i].root == calls[k].root &&
				     calls[i].pa < calls[k].pa + calls[k].len &&
				     calls[k].pa < calls[i].pa + calls[i].len);
}

static void test_refusals(void **state)
{
	(void)state;
	assert_null(dp_alloc(DP_CTL, 0, 64, 0));
	assert_null(dp_alloc(DP_CTL, 1ull << 40, 64, 0));
	assert_int_equal(dp_paddr((void *)0x1000), 0);
	assert_int_equal(dp_paddr((void *)(DP_WINDOW - 1)), 0);
	assert_int_equal(dp_paddr((void *)DP_MMIO), 0);
	expect_panic("assertion failed", dp_alloc(DP_CTL, 64, 3, 0));
	expect_panic("assertion failed", dp_alloc(DP_KINDS, 64, 64, 0));
	dp_seal();
	assert_true(dp_sealed());
	expect_panic("assertion failed", dp_alloc(DP_CTL, 64, 64, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deal),
		cmocka_unit_test(test_random_pieces),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
