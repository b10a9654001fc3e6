// SPDX-License-Identifier: MIT
/*
 * sent: what frames that go out add up to, by wide code (qgm/cpu.h). output.c calls it on the QGM
 * that hands them to a NIC, and has the general way.
 */
#pragma once

#include "qgm/packet.h"

struct sent_sum {
	u64 bytes;
	u32 first; /* frames that came from the port of p[0]; the others are from that of p[n - 1]
		    */
};

/* Sums of p[0..n), 1 <= n <= BURST_MAX. False: they came from more than two ports, and *s is of no
 * use. */
typedef bool (*sent_fn)(struct packet *const *p, u32 n, struct sent_sum *s);

bool sent_sum_avx512(struct packet *const *p, u32 n, struct sent_sum *s);
