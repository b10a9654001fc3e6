// SPDX-License-Identifier: MIT
/*
 * Stacks of the generic partition: KSTACK_SIZE bytes, an unmapped guard page below each (running
 * over it is a page fault on the double-fault stack, reported as "kernel stack overflow").
 */
#pragma once

#include "kernel/types.h"

enum { KSTACK_SIZE = 16384 };

/* Top (highest address, 16-byte aligned) of a new stack, or 0. Contents are painted, not zero. */
vaddr_t kstack_alloc(int node);
/* Give the top that kstack_alloc returned; not the stack we run on. */
void kstack_free(vaddr_t top);

/* Is addr inside a guard page of a stack that is in use? */
bool kstack_is_guard(vaddr_t addr);

/* Stacks ever made, in use or idle: slots [0, count) from KSTACK_BASE, each guard then stack. */
u64 kstack_count(void);

/* Deepest use so far of the stack with this top, in bytes (by the paint). */
u64 kstack_high_water(vaddr_t top);
