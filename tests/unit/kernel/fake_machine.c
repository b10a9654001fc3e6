// SPDX-License-Identifier: MIT
/* See fake_machine.h. */
#include "tests/unit/kernel/fake_machine.h"
#include "kernel/arch/x86_64/image.h"
#include "kernel/mm/layout.h"
#include "kernel/printk.h"
#include "kernel/smp.h"
#include "kernel/spinlock.h"
#include <asm/prctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

jmp_buf fake_panic_jump;
int fake_panic_armed;
char fake_panic_text[256];
int fake_locks_held;

const char data_limit[1];
static struct cpu cpu;

void fake_ram(paddr_t base, u64 len)
{
	void *want = (void *)(DIRECT_MAP + base);
	void *p = mmap(want, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0);

	assert_ptr_equal(p, want);
	/* The allocator may not rely on zeroed RAM; page heads are what it writes. */
	for (u64 at = 0; at < len; at += PAGE_SIZE)
		memset((u8 *)p + at, 0xa5, 64);
}

void fake_cpu(int node)
{
	cpu.self = &cpu;
	cpu.node = node;
	assert_int_equal(syscall(SYS_arch_prctl, ARCH_SET_GS, &cpu), 0);
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fake_panic_text, sizeof(fake_panic_text), fmt, ap);
	va_end(ap);
	fake_locks_held = 0;
	if (fake_panic_armed)
		longjmp(fake_panic_jump, 1);
	fprintf(stderr, "panic: %s\n", fake_panic_text);
	abort();
}

u64 spin_lock_irqsave(struct spinlock *l)
{
	(void)l;
	fake_locks_held++;
	return 0;
}

void spin_unlock_irqrestore(struct spinlock *l, u64 flags)
{
	(void)l;
	(void)flags;
	fake_locks_held--;
}
