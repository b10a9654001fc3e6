// SPDX-License-Identifier: MIT
/* cpu: wide instructions by CPUID and XCR0 (cpu.h). Leaves and bits as in the Intel SDM, vol. 2A,
 * CPUID, and vol. 1, 13.3 (XCR0). */
#include "qgm/cpu.h"

#include <cpuid.h>

enum {
	KNOWN = 1u << 31,
	XCR0_YMM = 0x06, /* SSE and AVX state */
	XCR0_ZMM = 0xe6, /* and opmask, upper halves, ZMM16..31 */
};

static u32 found __boot_const;
static u32 limit __boot_const = ~0u;

static u32 xcr0(void)
{
	u32 lo, hi;

	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	return lo;
}

static bool all(u32 reg, u32 bits)
{
	return (reg & bits) == bits;
}

static u32 detect(void)
{
	u32 a, b, c, d, b7 = 0, c7 = 0, e81 = 0, state = 0, m = KNOWN;

	__cpuid(1, a, b, c, d);
	if (all(c, bit_OSXSAVE | bit_AVX))
		state = xcr0();
	u32 c1 = c;

	__cpuid(0, a, b, c, d);
	if (a >= 7)
		__cpuid_count(7, 0, a, b7, c7, d);
	__cpuid(0x80000000u, a, b, c, d);
	if (a >= 0x80000001u)
		__cpuid(0x80000001u, a, b, e81, d);
	if (all(c1, bit_PCLMUL | bit_SSSE3 | bit_SSE4_1))
		m |= CPU_CLMUL;
	if (all(state, XCR0_YMM) && all(b7, bit_AVX2 | bit_BMI | bit_BMI2) && all(e81, bit_LZCNT) &&
	    all(c1, bit_POPCNT | bit_SSE4_2))
		m |= CPU_AVX2;
	if (!(m & CPU_AVX2) || !all(state, XCR0_ZMM) ||
	    !all(b7, bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL | bit_AVX512CD))
		return m;
	m |= CPU_AVX512;
	if (c7 & bit_VPCLMULQDQ)
		m |= CPU_VPCLMUL;
	if (c7 & bit_GFNI)
		m |= CPU_GFNI;
	if (all(c7, bit_AVX512VBMI | bit_AVX512VBMI2))
		m |= CPU_VBMI;
	if (all(c7, bit_AVX512VPOPCNTDQ | bit_AVX512BITALG))
		m |= CPU_VPOPCNT;
	return m;
}

u32 cpu_wide(void)
{
	if (unlikely(!found))
		found = detect();
	return found & limit & ~KNOWN;
}

void cpu_wide_limit(u32 mask)
{
	limit = mask;
}
