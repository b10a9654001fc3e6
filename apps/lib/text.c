// SPDX-License-Identifier: MIT
/* Growing strings: see text.h. */
#include "apps/lib/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX_DEFAULT ((size_t)16 << 20)

void text_free(struct text *t)
{
	free(t->s);
	t->s = NULL;
	t->len = t->room = 0;
	t->failed = false;
}

void text_clear(struct text *t)
{
	text_cut(t, 0);
	t->failed = false;
}

void text_cut(struct text *t, size_t len)
{
	if (len >= t->len)
		return;
	t->len = len;
	t->s[len] = 0;
}

static bool text_reserve(struct text *t, size_t n)
{
	size_t max = t->max ? t->max : TEXT_MAX_DEFAULT;

	if (t->failed)
		return false;
	if (n > max || t->len > max - n) {
		t->failed = true;
		return false;
	}
	if (t->len + n < t->room)
		return true;
	size_t room = t->room ? t->room : 128;
	while (room <= t->len + n)
		room *= 2;
	char *s = realloc(t->s, room);
	if (!s) {
		t->failed = true;
		return false;
	}
	t->s = s;
	t->room = room;
	return true;
}

void text_add(struct text *t, const char *s, size_t n)
{
	if (!text_reserve(t, n))
		return;
	if (n)
		memcpy(t->s + t->len, s, n);
	t->len += n;
	t->s[t->len] = 0;
}

void text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_putc(struct text *t, char c)
{
	text_add(t, &c, 1);
}

void text_pad(struct text *t, char c, size_t n)
{
	if (!text_reserve(t, n))
		return;
	memset(t->s + t->len, c, n);
	t->len += n;
	t->s[t->len] = 0;
}

void text_printf(struct text *t, const char *fmt, ...)
{
	char small[256];
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0) {
		t->failed = true;
		return;
	}
	if ((size_t)n < sizeof(small)) {
		text_add(t, small, (size_t)n);
		return;
	}
	if (!text_reserve(t, (size_t)n))
		return;
	va_start(ap, fmt);
	vsnprintf(t->s + t->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	t->len += (size_t)n;
}

const char *text_str(const struct text *t)
{
	return t->s ? t->s : "";
}
