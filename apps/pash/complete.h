// SPDX-License-Identifier: MIT
/* What Tab and `?` offer at a place of a line. */
#pragma once

#include "apps/pash/session.h"

#define CANDIDATES_MAX 256

struct candidate {
	char *word;
	char *help;
	bool value; /* a placeholder such as <number>: shown, not inserted */
};

struct candidates {
	unsigned count;
	struct candidate item[CANDIDATES_MAX];
	unsigned begin; /* offset of the word that is being typed; = cursor when none is */
	unsigned at;    /* offset of a bad word, when error is not empty */
	char error[512];
};

/* For the first `cursor` bytes of the line. */
void complete(struct session *s, const char *line, unsigned cursor, struct candidates *c);
void candidates_free(struct candidates *c);
/* How many bytes all candidates that can be inserted share (of words that begin with what is
 * typed). */
unsigned candidates_common(const struct candidates *c, const char **word);
/* For `?`: one line each, with help. For Tab: words in columns. */
void candidates_print(const struct candidates *c, bool help, struct text *out);
