// SPDX-License-Identifier: MIT
/*
 * fib_lookup: longest-prefix match for QGMs (fib.h): the form for any x86-64, and the choice. The
 * form is a property of each version, chosen by the writer, so that QGMs read no state but the
 * version itself.
 */
#include "qgm/re/fib_path.h"

#include "qgm/cpu.h"

#define FIB_POPCOUNT(x) fib_popcount(x)

#include "qgm/re/fib_walk.h"

void fib_lookup_burst(const struct fib *f, const u32 *dst, u32 *nh_id, u32 n)
{
	if (unlikely(!f->dir)) {
		for (u32 i = 0; i < n; i++)
			nh_id[i] = 0;
		return;
	}
	if (likely(f->path == FIB_PATH_AVX2))
		fib_burst_avx2(f, dst, nh_id, n);
	else
		walk_burst(f, dst, nh_id, n);
}

u32 fib_lookup(const struct fib *f, u32 dst)
{
	if (unlikely(!f->dir))
		return 0;
	return likely(f->path == FIB_PATH_AVX2) ? fib_one_avx2(f, dst) : walk_one(f, dst);
}

u8 fib_path_choose(void)
{
	return cpu_wide() & CPU_AVX2 ? FIB_PATH_AVX2 : FIB_PATH_BASE;
}
