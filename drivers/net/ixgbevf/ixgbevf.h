// SPDX-License-Identifier: MIT
/*
 * ixgbevf: a virtual function of an 82599 or X540 that a host has handed to this machine: as many
 * pairs of queues as its host grants, advanced descriptors of one buffer, completion of
 * transmission by head write-back.
 *
 *	ixgbevf_probe.c  boot CPU: ids, registers, address, memory, interrupts
 *	ixgbevf_start.c  owner QGM: the walk from stop to reset, mail and set-up, with deadlines
 *	ixgbevf_setup.c  owner QGM: what the registers are set to after a reset
 *	ixgbevf_queue.c  each pair's QGM: bursts; touches the two tails and its own vector only
 *	ixgbevf_ask.c    what is asked of the physical function's driver, one after the other
 *	ixgbevf_mail.c   one exchange of messages with it
 *	ixgbevf_step.c   owner QGM, every 10 ms: removal, mail of the host, link, hangs
 *	ixgbevf_stats.c  owner QGM: statistics and registers
 *
 * The host owns the device: which frames come in, how long they may be, how many queues there are,
 * the hash that spreads flows (its key and table; here only whether it is used at all). Its driver
 * may be away for a while, at start or later: then the port runs without link, its queues off, and
 * greets until it is answered (`parked`). Boot CPU calls the same machines with dev_delay_us().
 *
 * Rings and their bursts: drivers/net/ring/; the frame of the walk, links: drivers/net/owner/.
 */
#pragma once

#include "drivers/net/ixgbevf/ixgbevf_regs.h"
#include "drivers/net/owner/link.h"
#include "drivers/net/owner/walk.h"
#include "drivers/net/ring/advanced.h"
#include "drivers/net/ring/watch.h"

enum {
	IXGBEVF_FRAME_MAX = PORT_MTU_DEFAULT + 14 + 8, /* with two VLAN tags, without FCS */
	IXGBEVF_FCS = 4,
	IXGBEVF_TAG = 4,
	IXGBEVF_VECTORS = 2, /* for queues; the third is the mailbox's, which is polled */
	IXGBEVF_STATS = 5,
};

enum ixgbevf_phase {
	IXGBEVF_OFF = WALK_FIRST, /* queues told to stop, waiting until they did */
	IXGBEVF_RESET,            /* VFCTRL.RST written; and until the host is not being reset */
	IXGBEVF_ASK,              /* messages to the host's driver */
	IXGBEVF_QUEUES,           /* queues told to run, waiting until they do */
};

struct ixgbevf_mail {
	u8 state;
	u8 out, in; /* words */
	bool lost;  /* the host told that it does not know us any more */
	u32 seen;   /* bits that a read has cleared */
	u32 msg[MAIL_WORDS];
	u64 deadline; /* of the exchange under way */
};

/* What the host grants; as its answers come. */
struct ixgbevf_grant {
	u8 api;
	bool address;      /* it chose ours */
	u8 multicast_type; /* which bits of an address its filter takes */
	u32 rx_queues, tx_queues;
	u8 xcast;                   /* 0: only the groups that we named */
	u64 vlans[PORT_VLAN_WORDS]; /* that it was asked for */
};

struct ixgbevf {
	struct mmio regs;
	struct port *port;
	struct device *dev; /* boot CPU only: generic memory */
	u64 ms;             /* cycles */
	struct walk walk;
	bool parked, greeting;
	u64 greet_at; /* when parked: the next greeting */
	u32 offer;    /* pairs with memory */
	u32 queues;   /* pairs in use */
	u32 on;       /* a bit each: those that were told to run */
	u32 wakes;    /* those with a vector */
	u8 ask;       /* message of the list that is under way */
	bool telling; /* asked while the port runs */
	u16 vid;      /* of the message about a VLAN */
	struct ixgbevf_mail mail;
	struct ixgbevf_grant grant;
	struct link_hold link;
	struct ring_watch watch[PORT_QUEUES];
	struct bad_watch bad; /* descriptors that made no sense */
	u64 stat_last[IXGBEVF_STATS];
	u32 stat_next;
	struct ring_pair queue[PORT_QUEUES];
};

static inline u32 ixgbevf_rd(const struct ixgbevf *v, enum ixgbevf_reg r)
{
	return mmio_rd32(&v->regs, r);
}

