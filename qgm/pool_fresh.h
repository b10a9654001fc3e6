// SPDX-License-Identifier: MIT
/*
 * pool_fresh: wide code of a pool: the metadata of packets that are taken from it, set in as few
 * stores as the CPU can do it (a burst is bound by them; one of 64 bytes takes as long as two of
 * 32), and the look at those that come back. pool.c chooses by cpu_wide(). Owner QGM of the cache
 * only.
 */
#pragma once

#include "qgm/poolmap.h"

/* from[0..n) to pkts[0..n), the last one first, and each as by pool_map_fresh() of length 0. */
void pool_fresh_avx2(const struct pool_map *p, struct packet **pkts, struct packet *const *from,
		     u32 n);

enum { POOL_LINES_MIN = 4 };

/* from[0..n) to to[0..n), n >= POOL_LINES_MIN. Are all of them lines of the `count` (at least 1)
 * packets at `meta`? If not, what is in to[] is of no use. */
bool pool_lines_avx2(struct packet **to, struct packet *const *from, u32 n, u64 meta, u64 count);
