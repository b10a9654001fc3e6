// SPDX-License-Identifier: MIT
/*
 * neigh: packets of one QGM that wait for a neighbour. A packet whose next hop is not resolved is
 * held in the queue of (interface, next-hop address), arpd is sent the address, not the packet.
 * At the first burst of an epoch in which the neighbour is resolved its queue is routed again
 * before newer packets. It fails when arpd says so or by its own timeout.
 *
 * Bounds: NEIGH_ENTRIES neighbours, NEIGH_QUEUE packets each, NEIGH_PACKETS in all; beyond them
 * `neighbour_queue_full`: of a full queue the oldest goes (RFC 1122 2.3.2.2 wants the latest kept).
 */
#pragma once

#include "qgm/qgm.h"

enum {
	NEIGH_ENTRIES = 128,
	NEIGH_QUEUE = 32,
	NEIGH_PACKETS = 256,
	NEIGH_TIMEOUT_MS = 4000, /* arpd gives up after 3 s */
	NEIGH_REPEAT_MS = 1000,  /* the event is sent again: it may have been lost */
	NEIGH_RETRY_MS = 50,     /* after the event ring was full or the rate was over */
	NEIGH_EVENT_RATE = 500,  /* events a second per QGM */
	NEIGH_EVENT_BURST = 128,
};

struct re;
struct neigh_queues;

/* Boot only. NULL when memory runs out. */
struct neigh_queues *neigh_queues_create(u32 node, u64 hz);

/* Hold `p` (nh_id and nh_gen set) until `addr` on `ifid` is resolved. Consumes it. */
void neigh_wait(struct re *re, struct packet *p, u16 ifid, struct pix_ip addr);

/* A new root: route again what is resolved (or has another route) now. */
void neigh_epoch(struct re *re, const struct tables *t);

/* `addr` (link-local: scoped or not) on `ifid` does not answer: drop its queue as
 * neighbour_unresolved, host unreachable. */
void neigh_failed(struct re *re, const struct tables *t, u16 ifid, struct pix_ip addr);

/* Timeouts and repeated events. Returns the clock at which to call it again, ~0 when nothing
 * waits. */
u64 neigh_tick(struct re *re, const struct tables *t, u64 now);
