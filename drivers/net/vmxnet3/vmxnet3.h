// SPDX-License-Identifier: MIT
/*
 * vmxnet3: VMware's paravirtual NIC, as hypervisors of VMware and QEMU have it. A pair of queues
 *for each QGM where the device can spread (revision 2 and later); revision 1, QEMU's, receives by
 *one queue, and each QGM sends by its own.
 *
 *	vmxnet3_probe.c  boot CPU: revisions, address, memory, interrupts
 *	vmxnet3_start.c  owner QGM: what the device is told before it is activated; start, stop, RSS
 *	vmxnet3_rx.c     each pair's QGM: received bursts, sleep
 *	vmxnet3_tx.c     each pair's QGM: sent bursts
 *	vmxnet3_step.c   owner QGM, every 10 ms: link, events, statistics, hang and removal
 *
 * What is done is told in completion rings of their own. An index runs free over 32 bits; slot =
 * index & mask, and the generation bit of that round is 1 in the first, 0 in the second and so on.
 * A frame has one buffer, so that the second receive ring, for further ones, stays empty.
 */
#pragma once

#include "kernel/driver.h"
#include "drivers/net/owner/link.h"
#include "drivers/net/owner/walk.h"
#include "drivers/net/ring/watch.h"
#include "drivers/net/vmxnet3/vmxnet3_regs.h"

enum {
	VMXNET3_RING = 256,
	VMXNET3_MASK = VMXNET3_RING - 1,
	VMXNET3_RX_COMP = 2 * VMXNET3_RING, /* as many as both receive rings have */
	VMXNET3_BODY_RING = 32,
	VMXNET3_DOORBELL = 32, /* descriptors given back per write of RXPROD, where it is wanted */
	VMXNET3_FRAME_MAX = 1522,
	VMXNET3_MTU_MAX = 9000,
	VMXNET3_FRAME_JUMBO = VMXNET3_MTU_MAX + 14 + 8,
	VMXNET3_PAIRS = PORT_QUEUES,
	VMXNET3_STATS = 10, /* of a queue, each way */
};

enum vmxnet3_phase { VMXNET3_QUIESCE = WALK_FIRST, VMXNET3_RESET };

struct vmxnet3_pair {
	/* receive: the device has [next, fill) */
	struct vmxnet3_desc *rx;
	const struct vmxnet3_desc *rx_comp;
	struct packet **rx_slot;
	u32 next, fill, rung;
	u32 comp; /* completions taken */
	u32 room; /* bytes a buffer of the pool takes */
	/* transmit: the device has [clean, tail) */
	struct vmxnet3_desc *tx;
	const struct vmxnet3_desc *tx_comp;
	struct packet **tx_slot;
	u32 clean, tail;
	u32 done;              /* completions taken */
	struct pool_cache *pc; /* as rx() or reclaim() gave it last */
	u64 iova_delta;        /* of `pool`: device address minus virtual address */
	u32 frame_max;         /* without FCS */
	u8 pool;
	u8 nr;
	bool live;
	bool skip; /* inside of a frame of several buffers: drop up to its end */
	bool wakes;
	struct mmio regs;            /* BAR 0 */
	const struct vmxnet3_rxq *q; /* its update_prod */
	struct port *port;
	struct port_queue_counters *count;
	struct packet *dead[BURST_MAX]; /* frames of an impossible length: taken, never sent */
	u32 ndead;
	iova_t rx_iova, rx_comp_iova, tx_iova, tx_comp_iova;
} __cacheline;

struct vmxnet3 {
	struct vmxnet3_pair pair[VMXNET3_PAIRS];
	struct mmio pt, vd; /* BAR 0, BAR 1 */
	struct port *port;
	struct device *dev; /* boot CPU only: generic memory */
	struct walk walk;
	struct link_hold link;
	u32 npairs;
	u32 vectors; /* MSI-X entries in use; 0: one message for all, or none */
	u64 ms;      /* cycles */
	/* Shared with the device. */
	struct vmxnet3_shared *shared;
	void *queues; /* transmit, then receive descriptions of those in use */
	struct vmxnet3_desc *body;
	struct upt1_rss *rss;
	iova_t shared_iova, queues_iova, body_iova, rss_iova;
	u32 turn;                   /* of step() */
	u64 last[2][VMXNET3_STATS]; /* sums over queues, transmit and receive */
	struct ring_watch watch[VMXNET3_PAIRS];
	struct bad_watch bad;
};

static inline u32 vmxnet3_rd(const struct vmxnet3 *v, enum vmxnet3_vd r)
{
	return mmio_rd32(&v->vd, r);
}

static inline void vmxnet3_wr(const struct vmxnet3 *v, enum vmxnet3_vd r, u32 x)
{
	mmio_wr32(&v->vd, r, x);
}

/* A command, and what it gives. */
static inline u32 vmxnet3_ask(const struct vmxnet3 *v, enum vmxnet3_cmd c)
{
	vmxnet3_wr(v, VMXNET3_CMD, (u32)c);
	return vmxnet3_rd(v, VMXNET3_CMD);
}

/* A doorbell or mask of BAR 0. */
static inline void vmxnet3_bell(const struct mmio *pt, enum vmxnet3_pt r, u32 nr, u32 x)
{
	mmio_wr32(pt, (u32)r + nr * VMXNET3_PT_STRIDE, x);
}

/* Queues in use, and how the device sees them. */
static inline struct vmxnet3_txq *vmxnet3_txq(const struct vmxnet3 *v, u32 i)
{
	return (struct vmxnet3_txq *)v->queues + i;
}

static inline struct vmxnet3_rxq *vmxnet3_rxq(const struct vmxnet3 *v, u32 i)
{
	return (struct vmxnet3_rxq *)(void *)vmxnet3_txq(v, v->port->tx_queues) + i;
}

/* The generation of index `i` of a ring with 1 << `bits` entries. */
static inline u64 vmxnet3_gen(u32 i, u32 entries)
{
	return !(i & entries);
}

/* Has completion number `i` come? Its QGM, or anyone for a glance. */
static inline bool vmxnet3_came(const struct vmxnet3_desc *comp, u32 i, u32 entries)
{
	return load_relaxed(&comp[i & (entries - 1)].word) >> VMXNET3_CD_GEN_SHIFT ==
	       vmxnet3_gen(i, entries);
}

/* vmxnet3_rx.c: port_ops */
u32 vmxnet3_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max);
bool vmxnet3_arm(struct port *p, u32 queue, bool on);
/* Return what the device held; it must be quiet. */
void vmxnet3_rx_free(struct vmxnet3_pair *k);

/* vmxnet3_tx.c: port_ops */
u32 vmxnet3_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n);
u32 vmxnet3_reclaim(struct port *p, u32 queue, struct pool_cache *pc);
u32 vmxnet3_drain(struct port *p, u32 queue, struct pool_cache *pc);
u32 vmxnet3_room(const struct port *p, u32 queue);
u32 vmxnet3_buffers(const struct port *p, u32 queue);

/* vmxnet3_start.c: port_ops */
int vmxnet3_start(struct port *p, u64 now);
int vmxnet3_stop(struct port *p, u64 now);
void vmxnet3_spread(struct port *p, const struct reta *r);

/* vmxnet3_step.c */
int vmxnet3_info_alloc(struct vmxnet3 *v); /* probe: statistics and registers. 0, -ENOMEM */
u64 vmxnet3_read_reg(struct port *p, u32 i);
void vmxnet3_step(struct port *p, u64 now);
void vmxnet3_link(struct vmxnet3 *v, u64 now, bool fresh);
