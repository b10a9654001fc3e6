// SPDX-License-Identifier: MIT
/* Start-up of the physical allocator: for kernel/mm and the start-up table only. */
#pragma once

#include "kernel/types.h"

struct memmap;

/* Take over all ranges of the map. Boot CPU, on root_boot. */
void phys_init(struct memmap *m);
bool phys_ready(void);

/* Marks for the heap: the block that begins at pa. phys_mark sets, phys_block reads. */
enum phys_mark { PHYS_PLAIN, PHYS_SLAB };
void phys_mark(paddr_t pa, unsigned order, enum phys_mark mark);

/* Is pa the first page of an allocated block? Its order, else -1. */
int phys_block_order(paddr_t pa);
bool phys_is_slab(paddr_t pa);
/* Is pa a page that the allocator manages? */
bool phys_managed(paddr_t pa);
