// SPDX-License-Identifier: MIT
/* What may follow `|`: a table of filters, their parsing and their work on finished text. */
#pragma once

#include "apps/pash/grammar.h"

struct filter_word {
	const char *path; /* "json", "display", "display set", "match <expression>" */
	const char *help;
};

extern const struct filter_word filter_words[];
extern const unsigned filter_word_count;

/* Words [from, n) of the line, the first is `|`. 0 or -1 with *err. */
int filters_parse(struct filters *f, const struct words *w, unsigned from, struct match_error *err);

/* Apply match, except and count to the text, in place. */
void filters_apply(const struct filters *f, struct text *t);
