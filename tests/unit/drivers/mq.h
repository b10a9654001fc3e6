// SPDX-License-Identifier: MIT
/*
 * Drivers with several queues on the drivers' bench (rig.h): what qgm/ports.c does for them, in one
 * thread. Each queue has a pool cache of its own, as its QGM would; a reset that the driver asks
 * for is a stop, a drain of each queue, a start.
 */
#pragma once

#include "tests/unit/drivers/rig.h"

struct mq {
	u32 queues;
	struct pool_cache *pc[PORT_QUEUES];
	u64 aborted; /* frames that drains gave back */
	u64 turns;
};

extern struct mq mq;

struct mq_setup {
	struct model *model;
	const struct net_driver *driver;
	u16 vendor, device;
	u32 queues; /* 0: as many as the driver offers */
	u32 buffers;
	bool jumbo;
	bool irq; /* MSI-X entries are there */
};

/* A fresh world, the device probed, its queues dealt; the driver's result. */
int mq_probe(const struct mq_setup *s);
/* The same, the port started, round-robin RETA given. Fails the test when it does not come up. */
void mq_begin(const struct mq_setup *s);
/* Stop, drain; everything must be back and nothing gone wrong. */
void mq_end(void);

/* At most `ms` milliseconds of start or stop, one call a `step_us`. */
int mq_start(u32 ms, u32 step_us);
int mq_stop(u32 ms);

/* Tell the driver that these queues' QGMs are up. */
void mq_spread(u64 queues);

/* One turn: up to max frames of the queue. */
u32 mq_rx(u32 queue, struct packet **pkts, u32 max);
/* `ms` milliseconds of turns of all queues with steps and resets; frames are freed, their number
 * returned. */
u32 mq_run(u32 ms);
/* Time passes, nobody polls. */
void mq_wait(u32 ms);
/* Until the port is not running any more, or `ms` are over; then until it runs again or failed.
 * Milliseconds it took to notice and to come back (~0: not). */
struct mq_recovery {
	u32 noticed, back;
};
struct mq_recovery mq_recover(u32 ms);

/* Sums of the port's and its queues' counters. */
u64 mq_bad(void);
u64 mq_nobuf(void);

/* All buffers of the pool are free, or with the NIC. */
void mq_check_buffers(void);

/* An untagged frame of IPv4 and UDP or TCP, `len` bytes, with a sequence number as its payload. */
struct mq_flow {
	u32 src, dst;
	u16 sport, dport;
	u8 proto;
};
void mq_frame(u8 *f, u32 len, const struct mq_flow *flow, u32 seq);
u32 mq_seq(const u8 *f);
