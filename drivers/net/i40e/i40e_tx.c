// SPDX-License-Identifier: MIT
/*
 * Sending with the XL710: the hot path. The last descriptor of each burst is marked done in memory
 * (8.4.2.2), all before it are then sent too; the only register written is the queue's tail, once
 * a burst (drivers/net/ring/tx.h). The queue's QGM.
 */
#include "drivers/net/i40e/i40e.h"

static const struct tx_format format = {
	.base = TXD_EOP | TXD_ICRC,
	.len_shift = TXD_SIZE_SHIFT,
	.len_shift2 = TXD_SIZE_SHIFT,
	.report = TXD_RS,
	.done_mask = TXD_DTYP,
	.done = TXD_DTYP_DONE,
};

u32 i40e_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct i40e *e = p->priv;

	return tx_ring_burst(&e->queue[queue].tx, &format, &e->regs, &p->qnic[queue], pkts, n);
}

u32 i40e_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct i40e *e = p->priv;

	return tx_ring_reclaim(&e->queue[queue].tx, &format, p, &p->qnic[queue], pc);
}

u32 i40e_drain(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct i40e *e = p->priv;
	struct ring_pair *q = &e->queue[queue];
	bool lie;

	return ring_pair_drain(q, tx_ring_sent(&q->tx, &format, &lie), pc);
}

u32 i40e_room(const struct port *p, u32 queue)
{
	return ring_pair_room(&((const struct i40e *)p->priv)->queue[queue]);
}

u32 i40e_buffers(const struct port *p, u32 queue)
{
	return ring_pair_buffers(&((const struct i40e *)p->priv)->queue[queue]);
}
