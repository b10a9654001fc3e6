// SPDX-License-Identifier: MIT
/* Life of a pair of rings: memory, begin, drain. */
#include "drivers/net/ring/pair.h"

#include "qgm/cpu.h"

bool ring_pair_alloc(struct device *d, struct ring_pair *q, enum ring_report report)
{
	void *head = NULL;

	q->rx.desc = dma_alloc(d, RING_BYTES, 4096, &q->rx.iova);
	q->tx.desc = dma_alloc(d, RING_BYTES, 4096, &q->tx.iova);
	q->rx.slot = dev_alloc(d, RING_SLOTS * sizeof(*q->rx.slot), CACHE_LINE);
	q->tx.slot = dev_alloc(d, RING_SLOTS * sizeof(*q->tx.slot), CACHE_LINE);
	if (report == RING_BY_HEAD) {
		head = dma_alloc(d, CACHE_LINE, CACHE_LINE, &q->tx.head_iova);
		q->tx.head = head;
	} else {
		q->tx.batch_end = dev_alloc(d, RING_SLOTS * sizeof(u32), CACHE_LINE);
		head = q->tx.batch_end;
	}
	return q->rx.desc && q->tx.desc && q->rx.slot && q->tx.slot && head;
}

/* A wrong DMA address or a descriptor written too early is then seen as such by the NIC. */
static void poison(struct ring_desc *desc)
{
	for (u32 i = 0; i < RING_SLOTS; i++)
		desc[i] = (struct ring_desc){ ~0ull, ~0ull };
}

void rx_ring_begin(struct rx_ring *q, u32 frame_max, u32 tail_reg)
{
	poison(q->desc);
	q->next = q->fill = q->rung = 0;
	q->skip = false;
	q->wide = cpu_wide() & CPU_AVX2;
	q->others = 0;
	q->pc = NULL;
	q->map = NULL;
	q->room = frame_max;
	q->tail_reg = tail_reg;
}

void tx_ring_begin(struct tx_ring *q, enum ring_report report, u32 frame_max, u32 tail_reg)
{
	poison(q->desc);
	if (report == RING_BY_HEAD)
		store_relaxed((u32 *)(uintptr_t)q->head, 0);
	q->clean = q->tail = 0;
	q->batch_clean = q->batch_tail = 0;
	q->ndead = 0;
	q->pc = NULL;
	q->pool = 0xff;
	q->wide = cpu_wide() & CPU_AVX2;
	q->frame_max = frame_max;
	q->tail_reg = tail_reg;
}

u32 ring_pair_drain(struct ring_pair *q, u32 sent, struct pool_cache *pc)
{
	struct rx_ring *rx = &q->rx;
	struct tx_ring *tx = &q->tx;
	u32 unsent = tx->tail - sent;

	for (; rx->next != rx->fill; rx->next++) {
		struct packet *pkt = rx->slot[rx->next & RING_MASK];

		pool_arrive(pc, pkt, 0);
		pool_put(pc, &pkt, 1);
	}
	rx->next = rx->fill = rx->rung = 0;
	rx->skip = false;
	rx->others = 0;
	rx->pc = NULL;
	rx->map = NULL;
	tx->pc = pc;
	tx_ring_put(tx, tx->tail);
	tx->clean = tx->tail = 0;
	tx->batch_clean = tx->batch_tail = 0;
	tx->pc = NULL;
	return unsent;
}
