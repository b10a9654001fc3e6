// SPDX-License-Identifier: MIT
/*
 * The bench on which a network driver runs: the host's side of kernel/driver.h, a packet pool, and
 * a model of the device behind the register and configuration accesses. A model knows nothing of
 * the driver's headers; its constants come from the data sheet. What a driver does wrong (a
 *register in a wrong state, DMA outside of DMA memory) is a `fault` of the rig and fails the test.
 *
 *	driver --mmio_*, pci_cfg_*--> rig --> model --rig_dma()--> rings and buffers of the driver
 *	test   --inject-------------------> model --sent---------> test
 */
#pragma once

#include "kernel/driver.h"

struct model {
	const char *name;
	u8 cfg[256]; /* configuration space */
	u64 bar_size[DEV_BARS];
	u64 (*rd)(void *m, u32 bar, u64 off, u32 bytes);
	void (*wr)(void *m, u32 bar, u64 off, u32 bytes, u64 v);
	/* The wire: a frame without FCS arrives; false: the device could not take it. */
	bool (*inject)(struct model *m, const u8 *frame, u32 len);
	/* Let the device work on its own (Tx that was held back). */
	void (*run)(struct model *m);
	/* The rig's clock moved (optional); the end of the test (optional). */
	void (*tick)(struct model *m);
	void (*end)(struct model *m);
	/* Faults on command. */
	bool removed;     /* all ones from now on */
	bool stall_tx;    /* frames are fetched never */
	bool stuck_reset; /* the reset never ends */
	bool link;
	u32 interrupts; /* asserted so far */
	/* Frames that the device sent. */
	struct sent {
		u32 len;
		u8 data[10240];
	} * sent;
	u32 sent_head, sent_tail; /* free running, SENT_MAX apart at most */
};

enum { SENT_MAX = 1024, RIG_VECTORS = 32 };

struct rig {
	struct model *model;
	struct device dev;
	struct port *port;
	struct pool *pool;
	struct pool_cache *pc;
	u64 now;
	u32 turn_ms;
	char fault[160]; /* the first thing that went wrong, "" */
	u32 buffer_size; /* of the pool's class */
	u32 irq_kind;    /* what attach calls find: 0 nothing, 1 MSI-X, 2 MSI, 3 a line */
	u32 rearmed;
	u32 vectors;                 /* MSI-X entries for dev_irq_attach_vector() */
	u16 vector_qgm[RIG_VECTORS]; /* QGM + 1 of each, 0: not attached */
	struct dev_irq irq;
	struct dev_irq_test line;
	/* A second device with its port, rig_add(); its queues have a cache of their own. */
	struct model *other_model;
	struct device other_dev;
	struct port *other;
	/* When the driver has made so many more accesses to registers of `model`: once. */
	u32 countdown;
	void (*expired)(void);
	/* What a read of a register of `model` gives instead (optional). */
	u64 (*spoil)(u32 bar, u64 off, u64 v);
};

extern struct rig rig;

/* Queue pairs that drivers are to make, at the next rig_start(); 0: 1. */
extern u32 rig_pairs;
u32 rig_queues_in_use(void);

/* The NIC's counters, with those of its queues. */
struct port_nic_counters rig_nic(void);

/* A fresh world with a pool of `buffers` and the device; probe it. The driver's result. */
int rig_start(struct model *m, const struct net_driver *drv, u16 vendor, u16 device, u32 buffers);

/* The same with jumbo buffers, and a port that is told to post them. */
int rig_start_jumbo(struct model *m, const struct net_driver *drv, u16 vendor, u16 device,
		    u32 buffers);

/* After that: another device with a driver of its own, on the same pool. Its result. */
int rig_add(struct model *m, const struct net_driver *drv, u16 vendor, u16 device);

/*
 * Under ASan, where rig_poison is set at rig_start(): of a buffer that the device wrote to, only
 * what it wrote may be read. (The pool sees to free ones.)
 */
extern bool rig_poison;
void rig_written(u64 iova, u64 len);

/* One register access less until rig.expired, or another event of the test's. */
void rig_event(void);

/* The clock was moved: the devices see it. */
void rig_tick(void);

/* Everything is back and nothing went wrong. */
void rig_end(void);

/* Drive start()/stop() to its end, one millisecond a call, at most `ms`; last return value. Queues
 * are drained after stop, where the driver has that. */
int rig_up(u32 ms);
int rig_down(u32 ms);
/* `ms` milliseconds of polling all queues and of steps, and resets when the driver asks for one;
 * received packets are freed, their number returned. */
u32 rig_run(u32 ms);

/* The memory behind a device address; NULL and a fault when it is not all DMA memory. */
void *rig_dma(u64 iova, u64 len);
/* The same without a fault, and without a promise to write. */
void *rig_dma_find(u64 iova, u64 len);
/* Piece i of the DMA memory, its device address and bytes; false: there are not so many. */
bool rig_dma_piece(u32 i, u64 *iova, u64 *len);
void rig_fault(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* For models: a frame leaves. */
void model_sent(struct model *m, const u8 *data, u32 len);
/* For tests: the oldest frame sent, NULL when there is none; valid until the next call. */
const struct sent *rig_sent(void);

/* A frame of `len` bytes whose bytes follow from seed; and the check. */
void frame_fill(u8 *f, u32 len, u32 seed);
bool frame_is(const u8 *f, u32 len, u32 seed);

/* A packet with such a frame, from the pool. */
struct packet *rig_packet(u32 len, u32 seed);

/* The tests that every NIC driver must pass (suite.c); set up and torn down by the caller. */
struct nic_under_test {
	struct model *(*model)(void); /* fresh */
	const struct net_driver *driver;
	u16 vendor, device;
	u32 rx_ring, tx_ring; /* frames that fit */
	u32 irq_kind;         /* see struct rig */
	u32 hang_ms;          /* a transmitter may stand still so long, 0: a second */
};
extern struct nic_under_test nic;
int suite_run(const char *name);
