// SPDX-License-Identifier: MIT
/*
 * What the bursts of split and packed virtqueues have in common: how a pair takes and gives back
 * packets that are in no ring, and the order of reclaim and drain. Each pair's QGM.
 */
#pragma once

#include "drivers/net/virtio_net/virtio_net.h"

/* Puts the packets of used entries back into pc, at most BURST_MAX: how many. Stops at a lie (an id
 * that is not outstanding), which sets *lie. */
typedef u32 vnet_collect_fn(struct vnet_pair *k, struct pool_cache *pc, bool *lie);

/* Frames below 60 bytes go out with zeroes behind them, not with what the buffer held before.
 * False: the frame cannot be sent. */
bool vnet_odd_length(const struct packet *pkt, u32 *len, u32 frame_max);
/* An impossible frame: the engine's error, but the buffer must come back through reclaim. False:
 * no place, try later. */
bool vnet_bury(struct vnet_pair *k, struct packet *pkt);
/* Buried frames back to the pool: how many. */
u32 vnet_exhume(struct vnet_pair *k);
/* At most n fresh buffers to the caller; sets what is known of their pool. */
u32 vnet_fresh(struct vnet_pair *k, struct packet **pkt, u32 n);
/* port_ops.drain: the device owns nothing any more. All packets back, how many were not sent;
 * `clear` makes a queue as new. */
u32 vnet_pair_drain(struct port *p, u32 queue, struct pool_cache *pc, vnet_collect_fn *collect,
		    void (*clear)(struct vnet_queue *q));

/* port_ops.reclaim: all that was sent. */
static inline u32 vnet_pair_reclaim(struct port *p, u32 queue, struct pool_cache *pc,
				    vnet_collect_fn *collect)
{
	struct vnet_pair *k = &((struct vnet *)p->priv)->pair[queue];
	u32 n, total;
	bool lie = false;

	vnet_use_pool(k, pc);
	total = vnet_exhume(k);
	if (!k->up || k->tx.nfree == k->tx.size)
		return total;
	do {
		n = collect(k, pc, &lie);
		total += n;
	} while (n == BURST_MAX);
	if (unlikely(lie))
		vnet_broken(k);
	return total;
}
