// SPDX-License-Identifier: MIT
/* Text and binary forms of addresses (POSIX.1-2017; RFC 4291 2.2, output as RFC 5952). */
#pragma once

#include <netinet/in.h>

/* 1: converted; 0: not an address (strict: four decimal parts, no leading zeros); -1: bad family.
 */
int inet_pton(int family, const char *restrict s, void *restrict out);
/* s, or NULL with ENOSPC / EAFNOSUPPORT. */
const char *inet_ntop(int family, const void *restrict addr, char *restrict s, socklen_t n);
char *inet_ntoa(struct in_addr a); /* static buffer */
int inet_aton(const char *s, struct in_addr *out);
