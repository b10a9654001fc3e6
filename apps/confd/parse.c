// SPDX-License-Identifier: MIT
/*
 * Configuration text into a tree. Two forms, told apart by the first word:
 *
 *	version 1;                      set interfaces eth0 mtu 1500
 *	interfaces {                    set interfaces eth0 disable
 *	    eth0 { mtu 1500; disable; }
 *	}
 *
 * The version line may be left out: the text is then of the version that this system writes. Words
 * and numbers of lines are kept for the messages. Nothing here recurses: nesting is a bounded
 * stack of word counts.
 */
#include "apps/confd/conf.h"

#include "apps/lib/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum token {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_SEMICOLON,
	TOKEN_NEWLINE,
	TOKEN_BAD
};

struct lexer {
	const char *s;
	size_t n, i;
	unsigned line;
	bool newlines; /* set form: the end of a line is a token */
	char word[CONF_WORD];
	struct conf_error *err;
};

static enum token bad(struct lexer *l, const char *what)
{
	conf_fail(l->err, -1, "%s", what);
	l->err->line = l->line;
	return TOKEN_BAD;
}

static bool ends_word(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '{' || c == '}' ||
	       c == ';' || c == '"' || c == '#';
}

/* Blanks and comments. Returns false after reporting an open comment. */
static bool skip(struct lexer *l)
{
	while (l->i < l->n) {
		char c = l->s[l->i];

		if (c == '#') {
			while (l->i < l->n && l->s[l->i] != '\n')
				l->i++;
		} else if (c == '/' && l->i + 1 < l->n && l->s[l->i + 1] == '*') {
			unsigned first = l->line;

			for (l->i += 2;
			     l->i + 1 < l->n && (l->s[l->i] != '*' || l->s[l->i + 1] != '/');
			     l->i++)
				l->line += l->s[l->i] == '\n';
			if (l->i + 1 >= l->n) {
				l->line = first;
				bad(l, "the comment \"/*\" is not closed");
				return false;
			}
			l->i += 2;
		} else if (c == '\n' && l->newlines) {
			return true;
		} else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			l->line += c == '\n';
			l->i++;
		} else {
			return true;
		}
	}
	return true;
}

static enum token quoted(struct lexer *l)
{
	size_t out = 0;

	for (l->i++; l->i < l->n && l->s[l->i] != '\n'; l->i++) {
		char c = l->s[l->i];

		if (c == '"') {
			l->i++;
			l->word[out] = 0;
			return TOKEN_WORD;
		}
		if (c == '\\' && l->i + 1 < l->n &&
		    (l->s[l->i + 1] == '"' || l->s[l->i + 1] == '\\'))
			c = l->s[++l->i];
		if ((unsigned char)c < ' ' || c == 127)
			return bad(l, "control character in a quoted text");
		if (out + 1 == sizeof(l->word))
			return bad(l, "quoted text longer than 255 bytes");
		l->word[out++] = c;
	}
	return bad(l, "the quote is not closed on its line");
}

static enum token next_token(struct lexer *l)
{
	size_t out = 0;

	if (!skip(l))
		return TOKEN_BAD;
	if (l->i == l->n)
		return TOKEN_END;
	switch (l->s[l->i]) {
	case '\n':
		l->i++;
		l->line++;
		return TOKEN_NEWLINE;
	case '{':
		l->i++;
		return TOKEN_OPEN;
	case '}':
		l->i++;
		return TOKEN_CLOSE;
	case ';':
		l->i++;
		return TOKEN_SEMICOLON;
	case '"':
		return quoted(l);
	}
	for (; l->i < l->n && !ends_word(l->s[l->i]); l->i++) {
		char c = l->s[l->i];

		if ((unsigned char)c < ' ' || c == 127) {
			char what[48];

			snprintf(what, sizeof(what), "control character (byte 0x%02x)",
				 (unsigned char)c);
			return bad(l, what);
		}
		if (out + 1 == sizeof(l->word))
			return bad(l, "word longer than 255 bytes");
		l->word[out++] = c;
	}
	l->word[out] = 0;
	return TOKEN_WORD;
}

/* The words of the path that is being read. */
struct reader {
	struct lexer lex;
	struct conf *conf;
	unsigned n;
	unsigned line[SCHEMA_DEPTH]; /* where each word stood */
	char word[SCHEMA_DEPTH][CONF_WORD];
};

