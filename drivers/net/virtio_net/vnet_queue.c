// SPDX-License-Identifier: MIT
/*
 * Bursts of virtio-net. Completion is the used ring in memory; one doorbell at most per burst, and
 * only while the device wants them (used.flags). Owner QGM.
 */
#include "drivers/net/virtio_net/vnet_pair.h"

/*
 * Make what we put visible to the device and ring, unless it said that it polls (2.7.13): by
 * used.flags, or by a position in the available ring that has not been passed yet (avail_event).
 */
void vnet_publish(struct vnet_pair *k, struct vnet_queue *q, u16 old)
{
	bool wanted;

	store_release(&q->avail->idx, q->put); /* with the device's read of idx */
	fence_full(); /* idx before used.flags, as the device writes flags before it reads idx */
	if (q->event)
		wanted = vnet_need_event(load_relaxed((u16 *)(void *)&q->used->ring[q->size]),
					 q->put, old);
	else
		wanted = !(load_relaxed(&q->used->flags) & VIRTQ_USED_F_NO_NOTIFY);
	if (wanted)
		mmio_wr16(&k->notify, q->doorbell, q->index);
}

/* Entries that the device has used and we have not seen. */
static u16 used_count(const struct vnet_queue *q)
{
	return (u16)(load_acquire(&q->used->idx) - q->seen);
}

/* No interrupt: with event index, none before that many more entries. Without, nobody looks. */
static void event_away(struct vnet_queue *q)
{
	q->event_at = q->seen;
	store_relaxed(&q->avail->ring[q->size], (u16)(q->seen + VNET_EVENT_AWAY));
}

/* Once in a while, so that they are never reached. */
static inline void event_follow(struct vnet_queue *q)
{
	if (unlikely((u16)(q->seen - q->event_at) >= VNET_EVENT_AWAY / 2))
		event_away(q);
}

void vnet_queue_clear(struct vnet_queue *q)
{
	u64 *w = (u64 *)q->desc;

	for (u32 i = 0; i < q->size * sizeof(*q->desc) / sizeof(*w); i++)
		w[i] = 0;
	q->avail->flags = q->event ? 0 : VIRTQ_AVAIL_F_NO_INTERRUPT;
	q->avail->idx = 0;
	q->used->flags = 0;
	q->used->idx = 0;
	q->seen = q->put = 0;
	*(u16 *)(void *)&q->used->ring[q->size] = 0; /* avail_event: the first entry */
	event_away(q);
	q->nfree = q->size;
	for (u16 i = 0; i < q->size; i++) {
		q->slot[i] = NULL;
		q->free[i] = (u16)(q->size - 1 - i);
	}
}

/* --- receive ------------------------------------------------------------------------------- */

/* Give buffers of the own pool to the device in descriptors id[0..n); length and flags stand. */
void vnet_rx_post(struct vnet_pair *k, const u16 *id, struct packet *const *pkts, u32 n)
{
	struct vnet_queue *q = &k->rx;
	struct virtq_desc *desc = q->desc;
	struct packet **slot = q->slot;
	u16 *ring = q->avail->ring, mask = q->mask, put = q->put;
	u64 delta = k->iova_delta - VNET_HDR;

	for (u32 i = 0; i < n; i++) {
		slot[id[i]] = pkts[i];
		desc[id[i]].addr = (u64)(uintptr_t)pkts[i]->data + delta;
		ring[put++ & mask] = id[i];
	}
	q->put = put;
}

static void rx_top_up(struct vnet_pair *k)
{
	struct vnet_queue *q = &k->rx;
	struct packet *pkt[BURST_MAX];
	u16 id[BURST_MAX], before = q->put;
	u32 n;

	if (k->room < k->frame_max)
		return;
	do {
		n = vnet_fresh(k, pkt, MIN((u32)q->nfree, (u32)BURST_MAX));
		for (u32 i = 0; i < n; i++) {
			id[i] = q->free[--q->nfree];
			q->desc[id[i]].len = VNET_HDR + k->room;
			q->desc[id[i]].flags = VIRTQ_DESC_F_WRITE;
		}
		vnet_rx_post(k, id, pkt, n);
	} while (n && q->nfree);
	if (q->put != before) {
		k->filled = true;
		vnet_publish(k, q, before);
	}
}

/*
 * Take up to max used entries: packets to pkts, their descriptors to id. Stops at a lie (an id that
 * is not outstanding, a length that cannot be) and says so.
 */
