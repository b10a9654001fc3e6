// SPDX-License-Identifier: MIT
/*
 * Physical memory of the generic partition ("the rest" of kernel/mm/split.h): one buddy
 * allocator per NUMA node over the boot loader's map. Generic cores, any context.
 *
 * All of this memory is reachable at DIRECT_MAP + paddr in the generic root.
 */
#pragma once

#include "kernel/types.h"
#include "kernel/mm/layout.h"

enum { PHYS_ORDER_MAX = 18, NODE_MAX = 8, NODE_ANY = -1 };

/*
 * 2^order contiguous pages, naturally aligned, not zeroed. Prefers `node`
 * (NODE_ANY: the caller's), falls back to the others. 0 when there is none.
 */
paddr_t phys_alloc(unsigned order, int node);
void phys_free(paddr_t pa, unsigned order);

/* One zeroed page, or 0. */
paddr_t phys_alloc_zero(int node);

static inline void *phys_to_virt(paddr_t pa)
{
	return (void *)(DIRECT_MAP + pa);
}

/* Inverse of phys_to_virt; also takes addresses in the kernel image. Nothing else. */
paddr_t virt_to_phys(const void *va);

struct phys_stats {
	u64 total_pages; /* given to the allocator at boot */
	u64 free_pages;
	u64 nodes;
};
void phys_stats(struct phys_stats *s);
