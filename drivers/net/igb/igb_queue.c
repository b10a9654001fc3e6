// SPDX-License-Identifier: MIT
/*
 * Bursts of the igb: the hot path. Completion is the DD bit in memory; the only registers written
 * are the tails (drivers/net/ring/). Each pair's QGM.
 */
#include "drivers/net/igb/igb.h"

static const struct rx_format rx_format = ADV_RX_FORMAT(RXD_ERR_FRAME, false);
static const struct tx_format tx_format = ADV_TX_BY_MARK;

u32 igb_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct igb *g = p->priv;

	return ring_pair_rx(&g->pair[queue], &rx_format, &g->regs, &p->qnic[queue], pc, pkts, max);
}

u32 igb_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct igb *g = p->priv;

	return tx_ring_burst(&g->pair[queue].tx, &tx_format, &g->regs, &p->qnic[queue], pkts, n);
}

u32 igb_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct igb *g = p->priv;

	return tx_ring_reclaim(&g->pair[queue].tx, &tx_format, p, &p->qnic[queue], pc);
}

u32 igb_drain(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct igb *g = p->priv;
	struct ring_pair *k = &g->pair[queue];
	bool lie;

	return ring_pair_drain(k, tx_ring_sent(&k->tx, &tx_format, &lie), pc);
}

u32 igb_room(const struct port *p, u32 queue)
{
	return ring_pair_room(&((const struct igb *)p->priv)->pair[queue]);
}

u32 igb_buffers(const struct port *p, u32 queue)
{
	return ring_pair_buffers(&((const struct igb *)p->priv)->pair[queue]);
}

/* --- sleep --------------------------------------------------------------------------------- */

bool igb_arm(struct port *p, u32 queue, bool on)
{
	struct igb *g = p->priv;
	struct rx_ring *q = &g->pair[queue].rx;

	if (unlikely(!q->live || !(g->wakes >> queue & 1)))
		return false;
	igb_wr(g, on ? IGB_EIMS : IGB_EIMC, 1u << queue);
	if (!on)
		return false;
	(void)igb_rd(g, IGB_EIMS); /* the mask has reached the NIC: look once more */
	return rx_ring_has_frame(q, ADV_RXD_DD);
}
