// SPDX-License-Identifier: MIT
/*
 * mpmc: bounded ring of pointers to even addresses for many producers and many consumers, for
 * pools. QGM cores (or hosted QGMs) only, interrupts off. No operation waits for another core
 * without bound: a core that stopped in the middle of one blocks nobody for ever (a "stall" is
 * counted instead).
 *
 *	line 0  head: next position to fill, advanced by compare-and-swap; of producers
 *	line 2  tail: next position to empty, likewise; of consumers
 *	line 4  what does not change, then the slots, then a byte for each slot: free
 *
 * Positions are 64 bits wide and never come back; position `pos` is slot pos & (slots - 1), and the
 * bit of pos above that tells one lap from the next. Whether a slot is full is said in its bit 0
 * (ringslot.h), which producers write and consumers read; whether it is free by its byte, which
 * consumers write and producers read. So no line is written by both sides, and neither looks at the
 * other's index but when it finds nothing. (D. Vyukov's bounded queue has a sequence number a slot
 * that both write. It is cut here to the one bit that tells two laps apart, for each direction,
 * and extended to runs of slots that one compare-and-swap reserves.)
 */
#pragma once

#include "qgm/ringslot.h"

struct mpmc {
	atomic_u64 head;
	u8 pad0[2 * CACHE_LINE - 8];
	atomic_u64 tail;
	u8 pad1[2 * CACHE_LINE - 8];
	u32 slots;
	/* By what the CPU has; slots are the same. */
	u32 (*enqueue)(struct mpmc *r, void *const *objs, u32 n, u64 *stalls);
	u32 (*dequeue)(struct mpmc *r, void **objs, u32 n, u64 *stalls);
	u8 pad2[CACHE_LINE - 24];
	atomic_u64 slot[FLEXIBLE];
#ifdef PIX_RELACY
	atomic_u8 free[FLEXIBLE]; /* else behind the slots */
#endif
} __cacheline;

enum {
	MPMC_SPINS = 1000, /* pauses before a wait counts as a stall */
	MPMC_SLOTS_MAX = 1u << 25,
};

/* Bytes that a ring of `slots` entries takes. */
size_t mpmc_bytes(u32 slots);

/* Make it empty. -EINVAL (-22) unless slots is a power of two, 2..MPMC_SLOTS_MAX. */
int mpmc_init(struct mpmc *r, u32 slots);

/* The same with the next position to fill and to empty, for tests. */
int mpmc_init_at(struct mpmc *r, u32 slots, u64 pos);

/* Head or tail as it was moved by a peer (M4). The model plants a relaxed one. */
#ifdef PLANT_MPMC_INDEX
#define load_index(p) load_relaxed(p)
#else
#define load_index(p) load_acquire(p)
#endif

static inline atomic_u8 *mpmc_free(struct mpmc *r)
{
#ifdef PIX_RELACY
	return r->free;
#else
	return (u8 *)&r->slot[r->slots];
#endif
}

/* Of slots that are full in the lap of pos, and what the byte of one says that is free for the
 * next lap; free for this lap is the other. */
static inline u64 mpmc_flag(const struct mpmc *r, u64 pos)
{
	return !(pos & r->slots);
}

/* The end of a lap, a ring that is full or empty, another core in between; `ready` slots from pos
 * on are known to be ready. */
u32 mpmc_enqueue_part(struct mpmc *r, u64 pos, u32 ready, void *const *objs, u32 n, u64 *stalls);
u32 mpmc_dequeue_part(struct mpmc *r, u64 pos, u32 ready, void **objs, u32 n, u64 *stalls);

/* A single object, without a call: what is stored before a locked instruction must leave the core
 * first. */
static inline u32 mpmc_enqueue_one(struct mpmc *r, void *const *objs, u64 *stalls)
{
	u64 pos = load_index(&r->head), f = mpmc_flag(r, pos);
	u32 at = (u32)pos & (r->slots - 1);

	if (unlikely(load_acquire(mpmc_free(r) + at) == f || /* M3 */
		     !cas_from(&r->head, pos, pos + 1)))
		return mpmc_enqueue_part(r, pos, 0, objs, 1, stalls);
	ring_fill(r->slot + at, objs, 1, f);
	return 1;
}

static inline u32 mpmc_dequeue_one(struct mpmc *r, void **objs, u64 *stalls)
{
	u64 pos = load_index(&r->tail), f = mpmc_flag(r, pos);
	u32 at = (u32)pos & (r->slots - 1);

	if (unlikely(!ring_take(r->slot + at, objs, 1, f) || !cas_from(&r->tail, pos, pos + 1)))
		return mpmc_dequeue_part(r, pos, 0, objs, 1, stalls);
	store_publish(mpmc_free(r) + at, (u8)f); /* M2 */
	return 1;
}

/*
 * Any QGM core. Adds up to n objects, at even addresses; returns how many. Fewer than n means that
 * the ring is full, but for slots which other cores are just emptying; 0 that it is full, or that
 * another core has reserved the next slot and not finished for MPMC_SPINS pauses: then *stalls is
 * counted up.
 */
static inline u32 mpmc_enqueue(struct mpmc *r, void *const *objs, u32 n, u64 *stalls)
{
	return n == 1 ? mpmc_enqueue_one(r, objs, stalls) : r->enqueue(r, objs, n, stalls);
}

/* Takes up to n objects, likewise: fewer than n means empty, but for what is just being added. May
 * write objs up to n in any case. */
static inline u32 mpmc_dequeue(struct mpmc *r, void **objs, u32 n, u64 *stalls)
{
	return n == 1 ? mpmc_dequeue_one(r, objs, stalls) : r->dequeue(r, objs, n, stalls);
}

/* Entries at some moment between call and return. Any core. */
u32 mpmc_count(const struct mpmc *r);
