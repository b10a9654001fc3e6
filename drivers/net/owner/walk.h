// SPDX-License-Identifier: MIT
/*
 * start() and stop() of a port as a walk of many calls, none of which waits:
 *
 *	DOWN --begin--> the driver's phases --> UP      (start)
 *	any  --begin--> the driver's phases --> DOWN    (stop: up to the end of the reset)
 *
 * The driver has the phases in between and knows which of them is the last of either way. Owner
 * QGM; probes may walk a part of it on the boot CPU.
 */
#pragma once

#include "kernel/driver.h"

enum walk_phase {
	WALK_DOWN,  /* nothing of ours runs */
	WALK_UP,    /* the driver's step sets it at the end of the way up */
	WALK_GONE,  /* its registers read all ones */
	WALK_FIRST, /* of the driver's own */
};

struct walk {
	u8 phase;
	bool stopping; /* it leads to DOWN */
	u64 not_before, deadline;
};

struct walk_ops {
	/* Do its registers read all ones? */
	bool (*gone)(struct port *p);
	/* Leave whatever state it is in: DMA told to stop, the first phase entered. */
	void (*begin)(struct port *p, u64 now);
	/* One step of the way. 0: at its end (UP, or reset if stopping); -EAGAIN; -EIO: the device
	 * is gone; other: failed. */
	int (*step)(struct port *p, u64 now);
	/* May be NULL. The way up failed: what the driver holds is let go. */
	void (*failed)(struct port *p, int err);
	/* The phase in which a stop that timed out is tried again: its device may still reach the
	 * buffers, they stay with it. */
	u8 again;
};

static inline void walk_enter(struct walk *w, u8 phase, u64 deadline)
{
	w->phase = phase;
	w->deadline = deadline;
}

/* port_ops start, stop. */
int walk_start(struct walk *w, const struct walk_ops *ops, struct port *p, u64 now);
int walk_stop(struct walk *w, const struct walk_ops *ops, struct port *p, u64 now);
