// SPDX-License-Identifier: MIT
/* Aligned tables: see table.h. */
#include "apps/pash/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define GAP 2

static void cell(struct table *t, const char *s)
{
	unsigned n = (unsigned)strlen(s);

	if (t->column == t->columns) {
		t->column = 0;
		t->rows++;
	}
	if (n > t->width[t->column])
		t->width[t->column] = n;
	text_add(&t->cells, s, n + 1);
	t->column++;
}

void table_begin(struct table *t, const char *const *headers)
{
	memset(t, 0, sizeof(*t));
	while (t->columns < TABLE_COLUMNS && headers[t->columns])
		t->columns++;
	for (unsigned i = 0; i < t->columns; i++) {
		t->right[i] = headers[i][0] == '>';
		cell(t, headers[i] + t->right[i]);
	}
}

void table_str(struct table *t, const char *s)
{
	cell(t, s);
}

void table_u64(struct table *t, unsigned long long v)
{
	table_printf(t, "%llu", v);
}

void table_printf(struct table *t, const char *fmt, ...)
{
	char buf[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	cell(t, buf);
}

void table_keys(struct table *t, const struct json *object, const char *const *keys)
{
	for (; *keys; keys++) {
		const struct json *v = json_get(object, *keys);

		if (!v)
			cell(t, "");
		else if (v->type == JSON_INT)
			table_printf(t, "%s%llu", v->negative ? "-" : "",
				     (unsigned long long)v->magnitude);
		else if (v->type == JSON_BOOL)
			cell(t, v->b ? "yes" : "no");
		else if (v->type == JSON_STRING)
			cell(t, v->str);
		else
			cell(t, "");
	}
}

void table_end(struct table *t, struct text *out, const char *empty)
{
	const char *s = text_str(&t->cells);

	while (t->column < t->columns)
		cell(t, "");
	s = text_str(&t->cells);
	if (t->cells.failed) {
		text_puts(out, "(the table is too large to print)\n");
	} else if (t->rows == 0 && empty) {
		text_printf(out, "%s\n", empty);
	} else {
		for (unsigned r = 0; r <= t->rows; r++) {
			unsigned gap = 0;

			for (unsigned c = 0; c < t->columns; c++) {
				unsigned n = (unsigned)strlen(s), fill = t->width[c] - n;

				/* no blanks at the end of a line */
				if (n)
					text_pad(out, ' ', gap + (t->right[c] ? fill : 0));
				text_add(out, s, n);
				gap = n ? GAP + (t->right[c] ? 0 : fill) : gap + t->width[c] + GAP;
				s += n + 1;
			}
			text_putc(out, '\n');
		}
	}
	text_free(&t->cells);
}

static char *scaled(char buf[FORMAT_BYTES], unsigned long long v, unsigned long long step,
		    const char *const *unit)
{
	unsigned long long tenths;

	if (v < step) {
		snprintf(buf, FORMAT_BYTES, "%llu %s", v, unit[0]);
		return buf;
	}
	for (unit++; unit[1] && v >= step * step; unit++)
		v /= step;
	tenths = v >= 1ull << 60 ? v / step * 10 : v * 10 / step;
	snprintf(buf, FORMAT_BYTES, "%llu.%llu %s", tenths / 10, tenths % 10, unit[0]);
	return buf;
}

char *format_ns(char buf[FORMAT_BYTES], unsigned long long ns)
{
	static const char *const unit[] = { "ns", "us", "ms", "s", NULL };

	return scaled(buf, ns, 1000, unit);
}

char *format_bytes(char buf[FORMAT_BYTES], unsigned long long bytes)
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB", NULL };

	return scaled(buf, bytes, 1024, unit);
}
