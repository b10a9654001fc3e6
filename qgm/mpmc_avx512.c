// SPDX-License-Identifier: MIT
/* mpmc with wider loads and stores of slots (behind CPU_AVX512). */
#define MPMC_NAME(x) x##_avx512

#include "qgm/mpmc_run.h"
