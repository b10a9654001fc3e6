// SPDX-License-Identifier: MIT
/*
 * Receiving with the 82599: the hot path. Completion is the DD bit in memory; the only register
 * written is the queue's tail (drivers/net/ring/rx.h). The queue's QGM.
 */
#include "drivers/net/ixgbe/ixgbe.h"

static const struct rx_format format = ADV_RX_FORMAT(RXD_RXE, false);

u32 ixgbe_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct ixgbe *e = p->priv;

	return ring_pair_rx(&e->queue[queue], &format, &e->regs, &p->qnic[queue], pc, pkts, max);
}

/* --- sleep --------------------------------------------------------------------------------- */

/* Vector = queue. Each of these registers takes single bits, so that QGMs need not agree. */
bool ixgbe_arm(struct port *p, u32 queue, bool on)
{
	struct ixgbe *e = p->priv;
	struct rx_ring *q = &e->queue[queue].rx;

	if (unlikely(!q->live))
		return false;
	if (!on) {
		ixgbe_wr(e, IXGBE_EIMC, 1u << queue);
		return false;
	}
	rx_ring_flush(q, &e->regs);
	ixgbe_wr(e, IXGBE_EICR, 1u << queue); /* forget causes that were served by polling */
	ixgbe_wr(e, IXGBE_EIMS, 1u << queue);
	/* A frame written back before EIMS took effect has its cause in EICR still and interrupts;
	 * the caller polls the ring after this in any case. */
	fence_full();
	return rx_ring_has_frame(q, ADV_RXD_DD);
}
