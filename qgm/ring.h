// SPDX-License-Identifier: MIT
/*
 * ring: single producer, single consumer, of pointers to even addresses. Memory belongs to the
 * consumer's side (its NUMA node).
 *
 *	line 0  producer: head, how far it may go, flag of this lap, mask
 *	line 1  guard (the next-line prefetcher also shares falsely)
 *	line 2  consumer: tail, when to move freed, flag of this lap, mask
 *	line 3  guard
 *	line 4  consumer writes, producer reads: freed
 *	line 5  guard
 *	line 6  the slots: pointer, and in bit 0 a flag that tells one lap from the next
 *
 * Positions run free over 32 bits and are masked on use. A slot is full for the consumer of a
 * lap when its flag is that of the lap, 1 and 0 in turn. So the slots themselves say how far
 * the producer is, and no index goes from core to core with each burst. (J. Giacomoni et al.,
 * "FastForward for efficient pipeline parallelism", PPoPP 2008, has slots that are NULL when
 * they are free, which the consumer must write.)
 *
 * `freed` is what the producer knows of tail: it follows when the consumer has found the ring
 * empty, or has taken a quarter of it since the last time. A producer that finds the ring full
 * would else fetch that line for each burst; so it gets room for several. All slots are usable,
 * but a producer may find the ring full with up to a quarter of it free.
 *
 * A line takes a hundred cycles and more from one core to another, so that a ring is as fast as
 * the number of lines that are under way at once: the consumer asks for slots RING_AHEAD slots
 * before it takes them.
 *
 * Why it is right. What the producer wrote before it stores a slot with release (R1) is seen by
 * the consumer that acquires the slot (A1). The consumer reads slots before its release store
 * of freed (R2); a producer that acquires that (A2) may overwrite them. `limit` is only ever
 * older than the truth, so that the producer errs to "full". (R1 and A1 are in ringslot.h.)
 */
#pragma once

#include "qgm/ringslot.h"

struct ring {
	atomic_u32 head; /* next position to fill */
	u32 limit;       /* freed when last seen, plus slots: fill none from here on */
	u64 full;        /* flag of the slots it fills */
	u32 mask;
	u8 pad0[2 * CACHE_LINE - 20];
	atomic_u32 tail; /* next position to empty */
	u32 show_at;     /* tail that freed is to follow next */
	u64 full2;       /* flag of full slots */
	u32 mask2;
	u8 pad1[2 * CACHE_LINE - 20];
	atomic_u32 freed; /* positions below this one may be filled again */
	u8 pad2[2 * CACHE_LINE - 4];
	atomic_u64 slot[FLEXIBLE];
} __cacheline;

/* Bytes that a ring of `slots` entries takes. */
size_t ring_bytes(u32 slots);

/* Make `r` (ring_bytes() of memory) empty. -EINVAL (-22) unless slots is a power of two ≥ 2. */
int ring_init(struct ring *r, u32 slots);

/* The same with the next position to fill, for tests of its wrap. */
int ring_init_at(struct ring *r, u32 slots, u32 pos);

/* Entries at some moment between call and return. Any core. */
u32 ring_count(const struct ring *r);

/* At the end of a lap: what does not fit starts the next one, with the other flag. */
static inline void ring_fill_wrap(struct ring *r, u32 at, void *const *objs, u32 n)
{
	u32 left = r->mask + 1 - at;

	ring_fill(r->slot + at, objs, left, r->full);
	r->full ^= 1;
	ring_fill(r->slot, objs + left, n - left, r->full);
}

static inline u32 ring_take_wrap(struct ring *r, u32 at, void **objs, u32 n)
{
	u32 left = MIN(r->mask2 + 1 - at, n), got = ring_take(r->slot + at, objs, left, r->full2);

	if (got < left)
		return got;
	r->full2 ^= 1;
	return got + ring_take(r->slot, objs + left, n - left, r->full2);
}

/* What freed says next follows tail. */
static inline void ring_show(struct ring *r, u32 tail)
{
	r->show_at = tail + (r->mask2 + 1) / 4;
	store_release(&r->freed, tail); /* R2 */
}

