// SPDX-License-Identifier: MIT
/*
 * nic: a driver of drivers/net/ on the register-level model of its chip (tools/nicsim), in this
 * process, for benchmarks in two phases: while the driver is timed its register writes are only
 * noted; then they are handed to the model, which works while nobody looks at the clock.
 */
#pragma once

#include "kernel/driver.h"
#include "tools/nicsim/sim.h"

enum { NIC_LOG = 4096 };

struct nic {
	struct nicsim *sim;
	struct nicsim_dev *dev;
	struct device device;
	struct port *port;
	struct pool *pool;
	struct pool_cache *pc;
	u64 now;  /* ns */
	u64 sent; /* frames that left */
	bool timed;
	u32 reads; /* of registers, while timed */
	u32 writes;
	struct {
		u32 bar, bytes;
		u64 off, v;
	} log[NIC_LOG];
};

/* The port up, with link. spec as of nicsim_add(). Ends the program when it cannot be. */
struct nic *nic_make(const char *spec, const struct net_driver *drv, u16 vendor, u16 device,
		     u32 buffers);

/* The second phase: what the driver wrote reaches the model, which does all it owes. */
void nic_settle(struct nic *n);
