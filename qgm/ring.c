// SPDX-License-Identifier: MIT
/*
 * ring: single producer, single consumer, of pointers (layout and ownership in ring.h).
 *
 * Why it is right. The producer writes slots [head, head + n) before its release store of head
 * (R1); a consumer that acquires that head (A1) sees the slots. The consumer reads slots before
 * its release store of tail (R2); a producer that acquires that tail (A2) may overwrite them.
 * Cached indices are only ever older than the truth, so both sides err to "full" or "empty".
 */
#include "qgm/ring.h"

#ifndef PIX_RELACY
#include "qgm/ptrcopy.h"
#endif

size_t ring_bytes(u32 slots)
{
	return ALIGN_UP(sizeof(struct ring) + (size_t)slots * sizeof(void *), CACHE_LINE);
}

int ring_init(struct ring *r, u32 slots)
{
	if (slots < 2 || (slots & (slots - 1)) || slots > 1u << 30)
		return -22;
	store_relaxed(&r->head, 0);
	store_relaxed(&r->tail, 0);
	r->head_cached = r->tail_cached = 0;
	r->mask = slots - 1;
	return 0;
}

u32 ring_enqueue(struct ring *r, void *const *objs, u32 n)
{
	u32 head = load_relaxed(&r->head);
	u32 room = r->mask + 1 - (head - r->tail_cached);

	if (room < n) {
		r->tail_cached = load_acquire(&r->tail); /* A2 */
		room = r->mask + 1 - (head - r->tail_cached);
		if (n > room)
			n = room;
	}
	if (unlikely(!n))
		return 0;
	ptrcopy_in(r->slot, r->mask, head, objs, n);
	store_publish(&r->head, head + n); /* R1 */
	return n;
}

u32 ring_dequeue(struct ring *r, void **objs, u32 n)
{
	u32 tail = load_relaxed(&r->tail);
	u32 ready = r->head_cached - tail;

	if (ready < n) {
		r->head_cached = load_acquire(&r->head); /* A1 */
		ready = r->head_cached - tail;
		if (n > ready)
			n = ready;
	}
	if (unlikely(!n))
		return 0;
	ptrcopy_out(objs, r->slot, r->mask, tail, n);
	store_release(&r->tail, tail + n); /* R2 */
	return n;
}

u32 ring_count(const struct ring *r)
{
	/* tail first: head can only have moved on, so that the difference is never negative;
	 * a producer that laps in between can only make it look fuller than full. */
	u32 tail = load_acquire(&r->tail);
	u32 n = load_acquire(&r->head) - tail;

	return n > r->mask + 1 ? r->mask + 1 : n;
}
