// SPDX-License-Identifier: MIT
/*
 * fib_walk: the lookup over the layout of fib_layout.h, compiled once for any x86-64 (fib_lookup.c)
 * and once with POPCNT and BMI2 (fib_avx2.c). The includer may define FIB_POPCOUNT. QGM cores.
 *
 * One loop, no branch and no prefetch: the iterations do not depend on each other and are short, so
 * that the core itself has the loads of many destinations under way.
 */
#pragma once

#include "qgm/atomic.h"
#include "qgm/re/fib.h"
#include "qgm/re/fib_layout.h"

#ifndef FIB_POPCOUNT
#define FIB_POPCOUNT(x) fib_popcount(x)
#endif

static inline u32 walk_node(const u8 *node, u32 v)
{
	u32 w = v >> 6;
	u32 i = FIB_POPCOUNT(fib_load64(node + 8 * w) >> (v & 63)) + node[FIB_NODE_ABOVE + w];

	return fib_load32(node + FIB_NODE_LEAF + 4 * i);
}

/* An entry may change at any time (fib.h). What it leads to was stored before; loads that depend on
 * it come after it on x86, and ThreadSanitizer wants to be told. */
static inline u32 fib_entry(const u32 *dir, u32 i)
{
#ifdef __SANITIZE_THREAD__
	return load_acquire(&dir[i]);
#else
	return load_relaxed(&dir[i]);
#endif
}

static inline u32 walk_narrow(const u8 *recs, u32 entry, u32 dst)
{
	u32 at = (entry >> FIB_SHIFT_BITS) + ((dst >> 8 & 63) >> (entry & FIB_SHIFT_MASK));

	return load_relaxed(&recs[at]); /* fib_patch_store() */
}

/* A destination whose byte is FIB_ESCAPE. */
static inline u32 walk_wide(const struct fib *f, u32 dst)
{
	u32 entry = fib_entry(f->dir, dst >> 14), i, leaf;
	const u8 *rec = f->recs + (entry >> FIB_SHIFT_BITS);

	if (unlikely(!(entry & FIB_WIDE))) /* it was, a moment ago */
		return walk_narrow(f->recs, entry, dst);
	i = FIB_POPCOUNT(fib_load64(rec + FIB_WIDE_BITS) >> (dst >> 8 & 63));
	leaf = fib_load32(rec + FIB_WIDE_LEAF + 4 * i);
	if (leaf & FIB_CHILD)
		leaf = walk_node(f->recs + (leaf ^ FIB_CHILD), dst & 255);
	return leaf;
}

static inline u32 walk_small(const struct fib *f, u32 dst)
{
	u32 leaf = fib_entry(f->dir, dst >> 24);

	for (u32 shift = 16; leaf & FIB_CHILD; shift -= 8)
		leaf = walk_node(f->recs + (leaf ^ FIB_CHILD), dst >> shift & 255);
	return leaf;
}

static inline u32 walk_one(const struct fib *f, u32 dst)
{
	u32 entry;

	if (f->bits == FIB_BITS_SMALL)
		return walk_small(f, dst);
	entry = fib_entry(f->dir, dst >> 14);
	return unlikely(entry & FIB_WIDE) ? walk_wide(f, dst) : walk_narrow(f->recs, entry, dst);
}

static inline void walk_burst_small(const struct fib *f, const u32 *dst, u32 *nh_id, u32 n)
{
	for (u32 i = 0; i < n; i++)
		nh_id[i] = walk_small(f, dst[i]);
}

/* Is there a destination left to look up once more? */
static inline bool walk_burst_large(const u32 *dir, const u8 *recs, const u32 *dst, u32 *nh_id,
				    u32 n)
{
	u32 wide = 0;

	for (; n >= 8; n -= 8, dst += 8, nh_id += 8) {
#pragma GCC unroll 8
		for (u32 i = 0; i < 8; i++) {
			u32 entry = fib_entry(dir, dst[i] >> 14);

			wide |= entry;
			nh_id[i] = walk_narrow(recs, entry, dst[i]);
		}
	}
	for (u32 i = 0; i < n; i++) {
		u32 entry = fib_entry(dir, dst[i] >> 14);

		wide |= entry;
		nh_id[i] = walk_narrow(recs, entry, dst[i]);
	}
	return wide & FIB_WIDE;
}

static inline void walk_burst_wide(const struct fib *f, const u32 *dst, u32 *nh_id, u32 n)
{
	for (u32 i = 0; i < n; i++)
		if (nh_id[i] == FIB_ESCAPE)
			nh_id[i] = walk_wide(f, dst[i]);
}

static inline void walk_burst(const struct fib *f, const u32 *dst, u32 *nh_id, u32 n)
{
	if (f->bits == FIB_BITS_SMALL)
		walk_burst_small(f, dst, nh_id, n);
	else if (unlikely(walk_burst_large(f->dir, f->recs, dst, nh_id, n)))
		walk_burst_wide(f, dst, nh_id, n);
}
