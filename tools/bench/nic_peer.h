// SPDX-License-Identifier: MIT
/*
 * nic_peer: DPDK's driver of a NIC on a second model of the chip, in this process, beside ours
 * (nic.h). Its registers are a trap (trap.h): while it is set up each access goes to the model;
 * while it is timed they are plain memory, and what it wrote there reaches the model afterwards.
 */
#pragma once

#include "qgm/compiler.h"
#include "tools/bench/trap.h"
#include "tools/nicsim/sim.h"

enum { NIC_PEER_HOT = 8 };

struct nic_peer {
	struct nicsim *sim;
	struct nicsim_dev *dev;
	struct trap registers;
	const char *name;
	u64 sent; /* frames that left */
	bool up;
	/* Accesses while they are counted, and the registers that were written then. */
	u32 reads, writes;
	u32 nhot;
	struct {
		u32 off, v;
	} hot[NIC_PEER_HOT];
};

/* The port up, with link. spec as of nicsim_add(). Ends the program when it cannot be. */
struct nic_peer *nic_peer_make(const char *spec, u16 vendor, u16 device, u32 ring);

/* From on to off: count the accesses of the driver to its registers, each of which goes to the
 * model at once. Otherwise registers are plain memory. */
void nic_peer_count(struct nic_peer *n, bool on);

/* The second phase: what the driver wrote reaches the model, which does all it owes. The registers
 * that it writes must have been seen by nic_peer_count(). */
void nic_peer_settle(struct nic_peer *n);
