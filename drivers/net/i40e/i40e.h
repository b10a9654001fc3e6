// SPDX-License-Identifier: MIT
/*
 * i40e: Intel XL710, X710 and XXV710, a pair of queues for each QGM, descriptors of 16 bytes and
 * one buffer, completion of transmission by the descriptor's own done mark.
 *
 *	i40e_probe.c   boot CPU: ids, registers, memory, address, interrupts
 *	i40e_start.c   owner QGM: the walk from stop to reset to set-up, with deadlines
 *	i40e_adminq.c  owner QGM (or boot CPU in probe): rings of the admin queue
 *	i40e_admin.c   the same: the commands that bring the function up, one after the other
 *	i40e_hmc.c     owner QGM: host memory of the queue contexts; the contexts
 *	i40e_setup.c   owner QGM: queues, interrupts, on and off
 *	i40e_rss.c     owner QGM: spreading over queues
 *	i40e_fdir.c    owner QGM: filters for flows
 *	i40e_rx.c      the queue's QGM: bursts in; touches the queue's tail only
 *	i40e_tx.c      the queue's QGM: bursts out; touches the queue's tail only
 *	i40e_step.c    owner QGM, every 10 ms: removal, resets, hangs, malicious-driver events
 *	i40e_link.c    owner QGM: link, by event and by asking
 *	i40e_module.c  owner QGM: what is in the cage
 *	i40e_stats.c   owner QGM: statistics registers in turn
 *	i40e_dump.c    registers by name
 *
 * The firmware is asked, never waited for: a command is sent, and a later call finds its answer or
 * the end of its time. The boot CPU calls the same machines with dev_delay_us() in between.
 *
 * Rings and their bursts: drivers/net/ring/; the frame of the walk, links: drivers/net/owner/.
 */
#pragma once

#include "drivers/net/i40e/i40e_aq.h"
#include "drivers/net/i40e/i40e_regs.h"
#include "drivers/net/owner/link.h"
#include "drivers/net/owner/walk.h"
#include "drivers/net/ring/watch.h"

enum {
	I40E_RX_LOOKAHEAD = 4, /* done descriptors behind one that is not: it will never be */
	I40E_FRAME_MAX = PORT_MTU_DEFAULT + 14 + 8, /* with two VLAN tags, without FCS */
	I40E_FCS = 4,
	I40E_BUFFER_JUMBO = 9728, /* bytes of a jumbo buffer that the NIC may write */
	I40E_RETA_SIZE = 128,
	I40E_AQ_RING = 32,
	I40E_AQ_BUFFER = 2048,   /* of the one command under way */
	I40E_EVENT_BUFFER = 512, /* of each event */
	I40E_STATS_MAX = 64,
	I40E_FLOWS = 512,
	I40E_FDIR_RING = 128,
	I40E_FDIR_TYPES = 10, /* of packets that rules are for */
};

enum i40e_phase {
	I40E_QUIESCE = WALK_FIRST, /* transmit queues announced, waiting before they are disabled */
	I40E_DRAIN,                /* waiting until all queues say that they are off */
	I40E_SETTLE,               /* waiting for the end of a reset of the whole device */
	I40E_RESET,  /* PFGEN_CTRL.PFSWR written, waiting for the function to come back */
	I40E_LOAD,   /* waiting for the NVM's values */
	I40E_ADMIN,  /* commands to the firmware */
	I40E_QUEUES, /* queues told to run, waiting until they do */
};

struct i40e_aq {
	struct i40e_aq_desc *send, *events;
	void *buffer, *event_buffers;
	iova_t send_iova, events_iova, buffer_iova, event_buffers_iova;
	u32 tail;     /* of the send queue */
	u32 next;     /* event that comes next */
	u64 deadline; /* of the command under way, 0: none */
	u16 opcode;   /* of the same */
	bool on;
};

/* The list of commands under way. */
struct i40e_script {
	u8 at;
	bool probing; /* the boot CPU's list */
	bool sent;
	u8 tries;
	u64 not_before;
	u32 reg, value; /* that a command reads or writes */
	u8 failed;      /* step + 1 that failed last */
	u16 retval;
};

enum i40e_asking { I40E_ASK_NOTHING, I40E_ASK_LINK, I40E_ASK_MODULE, I40E_ASK_FDIR };

