// SPDX-License-Identifier: MIT
/*
 * Sent bursts of vmxnet3: the hot path. A descriptor is the device's as soon as its generation bit
 * is right; TXPROD is written once a burst. Each frame has its completion. Each pair's QGM.
 */
#include "drivers/net/vmxnet3/vmxnet3.h"

static struct vmxnet3_pair *pair_of(const struct port *p, u32 queue)
{
	return &((struct vmxnet3 *)p->priv)->pair[queue];
}

/* An impossible frame: the engine's error, but the buffer must come back through reclaim. */
static bool tx_bury(struct vmxnet3_pair *k, struct packet *pkt)
{
	if (k->ndead == BURST_MAX)
		return false;
	k->dead[k->ndead++] = pkt;
	counter_add(&k->count->tx_errors, 1);
	return true;
}

/* A device that says what cannot be is not used any more until its reset. */
static void lie(struct vmxnet3_pair *k)
{
	if (!k->live)
		return;
	counter_add(&k->count->bad_descriptor, 1);
	k->live = false;
	port_want_reset(k->port);
}

/* The ring index up to which frames were sent. */
static u32 tx_done(struct vmxnet3_pair *k)
{
	u32 end = k->clean;

	while (vmxnet3_came(k->tx_comp, k->done, VMXNET3_RING)) {
		u32 at, ahead;

		fence_acquire(); /* the index was written before the generation */
		at = (u32)load_relaxed(&k->tx_comp[k->done & VMXNET3_MASK].addr) & VMXNET3_CD_INDEX;
		ahead = (at - end) & VMXNET3_MASK;
		if (unlikely(at > VMXNET3_MASK || ahead >= k->tail - end)) {
			lie(k);
			break;
		}
		end += ahead + 1;
		k->done++;
	}
	return end;
}

/* Put the packets of ring indices [clean, end) back into the pool. */
static u32 tx_put(struct vmxnet3_pair *k, u32 end)
{
	u32 count = end - k->clean;

	while (k->clean != end) {
		u32 s = k->clean & VMXNET3_MASK, run = MIN(end - k->clean, VMXNET3_RING - s);

		pool_put(k->pc, &k->tx_slot[s], run);
		store_relaxed(&k->clean, k->clean + run);
	}
	if (unlikely(k->ndead)) {
		pool_put(k->pc, k->dead, k->ndead);
		count += k->ndead;
		k->ndead = 0;
	}
	return count;
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

/* Of another pool than the last one's. A queue that only sends has not been shown a cache yet;
 * which pool is where is the same for all. */
static void tx_other_pool(struct vmxnet3_pair *k, const struct packet *pkt)
{
	const struct pool_cache *pc = k->pc ? k->pc : k->port->pc;

	k->iova_delta = pool_packet_iova(pc, pkt) - (uintptr_t)pkt->data;
	k->pool = pkt->pool;
}

u32 vmxnet3_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct vmxnet3_pair *k = pair_of(p, queue);
	struct vmxnet3_desc *ring = k->tx;
	struct packet **slot = k->tx_slot;
	u32 tail = k->tail, i;

	if (unlikely(!k->live))
		return 0;
	if (unlikely(VMXNET3_RING - 1 - (tail - k->clean) < n)) {
		if (k->pc)
			tx_put(k, tx_done(k)); /* a turn may bring more than a ring's worth */
		n = MIN(n, VMXNET3_RING - 1 - (tail - k->clean));
	}
	for (i = 0; i < n; i++) {
		struct packet *pkt = pkts[i];
		u32 s = tail & VMXNET3_MASK, len = pkt->len;

		if (unlikely(len - PACKET_MIN_FRAME > k->frame_max - PACKET_MIN_FRAME) &&
		    !tx_odd_length(pkt, &len, k->frame_max)) {
			if (!tx_bury(k, pkt))
				break;
			continue;
		}
		if (unlikely(pkt->pool != k->pool))
			tx_other_pool(k, pkt);
		slot[s] = pkt;
		ring[s].addr = (u64)(uintptr_t)pkt->data + k->iova_delta;
		/* With the generation it is the device's. */
		store_release(&ring[s].word,
			      len | vmxnet3_gen(tail, VMXNET3_RING) << VMXNET3_TXD_GEN_SHIFT |
				      VMXNET3_TXD_EOP | VMXNET3_TXD_CQ);
		tail++;
	}
	if (tail != k->tail) {
		store_relaxed(&k->tail, tail);
		vmxnet3_bell(&k->regs, VMXNET3_TXPROD, k->nr, tail & VMXNET3_MASK);
	}
	return i;
}

u32 vmxnet3_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct vmxnet3_pair *k = pair_of(p, queue);

	if (unlikely(k->pc != pc)) {
		k->pc = pc;
		k->room = pool_room(pc);
	}
	if (k->clean == k->tail && !k->ndead)
		return 0;
	return tx_put(k, tx_done(k));
}

u32 vmxnet3_drain(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct vmxnet3_pair *k = pair_of(p, queue);
	u32 unsent;

	k->pc = pc;
	k->room = pool_room(pc);
	unsent = k->tail - tx_done(k);
	tx_put(k, k->tail);
	k->clean = k->tail = k->done = 0;
	vmxnet3_rx_free(k);
	return unsent;
}

u32 vmxnet3_room(const struct port *p, u32 queue)
{
	const struct vmxnet3_pair *k = pair_of(p, queue);

	return likely(k->live) ? VMXNET3_RING - 1 - (k->tail - k->clean) : 0;
}

u32 vmxnet3_buffers(const struct port *p, u32 queue)
{
	const struct vmxnet3_pair *k = pair_of(p, queue);

	return k->fill - k->next + k->tail - k->clean + k->ndead;
}