static int fail_at(struct reader *r, unsigned line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fail_at(struct reader *r, unsigned line, const char *fmt, ...)
{
	char what[CONF_ERROR_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	conf_fail(r->lex.err, -1, "%s", what);
	r->lex.err->line = line;
	return -1;
}

static int push(struct reader *r)
{
	if (r->n == SCHEMA_DEPTH)
		return fail_at(r, r->lex.line, "unexpected \"%.64s\": too many words", r->lex.word);
	r->line[r->n] = r->lex.line;
	memcpy(r->word[r->n++], r->lex.word, CONF_WORD);
	return 0;
}

static int check_version(struct reader *r, unsigned line, const char *word)
{
	char want[8];

	snprintf(want, sizeof(want), "%d", CONF_VERSION);
	if (strcmp(word, want) != 0)
		return fail_at(r, line,
			       "version \"%.64s\" is not supported; this system reads version 1",
			       word);
	return 0;
}

static int apply(struct reader *r, unsigned line)
{
	const char *words[SCHEMA_DEPTH];

	if (r->n == 2 && strcmp(r->word[0], "version") == 0)
		return check_version(r, line, r->word[1]);
	for (unsigned i = 0; i < r->n; i++)
		words[i] = r->word[i];
	if (conf_set(r->conf, words, r->n, false, line, r->lex.err) == 0)
		return 0;
	int token = r->lex.err->token;
	r->lex.err->line = token >= 0 && (unsigned)token < r->n ? r->line[token] : line;
	return -1;
}

static int parse_sets(struct reader *r)
{
	struct lexer *l = &r->lex;
	bool command = false; /* "set" was read */

	l->newlines = true;
	for (;;) {
		unsigned line = l->line;
		enum token t = next_token(l);

		switch (t) {
		case TOKEN_BAD:
			return -1;
		case TOKEN_WORD:
			if (command ? push(r) : strcmp(l->word, "set") != 0)
				return command ? -1
					       : fail_at(r, line,
							 "\"%.64s\": each line has to begin with "
							 "\"set\"",
							 l->word);
			command = true;
			break;
		case TOKEN_NEWLINE:
		case TOKEN_END:
			if (command && apply(r, line))
				return -1;
			command = false;
			r->n = 0;
			if (t == TOKEN_END)
				return 0;
			break;
		case TOKEN_OPEN:
		case TOKEN_CLOSE:
		case TOKEN_SEMICOLON:
			return fail_at(r, line, "unexpected \"%s\" in a line of the set form",
				       t == TOKEN_OPEN    ? "{"
				       : t == TOKEN_CLOSE ? "}"
							  : ";");
		}
	}
}

/* The words before a brace: a place that exists (a name is created) and can hold something. */
static int open_brace(struct reader *r, unsigned line)
{
	const struct schema *row = NULL;
	char canon[CONF_WORD];

	for (unsigned i = 0; i < r->n; i++) {
		row = schema_match(row, r->word[i], false, canon, r->lex.err);
		if (!row) {
			r->lex.err->line = r->line[i];
			return -1;
		}
		if (!schema_opens(row))
			return fail_at(r, line, "unexpected \"{\": \"%.64s\" has no block",
				       r->word[r->n - 1]);
	}
	return row && schema_ends(row) ? apply(r, line) : 0;
}

static int parse_tree(struct reader *r)
{
	struct lexer *l = &r->lex;
	unsigned base[SCHEMA_DEPTH + 1] = { 0 }, opened[SCHEMA_DEPTH + 1] = { 0 }, depth = 0;
	unsigned first = l->line; /* line of the statement's first word */

	for (;;) {
		enum token t = next_token(l);

		if (t == TOKEN_WORD) {
			if (r->n == base[depth])
				first = l->line;
			if (push(r))
				return -1;
			continue;
		}
		if (t == TOKEN_SEMICOLON) {
			if (r->n == base[depth])
				return fail_at(r, l->line, "unexpected \";\"");
			if (apply(r, first))
				return -1;
		} else if (t == TOKEN_OPEN) {
			if (r->n == base[depth])
				return fail_at(r, l->line, "unexpected \"{\": no word before it");
			if (open_brace(r, first))
				return -1;
			base[++depth] = r->n; /* each block has a word of its own, so depth <=
						 SCHEMA_DEPTH */
			opened[depth] = first;
		} else if (t == TOKEN_CLOSE || t == TOKEN_END) {
			if (r->n != base[depth])
				return fail_at(r, first, "\";\" is missing after \"%.64s\"",
					       r->word[r->n - 1]);
			if (t == TOKEN_END && depth)
				return fail_at(
					r, opened[depth],
					"\"}\" is missing: the block of \"%.64s\" is not closed",
					r->word[base[depth] - 1]);
			if (t == TOKEN_END)
				return 0;
			if (!depth)
				return fail_at(r, l->line, "unexpected \"}\"");
			depth--;
		} else {
			return -1;
		}
		r->n = base[depth];
	}
}

int conf_parse(struct conf *c, const char *s, size_t n, struct conf_error *err)
{
	static struct reader r; /* confd is one thread; 2 KiB are too much for its stack frame */
	struct conf_error scratch;

	memset(&r, 0, sizeof(r));
	r.conf = c;
	r.lex = (struct lexer){ .s = s, .n = n, .line = 1, .err = err ? err : &scratch };
	if (n > CONF_TEXT_MAX)
		return conf_fail(err, -1, "the text is longer than %u bytes", CONF_TEXT_MAX);
	while (n && !s[n - 1]) /* a text of fw_cfg may end with NUL bytes */
		n--;
	r.lex.n = n;
	struct lexer start = r.lex;
	enum token t = next_token(&r.lex);
	if (t == TOKEN_BAD)
		return -1;
	bool sets = t == TOKEN_WORD && strcmp(r.lex.word, "set") == 0;
	r.lex = start;
	return sets ? parse_sets(&r) : parse_tree(&r);
}
