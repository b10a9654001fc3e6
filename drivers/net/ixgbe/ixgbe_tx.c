// SPDX-License-Identifier: MIT
/*
 * Sending with the 82599: the hot path. The NIC writes its head into memory after the last
 * descriptor of each burst (7.2.3.5.2); the only register written is the queue's tail, once a burst
 * (drivers/net/ring/tx.h). The queue's QGM.
 */
#include "drivers/net/ixgbe/ixgbe.h"

static const struct tx_format format = ADV_TX_BY_HEAD;

u32 ixgbe_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct ixgbe *e = p->priv;

	return tx_ring_burst(&e->queue[queue].tx, &format, &e->regs, &p->qnic[queue], pkts, n);
}

u32 ixgbe_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct ixgbe *e = p->priv;

	return tx_ring_reclaim(&e->queue[queue].tx, &format, p, &p->qnic[queue], pc);
}

u32 ixgbe_drain(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct ixgbe *e = p->priv;
	struct ring_pair *q = &e->queue[queue];
	bool lie;

	return ring_pair_drain(q, tx_ring_sent(&q->tx, &format, &lie), pc);
}

u32 ixgbe_room(const struct port *p, u32 queue)
{
	return ring_pair_room(&((const struct ixgbe *)p->priv)->queue[queue]);
}

u32 ixgbe_buffers(const struct port *p, u32 queue)
{
	return ring_pair_buffers(&((const struct ixgbe *)p->priv)->queue[queue]);
}
