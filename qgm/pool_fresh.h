// SPDX-License-Identifier: MIT
/*
 * pool_fresh: the metadata of packets that are taken from a pool, set in as few stores as the CPU
 * can do it (a burst is bound by them; one of 64 bytes takes as long as two of 32). pool.c chooses
 * by cpu_wide(). Owner QGM of the cache only.
 */
#pragma once

#include "qgm/packet.h"

/* What it needs of a pool. */
struct pool_lines {
	/* Lines and buffers are both a whole number of lines apart, so that data = at + line *
	 * ratio for the addresses of both (modulo 2^64). */
	u64 at;
	u64 ratio;
	u8 id;
};

/* from[0..n) to pkts[0..n), the last one first, and in each: data, pool; all the rest 0 but
 * timestamp and reserved, which are left as they are. */
void pool_fresh_avx2(const struct pool_lines *p, struct packet **pkts, struct packet *const *from,
		     u32 n);
