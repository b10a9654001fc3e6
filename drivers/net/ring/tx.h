// SPDX-License-Identifier: MIT
/*
 * A burst to a transmit ring: the hot path. Only the last descriptor of a burst asks for a report;
 * the only register written is the queue's tail, once a burst. The queue's QGM.
 */
#pragma once

#include "drivers/net/ring/reclaim.h"

/* Packets of another pool than the last one's. */
u64 tx_ring_other_pool(struct tx_ring *q, const struct packet *pkt);

/*
 * A frame of less than 60 bytes, or of more than the ring sends. Those below 60 bytes go out with
 * zeroes behind them, not with what the buffer held before: the length to send. TX_RING_TAKEN: it
 * cannot be sent, is counted and kept for reclaim(); TX_RING_FULL: no place to keep it.
 */
enum { TX_RING_TAKEN = 0, TX_RING_FULL = 1, TX_RING_GROUP = 4 /* of tx_avx2.c */ };
u32 tx_ring_odd_length(struct tx_ring *q, struct port_queue_counters *c, struct packet *pkt);

/* tx_avx2.c: descriptors from q->tail on for pkts[0..n), in groups that are all ordinary: for how
 * many. Nothing else of the ring changes. */
u32 tx_ring_fill_avx2(struct tx_ring *q, const struct tx_format *f, struct packet *const *pkts,
		      u32 n);

/* port_ops tx of a queue. */
RING_INLINE u32 tx_ring_burst(struct tx_ring *q, const struct tx_format *f, const struct mmio *regs,
			      struct port_queue_counters *c, struct packet *const *pkts, u32 n)
{
	struct ring_desc *desc = q->desc;
	struct packet **slot = q->slot;
	u32 tail = q->tail, frame_max = q->frame_max, i;
	u64 delta = q->delta;

	if (unlikely(!q->live || !q->pc))
		return 0;
	if (unlikely(RING_SLOTS - 1 - (tail - q->clean) < n)) {
		tx_ring_make_room(q, f); /* a turn may bring more than a ring's worth */
		n = MIN(n, RING_SLOTS - 1 - (tail - q->clean));
	}
	i = q->wide && n >= TX_RING_GROUP ? tx_ring_fill_avx2(q, f, pkts, n) : 0;
	for (tail += i; i < n; i++) {
		struct packet *pkt = pkts[i];
		u32 s = tail & RING_MASK, len = pkt->len;

		if (unlikely(len - PACKET_MIN_FRAME > frame_max - PACKET_MIN_FRAME)) {
			len = tx_ring_odd_length(q, c, pkt);
			if (len == TX_RING_FULL)
				break;
			if (len == TX_RING_TAKEN)
				continue;
		}
		slot[s] = pkt;
		if (unlikely(pkt->pool != q->pool))
			delta = tx_ring_other_pool(q, pkt);
		desc[s].addr = (u64)(uintptr_t)pkt->data + delta;
		desc[s].word = f->base | (u64)len << f->len_shift | (u64)len << f->len_shift2;
		tail++;
	}
	if (tail != q->tail) {
		desc[(tail - 1) & RING_MASK].word |= f->report;
		if (f->done_mask)
			q->batch_end[q->batch_tail++ & RING_MASK] = tail;
		store_relaxed(&q->tail, tail);
		mmio_wr32(regs, q->tail_reg, tail & RING_MASK);
	}
	return i;
}
