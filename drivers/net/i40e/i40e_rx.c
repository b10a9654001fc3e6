// SPDX-License-Identifier: MIT
/*
 * Receiving with the XL710: the hot path. Completion is the DD bit in memory; the only register
 * written is the queue's tail (drivers/net/ring/rx.h). The queue's QGM.
 */
#include "drivers/net/i40e/i40e.h"

static const struct rx_format format = {
	.done = RXD_DD,
	.last = RXD_EOF,
	.errors = RXD_RXE | RXD_OVERSIZE,
	.len_shift = RXD_LEN_SHIFT,
	.len_mask = RXD_LEN_MASK,
};

u32 i40e_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct i40e *e = p->priv;

	return ring_pair_rx(&e->queue[queue], &format, &e->regs, &p->qnic[queue], pc, pkts, max);
}

/* --- sleep --------------------------------------------------------------------------------- */

/* While nobody sleeps, the vector's timer only has descriptors written back. */
bool i40e_arm(struct port *p, u32 queue, bool on)
{
	struct i40e *e = p->priv;
	struct rx_ring *q = &e->queue[queue].rx;

	if (unlikely(!q->live))
		return false;
	if (!on) {
		i40e_wrn(e, PFINT_DYN_CTLN, queue, DYN_CTLN_WB_ON_ITR | DYN_CTLN_NOITR);
		return false;
	}
	rx_ring_flush(q, &e->regs);
	i40e_wrn(e, PFINT_DYN_CTLN, queue, DYN_CTLN_INTENA | DYN_CTLN_CLEARPBA | DYN_CTLN_NOITR);
	/* A frame that came before is in the ring now or interrupts when the timer has it written
	 * back; the caller polls the ring after this in any case. */
	fence_full();
	return rx_ring_has_frame(q, RXD_DD);
}
