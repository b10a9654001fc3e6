// SPDX-License-Identifier: MIT
/*
 * Bursts of the e1000: the hot path. Completion is the DD bit in memory; the only registers
 * written are the tails, RDT for 32 descriptors at a time and TDT once a burst. Owner QGM.
 */
#include "drivers/net/e1000/e1000.h"

enum { RX_MASK = E1000_RX_RING - 1, TX_MASK = E1000_TX_RING - 1 };

/* --- receive ------------------------------------------------------------------------------- */

/* Give a buffer to the NIC at ring index q->fill. */
static void rx_post(const struct e1000 *e, struct e1000_rx *q, struct packet *pkt)
{
	u32 s = q->fill++ & RX_MASK;
	struct e1000_rx_desc *d = &q->ring[s];

	q->slot[s] = pkt;
	d->status = 0;
	d->length = 0;
	d->errors = 0;
	d->addr = e1000_iova(e, pkt);
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

	if (q->room < E1000_FRAME_MAX)
		return; /* a pool of a smaller class than the NIC may fill */
	while ((want = E1000_RX_RING - 1 - (q->fill - q->next)) != 0) {
		n = pool_get(e->pc, pkt, MIN(want, (u32)BURST_MAX));
		if (n) {
			e->iova_delta = pool_iova(e->pc, pkt[0]->data) - (uintptr_t)pkt[0]->data;
			e->pool = pkt[0]->pool;
		}
		for (u32 i = 0; i < n; i++)
			rx_post(e, q, pkt[i]);
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

/* Is this a whole, sane frame? Counts what is not. */
static bool rx_check(struct e1000 *e, const struct e1000_rx_desc *d)
{
	struct e1000_rx *q = &e->rx;
	struct port_nic_counters *nic = &e->port->nic;
	bool was_skipping = q->skip;

	/* With long packets off a frame fits into one buffer: no frame may go on in the next. */
	q->skip = !(d->status & RXD_STAT_EOP);
	if (was_skipping)
		return false;
	if (q->skip || d->length < 14 || d->length > q->room) {
		counter_add(&nic->bad_descriptor, 1);
		return false;
	}
	if (d->errors & RXD_ERR_FRAME) {
		counter_add(&nic->rx_crc, 1);
		return false;
	}
	return true;
}

static u32 rx_ready(const struct e1000_rx *q, u32 max)
{
	u32 n = 0;

	max = MIN(max, q->fill - q->next);
	while (n < max && load_relaxed(&q->ring[(q->next + n) & RX_MASK].status) & RXD_STAT_DD)
		n++;
	fence_acquire(); /* with the NIC's write-back: what it wrote before DD is visible */
	return n;
}

u32 e1000_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct e1000 *e = p->priv;
	struct e1000_rx *q = &e->rx;
	struct packet *fresh[BURST_MAX];
	u32 ready, got, used = 0, n = 0;

	(void)queue;
	e1000_use_pool(e, pc);
	if (unlikely(e->phase != E1000_UP))
		return 0;
	ready = rx_ready(q, MIN(max, (u32)BURST_MAX));
	if (unlikely(q->fill - q->next < E1000_RX_RING - 1))
		rx_top_up(e);
	if (!ready)
		return 0;
	got = pool_get(pc, fresh, ready);
	for (u32 i = 0; i < ready; i++) {
		u32 s = q->next++ & RX_MASK;
		struct packet *pkt = q->slot[s];

		q->slot[s] = NULL;
		if (unlikely(!rx_check(e, &q->ring[s]))) {
			rx_post(e, q, pkt);
		} else if (unlikely(used == got)) {
			counter_add(&p->nic.rx_nobuf, 1);
			rx_post(e, q, pkt);
		} else {
			pkt->len = q->ring[s].length;
			pkt->flags = 0;
			prefetch(pkt->data);
			pkts[n++] = pkt;
			rx_post(e, q, fresh[used++]);
		}
	}
	if (unlikely(used < got))
		pool_put(pc, &fresh[used], got - used);
	if (q->fill - q->rung >= E1000_RX_DOORBELL)
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

/* Frames below 60 bytes go out with zeroes behind them, not with what the buffer held before. */
static u16 tx_pad(struct packet *pkt)
{
	u16 len = pkt->len;

	if (likely(len >= PACKET_MIN_FRAME))
		return len;
	for (u32 i = len; i < PACKET_MIN_FRAME; i++)
		pkt->data[i] = 0;
	return PACKET_MIN_FRAME;
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

u32 e1000_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct e1000 *e = p->priv;
	struct e1000_tx *q = &e->tx;
	u32 room = E1000_TX_RING - 1 - (q->tail - q->clean), first = q->tail, i;
	struct e1000_tx_desc *d = NULL;

	(void)queue;
	if (unlikely(!(e->rctl & RCTL_EN)))
		return 0;
	if (unlikely(room < n)) { /* a turn may bring more than a ring's worth */
		tx_put(e, tx_done(q));
		room = E1000_TX_RING - 1 - (q->tail - q->clean);
	}
	for (i = 0; i < n && q->tail - first < room; i++) {
		struct packet *pkt = pkts[i];
		u32 s = q->tail & TX_MASK;

		if (unlikely(pkt->len < 14 || pkt->len > E1000_FRAME_MAX)) {
			if (!tx_bury(e, pkt))
				break;
			continue;
		}
		d = &q->ring[s];
		q->slot[s] = pkt;
		d->length = tx_pad(pkt);
		d->addr = e1000_iova(e, pkt);
		d->cmd = TXD_CMD_EOP | TXD_CMD_IFCS;
		d->cso = d->css = 0;
		d->special = 0;
		d->status = 0;
		q->tail++;
	}
	if (d) {
		d->cmd |= TXD_CMD_RS;
		q->batch_end[q->batch_tail++ & TX_MASK] = q->tail;
		e1000_wr(e, E1000_TDT, q->tail & TX_MASK);
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
	return rx_ready(&e->rx, 1) != 0;
}

u32 e1000_buffers(const struct port *p, u32 queue)
{
	const struct e1000 *e = p->priv;

	(void)queue;
	return e->rx.fill - e->rx.next + e->tx.tail - e->tx.clean + e->tx.ndead;
}