static u32 rx_collect(struct vnet_pair *k, struct packet **pkts, u16 *id, u32 max, bool *lie)
{
	struct vnet_queue *q = &k->rx;
	const struct virtq_used_elem *ring = q->used->ring;
	struct packet **slot = q->slot;
	u32 ready = used_count(q), size = q->size, room = k->room, n;
	u16 seen = q->seen, mask = q->mask;

	*lie = ready > size;
	ready = unlikely(*lie) ? 0 : MIN(ready, max);
	for (n = 0; n < ready; n++, seen++) {
		u32 i = load_relaxed(&ring[seen & mask].id);
		u32 len = load_relaxed(&ring[seen & mask].len) - VNET_HDR;
		struct packet *pkt;

		if (unlikely(i >= size || len > room || !(pkt = slot[i]))) {
			*lie = true;
			break;
		}
		slot[i] = NULL; /* not twice */
		pkt->len = (u16)len;
		id[n] = (u16)i;
		pkts[n] = pkt;
	}
	q->seen = seen;
	event_follow(q);
	return n;
}

u32 vnet_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct vnet_pair *k = &((struct vnet *)p->priv)->pair[queue];
	struct packet *fresh[BURST_MAX];
	u16 id[BURST_MAX], before;
	u32 got, n;
	bool lie;

	vnet_use_pool(k, pc);
	if (unlikely(!k->up))
		return 0;
	max = MIN(max, (u32)BURST_MAX);
	before = k->rx.put;
	if (unlikely(k->merge)) {
		n = vnet_rx_merge(k, pc, pkts, max, &lie);
		if (k->rx.put != before)
			vnet_publish(k, &k->rx, before);
	} else if ((n = rx_collect(k, pkts, id, max, &lie))) {
		got = pool_get(pc, fresh, n);
		vnet_rx_post(k, id, fresh, got);
		if (unlikely(got < n)) { /* the newest give their buffers */
			vnet_rx_post(k, &id[got], &pkts[got], n - got);
			counter_add(&k->count->rx_nobuf, n - got);
			n = got;
		}
		vnet_publish(k, &k->rx, before);
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
	u32 ready = used_count(q), n = 0;

	*lie = ready > q->size;
	ready = *lie ? 0 : MIN(ready, (u32)BURST_MAX);
	for (; n < ready; n++) {
		u32 id = load_relaxed(&q->used->ring[q->seen & q->mask].id);

		*lie = id >= q->size || !q->slot[id];
		if (unlikely(*lie))
			break;
		q->seen++;
		done[n] = q->slot[id];
		q->slot[id] = NULL;
		q->free[q->nfree++] = (u16)id;
	}
	if (n)
		pool_put(pc, done, n);
	event_follow(q);
	return n;
}

u32 vnet_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct vnet_pair *k = &((struct vnet *)p->priv)->pair[queue];
	struct vnet_queue *q = &k->tx;
	struct virtq_desc *desc = q->desc;
	struct packet **slot = q->slot;
	u16 *ring = q->avail->ring, mask = q->mask, put = q->put, before = put, nfree;
	u64 delta = k->iova_delta;
	u32 pool = k->pool, frame_max = k->frame_max;
	bool lie; /* met again, and answered, by the next reclaim */
	u32 i;

	if (unlikely(!k->up || !k->filled))
		return 0;
	if (unlikely(q->nfree < n)) { /* a turn may bring more than a ring's worth */
		while (tx_collect(k, k->pc, &lie) == BURST_MAX)
			;
		n = MIN(n, (u32)q->nfree);
	}
	nfree = q->nfree;
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
		id = q->free[--nfree];
		slot[id] = pkt;
		desc[id].addr = likely(pkt->pool == pool) ? (u64)(uintptr_t)h + delta
							  : pool_packet_iova(k->pc, pkt) - VNET_HDR;
		desc[id].len = len + VNET_HDR; /* flags are 0 and stay it */
		ring[put++ & mask] = id;
	}
	q->nfree = nfree;
	if (put != before) {
		q->put = put;
		vnet_publish(k, q, before);
	}
	return i;
}

u32 vnet_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	return vnet_pair_reclaim(p, queue, pc, tx_collect);
}

u32 vnet_drain(struct port *p, u32 queue, struct pool_cache *pc)
{
	return vnet_pair_drain(p, queue, pc, tx_collect, vnet_queue_clear);
}

/* --- sleep --------------------------------------------------------------------------------- */

bool vnet_arm(struct port *p, u32 queue, bool on)
{
	struct vnet_pair *k = &((struct vnet *)p->priv)->pair[queue];
	struct vnet_queue *q = &k->rx;

	if (unlikely(!k->up))
		return false;
	if (q->event) {
		if (on)
			store_relaxed(&q->avail->ring[q->size], q->seen);
		else
			event_away(q);
	} else {
		store_relaxed(&q->avail->flags, on ? 0 : VIRTQ_AVAIL_F_NO_INTERRUPT);
	}
	if (!on)
		return false;
	/* That before used.idx; the device writes used.idx before it reads that (2.7.7). */
	fence_full();
	return used_count(q) != 0;
}
