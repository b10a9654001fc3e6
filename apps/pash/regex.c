// SPDX-License-Identifier: MIT
/*
 * Thompson's construction, and the simulation that keeps the set of live states (K. Thompson,
 * "Regular Expression Search Algorithm", CACM 1968).
 */
#include "apps/pash/regex.h"

#include <string.h>

enum { OP_CHAR, OP_ANY, OP_SET, OP_SPLIT, OP_JUMP, OP_BEGIN, OP_END, OP_MATCH };

#define DEPTH_MAX 16

struct compiler {
	struct regex *r;
	const char *p;
	unsigned depth;
};

static bool parse_alternatives(struct compiler *c);

static bool emit(struct compiler *c, unsigned char op, unsigned char ch)
{
	if (c->r->n == REGEX_MAX)
		return false;
	memset(&c->r->code[c->r->n], 0, sizeof(c->r->code[0]));
	c->r->code[c->r->n].op = op;
	c->r->code[c->r->n++].c = ch;
	return true;
}

/* Make room for one instruction at `at`; code behind it moves, and so do its targets. */
static bool insert(struct compiler *c, unsigned at, unsigned char op)
{
	struct regex *r = c->r;

	if (!emit(c, OP_MATCH, 0))
		return false;
	memmove(&r->code[at + 1], &r->code[at], (r->n - 1 - at) * sizeof(r->code[0]));
	memset(&r->code[at], 0, sizeof(r->code[0]));
	r->code[at].op = op;
	for (unsigned i = at + 1; i < r->n; i++) {
		r->code[i].x += r->code[i].x >= at;
		r->code[i].y += r->code[i].y >= at;
	}
	return true;
}

static bool parse_set(struct compiler *c)
{
	bool negate = *c->p == '^';
	const char *first;

	c->p += negate;
	if (!emit(c, OP_SET, 0))
		return false;
	unsigned char *set = c->r->code[c->r->n - 1].set;
	for (first = c->p; *c->p && (*c->p != ']' || c->p == first); c->p++) {
		unsigned char a = (unsigned char)*c->p, b = a;

		if (a == '\\' && c->p[1])
			a = b = (unsigned char)*++c->p;
		if (c->p[1] == '-' && c->p[2] && c->p[2] != ']') {
			b = (unsigned char)c->p[2];
			c->p += 2;
		}
		for (unsigned ch = a; ch <= b; ch++)
			set[ch >> 3] |= (unsigned char)(1 << (ch & 7));
	}
	if (*c->p != ']')
		return false;
	c->p++;
	for (unsigned i = 0; negate && i < 32; i++)
		set[i] = (unsigned char)~set[i];
	return true;
}

static bool parse_atom(struct compiler *c)
{
	char ch = *c->p++;

	switch (ch) {
	case '(':
		if (c->depth++ == DEPTH_MAX || !parse_alternatives(c) || *c->p != ')')
			return false;
		c->depth--;
		c->p++;
		return true;
	case '[':
		return parse_set(c);
	case '.':
		return emit(c, OP_ANY, 0);
	case '^':
		return emit(c, OP_BEGIN, 0);
	case '$':
		return emit(c, OP_END, 0);
	case '*':
	case '+':
	case '?':
		return false;
	case '\\':
		if (!*c->p)
			return false;
		ch = *c->p++;
		break;
	}
	return emit(c, OP_CHAR, (unsigned char)ch);
}

static bool parse_repeat(struct compiler *c, unsigned start)
{
	struct regex *r = c->r;

	for (; *c->p == '*' || *c->p == '+' || *c->p == '?'; c->p++) {
		if (*c->p == '+') {
			if (!emit(c, OP_SPLIT, 0))
				return false;
			r->code[r->n - 1].x = (unsigned short)start;
			r->code[r->n - 1].y = (unsigned short)r->n;
			continue;
		}
		if (!insert(c, start, OP_SPLIT))
			return false;
		if (*c->p == '*') {
			if (!emit(c, OP_JUMP, 0))
				return false;
			r->code[r->n - 1].x = (unsigned short)start;
		}
		r->code[start].x = (unsigned short)(start + 1);
		r->code[start].y = (unsigned short)r->n;
	}
	return true;
}

