// SPDX-License-Identifier: MIT
/*
 * memport: a network port in memory for host programs, which behaves as a NIC does: it posts
 * buffers, fills them with the frames that its source has, owns what is given to Tx until it has
 * "sent" it (to the sink) and reclaim gives the buffers back. Rings are bounded; frames that find
 * no posted buffer are lost at the port (rx_missed), as on a wire. With several queues each is used
 * by its own QGM's thread alone; source and sink are then called from all of them.
 */
#pragma once

#include "qgm/port.h"

enum { MEMPORT_RX = 256, MEMPORT_TX = 256, MEMPORT_RETA = 128, MEMPORT_FLOWS = 4 };

struct memport_queue {
	struct packet *posted[MEMPORT_RX];
	u32 nposted;
	struct packet *tx[MEMPORT_TX];
	u32 tx_head, tx_done, tx_tail; /* given by the engine, sent, reclaimed */
	u64 sent, received, doorbells;
	bool armed;
} __cacheline;

struct memport {
	struct port *port;
	/* Wire in: writes the next frame to data (at most room bytes), returns its length, 0: none
	 * now. */
	u32 (*source)(struct memport *m, u8 *data, u32 room);
	/* The same by queue, instead of `source`: what the NIC's RSS put there. */
	u32 (*source_of)(struct memport *m, u32 queue, u8 *data, u32 room);
	/* Wire out: a frame was sent. */
	void (*sink)(struct memport *m, const u8 *data, u32 len);
	void *arg;
	bool tx_stuck;                        /* sends nothing: the Tx ring fills */
	u32 tx_slow;                          /* sends at most that many a reclaim, 0: all */
	bool step_reclaims;                   /* as some drivers do, without a word to the engine */
	bool link;                            /* what step() reports */
	int start_delay;                      /* calls of start() that say "again" */
	u8 reta[MEMPORT_RETA];                /* Rx queue by the hash's low bits */
	u32 spreads;                          /* times that it was written */
	struct port_flow flow[MEMPORT_FLOWS]; /* of its filters, with several queues */
	u32 flows;                            /* slots in use, a bit each */
	u32 flow_calls;
	u8 flow_refuses; /* rules that leave such a field open */
	u32 flow_takes;  /* calls until a rule is there or gone; one at a time, then */
	u32 flow_asked;
	u32 reg_reads;
	u32 starts, stops; /* that were done */
	struct memport_queue q[PORT_QUEUES];
};

/* Start-up: makes and registers a port of one queue. NULL when memory or ids run out. */
struct memport *memport_create(void);

/* The same with queues; the engine uses as many as there are QGMs. */
struct memport *memport_create_queues(u16 rx, u16 tx);

/* The port is RUNNING with link up without a command; for tests that do not want the start. */
void memport_up(struct memport *m);

/* The Rx queue to which the port's RSS brings a flow with that hash. */
u32 memport_queue(const struct memport *m, u32 hash);

/* Frames over all queues. */
u64 memport_sent(const struct memport *m);
