// SPDX-License-Identifier: MIT
/*
 * msgring: single producer, single consumer, of 64-byte messages by value, in memory that both
 * partitions map. The argument is that of ring.c. Indices of a peer that lies (a crashed generic
 * partition) are harmless: each side masks every index, and copies a message before it looks at it.
 */
#include "qgm/ctl.h"

size_t msgring_bytes(u32 slots)
{
	return sizeof(struct msgring) + (size_t)slots * 64;
}

int msgring_init(struct msgring *r, u32 slots)
{
	if (slots < 2 || (slots & (slots - 1)) || slots > 1u << 24)
		return -22;
	r->head = r->tail = 0;
	r->head_cached = r->tail_cached = 0;
	r->mask = slots - 1;
	return 0;
}

/* By words: messages are 8-byte aligned, and ThreadSanitizer sees each access. */
static inline void copy_line(void *to, const void *from)
{
	const u64 *s = from;
	u64 *d = to;

	for (u32 i = 0; i < 8; i++)
		d[i] = s[i];
}

bool msgring_put(struct msgring *r, const void *msg64)
{
	u32 head = load_relaxed(&r->head);

	if (head - r->tail_cached > r->mask) {
		r->tail_cached =
			load_acquire(&r->tail); /* pairs with the release in msgring_get() */
		if (head - r->tail_cached > r->mask)
			return false;
	}
	copy_line(r->slot[head & r->mask], msg64);
	store_publish(&r->head, head + 1); /* pairs with the acquires in msgring_get() */
	return true;
}

bool msgring_get(struct msgring *r, void *msg64)
{
	u32 tail = load_relaxed(&r->tail);

	if (r->head_cached == tail) {
		r->head_cached = load_acquire(&r->head);
		if (r->head_cached == tail)
			return false;
	}
	copy_line(msg64, r->slot[tail & r->mask]);
	store_release(&r->tail, tail + 1);
	return true;
}

u32 msgring_room(struct msgring *r)
{
	r->tail_cached = load_acquire(&r->tail);
	return r->mask + 1 - (load_relaxed(&r->head) - r->tail_cached);
}

bool msgring_empty(const struct msgring *r)
{
	return load_acquire(&r->head) == load_relaxed(&r->tail);
}
