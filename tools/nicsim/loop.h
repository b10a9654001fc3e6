// SPDX-License-Identifier: MIT
/* The one event loop of all ports of a machine: attachments, wires, timers, work, and the control
 * socket. */
#pragma once

#include <signal.h>

#include "tools/nicsim/attach.h"

struct control;

struct loop {
	struct nicsim *sim;
	struct nicsim_attach *attach[NICSIM_DEVS];
	u32 nattach;
	struct control *control; /* NULL: none */
	volatile sig_atomic_t stop;
	u64 end; /* ns of the clock, ~0: when all attachments are gone */
};

/* A real clock in ns since start; set as sim->clock. */
u64 loop_clock(void *arg);
/* Run until all attachments are gone, l->stop or l->end. */
void loop_run(struct loop *l);
