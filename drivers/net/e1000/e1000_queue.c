// SPDX-License-Identifier: MIT
/*
 * Bursts of the e1000: the hot path. Completion is the DD bit in memory; the only registers
 * written are the tails, RDT for 32 descriptors at a time and TDT once a burst. Owner QGM.
 */
#include "drivers/net/e1000/e1000.h"

enum { RX_MASK = E1000_RX_RING - 1, TX_MASK = E1000_TX_RING - 1 };

/* --- receive ------------------------------------------------------------------------------- */

/* Give n buffers of the own pool to the NIC, from ring index q->fill on. */
static void rx_post_burst(struct e1000 *e, struct packet *const *pkts, u32 n)
{
	struct e1000_rx *q = &e->rx;
	struct e1000_rx_desc *ring = q->ring;
	struct packet **slot = q->slot;
	u64 delta = e->iova_delta;
	u32 fill = q->fill;

	for (u32 i = 0; i < n; i++, fill++) {
		struct e1000_rx_desc *d = &ring[fill & RX_MASK];
		struct packet *pkt = pkts[i];

		slot[fill & RX_MASK] = pkt;
		store_relaxed((u64 *)(void *)&d->length, 0);
		d->addr = (u64)(uintptr_t)pkt->data + delta;
	}
	q->fill = fill;
}

static void rx_doorbell(struct e1000 *e)
{
	e1000_wr(e, E1000_RDT, e->rx.fill & RX_MASK);
	e->rx.rung = e->rx.fill;
}

/* Post what the ring lacks, as far as the pool gives; the first time this turns reception on. */
static void rx_top_up(struct e1000 *e)
{
	struct e1000_rx *q = &e->rx;
	struct packet *pkt[BURST_MAX];
	u32 want, n;

	if (q->room < q->write)
		return; /* a pool of a smaller class than the NIC may fill */
	while ((want = E1000_RX_RING - 1 - (q->fill - q->next)) != 0) {
		n = pool_get(e->pc, pkt, MIN(want, (u32)BURST_MAX));
		if (n) {
			e->iova_delta = pool_iova(e->pc, pkt[0]->data) - (uintptr_t)pkt[0]->data;
			e->pool = pkt[0]->pool;
		}
		rx_post_burst(e, pkt, n);
		if (n < MIN(want, (u32)BURST_MAX))
			break;
	}
	if (q->fill == q->rung)
		return;
	rx_doorbell(e);
	if (!(e->rctl & RCTL_EN)) {
		e->rctl |= RCTL_EN;
		e1000_wr(e, E1000_RCTL, e->rctl);
	}
}

/*
 * Word 1 of a written-back descriptor: length in bits 15:0, status in 39:32, errors in 47:40. A
 * good frame has DD and EOP and no error; EOP is always there unless long packets are on and a
 * frame is longer than E1000_PART.
 */
#define RXD_DD       ((u64)RXD_STAT_DD << 32)
#define RXD_CHECKED  (((u64)RXD_STAT_DD | RXD_STAT_EOP) << 32 | (u64)RXD_ERR_FRAME << 40)
#define RXD_EXPECTED (((u64)RXD_STAT_DD | RXD_STAT_EOP) << 32)

static u64 rx_word(const struct e1000_rx_desc *d)
{
	return load_relaxed((const u64 *)(const void *)&d->length);
}

/* A frame that is not as expected: by name, unless it is the rest of one that was counted. */
static void rx_count_bad(struct e1000 *e, u64 word)
{
	struct e1000_rx *q = &e->rx;
	bool was_skipping = q->skip;

	q->skip = !(word & (u64)RXD_STAT_EOP << 32);
	if (was_skipping)
		return;
	if (!q->skip && word & (u64)RXD_ERR_FRAME << 40)
		counter_add(&e->port->nic.rx_crc, 1);
	else
		counter_add(&e->port->nic.bad_descriptor, 1);
}

/*
 * A long frame has its first E1000_PART bytes in one buffer and the rest in the next, since the NIC
 * knows no buffers between 8 and 16 KiB: the rest is moved behind the first part, where there is
 * room for it. 0: not a good frame of two parts (skip it); ~0: the rest is still to come.
 */
static u32 rx_join(struct e1000 *e, u32 at)
{
	const struct e1000_rx *q = &e->rx;
	u64 first = rx_word(&q->ring[at & RX_MASK]), rest;
	u32 len;

	if (q->skip || q->write != E1000_PART || (u16)first != E1000_PART ||
	    (first & RXD_CHECKED) != (u64)RXD_STAT_DD << 32)
		return 0;
	if (at + 1 == q->fill || !((rest = rx_word(&q->ring[(at + 1) & RX_MASK])) & RXD_DD))
		return ~0u;
	len = E1000_PART + (u16)rest;
	if ((rest & RXD_CHECKED) != RXD_EXPECTED || len > q->room)
		return 0;
	fence_acquire();
	__builtin_memcpy(q->slot[at & RX_MASK]->data + E1000_PART,
			 q->slot[(at + 1) & RX_MASK]->data, (u16)rest);
	return len;
}

