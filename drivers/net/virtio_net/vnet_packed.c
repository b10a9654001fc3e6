// SPDX-License-Identifier: MIT
/*
 * Bursts of virtio-net on packed virtqueues (2.8): one ring of descriptors, which the driver makes
 * available and the device overwrites as used, each telling by two flag bits against its wrap
 * counter. A buffer's id is ours to choose; frames may be used in any order. Each pair's QGM.
 */
#include "drivers/net/virtio_net/vnet_pair.h"

enum { BOTH = PVIRTQ_DESC_F_AVAIL | PVIRTQ_DESC_F_USED };

void vnet_packed_clear(struct vnet_queue *q)
{
	for (u32 i = 0; i < q->size; i++)
		q->packed[i] = (struct pvirtq_desc){ 0 };
	*q->ours = (struct pvirtq_event){ .flags = PVIRTQ_EVENT_DISABLE };
	*q->theirs = (struct pvirtq_event){ .flags = PVIRTQ_EVENT_ENABLE };
	q->seen = q->put = 0;
	q->used_flags = BOTH; /* wrap counters begin at 1 */
	q->put_flags = PVIRTQ_DESC_F_AVAIL;
	q->nfree = q->size;
	for (u16 i = 0; i < q->size; i++) {
		q->slot[i] = NULL;
		q->free[i] = (u16)(q->size - 1 - i);
	}
}

/* Ring, unless the device said that it polls, or asked for a position that n entries did not pass
 * (2.8.21.3.1). The flags of the entries are written. */
void vnet_packed_publish(struct vnet_queue *q, const struct mmio *notify, u16 n)
{
	struct pvirtq_event e;
	u32 word;
	u16 at;

	fence_full(); /* entries before their flags, as the device writes flags before it looks */
	word = load_relaxed((const u32 *)(const void *)q->theirs);
	e.desc = (u16)word;
	e.flags = (u16)(word >> 16);
	if ((e.flags & 3) == PVIRTQ_EVENT_DISABLE)
		return;
	if ((e.flags & 3) == PVIRTQ_EVENT_DESC) {
		at = e.desc & 0x7fff;
		if (!(e.desc >> 15) != !(q->put_flags & PVIRTQ_DESC_F_AVAIL))
			at = (u16)(at - q->size); /* of the lap before */
		if (!vnet_need_event(at, q->put, (u16)(q->put - n)))
			return;
	}
	mmio_wr16(notify, q->doorbell, q->index);
}

static inline void put_one(struct vnet_queue *q, u64 addr, u32 len, u16 id, u16 flags)
{
	struct pvirtq_desc *d = &q->packed[q->put];

	d->addr = addr;
	d->len = len;
	d->id = id;
	store_release(&d->flags, (u16)(flags | q->put_flags)); /* with the device's read of them */
	if (unlikely(++q->put == q->size)) {
		q->put = 0;
		q->put_flags ^= BOTH;
	}
}

/* The next entry that the device has used, if there is one. */
static inline const struct pvirtq_desc *used(const struct vnet_queue *q)
{
	const struct pvirtq_desc *d = &q->packed[q->seen];

	return (load_acquire(&d->flags) & BOTH) == q->used_flags ? d : NULL;
}

static inline void see_one(struct vnet_queue *q)
{
	if (unlikely(++q->seen == q->size)) {
		q->seen = 0;
		q->used_flags ^= BOTH;
	}
}

/* --- receive ------------------------------------------------------------------------------- */

static void rx_post(struct vnet_pair *k, const u16 *id, struct packet *const *pkts, u32 n)
{
	u64 delta = k->iova_delta - VNET_HDR;
	u32 len = VNET_HDR + k->room;

	for (u32 i = 0; i < n; i++) {
		k->rx.slot[id[i]] = pkts[i];
		put_one(&k->rx, (u64)(uintptr_t)pkts[i]->data + delta, len, id[i],
			VIRTQ_DESC_F_WRITE);
	}
}

static void rx_top_up(struct vnet_pair *k)
{
	struct vnet_queue *q = &k->rx;
	struct packet *pkt[BURST_MAX];
	u16 id[BURST_MAX];
	u32 n, total = 0;

	if (k->room < k->frame_max)
		return;
	do {
		n = vnet_fresh(k, pkt, MIN((u32)q->nfree, (u32)BURST_MAX));
		for (u32 i = 0; i < n; i++)
			id[i] = q->free[--q->nfree];
		rx_post(k, id, pkt, n);
		total += n;
	} while (n && q->nfree);
	if (total) {
		k->filled = true;
		vnet_packed_publish(q, &k->notify, (u16)total);
	}
}

