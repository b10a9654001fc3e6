// SPDX-License-Identifier: MIT
/* One operator at one terminal (or one script): what the commands need to know and where they
 * print. */
#pragma once

#include "apps/lib/json.h"
#include "apps/lib/text.h"

enum { MODE_OPERATION = 1, MODE_CONFIGURE = 2, MODE_BOTH = 3 };

/* What follows the first `|`. */
struct filters {
	bool json;    /* | json */
	bool set;     /* | display set */
	bool no_more; /* | no-more */
	unsigned count;
	struct {
		char kind; /* 'm' match, 'e' except, 'c' count */
		const char *arg;
	} step[8];
};

struct session {
	unsigned mode;
	bool tty;        /* standard input and output are a terminal */
	bool done;       /* leave after this command */
	bool failed;     /* the last command failed */
	unsigned length; /* lines of the terminal for paging, 0: no paging */
	unsigned indent; /* columns of the prompt, for carets */
	char host[64];
	char prompt[80];
	int confd;                        /* connection, -1: none */
	struct filters filters;           /* of the line that runs */
	const char *line;                 /* the line that runs */
	struct text out;                  /* what the command prints; shown when it ends */
	void (*flush)(struct session *s); /* show and empty `out` now; NULL in tests */
	void (*cooked)(struct session *s,
		       bool on); /* terminal for another program; NULL in tests */
};

void session_init(struct session *s);
void session_free(struct session *s);

/* Print "sentence\n" and mark the command as failed. */
void session_fail(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same with a caret below offset `at` of the line. */
void session_fail_at(struct session *s, unsigned at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Run one line (no newline): errors point at the bad word. */
void session_run(struct session *s, const char *line);