/* One object, which takes as long as its instructions do. */
static inline u32 ring_enqueue_one(struct ring *r, void *const *objs)
{
	u32 head = load_relaxed(&r->head), at = head & r->mask;

	if (unlikely(r->limit == head)) {
		r->limit = load_acquire(&r->freed) + r->mask + 1; /* A2 */
		if (r->limit == head)
			return 0;
	}
	ring_fill(r->slot + at, objs, 1, r->full);
	if (unlikely(at == r->mask))
		r->full ^= 1;
	store_relaxed(&r->head, head + 1);
	return 1;
}

static inline u32 ring_dequeue_one(struct ring *r, void **objs)
{
	u32 tail = load_relaxed(&r->tail), at = tail & r->mask2;

	if (unlikely(!ring_take(r->slot + at, objs, 1, r->full2))) {
		ring_show(r, tail);
		return 0;
	}
	if (unlikely(at == r->mask2))
		r->full2 ^= 1;
	prefetch(&r->slot[(tail + RING_AHEAD) & r->mask2]);
	store_relaxed(&r->tail, tail + 1);
	if (unlikely((s32)(tail + 1 - r->show_at) >= 0))
		ring_show(r, tail + 1);
	return 1;
}

/* A line's worth in a straight line, where they fit; else nothing. */
static inline u32 ring_enqueue_line(struct ring *r, void *const *objs)
{
	u32 head = load_relaxed(&r->head), at = head & r->mask;
	struct ring_held h;

	if (unlikely(r->limit - head < RING_HELD || at + RING_HELD > r->mask))
		return 0;
	ring_hold(&h, objs, RING_HELD, r->full);
	ring_fill_held(r->slot + at, &h, RING_HELD);
	store_relaxed(&r->head, head + RING_HELD);
	return RING_HELD;
}

static inline u32 ring_dequeue_line(struct ring *r, void **objs)
{
	u32 tail = load_relaxed(&r->tail), at = tail & r->mask2;
	struct ring_held h;

	if (unlikely(at + RING_HELD > r->mask2 || !ring_see(&h, r->slot + at, RING_HELD, r->full2)))
		return 0;
	ring_take_held(objs, &h, RING_HELD);
	prefetch(&r->slot[(tail + RING_AHEAD) & r->mask2]);
	tail += RING_HELD;
	store_relaxed(&r->tail, tail);
	if (unlikely((s32)(tail - r->show_at) >= 0))
		ring_show(r, tail);
	return RING_HELD;
}

/* Producer only. Adds up to n objects in order; returns how many went in, caller keeps the rest. */
static inline u32 ring_enqueue(struct ring *r, void *const *objs, u32 n)
{
	u32 head = load_relaxed(&r->head), at = head & r->mask;

	if (unlikely(n == 1))
		return ring_enqueue_one(r, objs);
	if (n == RING_HELD && likely(ring_enqueue_line(r, objs)))
		return n;
	if (unlikely(r->limit - head < n)) {
		r->limit = load_acquire(&r->freed) + r->mask + 1; /* A2 */
		n = MIN(n, r->limit - head);
	}
	if (likely(at + n <= r->mask))
		ring_fill(r->slot + at, objs, n, r->full);
	else
		ring_fill_wrap(r, at, objs, n);
	store_relaxed(&r->head, head + n);
	return n;
}

/* Consumer only. Takes up to n objects in order; returns how many came out. May write objs up to n
 * in any case. */
static inline u32 ring_dequeue(struct ring *r, void **objs, u32 n)
{
	u32 tail = load_relaxed(&r->tail), at = tail & r->mask2, got;

	if (unlikely(n == 1))
		return ring_dequeue_one(r, objs);
	if (n == RING_HELD && likely(ring_dequeue_line(r, objs)))
		return n;
	if (likely(at + n <= r->mask2))
		got = ring_take(r->slot + at, objs, n, r->full2);
	else
		got = ring_take_wrap(r, at, objs, n);
	for (u32 i = 0; i < got; i += RING_LINE)
		prefetch(&r->slot[(tail + RING_AHEAD + i) & r->mask2]);
	tail += got;
	store_relaxed(&r->tail, tail);
	if (unlikely(got < n || (s32)(tail - r->show_at) >= 0))
		ring_show(r, tail);
	return got;
}