/*
 * Take up to max frames off the ring. Good ones go to pkts[0..n), the buffers of bad ones to the
 * end, pkts[max - *bad ..max): they are to be posted again. A frame in two parts needs max >= 2.
 */
static u32 rx_collect(struct e1000 *e, struct packet **pkts, u32 max, u32 *bad)
{
	struct e1000_rx *q = &e->rx;
	const struct e1000_rx_desc *ring = q->ring;
	struct packet **slot = q->slot;
	/* Nothing matches ~0: inside of a broken frame all goes the slow way. */
	u64 expected = q->skip ? ~0ull : RXD_EXPECTED;
	u32 next = q->next, end = next + MIN(max, q->fill - next), last = q->room - 14, n = 0, len;

	*bad = 0;
	for (; next != end; next++) {
		struct packet *pkt = slot[next & RX_MASK];
		u64 word = rx_word(&ring[next & RX_MASK]);

		if (unlikely((word & RXD_CHECKED) != expected || (u16)word - 14u > last)) {
			if (!(word & RXD_DD))
				break;
			if (unlikely(!(word & (u64)RXD_STAT_EOP << 32) &&
				     (len = rx_join(e, next)))) {
				if (len == ~0u || next + 1 == end)
					break;
				pkt->len = (u16)len;
				pkts[n++] = pkt;
				pkts[max - ++*bad] = slot[++next & RX_MASK];
				continue;
			}
			rx_count_bad(e, word);
			expected = q->skip ? ~0ull : RXD_EXPECTED;
			pkts[max - ++*bad] = pkt;
			continue;
		}
		pkt->len = (u16)word;
		pkts[n++] = pkt;
	}
	fence_acquire(); /* with the NIC's write-back: what it wrote before DD is visible */
	q->next = next;
	return n;
}

u32 e1000_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct e1000 *e = p->priv;
	struct e1000_rx *q = &e->rx;
	struct packet *fresh[BURST_MAX];
	u32 got, bad, n;

	(void)queue;
	e1000_use_pool(e, pc);
	if (unlikely(e->phase != E1000_UP))
		return 0;
	max = MIN(max, (u32)BURST_MAX);
	n = rx_collect(e, pkts, max, &bad);
	if (unlikely(bad))
		rx_post_burst(e, &pkts[max - bad], bad);
	if (n) {
		got = pool_get(pc, fresh, n);
		rx_post_burst(e, fresh, got);
		if (unlikely(got < n)) { /* the newest give their buffers */
			rx_post_burst(e, &pkts[got], n - got);
			counter_add(&p->nic.rx_nobuf, n - got);
			n = got;
		}
	}
	if (unlikely(q->fill - q->next < E1000_RX_RING - 1))
		rx_top_up(e);
	else if (q->fill - q->rung >= E1000_RX_DOORBELL)
		rx_doorbell(e);
	return n;
}

void e1000_rx_free(struct e1000 *e)
{
	struct e1000_rx *q = &e->rx;

	while (q->next != q->fill) {
		u32 s = q->next++ & RX_MASK;

		pool_put(e->pc, &q->slot[s], 1);
		q->slot[s] = NULL;
	}
	q->next = q->fill = q->rung = 0;
	q->skip = false;
}

/* --- transmit ------------------------------------------------------------------------------ */

/* An impossible frame: the engine's error, but the buffer must come back through reclaim. */
static bool tx_bury(struct e1000 *e, struct packet *pkt)
{
	if (e->tx.ndead == BURST_MAX)
		return false;
	e->tx.dead[e->tx.ndead++] = pkt;
	counter_add(&e->port->nic.tx_errors, 1);
	return true;
}

static u32 tx_done(const struct e1000_tx *q)
{
	u32 end = q->clean;

	for (u32 b = q->batch_clean; b != q->batch_tail; b++) {
		u32 stop = q->batch_end[b & TX_MASK];

		if (!(load_relaxed(&q->ring[(stop - 1) & TX_MASK].status) & TXD_STAT_DD))
			break;
		end = stop;
	}
	return end;
}

