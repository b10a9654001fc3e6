// SPDX-License-Identifier: MIT
/* Buffers for a receive ring: as many as were taken, and what it lacks after a start or while the
 * pool is short. The queue's QGM. */
#include "drivers/net/ring/refill.h"

/* A descriptor in one store. */
typedef u64 words_of_desc __attribute__((vector_size(16), may_alias));

void rx_ring_post(struct rx_ring *q, struct packet *const *pkts, u32 n)
{
	words_of_desc *words = (words_of_desc *)q->desc;
	struct packet **slot = q->slot;
	u64 delta = q->delta;
	u32 fill = q->fill;

	for (u32 i = 0; i < n; i++, fill++) {
		struct packet *pkt = pkts[i];

		slot[fill & RING_MASK] = pkt;
		words[fill & RING_MASK] = (words_of_desc){ (u64)(uintptr_t)pkt->data + delta, 0 };
	}
	store_relaxed(&q->fill, fill);
}

void rx_ring_top_up(struct rx_ring *q, const struct mmio *regs, struct pool_cache *pc)
{
	struct packet *pkt[BURST_MAX];
	u32 want, n;

	if (pool_room(pc) < q->room)
		return; /* a pool of a smaller class than the NIC may fill */
	while ((want = RING_SLOTS - 1 - (q->fill - q->next)) != 0) {
		n = pool_get(pc, pkt, MIN(want, (u32)BURST_MAX));
		if (n)
			rx_ring_use_pool(q, pc, pkt[0]);
		rx_ring_post(q, pkt, n);
		if (n < MIN(want, (u32)BURST_MAX))
			break;
	}
	if (q->fill != q->rung)
		rx_ring_doorbell(q, regs);
}
