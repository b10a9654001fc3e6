// SPDX-License-Identifier: MIT
/*
 * order: a router of N QGMs and four memory ports under load, in which every frame says which flow
 * it is of and which number it has there, and every change of steering may happen at any time.
 *
 *	hosts 10.0.1.x -- port 1 --+        +-- port 2 -- hosts 10.0.2.x
 *	                           | router |
 *	hosts 10.0.3.x -- port 3 --+        +-- port 4 -- hosts 10.0.4.x
 *
 * What comes out is judged frame by frame: no flow out of order, nothing damaged, doubled or made
 * up; what is missing is counted by name at the end, and the conservation law holds.
 */
#pragma once

#include "tools/host/world.h"

enum { ORDER_PORTS = 4, ORDER_FLOWS = 512 };

struct order_setup {
	u64 seed;
	u32 nqgm;
	u16 rx, tx;        /* queues of each port */
	const char *plant; /* planted bugs */
	u64 frames;        /* to send in all */
	u32 window;        /* frames under way at most */
};

struct order_result {
	u64 sent, out, drops, disorder, damaged, gaps;
	u64 steered, moves; /* over all QGMs */
	const char *law;    /* NULL: it holds */
};

/* QGMs take their turns one at a time, in an order drawn from the seed: some stand still for
 * a while, as a core does that was stolen. Changes come between turns. */
void order_simulate(const struct order_setup *s, struct order_result *r);

/* QGMs on threads of their own, changes from another one. */
void order_threads(const struct order_setup *s, struct order_result *r);

/* The world of the last run, for a look at its counters. */
struct world *order_world(void);
