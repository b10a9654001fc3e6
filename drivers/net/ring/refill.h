// SPDX-License-Identifier: MIT
/* The receive ring itself, and how it gets its buffers. The queue's QGM. */
#pragma once

#include "drivers/net/ring/desc.h"

enum { RX_RING_DOORBELL = 32 /* descriptors given back per write of the tail */ };

struct rx_ring {
	struct ring_desc *desc; /* (o) */
	struct packet **slot;
	struct pool_cache *pc; /* as rx() gave it last */
	u64 delta;             /* of its own pool: device address minus virtual address */
	u32 next, fill;        /* (o) */
	u32 rung;              /* fill at the last doorbell */
	u32 room;              /* bytes that a frame may have in a buffer */
	bool live;             /* the queue runs */
	bool skip;             /* inside of a frame that spans descriptors: drop up to its end */
	u8 pool;               /* id of pc's own */
	bool wide;             /* CPU_AVX2 */
	u32 tail_reg;
	iova_t iova;
} __cacheline;
_Static_assert(offsetof(struct rx_ring, iova) <= CACHE_LINE, "a burst touches one line");

/* Give n buffers to the NIC, from ring index q->fill on. */
void rx_ring_post(struct rx_ring *q, struct packet *const *pkts, u32 n);

static inline void rx_ring_doorbell(struct rx_ring *q, const struct mmio *regs)
{
	mmio_wr32(regs, q->tail_reg, q->fill & RING_MASK);
	q->rung = q->fill;
}

static inline void rx_ring_use_pool(struct rx_ring *q, struct pool_cache *pc,
				    const struct packet *pkt)
{
	q->pc = pc;
	q->delta = pool_iova(pc, pkt->data) - (uintptr_t)pkt->data;
	q->pool = pkt->pool;
}

/* Post what the ring lacks, as far as the pool gives. */
void rx_ring_top_up(struct rx_ring *q, const struct mmio *regs, struct pool_cache *pc);
