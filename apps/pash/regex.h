// SPDX-License-Identifier: MIT
/*
 * Regular expressions for `| match`: . [set] [^set] ( ) | * + ? ^ $ and \ before any of them. Time
 * grows with length of pattern times text, whatever the pattern (all states are followed at once).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define REGEX_MAX 512 /* instructions */

struct regex {
	unsigned n;
	bool valid;
	struct {
		unsigned char op, c;
		unsigned short x, y;
		unsigned char set[32];
	} code[REGEX_MAX];
};

/* False: not a regular expression (or too long). */
bool regex_compile(struct regex *r, const char *pattern);
/* Does it match anywhere in the n bytes? */
bool regex_search(const struct regex *r, const char *s, size_t n);
