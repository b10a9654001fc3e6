// SPDX-License-Identifier: MIT
/*
 * Bursts of the igb: the hot path. Completion is the DD bit in memory; the only registers written
 * are the tails, RDT for 32 descriptors at a time and TDT once a burst. Each pair's QGM.
 */
#include "drivers/net/igb/igb.h"

enum { MASK = IGB_RING - 1 };

static struct igb_pair *pair_of(struct port *p, u32 queue)
{
	return &((struct igb *)p->priv)->pair[queue];
}

static void use_pool(struct igb_pair *k, struct pool_cache *pc)
{
	if (unlikely(k->pc != pc)) {
		k->pc = pc;
		k->room = pool_room(pc);
	}
}

/* --- receive ------------------------------------------------------------------------------- */

static void rx_post(struct igb_pair *k, struct packet *const *pkts, u32 n)
{
	u64 delta = k->iova_delta;
	u32 fill = k->fill;

	for (u32 i = 0; i < n; i++, fill++) {
		struct igb_rx_desc *d = &k->rx[fill & MASK];

		k->rx_slot[fill & MASK] = pkts[i];
		store_relaxed(&d->word, 0);
		d->addr = (u64)(uintptr_t)pkts[i]->data + delta;
	}
	k->fill = fill;
}

static void rx_doorbell(struct igb_pair *k)
{
	mmio_wr32(&k->regs, igb_queue_reg(IGB_RDT, k->nr), k->fill & MASK);
	k->rung = k->fill;
}

/* Post what the ring lacks, as far as the pool gives. */
static void rx_top_up(struct igb_pair *k)
{
	struct packet *pkt[BURST_MAX];
	u32 want, n;

	if (k->room < k->frame_max)
		return;
	while ((want = IGB_RING - 1 - (k->fill - k->next)) != 0) {
		n = pool_get(k->pc, pkt, MIN(want, (u32)BURST_MAX));
		if (n) {
			k->iova_delta = pool_iova(k->pc, pkt[0]->data) - (uintptr_t)pkt[0]->data;
			k->pool = pkt[0]->pool;
		}
		rx_post(k, pkt, n);
		if (n < MIN(want, (u32)BURST_MAX))
			break;
	}
	if (k->fill != k->rung)
		rx_doorbell(k);
}

#define RX_CHECKED  ((u64)(RXD_STAT_DD | RXD_STAT_EOP) | RXD_ERR_FRAME)
#define RX_EXPECTED ((u64)(RXD_STAT_DD | RXD_STAT_EOP))

/* A frame that is not as expected: by name, unless it is the rest of one that was counted. */
static void rx_count_bad(struct igb_pair *k, u64 word)
{
	bool was_skipping = k->skip;

	k->skip = !(word & RXD_STAT_EOP);
	if (was_skipping)
		return;
	if (!k->skip && word & RXD_ERR_FRAME)
		counter_add(&k->count->rx_errors, 1);
	else
		counter_add(&k->count->bad_descriptor, 1);
}

/* Good frames to pkts[0..n), the buffers of bad ones to the end, pkts[max - *bad ..max). */
static u32 rx_collect(struct igb_pair *k, struct packet **pkts, u32 max, u32 *bad)
{
	u32 next = k->next, end = next + MIN(max, k->fill - next), last = k->room - 14, n = 0;

	*bad = 0;
	for (; next != end; next++) {
		struct packet *pkt = k->rx_slot[next & MASK];
		u64 word = load_relaxed(&k->rx[next & MASK].word);
		u32 len = (u16)(word >> 32);

		if (unlikely(k->skip || (word & RX_CHECKED) != RX_EXPECTED || len - 14u > last)) {
			if (!(word & RXD_STAT_DD))
				break;
			rx_count_bad(k, word);
			pkts[max - ++*bad] = pkt;
			continue;
		}
		pkt->len = (u16)len;
		pkts[n++] = pkt;
	}
	fence_acquire(); /* with the NIC's write-back: what it wrote before DD is visible */
	k->next = next;
	return n;
}

u32 igb_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct igb_pair *k = pair_of(p, queue);
	struct packet *fresh[BURST_MAX];
	u32 got, bad, n;

	use_pool(k, pc);
	if (unlikely(!k->up))
		return 0;
	max = MIN(max, (u32)BURST_MAX);
	n = rx_collect(k, pkts, max, &bad);
	if (unlikely(bad))
		rx_post(k, &pkts[max - bad], bad);
	if (n) {
		got = pool_get(pc, fresh, n);
		rx_post(k, fresh, got);
		if (unlikely(got < n)) { /* the newest give their buffers */
			rx_post(k, &pkts[got], n - got);
			counter_add(&k->count->rx_nobuf, n - got);
			n = got;
		}
	}
	if (unlikely(k->fill - k->next < IGB_RING - 1))
		rx_top_up(k);
	else if (k->fill - k->rung >= IGB_RX_DOORBELL)
		rx_doorbell(k);
	return n;
}

