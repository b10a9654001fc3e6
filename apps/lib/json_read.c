// SPDX-License-Identifier: MIT
/*
 * The JSON parser, see json.h. Recursive descent with a depth limit over a cursor that never passes
 * its end; nodes and strings live in blocks that are freed together.
 */
#include "apps/lib/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/lib/utf8.h"

struct json_block {
	struct json_block *next;
	size_t used, size;
	char data[] __attribute__((aligned(16)));
};

struct reader {
	struct json_doc *doc;
	const char *start, *p, *end;
	unsigned depth;
	int err;
};

static void fail(struct reader *r, int err, const char *text)
{
	if (r->err)
		return;
	r->err = err;
	r->doc->error_at = (size_t)(r->p - r->start);
	snprintf(r->doc->error, sizeof(r->doc->error), "%s", text);
}

static void *take(struct reader *r, size_t n)
{
	struct json_block *b = r->doc->blocks;
	void *p;

	n = (n + 15) & ~(size_t)15;
	if (!b || b->size - b->used < n) {
		size_t size = n > 4000 ? n : 4000;

		b = malloc(sizeof(*b) + size);
		if (!b) {
			fail(r, -ENOMEM, "out of memory");
			return NULL;
		}
		b->next = r->doc->blocks;
		b->used = 0;
		b->size = size;
		r->doc->blocks = b;
	}
	p = b->data + b->used;
	b->used += n;
	return p;
}

static void skip_space(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

static bool accept(struct reader *r, char c)
{
	skip_space(r);
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

/* Four hexadecimal digits after \u; more than 0xffff: there are none. */
static uint32_t hex4(struct reader *r)
{
	uint32_t v = 0;

	if (r->end - r->p < 4)
		return 0x10000;
	for (int i = 0; i < 4; i++) {
		char c = *r->p++;

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = v << 4 | (uint32_t)((c | 32) - 'a' + 10);
		else
			return 0x10000;
	}
	return v;
}

/* The code point after \u, surrogate pairs joined. 0: wrong, which includes U+0000. */
static uint32_t unicode_escape(struct reader *r)
{
	uint32_t c = hex4(r), low;

	if (c > 0xffff || (c >= 0xdc00 && c <= 0xdfff))
		return 0;
	if (c < 0xd800 || c > 0xdbff)
		return c;
	if (r->end - r->p < 2 || r->p[0] != '\\' || r->p[1] != 'u')
		return 0;
	r->p += 2;
	low = hex4(r);
	if (low < 0xdc00 || low > 0xdfff)
		return 0;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

/* One character of a string, escaped or not, into d. Returns its bytes; 0 after an error. */
static size_t string_char(struct reader *r, char *d)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	size_t n;

	if (*r->p != '\\') {
		n = utf8_length(r->p, (size_t)(r->end - r->p));
		if (!n || (unsigned char)*r->p < 32) {
			fail(r, -EINVAL, n ? "control character in a string" : "not UTF-8");
			return 0;
		}
		memcpy(d, r->p, n);
		r->p += n;
		return n;
	}
	if (++r->p < r->end && *r->p == 'u') {
		uint32_t c;

		r->p++;
		c = unicode_escape(r);
		if (!c)
			fail(r, -EINVAL, "bad \\u escape");
		return c ? utf8_encode(d, c) : 0;
	}
	if (r->p < r->end) {
		const char *at = memchr(from, *r->p, sizeof(from) - 1);

		if (at) {
			r->p++;
			*d = to[at - from];
			return 1;
		}
	}
	fail(r, -EINVAL, "unknown escape");
	return 0;
}

/* After the opening quote. An escape is never longer than what it is written as. */
static const char *read_string(struct reader *r, uint32_t *len)
{
	const char *q = r->p;
	char *s, *d;

	while (q < r->end && *q != '"')
		q += *q == '\\' && q + 1 < r->end ? 2 : 1;
	if (q >= r->end) {
		fail(r, -EINVAL, "string without end");
		return NULL;
	}
	s = d = take(r, (size_t)(q - r->p) + 5);
	while (s && *r->p != '"') {
		size_t n = string_char(r, d);

		if (!n)
			return NULL;
		d += n;
	}
	if (!s)
		return NULL;
	r->p++;
	*d = '\0';
	*len = (uint32_t)(d - s);
	return s;
}

static bool is_digit(const struct reader *r)
{
	return r->p < r->end && *r->p >= '0' && *r->p <= '9';
}

static void skip_digits(struct reader *r)
{
	if (!is_digit(r))
		fail(r, -EINVAL, "digit expected");
	while (is_digit(r))
		r->p++;
}

static void read_number(struct reader *r, struct json *v)
{
	const char *first = r->p, *digits;
	bool integer = true;
	char buf[48] = "";

	v->negative = *r->p == '-';
	r->p += v->negative;
	digits = r->p;
	skip_digits(r);
	if (!r->err && *digits == '0' && r->p - digits > 1)
		fail(r, -EINVAL, "number with a leading zero");
	if (r->p < r->end && *r->p == '.') {
		integer = false;
		r->p++;
		skip_digits(r);
	}
	if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
		integer = false;
		r->p++;
		if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
			r->p++;
		skip_digits(r);
	}
	if (r->err)
		return;
	if ((size_t)(r->p - first) >= sizeof(buf)) {
		fail(r, -EINVAL, "number too long");
		return;
	}
	memcpy(buf, first, (size_t)(r->p - first));
	buf[r->p - first] = '\0';
	if (integer) {
		errno = 0;
		v->type = JSON_INT;
		v->magnitude = strtoull(buf + v->negative, NULL, 10);
		if (errno || (v->negative && v->magnitude > (uint64_t)1 << 63))
			fail(r, -EINVAL, "integer does not fit 64 bits");
	} else {
		char *text = take(r, sizeof(buf));

		v->type = JSON_REAL;
		if (text)
			v->text = memcpy(text, buf, sizeof(buf));
		v->real = strtod(buf, NULL);
		if (v->real > 1.7976931348623157e308 || v->real < -1.7976931348623157e308)
			fail(r, -EINVAL, "number too large");
	}
}

static void read_word(struct reader *r, struct json *v)
{
	static const struct {
		const char *text;
		enum json_type type;
		bool b;
	} words[] = { { "true", JSON_BOOL, true },
		      { "false", JSON_BOOL, false },
		      { "null", JSON_NULL, false } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i].text);

		if ((size_t)(r->end - r->p) >= n && memcmp(r->p, words[i].text, n) == 0) {
			v->type = words[i].type;
			v->b = words[i].b;
			r->p += n;
			return;
		}
	}
	fail(r, -EINVAL, "value expected");
}

