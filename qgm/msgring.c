// SPDX-License-Identifier: MIT
/*
 * msgring: single producer, single consumer, of 64-byte messages by value, in memory that both
 * partitions map. The argument is that of ring.c. Indices of a peer that lies (a crashed generic
 * partition) are harmless: each side masks every index, QGMs by a mask of their own (struct
 * msg_end), and copies a message before it looks at it.
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

/* The mask is an argument: the caller's own where it does not trust the ring's. */
static inline bool put(struct msgring *r, u32 mask, const void *msg64)
{
	u32 head = load_relaxed(&r->head);

	if (head - r->tail_cached > mask) {
		r->tail_cached = load_acquire(&r->tail); /* pairs with the release in get() */
		if (head - r->tail_cached > mask)
			return false;
	}
	copy_line(r->slot[head & mask], msg64);
	store_publish(&r->head, head + 1); /* pairs with the acquires in get() */
	return true;
}

static inline bool get(struct msgring *r, u32 mask, void *msg64)
{
	u32 tail = load_relaxed(&r->tail);

	if (r->head_cached == tail) {
		r->head_cached = load_acquire(&r->head);
		if (r->head_cached == tail)
			return false;
	}
	copy_line(msg64, r->slot[tail & mask]);
	store_release(&r->tail, tail + 1);
	return true;
}

/* A peer that lies makes it 0 at worst. */
static inline u32 room(struct msgring *r, u32 mask)
{
	u32 n;

	r->tail_cached = load_acquire(&r->tail);
	n = load_relaxed(&r->head) - r->tail_cached;
	return n > mask ? 0 : mask + 1 - n;
}

bool msgring_put(struct msgring *r, const void *msg64)
{
	return put(r, r->mask, msg64);
}

bool msgring_get(struct msgring *r, void *msg64)
{
	return get(r, r->mask, msg64);
}

u32 msgring_room(struct msgring *r)
{
	return room(r, r->mask);
}

bool msgring_empty(const struct msgring *r)
{
	return load_acquire(&r->head) == load_relaxed(&r->tail);
}

struct msg_end msg_end(struct msgring *r)
{
	return (struct msg_end){ r, r->mask };
}

bool msg_end_put(const struct msg_end *e, const void *msg64)
{
	return put(e->ring, e->mask, msg64);
}

bool msg_end_get(const struct msg_end *e, void *msg64)
{
	return get(e->ring, e->mask, msg64);
}

u32 msg_end_room(const struct msg_end *e)
{
	return room(e->ring, e->mask);
}
