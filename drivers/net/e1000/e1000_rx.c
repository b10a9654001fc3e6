// SPDX-License-Identifier: MIT
/*
 * Received bursts of the e1000: the hot path. Completion is the DD bit in memory; the only
 * register written is RDT, for 32 descriptors at a time. Each function that looks at descriptors
 * is compiled for legacy and for extended ones. Each pair's QGM.
 */
#include "drivers/net/e1000/e1000.h"

#define INLINE static inline __attribute__((always_inline))

/* --- buffers to the NIC -------------------------------------------------------------------- */

/* Give n buffers of the own pool to the NIC, from ring index k->fill on. */
static void rx_post(struct e1000_pair *k, struct packet *const *pkts, u32 n)
{
	struct e1000_rx_desc *ring = k->rx;
	struct packet **slot = k->rx_slot;
	u64 delta = k->iova_delta;
	u32 fill = k->fill;

	for (u32 i = 0; i < n; i++, fill++) {
		struct e1000_rx_desc *d = &ring[fill & E1000_MASK];
		struct packet *pkt = pkts[i];

		slot[fill & E1000_MASK] = pkt;
		store_relaxed(&d->word, 0);
		d->addr = (u64)(uintptr_t)pkt->data + delta;
	}
	k->fill = fill;
}

static void rx_doorbell(struct e1000_pair *k)
{
	mmio_wr32(&k->regs, e1000_pair_reg(E1000_RDT, k->nr), k->fill & E1000_MASK);
	k->rung = k->fill;
}

/* Post what the ring lacks, as far as the pool gives. */
static void rx_top_up(struct e1000_pair *k)
{
	struct packet *pkt[BURST_MAX];
	u32 want, n;

	if (k->room < k->write)
		return; /* a pool of a smaller class than the NIC may fill */
	while ((want = E1000_RING - 1 - (k->fill - k->next)) != 0) {
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

/* --- descriptors written back -------------------------------------------------------------- */

/*
 * A good frame has DD and EOP and no error; EOP is always there unless long packets are on and a
 * frame is longer than E1000_PART.
 */
struct rx_format {
	u64 dd, eop, err;
	u32 len; /* where the length begins */
};

static const struct rx_format legacy = { .dd = (u64)RXD_STAT_DD << 32,
					 .eop = (u64)RXD_STAT_EOP << 32,
					 .err = (u64)RXD_ERR_FRAME << 40,
					 .len = 0 };
static const struct rx_format extended = {
	.dd = RXD_STAT_DD, .eop = RXD_STAT_EOP, .err = (u64)RXD_ERR_FRAME << 24, .len = 32
};

static u64 rx_word(const struct e1000_rx_desc *d)
{
	return load_relaxed(&d->word);
}

/* A frame that is not as expected: by name, unless it is the rest of one that was counted. */
static void rx_count_bad(struct e1000_pair *k, u64 word, const struct rx_format *f)
{
	bool was_skipping = k->skip;

	k->skip = !(word & f->eop);
	if (was_skipping)
		return;
	if (!k->skip && word & f->err)
		counter_add(&k->count->rx_errors, 1);
	else
		counter_add(&k->count->bad_descriptor, 1);
}

/*
 * A long frame has its first E1000_PART bytes in one buffer and the rest in the next, since the NIC
 * knows no buffers between 8 and 16 KiB: the rest is moved behind the first part, where there is
 * room for it. 0: not a good frame of two parts (skip it); ~0: the rest is still to come.
 */
static u32 rx_join(struct e1000_pair *k, u32 at, const struct rx_format *f)
{
	u64 first = rx_word(&k->rx[at & E1000_MASK]), rest;
	u32 len;

	if (k->skip || k->write != E1000_PART || (u16)(first >> f->len) != E1000_PART ||
	    (first & (f->dd | f->eop | f->err)) != f->dd)
		return 0;
	if (at + 1 == k->fill || !((rest = rx_word(&k->rx[(at + 1) & E1000_MASK])) & f->dd))
		return ~0u;
	len = E1000_PART + (u16)(rest >> f->len);
	if ((rest & (f->dd | f->eop | f->err)) != (f->dd | f->eop) || len > k->room)
		return 0;
	fence_acquire();
	__builtin_memcpy(k->rx_slot[at & E1000_MASK]->data + E1000_PART,
			 k->rx_slot[(at + 1) & E1000_MASK]->data, (u16)(rest >> f->len));
	return len;
}

/*
 * Take up to max frames off the ring. Good ones go to pkts[0..n), the buffers of bad ones to the
 * end, pkts[max - *bad ..max): they are to be posted again. A frame in two parts needs max >= 2.
 */
INLINE u32 rx_collect(struct e1000_pair *k, struct packet **pkts, u32 max, u32 *bad,
		      const struct rx_format *f)
{
	const struct e1000_rx_desc *ring = k->rx;
	struct packet **slot = k->rx_slot;
	u64 checked = f->dd | f->eop | f->err;
	/* Nothing matches ~0: inside of a broken frame all goes the slow way. */
	u64 expected = k->skip ? ~0ull : f->dd | f->eop;
	u32 next = k->next, end = next + MIN(max, k->fill - next), last = k->write - 14, n = 0, len;

	*bad = 0;
	for (; next != end; next++) {
		struct packet *pkt = slot[next & E1000_MASK];
		u64 word = rx_word(&ring[next & E1000_MASK]);

		if (unlikely((word & checked) != expected || (u16)(word >> f->len) - 14u > last)) {
			if (!(word & f->dd))
				break;
			if (unlikely(!(word & f->eop) && (len = rx_join(k, next, f)))) {
				if (len == ~0u || next + 1 == end)
					break;
				pkt->len = (u16)len;
				pkts[n++] = pkt;
				pkts[max - ++*bad] = slot[++next & E1000_MASK];
				continue;
			}
			rx_count_bad(k, word, f);
			expected = k->skip ? ~0ull : f->dd | f->eop;
			pkts[max - ++*bad] = pkt;
			continue;
		}
		pkt->len = (u16)(word >> f->len);
		pkts[n++] = pkt;
	}
	fence_acquire(); /* with the NIC's write-back: what it wrote before DD is visible */
	k->next = next;
	return n;
}

INLINE u32 rx_burst(struct e1000_pair *k, struct pool_cache *pc, struct packet **pkts, u32 max,
		    const struct rx_format *f)
{
	struct packet *fresh[BURST_MAX];
	u32 got, bad, n;

	e1000_use_pool(k, pc);
	if (unlikely(!k->up))
		return 0;
	max = MIN(max, (u32)BURST_MAX);
	n = rx_collect(k, pkts, max, &bad, f);
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
	if (unlikely(k->fill - k->next < E1000_RING - 1))
		rx_top_up(k);
	else if (k->fill - k->rung >= E1000_RX_DOORBELL)
		rx_doorbell(k);
	return n;
}

u32 e1000_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	return rx_burst(e1000_pair(p, queue), pc, pkts, max, &legacy);
}

u32 e1000e_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	return rx_burst(e1000_pair(p, queue), pc, pkts, max, &extended);
}

