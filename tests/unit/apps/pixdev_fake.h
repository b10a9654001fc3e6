// SPDX-License-Identifier: MIT
/*
 * A double of apps/lib/pixdev.c: answers from structures that a test fills, records transactions
 * and carries them out on its interfaces, bridges and static routes the way the kernel does.
 */
#pragma once

#include "apps/lib/pixdev.h"

#define FAKE_MAX    8
#define FAKE_IFACES 32
#define FAKE_ROUTES 64
#define FAKE_OPS    128

struct fake {
	int error; /* all calls fail with it */
	struct pix_info info;
	struct pix_cpu cpu[FAKE_MAX];
	struct pix_port port[FAKE_MAX];
	struct pix_iface iface[FAKE_IFACES];
	struct pix_qgm qgm[FAKE_MAX];
	struct pix_drop drop[FAKE_MAX];
	struct pix_route route[FAKE_ROUTES];
	struct pix_mac mac[FAKE_MAX];
	struct pix_bridge bridge[FAKE_MAX];
	struct pix_pool pool[FAKE_MAX];
	struct pix_if_count if_count[FAKE_MAX];
	struct pix_conservation law[FAKE_MAX];
	struct pix_port_law port_law[FAKE_MAX];
	struct pix_steer steer[FAKE_MAX];
	struct pix_flow flow[FAKE_MAX];
	struct pix_table table[FAKE_MAX];
	u32 steers, flows, tables;
	u32 cpus, ports, ifaces, qgms, drops, routes, macs, bridges, pools, laws, port_laws,
		if_counts;
	struct pix_snapshot snapshot;
	const char *log;
	const char *boot;

	/* transactions */
	u32 txns;   /* that were applied */
	u32 checks; /* with PIX_TXN_CHECK */
	u64 epoch;
	struct pix_op op[FAKE_OPS]; /* of the last one */
	u32 ops;
	int txn_error;       /* the next transaction fails so ... */
	u32 txn_failed;      /* ... at this operation */
	const char *txn_why; /* ... in words, NULL: none */
};

extern struct fake fake;

/* Two ports eth0 (e1000) and eth1 (virtio-net), a NIC without a driver, two cores, one QGM. */
void fake_reset(void);
