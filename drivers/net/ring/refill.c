// SPDX-License-Identifier: MIT
/* Buffers for a receive ring: as many as were taken, and what it lacks after a start or while the
 * pool is short. The queue's QGM. */
#include "drivers/net/ring/refill.h"

/* A descriptor in one store. */
typedef u64 words_of_desc __attribute__((vector_size(16), may_alias));

/* None beyond the end of the ring. */
static void post_run(struct rx_ring *q, u32 at, struct packet *const *pkts, u32 n)
{
	words_of_desc *words = (words_of_desc *)q->desc;
	u64 base = q->map->at + q->map->delta, ratio = q->map->ratio;
	struct packet **slot = q->slot;
	u32 i = 0;

	if (q->wide && n >= RX_RING_POST_GROUP)
		i = rx_ring_post_avx2(q, at, pkts, n);
	for (; i < n; i++) {
		slot[at + i] = pkts[i];
		words[at + i] = (words_of_desc){ base + (u64)(uintptr_t)pkts[i] * ratio, 0 };
	}
}

void rx_ring_post(struct rx_ring *q, struct packet *const *pkts, u32 n)
{
	u32 at = q->fill & RING_MASK, run = MIN(n, RING_SLOTS - at);

	post_run(q, at, pkts, run);
	if (unlikely(run < n))
		post_run(q, 0, pkts + run, n - run);
	store_relaxed(&q->fill, q->fill + n);
}

void rx_ring_repost(struct rx_ring *q, struct pool_cache *pc, struct packet *const *pkts, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		struct packet *pkt = pkts[i];
		u32 s = q->fill & RING_MASK;

		if (likely(pkt->pool == q->map->id)) {
			rx_ring_post(q, &pkt, 1);
			continue;
		}
		pool_arrive(pc, pkt, 0);
		q->slot[s] = pkt;
		q->desc[s] = (struct ring_desc){ pool_packet_iova(pc, pkt), 0 };
		store_relaxed(&q->fill, q->fill + 1);
		q->others = (u16)(q->fill - q->next);
	}
}

void rx_ring_use_pool(struct rx_ring *q, struct pool_cache *pc)
{
	const struct pool_map *map = pool_map(pc);

	if (q->map && q->map != map)
		q->others = (u16)(q->fill - q->next);
	q->pc = pc;
	q->map = map;
}

void rx_ring_top_up(struct rx_ring *q, const struct mmio *regs, struct pool_cache *pc)
{
	struct packet *const *pkt;
	u32 want, n;

	if (pool_room(pc) < q->room)
		return; /* a pool of a smaller class than the NIC may fill */
	while ((want = RING_SLOTS - 1 - (q->fill - q->next)) != 0) {
		n = pool_get_bare(pc, &pkt, MIN(want, (u32)BURST_MAX));
		if (n && q->pc != pc)
			rx_ring_use_pool(q, pc);
		if (n)
			rx_ring_post(q, pkt, n);
		if (n < MIN(want, (u32)BURST_MAX))
			break;
	}
	if (q->fill != q->rung)
		rx_ring_doorbell(q, regs);
}
