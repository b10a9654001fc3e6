// SPDX-License-Identifier: MIT
/*
 * Self-checks and planted faults of the machine. Planted bugs (pix.plant=): `split_private` maps a
 * private page of the data plane in the generic root, `split_wx` makes a page of text
 * writable, `split_guard` maps the guard page below the boot stack, `split_data` shows generic
 * .data to the QGM root.
 */
#include "kernel/selftest.h"
#include "kernel/arch/x86_64/image.h"
#include "kernel/cmdline.h"
#include "kernel/lib/string.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/paging.h"
#include "kernel/mm/split.h"
#include "kernel/plant.h"
#include "kernel/printk.h"
#include "kernel/sched/thread.h"

static void plant_bugs(void)
{
	if (planted("split_private")) {
		void *p = dp_alloc(DP_PRIVATE, PAGE_SIZE, PAGE_SIZE, 0);

		ASSERT(p && !pt_map(root_generic, (vaddr_t)p, dp_paddr(p), PAGE_SIZE, PT_W));
	}
	if (planted("split_wx"))
		ASSERT(!pt_set(root_generic, (vaddr_t)text_start, (paddr_t)text_start - KERNEL_BASE,
			       PT_W));
	if (planted("split_guard"))
		ASSERT(!pt_map(root_generic, (vaddr_t)boot_stack_guard,
			       (paddr_t)boot_stack_guard - KERNEL_BASE, PAGE_SIZE, PT_W));
	if (planted("split_data"))
		ASSERT(!pt_map(root_qgm, (vaddr_t)data_start, (paddr_t)data_start - KERNEL_BASE,
			       PAGE_SIZE, PT_W));
}

void selftest_run(void)
{
	int n;

	if (!cmdline_has("pix.selftest"))
		return;
	plant_bugs();
	n = split_verify(printk);
	if (n)
		printk("selftest: split %d violations\n", n);
	else
		printk("selftest: split ok\n");
}

/* --- pix.crash= --- */

/* Not a constant, so that the compiler makes no special copy of crash_null for it. */
static volatile u64 *volatile nowhere;

static __attribute__((noinline)) u64 crash_null(volatile u64 *p)
{
	return *p;
}

/* Endless on purpose: the guard page has to end it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winfinite-recursion"
static __attribute__((noinline)) u64 crash_stack(u64 depth)
{
	volatile u64 pad[32];

	pad[depth % 32] = depth;
	return crash_stack(depth + 1) + pad[depth % 32];
}
#pragma GCC diagnostic pop

static __attribute__((noinline)) void crash_write(void)
{
	*(volatile char *)(uintptr_t)text_start = 0;
}

static __attribute__((noinline)) void crash_canary(size_t n)
{
	char small[16];

	for (volatile size_t i = 0; i < n; i++)
		((volatile char *)small)[i] = 0x41;
}

static __attribute__((noinline)) void crash_now(const char *how)
{
	if (!strcmp(how, "panic"))
		panic("asked for by pix.crash=panic");
	if (!strcmp(how, "null"))
		printk("%lu\n", crash_null(nowhere));
	if (!strcmp(how, "ud"))
		__asm__ volatile("ud2");
	if (!strcmp(how, "stack"))
		printk("%lu\n", crash_stack(0));
	if (!strcmp(how, "write"))
		crash_write();
	if (!strcmp(how, "canary"))
		crash_canary(24);
	printk("pix.crash=%s: not known (panic, null, ud, stack, write, canary)\n", how);
}

static char how_to_crash[16];

static void crash_later(void *arg)
{
	thread_sleep_ns((u64)(uintptr_t)arg * 1000000000);
	crash_now(how_to_crash);
}

void selftest_crash(void)
{
	u64 after = cmdline_u64("pix.crash_after", 0);

	if (cmdline_get("pix.crash", how_to_crash, sizeof(how_to_crash)) <= 0)
		return;
	if (!after)
		crash_now(how_to_crash);
	else if (!thread_create("crash", crash_later, (void *)(uintptr_t)after))
		panic("no memory for the crash thread");
}
