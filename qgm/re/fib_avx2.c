// SPDX-License-Identifier: MIT
/* fib_avx2: the lookup for CPUs with POPCNT, BMI2 and AVX2 (fib_walk.h). QGM cores. */
#include "qgm/re/fib_path.h"

#define FIB_POPCOUNT(x) ((u32)__builtin_popcountll(x))

#include "qgm/re/fib_walk.h"

void fib_burst_avx2(const struct fib *f, const u32 *dst, u32 *nh_id, u32 n)
{
	walk_burst(f, dst, nh_id, n);
}

u32 fib_one_avx2(const struct fib *f, u32 dst)
{
	return walk_one(f, dst);
}
