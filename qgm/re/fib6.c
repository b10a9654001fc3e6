// SPDX-License-Identifier: MIT
/*
 * fib6: IPv6 lookup on QGM cores (fib6_line.h has the layout), for any x86-64. A burst goes level
 * by level: the line that each address needs next is requested before the next level starts, and
 * what is left after the levels that a large table has is finished one by one.
 */
#include "qgm/re/fib6.h"

#include "qgm/cpu.h"
#include "qgm/packet.h"
#include "qgm/re/fib6_burst.h"

u32 fib6_lookup(const struct fib6 *f, struct pix_ip dst)
{
	u32 v = f6_walk(f->base, f->root, dst, 0);

	return v ? v : f->fallback;
}

void fib6_burst_sse2(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n)
{
	f6_burst(f, dst, nh_id, n);
}

void fib6_lookup_burst(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n)
{
	u32 wide = cpu_wide();

	if (wide & CPU_AVX512)
		fib6_burst_avx512(f, dst, nh_id, n);
	else if (wide & CPU_AVX2)
		fib6_burst_avx2(f, dst, nh_id, n);
	else
		fib6_burst_sse2(f, dst, nh_id, n);
}
