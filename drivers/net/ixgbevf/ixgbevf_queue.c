// SPDX-License-Identifier: MIT
/*
 * Bursts of a virtual function: the hot path. Completion of reception is the DD bit in memory, of
 * transmission the head that the NIC writes there; the only registers written are the tails
 * (drivers/net/ring/). Each pair's QGM.
 */
#include "drivers/net/ixgbevf/ixgbevf.h"

/* The device has one limit of lengths for all its functions, the host's. */
static const struct rx_format rx_format = ADV_RX_FORMAT(RXD_RXE, true);
static const struct tx_format tx_format = ADV_TX_BY_HEAD;

u32 ixgbevf_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct ixgbevf *v = p->priv;

	return ring_pair_rx(&v->queue[queue], &rx_format, &v->regs, &p->qnic[queue], pc, pkts, max);
}

u32 ixgbevf_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct ixgbevf *v = p->priv;

	return tx_ring_burst(&v->queue[queue].tx, &tx_format, &v->regs, &p->qnic[queue], pkts, n);
}

u32 ixgbevf_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct ixgbevf *v = p->priv;

	return tx_ring_reclaim(&v->queue[queue].tx, &tx_format, p, &p->qnic[queue], pc);
}

u32 ixgbevf_drain(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct ixgbevf *v = p->priv;
	struct ring_pair *q = &v->queue[queue];
	bool lie;

	return ring_pair_drain(q, tx_ring_sent(&q->tx, &tx_format, &lie), pc);
}

u32 ixgbevf_room(const struct port *p, u32 queue)
{
	return ring_pair_room(&((const struct ixgbevf *)p->priv)->queue[queue]);
}

u32 ixgbevf_buffers(const struct port *p, u32 queue)
{
	return ring_pair_buffers(&((const struct ixgbevf *)p->priv)->queue[queue]);
}

/* --- sleep --------------------------------------------------------------------------------- */

/* Vector = queue. VTEIMS and VTEIMC take single bits, so that QGMs need not agree; the cause was
 * cleared with the message (VTEIAC), or is served by the look after this. */
bool ixgbevf_arm(struct port *p, u32 queue, bool on)
{
	struct ixgbevf *v = p->priv;
	struct rx_ring *q = &v->queue[queue].rx;

	if (unlikely(!q->live || !(v->wakes >> queue & 1)))
		return false;
	if (!on) {
		ixgbevf_wr(v, IXGBEVF_VTEIMC, 1u << queue);
		return false;
	}
	rx_ring_flush(q, &v->regs);
	ixgbevf_wr(v, IXGBEVF_VTEICR, 1u << queue); /* causes that were served by polling */
	ixgbevf_wr(v, IXGBEVF_VTEIMS, 1u << queue);
	fence_full();
	return rx_ring_has_frame(q, ADV_RXD_DD);
}
