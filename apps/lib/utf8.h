// SPDX-License-Identifier: MIT
/* UTF-8 (RFC 3629): well-formed sequences only, no surrogates, no overlong forms. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bytes (1..4) of the sequence at s, of which n > 0 bytes may be read; 0: not well-formed. */
size_t utf8_length(const char *s, size_t n);
/* Writes code point c (below 0x110000, no surrogate) to s. Returns the bytes, 1..4. */
size_t utf8_encode(char s[4], uint32_t c);
