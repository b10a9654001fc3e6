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
 * older than the truth, so that the producer errs to "full". Slots are read and written one or
 * two at a time: each is whole, and on x86 every load is an acquire and every store a release,
 * whatever its width; the fences keep the compiler to that. Checkers see the form with one
 * atomic slot at a time.
 */
#pragma once

#include "qgm/atomic.h"

enum { RING_LINE = CACHE_LINE / 8, RING_AHEAD = 8 * RING_LINE };

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

#if defined(PIX_RELACY) || defined(__SANITIZE_THREAD__)

static inline void ring_fill(atomic_u64 *slot, void *const *objs, u32 n, u64 flag)
{
	for (u32 i = 0; i < n; i++)
		store_publish(&slot[i], (u64)objs[i] | flag); /* R1 */
}

static inline u32 ring_take(atomic_u64 *slot, void **objs, u32 n, u64 flag)
{
	for (u32 i = 0; i < n; i++) {
		u64 v = load_acquire(&slot[i]) ^ flag; /* A1 */

		if (v & 1)
			return i;
		objs[i] = (void *)v;
	}
	return n;
}

#else

typedef u64 ring_pair __attribute__((vector_size(16), aligned(8), may_alias));

static inline void ring_fill(u64 *slot, void *const *objs, u32 n, u64 flag)
{
	const ring_pair f = { flag, flag };

	fence_release(); /* R1 */
	for (; n >= 8; n -= 8, slot += 8, objs += 8) {
		ring_pair a = *(const ring_pair *)objs | f;
		ring_pair b = *(const ring_pair *)(objs + 2) | f;
		ring_pair c = *(const ring_pair *)(objs + 4) | f;
		ring_pair d = *(const ring_pair *)(objs + 6) | f;

		*(ring_pair *)slot = a;
		*(ring_pair *)(slot + 2) = b;
		*(ring_pair *)(slot + 4) = c;
		*(ring_pair *)(slot + 6) = d;
	}
	for (u32 i = 0; i < n; i++)
		store_relaxed(&slot[i], (u64)objs[i] | flag);
}

/* Eight slots if all are full. Writes objs in any case. */
static inline bool ring_take8(const u64 *slot, void **objs, u64 flag)
{
	typedef double halves __attribute__((vector_size(16)));
	const ring_pair f = { flag, flag };
	ring_pair a = *(const ring_pair *)slot ^ f;
	ring_pair b = *(const ring_pair *)(slot + 2) ^ f;
	ring_pair c = *(const ring_pair *)(slot + 4) ^ f;
	ring_pair d = *(const ring_pair *)(slot + 6) ^ f;
	ring_pair any = (a | b) | (c | d);

	*(ring_pair *)objs = a;
	*(ring_pair *)(objs + 2) = b;
	*(ring_pair *)(objs + 4) = c;
	*(ring_pair *)(objs + 6) = d;
	return !__builtin_ia32_movmskpd((halves)(any << 63));
}

static inline u32 ring_take(const u64 *slot, void **objs, u32 n, u64 flag)
{
	u32 i = 0;

	while (i + 8 <= n && ring_take8(slot + i, objs + i, flag))
		i += 8;
	for (; i < n; i++) {
		u64 v = load_relaxed(&slot[i]) ^ flag;

		if (v & 1)
			break;
		objs[i] = (void *)v;
	}
	fence_acquire(); /* A1 */
	return i;
}

#endif

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
	u32 left = r->mask2 + 1 - at, got = ring_take(r->slot + at, objs, left, r->full2);

	if (got < left)
		return got;
	r->full2 ^= 1;
	return got + ring_take(r->slot, objs + left, n - left, r->full2);
}

/* Producer only. Adds up to n objects in order; returns how many went in, caller keeps the rest. */
static inline u32 ring_enqueue(struct ring *r, void *const *objs, u32 n)
{
	u32 head = load_relaxed(&r->head), at = head & r->mask;

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

	if (likely(at + n <= r->mask2))
		got = ring_take(r->slot + at, objs, n, r->full2);
	else
		got = ring_take_wrap(r, at, objs, n);
	for (u32 i = 0; i < got; i += RING_LINE)
		prefetch(&r->slot[(tail + RING_AHEAD + i) & r->mask2]);
	tail += got;
	store_relaxed(&r->tail, tail);
	if (unlikely(got < n || (s32)(tail - r->show_at) >= 0)) {
		r->show_at = tail + (r->mask2 + 1) / 4;
		store_release(&r->freed, tail); /* R2 */
	}
	return got;
}
