// SPDX-License-Identifier: MIT
/*
 * Received bursts of vmxnet3: the hot path. The device finds buffers by their generation bit; the
 * register RXPROD is written only where the device asks for it, and when a ring was short. Each
 * pair's QGM.
 */
#include "drivers/net/vmxnet3/vmxnet3.h"

static void use_pool(struct vmxnet3_pair *k, struct pool_cache *pc)
{
	if (unlikely(k->pc != pc)) {
		k->pc = pc;
		k->room = pool_room(pc);
	}
}

/* --- buffers to the device ----------------------------------------------------------------- */

static void rx_post(struct vmxnet3_pair *k, struct packet *const *pkts, u32 n)
{
	u64 delta = k->iova_delta;
	u32 fill = k->fill, len = k->frame_max;

	for (u32 i = 0; i < n; i++, fill++) {
		struct vmxnet3_desc *d = &k->rx[fill & VMXNET3_MASK];

		k->rx_slot[fill & VMXNET3_MASK] = pkts[i];
		if (unlikely(pkts[i]->pool != k->pool)) {
			delta = pool_packet_iova(k->pc, pkts[i]) - (uintptr_t)pkts[i]->data;
			k->iova_delta = delta;
			k->pool = pkts[i]->pool;
		}
		d->addr = (u64)(uintptr_t)pkts[i]->data + delta;
		/* With the generation it is the device's; a head buffer. */
		store_release(&d->word, len | vmxnet3_gen(fill, VMXNET3_RING)
							<< VMXNET3_RXD_GEN_SHIFT);
	}
	k->fill = fill;
}

static void rx_doorbell(struct vmxnet3_pair *k)
{
	vmxnet3_bell(&k->regs, VMXNET3_RXPROD, k->nr, k->fill & VMXNET3_MASK);
	k->rung = k->fill;
}

/* Post what the ring lacks, as far as the pool gives. */
static void rx_top_up(struct vmxnet3_pair *k)
{
	struct packet *pkt[BURST_MAX];
	u32 want, n;

	if (k->room < k->frame_max)
		return; /* a pool of a smaller class than the device may fill */
	while ((want = VMXNET3_RING - 1 - (k->fill - k->next)) != 0) {
		n = pool_get(k->pc, pkt, MIN(want, (u32)BURST_MAX));
		rx_post(k, pkt, n);
		if (n < MIN(want, (u32)BURST_MAX))
			break;
	}
	if (k->fill != k->rung)
		rx_doorbell(k);
}

/* --- completions --------------------------------------------------------------------------- */

enum rx_kind { RX_NONE, RX_GOOD, RX_BAD, RX_SKIPPED };

/* A completion that cannot be: nothing of the device is believed until its reset. */
static enum rx_kind rx_lie(struct vmxnet3_pair *k)
{
	counter_add(&k->count->bad_descriptor, 1);
	k->live = false;
	port_want_reset(k->port);
	return RX_NONE;
}

/* Not one whole frame. One that the device calls wrong is in its own statistics; the rest of one
 * that was counted is not counted again. */
static enum rx_kind rx_bad(struct vmxnet3_pair *k, u64 head, u64 word)
{
	bool was_skipping = k->skip;

	k->skip = !(head & VMXNET3_RCD_EOP);
	if (!was_skipping && !(word & VMXNET3_RCD_ERR && !k->skip))
		counter_add(&k->count->bad_descriptor, 1);
	return RX_BAD;
}

