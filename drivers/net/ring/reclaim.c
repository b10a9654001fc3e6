// SPDX-License-Identifier: MIT
/* Buffers of frames that were sent, in runs up to the ring's end. The queue's QGM. */
#include "drivers/net/ring/reclaim.h"

u32 tx_ring_put(struct tx_ring *q, u32 end)
{
	u32 clean = q->clean, count = end - clean;

	while (clean != end) {
		u32 s = clean & RING_MASK, run = MIN(end - clean, RING_SLOTS - s);

		pool_put(q->pc, &q->slot[s], run);
		clean += run;
	}
	store_relaxed(&q->clean, clean);
	if (unlikely(q->ndead)) {
		pool_put(q->pc, q->dead, q->ndead);
		count += q->ndead;
		q->ndead = 0;
	}
	return count;
}
