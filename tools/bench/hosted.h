// SPDX-License-Identifier: MIT
/*
 * hosted: the data plane of the image in this process: control block, null ports, pool, QGMs, made
 * in the order of the image's start-up from the image's own objects. tools/host/world.h does the
 * same for tests, with memory ports.
 */
#pragma once

#include "drivers/net/null/null.h"
#include "qgm/control.h"
#include "qgm/core.h"
#include "tools/bench/memory.h"

struct hosted {
	struct qgm *q[QGM_MAX];
	struct port *port[PORT_MAX]; /* by id, 1.. */
	u32 nqgm, nports;
	u64 bytes;
	const char *pages; /* word for people */
};

/* Tables only: control block, arena, first root. `arena_mb` of memory in all. */
void hosted_tables(struct hosted *h, u32 memory_mb);

/* With `nports` null ports, dealt to `nqgm` QGMs as the image deals them. All ports have the MAC
 * address 02:00:00:09:09:01, so that the same frames may come in on each. */
void hosted_make(struct hosted *h, u32 memory_mb, u32 nqgm, u32 nports, enum pages pages);

/* The same in two steps, for other ports: they are made and registered in between. */
void hosted_begin(struct hosted *h, u32 memory_mb, u32 nqgm);
void hosted_finish(struct hosted *h, u32 nports);

/* Start all ports (h->port[] filled, interfaces bound by the caller). */
void hosted_start(struct hosted *h);

/* Bind all ports: L3 with address 10.N.0.1/24 and (six) fd00:0:N::1/64, or L2 of one bridge; start
 * them. */
void hosted_bind(struct hosted *h, u16 mode, bool six);

/* Apply operations, at most PIX_TXN_MAX. Exits 2 when the engine refuses. */
void hosted_txn(struct pix_op *ops, u32 n);

/* Turn all QGMs until nothing happens any more. */
void hosted_settle(struct hosted *h);

/* The conservation law of each QGM and no drops since the start; wrong: exits 1. `drops` that are
 * expected. */
void hosted_check(struct hosted *h, u64 drops);

/* Frames handed to the NICs so far, all QGMs. */
u64 hosted_sent(const struct hosted *h);
