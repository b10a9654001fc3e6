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
	u64 meta;   /* first line of metadata */
	u64 data;   /* of its packet: buffer + headroom */
	u64 stride; /* of buffers, below 2^32 */
	u8 id;
};

/* data, pool; all the rest 0 but timestamp and reserved, which are left as they are. */
void pool_fresh_avx2(const struct pool_lines *p, struct packet *const *pkts, u32 n);
