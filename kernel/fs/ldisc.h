// SPDX-License-Identifier: MIT
/*
 * The line discipline: what stands between the keys and read(), and between write() and the screen.
 * Canonical mode with editing, echo, signal characters, and raw mode, after POSIX.1-2017 chapter 11
 * (General Terminal Interface). Pure: no locks, no devices; the tty wraps it, tests run it on the
 * host.
 */
#pragma once

#include "kernel/fs/termios.h"
#include "kernel/types.h"

#define LDISC_SIZE 4096 /* characters of input that may wait, a power of two */

struct ldisc {
	struct termios t;
	u16 ring[LDISC_SIZE]; /* characters, with LDISC_* marks */
	u32 head;             /* next to write; runs free */
	u32 line;             /* canonical: end of the last finished line, head otherwise */
	u32 tail;             /* next to read */
	u32 dropped;          /* characters lost as the ring was full */
	/* Where echoes and processed output go. */
	void (*emit)(void *arg, const char *s, size_t n);
	void *arg;
};

/* What an input character asks of the tty. */
enum ldisc_event {
	LDISC_NONE,
	LDISC_READABLE, /* a reader may have something now */
	LDISC_SIGINT,
	LDISC_SIGQUIT,
	LDISC_SIGTSTP,
};

void ldisc_init(struct ldisc *l, void (*emit)(void *arg, const char *s, size_t n), void *arg);
/* One character from the device. */
enum ldisc_event ldisc_input(struct ldisc *l, char c);
/* Characters a read could take now; canonical: of the finished lines. */
bool ldisc_readable(const struct ldisc *l);
u32 ldisc_pending(const struct ldisc *l);
/* Takes up to n characters, canonical: of one line. The count (0 with *eof set: end of file). */
size_t ldisc_read(struct ldisc *l, char *dst, size_t n, bool *eof);
/* n characters written by a program, through output processing to emit. */
void ldisc_output(struct ldisc *l, const char *s, size_t n);
/* New settings; flush also throws away unread input (TCSETSF). */
void ldisc_set(struct ldisc *l, const struct termios *t, bool flush);
void ldisc_flush(struct ldisc *l);
