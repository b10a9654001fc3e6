// SPDX-License-Identifier: MIT
/*
 * Does a ring stand still? The owner QGM's look, every 10 ms, at rings that may be another QGM's:
 * numbers that move. The driver says by which sign.
 */
#pragma once

#include "drivers/net/ring/pair.h"

/* What is remembered of a ring. */
struct ring_sign {
	u32 at;
	u64 since; /* 0: nothing is due */
};

struct ring_watch {
	struct ring_sign tx, rx;
};

/* `due`: something is expected to move `at`. True when it was due for longer than `limit` and did
 * not. */
bool ring_stands(struct ring_sign *s, bool due, u32 at, u64 now, u64 limit);

/* Frames wait although there is link, and none of them is reported as sent. */
bool tx_ring_hangs(struct ring_watch *w, const struct tx_ring *q, enum ring_report report,
		   bool link, u64 now, u64 limit);

/* The NIC has passed the next descriptor (its own head says so, or a later one is done) and never
 * wrote it back: nothing behind it can be received. */
static inline bool rx_ring_late(struct ring_watch *w, u32 next, bool passed, u64 now, u64 limit)
{
	return ring_stands(&w->rx, passed, next, now, limit);
}

/* More descriptors than chance makes are wrong. */
struct bad_watch {
	u64 seen, since;
};
bool ring_too_many_bad(struct bad_watch *w, const struct port *p, u32 queues, u64 now, u64 ms);
