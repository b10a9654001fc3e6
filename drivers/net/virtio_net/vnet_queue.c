// SPDX-License-Identifier: MIT
/*
 * Bursts of virtio-net. Completion is the used ring in memory; one doorbell at most per burst, and
 * only while the device wants them (used.flags). Owner QGM.
 */
#include "drivers/net/virtio_net/virtio_net.h"

/* Make what we put visible to the device and ring, unless it said that it polls (2.7.13). */
static void publish(struct vnet *v, struct vnet_queue *q)
{
	store_release(&q->avail->idx, q->put); /* with the device's read of idx */
	fence_full(); /* idx before used.flags, as the device writes flags before it reads idx */
	if (!(load_relaxed(&q->used->flags) & VIRTQ_USED_F_NO_NOTIFY))
		mmio_wr16(&v->notify, q->doorbell, q->index);
}

/* Entries that the device has used and we have not seen. */
static u16 used_count(const struct vnet_queue *q)
{
	return (u16)(load_acquire(&q->used->idx) - q->seen);
}

/* The device broke the protocol: nothing it says counts any more. */
static void broken(struct vnet *v)
{
	counter_add(&v->port->nic.bad_descriptor, 1);
	vnet_reset_begin(v);
}

void vnet_queue_clear(struct vnet_queue *q)
{
	u64 *w = (u64 *)q->desc;

	for (u32 i = 0; i < q->size * sizeof(*q->desc) / sizeof(*w); i++)
		w[i] = 0;
	q->avail->flags = VIRTQ_AVAIL_F_NO_INTERRUPT;
	q->avail->idx = 0;
	q->used->flags = 0;
	q->used->idx = 0;
	q->seen = q->put = 0;
	q->nfree = q->size;
	for (u16 i = 0; i < q->size; i++) {
		q->slot[i] = NULL;
		q->free[i] = (u16)(q->size - 1 - i);
	}
}

/* --- receive ------------------------------------------------------------------------------- */

/* Give buffers of the own pool to the device in descriptors id[0..n); length and flags stand. */
static void rx_post(struct vnet *v, const u16 *id, struct packet *const *pkts, u32 n)
{
	struct vnet_queue *q = &v->rx;
	struct virtq_desc *desc = q->desc;
	struct packet **slot = q->slot;
	u16 *ring = q->avail->ring, mask = q->mask, put = q->put;
	u64 delta = v->iova_delta - VNET_HDR;

	for (u32 i = 0; i < n; i++) {
		slot[id[i]] = pkts[i];
		desc[id[i]].addr = (u64)(uintptr_t)pkts[i]->data + delta;
		ring[put++ & mask] = id[i];
	}
	q->put = put;
}

static void rx_top_up(struct vnet *v)
{
	struct vnet_queue *q = &v->rx;
	struct packet *pkt[BURST_MAX];
	u16 id[BURST_MAX], before = q->put;
	u32 n;

	if (v->room < v->frame_max)
		return;
	do {
		n = pool_get(v->pc, pkt, MIN((u32)q->nfree, (u32)BURST_MAX));
		if (n) {
			v->iova_delta = pool_iova(v->pc, pkt[0]->data) - (uintptr_t)pkt[0]->data;
			v->pool = pkt[0]->pool;
		}
		for (u32 i = 0; i < n; i++) {
			id[i] = q->free[--q->nfree];
			q->desc[id[i]].len = VNET_HDR + v->room;
			q->desc[id[i]].flags = VIRTQ_DESC_F_WRITE;
		}
		rx_post(v, id, pkt, n);
	} while (n && q->nfree);
	if (q->put != before) {
		v->filled = true;
		publish(v, q);
	}
}

static void use_pool(struct vnet *v, struct pool_cache *pc)
{
	if (unlikely(v->pc != pc)) {
		v->pc = pc;
		v->room = pool_room(pc);
	}
}

/*
 * Take up to max used entries: packets to pkts, their descriptors to id. Stops at a lie (an id that
 * is not outstanding, a length that cannot be) and says so.
 */
static u32 rx_collect(struct vnet *v, struct packet **pkts, u16 *id, u32 max, bool *lie)
{
	struct vnet_queue *q = &v->rx;
	const struct virtq_used_elem *ring = q->used->ring;
	struct packet **slot = q->slot;
	u32 ready = used_count(q), size = q->size, room = v->room, n;
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
	return n;
}

u32 vnet_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct vnet *v = p->priv;
	struct packet *fresh[BURST_MAX];
	u16 id[BURST_MAX];
	u32 got, n;
	bool lie;

	(void)queue;
	use_pool(v, pc);
	if (unlikely(v->phase != VNET_UP))
		return 0;
	n = rx_collect(v, pkts, id, MIN(max, (u32)BURST_MAX), &lie);
	if (n) {
		got = pool_get(pc, fresh, n);
		rx_post(v, id, fresh, got);
		if (unlikely(got < n)) { /* the newest give their buffers */
			rx_post(v, &id[got], &pkts[got], n - got);
			counter_add(&p->nic.rx_nobuf, n - got);
			n = got;
		}
		publish(v, &v->rx);
	}
	if (unlikely(lie))
		broken(v);
	else if (unlikely(v->rx.nfree))
		rx_top_up(v);
	return n;
}

