// SPDX-License-Identifier: MIT
/* mpmc with wider loads and stores of slots (behind CPU_AVX2). */
#define MPMC_NAME(x) x##_avx2

#include "qgm/mpmc_run.h"