/* What became of the buffer at `next`; its length. The device may leave buffers out. */
static inline enum rx_kind rx_look(struct vmxnet3_pair *k, u32 next, u32 *len)
{
	const struct vmxnet3_desc *c = &k->rx_comp[k->comp & (VMXNET3_RX_COMP - 1)];
	u64 word = load_relaxed(&c->word), head;
	u32 ahead;

	if (word >> VMXNET3_CD_GEN_SHIFT != vmxnet3_gen(k->comp, VMXNET3_RX_COMP))
		return RX_NONE;
	fence_acquire(); /* the rest, and the frame, were written before the generation */
	head = load_relaxed(&c->addr);
	ahead = ((u32)head - next) & VMXNET3_MASK;
	if (unlikely((head & VMXNET3_CD_INDEX) > VMXNET3_MASK || ahead >= k->fill - next ||
		     (head >> VMXNET3_RCD_RQID_SHIFT & VMXNET3_RCD_RQID_MASK) != k->nr))
		return rx_lie(k);
	if (unlikely(ahead))
		return RX_SKIPPED;
	k->comp++;
	*len = (u32)word & VMXNET3_RCD_LEN_MASK;
	if (unlikely((head & (VMXNET3_RCD_SOP | VMXNET3_RCD_EOP)) !=
			     (VMXNET3_RCD_SOP | VMXNET3_RCD_EOP) ||
		     word & VMXNET3_RCD_ERR || k->skip || *len - 14u > k->frame_max - 14u))
		return rx_bad(k, head, word);
	return RX_GOOD;
}

/* Good frames to pkts[0..n), buffers to post again to the end, pkts[max - *again ..max). */
static u32 rx_collect(struct vmxnet3_pair *k, struct packet **pkts, u32 max, u32 *again)
{
	u32 next = k->next, end = next + MIN(max, k->fill - next), n = 0, len = 0;

	*again = 0;
	for (; next != end; next++) {
		struct packet *pkt = k->rx_slot[next & VMXNET3_MASK];
		enum rx_kind kind = rx_look(k, next, &len);

		if (kind == RX_NONE)
			break;
		if (unlikely(kind != RX_GOOD)) {
			pkts[max - ++*again] = pkt;
			continue;
		}
		pkt->len = (u16)len;
		pkts[n++] = pkt;
	}
	store_relaxed(&k->next, next);
	return n;
}

u32 vmxnet3_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct vmxnet3_pair *k = &((struct vmxnet3 *)p->priv)->pair[queue];
	struct packet *fresh[BURST_MAX];
	u32 got, again, n;

	use_pool(k, pc);
	if (unlikely(!k->live))
		return 0;
	max = MIN(max, (u32)BURST_MAX);
	n = rx_collect(k, pkts, max, &again);
	if (unlikely(again))
		rx_post(k, &pkts[max - again], again);
	if (n) {
		got = pool_get(pc, fresh, n);
		rx_post(k, fresh, got);
		if (unlikely(got < n)) { /* the newest give their buffers */
			rx_post(k, &pkts[got], n - got);
			counter_add(&k->count->rx_nobuf, n - got);
			n = got;
		}
	}
	if (unlikely(k->fill - k->next < VMXNET3_RING - 1))
		rx_top_up(k);
	else if (unlikely(k->fill - k->rung >= VMXNET3_DOORBELL &&
			  load_relaxed(&k->q->update_prod)))
		rx_doorbell(k);
	return n;
}

void vmxnet3_rx_free(struct vmxnet3_pair *k)
{
	while (k->next != k->fill)
		pool_put(k->pc, &k->rx_slot[k->next++ & VMXNET3_MASK], 1);
	k->next = k->fill = k->rung = k->comp = 0;
	k->skip = false;
}

/* --- sleep --------------------------------------------------------------------------------- */

/* The device keeps in mind what came while the vector was masked, so that the first sleep after
 * work ends at once. */
bool vmxnet3_arm(struct port *p, u32 queue, bool on)
{
	struct vmxnet3_pair *k = &((struct vmxnet3 *)p->priv)->pair[queue];

	if (unlikely(!k->live || !k->wakes))
		return false;
	if (on && k->fill != k->rung && load_relaxed(&k->q->update_prod))
		rx_doorbell(k);
	vmxnet3_bell(&k->regs, VMXNET3_IMR, k->nr, !on);
	if (!on)
		return false;
	fence_full(); /* unmasked, then look once more */
	return k->next != k->fill && vmxnet3_came(k->rx_comp, k->comp, VMXNET3_RX_COMP);
}