/* Put the packets of ring indices [clean, end) back into the pool. */
static u32 tx_put(struct e1000 *e, u32 end)
{
	struct e1000_tx *q = &e->tx;
	u32 count = end - q->clean;

	while (q->clean != end) {
		u32 s = q->clean & TX_MASK, run = MIN(end - q->clean, E1000_TX_RING - s);

		pool_put(e->pc, &q->slot[s], run);
		q->clean += run;
	}
	while (q->batch_clean != q->batch_tail &&
	       (s32)(q->batch_end[q->batch_clean & TX_MASK] - end) <= 0)
		q->batch_clean++;
	if (unlikely(q->ndead)) {
		pool_put(e->pc, q->dead, q->ndead);
		count += q->ndead;
		q->ndead = 0;
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
	struct e1000 *e = p->priv;
	struct e1000_tx *q = &e->tx;
	struct e1000_tx_desc *ring = q->ring;
	struct packet **slot = q->slot;
	u64 delta = e->iova_delta;
	u32 tail = q->tail, pool = e->pool, frame_max = e->frame_max, i;

	(void)queue;
	if (unlikely(!(e->rctl & RCTL_EN)))
		return 0;
	if (unlikely(E1000_TX_RING - 1 - (tail - q->clean) < n)) {
		tx_put(e, tx_done(q)); /* a turn may bring more than a ring's worth */
		n = MIN(n, E1000_TX_RING - 1 - (tail - q->clean));
	}
	for (i = 0; i < n; i++) {
		struct packet *pkt = pkts[i];
		u32 s = tail & TX_MASK, len = pkt->len;

		if (unlikely(len - PACKET_MIN_FRAME > frame_max - PACKET_MIN_FRAME) &&
		    !tx_odd_length(pkt, &len, frame_max)) {
			if (!tx_bury(e, pkt))
				break;
			continue;
		}
		slot[s] = pkt;
		ring[s].addr = likely(pkt->pool == pool) ? (u64)(uintptr_t)pkt->data + delta
							 : pool_packet_iova(e->pc, pkt);
		/* Word 1: length in 15:0, command in 31:24, status in 39:32. */
		store_relaxed((u64 *)(void *)&ring[s].length,
			      len | (u64)(TXD_CMD_EOP | TXD_CMD_IFCS) << 24);
		tail++;
	}
	if (tail != q->tail) {
		q->tail = tail;
		ring[(tail - 1) & TX_MASK].cmd |= TXD_CMD_RS;
		q->batch_end[q->batch_tail++ & TX_MASK] = tail;
		e1000_wr(e, E1000_TDT, tail & TX_MASK);
	}
	return i;
}

u32 e1000_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct e1000 *e = p->priv;

	(void)queue;
	e1000_use_pool(e, pc);
	if (e->tx.clean == e->tx.tail && !e->tx.ndead)
		return 0;
	return tx_put(e, tx_done(&e->tx));
}

void e1000_tx_abort(struct e1000 *e)
{
	struct e1000_tx *q = &e->tx;
	u32 sent = tx_done(q) - q->clean;

	counter_add(&e->port->tx_aborted, q->tail - q->clean - sent);
	if (e->pc)
		tx_put(e, q->tail);
	q->clean = q->tail = q->batch_clean = q->batch_tail = 0;
}

/* --- sleep --------------------------------------------------------------------------------- */

bool e1000_arm(struct port *p, u32 queue, bool on)
{
	struct e1000 *e = p->priv;

	(void)queue;
	if (unlikely(e->phase != E1000_UP))
		return false;
	if (!on) {
		e1000_wr(e, E1000_IMC, 0xffffffff);
		return false;
	}
	if (e->rx.fill != e->rx.rung)
		rx_doorbell(e);
	(void)e1000_rd(e, E1000_ICR); /* forget causes that were served by polling */
	e1000_wr(e, E1000_IMS, ICR_RXT0 | ICR_RXO | ICR_RXDMT0 | ICR_LSC);
	if (e->irq)
		dev_irq_rearm(e->irq);
	/* A frame written back before IMS took effect has its cause in ICR still and interrupts;
	 * the caller polls the ring after this in any case. */
	fence_full();
	return rx_word(&e->rx.ring[e->rx.next & RX_MASK]) & RXD_DD && e->rx.next != e->rx.fill;
}

u32 e1000_buffers(const struct port *p, u32 queue)
{
	const struct e1000 *e = p->priv;

	(void)queue;
	return e->rx.fill - e->rx.next + e->tx.tail - e->tx.clean + e->tx.ndead;
}

u32 e1000_room(const struct port *p, u32 queue)
{
	const struct e1000 *e = p->priv;

	(void)queue;
	if (unlikely(!(e->rctl & RCTL_EN)))
		return 0;
	return E1000_TX_RING - 1 - (e->tx.tail - e->tx.clean);
}
