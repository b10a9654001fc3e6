// SPDX-License-Identifier: MIT
/*
 * mpmc: bounded ring of pointers for many producers and many consumers, for pools. QGM cores (or
 * hosted QGMs) only, interrupts off. No operation waits for another core without bound: a
 * core that stopped in the middle of one blocks nobody for ever (a "stall" is counted instead).
 *
 *	line 0  head: next position to fill, advanced by compare-and-swap
 *	line 2  tail: next position to empty, likewise
 *	line 4  mask, then slots of {seq, pointer}
 *
 * A slot at position `pos` is free for its producer when seq = pos, full for its consumer when
 * seq = pos + 1, and free for the next lap when seq = pos + capacity (D. Vyukov's bounded queue,
 * extended to runs of slots reserved by one compare-and-swap).
 */
#pragma once

#include "qgm/atomic.h"

struct mpmc_slot {
	u32 seq;
	u32 pad;
	void *obj;
};

struct mpmc {
	u32 head;
	u8 pad0[2 * CACHE_LINE - 4];
	u32 tail;
	u8 pad1[2 * CACHE_LINE - 4];
	u32 mask;
	u8 pad2[CACHE_LINE - 4];
	struct mpmc_slot slot[];
} __cacheline;

enum { MPMC_SPINS = 1000 }; /* pauses before a wait counts as a stall */

/* Bytes that a ring of `slots` entries takes. */
size_t mpmc_bytes(u32 slots);

/* Make it empty. -EINVAL (-22) unless slots is a power of two ≥ 2. */
int mpmc_init(struct mpmc *r, u32 slots);

/*
 * Any QGM core. Adds (takes) up to n objects; returns how many. Fewer than n means full (empty),
 * or that another core has reserved but not finished the slots in question for MPMC_SPINS pauses:
 * then *stalls is counted up.
 */
u32 mpmc_enqueue(struct mpmc *r, void *const *objs, u32 n, u64 *stalls);
u32 mpmc_dequeue(struct mpmc *r, void **objs, u32 n, u64 *stalls);

/* Entries at some moment between call and return. Any core. */
u32 mpmc_count(const struct mpmc *r);
