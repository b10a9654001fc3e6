// SPDX-License-Identifier: MIT
/*
 * Spinlocks of the generic partition. QGM cores take no lock at all. A lock that an interrupt
 * handler also takes must be taken with the _irqsave form everywhere.
 */
#pragma once

#include "kernel/types.h"

struct spinlock {
	u32 locked;
	u32 holder;       /* cpu id + 1, 0 when free: for the re-entry check */
	const char *name; /* for panic messages */
};

#define SPINLOCK_INIT(n)    \
	{                   \
		.name = (n) \
	}

/* Spin until taken; panics when this CPU holds it already. Does not touch interrupts. */
void spin_lock(struct spinlock *l);
void spin_unlock(struct spinlock *l);
bool spin_trylock(struct spinlock *l);

/* Interrupts off, then the lock. Give the result to spin_unlock_irqrestore. */
u64 spin_lock_irqsave(struct spinlock *l);
void spin_unlock_irqrestore(struct spinlock *l, u64 flags);
