// SPDX-License-Identifier: MIT
/*
 * A receive ring and a burst from it: the hot path. Completion is the done bit in memory; the only
 * register written is the queue's tail, for many descriptors at a time. A wrong descriptor costs
 * its frame. The queue's QGM, but for what is marked (o): the owner looks at that too, and sets
 * everything up while the port is not running.
 */
#pragma once

#include "drivers/net/ring/refill.h"

/* What the NIC writes back, as a constant of the driver. */
struct rx_format {
	u64 done;   /* written back */
	u64 last;   /* the frame ends in this buffer */
	u64 errors; /* any: the MAC found it bad */
	u32 len_shift, len_mask;
	bool any_length; /* frames longer than the port's arrive, over several buffers: rx_errors */
};

/* Good frames have at least a header, all others are broken or the device's mistake. */
enum { RX_RING_SHORTEST = 14, RX_RING_GROUP = 8 /* of rx_avx2.c: fewer are not worth the call */ };

/* Is the descriptor at `index` done? The owner's look at another QGM's queue. */
static inline bool rx_ring_done(const struct rx_ring *q, u32 index, u64 done)
{
	return ring_word(q->desc, index) & done;
}

/* A frame that is not as expected: by name, unless it is the rest of one that was counted. */
void rx_ring_count_bad(struct rx_ring *q, const struct rx_format *f, struct port_queue_counters *c,
		       u64 word);

/* rx_avx2.c: frames from q->next on, in groups that are all good, up to max: how many. Nothing else
 * of the ring changes, and the packets are as pool_map_fresh() makes them. */
u32 rx_ring_collect_avx2(struct rx_ring *q, const struct rx_format *f, struct packet **pkts,
			 u32 max);

/*
 * Take up to max frames off the ring, whose buffers are all of its map. Good ones go to pkts[0..n),
 * the buffers of bad ones to the end, pkts[max - *bad ..max): they are to be posted again.
 */
RING_INLINE u32 rx_ring_collect(struct rx_ring *q, const struct rx_format *f,
				struct port_queue_counters *c, struct packet **pkts, u32 max,
				u32 *bad)
{
	const struct ring_desc *desc = q->desc;
	struct packet **slot = q->slot;
	u64 good = f->done | f->last, checked = good | f->errors;
	/* Nothing matches ~0: inside of a broken frame all goes the slow way. */
	u64 expected = unlikely(q->skip) ? ~0ull : good;
	u32 next = q->next, end = next + MIN(max, q->fill - next),
	    last = q->room - RX_RING_SHORTEST;
	u32 n = 0;

	*bad = 0;
	if (q->wide && !q->skip && end - next >= RX_RING_GROUP &&
	    ring_word(desc, next + RX_RING_GROUP - 1) & f->done) {
		n = rx_ring_collect_avx2(q, f, pkts, end - next);
		next += n;
	}
	for (; next != end; next++) {
		struct packet *pkt = slot[next & RING_MASK];
		u64 word = ring_word(desc, next);
		u32 len = (u32)(word >> f->len_shift) & f->len_mask;

		if (unlikely((word & checked) != expected || len - RX_RING_SHORTEST > last)) {
			if (!(word & f->done))
				break;
			rx_ring_count_bad(q, f, c, word);
			expected = q->skip ? ~0ull : good;
			pkts[max - ++*bad] = pkt;
			continue;
		}
		pool_map_fresh(q->map, pkt, len);
		pkts[n++] = pkt;
	}
	fence_acquire(); /* with the NIC's write-back: what it wrote before done is visible */
	store_relaxed(&q->next, next);
	return n;
}

/* The same where some are of other pools than the ring's: one by one, by the caches of pc's QGM. */
u32 rx_ring_collect_others(struct rx_ring *q, const struct rx_format *f,
			   struct port_queue_counters *c, struct pool_cache *pc,
			   struct packet **pkts, u32 max, u32 *bad);

/* A burst of at most max frames; the ring gets as many buffers of pc, and its own back where pc
 * has none (rx_nobuf). Its doorbell is still to be rung. */
RING_INLINE u32 rx_ring_burst(struct rx_ring *q, const struct rx_format *f,
			      struct port_queue_counters *c, struct pool_cache *pc,
			      struct packet **pkts, u32 max)
{
	struct packet *const *bare;
	u32 got, bad, n;

	max = MIN(max, (u32)BURST_MAX);
	if (likely(!q->others))
		n = rx_ring_collect(q, f, c, pkts, max, &bad);
	else
		n = rx_ring_collect_others(q, f, c, pc, pkts, max, &bad);
	if (unlikely(bad))
		rx_ring_repost(q, pc, &pkts[max - bad], bad);
	if (!n)
		return 0;
	got = pool_get_bare(pc, &bare, n);
	if (got && unlikely(q->pc != pc))
		rx_ring_use_pool(q, pc);
	rx_ring_post(q, bare, got);
	if (unlikely(got < n)) { /* the newest give their buffers */
		rx_ring_repost(q, pc, &pkts[got], n - got);
		counter_add(&c->rx_nobuf, n - got);
		n = got;
	}
	return n;
}
