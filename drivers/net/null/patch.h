// SPDX-License-Identifier: MIT
/*
 * patch: frames made from one template of a line and 16 bytes of their own. The benchmarks' peers
 * write a frame by one store of 64 bytes, since they are compiled for the machine they run on
 * (tools/bench/peer/traffic.h); so the same frame has a form for each width here, chosen by
 * qgm/cpu.h. Internal to the null port; its owner QGM.
 */
#pragma once

#include "drivers/net/null/null.h"
#include "qgm/pool.h"

struct null_patches {
	u8 template[CACHE_LINE] __cacheline;
	const u8 (*patch)[NULL_PATCH]; /* n of them, round robin */
	u32 n, next;
	u16 at, len; /* where the patch goes; length of the frames */
};

/* Bare buffers from[0..n) of the pool of `m` (poolmap.h) to pkts[0..n), the last one first: frames
 * into them, and metadata with their lengths. */
typedef void (*null_patch_fn)(struct null_patches *d, const struct pool_map *m,
			      struct packet *const *from, struct packet **pkts, u32 n);

void null_patch_plain(struct null_patches *d, const struct pool_map *m, struct packet *const *from,
		      struct packet **pkts, u32 n);
void null_patch_avx2(struct null_patches *d, const struct pool_map *m, struct packet *const *from,
		     struct packet **pkts, u32 n);
void null_patch_avx512(struct null_patches *d, const struct pool_map *m, struct packet *const *from,
		       struct packet **pkts, u32 n);

/* The next patch into the frame at `data`, which is the template. */
static inline void null_patch_one(struct null_patches *d, u8 *data)
{
	u32 next = d->next;

	__builtin_memcpy(data + d->at, d->patch[next], NULL_PATCH);
	d->next = next + 1 == d->n ? 0 : next + 1;
}
