// SPDX-License-Identifier: MIT
/* What kernel/lib/random.c takes from the machine. */
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/clock.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"

struct cpu_features cpu_features;

u64 clock_wall_boot(void)
{
	return 1700000000;
}

void printk(const char *fmt, ...)
{
	(void)fmt;
}

u64 spin_lock_irqsave(struct spinlock *l)
{
	(void)l;
	return 0;
}

void spin_unlock_irqrestore(struct spinlock *l, u64 flags)
{
	(void)l;
	(void)flags;
}
