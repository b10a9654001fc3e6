// SPDX-License-Identifier: MIT
/*
 * logview: which part of the kernel's log the consoles have shown, and when they show the rest.
 *
 * The consoles belong to the log alone until a program uses the terminal. From then on
 * they have two writers, and what a program prints is not to be torn by the other:
 *
 *	- only whole lines of the log are shown;
 *	- at once while a program waits for input: the line that it is reading (the prompt and
 *	  what has been typed) is wiped, the log's lines are written, the line is written again;
 *	- while a program works, after it: when it reads again, or after LOGVIEW_HOLD_NS at the end
 *of one of its writes; never inside of one;
 *	- what has grown beyond LOGVIEW_MAX bytes meanwhile is not shown but counted: the log has
 *it.
 *
 * Pure: console.c calls it under its lock, tests run it on the host.
 */
#pragma once

#include "kernel/types.h"

#define LOGVIEW_HOLD_NS 3000000000ull

enum { LOGVIEW_MAX = 2048, LOGVIEW_LINE = 512 };

struct logview {
	/* The log: as log_read() of printk.h. */
	size_t (*read)(u64 off, char *buf, size_t n, u64 *next);
	/* To all consoles, '\n' as "\r\n". */
	void (*write)(const char *buf, size_t n);
	u64 (*clock)(void); /* ns */

	u64 shown;      /* position in the log of what is not shown yet */
	u64 seen;       /* looked through until here */
	u64 whole;      /* end of the last whole line in that */
	u64 held_since; /* clock, 0: all is shown */
	u32 readers;    /* programs that wait for input */
	u32 writers;    /* programs inside of a write */
	bool shared;    /* a program uses the terminal */
	bool cut;       /* the line is too long to be written again */
	u16 len;
	char line[LOGVIEW_LINE]; /* what programs have written since the last end of line */
};

/* The log has grown, or it is time to look again. */
void logview_news(struct logview *v);

/* n bytes that went to the consoles on behalf of programs (echo, too). */
void logview_printed(struct logview *v, const char *buf, size_t n);

/* A program begins (ends) to wait for input; begins (ends) to write. */
void logview_reading(struct logview *v, bool begins);
void logview_writing(struct logview *v, bool begins);

/* Panic: all of it now, and from now on at once. */
void logview_break(struct logview *v);
