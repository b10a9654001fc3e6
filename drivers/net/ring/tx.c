// SPDX-License-Identifier: MIT
/* Frames that a transmit ring does not see every time. The queue's QGM. */
#include "drivers/net/ring/tx.h"

u64 tx_ring_other_pool(struct tx_ring *q, const struct packet *pkt)
{
	q->delta = pool_packet_iova(q->pc, pkt) - (uintptr_t)pkt->data;
	q->pool = pkt->pool;
	return q->delta;
}

/* An impossible frame: the engine's error, but the buffer must come back through reclaim. */
static u32 bury(struct tx_ring *q, struct port_queue_counters *c, struct packet *pkt)
{
	if (q->ndead == BURST_MAX)
		return TX_RING_FULL;
	q->dead[q->ndead++] = pkt;
	counter_add(&c->tx_errors, 1);
	return TX_RING_TAKEN;
}

u32 tx_ring_odd_length(struct tx_ring *q, struct port_queue_counters *c, struct packet *pkt)
{
	u32 len = pkt->len;

	if (len < 14 || len > q->frame_max)
		return bury(q, c, pkt);
	for (; len < PACKET_MIN_FRAME; len++)
		pkt->data[len] = 0;
	return len;
}
