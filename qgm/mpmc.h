// SPDX-License-Identifier: MIT
/*
 * mpmc: bounded ring of pointers for many producers and many consumers, for pools. QGM cores (or
 * hosted QGMs) only, interrupts off. No operation waits for another core without bound: a
 * core that stopped in the middle of one blocks nobody for ever (a "stall" is counted instead).
 *
 *	line 0  head: next position to fill, advanced by compare-and-swap
 *	line 2  tail: next position to empty, likewise
 *	line 4  mask and shift, then the slots, then a byte of state for each slot
 *
 * Positions run free over 32 bits; position `pos` is slot pos & mask in lap pos >> shift. A slot's
 * state is 2 lap when it is free for its producer of that lap, 2 lap + 1 when it is full for its
 * consumer, modulo 256 (D. Vyukov's bounded queue, whose sequence number is cut to what tells one
 * lap from the next, and which is extended to runs of slots reserved by one compare-and-swap: the
 * states of a burst are looked at, and set, 16 at a time).
 */
#pragma once

#include "qgm/atomic.h"

struct mpmc {
	u32 head;
	u8 pad0[2 * CACHE_LINE - 4];
	u32 tail;
	u8 pad1[2 * CACHE_LINE - 4];
	u32 mask;
	u32 shift;
	u8 pad2[CACHE_LINE - 8];
	void *slot[];
} __cacheline;

enum {
	MPMC_SPINS = 1000, /* pauses before a wait counts as a stall */
	MPMC_SLOTS_MAX = 1u << 25,
};

/* Bytes that a ring of `slots` entries takes. */
size_t mpmc_bytes(u32 slots);

/* Make it empty. -EINVAL (-22) unless slots is a power of two, 2..MPMC_SLOTS_MAX. */
int mpmc_init(struct mpmc *r, u32 slots);

/* The same with the next position to fill and to empty, for tests of its wrap. */
int mpmc_init_at(struct mpmc *r, u32 slots, u32 pos);

/*
 * Any QGM core. Adds (takes) up to n objects; returns how many. Fewer than n means full (empty),
 * or that another core has reserved but not finished the slots in question for MPMC_SPINS pauses:
 * then *stalls is counted up.
 */
u32 mpmc_enqueue(struct mpmc *r, void *const *objs, u32 n, u64 *stalls);
u32 mpmc_dequeue(struct mpmc *r, void **objs, u32 n, u64 *stalls);

/* Entries at some moment between call and return. Any core. */
u32 mpmc_count(const struct mpmc *r);
