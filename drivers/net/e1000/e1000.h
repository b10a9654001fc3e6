// SPDX-License-Identifier: MIT
/*
 * e1000: Intel 82540EM ("e1000"), one pair of queues with legacy descriptors, and 82574L
 * ("e1000e"), two pairs with extended receive descriptors, RSS and an MSI-X entry for each pair.
 * Transmit descriptors are legacy ones, which both understand. struct e1000_variant has what
 * differs.
 *
 *	e1000_probe.c  boot CPU: ids, registers, address, rings, interrupts
 *	e1000_start.c  owner QGM: reset and set-up, step by step, with deadlines
 *	e1000_rss.c    owner QGM: which pair receives a flow, which MSI-X entry a pair has
 *	e1000_rx.c     each pair's QGM: received bursts; touches its own tail and masks only
 *	e1000_tx.c     the same of sent ones
 *	e1000_step.c   owner QGM, every 10 ms: link, statistics, hang and removal
 *
 * A reset is the engine's (port_want_reset): stop, each QGM drains its pair, start. The rings are
 *not those of drivers/net/ring/, since a long frame takes two buffers here. A ring's indices run
 *free over 32 bits; slot = index & mask. Of the receive ring the NIC owns [next, fill), of the
 *transmit ring [clean, tail); one slot stays empty, since head = tail means an empty ring to the
 *NIC.
 */
#pragma once

#include "kernel/driver.h"
#include "drivers/net/e1000/e1000_regs.h"
#include "drivers/net/owner/link.h"

enum {
	E1000_RING = 256,
	E1000_MASK = E1000_RING - 1,
	E1000_RX_DOORBELL = 32, /* descriptors given back per write of RDT */
	E1000_FRAME_MAX = 1518, /* without FCS, one VLAN tag: what the NIC takes with LPE off */
	E1000_PART = 8192,      /* of a long frame in one buffer: RCTL_BSIZE_8192 */
	E1000_MTA_WORDS = 128,
	E1000_PAIRS = 2, /* of the 82574 */
	E1000_RETA_SIZE = 128,
};

enum e1000_phase {
	E1000_DOWN,    /* nothing of ours runs */
	E1000_QUIESCE, /* DMA told to stop, waiting for what is under way */
	E1000_RESET,   /* CTRL.RST written, waiting for the device to come back */
	E1000_UP,
	E1000_DEAD, /* removed, or reset failed; only stop() helps */
};

struct e1000_variant {
	const char *name;
	/* 82574: two pairs, extended descriptors, MSI-X, master disable, PCIe work-arounds */
	bool pcie;
};

struct e1000_pair {
	/* receive: the NIC owns [next, fill) */
	struct e1000_rx_desc *rx;
	struct packet **rx_slot;
	u32 next, fill;
	u32 rung;  /* fill at the last doorbell */
	u32 room;  /* bytes a buffer of the pool takes */
	u32 write; /* bytes that the NIC may write to one */
	/* transmit: the NIC owns [clean, tail) */
	struct e1000_tx_desc *tx;
	struct packet **tx_slot;
	u32 clean, tail;
	/* Only the last descriptor of a burst reports its status; where bursts end: */
	u32 *batch_end;
	u32 batch_clean, batch_tail;
	struct pool_cache *pc; /* as rx() or reclaim() gave it last */
	u64 iova_delta;        /* of pc's own pool: device address minus virtual address */
	u32 frame_max;         /* without FCS */
	u8 pool;               /* its id */
	u8 nr;
	bool up;   /* started, and no fault met */
	bool skip; /* inside of a frame that spans descriptors: drop up to its end */
	bool wakes;
	bool message; /* by an MSI-X entry of its own */
	struct mmio regs;
	struct port *port;
	struct port_queue_counters *count;
	/* Frames of an impossible length: taken, never sent. */
	struct packet *dead[BURST_MAX];
	u32 ndead;
	iova_t rx_iova, tx_iova;
} __cacheline;

