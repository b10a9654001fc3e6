// SPDX-License-Identifier: MIT
/*
 * cpu: which wide instructions the data plane may use: the CPU has them (CPUID) and the system
 * keeps their registers (XCR0). Files named *_avx2.c and *_avx512.c are called only behind it.
 */
#pragma once

#include "qgm/compiler.h"

enum cpu_wide {
	CPU_AVX2 = 1u << 0,    /* with BMI1, BMI2, POPCNT, LZCNT, SSE4.2 */
	CPU_CLMUL = 1u << 1,   /* PCLMULQDQ */
	CPU_AVX512 = 1u << 2,  /* F, BW, DQ, VL, CD; ZMM state enabled */
	CPU_VPCLMUL = 1u << 3, /* VPCLMULQDQ on ZMM registers */
	CPU_GFNI = 1u << 4,    /* GF2P8AFFINEQB on ZMM registers */
	CPU_VBMI = 1u << 5,    /* AVX-512 VBMI and VBMI2 */
	CPU_VPOPCNT = 1u << 6, /* AVX-512 VPOPCNTDQ and BITALG */
};

/* Bits of enum cpu_wide. The first call is on the boot CPU (qgm_setup()); any core afterwards. */
u32 cpu_wide(void);

/* Boot or test: as if the CPU had only these. ~0: what it has. */
void cpu_wide_limit(u32 mask);
