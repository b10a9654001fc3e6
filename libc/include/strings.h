// SPDX-License-Identifier: MIT
/* The BSD corner of strings (POSIX.1-2017 strings.h). */
#pragma once

#include <stddef.h>

int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t n);
/* memset that the compiler does not remove, for secrets. */
void explicit_bzero(void *p, size_t n);