/* Up to max used entries: packets to pkts, ids to id. Stops at a lie and says so. */
static u32 rx_collect(struct vnet_pair *k, struct packet **pkts, u16 *id, u32 max, bool *lie)
{
	struct vnet_queue *q = &k->rx;
	const struct pvirtq_desc *d;
	u32 n;

	*lie = false;
	for (n = 0; n < max && (d = used(q)); n++) {
		u32 i = load_relaxed(&d->id), len = load_relaxed(&d->len) - VNET_HDR;
		struct packet *pkt;

		if (unlikely(i >= q->size || len > k->room || !(pkt = q->slot[i]))) {
			*lie = true;
			break;
		}
		q->slot[i] = NULL; /* not twice */
		pkt->len = (u16)len;
		id[n] = (u16)i;
		pkts[n] = pkt;
		see_one(q);
	}
	return n;
}

u32 vnet_packed_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct vnet_pair *k = &((struct vnet *)p->priv)->pair[queue];
	struct packet *fresh[BURST_MAX];
	u16 id[BURST_MAX];
	u32 got, n;
	bool lie;

	vnet_use_pool(k, pc);
	if (unlikely(!k->up))
		return 0;
	n = rx_collect(k, pkts, id, MIN(max, (u32)BURST_MAX), &lie);
	if (n) {
		u32 all = n;

		got = pool_get(pc, fresh, n);
		rx_post(k, id, fresh, got);
		if (unlikely(got < n)) { /* the newest give their buffers */
			rx_post(k, &id[got], &pkts[got], n - got);
			counter_add(&k->count->rx_nobuf, n - got);
			n = got;
		}
		vnet_packed_publish(&k->rx, &k->notify, (u16)all);
	}
	if (unlikely(lie))
		vnet_broken(k);
	else if (unlikely(k->rx.nfree))
		rx_top_up(k);
	return n;
}

/* --- transmit ------------------------------------------------------------------------------ */

/* Put the packets of used entries back, at most BURST_MAX; stops at a lie, which sets *lie. */
static u32 tx_collect(struct vnet_pair *k, struct pool_cache *pc, bool *lie)
{
	struct vnet_queue *q = &k->tx;
	struct packet *done[BURST_MAX];
	const struct pvirtq_desc *d;
	u32 n;

	*lie = false;
	for (n = 0; n < BURST_MAX && (d = used(q)); n++) {
		u32 id = load_relaxed(&d->id);

		*lie = id >= q->size || !q->slot[id];
		if (unlikely(*lie))
			break;
		done[n] = q->slot[id];
		q->slot[id] = NULL;
		q->free[q->nfree++] = (u16)id;
		see_one(q);
	}
	if (n)
		pool_put(pc, done, n);
	return n;
}

u32 vnet_packed_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct vnet_pair *k = &((struct vnet *)p->priv)->pair[queue];
	struct vnet_queue *q = &k->tx;
	u64 delta = k->iova_delta;
	u32 frame_max = k->frame_max, i;
	u16 sent = 0;
	bool lie; /* met again, and answered, by the next reclaim */

	if (unlikely(!k->up || !k->filled))
		return 0;
	if (unlikely(q->nfree < n)) {
		while (tx_collect(k, k->pc, &lie) == BURST_MAX)
			;
		n = MIN(n, (u32)q->nfree);
	}
	for (i = 0; i < n; i++) {
		struct packet *pkt = pkts[i];
		u32 len = pkt->len;
		u8 *h = pkt->data - VNET_HDR;
		u16 id;

		if (unlikely(len - PACKET_MIN_FRAME > frame_max - PACKET_MIN_FRAME) &&
		    !vnet_odd_length(pkt, &len, frame_max)) {
			if (!vnet_bury(k, pkt))
				break;
			continue;
		}
		__builtin_memset(h, 0, VNET_HDR);
		id = q->free[--q->nfree];
		q->slot[id] = pkt;
		put_one(q,
			likely(pkt->pool == k->pool) ? (u64)(uintptr_t)h + delta
						     : pool_packet_iova(k->pc, pkt) - VNET_HDR,
			len + VNET_HDR, id, 0);
		sent++;
	}
	if (sent)
		vnet_packed_publish(q, &k->notify, sent);
	return i;
}

u32 vnet_packed_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	return vnet_pair_reclaim(p, queue, pc, tx_collect);
}

u32 vnet_packed_drain(struct port *p, u32 queue, struct pool_cache *pc)
{
	return vnet_pair_drain(p, queue, pc, tx_collect, vnet_packed_clear);
}

/* --- sleep --------------------------------------------------------------------------------- */

bool vnet_packed_arm(struct port *p, u32 queue, bool on)
{
	struct vnet_pair *k = &((struct vnet *)p->priv)->pair[queue];

	if (unlikely(!k->up))
		return false;
	store_relaxed(&k->rx.ours->flags, on ? PVIRTQ_EVENT_ENABLE : PVIRTQ_EVENT_DISABLE);
	if (!on)
		return false;
	fence_full(); /* that before the entries; the device writes entries before it reads that */
	return used(&k->rx) != NULL;
}
