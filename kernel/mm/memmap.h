// SPDX-License-Identifier: MIT
/*
 * A list of free physical ranges: the boot's first allocator, before phys.h has its tables. Pure;
 * boot CPU only.
 */
#pragma once

#include "kernel/types.h"

enum { MEMMAP_MAX = 512 };

struct mem_range {
	paddr_t base;
	u64 len;
	int node;
};

/* Sorted by base, not overlapping, whole pages. */
struct memmap {
	unsigned n;
	struct mem_range r[MEMMAP_MAX];
	u64 lost; /* bytes that did not fit into the table */
};

extern struct memmap memmap; /* free RAM of the generic partition, until phys_init */

/* Add RAM (node 0), rounded inwards to pages; overlaps with what is there are merged. */
void memmap_add(struct memmap *m, paddr_t base, u64 len);

/* Take [base, base + len) out, rounded outwards to pages. */
void memmap_remove(struct memmap *m, paddr_t base, u64 len);

/* Give the part of m inside [base, base + len) to a node. */
void memmap_set_node(struct memmap *m, paddr_t base, u64 len, int node);

/*
 * The highest `len` bytes (whole pages) aligned to `align`, below `limit`, on `node` (-1: any).
 * They leave the map. 0: no such range.
 */
paddr_t memmap_take(struct memmap *m, u64 len, u64 align, paddr_t limit, int node);

/* Bytes in the map on a node (-1: all), and the longest run aligned to `align` at both ends. */
u64 memmap_bytes(const struct memmap *m, int node);
u64 memmap_largest(const struct memmap *m, u64 align, int node);