/* A rule in the Flow Director, or on its way into it or out of it. */
struct i40e_fdir_slot {
	struct port_flow flow;
	u32 end;   /* of the ring, behind what was posted for it last */
	u16 types; /* of packets, a bit each: a filter for each */
	u8 state;
	bool refused; /* the table was full */
};

/* Fields that filters of a packet type compare. */
struct i40e_fdir_type {
	u32 want; /* as in the register, 0: never asked for */
	u16 users;
	bool lower, done; /* of the register's halves: the lower one, both are set */
};

struct i40e_fdir {
	bool on; /* its pair of queues, number `queues`, runs or is to run */
	bool clearing;
	u8 asked; /* type whose register the firmware writes now */
	struct ring_desc *tx, *rx;
	u8 *packets;
	iova_t tx_iova, rx_iova, packets_iova, scratch_iova;
	u32 clean, tail, next; /* of tx, tx, rx; they run free */
	struct i40e_fdir_type type[I40E_FDIR_TYPES];
	struct i40e_fdir_slot slot[I40E_FLOWS];
};

struct i40e {
	struct mmio regs;
	struct port *port;
	struct device *dev; /* boot CPU only: generic memory */
	u64 ms;             /* cycles */
	struct walk walk;
	bool identify; /* the walk ends after the probe's list */
	u32 queues;    /* pairs in use */
	u32 offer;     /* pairs with memory */
	u32 total;     /* pairs that the function has */
	u32 on;        /* a bit each: those that were told to run */
	struct ring_watch watch[PORT_QUEUES];
	struct bad_watch bad; /* descriptors that made no sense */
	u8 pf;                /* function number */
	u8 port_number;
	u16 first_queue; /* of the function, in the device's count */
	u16 seid;        /* of our station */
	u16 vsi_number;  /* the same as filters know it */
	u16 api_minor;
	struct i40e_aq aq;
	struct i40e_script script;
	struct i40e_aq_vsi vsi;
	/* host memory cache: one page of page addresses, one page of contexts */
	u64 *hmc_pages;
	u8 *hmc;
	iova_t hmc_pages_iova, hmc_iova;
	u32 hmc_rx; /* place of the receive contexts */
	u8 tx_size_log2, rx_size_log2;
	u8 reta[I40E_RETA_SIZE];
	struct i40e_fdir fdir;
	/* step */
	enum i40e_asking asking;
	u64 ask_link; /* when */
	struct i40e_aq_link link;
	struct link_hold hold;
	u8 module_at; /* byte of the list that is asked next */
	bool module_done, module_sfp;
	u8 module[96];
	/* statistics */
	u64 stat_last[I40E_STATS_MAX];
	u32 stat_next;
	bool stats_on; /* the first round only says where they stand */
	u32 stat_resets;
	struct ring_pair queue[PORT_QUEUES];
};

static inline u32 i40e_rd(const struct i40e *e, enum i40e_reg r)
{
	return mmio_rd32(&e->regs, r);
}

static inline void i40e_wr(const struct i40e *e, enum i40e_reg r, u32 v)
{
	mmio_wr32(&e->regs, r, v);
}

/* Register i of a row of registers, whose stride the table has. */
enum i40e_stride {
#define X(name, off, stride, count, access, text) I40E_STRIDE_##name = (stride),
	I40E_REGISTERS(X)
#undef X
};
#define i40e_rdn(e, name, i) mmio_rd32(&(e)->regs, I40E_##name + I40E_STRIDE_##name * (u32)(i))
#define i40e_wrn(e, name, i, v) \
	mmio_wr32(&(e)->regs, I40E_##name + I40E_STRIDE_##name * (u32)(i), (v))

/* i40e_rx.c: port_ops rx, arm */
u32 i40e_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max);
bool i40e_arm(struct port *p, u32 queue, bool on);

/* i40e_tx.c: port_ops tx, reclaim, drain, room, buffers */
u32 i40e_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n);
u32 i40e_reclaim(struct port *p, u32 queue, struct pool_cache *pc);
u32 i40e_room(const struct port *p, u32 queue);
u32 i40e_buffers(const struct port *p, u32 queue);
u32 i40e_drain(struct port *p, u32 queue, struct pool_cache *pc);

/* i40e_start.c: port_ops start, stop */
int i40e_start(struct port *p, u64 now);
int i40e_stop(struct port *p, u64 now);
/* Boot CPU, probe: reset, and the probe's list of commands. 0, -EAGAIN, other: failed. */
int i40e_identify(struct i40e *e, u64 now);

