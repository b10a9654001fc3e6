// SPDX-License-Identifier: MIT
/*
 * All commands in one table (grammar.c), and how a line is matched against it. Each row is one word
 * of a path; a row with `run` or `show` may end a line.
 */
#pragma once

#include "apps/lib/words.h"
#include "apps/pash/session.h"

enum word_type {
	WORD_FIXED,
	WORD_INTERFACE, /* name of an interface; offered from the system */
	WORD_ROUTE,     /* IPv4 address or prefix */
	WORD_ROUTE6,    /* the same of IPv6 */
	WORD_HOST,      /* address of either family */
	WORD_VRF,       /* name of a VRF; offered from confd */
	WORD_NUMBER,
	WORD_TEXT,   /* any one word */
	WORD_SET,    /* the rest of the line is words of confd's schema */
	WORD_DELETE, /* the same, of the candidate */
	WORD_CONF,   /* the same, of what is configured */
	WORD_REST,   /* the rest of the line, unchecked */
};

#define ARGS_MAX WORDS_MAX

struct command;

/* Values of the matched line, in order; fixed words are not among them. */
struct args {
	const struct command *command;
	unsigned count;
	const struct command *row[ARGS_MAX]; /* whose value it is */
	const char *value[ARGS_MAX];
	unsigned word[ARGS_MAX]; /* its index among the words of the line */
	const struct words *words;
};

/* The value that follows the keyword of path ("ping <host> count <number>"), or NULL. */
const char *args_get(const struct args *a, const char *path);

/*
 * A show: build writes one JSON object, render makes text from it. build returns 0, or -1 after
 * session_fail().
 */
struct show {
	int (*build)(struct session *s, const struct args *a, struct json_writer *w);
	void (*render)(const struct json *doc, const struct args *a, struct text *out);
};

struct command {
	const char *path; /* words from the top, the last is this row's; <x> for a value */
	unsigned modes;   /* MODE_* */
	enum word_type type;
	unsigned min, max; /* of WORD_NUMBER */
	const char *help;  /* NULL: hidden from Tab and `?` */
	void (*run)(struct session *s, const struct args *a);
	const struct show *show;
	const char *again; /* options: after this row the rows below that path may follow */
};

struct match_error {
	unsigned at; /* offset in the line */
	char text[256];
};

/* The i-th row that may follow `row` (NULL: the top) in that mode, or NULL. */
const struct command *command_next(const struct command *row, unsigned mode, unsigned i);
const char *command_word(const struct command *row);

/*
 * In configure mode `run show ...` and `run ping ...` mean the command of operation mode: take the
 * "run" away and return that mode. Else nothing changes and `mode` is returned.
 */
unsigned command_borrow(struct words *w, unsigned n, unsigned mode);

/* Match words [0, n). 0 or -1 with *err. A row whose rest belongs to confd takes all that follow.
 */
int command_match(const struct words *w, unsigned n, unsigned mode, struct args *a,
		  const struct command **last, struct match_error *err);
/* A matched row that cannot end a line: the sentence that names what is missing. */
void command_incomplete(const struct command *last, unsigned mode, const struct words *w,
			unsigned n, unsigned line_len, struct match_error *err);
bool command_ends(const struct command *row);
/* Takes the rest of the line. */
bool command_open(const struct command *row);