static struct json *read_value(struct reader *r);

/* The elements after '[' or '{' and the closing bracket. */
static void read_elements(struct reader *r, struct json *v)
{
	bool object = v->type == JSON_OBJECT;
	struct json **tail = &v->child;

	if (++r->depth > JSON_DEPTH_MAX) {
		fail(r, -E2BIG, "nested too deeply");
		return;
	}
	if (accept(r, object ? '}' : ']')) {
		r->depth--;
		return;
	}
	do {
		const char *key = NULL;
		struct json *c;
		uint32_t len;

		if (object) {
			if (!accept(r, '"')) {
				fail(r, -EINVAL, "key expected");
				return;
			}
			key = read_string(r, &len);
			if (key && !accept(r, ':'))
				fail(r, -EINVAL, "':' expected");
		}
		c = r->err ? NULL : read_value(r);
		if (!c)
			return;
		c->key = key;
		*tail = c;
		tail = &c->next;
		v->count++;
	} while (accept(r, ','));
	if (!accept(r, object ? '}' : ']'))
		fail(r, -EINVAL, object ? "',' or '}' expected" : "',' or ']' expected");
	r->depth--;
}

/* NULL after an error. */
static struct json *read_value(struct reader *r)
{
	struct json *v;

	if (++r->doc->nodes > JSON_NODES_MAX) {
		fail(r, -E2BIG, "too many values");
		return NULL;
	}
	v = take(r, sizeof(*v));
	if (!v)
		return NULL;
	memset(v, 0, sizeof(*v));
	skip_space(r);
	if (r->p == r->end) {
		fail(r, -EINVAL, "value expected");
	} else if (*r->p == '"') {
		r->p++;
		v->type = JSON_STRING;
		v->str = read_string(r, &v->count);
	} else if (*r->p == '{' || *r->p == '[') {
		v->type = *r->p++ == '{' ? JSON_OBJECT : JSON_ARRAY;
		read_elements(r, v);
	} else if (*r->p == '-' || is_digit(r)) {
		read_number(r, v);
	} else {
		read_word(r, v);
	}
	return r->err ? NULL : v;
}

int json_parse(struct json_doc *d, const char *text, size_t n)
{
	struct reader r = { .doc = d, .start = text, .p = text, .end = text + n };

	memset(d, 0, sizeof(*d));
	d->root = read_value(&r);
	skip_space(&r);
	if (d->root && r.p != r.end)
		fail(&r, -EINVAL, "text after the end");
	if (r.err)
		d->root = NULL;
	return r.err;
}

void json_doc_free(struct json_doc *d)
{
	while (d->blocks) {
		struct json_block *b = d->blocks;

		d->blocks = b->next;
		free(b);
	}
	d->root = NULL;
}

const struct json *json_get(const struct json *object, const char *key)
{
	if (!object || object->type != JSON_OBJECT)
		return NULL;
	json_foreach(c, object)
	{
		if (strcmp(c->key, key) == 0)
			return c;
	}
	return NULL;
}

const struct json *json_at(const struct json *array, size_t i)
{
	if (!array || array->type != JSON_ARRAY)
		return NULL;
	json_foreach(c, array)
	{
		if (i-- == 0)
			return c;
	}
	return NULL;
}

const char *json_get_str(const struct json *object, const char *key, const char *fallback)
{
	const struct json *v = json_get(object, key);

	return v && v->type == JSON_STRING ? v->str : fallback;
}

uint64_t json_get_u64(const struct json *object, const char *key, uint64_t fallback)
{
	const struct json *v = json_get(object, key);

	return v && v->type == JSON_INT && !v->negative ? v->magnitude : fallback;
}

int64_t json_get_s64(const struct json *object, const char *key, int64_t fallback)
{
	const struct json *v = json_get(object, key);

	if (!v || v->type != JSON_INT || (!v->negative && v->magnitude > INT64_MAX))
		return fallback;
	return (int64_t)(v->negative ? 0 - v->magnitude : v->magnitude);
}

bool json_get_bool(const struct json *object, const char *key, bool fallback)
{
	const struct json *v = json_get(object, key);

	return v && v->type == JSON_BOOL ? v->b : fallback;
}
