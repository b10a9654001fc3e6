// SPDX-License-Identifier: MIT
/*
 * ring: single producer, single consumer, of pointers. Memory belongs to the consumer's side
 * (its NUMA node).
 *
 *	line 0  producer writes: head, cached copy of tail
 *	line 1  guard (the next-line prefetcher also shares falsely)
 *	line 2  consumer writes: tail, cached copy of head
 *	line 3  guard
 *	line 4  constant: mask, then the slots
 *
 * Indices run free over 32 bits and are masked on use; capacity is a power of two, all slots
 * usable. The producer's release store of head pairs with the consumer's acquire load of it;
 * the consumer's release store of tail pairs with the producer's acquire load of that.
 */
#pragma once

#include "qgm/atomic.h"

struct ring {
	atomic_u32 head; /* producer: next slot to fill */
	u32 tail_cached; /* producer's last view of tail */
	u8 pad0[CACHE_LINE - 8];
	u8 guard0[CACHE_LINE];
	atomic_u32 tail; /* consumer: next slot to empty */
	u32 head_cached; /* consumer's last view of head */
	u8 pad1[CACHE_LINE - 8];
	u8 guard1[CACHE_LINE];
	u32 mask;
	u8 pad2[CACHE_LINE - 4];
	shared_pointer slot[FLEXIBLE];
} __cacheline;

/* Bytes that a ring of `slots` entries takes. */
size_t ring_bytes(u32 slots);

/* Make `r` (ring_bytes() of zeroed memory) empty. -EINVAL (-22) unless slots is a power of two ≥ 2.
 */
int ring_init(struct ring *r, u32 slots);

/* Producer only. Adds up to n objects in order; returns how many went in, caller keeps the rest. */
u32 ring_enqueue(struct ring *r, void *const *objs, u32 n);

/* Consumer only. Takes up to n objects in order; returns how many came out. */
u32 ring_dequeue(struct ring *r, void **objs, u32 n);

/* Entries at some moment between call and return. Any core. */
u32 ring_count(const struct ring *r);
