// SPDX-License-Identifier: MIT
/* logview: see logview.h. The screen is wiped by ECMA-48: CR, EL (ESC [ K). */
#include "kernel/logview.h"
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

enum { PIECE = 256 };

/* Where the log ends, or its last whole line. Each byte of it is looked at once. */
static u64 end_of_log(struct logview *v)
{
	char piece[PIECE];
	u64 next;
	size_t n;

	while ((n = v->read(v->seen, piece, sizeof(piece), &next))) {
		for (size_t i = 0; i < n; i++) {
			if (piece[i] == '\n')
				v->whole = next - n + i + 1;
		}
		v->seen = next;
	}
	return v->shared ? MAX(v->whole, v->shown) : v->seen;
}

static void write_log(struct logview *v, u64 end)
{
	char piece[PIECE];
	u64 next;
	size_t n;

	while (v->shown < end) {
		u64 left = end - v->shown;

		n = v->read(v->shown, piece, left < PIECE ? (size_t)left : PIECE, &next);
		if (!n)
			break;
		v->write(piece, n);
		v->shown = next;
	}
}

/* Too much for a terminal in use: leave out the oldest lines. */
static void leave_out(struct logview *v, u64 end)
{
	char piece[PIECE];
	u64 from = v->shown, at = end - LOGVIEW_MAX, next;
	size_t n, i = 0;

	do {
		n = v->read(at, piece, sizeof(piece), &next);
		for (i = 0; i < n && piece[i] != '\n'; i++)
			;
		at = next - n + i;
	} while (n && i == n);
	v->shown = at + 1;
	n = (size_t)ksnprintf(piece, sizeof(piece), "(%lu bytes of the log not shown)\n",
			      v->shown - from);
	v->write(piece, n);
}

static void show_between(struct logview *v, u64 end)
{
	if (v->cut)
		v->write("\n", 1);
	else if (v->len)
		v->write("\r\x1b[K", 4);
	if (end - v->shown > LOGVIEW_MAX)
		leave_out(v, end);
	write_log(v, end);
	if (v->cut)
		v->len = v->cut = 0;
	v->write(v->line, v->len);
}

void logview_news(struct logview *v)
{
	u64 end = end_of_log(v);

	if (!v->shared) {
		write_log(v, end);
		return;
	}
	if (end == v->shown)
		return;
	if (!v->held_since)
		v->held_since = v->clock();
	if (v->writers || (!v->readers && v->clock() - v->held_since < LOGVIEW_HOLD_NS))
		return;
	v->held_since = 0;
	show_between(v, end);
}

void logview_printed(struct logview *v, const char *buf, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (buf[i] == '\n' || buf[i] == '\r')
			v->len = v->cut = 0; /* after a bare CR it is written anew */
		if (buf[i] == '\n')
			continue;
		if (v->len < LOGVIEW_LINE)
			v->line[v->len++] = buf[i];
		else
			v->cut = true;
	}
}

void logview_reading(struct logview *v, bool begins)
{
	v->shared = true;
	v->readers += begins ? 1 : -1u;
	if (begins)
		logview_news(v);
}

void logview_writing(struct logview *v, bool begins)
{
	v->shared = true;
	v->writers += begins ? 1 : -1u;
	if (!begins && v->held_since)
		logview_news(v);
}

void logview_break(struct logview *v)
{
	if (v->shared && v->len)
		v->write("\n", 1);
	v->shared = false;
	v->writers = 0;
	logview_news(v);
}
