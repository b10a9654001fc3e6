// SPDX-License-Identifier: MIT
/*
 * The control virtqueue (5.1.6.5): how many queue pairs the device may use, and RSS: key and
 * indirection table. One command at a time, in one piece of DMA memory: two bytes of class and
 * command, data, one byte of answer. Nobody waits: the owner QGM looks for the answer at each step.
 */
#include "drivers/net/virtio_net/virtio_net.h"

enum { CTRL_MAX_MS = 600, PARTS = 3 };

/* Symmetric: both directions of a flow have the same hash, and go to the same QGM. */
static void put_key(u8 *at)
{
	for (u32 i = 0; i < VNET_RSS_KEY; i++)
		at[i] = i & 1 ? 0x5a : 0x6d;
}

static void put16(u8 **at, u16 v)
{
	*(*at)++ = (u8)v;
	*(*at)++ = (u8)(v >> 8);
}

static void put32(u8 **at, u32 v)
{
	put16(at, (u16)v);
	put16(at, (u16)(v >> 16));
}

/* --- the queue ------------------------------------------------------------------------------ */

static void put_split(struct vnet *v, const u64 *addr, const u32 *len)
{
	struct vnet_queue *q = &v->ctrl;

	for (u16 i = 0; i < PARTS; i++)
		q->desc[i] = (struct virtq_desc){
			.addr = addr[i],
			.len = len[i],
			.flags = i == PARTS - 1 ? VIRTQ_DESC_F_WRITE : VIRTQ_DESC_F_NEXT,
			.next = (u16)(i + 1),
		};
	q->avail->ring[q->put & q->mask] = 0;
	store_release(&q->avail->idx, ++q->put); /* with the device's read of idx */
	fence_full();
	mmio_wr16(&v->notify, q->doorbell, q->index);
}

/* The chain is the device's with the flags of its first entry, which are written last (2.8.6). */
static void put_packed(struct vnet *v, const u64 *addr, const u32 *len)
{
	struct vnet_queue *q = &v->ctrl;
	struct pvirtq_desc *first = &q->packed[q->put];
	u16 first_flags = (u16)(q->put_flags | VIRTQ_DESC_F_NEXT);

	for (u32 i = 0; i < PARTS; i++) {
		struct pvirtq_desc *d = &q->packed[q->put];
		u16 flags = i == PARTS - 1 ? VIRTQ_DESC_F_WRITE : VIRTQ_DESC_F_NEXT;

		d->addr = addr[i];
		d->len = len[i];
		d->id = 0;
		if (i)
			store_relaxed(&d->flags, (u16)(flags | q->put_flags));
		if (++q->put == q->size) {
			q->put = 0;
			q->put_flags ^= PVIRTQ_DESC_F_AVAIL | PVIRTQ_DESC_F_USED;
		}
	}
	store_release(&first->flags, first_flags); /* with the device's read of them */
	fence_full();
	mmio_wr16(&v->notify, q->doorbell, q->index);
}

static void send(struct vnet *v, u64 now)
{
	struct vnet_command *c = v->command;
	u64 at = v->command_iova;
	u64 addr[PARTS] = { at, at + offsetof(struct vnet_command, data),
			    at + offsetof(struct vnet_command, ack) };
	u32 len[PARTS] = { 2, c->len, 1 };

	c->ack = 0xff;
	if (vnet_has(v, VIRTIO_F_RING_PACKED))
		put_packed(v, addr, len);
	else
		put_split(v, addr, len);
	v->ctrl_busy = true;
	v->ctrl_since = now;
}

/* The answer is there: one used entry for the chain, which had id 0. False: a lie. */
static bool take(struct vnet *v, bool *done)
{
	struct vnet_queue *q = &v->ctrl;
	u16 both = PVIRTQ_DESC_F_AVAIL | PVIRTQ_DESC_F_USED, n;

	if (vnet_has(v, VIRTIO_F_RING_PACKED)) {
		*done = (load_acquire(&q->packed[q->seen].flags) & both) == q->used_flags;
		if (!*done)
			return true;
		if (load_relaxed(&q->packed[q->seen].id) != 0)
			return false;
		q->seen += PARTS;
		if (q->seen >= q->size) {
			q->seen -= q->size;
			q->used_flags ^= both;
		}
		return true;
	}
	n = (u16)(load_acquire(&q->used->idx) - q->seen);
	*done = n != 0;
	if (n > 1 || (n && load_relaxed(&q->used->ring[q->seen & q->mask].id) != 0))
		return false;
	q->seen += n;
	return true;
}

/* --- the commands --------------------------------------------------------------------------- */

static void set_pairs(struct vnet *v, u64 now)
{
	u8 *at = v->command->data;

	v->command->class = VIRTIO_NET_CTRL_MQ;
	v->command->cmd = VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET;
	put16(&at, v->port->tx_queues);
	v->command->len = 2;
	send(v, now);
}

void vnet_ctrl_table(struct vnet *v, u64 now)
{
	const struct port *p = v->port;
	u8 *at = v->command->data;

	v->command->class = VIRTIO_NET_CTRL_MQ;
	v->command->cmd = VIRTIO_NET_CTRL_MQ_RSS_CONFIG;
	put32(&at, v->hash_types);
	put16(&at, (u16)(p->reta_size - 1));
	put16(&at, v->reta[0]); /* what it cannot hash */
	for (u32 i = 0; i < p->reta_size; i++)
		put16(&at, v->reta[i]);
	put16(&at, p->tx_queues);
	*at++ = VNET_RSS_KEY;
	put_key(at);
	v->command->len = (u32)(at + VNET_RSS_KEY - v->command->data);
	v->reta_owed = false;
	send(v, now);
}

/* Until the engine says how: over all pairs that are to be used. */
static void first_table(struct vnet *v)
{
	const struct port *p = v->port;
	u32 q = 0;

	for (u32 i = 0; i < p->reta_size; i++) {
		for (u32 tries = 0; tries < p->rx_queues; tries++) {
			q = (q + 1) % p->rx_queues;
			if (!(p->draining >> q & 1))
				break;
		}
		v->reta[i] = (u8)q;
	}
}

void vnet_ctrl_begin(struct vnet *v, u64 now)
{
	v->ctrl_busy = v->reta_owed = false;
	if (v->port->rx_queues < 2)
		return;
	if (!v->port->reta_size) {
		set_pairs(v, now);
		return;
	}
	first_table(v);
	vnet_ctrl_table(v, now);
}

int vnet_ctrl_step(struct vnet *v, u64 now)
{
	bool done;

	if (!v->ctrl_busy)
		return 0;
	if (!take(v, &done))
		return -EPROTO;
	if (!done)
		return now - v->ctrl_since > CTRL_MAX_MS * v->ms ? -ETIMEDOUT : -EAGAIN;
	v->ctrl_busy = false;
	if (load_relaxed(&v->command->ack) != VIRTIO_NET_OK)
		return -EPROTO;
	return 0;
}

void vnet_spread(struct port *p, const struct reta *r)
{
	struct vnet *v = p->priv;

	for (u32 i = 0; i < r->size && i < VNET_RETA_MAX; i++)
		v->reta[i] = r->entry[i];
	v->reta_owed = true; /* the next step sends it, once the last command is answered */
}
