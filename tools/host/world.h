// SPDX-License-Identifier: MIT
/*
 * world: a whole data plane in one host process: control block, pools, QGMs and memory ports, made
 * in the order of the image's start-up. Single-threaded: world_turn() gives each QGM one turn, in
 * order; a threaded test runs qgm_turn() of each on its own.
 */
#pragma once

#include "qgm/core.h"
#include "tools/host/host.h"
#include "tools/host/memport.h"

struct world {
	u32 nqgm, nports;
	struct qgm *q[QGM_MAX];
	struct memport *m[PORT_MAX]; /* by port id, [0] unused */
	u64 snapshots;
	u64 seq;
};

/* Make it (host_reset() comes first); ports are up. `dp_bytes` as of the image's region. Aborts
 * when it does not work. */
void world_make(struct world *w, u64 dp_bytes, u32 nqgm, u32 nports);

/* The same with the QGMs spread over NUMA nodes, a pool for each. */
void world_make_nodes(struct world *w, u64 dp_bytes, u32 nqgm, u32 nports, u32 nodes);

/* The same with ports of that many Rx and Tx queues. */
void world_make_queues(struct world *w, u64 dp_bytes, u32 nqgm, u32 nports, u16 rx, u16 tx);

/* A turn of each QGM; the virtual clock moves by 10 us. Returns the work done. */
u32 world_turn(struct world *w);

/* Turns until `idle` in a row did nothing; at most `max`. Returns turns made. */
u32 world_settle(struct world *w, u32 idle, u32 max);

/* Bind port `id` to bridge `bridge` (0: unbind), one epoch. */
void world_bridge(struct world *w, u16 id, u16 bridge);

/* Sum over all QGMs (live counters). */
u64 world_drops(const struct world *w, enum drop_reason why);
u64 world_drops_all(const struct world *w);

/* Sum of the counter at `offset` (offsetof in struct qgm_counters). */
u64 world_sum(const struct world *w, size_t offset);
#define WORLD_SUM(w, field) world_sum(w, offsetof(struct qgm_counters, field))

/* Post a command to a QGM and turn until it is answered; returns the result. Events other than the
 * answer are dropped. */
s64 world_command(struct world *w, u16 qgm, struct ctl_cmd cmd);

/*
 * Snapshot of all QGMs, then the laws of DESIGN.md section 4: each QGM, each port, rings, buffers.
 * NULL when all hold (traffic must have stopped for ports and rings), else what does not.
 */
const char *world_law(struct world *w);
