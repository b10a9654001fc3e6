// SPDX-License-Identifier: MIT
/*
 * Packets of a pair of virtqueues that are in no ring, and the end of a session. Each pair's QGM.
 */
#include "drivers/net/virtio_net/vnet_pair.h"

u32 vnet_fresh(struct vnet_pair *k, struct packet **pkt, u32 n)
{
	n = pool_get(k->pc, pkt, n);
	if (n) {
		k->iova_delta = pool_iova(k->pc, pkt[0]->data) - (uintptr_t)pkt[0]->data;
		k->pool = pkt[0]->pool;
	}
	return n;
}

bool vnet_odd_length(const struct packet *pkt, u32 *len, u32 frame_max)
{
	if (*len < 14 || *len > frame_max)
		return false;
	for (; *len < PACKET_MIN_FRAME; ++*len)
		pkt->data[*len] = 0;
	return true;
}

bool vnet_bury(struct vnet_pair *k, struct packet *pkt)
{
	if (k->ndead == BURST_MAX)
		return false;
	k->dead[k->ndead++] = pkt;
	counter_add(&k->count->tx_errors, 1);
	return true;
}

u32 vnet_exhume(struct vnet_pair *k)
{
	u32 n = k->ndead;

	if (unlikely(n))
		pool_put(k->pc, k->dead, n);
	k->ndead = 0;
	return n;
}

u32 vnet_pair_drain(struct port *p, u32 queue, struct pool_cache *pc, vnet_collect_fn *collect,
		    void (*clear)(struct vnet_queue *q))
{
	struct vnet_pair *k = &((struct vnet *)p->priv)->pair[queue];
	u32 unsent = 0;
	bool lie;

	vnet_use_pool(k, pc);
	while (collect(k, pc, &lie)) /* sent before the reset */
		;
	vnet_exhume(k);
	for (u32 i = 0; i < k->tx.size; i++) {
		if (!k->tx.slot[i])
			continue;
		unsent++;
		pool_put(pc, &k->tx.slot[i], 1);
	}
	for (u32 i = 0; i < k->rx.size; i++)
		if (k->rx.slot[i])
			pool_put(pc, &k->rx.slot[i], 1);
	clear(&k->rx);
	clear(&k->tx);
	k->filled = false;
	return unsent;
}

u32 vnet_buffers(const struct port *p, u32 queue)
{
	const struct vnet_pair *k = &((const struct vnet *)p->priv)->pair[queue];

	return (u32)(k->rx.size - k->rx.nfree) + (u32)(k->tx.size - k->tx.nfree) + k->ndead;
}

u32 vnet_room(const struct port *p, u32 queue)
{
	const struct vnet_pair *k = &((const struct vnet *)p->priv)->pair[queue];

	return likely(k->up && k->filled) ? k->tx.nfree : 0;
}
