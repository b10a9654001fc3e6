// SPDX-License-Identifier: MIT
/*
 * ixgbe: Intel 82599 (X520) and X540, a pair of queues for each QGM, advanced descriptors of one
 * buffer, completion of transmission by head write-back.
 *
 *	ixgbe_probe.c   boot CPU: ids, registers, address, module, interrupts
 *	ixgbe_start.c   owner QGM: the walk from stop to reset to set-up, with deadlines
 *	ixgbe_setup.c   owner QGM: what the registers are set to after a reset
 *	ixgbe_rx.c      the queue's QGM: bursts in; touches the queue's RDT only
 *	ixgbe_tx.c      the queue's QGM: bursts out; touches the queue's TDT only
 *	ixgbe_step.c    owner QGM, every 10 ms: removal, hangs, lost write-backs, causes
 *	ixgbe_link.c    owner QGM: link, with hold-down of one that flaps
 *	ixgbe_stats.c   owner QGM: statistics registers in turn
 *	ixgbe_dump.c    registers by name
 *	ixgbe_rss.c     owner QGM: spreading over queues, filters for flows
 *	ixgbe_fdir.c    owner QGM: more filters for flows
 *	ixgbe_eeprom.c  boot CPU or owner QGM: semaphores, words of the EEPROM; it is never written
 *	ixgbe_i2c.c     the same: bytes of a module by two wires
 *	ixgbe_sfp.c     the same: what the module is, and the analogue set-up that it needs
 *
 * Everything that takes time is a machine that is called again: none of them waits. The boot CPU
 * calls them with dev_delay_us() in between.
 *
 * Rings and their bursts: drivers/net/ring/; the frame of the walk, links: drivers/net/owner/.
 */
#pragma once

#include "drivers/net/owner/link.h"
#include "drivers/net/owner/walk.h"
#include "drivers/net/ring/advanced.h"
#include "drivers/net/ring/watch.h"
#include "drivers/net/ixgbe/ixgbe_regs.h"

enum {
	/* With two VLAN tags, without FCS. */
	IXGBE_FRAME_MAX = PORT_MTU_DEFAULT + 14 + 8,
	IXGBE_FCS = 4,
	IXGBE_TAG = 4, /* MAXFRS allows one tag more by itself, 8.2.3.22.13 */
	IXGBE_RETA_SIZE = 128,
	IXGBE_FLOWS = 512, /* rules; the Flow Director would take 2,046 */
};

enum ixgbe_phase {
	IXGBE_QUIESCE = WALK_FIRST, /* DMA told to stop, waiting for what is under way */
	IXGBE_FLUSH,  /* it did not end: buffers of the bus being cleared, 5.2.5.3.2 */
	IXGBE_RESET,  /* CTRL.RST written, waiting for the device to come back */
	IXGBE_LOAD,   /* waiting for the EEPROM's values and the DMA memories */
	IXGBE_MODULE, /* finding out what is in the cage, analogue part */
	IXGBE_TABLES, /* its filters being emptied */
	IXGBE_QUEUES, /* queues told to run, waiting until they do */
	IXGBE_RXPATH, /* receive path empty? then it is opened */
};

struct ixgbe_variant {
	const char *name;
	bool sfp;      /* has a cage */
	u32 rx_buffer; /* bytes of its packet buffer */
};

/* A part of the device shared with the firmware and the other port, SW_FW_SYNC. */
struct ixgbe_lock {
	u32 part; /* held, 0: none */
	u64 deadline;
};

struct ixgbe_i2c {
	u8 state;
	u8 bit, byte;
	u8 shift;
	u8 out; /* which byte goes out next: address, offset, address to read */
	bool half;
	u8 len;
	u64 not_before;
	u8 data[96];
};

struct ixgbe_sfp {
	u8 state;
	bool there;    /* ESDP said so when we looked */
	bool known;    /* the module's data are in i2c.data */
	bool unlisted; /* the EEPROM has no analogue set-up for it */
	u8 tries;
	u16 type; /* as the EEPROM's list numbers them */
	u16 at;   /* word of the EEPROM */
	u64 deadline;
	struct ixgbe_i2c i2c;
};

/* A rule for flows, and where it is or is to be. */
enum ixgbe_where { IXGBE_RULE_NONE, IXGBE_RULE_FILTER, IXGBE_RULE_FDIR };
struct ixgbe_rule {
	struct port_flow flow;
	u8 where;
	u8 filter;
	bool done; /* the Flow Director has it */
};

struct ixgbe_fdir {
	bool on;
	u16 busy;  /* slot + 1 whose command is under way or to be judged */
	u16 tries; /* that found it under way */
};

struct ixgbe {
	struct mmio regs;
	const struct ixgbe_variant *variant;
	struct port *port;
	struct device *dev; /* boot CPU only: generic memory */
	u64 ms;             /* cycles */
	struct walk walk;
	bool again; /* a second reset is needed, 5.2.5.3.2 */
	u32 queues; /* pairs in use */
	u32 on;     /* a bit each: those that were told to run */
	struct ring_watch watch[PORT_QUEUES];
	struct bad_watch bad;  /* descriptors that made no sense */
	u32 row;               /* of the tables, while they are emptied */
	u32 stat_next;         /* statistics registers are read in turn */
	u32 rx_stuck, rx_look; /* looks at which frames came in and none went to memory; steps */
	u64 rx_in, rx_out;
	bool stats_on; /* what they counted before the first start is not ours */
	u8 reta[IXGBE_RETA_SIZE];
	struct ixgbe_fdir fdir;
	bool filter_used[IXGBE_FILTERS];
	struct ixgbe_rule rule[IXGBE_FLOWS];
	struct link_hold link;
	/* module */
	struct ixgbe_lock lock;
	struct ixgbe_sfp sfp;
	u64 eerd_deadline; /* 0: no read under way */
	struct ring_pair queue[PORT_QUEUES];
};

