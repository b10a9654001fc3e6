// SPDX-License-Identifier: MIT
/*
 * Receiving with the 82599: the hot path. Completion is the DD bit in memory; the only register
 * written is the queue's tail, for 32 descriptors at a time. The queue's QGM. A descriptor is
 * read once, as one word, and judged before it is used: a wrong one costs its frame.
 */
#include "drivers/net/ixgbe/ixgbe.h"

enum { RX_MASK = IXGBE_RX_RING - 1 };

/* A good frame: done, all of it in this buffer, no MAC error. */
#define RXD_CHECKED  (RXD_DD | RXD_EOP | RXD_RXE)
#define RXD_EXPECTED (RXD_DD | RXD_EOP)

static inline u64 rx_word(const struct ixgbe_rx_desc *d)
{
	return load_relaxed(&d->word);
}

bool ixgbe_rx_done(const struct ixgbe_rx *q, u32 next)
{
	return rx_word(&q->ring[next & RX_MASK]) & RXD_DD;
}

/* Give n buffers to the NIC, from ring index q->fill on. */
static void rx_post(struct ixgbe_rx *q, struct packet *const *pkts, u32 n)
{
	struct ixgbe_rx_desc *ring = q->ring;
	struct packet **slot = q->slot;
	u64 delta = q->delta;
	u32 fill = q->fill;

	for (u32 i = 0; i < n; i++, fill++) {
		struct ixgbe_rx_desc *d = &ring[fill & RX_MASK];
		struct packet *pkt = pkts[i];

		slot[fill & RX_MASK] = pkt;
		store_relaxed(&d->word, 0);
		d->addr = (u64)(uintptr_t)pkt->data + delta;
	}
	store_relaxed(&q->fill, fill);
}

static void rx_doorbell(const struct ixgbe *e, struct ixgbe_rx *q)
{
	mmio_wr32(&e->regs, q->tail_reg, q->fill & RX_MASK);
	q->rung = q->fill;
}

static void rx_use_pool(struct ixgbe_rx *q, struct pool_cache *pc, struct packet *pkt)
{
	q->pc = pc;
	q->delta = pool_iova(pc, pkt->data) - (uintptr_t)pkt->data;
	q->pool = pkt->pool;
}

/* Post what the ring lacks, as far as the pool gives. */
static void rx_top_up(struct ixgbe *e, u32 queue, struct pool_cache *pc)
{
	struct ixgbe_rx *q = &e->queue[queue].rx;
	struct packet *pkt[BURST_MAX];
	u32 want, n;

	e->queue[queue].tx.pc = pc;
	if (pool_room(pc) < q->room)
		return; /* a pool of a smaller class than the NIC may fill */
	while ((want = IXGBE_RX_RING - 1 - (q->fill - q->next)) != 0) {
		n = pool_get(pc, pkt, MIN(want, (u32)BURST_MAX));
		if (n)
			rx_use_pool(q, pc, pkt[0]);
		rx_post(q, pkt, n);
		if (n < MIN(want, (u32)BURST_MAX))
			break;
	}
	if (q->fill != q->rung)
		rx_doorbell(e, q);
}

/* A frame that is not as expected: by name, unless it is the rest of one that was counted. */
static void rx_count_bad(struct ixgbe_rx *q, struct port_queue_counters *c, u64 word)
{
	bool was_skipping = q->skip;

	q->skip = !(word & RXD_EOP);
	if (was_skipping)
		return;
	if (!q->skip && word & RXD_RXE)
		counter_add(&c->rx_errors, 1);
	else
		counter_add(&c->bad_descriptor, 1);
}

/*
 * Take up to max frames off the ring. Good ones go to pkts[0..n), the buffers of bad ones to the
 * end, pkts[max - *bad ..max): they are to be posted again.
 */
static u32 rx_collect(struct ixgbe_rx *q, struct port_queue_counters *c, struct packet **pkts,
		      u32 max, u32 *bad)
{
	const struct ixgbe_rx_desc *ring = q->ring;
	struct packet **slot = q->slot;
	/* Nothing matches ~0: inside of a broken frame all goes the slow way. */
	u64 expected = unlikely(q->skip) ? ~0ull : RXD_EXPECTED;
	u32 next = q->next, end = next + MIN(max, q->fill - next), last = q->room - 14, n = 0;

	*bad = 0;
	for (; next != end; next++) {
		struct packet *pkt = slot[next & RX_MASK];
		u64 word = rx_word(&ring[next & RX_MASK]);
		u32 len = (u16)(word >> RXD_LEN_SHIFT);

		if (unlikely((word & RXD_CHECKED) != expected || len - 14u > last)) {
			if (!(word & RXD_DD))
				break;
			rx_count_bad(q, c, word);
			expected = q->skip ? ~0ull : RXD_EXPECTED;
			pkts[max - ++*bad] = pkt;
			continue;
		}
		pkt->len = (u16)len;
		pkts[n++] = pkt;
	}
	fence_acquire(); /* with the NIC's write-back: what it wrote before DD is visible */
	store_relaxed(&q->next, next);
	return n;
}

u32 ixgbe_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct ixgbe *e = p->priv;
	struct ixgbe_rx *q = &e->queue[queue].rx;
	struct packet *fresh[BURST_MAX];
	u32 got, bad, n;

	if (unlikely(!q->live))
		return 0;
	max = MIN(max, (u32)BURST_MAX);
	n = rx_collect(q, &p->qnic[queue], pkts, max, &bad);
	if (unlikely(bad))
		rx_post(q, &pkts[max - bad], bad);
	if (n) {
		got = pool_get(pc, fresh, n);
		if (got && unlikely(q->pc != pc))
			rx_use_pool(q, pc, fresh[0]);
		rx_post(q, fresh, got);
		if (unlikely(got < n)) { /* the newest give their buffers */
			rx_post(q, &pkts[got], n - got);
			counter_add(&p->qnic[queue].rx_nobuf, n - got);
			n = got;
		}
	}
	if (unlikely(q->fill - q->next != IXGBE_RX_RING - 1))
		rx_top_up(e, queue, pc);
	else if (q->fill - q->rung >= IXGBE_RX_DOORBELL)
		rx_doorbell(e, q);
	return n;
}

void ixgbe_rx_free(struct ixgbe_rx *q, struct pool_cache *pc)
{
	for (; q->next != q->fill; q->next++)
		pool_put(pc, &q->slot[q->next & RX_MASK], 1);
	q->next = q->fill = q->rung = 0;
	q->skip = false;
	q->pc = NULL;
}

/* --- sleep --------------------------------------------------------------------------------- */

/* Vector = queue. Each of these registers takes single bits, so that QGMs need not agree. */
bool ixgbe_arm(struct port *p, u32 queue, bool on)
{
	struct ixgbe *e = p->priv;
	struct ixgbe_rx *q = &e->queue[queue].rx;

	if (unlikely(!q->live))
		return false;
	if (!on) {
		ixgbe_wr(e, IXGBE_EIMC, 1u << queue);
		return false;
	}
	if (q->fill != q->rung)
		rx_doorbell(e, q);
	ixgbe_wr(e, IXGBE_EICR, 1u << queue); /* forget causes that were served by polling */
	ixgbe_wr(e, IXGBE_EIMS, 1u << queue);
	/* A frame written back before EIMS took effect has its cause in EICR still and interrupts;
	 * the caller polls the ring after this in any case. */
	fence_full();
	return q->next != q->fill && ixgbe_rx_done(q, q->next);
}
