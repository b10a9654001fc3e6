// SPDX-License-Identifier: MIT
/* Products of 128 bits without a library. Any core. */
#pragma once

#include "kernel/types.h"

/* a * b / c; the quotient must fit into 64 bits (else a divide error). */
static inline u64 mul_div(u64 a, u64 b, u64 c)
{
	u64 lo, hi, rem;

	__asm__("mulq %3" : "=a"(lo), "=d"(hi) : "0"(a), "rm"(b) : "cc");
	__asm__("divq %4" : "=a"(lo), "=d"(rem) : "0"(lo), "1"(hi), "rm"(c) : "cc");
	return lo;
}

/* a * b >> 32, for 32.32 fixed-point factors. */
static inline u64 mul_shift32(u64 a, u64 b)
{
	return (u64)((unsigned __int128)a * b >> 32);
}