static inline u32 ixgbe_rd(const struct ixgbe *e, enum ixgbe_reg r)
{
	return mmio_rd32(&e->regs, r);
}

static inline void ixgbe_wr(const struct ixgbe *e, enum ixgbe_reg r, u32 v)
{
	mmio_wr32(&e->regs, r, v);
}

/* Register i of a row of registers, whose stride the table has. */
#define IXGBE_STRIDE(name) IXGBE_STRIDE_##name
enum ixgbe_stride {
#define X(name, off, stride, count, access, text) IXGBE_STRIDE_##name = (stride),
	IXGBE_REGISTERS(X)
#undef X
};
#define ixgbe_rdn(e, name, i) mmio_rd32(&(e)->regs, IXGBE_##name + IXGBE_STRIDE_##name * (u32)(i))
#define ixgbe_wrn(e, name, i, v) \
	mmio_wr32(&(e)->regs, IXGBE_##name + IXGBE_STRIDE_##name * (u32)(i), (v))

/* ixgbe_rx.c: port_ops rx, arm */
u32 ixgbe_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max);
bool ixgbe_arm(struct port *p, u32 queue, bool on);

/* ixgbe_tx.c: port_ops tx, reclaim, drain, room, buffers */
u32 ixgbe_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n);
u32 ixgbe_reclaim(struct port *p, u32 queue, struct pool_cache *pc);
u32 ixgbe_room(const struct port *p, u32 queue);
u32 ixgbe_buffers(const struct port *p, u32 queue);
u32 ixgbe_drain(struct port *p, u32 queue, struct pool_cache *pc);

/* ixgbe_start.c: port_ops start, stop */
int ixgbe_start(struct port *p, u64 now);
int ixgbe_stop(struct port *p, u64 now);

/* ixgbe_setup.c: after a reset. Empty some rows of the tables, true when all are. */
bool ixgbe_tables(struct ixgbe *e);
/* Everything else; queues in `on` are told to run. */
void ixgbe_setup(struct ixgbe *e);
/* True when all of them do. */
bool ixgbe_queues_run(const struct ixgbe *e);
void ixgbe_filters(const struct ixgbe *e);

/* ixgbe_step.c: port_ops step */
void ixgbe_step(struct port *p, u64 now);

/* ixgbe_link.c: one look at LINKS. `fresh`: the port comes up, no hold-down. */
void ixgbe_link(struct ixgbe *e, u64 now, bool fresh);

/* ixgbe_stats.c */
int ixgbe_stats_init(struct port *p);
void ixgbe_stats_step(struct ixgbe *e, u32 n);
/* Frames come in and none goes to memory. */
bool ixgbe_rx_stuck(const struct ixgbe *e);

/* ixgbe_dump.c: port_ops read_reg */
int ixgbe_dump_init(struct port *p);
u64 ixgbe_read_reg(struct port *p, u32 i);

/* ixgbe_rss.c: port_ops spread, flow; set-up of the hash */
void ixgbe_spread(struct port *p, const struct reta *r);
int ixgbe_flow(struct port *p, u32 slot, const struct port_flow *f);
void ixgbe_rss_setup(struct ixgbe *e);

/* ixgbe_fdir.c: set-up, while reception is off; ready (late: give it up)? Can it hold the rule? Put
 * one in (0, -EAGAIN, -ENOSPC, -EIO), take it out (0, -EAGAIN, -EIO). */
void ixgbe_fdir_setup(struct ixgbe *e);
bool ixgbe_fdir_ready(struct ixgbe *e, bool late);
bool ixgbe_fdir_can(const struct ixgbe *e, const struct port_flow *f);
int ixgbe_fdir_add(struct ixgbe *e, u32 slot, const struct port_flow *f);
int ixgbe_fdir_remove(struct ixgbe *e, u32 slot, const struct port_flow *f);

/*
 * ixgbe_eeprom.c: 0, -EAGAIN call again, -ETIMEDOUT. ixgbe_lock() takes part SYNC_* from
 * firmware and the other port; a holder that does not let go for a second is taken for dead.
 */
int ixgbe_lock(struct ixgbe *e, u32 part, u64 now);
void ixgbe_unlock(struct ixgbe *e);
int ixgbe_eeprom_read(struct ixgbe *e, u16 word, u64 now, u16 *v);

/* ixgbe_i2c.c: read the first `len` bytes at I2C address a0h. 0, -EAGAIN, -ENODEV nobody answers */
void ixgbe_i2c_begin(struct ixgbe *e, u8 len);
int ixgbe_i2c_step(struct ixgbe *e, u64 now);

/* ixgbe_sfp.c: 0 done (with or without a module), -EAGAIN. */
void ixgbe_sfp_begin(struct ixgbe *e, u64 now);
int ixgbe_sfp_step(struct ixgbe *e, u64 now);
/* The same up to where the module is known: the boot CPU's. */
int ixgbe_sfp_identify(struct ixgbe *e, u64 now);
bool ixgbe_sfp_there(const struct ixgbe *e);
