// SPDX-License-Identifier: MIT
/*
 * Sending with the XL710: the hot path. The last descriptor of each burst is marked done in memory
 * (8.4.2.2), all before it are then sent too; the only register written is the queue's tail, once
 * a burst. The queue's QGM.
 */
#include "drivers/net/i40e/i40e.h"

enum { TX_MASK = I40E_TX_RING - 1 };

/* Up to where everything is sent: the end of the last burst whose last descriptor is done. */
static u32 tx_sent(struct i40e_tx *q)
{
	u32 end = q->clean, at = q->batch_clean;

	for (; at != q->batch_tail; at++) {
		u32 next = q->batch_end[at & TX_MASK];

		if ((load_relaxed(&q->ring[(next - 1) & TX_MASK].word) & TXD_DTYP) != TXD_DTYP_DONE)
			break;
		end = next;
	}
	q->batch_clean = at;
	fence_acquire();
	return end;
}

/* Put the packets of ring indices [clean, end) back into the pool. */
static u32 tx_put(struct i40e_tx *q, u32 end)
{
	u32 clean = q->clean, count = end - clean;

	while (clean != end) {
		u32 s = clean & TX_MASK, run = MIN(end - clean, I40E_TX_RING - s);

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

/* An impossible frame: the engine's error, but the buffer must come back through reclaim. */
static bool tx_bury(struct i40e_tx *q, struct port_queue_counters *c, struct packet *pkt)
{
	if (q->ndead == BURST_MAX)
		return false;
	q->dead[q->ndead++] = pkt;
	counter_add(&c->tx_errors, 1);
	return true;
}

/* Frames below 60 bytes go out with zeroes behind them, not with what the buffer held before.
 * False: the frame cannot be sent. */
static bool tx_odd_length(const struct packet *pkt, u32 *len, u32 frame_max)
{
	if (*len < 14 || *len > frame_max)
		return false;
	for (; *len < PACKET_MIN_FRAME; ++*len)
		pkt->data[*len] = 0;
	return true;
}

static void tx_use_pool(struct i40e_tx *q, struct pool_cache *pc, const struct packet *pkt)
{
	q->delta = pool_packet_iova(pc, pkt) - (uintptr_t)pkt->data;
	q->pool = pkt->pool;
}

/* Packets of another pool than the last one's. */
static __attribute__((noinline)) u64 tx_other_pool(struct i40e_tx *q, struct pool_cache *pc,
						   const struct packet *pkt)
{
	tx_use_pool(q, pc, pkt);
	return q->delta;
}

#define TXD_FRAME (TXD_EOP | TXD_ICRC)

u32 i40e_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct i40e *e = p->priv;
	struct i40e_tx *q = &e->queue[queue].tx;
	struct i40e_tx_desc *ring = q->ring;
	struct packet **slot = q->slot;
	u32 tail = q->tail, frame_max = q->frame_max, i;
	u64 delta = q->delta;

	if (unlikely(!q->live || !q->pc))
		return 0;
	if (unlikely(I40E_TX_RING - 1 - (tail - q->clean) < n)) {
		tx_put(q, tx_sent(q)); /* a turn may bring more than a ring's worth */
		n = MIN(n, I40E_TX_RING - 1 - (tail - q->clean));
	}
	for (i = 0; i < n; i++) {
		struct packet *pkt = pkts[i];
		u32 s = tail & TX_MASK, len = pkt->len;

		if (unlikely(len - PACKET_MIN_FRAME > frame_max - PACKET_MIN_FRAME) &&
		    !tx_odd_length(pkt, &len, frame_max)) {
			if (!tx_bury(q, &p->qnic[queue], pkt))
				break;
			continue;
		}
		slot[s] = pkt;
		if (unlikely(pkt->pool != q->pool))
			delta = tx_other_pool(q, q->pc, pkt);
		ring[s].addr = (u64)(uintptr_t)pkt->data + delta;
		ring[s].word = TXD_FRAME | (u64)len << TXD_SIZE_SHIFT;
		tail++;
	}
	if (tail != q->tail) {
		ring[(tail - 1) & TX_MASK].word |= TXD_RS;
		q->batch_end[q->batch_tail++ & TX_MASK] = tail;
		store_relaxed(&q->tail, tail);
		mmio_wr32(&e->regs, q->tail_reg, tail & TX_MASK);
	}
	return i;
}

u32 i40e_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct i40e *e = p->priv;
	struct i40e_tx *q = &e->queue[queue].tx;

	q->pc = pc;
	if (q->clean == q->tail && !q->ndead)
		return 0;
	return tx_put(q, tx_sent(q));
}

u32 i40e_tx_free(struct i40e_tx *q, struct pool_cache *pc)
{
	u32 unsent = q->tail - tx_sent(q);

	q->pc = pc;
	tx_put(q, q->tail);
	q->clean = q->tail = q->batch_clean = q->batch_tail = 0;
	q->pc = NULL;
	return unsent;
}

u32 i40e_room(const struct port *p, u32 queue)
{
	const struct i40e *e = p->priv;
	const struct i40e_tx *q = &e->queue[queue].tx;

	return likely(q->live && q->pc) ? I40E_TX_RING - 1 - (q->tail - q->clean) : 0;
}

u32 i40e_buffers(const struct port *p, u32 queue)
{
	const struct i40e *e = p->priv;
	const struct i40e_queue *q = &e->queue[queue];

	return q->rx.fill - q->rx.next + q->tx.tail - q->tx.clean + q->tx.ndead;
}
