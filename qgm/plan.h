// SPDX-License-Identifier: MIT
/*
 * plan: how the data-plane region is dealt to the engine, from its size alone: one QGM with four
 * ports in 12 MiB, 64 QGMs in 64 MiB, and more buffers where there is more.
 */
#pragma once

#include "qgm/compiler.h"

struct qgm_plan {
	u32 nqgm;
	u32 nports;      /* NIC ports */
	u32 nqueues;     /* queue pairs of all NIC ports that QGMs may use */
	u32 port_queues; /* of one port at most: half of the buffers are enough for all their rings
			  */
	u32 owners;      /* QGMs that own a port: min(nqgm, nports) */
	u32 pool_count;  /* buffers of 2 KiB, first node */
	u32 jumbo_count; /* of 10 KiB, all nodes; 0: too little memory for the ports */
	u32 late_slots;  /* frames kept behind a full Tx queue, by port */
	u32 cache_max;   /* free buffers that one QGM keeps */
	u32 ring_slots;  /* of a packet ring between two QGMs */
	u32 msg_slots;   /* of a message ring between two QGMs */
	u32 cmd_slots, event_slots, punt_slots,
		inject_slots; /* of each QGM with the generic side */
	u32 fdb_buckets;      /* of each owner; room for 4 stations each, at most 6 */
	u64 arena_bytes;
};

/* Any core; pure. `dp_bytes` is what is left of the region, drivers' rings already taken; nqueues:
 * pairs that the ports offer, as far as there are QGMs for them. */
void qgm_plan(u64 dp_bytes, u32 nqgm, u32 nports, u32 nqueues, struct qgm_plan *plan);
