// SPDX-License-Identifier: MIT
/* ring: single producer, single consumer, of pointers: making one, counting (ring.h has the rest).
 */
#include "qgm/ring.h"

size_t ring_bytes(u32 slots)
{
	return ALIGN_UP(sizeof(struct ring) + (size_t)slots * sizeof(void *), CACHE_LINE);
}

int ring_init(struct ring *r, u32 slots)
{
	return ring_init_at(r, slots, 0);
}

int ring_init_at(struct ring *r, u32 slots, u32 pos)
{
	if (slots < 2 || (slots & (slots - 1)) || slots > 1u << 30)
		return -22;
	store_relaxed(&r->head, pos);
	store_relaxed(&r->tail, pos);
	store_relaxed(&r->freed, pos);
	r->limit = pos + slots;
	r->show_at = pos + slots / 4;
	r->mask = r->mask2 = slots - 1;
	r->full = r->full2 = 1;
	for (u32 i = 0; i < slots; i++) /* free in this lap; those before pos are of the next */
		store_relaxed(&r->slot[i], (u64)(i < (pos & r->mask)));
	return 0;
}

u32 ring_count(const struct ring *r)
{
	/* tail first: head can only have moved on, so that the difference is never negative;
	 * a producer that laps in between can only make it look fuller than full. */
	u32 tail = load_acquire(&r->tail);
	u32 n = load_acquire(&r->head) - tail;

	return n > r->mask + 1 ? r->mask + 1 : n;
}
