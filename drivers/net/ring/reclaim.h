// SPDX-License-Identifier: MIT
/*
 * The transmit ring itself, and how the buffers of frames that were sent come back. A NIC reports
 * in one of two ways: it writes its head into memory after the last descriptor of each burst, so
 * that what is done is one load; or it marks that descriptor, all before it being sent then too.
 * The queue's QGM.
 */
#pragma once

#include "drivers/net/ring/desc.h"

struct tx_ring {
	struct ring_desc *desc;
	struct packet **slot;
	union {
		const u32 *head; /* (o) written by the NIC, a cache line of its own */
		u32 *batch_end;  /* ring indices behind the descriptors that will be marked */
	};
	u64 delta;
	struct pool_cache *pc; /* as reclaim() or rx() gave it last */
	u32 clean, tail;       /* (o) */
	u32 frame_max;
	u32 tail_reg;
	u16 batch_clean, batch_tail;
	u8 ndead;
	bool live;
	u8 pool;
	bool wide; /* CPU_AVX2 */
	/* Frames of an impossible length: taken, never sent. */
	struct packet *dead[BURST_MAX];
	iova_t iova, head_iova;
} __cacheline;
_Static_assert(offsetof(struct tx_ring, dead) <= CACHE_LINE, "a burst touches one line");
_Static_assert(0x10000 % RING_SLOTS == 0, "batch indices run free over 16 bits");

/* What the NIC reads and writes back, as a constant of the driver. */
struct tx_format {
	u64 base; /* of a frame in one buffer; and its length, at two places or twice at one: */
	u32 len_shift, len_shift2;
	u64 report;          /* in the last one of a burst */
	u64 done_mask, done; /* its mark; 0: by head write-back */
};

/* Up to which ring index everything is sent, by marks. */
RING_INLINE u32 tx_ring_sent_by_mark(struct tx_ring *q, const struct tx_format *f)
{
	u32 end = q->clean;
	u16 at = q->batch_clean;

	for (; at != q->batch_tail; at++) {
		u32 next = q->batch_end[at & RING_MASK];

		if ((ring_word(q->desc, next - 1) & f->done_mask) != f->done)
			break;
		end = next;
	}
	q->batch_clean = at;
	fence_acquire();
	return end;
}

/* The same by the head in memory. One outside of what we gave is the device's lie: *lie, and none
 * is believed. */
RING_INLINE u32 tx_ring_sent_by_head(const struct tx_ring *q, bool *lie)
{
	u32 head = load_acquire(q->head), sent = (head - q->clean) & RING_MASK;

	*lie = unlikely(head > RING_MASK || sent > q->tail - q->clean);
	return q->clean + (likely(!*lie) ? sent : 0);
}

RING_INLINE u32 tx_ring_sent(struct tx_ring *q, const struct tx_format *f, bool *lie)
{
	*lie = false;
	return f->done_mask ? tx_ring_sent_by_mark(q, f) : tx_ring_sent_by_head(q, lie);
}

/* Put the packets of ring indices [clean, end) back into the pool, and the dead; how many. */
u32 tx_ring_put(struct tx_ring *q, u32 end);

RING_INLINE void tx_ring_make_room(struct tx_ring *q, const struct tx_format *f)
{
	bool lie;

	tx_ring_put(q, tx_ring_sent(q, f, &lie));
}

/* port_ops reclaim of a queue. A device that lies is not used any more until its reset. */
RING_INLINE u32 tx_ring_reclaim(struct tx_ring *q, const struct tx_format *f, struct port *p,
				struct port_queue_counters *c, struct pool_cache *pc)
{
	u32 end;
	bool lie;

	q->pc = pc;
	if (q->clean == q->tail && !q->ndead)
		return 0;
	end = tx_ring_sent(q, f, &lie);
	if (unlikely(lie) && q->live) {
		counter_add(&c->bad_descriptor, 1);
		q->live = false;
		port_want_reset(p);
	}
	return tx_ring_put(q, end);
}