/* What step() saw of a pair. */
struct e1000_watch {
	u32 batch;
	u64 tx_since; /* 0: not waiting */
	u32 next;
	u64 rx_since;
};

struct e1000 {
	struct e1000_pair pair[E1000_PAIRS];
	struct mmio regs;
	const struct e1000_variant *variant;
	struct port *port;
	struct device *dev; /* boot CPU only: generic memory */
	struct dev_irq *irq;
	enum e1000_phase phase;
	bool stopping; /* QUIESCE and RESET lead to DOWN */
	bool msix;
	u32 npairs;
	u32 spread; /* pairs that the redirection table names, a bit each */
	u64 not_before, deadline;
	u64 ms;        /* cycles */
	u32 stat_next; /* statistics registers are read in turn */
	struct e1000_watch watch[E1000_PAIRS];
	struct link_hold link;
	u64 bad_since, bad_seen;
};

static inline u32 e1000_rd(const struct e1000 *e, enum e1000_reg r)
{
	return mmio_rd32(&e->regs, r);
}

static inline void e1000_wr(const struct e1000 *e, enum e1000_reg r, u32 v)
{
	mmio_wr32(&e->regs, r, v);
}

/* A register of pair `nr`: RDBAL to RXDCTL, TDBAL to TARC0. */
static inline u32 e1000_pair_reg(enum e1000_reg r, u32 nr)
{
	return (u32)r + nr * E1000_PAIR_STRIDE;
}

static inline struct e1000_pair *e1000_pair(const struct port *p, u32 queue)
{
	return &((struct e1000 *)p->priv)->pair[queue];
}

/* Pairs that are in use and whose buffers are ours. */
static inline bool e1000_usable(const struct e1000 *e, u32 i)
{
	return i < MAX(e->port->rx_queues, e->port->tx_queues) && !(e->port->draining >> i & 1);
}

/* Remember whose pool the pair uses; every call that brings a cache makes it. */
static inline void e1000_use_pool(struct e1000_pair *k, struct pool_cache *pc)
{
	if (unlikely(k->pc != pc)) {
		k->pc = pc;
		k->room = pool_room(pc);
	}
}

/* e1000_rx.c: port_ops; e1000e_* for extended descriptors. */
u32 e1000_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max);
u32 e1000e_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max);
bool e1000_arm(struct port *p, u32 queue, bool on);
bool e1000e_arm(struct port *p, u32 queue, bool on);
/* Return what the NIC held; DMA must be over. */
void e1000_rx_free(struct e1000_pair *k);
/* Any QGM, a glance: is the next frame there that the pair's QGM will see? */
bool e1000_rx_ready(const struct e1000 *e, u32 i);

/* e1000_tx.c: port_ops */
u32 e1000_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n);
u32 e1000_reclaim(struct port *p, u32 queue, struct pool_cache *pc);
u32 e1000_drain(struct port *p, u32 queue, struct pool_cache *pc);
u32 e1000_room(const struct port *p, u32 queue);
u32 e1000_buffers(const struct port *p, u32 queue);
/* Any QGM, a glance: does a burst wait to be sent? Its number. */
bool e1000_tx_waits(const struct e1000_pair *k, u32 *batch);

/* e1000_start.c: port_ops */
int e1000_start(struct port *p, u64 now);
int e1000_stop(struct port *p, u64 now);

/* e1000_rss.c: port_ops; and set-up after a reset. */
void e1000_spread(struct port *p, const struct reta *r);
void e1000_setup_rss(struct e1000 *e);
void e1000_setup_vectors(struct e1000 *e);

/* e1000_step.c */
int e1000_info_alloc(struct e1000 *e); /* probe: statistics and registers. 0, -ENOMEM */
u64 e1000_read_reg(struct port *p, u32 i);
void e1000_step(struct port *p, u64 now);
/* What STATUS says; `fresh`: after a start. */
void e1000_link(struct e1000 *e, u32 status, u64 now, bool fresh);
