// SPDX-License-Identifier: MIT
/* Filters behind `|`: see filter.h. */
#include "apps/pash/filter.h"

#include "apps/pash/regex.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct filter_word filter_words[] = {
	{ "count", "count the lines" },
	{ "display set", "the configuration as set lines" },
	{ "except <expression>", "lines that do not match" },
	{ "json", "the JSON that the text is made from" },
	{ "match <expression>", "lines that match" },
	{ "no-more", "do not page" },
};
const unsigned filter_word_count = sizeof(filter_words) / sizeof(filter_words[0]);

static int fail(struct match_error *err, unsigned at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct match_error *err, unsigned at, const char *fmt, ...)
{
	va_list ap;

	err->at = at;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

/* Index of the filter whose first word begins with the word, or -1 with *err. */
static int find(const char *word, unsigned at, struct match_error *err)
{
	int found = -1;
	size_t n = strlen(word);

	for (unsigned i = 0; n && i < filter_word_count; i++) {
		if (strncmp(filter_words[i].path, word, n) != 0)
			continue;
		if (found >= 0)
			return fail(err, at, "\"%.32s\" is ambiguous: \"%s\" or \"%s\"", word,
				    filter_words[found].path, filter_words[i].path);
		found = (int)i;
	}
	if (found < 0)
		return fail(err, at,
			    "unknown filter \"%.32s\"; count, display set, except, json, match, "
			    "no-more",
			    word);
	return found;
}

/* One filter at words [i, end). */
static int parse_one(struct filters *f, const struct words *w, unsigned i, unsigned end,
		     struct match_error *err)
{
	int k;

	if (i == end)
		return fail(err, w->end[i - 1] + 1, "incomplete: a filter comes after \"|\"");
	k = find(w->word[i], w->start[i], err);
	if (k < 0)
		return -1;
	const char *path = filter_words[k].path, *space = strchr(path, ' ');
	unsigned want = space ? 2 : 1;
	if (end - i < want)
		return fail(err, w->end[i] + 1, "incomplete: after \"%s\" comes %s", w->word[i],
			    space + 1);
	if (end - i > want)
		return fail(err, w->start[i + want], "unexpected \"%.64s\"", w->word[i + want]);
	switch (path[0]) {
	case 'd':
		if (!*w->word[i + 1] || strncmp("set", w->word[i + 1], strlen(w->word[i + 1])) != 0)
			return fail(err, w->start[i + 1],
				    "unknown word \"%.64s\"; after display comes set",
				    w->word[i + 1]);
		f->set = true;
		return 0;
	case 'j':
		f->json = true;
		return 0;
	case 'n':
		f->no_more = true;
		return 0;
	}
	if (f->count == sizeof(f->step) / sizeof(f->step[0]))
		return fail(err, w->start[i], "too many filters");
	f->step[f->count].kind = path[0];
	f->step[f->count++].arg = space ? w->word[i + 1] : NULL;
	return 0;
}

int filters_parse(struct filters *f, const struct words *w, unsigned from, struct match_error *err)
{
	memset(f, 0, sizeof(*f));
	for (unsigned i = from; i < w->count;) {
		unsigned end = ++i;

		while (end < w->count && (w->quoted[end] || strcmp(w->word[end], "|") != 0))
			end++;
		if (parse_one(f, w, i, end, err))
			return -1;
		i = end;
	}
	return 0;
}

static bool contains(const char *s, size_t n, const char *sub)
{
	size_t m = strlen(sub);

	for (size_t i = 0; i + m <= n; i++)
		if (memcmp(s + i, sub, m) == 0)
			return true;
	return false;
}

/* Keep the lines that hold the expression, as it stands or as a regular one. */
static void keep_lines(struct text *t, const char *arg, bool keep)
{
	static struct regex re;
	bool regular = regex_compile(&re, arg);
	size_t out = 0;

	for (size_t i = 0; i < t->len;) {
		const char *end = memchr(t->s + i, '\n', t->len - i);
		size_t n = end ? (size_t)(end - t->s) - i : t->len - i, all = n + (end != NULL);

		if ((contains(t->s + i, n, arg) || (regular && regex_search(&re, t->s + i, n))) ==
		    keep) {
			memmove(t->s + out, t->s + i, all);
			out += all;
		}
		i += all;
	}
	text_cut(t, out);
}

static void count_lines(struct text *t)
{
	unsigned long lines = 0;

	for (size_t i = 0; i < t->len; i++)
		lines += t->s[i] == '\n';
	text_clear(t);
	text_printf(t, "%lu\n", lines);
}

void filters_apply(const struct filters *f, struct text *t)
{
	for (unsigned i = 0; i < f->count; i++) {
		if (f->step[i].kind == 'c')
			count_lines(t);
		else
			keep_lines(t, f->step[i].arg, f->step[i].kind == 'm');
	}
}
