// SPDX-License-Identifier: MIT
/*
 * The line editor: see edit.h. Output is ECMA-48: CR, BS, ESC [ K (erase to the end of the line),
 * ESC [ H and ESC [ 2 J (clear the screen).
 */
#include "apps/pash/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ESC_NONE, ESC_START, ESC_CSI, ESC_SS3 };

#define CTRL(c) ((c)&31)

void edit_init(struct edit *e, struct text *out)
{
	memset(e, 0, sizeof(*e));
	e->out = out;
}

void edit_free(struct edit *e)
{
	for (unsigned i = 0; i < e->histories; i++)
		free(e->history[i]);
	free(e->saved);
	e->saved = NULL;
	e->histories = 0;
}

static void show(struct edit *e, const char *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		text_putc(e->out, (unsigned char)s[i] < ' ' || s[i] == 127 ? '?' : s[i]);
}

/* Columns that the line has beside the prompt; the last column stays free. */
static unsigned room(const struct edit *e)
{
	unsigned prompt = (unsigned)strlen(e->prompt);

	return !e->width ? EDIT_LINE_MAX + 1 : e->width > prompt + 10 ? e->width - prompt - 1 : 10;
}

/* Keep the cursor in view. Returns true when the view moved. */
static bool scroll(struct edit *e)
{
	unsigned old = e->first, columns = room(e);

	if (e->cursor < e->first)
		e->first = e->cursor > columns / 2 ? e->cursor - columns / 2 : 0;
	else if (e->cursor - e->first >= columns)
		e->first = e->cursor - columns / 2;
	if (e->len < columns)
		e->first = 0;
	return e->first != old;
}

void edit_redraw(struct edit *e)
{
	unsigned end;

	scroll(e);
	end = e->len - e->first > room(e) ? e->first + room(e) : e->len;
	text_putc(e->out, '\r');
	text_puts(e->out, e->prompt);
	show(e, e->line + e->first, end - e->first);
	text_puts(e->out, "\x1b[K");
	text_pad(e->out, '\b', end - e->cursor);
}

/* From offset `from` on the line is new; `erase` columns that were used before may be left over. */
static void refresh(struct edit *e, unsigned from, unsigned erase)
{
	if (scroll(e) || from < e->first || e->len - e->first > room(e)) {
		edit_redraw(e);
		return;
	}
	show(e, e->line + from, e->len - from);
	text_pad(e->out, ' ', erase);
	text_pad(e->out, '\b', erase + e->len - e->cursor);
}

static void move_to(struct edit *e, unsigned to)
{
	unsigned from = e->cursor;

	e->cursor = to;
	if (scroll(e))
		edit_redraw(e);
	else if (to < from)
		text_pad(e->out, '\b', from - to);
	else
		show(e, e->line + from, to - from);
}

void edit_insert(struct edit *e, const char *s, unsigned n)
{
	unsigned from = e->cursor;

	if (n > EDIT_LINE_MAX - e->len)
		n = EDIT_LINE_MAX - e->len;
	memmove(e->line + from + n, e->line + from, e->len - from + 1);
	memcpy(e->line + from, s, n);
	e->len += n;
	e->cursor += n;
	refresh(e, from, 0);
}

/* Remove [from, to); the cursor goes to from. */
static void remove_range(struct edit *e, unsigned from, unsigned to, bool keep)
{
	unsigned n = to - from;

	if (!n)
		return;
	if (keep) {
		memcpy(e->cut, e->line + from, n);
		e->cut[n] = 0;
	}
	move_to(e, from);
	memmove(e->line + from, e->line + to, e->len - to + 1);
	e->len -= n;
	refresh(e, from, n);
}

static void replace_line(struct edit *e, const char *s)
{
	size_t n = strlen(s);

	if (n > EDIT_LINE_MAX)
		n = EDIT_LINE_MAX;
	memcpy(e->line, s, n);
	e->line[n] = 0;
	e->len = e->cursor = (unsigned)n;
	edit_redraw(e);
}

