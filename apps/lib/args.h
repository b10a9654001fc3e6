// SPDX-License-Identifier: MIT
/* Values from the command line, and one way to complain about them. */
#pragma once

#include <stdint.h>

/* The whole of s as a decimal number in min..max. 0, -EINVAL not a number, -ERANGE. */
int args_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out);
/* "1", "0.5", "2.25": seconds to milliseconds, min..max in ms. 0, -EINVAL, -ERANGE. */
int args_seconds(const char *s, uint64_t min_ms, uint64_t max_ms, uint64_t *out_ms);
/* Prints "prog: message" on standard error and exits with 2. */
void args_die(const char *prog, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
