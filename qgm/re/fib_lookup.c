// SPDX-License-Identifier: MIT
/*
 * fib_lookup: longest-prefix match for QGMs (fib.h): the form for any x86-64, and the choice. The
 * form is a property of each version, chosen by the writer, so that QGMs read no state but the
 * version itself.
 */
#include "qgm/re/fib_path.h"

#include "qgm/re/errno.h"

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

/* --- the choice ------------------------------------------------------------------------------ */

static u8 forced __generic = FIB_PATH_COUNT;

static void cpuid(u32 leaf, u32 *a, u32 *b, u32 *c)
{
	u32 d;

	__asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(d) : "a"(leaf), "c"(0));
}

/* POPCNT, OSXSAVE, AVX; BMI1, AVX2, BMI2; and the OS (our kernel, or the host's) keeps YMM state:
 * SDM vol. 1, 14.3. */
static bool have_avx2(void)
{
	const u32 want1 = 1u << 23 | 1u << 27 | 1u << 28;
	const u32 want7 = 1u << 3 | 1u << 5 | 1u << 8;
	u32 a, b, c, lo, hi;

	cpuid(0, &a, &b, &c);
	if (a < 7)
		return false;
	cpuid(1, &a, &b, &c);
	if ((c & want1) != want1)
		return false;
	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	if ((lo & 6) != 6)
		return false;
	cpuid(7, &a, &b, &c);
	return (b & want7) == want7;
}

u8 fib_path_choose(void)
{
	static u8 chosen __generic = FIB_PATH_COUNT;

	if (forced != FIB_PATH_COUNT)
		return forced;
	if (chosen == FIB_PATH_COUNT)
		chosen = have_avx2() ? FIB_PATH_AVX2 : FIB_PATH_BASE;
	return chosen;
}

int fib_force_path(enum fib_path path)
{
	if (path > FIB_PATH_COUNT || (path == FIB_PATH_AVX2 && !have_avx2()))
		return -EINVAL;
	forced = (u8)path;
	return 0;
}