static inline void ixgbevf_wr(const struct ixgbevf *v, enum ixgbevf_reg r, u32 x)
{
	mmio_wr32(&v->regs, r, x);
}

/* Register i of a row of registers, whose stride the table has. */
enum ixgbevf_stride {
#define X(name, off, stride, access) IXGBEVF_STRIDE_##name = (stride),
	IXGBEVF_ROWS(X)
#undef X
};
#define ixgbevf_rdn(v, name, i) \
	mmio_rd32(&(v)->regs, IXGBEVF_##name + IXGBEVF_STRIDE_##name * (u32)(i))
#define ixgbevf_wrn(v, name, i, x) \
	mmio_wr32(&(v)->regs, IXGBEVF_##name + IXGBEVF_STRIDE_##name * (u32)(i), (x))

/* The largest frame that goes in and out, without FCS. */
static inline u32 ixgbevf_frame_max(const struct ixgbevf *v)
{
	return v->port->jumbo ? (u32)PORT_FRAME_JUMBO : (u32)IXGBEVF_FRAME_MAX;
}

/* ixgbevf_queue.c: port_ops */
u32 ixgbevf_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max);
u32 ixgbevf_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n);
u32 ixgbevf_reclaim(struct port *p, u32 queue, struct pool_cache *pc);
u32 ixgbevf_drain(struct port *p, u32 queue, struct pool_cache *pc);
bool ixgbevf_arm(struct port *p, u32 queue, bool on);
u32 ixgbevf_room(const struct port *p, u32 queue);
u32 ixgbevf_buffers(const struct port *p, u32 queue);

/* ixgbevf_mail.c: forget what was before. */
void ixgbevf_mail_open(struct ixgbevf *v);
/* msg[0..out) goes, msg[0..in) will be the answer. Nothing may be under way. */
void ixgbevf_mail_begin(struct ixgbevf *v, u8 out, u8 in, u64 now);
/* 0 the answer is there, -EAGAIN, -ETIMEDOUT. */
int ixgbevf_mail_step(struct ixgbevf *v, u64 now);
/* Is the host's function being reset, or was it since the last call? */
bool ixgbevf_mail_reset(struct ixgbevf *v);
/* What the host says by itself; nothing is under way. True: it does not know us any more. */
bool ixgbevf_mail_lost(struct ixgbevf *v);

/* ixgbevf_ask.c: begin the list; go on with it. 0 done, -EAGAIN, -ETIMEDOUT the host does not
 * answer, other: it refuses what we need. */
void ixgbevf_ask_begin(struct ixgbevf *v, u64 now);
int ixgbevf_ask_step(struct ixgbevf *v, u64 now);
/* While the port runs: has it new wishes? Then they are asked, see above. */
bool ixgbevf_ask_more(struct ixgbevf *v, u64 now);

/* ixgbevf_setup.c: queues in `on` are told to run, when all is asked. */
void ixgbevf_setup(struct ixgbevf *v);
bool ixgbevf_queues_run(const struct ixgbevf *v);
void ixgbevf_queues_disable(const struct ixgbevf *v);
bool ixgbevf_queues_off(const struct ixgbevf *v);
/* port_ops spread: which queues the host's hash may choose. */
void ixgbevf_spread(struct port *p, const struct reta *r);

/* ixgbevf_start.c: port_ops */
int ixgbevf_start(struct port *p, u64 now);
int ixgbevf_stop(struct port *p, u64 now);
/* Boot CPU, probe: reset and the list of questions. 0, -EAGAIN, other: failed. */
int ixgbevf_greet(struct ixgbevf *v, u64 now);

/* ixgbevf_step.c: port_ops; one look at VFLINKS, `fresh`: the port comes up. */
void ixgbevf_step(struct port *p, u64 now);
void ixgbevf_link(struct ixgbevf *v, u64 now, bool fresh);

/* ixgbevf_stats.c: port_ops read_reg; names, in probe; where the counters stand; n of them. */
u64 ixgbevf_read_reg(struct port *p, u32 i);
int ixgbevf_stats_init(struct port *p);
void ixgbevf_stats_begin(struct ixgbevf *v);
void ixgbevf_stats_step(struct ixgbevf *v, u32 n);
