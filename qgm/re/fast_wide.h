// SPDX-License-Identifier: MIT
/*
 * fast_wide: the first pass of fast.c over eight packets at a time. For CPUs with CPU_AVX512
 * (struct re, `wide`); QGM cores. The conditions are those of usual4() and usual6() and nothing
 * else; eight packets of which one does not meet them are left to these.
 */
#pragma once

#include "qgm/packet.h"
#include "libc/include/pix/net.h"

enum { FAST_LANES = 8 };

/* Usual packets of a burst. Packets to one destination come in trains: a key for each train. */
struct train4 {
	u32 n, keys;
	u32 tags; /* not 0: not all l3_off are those of a frame without tag */
	struct packet *p[BURST_MAX];
	u8 of[BURST_MAX]; /* packet -> key */
	u32 key[BURST_MAX];
};

struct train6 {
	u32 n, keys;
	u32 tags; /* not 0: not all l3_off are those of a frame without tag */
	struct packet *p[BURST_MAX];
	u8 of[BURST_MAX];
	struct pix_ip key[BURST_MAX];
};

/*
 * Take eights of usual packets from the front of p[0..n), without VLAN tag, into *b, as long as
 * they are; returns how many packets. `mac` as for_us() of fast.c wants it; `own`: the filter of
 * fib.h or fib6.h.
 */
u32 fast_wide4(u64 mac, const u64 *own, struct packet *const *p, u32 n, struct train4 *b);
u32 fast_wide6(u64 mac, const u64 *own, struct packet *const *p, u32 n, struct train6 *b);
