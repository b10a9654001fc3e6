// SPDX-License-Identifier: MIT
/*
 * Test-and-set spinlocks with holder and re-entry check. The generic partition is one core in the
 * default deal, so fairness under contention is not worth a ticket.
 */
#include "kernel/spinlock.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/printk.h"
#include "kernel/smp.h"
#include "qgm/atomic.h"

void spin_lock(struct spinlock *l)
{
	u32 me = cpu_this()->id + 1;

	if (load_relaxed(&l->holder) == me)
		panic("spinlock \"%s\" taken twice by CPU %u", l->name ? l->name : "?", me - 1);
	/* Acquire pairs with the release in spin_unlock. */
	while (__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE))
		while (load_relaxed(&l->locked))
			cpu_pause();
	store_relaxed(&l->holder, me);
}

bool spin_trylock(struct spinlock *l)
{
	if (__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE))
		return false;
	store_relaxed(&l->holder, cpu_this()->id + 1);
	return true;
}

void spin_unlock(struct spinlock *l)
{
	if (load_relaxed(&l->holder) != cpu_this()->id + 1)
		panic("spinlock \"%s\" released by CPU %u, which does not hold it",
		      l->name ? l->name : "?", cpu_this()->id);
	store_relaxed(&l->holder, 0);
	store_release(&l->locked, 0);
}

u64 spin_lock_irqsave(struct spinlock *l)
{
	u64 flags = irq_save();

	spin_lock(l);
	return flags;
}

void spin_unlock_irqrestore(struct spinlock *l, u64 flags)
{
	spin_unlock(l);
	irq_restore(flags);
}