/* i40e_adminq.c: nothing is under way, and events of before are forgotten. */
void i40e_aq_open(struct i40e *e);
/* The firmware reads and writes none of it any more. */
void i40e_aq_close(struct i40e *e);
/* Send a command, with the first `len` bytes of aq.buffer (0: no buffer). Nothing may be under way.
 */
void i40e_aq_send(struct i40e *e, const struct i40e_aq_desc *d, u32 len, u64 now);
/* Its answer. 0 (see d->retval), -EAGAIN, -ETIMEDOUT, -EIO the answer is another command's. */
int i40e_aq_answer(struct i40e *e, struct i40e_aq_desc *d, u64 now);
static inline bool i40e_aq_busy(const struct i40e *e)
{
	return e->aq.deadline;
}
/* The next event, false: none. Its buffer, if any, is given back at once. */
bool i40e_aq_event(struct i40e *e, struct i40e_aq_desc *d);

/* i40e_admin.c: begin the probe's or the start's list; go on with it. 0 done, -EAGAIN, -EIO a
 * command failed (script.failed, script.retval), -ETIMEDOUT. */
void i40e_admin_begin(struct i40e *e, bool probing);
int i40e_admin_step(struct i40e *e, u64 now);
/* Name of the command that failed last. */
const char *i40e_admin_failed(const struct i40e *e);

/* i40e_hmc.c: memory, in probe (0, -ENOMEM); its registers, after a reset (0, -EIO: sizes that do
 * not fit); context of queue i, while it is off. */
int i40e_hmc_alloc(struct device *d, struct i40e *e);
int i40e_hmc_setup(struct i40e *e);
void i40e_hmc_rx_context(struct i40e *e, u32 i);
void i40e_hmc_tx_context(struct i40e *e, u32 i);
/* The pair of the Flow Director. */
void i40e_hmc_fdir_contexts(struct i40e *e);

/* i40e_setup.c: which queues may run; how many the station has. Before the start's list. */
void i40e_setup_count(struct i40e *e);
/* The largest frame, without FCS. */
u32 i40e_frame_max(const struct i40e *e);
/* After it: rings, contexts, interrupts; queues in `on` are told to run. */
void i40e_setup(struct i40e *e);
/* All of them run; all queues are off. */
bool i40e_queues_run(const struct i40e *e);
bool i40e_queues_off(const struct i40e *e);
/* Tell the transmit queues that they will be disabled (400 us ahead of it), and disable all. */
void i40e_queues_warn(const struct i40e *e);
void i40e_queues_disable(const struct i40e *e);

/* i40e_rss.c: port_ops spread; set-up of the hash */
void i40e_spread(struct port *p, const struct reta *r);
void i40e_rss_setup(struct i40e *e);

/* i40e_fdir.c: memory, in probe (false: none); empty, before its queues are told to run; the table
 * is empty; its queues run; port_ops flow; a command to the firmware, its answer. */
bool i40e_fdir_alloc(struct device *d, struct i40e *e);
void i40e_fdir_begin(struct i40e *e);
bool i40e_fdir_ready(struct i40e *e);
void i40e_fdir_run(struct i40e *e);
int i40e_flow(struct port *p, u32 slot, const struct port_flow *f);
bool i40e_fdir_ask(struct i40e *e, struct i40e_aq_desc *d);
void i40e_fdir_answer(struct i40e *e, const struct i40e_aq_desc *d);

/* i40e_step.c: port_ops step */
void i40e_step(struct port *p, u64 now);

/* i40e_link.c: what firmware says; `fresh`: the port comes up, no hold-down. And as time goes by.
 */
void i40e_link(struct i40e *e, const struct i40e_aq_link *l, u64 now, bool fresh);
void i40e_link_step(struct i40e *e, u64 now);

/* i40e_module.c: the command that asks for the next byte, false: nothing to ask; its answer. */
bool i40e_module_ask(struct i40e *e, struct i40e_aq_desc *d);
void i40e_module_answer(struct i40e *e, const struct i40e_aq_desc *d);
/* The cage is empty. */
void i40e_module_none(struct i40e *e);

/* i40e_stats.c */
int i40e_stats_init(struct port *p);
void i40e_stats_step(struct i40e *e, u32 n);

/* i40e_dump.c: port_ops read_reg */
int i40e_dump_init(struct port *p);
u64 i40e_read_reg(struct port *p, u32 i);
