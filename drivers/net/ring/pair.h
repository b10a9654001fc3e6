// SPDX-License-Identifier: MIT
/*
 * A receive and a transmit ring for a QGM. The owner QGM begins them while the port is not running;
 * all else is the queue's QGM's.
 */
#pragma once

#include "drivers/net/ring/rx.h"
#include "drivers/net/ring/tx.h"

struct ring_pair {
	struct rx_ring rx;
	struct tx_ring tx;
	u8 guard[CACHE_LINE]; /* against the prefetch of the neighbour's first line */
};

/* How its transmit ring reports, see reclaim.h. */
enum ring_report { RING_BY_HEAD, RING_BY_MARK };

/* Probe: memory for both; false: there is none. */
bool ring_pair_alloc(struct device *d, struct ring_pair *q, enum ring_report report);

/* Owner QGM, before the NIC is told to run the queue: empty rings; `frame_max` without FCS, what
 * the NIC lets in and out; offsets of the tails. The first rx() posts buffers. */
void rx_ring_begin(struct rx_ring *q, u32 frame_max, u32 tail_reg);
void tx_ring_begin(struct tx_ring *q, enum ring_report report, u32 frame_max, u32 tail_reg);

/* port_ops rx, but for the driver's constants. */
RING_INLINE u32 ring_pair_rx(struct ring_pair *q, const struct rx_format *f,
			     const struct mmio *regs, struct port_queue_counters *c,
			     struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct rx_ring *rx = &q->rx;
	u32 n;

	if (unlikely(!rx->live))
		return 0;
	n = rx_ring_burst(rx, f, c, pc, pkts, max);
	if (unlikely(rx->fill - rx->next != RING_SLOTS - 1)) {
		q->tx.pc = pc;
		rx_ring_top_up(rx, regs, pc);
	} else if (rx->fill - rx->rung >= RX_RING_DOORBELL) {
		rx_ring_doorbell(rx, regs);
	}
	return n;
}

/* port_ops drain, but for how many frames were sent: the driver's tx_ring_sent(). DMA is over: all
 * buffers to pc. How many frames were not sent. */
u32 ring_pair_drain(struct ring_pair *q, u32 sent, struct pool_cache *pc);

/* port_ops room, buffers. */
static inline u32 ring_pair_room(const struct ring_pair *q)
{
	return likely(q->tx.live && q->tx.pc) ? RING_SLOTS - 1 - (q->tx.tail - q->tx.clean) : 0;
}
static inline u32 ring_pair_buffers(const struct ring_pair *q)
{
	return q->rx.fill - q->rx.next + q->tx.tail - q->tx.clean + q->tx.ndead;
}

/* Before sleep: the NIC has all its buffers; then, the interrupt being on, has a frame come? */
static inline void rx_ring_flush(struct rx_ring *q, const struct mmio *regs)
{
	if (q->fill != q->rung)
		rx_ring_doorbell(q, regs);
}
static inline bool rx_ring_has_frame(const struct rx_ring *q, u64 done)
{
	return q->next != q->fill && rx_ring_done(q, q->next, done);
}
