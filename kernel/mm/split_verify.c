// SPDX-License-Identifier: MIT
/*
 * The proof of the memory split: every leaf of every root is looked at, and compared with what
 * split.h promises. Runs on root_boot with interrupts off (the QGM root's tables are visible there
 * only).
 */
#include "kernel/arch/x86_64/image.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/mm/kstack.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/paging.h"
#include "kernel/mm/phys.h"
#include "kernel/mm/phys_init.h"
#include "kernel/mm/split_init.h"

enum which { GENERIC, QGM, BOOT };

struct check {
	enum which root;
	void (*sink)(const char *fmt, ...);
	int violations;
};

static const char *const root_names[] = { "generic", "qgm", "boot" };

static void violation(struct check *c, vaddr_t va, const char *what)
{
	if (c->violations++ < 16)
		c->sink("selftest: %s root, %016lx: %s\n", root_names[c->root], va, what);
}

/* Does [pa, pa + len) touch the image between two linker symbols? */
static bool touches(paddr_t pa, u64 len, const char *from, const char *to)
{
	return pa < (u64)to - KERNEL_BASE && pa + len > (u64)from - KERNEL_BASE;
}

/* A leaf that shows memory of the data-plane region. */
static void check_region(struct check *c, vaddr_t va, paddr_t pa, u64 len, unsigned flags)
{
	const struct dp_chunk *k = dp_chunk_of(pa);
	int rights;

	if (c->root == BOOT)
		return;
	if (!k || pa + len > k->pa + k->len) {
		violation(c, va, "maps data-plane memory that was not given out");
		return;
	}
	rights = dp_rights(k->kind, c->root == QGM);
	if (va != k->va + (pa - k->pa))
		violation(c, va, "maps data-plane memory outside of its place in the window");
	else if (rights < 0)
		violation(c, va, "maps private memory of the data plane");
	else if ((flags & PT_W) != (unsigned)rights)
		violation(c, va, "wrong write permission on shared data-plane memory");
}

/* A leaf of the generic root that shows something else. */
static void check_generic(struct check *c, vaddr_t va, paddr_t pa, u64 len, unsigned flags)
{
	if (touches(pa, len, qgm_data_start, qgm_data_end))
		violation(c, va, "generic root maps .qgm.data");
	if ((flags & PT_W) && touches(pa, len, shared_data_start, shared_data_end))
		violation(c, va, "generic root may write .shared");
}

/* The QGM root may show: text, read-only data, .shared, .qgm.*, devices. Nothing else. */
static void check_qgm(struct check *c, vaddr_t va, paddr_t pa, u64 len, unsigned flags)
{
	if (va >= DP_MMIO && va < DP_END) {
		if (phys_managed(pa) || touches(pa, len, text_start, data_limit))
			violation(c, va, "device window shows RAM");
		return;
	}
	if (va == FIXMAP_LAPIC)
		return;
	if (va < KERNEL_BASE || va >= (u64)data_limit || pa != va - KERNEL_BASE) {
		violation(c, va, "qgm root maps memory of the generic partition");
		return;
	}
	if (touches(pa, len, data_start, data_limit))
		violation(c, va, "qgm root maps generic .data or .bss");
	if ((flags & PT_W) && !touches(pa, len, qgm_data_start, qgm_data_end))
		violation(c, va, "qgm root may write outside of .qgm.data");
}

static int check_leaf(void *ctx, vaddr_t va, paddr_t pa, u64 len, unsigned flags)
{
	struct check *c = ctx;

	if ((flags & PT_W) && (flags & PT_X))
		violation(c, va, "writable and executable");
	if ((flags & PT_X) && !touches(pa, len, text_start, text_end))
		violation(c, va, "executable, but not text");
	if ((flags & PT_W) && touches(pa, len, text_start, rodata_end))
		violation(c, va, "writable alias of text or read-only data");
	if (flags & PT_U)
		violation(c, va, "open to user mode");
	if (dp_in_region(pa) || dp_in_region(pa + len - 1))
		check_region(c, va, pa, len, flags);
	else if (c->root == GENERIC)
		check_generic(c, va, pa, len, flags);
	else if (c->root == QGM)
		check_qgm(c, va, pa, len, flags);
	return 0;
}

static void check_guard(struct check *c, paddr_t root, vaddr_t va)
{
	if (!pt_query(root, va, NULL, NULL))
		violation(c, va, "guard page below a stack is mapped");
}

static void check_guards(struct check *c, paddr_t root)
{
	vaddr_t va;

	check_guard(c, root, (vaddr_t)boot_stack_guard);
	for (u64 i = 0; i < kstack_count(); i++)
		for (vaddr_t p = 0; p < KSTACK_SIZE; p += PAGE_SIZE)
			check_guard(c, root, KSTACK_BASE + i * 2 * KSTACK_SIZE + p);
	for (unsigned i = 0; dp_guard(i, &va); i++)
		check_guard(c, root, va);
}

int split_verify(void (*sink)(const char *fmt, ...))
{
	static const enum which order[] = { GENERIC, QGM, BOOT };
	paddr_t roots[] = { root_generic, root_qgm, root_boot }, before = pt_current();
	int total = 0;
	u64 flags = irq_save();

	if (before != root_boot)
		pt_load(root_boot);
	for (unsigned i = 0; i < ARRAY_SIZE(order); i++) {
		struct check c = { order[i], sink, 0 };

		pt_walk(roots[i], check_leaf, &c);
		check_guards(&c, roots[i]);
		total += c.violations;
	}
	if (before != root_boot)
		pt_load(before);
	irq_restore(flags);
	return total;
}
