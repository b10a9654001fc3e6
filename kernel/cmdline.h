// SPDX-License-Identifier: MIT
/*
 * The kernel's command line: words separated by blanks, `key` or `key=value`; a value may be
 * quoted with "". The last occurrence of a key wins. Read-only after boot; any generic core.
 */
#pragma once

#include "kernel/types.h"

/* Give the text that the functions below search (copied; at most CMDLINE_MAX - 1 bytes kept). */
enum { CMDLINE_MAX = 2048 };
void cmdline_init(const char *text);

/*
 * Value of `key` into buf (always terminated when n > 0). Returns its whole length, 0 for a bare
 * key or an empty value, -1 when the key is absent. A length >= n means it was cut.
 */
int cmdline_get(const char *key, char *buf, size_t n);

/* Is the key there, with or without a value? */
bool cmdline_has(const char *key);

/* Decimal or 0x number with an optional suffix K, M or G; `dflt` when absent or malformed. */
u64 cmdline_u64(const char *key, u64 dflt);

/* Does the comma separated list in `key`'s value contain `item`? */
bool cmdline_list_has(const char *key, const char *item);
