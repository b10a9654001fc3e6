// SPDX-License-Identifier: MIT
/* Buffers for a receive ring: as many as were taken, and what it lacks after a start or while the
 * pool is short. The queue's QGM. */
#include "drivers/net/ring/refill.h"

void rx_ring_post(struct rx_ring *q, struct packet *const *pkts, u32 n)
{
	struct ring_desc *desc = q->desc;
	struct packet **slot = q->slot;
	u64 delta = q->delta;
	u32 fill = q->fill;

	for (u32 i = 0; i < n; i++, fill++) {
		struct ring_desc *d = &desc[fill & RING_MASK];
		struct packet *pkt = pkts[i];

		slot[fill & RING_MASK] = pkt;
		store_relaxed(&d->word, 0);
		d->addr = (u64)(uintptr_t)pkt->data + delta;
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
