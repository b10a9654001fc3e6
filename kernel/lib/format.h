// SPDX-License-Identifier: MIT
/* printf-like formatting without floating point. Pure; any core, host tests too. */
#pragma once

#include <stdarg.h>
#include "kernel/types.h"

/*
 * Format into buf, always terminated when n > 0. Returns the length that the whole text would
 * have, like C's vsnprintf. %s %c %d %i %u %x %X %o %p %%, flags - 0 + space #, width and precision
 * (also *), h hh l ll z t. An unknown conversion is copied as it stands.
 */
int kvsnprintf(char *buf, size_t n, const char *fmt, va_list ap) __printf(3, 0);
int ksnprintf(char *buf, size_t n, const char *fmt, ...) __printf(3, 4);