/* --- transmit ------------------------------------------------------------------------------ */

/* An impossible frame: the engine's error, but the buffer must come back through reclaim. */
static bool tx_bury(struct vnet *v, struct packet *pkt)
{
	if (v->ndead == BURST_MAX)
		return false;
	v->dead[v->ndead++] = pkt;
	counter_add(&v->port->nic.tx_errors, 1);
	return true;
}

static u32 tx_exhume(struct vnet *v)
{
	u32 n = v->ndead;

	if (unlikely(n))
		pool_put(v->pc, v->dead, n);
	v->ndead = 0;
	return n;
}

/* Put the packets of used entries back, at most BURST_MAX; stops at a lie, which sets *lie. */
static u32 tx_collect(struct vnet *v, struct pool_cache *pc, bool *lie)
{
	struct vnet_queue *q = &v->tx;
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
	return n;
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

u32 vnet_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct vnet *v = p->priv;
	struct vnet_queue *q = &v->tx;
	struct virtq_desc *desc = q->desc;
	struct packet **slot = q->slot;
	u16 *ring = q->avail->ring, mask = q->mask, put = q->put, nfree;
	u64 delta = v->iova_delta;
	u32 pool = v->pool, frame_max = v->frame_max;
	bool lie; /* met again, and answered, by the next reclaim */
	u32 i;

	(void)queue;
	if (unlikely(v->phase != VNET_UP || !v->filled))
		return 0;
	if (unlikely(q->nfree < n)) { /* a turn may bring more than a ring's worth */
		while (tx_collect(v, v->pc, &lie) == BURST_MAX)
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
		    !tx_odd_length(pkt, &len, frame_max)) {
			if (!tx_bury(v, pkt))
				break;
			continue;
		}
		__builtin_memset(h, 0, VNET_HDR);
		id = q->free[--nfree];
		slot[id] = pkt;
		desc[id].addr = likely(pkt->pool == pool) ? (u64)(uintptr_t)h + delta
							  : pool_packet_iova(v->pc, pkt) - VNET_HDR;
		desc[id].len = len + VNET_HDR; /* flags are 0 and stay it */
		ring[put++ & mask] = id;
	}
	q->nfree = nfree;
	if (put != q->put) {
		q->put = put;
		publish(v, q);
	}
	return i;
}

u32 vnet_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct vnet *v = p->priv;
	u32 n, total;
	bool lie = false;

	(void)queue;
	use_pool(v, pc);
	total = tx_exhume(v);
	if (v->phase != VNET_UP || v->tx.nfree == v->tx.size)
		return total;
	do {
		n = tx_collect(v, pc, &lie);
		total += n;
	} while (n == BURST_MAX);
	if (unlikely(lie))
		broken(v);
	return total;
}

void vnet_release(struct vnet *v)
{
	struct vnet_queue *q = &v->tx;
	bool lie;

	if (v->pc) {
		while (tx_collect(v, v->pc, &lie)) /* sent before the reset */
			;
		tx_exhume(v);
	}
	for (u32 i = 0; v->pc && i < q->size; i++) {
		if (q->slot[i]) {
			counter_add(&v->port->tx_aborted, 1);
			pool_put(v->pc, &q->slot[i], 1);
		}
	}
	for (u32 i = 0; v->pc && i < v->rx.size; i++)
		if (v->rx.slot[i])
			pool_put(v->pc, &v->rx.slot[i], 1);
	vnet_queue_clear(&v->rx);
	vnet_queue_clear(&v->tx);
	v->filled = false;
}

/* --- sleep --------------------------------------------------------------------------------- */

bool vnet_arm(struct port *p, u32 queue, bool on)
{
	struct vnet *v = p->priv;
	struct vnet_queue *q = &v->rx;

	(void)queue;
	if (unlikely(v->phase != VNET_UP))
		return false;
	store_relaxed(&q->avail->flags, on ? 0 : VIRTQ_AVAIL_F_NO_INTERRUPT);
	if (!on)
		return false;
	/* flags before used.idx; the device writes used.idx before it reads flags (2.7.7). */
	fence_full();
	return used_count(q) != 0;
}

u32 vnet_buffers(const struct port *p, u32 queue)
{
	const struct vnet *v = p->priv;

	(void)queue;
	return (u32)(v->rx.size - v->rx.nfree) + (u32)(v->tx.size - v->tx.nfree) + v->ndead;
}

u32 vnet_room(const struct port *p, u32 queue)
{
	const struct vnet *v = p->priv;

	(void)queue;
	return likely(v->phase == VNET_UP && v->filled) ? v->tx.nfree : 0;
}
