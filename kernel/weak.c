// SPDX-License-Identifier: MIT
/*
 * What start-up calls of rooms that may be left out of a small image (no scheduler: the machine's
 * own tests): harmless weak versions.
 */
#include "kernel/clock.h"
#include "kernel/sched/thread.h"
#include "kernel/smp.h"

__weak void sched_init(void)
{
}

__weak void sched_tick(void)
{
}

__weak void sched_irq_exit(bool from_user)
{
	(void)from_user;
}

static void __noreturn idle(void)
{
	for (;;)
		__asm__ volatile("sti; hlt");
}

__weak void sched_run_ap(void)
{
	idle();
}

__weak void sched_idle_loop(void)
{
	idle();
}

__weak struct thread *thread_this(void)
{
	return NULL;
}

__weak void thread_set_root(struct thread *t, paddr_t root)
{
	(void)t;
	(void)root;
}

__weak void net_wake_irq(void)
{
}
