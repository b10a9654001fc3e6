// SPDX-License-Identifier: MIT
/*
 * igb: Intel 82576 with advanced descriptors: a pair of queues for each QGM, RSS, an MSI-X entry
 * for each pair.
 *
 *	igb_probe.c  boot CPU: registers, address, rings, interrupts
 *	igb_start.c  owner QGM: reset and set-up, step by step, with deadlines
 *	igb_queue.c  each pair's QGM: bursts; touches the two tails and its own interrupt mask only
 *	igb_step.c   owner QGM, every 10 ms: link, statistics, hang and removal
 *
 * A reset is the engine's (port_want_reset): stop, each QGM drains its queue, start. Rings and
 *their bursts: drivers/net/ring/; the frame of the walk: drivers/net/owner/.
 */
#pragma once

#include "drivers/net/igb/igb_regs.h"
#include "drivers/net/owner/link.h"
#include "drivers/net/owner/walk.h"
#include "drivers/net/ring/advanced.h"
#include "drivers/net/ring/watch.h"

enum {
	IGB_FCS = 4,
	IGB_FRAME_MAX = 1518,   /* without FCS, one VLAN tag */
	IGB_FRAME_JUMBO = 9216, /* with FCS: a buffer of SRRCTL.BSIZEPACKET = 9 KiB */
	IGB_MTU_MAX = 9000,
	IGB_PAIRS = PORT_QUEUES, /* of 16 */
};

enum igb_phase {
	IGB_QUIESCE = WALK_FIRST, /* DMA told to stop, waiting for what is under way */
	IGB_RESET,                /* CTRL.RST written, waiting for the device to come back */
	IGB_QUEUES,               /* queues told to run, waiting until they do */
};

struct igb {
	struct ring_pair pair[IGB_PAIRS];
	struct mmio regs;
	struct port *port;
	struct device *dev; /* boot CPU only: generic memory */
	struct walk walk;
	u32 npairs;
	u32 wakes;     /* pairs with an MSI-X entry, a bit each */
	u64 ms;        /* cycles */
	u32 stat_next; /* statistics registers are read in turn */
	struct ring_watch watch[IGB_PAIRS];
	struct bad_watch bad; /* descriptors that made no sense */
	struct link_hold link;
};

static inline u32 igb_rd(const struct igb *g, u32 off)
{
	return mmio_rd32(&g->regs, off);
}

static inline void igb_wr(const struct igb *g, u32 off, u32 v)
{
	mmio_wr32(&g->regs, off, v);
}

/* A register of queue `nr`. */
static inline u32 igb_queue_reg(enum igb_reg r, u32 nr)
{
	return (u32)r + nr * IGB_QUEUE_STRIDE;
}

/* igb_queue.c: port_ops */
u32 igb_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max);
u32 igb_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n);
u32 igb_reclaim(struct port *p, u32 queue, struct pool_cache *pc);
u32 igb_drain(struct port *p, u32 queue, struct pool_cache *pc);
bool igb_arm(struct port *p, u32 queue, bool on);
u32 igb_room(const struct port *p, u32 queue);
u32 igb_buffers(const struct port *p, u32 queue);

/* igb_start.c: port_ops */
int igb_start(struct port *p, u64 now);
int igb_stop(struct port *p, u64 now);
void igb_spread(struct port *p, const struct reta *r);

/* igb_step.c */
int igb_info_alloc(struct igb *g); /* probe: statistics and registers. 0, -ENOMEM */
u64 igb_read_reg(struct port *p, u32 i);
void igb_step(struct port *p, u64 now);
void igb_link(struct igb *g, u32 status, u64 now, bool fresh);
