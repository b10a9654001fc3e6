// SPDX-License-Identifier: MIT
/* Cutting lines into words, comparing and suggesting them: see words.h. */
#include "apps/lib/words.h"

#include <limits.h>
#include <string.h>

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One word from line[*i]; appends to the buffer at *out. */
static enum words_error cut_word(struct words *w, const char *line, size_t n, size_t *i,
				 size_t *out, unsigned *at)
{
	bool quote = false;
	size_t first = *out, start = *i;

	w->quoted[w->count] = false;
	for (; *i < n; ++*i) {
		unsigned char c = (unsigned char)line[*i];

		if (!quote && (is_blank(c) || c == '|'))
			break;
		*at = (unsigned)*i;
		if ((c < ' ' && !(quote && c == '\t')) || c == 127)
			return WORDS_BAD_BYTE;
		if (c == '"') {
			quote = !quote;
			w->quoted[w->count] = true;
			continue;
		}
		if (quote && c == '\\' && *i + 1 < n &&
		    (line[*i + 1] == '"' || line[*i + 1] == '\\'))
			c = (unsigned char)line[++*i];
		if (*out - first + 1 >= WORD_BYTES)
			return WORDS_TOO_LONG;
		w->buf[(*out)++] = (char)c;
	}
	*at = (unsigned)start;
	if (quote)
		return WORDS_QUOTE;
	w->buf[(*out)++] = 0;
	w->word[w->count] = &w->buf[first];
	w->start[w->count] = (unsigned)start;
	w->end[w->count] = (unsigned)*i;
	w->count++;
	return WORDS_OK;
}

enum words_error words_split(struct words *w, const char *line, size_t n, unsigned *at)
{
	size_t out = 0;

	w->count = 0;
	*at = 0;
	if (n >= WORDS_LINE)
		return WORDS_TOO_LONG;
	for (size_t i = 0; i < n;) {
		if (is_blank((unsigned char)line[i])) {
			i++;
			continue;
		}
		*at = (unsigned)i;
		if (w->count == WORDS_MAX)
			return WORDS_TOO_MANY;
		if (line[i] == '|') {
			w->quoted[w->count] = false;
			w->start[w->count] = (unsigned)i;
			w->end[w->count] = (unsigned)++i;
			w->word[w->count++] = &w->buf[out];
			w->buf[out++] = '|';
			w->buf[out++] = 0;
			continue;
		}
		enum words_error e = cut_word(w, line, n, &i, &out, at);
		if (e)
			return e;
	}
	return WORDS_OK;
}

void words_shift(struct words *w)
{
	if (!w->count)
		return;
	w->count--;
	memmove(w->word, w->word + 1, w->count * sizeof(w->word[0]));
	memmove(w->start, w->start + 1, w->count * sizeof(w->start[0]));
	memmove(w->end, w->end + 1, w->count * sizeof(w->end[0]));
	memmove(w->quoted, w->quoted + 1, w->count * sizeof(w->quoted[0]));
}

const char *words_error_text(enum words_error e)
{
	switch (e) {
	case WORDS_QUOTE:
		return "the quote is not closed";
	case WORDS_TOO_MANY:
		return "too many words";
	case WORDS_TOO_LONG:
		return "too long";
	case WORDS_BAD_BYTE:
		return "control character";
	case WORDS_OK:
		break;
	}
	return "";
}

bool word_is_plain(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (!(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z') &&
		    !(*s >= '0' && *s <= '9') && !strchr("._:/@+,-", *s))
			return false;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int word_compare(const char *a, const char *b)
{
	const char *a0 = a, *b0 = b;

	while (*a && *b) {
		if (is_digit(*a) && is_digit(*b)) {
			size_t na, nb;

			while (*a == '0' && is_digit(a[1]))
				a++;
			while (*b == '0' && is_digit(b[1]))
				b++;
			for (na = 0; is_digit(a[na]); na++)
				;
			for (nb = 0; is_digit(b[nb]); nb++)
				;
			if (na != nb)
				return na < nb ? -1 : 1;
			int d = strncmp(a, b, na);
			if (d)
				return d;
			a += na;
			b += nb;
			continue;
		}
		if (*a != *b)
			return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
		a++;
		b++;
	}
	if (*a || *b)
		return *a ? 1 : -1;
	return strcmp(a0, b0); /* differ at most in leading zeros */
}

#define DISTANCE_MAX 32

unsigned word_distance(const char *a, const char *b, unsigned limit)
{
	unsigned row[3][DISTANCE_MAX + 1];
	size_t na = strlen(a), nb = strlen(b);
	unsigned *prev2 = row[0], *prev = row[1], *cur = row[2];

	if (na > DISTANCE_MAX || nb > DISTANCE_MAX)
		return limit + 1;
	for (size_t j = 0; j <= nb; j++)
		prev[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		cur[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned d = prev[j - 1] + (a[i - 1] != b[j - 1]);

			if (prev[j] + 1 < d)
				d = prev[j] + 1;
			if (cur[j - 1] + 1 < d)
				d = cur[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    prev2[j - 2] + 1 < d)
				d = prev2[j - 2] + 1;
			cur[j] = d;
		}
		unsigned *spare = prev2;
		prev2 = prev;
		prev = cur;
		cur = spare;
	}
	return prev[nb] <= limit ? prev[nb] : limit + 1;
}

unsigned word_nearness(const char *typed, const char *known)
{
	size_t n = strlen(typed);
	unsigned limit = n < 3 ? 1 : n < 6 ? 2 : 3;
	unsigned d = word_distance(typed, known, limit);

	if (d <= limit && d < n)
		return d;
	/* an abbreviation with a slip in it: compare with as much of the known word */
	char head[DISTANCE_MAX + 1];
	if (n < 3 || n >= strlen(known) || n > DISTANCE_MAX)
		return UINT_MAX;
	memcpy(head, known, n);
	head[n] = 0;
	d = word_distance(typed, head, 1);
	return d <= 1 ? d + 4 : UINT_MAX;
}