static bool parse_sequence(struct compiler *c)
{
	while (*c->p && *c->p != '|' && *c->p != ')') {
		unsigned start = c->r->n;

		if (!parse_atom(c) || !parse_repeat(c, start))
			return false;
	}
	return true;
}

static bool parse_alternatives(struct compiler *c)
{
	struct regex *r = c->r;
	unsigned start = r->n;

	if (!parse_sequence(c))
		return false;
	while (*c->p == '|') {
		unsigned jump;

		c->p++;
		if (!insert(c, start, OP_SPLIT) || !emit(c, OP_JUMP, 0))
			return false;
		jump = r->n - 1;
		r->code[start].x = (unsigned short)(start + 1);
		r->code[start].y = (unsigned short)r->n;
		if (!parse_sequence(c))
			return false;
		r->code[jump].x = (unsigned short)r->n;
	}
	return true;
}

bool regex_compile(struct regex *r, const char *pattern)
{
	struct compiler c = { .r = r, .p = pattern };

	r->n = 0;
	r->valid = parse_alternatives(&c) && !*c.p && emit(&c, OP_MATCH, 0);
	return r->valid;
}

struct states {
	unsigned n;
	unsigned short at[REGEX_MAX];
	unsigned char in[REGEX_MAX / 8];
};

/* Add a state and all that it leads to without a byte. Returns true at a match. */
static bool add(const struct regex *r, struct states *s, unsigned start, bool begin, bool end)
{
	unsigned short stack[REGEX_MAX];
	unsigned depth = 0;
	bool match = false;

	if (s->in[start >> 3] & 1 << (start & 7))
		return false;
	s->in[start >> 3] |= (unsigned char)(1 << (start & 7));
	stack[depth++] = (unsigned short)start;
	while (depth) {
		unsigned i = stack[--depth], next[2], n = 0;

		switch (r->code[i].op) {
		case OP_MATCH:
			match = true;
			break;
		case OP_SPLIT:
			next[n++] = r->code[i].x;
			next[n++] = r->code[i].y;
			break;
		case OP_JUMP:
			next[n++] = r->code[i].x;
			break;
		case OP_BEGIN:
			if (begin)
				next[n++] = i + 1;
			break;
		case OP_END:
			if (end)
				next[n++] = i + 1;
			break;
		default:
			s->at[s->n++] = (unsigned short)i;
		}
		while (n--) {
			unsigned k = next[n];

			if (s->in[k >> 3] & 1 << (k & 7))
				continue;
			s->in[k >> 3] |= (unsigned char)(1 << (k & 7));
			stack[depth++] = (unsigned short)k;
		}
	}
	return match;
}

bool regex_search(const struct regex *r, const char *s, size_t n)
{
	static struct states set[2]; /* pash is one thread */
	struct states *now = &set[0], *next = &set[1];

	if (!r->valid)
		return false;
	memset(now, 0, sizeof(*now));
	for (size_t i = 0;; i++) {
		if (add(r, now, 0, i == 0, i == n))
			return true;
		if (i == n)
			return false;
		memset(next, 0, sizeof(*next));
		for (unsigned k = 0; k < now->n; k++) {
			unsigned at = now->at[k];
			unsigned char c = (unsigned char)s[i];
			bool take = r->code[at].op == OP_ANY ||
				    (r->code[at].op == OP_CHAR && r->code[at].c == c) ||
				    (r->code[at].op == OP_SET &&
				     r->code[at].set[c >> 3] & 1 << (c & 7));

			if (take && add(r, next, at + 1, false, i + 1 == n))
				return true;
		}
		struct states *spare = now;
		now = next;
		next = spare;
	}
}