/* --- transmit ------------------------------------------------------------------------------ */

/* The ring index up to which frames were sent. */
static u32 tx_done(const struct igb_pair *k)
{
	u32 end = k->clean;

	for (u32 b = k->batch_clean; b != k->batch_tail; b++) {
		u32 stop = k->batch_end[b & MASK];

		if (!(load_relaxed(&k->tx[(stop - 1) & MASK].olinfo_status) & TXD_STAT_DD))
			break;
		end = stop;
	}
	return end;
}

/* Put the packets of ring indices [clean, end) back into the pool. */
static u32 tx_put(struct igb_pair *k, u32 end)
{
	u32 count = end - k->clean;

	while (k->clean != end) {
		u32 s = k->clean & MASK, run = MIN(end - k->clean, IGB_RING - s);

		pool_put(k->pc, &k->tx_slot[s], run);
		k->clean += run;
	}
	while (k->batch_clean != k->batch_tail &&
	       (s32)(k->batch_end[k->batch_clean & MASK] - end) <= 0)
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

/* The engine's error, but the buffer must come back through reclaim. */
static bool tx_bury(struct igb_pair *k, struct packet *pkt)
{
	if (k->ndead == BURST_MAX)
		return false;
	k->dead[k->ndead++] = pkt;
	counter_add(&k->count->tx_errors, 1);
	return true;
}

u32 igb_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct igb_pair *k = pair_of(p, queue);
	u32 tail = k->tail, i;

	if (unlikely(!k->up || !k->fill)) /* no pool is known before buffers were posted */
		return 0;
	if (unlikely(IGB_RING - 1 - (tail - k->clean) < n)) {
		tx_put(k, tx_done(k)); /* a turn may bring more than a ring's worth */
		n = MIN(n, IGB_RING - 1 - (tail - k->clean));
	}
	for (i = 0; i < n; i++) {
		struct packet *pkt = pkts[i];
		struct igb_tx_desc *d = &k->tx[tail & MASK];
		u32 len = pkt->len;

		if (unlikely(len - PACKET_MIN_FRAME > k->frame_max - PACKET_MIN_FRAME) &&
		    !tx_odd_length(pkt, &len, k->frame_max)) {
			if (!tx_bury(k, pkt))
				break;
			continue;
		}
		k->tx_slot[tail & MASK] = pkt;
		d->addr = likely(pkt->pool == k->pool) ? (u64)(uintptr_t)pkt->data + k->iova_delta
						       : pool_packet_iova(k->pc, pkt);
		d->cmd_type_len =
			len | TXD_DTYP_DATA | TXD_DCMD_EOP | TXD_DCMD_IFCS | TXD_DCMD_DEXT;
		store_relaxed(&d->olinfo_status, len << TXD_PAYLEN_SHIFT);
		tail++;
	}
	if (tail != k->tail) {
		k->tail = tail;
		k->tx[(tail - 1) & MASK].cmd_type_len |= TXD_DCMD_RS;
		k->batch_end[k->batch_tail++ & MASK] = tail;
		mmio_wr32(&k->regs, igb_queue_reg(IGB_TDT, k->nr), tail & MASK);
	}
	return i;
}

u32 igb_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct igb_pair *k = pair_of(p, queue);

	use_pool(k, pc);
	if (k->clean == k->tail && !k->ndead)
		return 0;
	return tx_put(k, tx_done(k));
}

u32 igb_drain(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct igb_pair *k = pair_of(p, queue);
	u32 unsent;

	use_pool(k, pc);
	unsent = k->tail - tx_done(k);
	tx_put(k, k->tail);
	while (k->next != k->fill)
		pool_put(pc, &k->rx_slot[k->next++ & MASK], 1);
	k->clean = k->tail = k->batch_clean = k->batch_tail = 0;
	k->next = k->fill = k->rung = 0;
	k->skip = false;
	return unsent;
}

u32 igb_room(const struct port *p, u32 queue)
{
	const struct igb_pair *k = &((const struct igb *)p->priv)->pair[queue];

	return likely(k->up && k->fill) ? IGB_RING - 1 - (k->tail - k->clean) : 0;
}

u32 igb_buffers(const struct port *p, u32 queue)
{
	const struct igb_pair *k = &((const struct igb *)p->priv)->pair[queue];

	return k->fill - k->next + k->tail - k->clean + k->ndead;
}

/* --- sleep --------------------------------------------------------------------------------- */

bool igb_arm(struct port *p, u32 queue, bool on)
{
	struct igb_pair *k = pair_of(p, queue);

	if (unlikely(!k->up || !k->wakes))
		return false;
	mmio_wr32(&k->regs, on ? IGB_EIMS : IGB_EIMC, 1u << k->nr);
	if (!on)
		return false;
	(void)mmio_rd32(&k->regs, IGB_EIMS); /* the mask has reached the NIC: look once more */
	return k->next != k->fill && load_relaxed(&k->rx[k->next & MASK].word) & RXD_STAT_DD;
}
