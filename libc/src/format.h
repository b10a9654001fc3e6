// SPDX-License-Identifier: MIT
/* The one formatter behind the printf family. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/* Where formatted text goes: any number of calls, n > 0 bytes each. */
typedef void (*format_out)(void *ctx, const char *s, size_t n);

/* Formats (ISO C17 7.21.6.1) and returns the bytes produced, or -1 with EOVERFLOW above INT_MAX
 * and with EINVAL for an unknown conversion (text up to it has been put out). */
int format(format_out out, void *ctx, const char *fmt, va_list ap);
