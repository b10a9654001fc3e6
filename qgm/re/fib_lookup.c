// SPDX-License-Identifier: MIT
/*
 * fib_lookup: longest-prefix match for QGMs (fib.h): the form for any x86-64, and the choice. The
 * form is a property of each version, chosen by the writer, so that QGMs read no state but the
 * version itself.
 */
#include "qgm/re/fib_path.h"

#include <cpuid.h>

#include "qgm/cpu.h"
#include "qgm/re/fib_walk.h"

void fib_lookup_burst(const struct fib *f, const u32 *dst, u32 *nh_id, u32 n)
{
	if (unlikely(!f->dir)) {
		for (u32 i = 0; i < n; i++)
			nh_id[i] = 0;
		return;
	}
	if (likely(f->path == FIB_PATH_AVX512))
		fib_burst_avx512(f, dst, nh_id, n);
	else if (f->path == FIB_PATH_AVX2)
		fib_burst_avx2(f, dst, nh_id, n);
	else
		walk_burst(f, dst, nh_id, n);
}

u32 fib_lookup(const struct fib *f, u32 dst)
{
	if (unlikely(!f->dir))
		return 0;
	return likely(f->path != FIB_PATH_BASE) ? fib_one_avx2(f, dst) : walk_one(f, dst);
}

/* AMD's gathers (Zen 4) are slower than as many loads. */
static bool gathers_pay(void)
{
	u32 a, b, c, d;

	__cpuid(0, a, b, c, d);
	return !(b == signature_AMD_ebx && c == signature_AMD_ecx && d == signature_AMD_edx);
}

u8 fib_path_choose(void)
{
	u32 wide = cpu_wide();

	if (wide & CPU_AVX512 && gathers_pay())
		return FIB_PATH_AVX512;
	return wide & CPU_AVX2 ? FIB_PATH_AVX2 : FIB_PATH_BASE;
}
