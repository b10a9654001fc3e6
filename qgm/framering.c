// SPDX-License-Identifier: MIT
/*
 * framering: single producer, single consumer, of 2 KiB frame slots by value, in memory that both
 * partitions map: punted and injected frames. The argument is that of ring.c; a slot is filled in
 * place between reserve and commit, and read in place between peek and release.
 */
#include "qgm/ctl.h"

size_t framering_bytes(u32 slots)
{
	return sizeof(struct framering) + (size_t)slots * sizeof(struct frame_slot);
}

int framering_init(struct framering *r, u32 slots)
{
	if (slots < 2 || (slots & (slots - 1)) || slots > 1u << 20)
		return -22;
	r->head = r->tail = 0;
	r->head_cached = r->tail_cached = 0;
	r->mask = slots - 1;
	return 0;
}

static inline struct frame_slot *reserve(struct framering *r, u32 mask)
{
	u32 head = load_relaxed(&r->head);

	if (head - r->tail_cached > mask) {
		r->tail_cached = load_acquire(&r->tail); /* pairs with framering_release() */
		if (head - r->tail_cached > mask)
			return NULL;
	}
	return &r->slot[head & mask];
}

struct frame_slot *framering_reserve(struct framering *r)
{
	return reserve(r, r->mask);
}

void framering_commit(struct framering *r)
{
	store_publish(&r->head, load_relaxed(&r->head) + 1); /* pairs with framering_peek() */
}

static inline const struct frame_slot *peek(struct framering *r, u32 mask)
{
	u32 tail = load_relaxed(&r->tail);

	if (r->head_cached == tail) {
		r->head_cached = load_acquire(&r->head);
		if (r->head_cached == tail)
			return NULL;
	}
	return &r->slot[tail & mask];
}

const struct frame_slot *framering_peek(struct framering *r)
{
	return peek(r, r->mask);
}

void framering_release(struct framering *r)
{
	store_release(&r->tail, load_relaxed(&r->tail) + 1);
}

bool framering_empty(const struct framering *r)
{
	return load_acquire(&r->head) == load_relaxed(&r->tail);
}

struct frame_end frame_end(struct framering *r)
{
	return (struct frame_end){ r, r->mask };
}

struct frame_slot *frame_end_reserve(const struct frame_end *e)
{
	return reserve(e->ring, e->mask);
}

const struct frame_slot *frame_end_peek(const struct frame_end *e)
{
	return peek(e->ring, e->mask);
}
