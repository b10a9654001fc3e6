// SPDX-License-Identifier: MIT
/*
 * Words of a line that an operator typed, and what helps with a wrong one: the nearest known word,
 * and an order in which eth2 comes before eth10.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define WORDS_MAX  64
#define WORD_BYTES 256  /* longest word, NUL included */
#define WORDS_LINE 4096 /* longest line, NUL included */

struct words {
	unsigned count;
	char *word[WORDS_MAX];     /* unquoted, into buf */
	unsigned start[WORDS_MAX]; /* offset in the line of its first byte, a quote included */
	unsigned end[WORDS_MAX];   /* offset behind its last byte */
	bool quoted[WORDS_MAX];
	char buf[WORDS_LINE + WORDS_MAX];
};

enum words_error {
	WORDS_OK,
	WORDS_QUOTE,    /* a double quote is not closed */
	WORDS_TOO_MANY, /* more than WORDS_MAX */
	WORDS_TOO_LONG, /* line or word */
	WORDS_BAD_BYTE, /* a control character */
};

/*
 * Cut `line` (n bytes, no NUL needed) at blanks. "a b" is one word, \" and \\ within it. '|'
 * outside of quotes is a word of its own. On an error *at is the offset it is about, and the words
 * before it are valid.
 */
enum words_error words_split(struct words *w, const char *line, size_t n, unsigned *at);
/* Forget the first word; the offsets of the others stay. */
void words_shift(struct words *w);
const char *words_error_text(enum words_error e);

/* The word stands in the text without quotes. */
bool word_is_plain(const char *s);

/* <0, 0, >0 as strcmp, but runs of digits compare as numbers. */
int word_compare(const char *a, const char *b);

/* Distance in single edits and neighbour swaps, at most `limit` + 1. */
unsigned word_distance(const char *a, const char *b, unsigned limit);
/* Of two candidates for what was meant by `typed`: may `known` be suggested? Smaller is nearer,
 * UINT_MAX: no. */
unsigned word_nearness(const char *typed, const char *known);
