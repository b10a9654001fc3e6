// SPDX-License-Identifier: MIT
/*
 * e1000: Intel 82540EM ("e1000") and 82574L ("e1000e"), one receive and one transmit queue with
 * legacy descriptors, which both understand alike; struct e1000_variant has what differs.
 *
 *	e1000_probe.c  boot CPU: ids, registers, address, interrupt
 *	e1000_start.c  owner QGM: reset and ring set-up, step by step, with deadlines
 *	e1000_queue.c  owner QGM: bursts; touches the two tail registers only
 *	e1000_step.c   owner QGM, every 10 ms: link, statistics, filter, hang and removal
 *
 * A ring's indices run free over 32 bits; slot = index & mask. Of the receive ring the NIC owns
 * [next, fill), of the transmit ring [clean, tail); one slot stays empty, since head = tail
 * means an empty ring to the NIC.
 */
#pragma once

#include "kernel/driver.h"
#include "drivers/net/e1000/e1000_regs.h"

enum {
	E1000_RX_RING = 256,
	E1000_TX_RING = 256,
	E1000_RX_DOORBELL = 32, /* descriptors given back per write of RDT */
	E1000_FRAME_MAX = 1518, /* without FCS, one VLAN tag: what the NIC takes with LPE off */
	E1000_PART = 8192,      /* of a long frame in one buffer: RCTL_BSIZE_8192 */
	E1000_MTA_WORDS = 128,
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
	bool pcie; /* 82574: master disable, PCIe work-arounds, MSI */
};

struct e1000_rx {
	struct e1000_rx_desc *ring;
	struct packet **slot;
	u32 next, fill;
	u32 rung;  /* fill at the last doorbell */
	u32 room;  /* bytes a buffer of the pool takes */
	u32 write; /* bytes that the NIC may write to one */
	bool skip; /* inside of a frame that spans descriptors: drop up to its end */
	iova_t iova;
};

struct e1000_tx {
	struct e1000_tx_desc *ring;
	struct packet **slot;
	u32 clean, tail;
	/* Only the last descriptor of a burst reports its status; where bursts end: */
	u32 *batch_end;
	u32 batch_clean, batch_tail;
	/* Frames of an impossible length: taken, never sent. */
	struct packet *dead[BURST_MAX];
	u32 ndead;
	iova_t iova;
};

struct e1000 {
	struct mmio regs;
	const struct e1000_variant *variant;
	struct port *port;
	struct device *dev;    /* boot CPU only: generic memory */
	struct pool_cache *pc; /* the owner's, as rx() or reclaim() gave it last */
	u64 iova_delta;        /* of pc's own pool: device address minus virtual address */
	u8 pool;               /* its id */
	struct dev_irq *irq;
	enum e1000_phase phase;
	bool stopping;  /* QUIESCE and RESET lead to DOWN */
	bool resetting; /* step() drives QUIESCE and RESET, not start() */
	u32 rctl;       /* as last written */
	u32 frame_max;  /* without FCS */
	u64 not_before, deadline;
	u64 ms;        /* cycles */
	u32 stat_next; /* statistics registers are read in turn */
	u32 hang_clean;
	u64 hang_since; /* 0: not waiting */
	struct e1000_rx rx;
	struct e1000_tx tx;
};

static inline u32 e1000_rd(const struct e1000 *e, enum e1000_reg r)
{
	return mmio_rd32(&e->regs, r);
}

static inline void e1000_wr(const struct e1000 *e, enum e1000_reg r, u32 v)
{
	mmio_wr32(&e->regs, r, v);
}

/* Remember whose pool the queues use; every call that brings a cache makes it. */
static inline void e1000_use_pool(struct e1000 *e, struct pool_cache *pc)
{
	if (unlikely(e->pc != pc)) {
		e->pc = pc;
		e->rx.room = pool_room(pc);
	}
}

/* e1000_queue.c: port_ops */
u32 e1000_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max);
u32 e1000_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n);
u32 e1000_reclaim(struct port *p, u32 queue, struct pool_cache *pc);
bool e1000_arm(struct port *p, u32 queue, bool on);
u32 e1000_room(const struct port *p, u32 queue);
u32 e1000_buffers(const struct port *p, u32 queue);

/* e1000_queue.c: return what the NIC held; DMA must be over. The transmit side is aborted. */
void e1000_rx_free(struct e1000 *e);
void e1000_tx_abort(struct e1000 *e);

/* e1000_start.c: port_ops start and stop; and a reset under way, called by step(). */
int e1000_start(struct port *p, u64 now);
int e1000_stop(struct port *p, u64 now);
void e1000_reset_begin(struct e1000 *e, u64 now);
int e1000_reset_step(struct e1000 *e, u64 now);
/* All DMA is over: every buffer back to the pool. */
void e1000_release(struct e1000 *e);

/* e1000_step.c */
int e1000_info_alloc(struct e1000 *e); /* probe: statistics and registers. 0, -ENOMEM */
u64 e1000_read_reg(struct port *p, u32 i);
void e1000_step(struct port *p, u64 now);
/* The port is dead; a device that is gone cannot reach our memory: everything back. */
void e1000_fail(struct e1000 *e, bool removed);
void e1000_link(struct port *p, u32 status);
