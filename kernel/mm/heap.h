// SPDX-License-Identifier: MIT
/*
 * The generic partition's heap: size classes of 32 bytes to 2 KiB in slabs, whole pages above.
 * Any generic core, any context (interrupts are kept off inside).
 */
#pragma once

#include "kernel/types.h"

/* n bytes, 16-byte aligned (page aligned from 4 KiB up), not zeroed; NULL when there is none. */
void *kmalloc(size_t n);
void *kzalloc(size_t n);

/* NULL is fine. Freeing twice or a wild pointer panics. */
void kfree(void *p);

struct heap_stats {
	u64 slab_pages;
	u64 large_pages;
	u64 objects;
};
void heap_stats(struct heap_stats *s);
