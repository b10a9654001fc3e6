// SPDX-License-Identifier: MIT
/*
 * Sent bursts of the e1000: the hot path. Completion is the DD bit in memory; the only register
 * written is TDT, once a burst. Each pair's QGM.
 */
#include "drivers/net/e1000/e1000.h"

/* An impossible frame: the engine's error, but the buffer must come back through reclaim. */
static bool tx_bury(struct e1000_pair *k, struct packet *pkt)
{
	if (k->ndead == BURST_MAX)
		return false;
	k->dead[k->ndead++] = pkt;
	counter_add(&k->count->tx_errors, 1);
	return true;
}

/* The ring index up to which frames were sent. */
static u32 tx_done(const struct e1000_pair *k)
{
	u32 end = k->clean;

	for (u32 b = k->batch_clean; b != k->batch_tail; b++) {
		u32 stop = k->batch_end[b & E1000_MASK];

		if (!(load_relaxed(&k->tx[(stop - 1) & E1000_MASK].status) & TXD_STAT_DD))
			break;
		end = stop;
	}
	return end;
}

bool e1000_tx_waits(const struct e1000_pair *k, u32 *batch)
{
	u32 stop;

	*batch = load_relaxed(&k->batch_clean);
	if (*batch == load_relaxed(&k->batch_tail))
		return false;
	stop = load_relaxed(&k->batch_end[*batch & E1000_MASK]);
	return !(load_relaxed(&k->tx[(stop - 1) & E1000_MASK].status) & TXD_STAT_DD);
}

/* Put the packets of ring indices [clean, end) back into the pool. */
static u32 tx_put(struct e1000_pair *k, u32 end)
{
	u32 count = end - k->clean;

	while (k->clean != end) {
		u32 s = k->clean & E1000_MASK, run = MIN(end - k->clean, E1000_RING - s);

		pool_put(k->pc, &k->tx_slot[s], run);
		k->clean += run;
	}
	while (k->batch_clean != k->batch_tail &&
	       (s32)(k->batch_end[k->batch_clean & E1000_MASK] - end) <= 0)
		k->batch_clean++;
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

u32 e1000_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct e1000_pair *k = e1000_pair(p, queue);
	struct e1000_tx_desc *ring = k->tx;
	struct packet **slot = k->tx_slot;
	u64 delta = k->iova_delta;
	u32 tail = k->tail, pool = k->pool, frame_max = k->frame_max, i;

	if (unlikely(!k->up || !k->fill)) /* no pool is known before buffers were posted */
		return 0;
	if (unlikely(E1000_RING - 1 - (tail - k->clean) < n)) {
		tx_put(k, tx_done(k)); /* a turn may bring more than a ring's worth */
		n = MIN(n, E1000_RING - 1 - (tail - k->clean));
	}
	for (i = 0; i < n; i++) {
		struct packet *pkt = pkts[i];
		u32 s = tail & E1000_MASK, len = pkt->len;

		if (unlikely(len - PACKET_MIN_FRAME > frame_max - PACKET_MIN_FRAME) &&
		    !tx_odd_length(pkt, &len, frame_max)) {
			if (!tx_bury(k, pkt))
				break;
			continue;
		}
		slot[s] = pkt;
		ring[s].addr = likely(pkt->pool == pool) ? (u64)(uintptr_t)pkt->data + delta
							 : pool_packet_iova(k->pc, pkt);
		/* Word 1: length in 15:0, command in 31:24, status in 39:32. */
		store_relaxed((u64 *)(void *)&ring[s].length,
			      len | (u64)(TXD_CMD_EOP | TXD_CMD_IFCS) << 24);
		tail++;
	}
	if (tail != k->tail) {
		k->tail = tail;
		ring[(tail - 1) & E1000_MASK].cmd |= TXD_CMD_RS;
		k->batch_end[k->batch_tail++ & E1000_MASK] = tail;
		mmio_wr32(&k->regs, e1000_pair_reg(E1000_TDT, k->nr), tail & E1000_MASK);
	}
	return i;
}

u32 e1000_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct e1000_pair *k = e1000_pair(p, queue);

	e1000_use_pool(k, pc);
	if (k->clean == k->tail && !k->ndead)
		return 0;
	return tx_put(k, tx_done(k));
}

u32 e1000_drain(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct e1000_pair *k = e1000_pair(p, queue);
	u32 unsent;

	e1000_use_pool(k, pc);
	unsent = k->tail - tx_done(k);
	tx_put(k, k->tail);
	k->clean = k->tail = k->batch_clean = k->batch_tail = 0;
	e1000_rx_free(k);
	return unsent;
}

u32 e1000_room(const struct port *p, u32 queue)
{
	const struct e1000_pair *k = e1000_pair(p, queue);

	return likely(k->up && k->fill) ? E1000_RING - 1 - (k->tail - k->clean) : 0;
}

u32 e1000_buffers(const struct port *p, u32 queue)
{
	const struct e1000_pair *k = e1000_pair(p, queue);

	return k->fill - k->next + k->tail - k->clean + k->ndead;
}
