// SPDX-License-Identifier: MIT
/* fib_path: the forms of the lookup (enum fib_path) behind fib_lookup_burst(). The FIB is not
 * empty. */
#pragma once

#include "qgm/re/fib.h"

void fib_burst_avx2(const struct fib *f, const u32 *dst, u32 *nh_id, u32 n);
void fib_burst_avx512(const struct fib *f, const u32 *dst, u32 *nh_id, u32 n);
u32 fib_one_avx2(const struct fib *f, u32 dst);

/* Writer: the form for new versions, by CPUID and XCR0 of this CPU (all CPUs are set up alike). */
u8 fib_path_choose(void);
