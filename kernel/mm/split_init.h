// SPDX-License-Identifier: MIT
/* Start-up of the memory split, and its view for the page-table code and the self-check. */
#pragma once

#include "kernel/mm/split.h"

/* Deal the data-plane region out of the free map (before any page table is built). */
void dp_deal(void);

/* On root_boot: make root_qgm and its view of the image. */
void dp_init(void);

/* A zeroed page-table page of root_qgm (data-plane region), 0: full. */
paddr_t dp_table_alloc(void);
/* Where such a page is seen on root_boot; NULL: pa is not in the region. */
void *dp_table_virt(paddr_t pa);

/*
 * A stack of `bytes` in DP_PRIVATE memory with an unmapped guard page below it, on `node`; returns
 * its top, 0 when full. Start-up, boot CPU.
 */
vaddr_t dp_stack_alloc(u64 bytes, int node);

/* What was given out: va range and kind, and the guard pages. For split_verify. */
struct dp_chunk {
	vaddr_t va;
	paddr_t pa;
	u64 len;
	enum dp_kind kind;
};
const struct dp_chunk *dp_chunk_of(paddr_t pa);
bool dp_in_region(paddr_t pa);
bool dp_guard(unsigned i, vaddr_t *va);
/* The rights of a kind in the generic root (or the QGM root): -1 none, else pt_flags. */
int dp_rights(enum dp_kind kind, bool qgm_root);
