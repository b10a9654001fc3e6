// SPDX-License-Identifier: MIT
/*
 * A string that grows, with a bound. Errors add up: after the first one (no memory, bound reached)
 * further appends do nothing, and the user tests `failed` once at the end.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
	char *s; /* always ends with NUL once something was appended; text_str() never NULL */
	size_t len;
	size_t room;
	size_t max; /* bound of len, 0: 16 MiB */
	bool failed;
};

void text_free(struct text *t);  /* empty again, may be used on */
void text_clear(struct text *t); /* keeps memory and bound */
void text_cut(struct text *t, size_t len);
void text_add(struct text *t, const char *s, size_t n);
void text_puts(struct text *t, const char *s);
void text_putc(struct text *t, char c);
void text_pad(struct text *t, char c, size_t n); /* c, n times */
void text_printf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *text_str(const struct text *t);
