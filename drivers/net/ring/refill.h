// SPDX-License-Identifier: MIT
/* The receive ring itself, and how it gets its buffers. The queue's QGM. */
#pragma once

#include "drivers/net/ring/desc.h"

enum { RX_RING_DOORBELL = 32 /* descriptors given back per write of the tail */ };

struct rx_ring {
	struct ring_desc *desc; /* (o) */
	struct packet **slot;
	struct pool_cache *pc;      /* as rx() gave it last */
	const struct pool_map *map; /* of its own pool */
	u32 next, fill;             /* (o) */
	u32 rung;                   /* fill at the last doorbell */
	u32 room;                   /* bytes that a frame may have in a buffer */
	bool live;                  /* the queue runs */
	bool skip;  /* inside of a frame that spans descriptors: drop up to its end */
	bool wide;  /* CPU_AVX2 */
	u16 others; /* of [next, fill), the first so many may be of other pools */
	u32 tail_reg;
	iova_t iova;
} __cacheline;
_Static_assert(offsetof(struct rx_ring, iova) <= CACHE_LINE, "a burst touches one line");

enum { RX_RING_POST_GROUP = 4 /* of refill_avx2.c */ };

/* refill_avx2.c: descriptors from slot `at` on, in groups, for pkts[0..n), which do not reach
 * beyond the end of the ring: for how many. Nothing else of the ring changes. */
u32 rx_ring_post_avx2(struct rx_ring *q, u32 at, struct packet *const *pkts, u32 n);

/* Give n buffers of q->map to the NIC, from ring index q->fill on. They are bare: their metadata is
 * set when a frame has come. */
void rx_ring_post(struct rx_ring *q, struct packet *const *pkts, u32 n);

/* The same with buffers that the ring had before, whichever pool they are of. */
void rx_ring_repost(struct rx_ring *q, struct pool_cache *pc, struct packet *const *pkts, u32 n);

static inline void rx_ring_doorbell(struct rx_ring *q, const struct mmio *regs)
{
	mmio_wr32(regs, q->tail_reg, q->fill & RING_MASK);
	q->rung = q->fill;
}

/* What is posted from now on is of pc's own pool. */
void rx_ring_use_pool(struct rx_ring *q, struct pool_cache *pc);

/* Post what the ring lacks, as far as the pool gives. */
void rx_ring_top_up(struct rx_ring *q, const struct mmio *regs, struct pool_cache *pc);
