// SPDX-License-Identifier: MIT
/*
 * The split of memory between the generic partition and the data plane, from day one.
 *
 *   physical RAM of each node:  [ the rest: phys.h ............ | data-plane region ]
 *
 *   kind          QGM cores   generic cores   holds
 *   DP_CTL        rw          rw              control block, message rings
 *   DP_COUNTERS   rw          ro              counters, heartbeats
 *   DP_ARENA      ro          rw              table arenas
 *   DP_PUNT       rw          rw              punt pool
 *   DP_PRIVATE    rw          -               everything else: pools, queues, driver state, stacks
 *
 * The region appears in the window (DP_WINDOW) at the same virtual address in each root that
 * maps it; what was not allocated is mapped nowhere. root_boot maps all kinds read-write.
 */
#pragma once

#include "kernel/types.h"

enum dp_kind { DP_CTL, DP_COUNTERS, DP_ARENA, DP_PUNT, DP_PRIVATE, DP_KINDS };

/*
 * Zeroed memory of the data-plane region for the life of the machine. Boot CPU, start-up only
 * (before dp_seal). `align` a power of two up to 2 MiB; pieces of 2 MiB and more are backed by
 * 2 MiB pages. Physically contiguous. Falls back to another node; NULL when all are full.
 */
void *dp_alloc(enum dp_kind kind, u64 bytes, u64 align, int node);

/* Physical address of memory from dp_alloc; 0 for any other address. Any core. */
paddr_t dp_paddr(const void *va);

/*
 * Map device registers into the window, in the QGM and boot roots only. Generic partition, also
 * after dp_seal (adding needs no flush). NULL: no memory.
 */
enum dp_attr { DP_UC, DP_WC };
void *dp_map_mmio(paddr_t pa, u64 len, enum dp_attr attr);

/* Bytes of the region not yet given out (node NODE_ANY: all nodes). */
u64 dp_free_bytes(int node);
u64 dp_total_bytes(int node);

/* Physical ranges of the region: returns false when i is past the last. */
bool dp_region(unsigned i, paddr_t *base, u64 *len, int *node);

/*
 * End the boot CPU's use of root_boot: from here on it runs on root_generic, and kernel stacks,
 * heap and code of the generic partition reach the data plane only through the shared kinds.
 */
void dp_seal(void);
bool dp_sealed(void);

/*
 * Walk all three roots and check: W^X everywhere; the generic root maps nothing of DP_PRIVATE and
 * no .qgm.data; the QGM root maps no generic .data/.bss, direct map, kernel stacks or MMIO; shared
 * kinds have exactly the rights of the table above; guard pages are unmapped. Each violation is
 * one line to `sink`. Returns the number of violations.
 */
int split_verify(void (*sink)(const char *fmt, ...));