void edit_start(struct edit *e, const char *prompt)
{
	snprintf(e->prompt, sizeof(e->prompt), "%s", prompt);
	e->line[0] = 0;
	e->len = e->cursor = e->first = 0;
	e->at = 0;
	e->esc = ESC_NONE;
	e->literal = e->searching = false;
	free(e->saved);
	e->saved = NULL;
	text_puts(e->out, e->prompt);
}

void edit_remember(struct edit *e, const char *line)
{
	char *copy;

	if (!*line || (e->histories && strcmp(e->history[0], line) == 0))
		return;
	copy = strdup(line);
	if (!copy)
		return;
	if (e->histories == EDIT_HISTORY_MAX)
		free(e->history[--e->histories]);
	memmove(&e->history[1], &e->history[0], e->histories * sizeof(e->history[0]));
	e->history[0] = copy;
	e->histories++;
}

static void walk_history(struct edit *e, bool older)
{
	if (older ? e->at == e->histories : e->at == 0)
		return;
	if (older && e->at == 0) {
		free(e->saved);
		e->saved = strdup(e->line);
	}
	e->at += older ? 1 : -1u;
	replace_line(e, e->at ? e->history[e->at - 1] : e->saved ? e->saved : "");
}

/* ^R: the prompt of the search, with the newest line from `from` on that holds the pattern. */
static void search(struct edit *e, unsigned from)
{
	while (from < e->histories && !strstr(e->history[from], e->pattern))
		from++;
	if (from < e->histories)
		e->found = from;
	else if (e->histories)
		text_putc(e->out, '\a');
	text_printf(e->out, "\r(search) %s: ", e->pattern);
	if (e->found < e->histories) {
		const char *s = e->history[e->found];
		unsigned n = (unsigned)strlen(s), used = (unsigned)strlen(e->pattern) + 12;
		unsigned columns = !e->width ? n : e->width > used ? e->width - used - 1 : 0;

		show(e, s, n < columns ? n : columns);
	}
	text_puts(e->out, "\x1b[K");
}

/* Returns false when the byte ends the search and is to be handled as usual. */
static bool search_byte(struct edit *e, unsigned char c)
{
	size_t n = strlen(e->pattern);

	if (c == CTRL('R')) {
		search(e, e->found + 1);
		return true;
	}
	if ((c == 127 || c == CTRL('H')) && n) {
		e->pattern[n - 1] = 0;
		search(e, 0);
		return true;
	}
	if (c >= ' ' && c != 127 && n + 1 < sizeof(e->pattern)) {
		e->pattern[n] = (char)c;
		e->pattern[n + 1] = 0;
		search(e, e->found < e->histories ? e->found : 0);
		return true;
	}
	e->searching = false;
	if (c != CTRL('C') && c != CTRL('G') && e->found < e->histories)
		replace_line(e, e->history[e->found]);
	else
		edit_redraw(e);
	return c == CTRL('G') || c == 27;
}

/* The last byte of an escape sequence. */
static void key(struct edit *e, unsigned char c)
{
	switch (c) {
	case 'A':
		walk_history(e, true);
		break;
	case 'B':
		walk_history(e, false);
		break;
	case 'C':
		if (e->cursor < e->len)
			move_to(e, e->cursor + 1);
		break;
	case 'D':
		if (e->cursor)
			move_to(e, e->cursor - 1);
		break;
	case 'H':
		move_to(e, 0);
		break;
	case 'F':
		move_to(e, e->len);
		break;
	case '~':
		if (e->esc_number == 1 || e->esc_number == 7)
			move_to(e, 0);
		else if (e->esc_number == 4 || e->esc_number == 8)
			move_to(e, e->len);
		else if (e->esc_number == 3 && e->cursor < e->len)
			remove_range(e, e->cursor, e->cursor + 1, false);
		break;
	}
}

