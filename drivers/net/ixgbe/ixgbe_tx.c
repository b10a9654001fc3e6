// SPDX-License-Identifier: MIT
/*
 * Sending with the 82599: the hot path. The NIC writes its head into memory after the last
 * descriptor of each burst (7.2.3.5.2), so that what is done is one load; the only register
 * written is the queue's tail, once a burst. The queue's QGM.
 */
#include "drivers/net/ixgbe/ixgbe.h"

enum { TX_MASK = IXGBE_TX_RING - 1 };

/*
 * How many frames are sent. A head outside of what we gave is the device's lie: *lie, and none is
 * believed.
 */
static u32 tx_sent(const struct ixgbe_tx *q, bool *lie)
{
	u32 head = load_acquire(q->head), sent = (head - q->clean) & TX_MASK;

	*lie = unlikely(head > TX_MASK || sent > q->tail - q->clean);
	return likely(!*lie) ? sent : 0;
}

/* Put the packets of ring indices [clean, end) back into the pool. */
static u32 tx_put(struct ixgbe_tx *q, u32 end)
{
	u32 clean = q->clean, count = end - clean;

	while (clean != end) {
		u32 s = clean & TX_MASK, run = MIN(end - clean, IXGBE_TX_RING - s);

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
static bool tx_bury(struct ixgbe_tx *q, struct port_queue_counters *c, struct packet *pkt)
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

static void tx_use_pool(struct ixgbe_tx *q, struct pool_cache *pc, const struct packet *pkt)
{
	q->delta = pool_packet_iova(pc, pkt) - (uintptr_t)pkt->data;
	q->pool = pkt->pool;
}

/* Packets of another pool than the last one's. */
static __attribute__((noinline)) u64 tx_other_pool(struct ixgbe_tx *q, struct pool_cache *pc,
						   const struct packet *pkt)
{
	tx_use_pool(q, pc, pkt);
	return q->delta;
}

#define TXD_FRAME (TXD_DTYP_DATA | TXD_EOP | TXD_IFCS | TXD_DEXT)

u32 ixgbe_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct ixgbe *e = p->priv;
	struct ixgbe_tx *q = &e->queue[queue].tx;
	struct ixgbe_tx_desc *ring = q->ring;
	struct packet **slot = q->slot;
	u32 tail = q->tail, frame_max = q->frame_max, i;
	u64 delta = q->delta;
	bool lie;

	if (unlikely(!q->live || !q->pc))
		return 0;
	if (unlikely(IXGBE_TX_RING - 1 - (tail - q->clean) < n)) {
		tx_put(q,
		       q->clean + tx_sent(q, &lie)); /* a turn may bring more than a ring's worth */
		n = MIN(n, IXGBE_TX_RING - 1 - (tail - q->clean));
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
		ring[s].word = TXD_FRAME | len | (u64)len << TXD_PAYLEN_SHIFT;
		tail++;
	}
	if (tail != q->tail) {
		ring[(tail - 1) & TX_MASK].word |= TXD_RS;
		store_relaxed(&q->tail, tail);
		mmio_wr32(&e->regs, q->tail_reg, tail & TX_MASK);
	}
	return i;
}

u32 ixgbe_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct ixgbe *e = p->priv;
	struct ixgbe_tx *q = &e->queue[queue].tx;
	u32 sent;
	bool lie;

	q->pc = pc;
	if (q->clean == q->tail && !q->ndead)
		return 0;
	sent = tx_sent(q, &lie);
	if (unlikely(lie) && q->live) {
		counter_add(&p->qnic[queue].bad_descriptor, 1);
		q->live = false; /* no more until the reset */
		port_want_reset(p);
	}
	return tx_put(q, q->clean + sent);
}

u32 ixgbe_tx_free(struct ixgbe_tx *q, struct pool_cache *pc)
{
	bool lie;
	u32 unsent = q->tail - q->clean - tx_sent(q, &lie);

	q->pc = pc;
	tx_put(q, q->tail);
	q->clean = q->tail = 0;
	q->pc = NULL;
	return unsent;
}

u32 ixgbe_room(const struct port *p, u32 queue)
{
	const struct ixgbe *e = p->priv;
	const struct ixgbe_tx *q = &e->queue[queue].tx;

	return likely(q->live && q->pc) ? IXGBE_TX_RING - 1 - (q->tail - q->clean) : 0;
}

u32 ixgbe_buffers(const struct port *p, u32 queue)
{
	const struct ixgbe *e = p->priv;
	const struct ixgbe_queue *q = &e->queue[queue];

	return q->rx.fill - q->rx.next + q->tx.tail - q->tx.clean + q->tx.ndead;
}