void e1000_rx_free(struct e1000_pair *k)
{
	while (k->next != k->fill)
		pool_put(k->pc, &k->rx_slot[k->next++ & E1000_MASK], 1);
	k->next = k->fill = k->rung = 0;
	k->skip = false;
}

bool e1000_rx_ready(const struct e1000 *e, u32 i)
{
	const struct e1000_pair *k = &e->pair[i];
	u64 word = rx_word(&k->rx[load_relaxed(&k->next) & E1000_MASK]);

	return word & (e->variant->pcie ? extended.dd : legacy.dd);
}

/* --- sleep --------------------------------------------------------------------------------- */

static bool arm(struct e1000_pair *k, bool on, u64 dd, const struct e1000 *e)
{
	u32 causes =
		k->message ? (u32)ICR_RXQ0 << k->nr : ICR_RXT0 | ICR_RXO | ICR_RXDMT0 | ICR_LSC;

	if (unlikely(!k->up || !k->wakes))
		return false;
	if (!on) {
		mmio_wr32(&k->regs, E1000_IMC, causes);
		return false;
	}
	if (k->fill != k->rung)
		rx_doorbell(k);
	/* Forget causes that were served by polling; not those of another pair. */
	if (k->message)
		mmio_wr32(&k->regs, E1000_ICR, causes);
	else
		(void)mmio_rd32(&k->regs, E1000_ICR);
	mmio_wr32(&k->regs, E1000_IMS, causes);
	if (!k->message && e->irq)
		dev_irq_rearm(e->irq);
	/* A frame written back before IMS took effect has its cause in ICR still and interrupts;
	 * the caller polls the ring after this in any case. */
	fence_full();
	return rx_word(&k->rx[k->next & E1000_MASK]) & dd && k->next != k->fill;
}

bool e1000_arm(struct port *p, u32 queue, bool on)
{
	return arm(e1000_pair(p, queue), on, legacy.dd, p->priv);
}

bool e1000e_arm(struct port *p, u32 queue, bool on)
{
	return arm(e1000_pair(p, queue), on, extended.dd, p->priv);
}
