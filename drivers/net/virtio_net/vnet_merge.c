// SPDX-License-Identifier: MIT
/*
 * Receiving with mergeable buffers (5.1.6.4): the header of a frame says in how many buffers it
 * lies, of which only the first begins with a header. What follows is copied behind the first
 * part, as far as that buffer has room; a frame that is longer is dropped by name. The device
 * shows all parts of a frame at once. Split virtqueues; each pair's QGM.
 */
#include "drivers/net/virtio_net/virtio_net.h"

enum { PARTS_MAX = 16 };

struct used {
	u32 len; /* with the header, or of the part */
	u16 id;
	struct packet *pkt;
};

/* Used entry `at`, which is taken off; false: a lie. */
static bool take(struct vnet_pair *k, u16 at, struct used *u)
{
	struct vnet_queue *q = &k->rx;
	u32 id = load_relaxed(&q->used->ring[at & q->mask].id);

	u->len = load_relaxed(&q->used->ring[at & q->mask].len);
	if (id >= q->size || u->len > VNET_HDR + k->room || !q->slot[id])
		return false;
	u->id = (u16)id;
	u->pkt = q->slot[id];
	q->slot[id] = NULL; /* not twice */
	return true;
}

static void give_back(struct vnet_pair *k, const struct used *u)
{
	struct packet *pkt = u->pkt;

	vnet_rx_post(k, &u->id, &pkt, 1);
}

/* The parts of a frame behind its first. Returns how many bytes it has, 0: too long; < 0: a lie. */
static s32 join(struct vnet_pair *k, const struct used *first, u32 parts)
{
	u32 len = first->len - VNET_HDR;
	bool fits = true;

	for (u32 i = 1; i < parts; i++) {
		struct used more;

		if (!take(k, k->rx.seen, &more))
			return -1;
		k->rx.seen++;
		fits = fits && len + more.len <= k->room;
		if (fits)
			__builtin_memcpy(first->pkt->data + len, more.pkt->data - VNET_HDR,
					 more.len);
		len += more.len;
		give_back(k, &more);
	}
	return fits ? (s32)len : 0;
}

/* The buffer of a good frame is replaced, when there is one; else the frame gives it back. */
static bool replace(struct vnet_pair *k, struct pool_cache *pc, const struct used *u)
{
	struct packet *fresh;

	if (pool_get(pc, &fresh, 1)) {
		vnet_rx_post(k, &u->id, &fresh, 1);
		return true;
	}
	give_back(k, u);
	counter_add(&k->count->rx_nobuf, 1);
	return false;
}

u32 vnet_rx_merge(struct vnet_pair *k, struct pool_cache *pc, struct packet **pkts, u32 max,
		  bool *lie)
{
	struct vnet_queue *q = &k->rx;
	u16 ready = (u16)(load_acquire(&q->used->idx) - q->seen), end = (u16)(q->seen + ready);
	u32 n = 0;

	*lie = ready > q->size;
	for (u32 taken = 0; !*lie && n < max && taken < BURST_MAX && q->seen != end; taken++) {
		const struct virtio_net_hdr *h;
		struct used u;
		u32 parts;
		s32 len;

		*lie = !take(k, q->seen, &u);
		if (*lie)
			break;
		q->seen++;
		h = (const struct virtio_net_hdr *)(const void *)(u.pkt->data - VNET_HDR);
		parts = load_relaxed(&h->num_buffers);
		if (u.len < VNET_HDR || !parts || parts > PARTS_MAX ||
		    parts - 1 > (u32)(u16)(end - q->seen)) {
			*lie = true;
			give_back(k, &u);
			break;
		}
		len = parts == 1 ? (s32)(u.len - VNET_HDR) : join(k, &u, parts);
		*lie = len < 0;
		if (len < 0 || (parts > 1 && !len)) {
			counter_add(&k->count->rx_errors, len == 0);
			give_back(k, &u);
			continue;
		}
		if (!replace(k, pc, &u))
			continue;
		u.pkt->len = (u16)len;
		pkts[n++] = u.pkt;
	}
	return n;
}