/* ESC [ number ; number letter, or ESC O letter. Anything else is swallowed. */
static void escape_byte(struct edit *e, unsigned char c)
{
	if (e->esc == ESC_START) {
		e->esc_number = 0;
		e->esc = c == '[' ? ESC_CSI : c == 'O' ? ESC_SS3 : ESC_NONE;
		return;
	}
	if (e->esc == ESC_CSI && c >= '0' && c <= '9') {
		e->esc_number = (e->esc_number * 10 + (c - '0')) % 1000;
		return;
	}
	if (e->esc == ESC_CSI && c >= 0x20 && c < 0x40)
		return;
	e->esc = ESC_NONE;
	key(e, c);
}

static unsigned word_start(const struct edit *e)
{
	unsigned i = e->cursor;

	while (i && e->line[i - 1] == ' ')
		i--;
	while (i && e->line[i - 1] != ' ')
		i--;
	return i;
}

static bool in_quotes(const struct edit *e)
{
	bool quote = false;

	for (unsigned i = 0; i < e->cursor; i++)
		quote ^= e->line[i] == '"' && !(i && e->line[i - 1] == '\\');
	return quote;
}

static enum edit_event control(struct edit *e, unsigned char c)
{
	switch (c) {
	case CTRL('A'):
		move_to(e, 0);
		break;
	case CTRL('B'):
		key(e, 'D');
		break;
	case CTRL('C'):
		text_puts(e->out, "^C\n");
		return EDIT_INTERRUPT;
	case CTRL('D'):
		if (!e->len) {
			text_putc(e->out, '\n');
			return EDIT_END;
		}
		if (e->cursor < e->len)
			remove_range(e, e->cursor, e->cursor + 1, false);
		break;
	case CTRL('E'):
		move_to(e, e->len);
		break;
	case CTRL('F'):
		key(e, 'C');
		break;
	case CTRL('H'):
	case 127:
		if (e->cursor)
			remove_range(e, e->cursor - 1, e->cursor, false);
		break;
	case '\t':
		return EDIT_COMPLETE;
	case CTRL('K'):
		remove_range(e, e->cursor, e->len, true);
		break;
	case CTRL('L'):
		text_puts(e->out, "\x1b[H\x1b[2J");
		edit_redraw(e);
		break;
	case CTRL('N'):
		walk_history(e, false);
		break;
	case CTRL('P'):
		walk_history(e, true);
		break;
	case CTRL('R'):
		e->searching = true;
		e->pattern[0] = 0;
		e->found = e->histories;
		search(e, e->histories);
		break;
	case CTRL('U'):
		remove_range(e, 0, e->cursor, true);
		break;
	case CTRL('V'):
		e->literal = true;
		break;
	case CTRL('W'):
		remove_range(e, word_start(e), e->cursor, true);
		break;
	case CTRL('Y'):
		edit_insert(e, e->cut, (unsigned)strlen(e->cut));
		break;
	}
	return EDIT_NONE;
}

enum edit_event edit_feed(struct edit *e, unsigned char c)
{
	bool after_cr = e->after_cr;

	e->after_cr = c == '\r';
	if (c == '\n' && after_cr)
		return EDIT_NONE;
	if (!c)
		return EDIT_NONE;
	if (e->esc) {
		escape_byte(e, c);
		return EDIT_NONE;
	}
	if (e->searching && search_byte(e, c)) {
		e->esc = c == 27 ? ESC_START : ESC_NONE;
		return EDIT_NONE;
	}
	if (c == 27) {
		e->esc = ESC_START;
		return EDIT_NONE;
	}
	if (c == '\r' || c == '\n') {
		move_to(e, e->len);
		text_putc(e->out, '\n');
		return EDIT_ENTER;
	}
	if (c == '?' && !e->literal && !in_quotes(e))
		return EDIT_HELP;
	if (c < ' ' || c == 127)
		return control(e, c);
	e->literal = false;
	edit_insert(e, (const char *)&c, 1);
	return EDIT_NONE;
}
