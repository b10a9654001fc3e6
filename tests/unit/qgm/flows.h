// SPDX-License-Identifier: MIT
/*
 * flows: traffic whose every frame says which it is: Ethernet + IPv4 + UDP, payload = flow,
 * sequence number, checksum over the payload. The receiving side counts what is lost, damaged,
 * doubled or out of order within a flow.
 */
#pragma once

#include "qgm/compiler.h"

enum { FLOWS_MAX = 1024, FLOW_FRAME_MIN = 74 };

struct flows {
	u64 seed;
	u32 n;
	u64 sent[FLOWS_MAX];     /* next sequence number */
	u64 expected[FLOWS_MAX]; /* at the receiver */
	u64 received[FLOWS_MAX];
	u64 gaps, disorder, damaged, unknown, total;
};

void flows_init(struct flows *f, u64 seed, u32 n);

/* The next frame of flow `flow` between stations: MAC 02:00:00:00:hh:ll of src and dst. Returns
 * its length, chosen between FLOW_FRAME_MIN and max. */
u32 flows_make(struct flows *f, u32 flow, u32 src, u32 dst, u8 *data, u32 max);

/* A frame came out: account for it. */
void flows_take(struct flows *f, const u8 *data, u32 len);

/* Small fast random numbers. */
u64 flows_random(struct flows *f);
