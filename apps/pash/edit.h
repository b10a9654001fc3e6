// SPDX-License-Identifier: MIT
/*
 * The line editor: bytes in, events and terminal output out. It touches no file: tests and fuzzers
 * feed it any bytes. At the end of the line a typed byte is just echoed, so that a serial log of a
 * script reads like what was typed.
 *
 * Keys: ^A ^E ^B ^F home end and arrows move; ^H DEL ^D delete; ^K ^U ^W cut, ^Y puts back; ^P ^N
 * up down walk the history; ^R searches it; ^L clears the screen; ^C drops the line; ^D on an empty
 * line ends; Tab and `?` (outside of quotes) ask for completion and help.
 */
#pragma once

#include "apps/lib/text.h"

#define EDIT_LINE_MAX    4000
#define EDIT_HISTORY_MAX 100

enum edit_event {
	EDIT_NONE,
	EDIT_ENTER,     /* e->line is complete; call edit_start() afterwards */
	EDIT_INTERRUPT, /* ^C */
	EDIT_END,       /* ^D on an empty line */
	EDIT_COMPLETE,  /* Tab */
	EDIT_HELP,      /* ? */
};

struct edit {
	char line[EDIT_LINE_MAX + 1]; /* NUL-terminated */
	unsigned len, cursor;
	char prompt[80];
	unsigned width; /* of the terminal, 0: unknown, the line is never scrolled */
	unsigned first; /* offset of the first byte shown, when the line is wider than the terminal
			 */
	struct text *out;

	/* private */
	unsigned char esc; /* state of an escape sequence */
	unsigned esc_number;
	bool after_cr;
	bool literal; /* ^V */
	char cut[EDIT_LINE_MAX + 1];
	char *history[EDIT_HISTORY_MAX]; /* [0] newest */
	unsigned histories;
	unsigned at; /* entry shown, 0: the new line, n: history[n - 1] */
	char *saved; /* the new line while the history is shown */
	bool searching;
	char pattern[64];
	unsigned found;
};

void edit_init(struct edit *e, struct text *out);
void edit_free(struct edit *e);
/* Show the prompt and begin an empty line. */
void edit_start(struct edit *e, const char *prompt);
/* Show prompt and line again (after something was printed over them). */
void edit_redraw(struct edit *e);
enum edit_event edit_feed(struct edit *e, unsigned char byte);
/* Insert at the cursor (n bytes; what does not fit is left out). */
void edit_insert(struct edit *e, const char *s, unsigned n);
/* Remember a line; empty ones and repetitions of the newest are left out. */
void edit_remember(struct edit *e, const char *line);
