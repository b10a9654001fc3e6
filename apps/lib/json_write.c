// SPDX-License-Identifier: MIT
/* The JSON writer, see json.h. */
#include "apps/lib/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/lib/utf8.h"

void json_begin(struct json_writer *w, size_t max)
{
	memset(w, 0, sizeof(*w));
	w->max = max;
}

void json_reset(struct json_writer *w)
{
	char *buf = w->buf;
	size_t size = w->size;

	json_begin(w, w->max);
	w->buf = buf;
	w->size = size;
}

void json_free(struct json_writer *w)
{
	free(w->buf);
	json_begin(w, w->max);
}

static bool reserve(struct json_writer *w, size_t n)
{
	size_t want = w->size ? w->size : 256;
	char *more;

	if (w->failed)
		return false;
	if (n >= w->max - w->used) {
		w->failed = true;
		return false;
	}
	if (w->used + n + 1 <= w->size)
		return true;
	while (want < w->used + n + 1)
		want *= 2;
	want = want < w->max ? want : w->max;
	more = realloc(w->buf, want);
	if (!more) {
		w->failed = true;
		return false;
	}
	w->buf = more;
	w->size = want;
	return true;
}

static void put(struct json_writer *w, const char *s, size_t n)
{
	if (!reserve(w, n))
		return;
	memcpy(w->buf + w->used, s, n);
	w->used += n;
	w->buf[w->used] = '\0';
}

/* Before every value: the comma, and the check that a value may stand here. */
static void value_begins(struct json_writer *w)
{
	if (w->depth == 0) {
		w->failed |= w->used != 0; /* one document, one value */
		return;
	}
	if (w->level[w->depth - 1].array) {
		if (w->level[w->depth - 1].some)
			put(w, ",", 1);
		w->level[w->depth - 1].some = true;
	} else {
		w->failed |= !w->need_value;
		w->need_value = false;
	}
}

static void open_level(struct json_writer *w, bool array)
{
	value_begins(w);
	if (w->depth == JSON_DEPTH_MAX) {
		w->failed = true;
		return;
	}
	w->level[w->depth].array = array;
	w->level[w->depth++].some = false;
	put(w, array ? "[" : "{", 1);
}

void json_object(struct json_writer *w)
{
	open_level(w, false);
}

void json_array(struct json_writer *w)
{
	open_level(w, true);
}

void json_end(struct json_writer *w)
{
	if (w->depth == 0 || w->need_value) {
		w->failed = true;
		return;
	}
	put(w, w->level[--w->depth].array ? "]" : "}", 1);
}

/* Quotes, backslash and control characters escaped (RFC 8259 7), bad UTF-8 replaced. */
static void put_string(struct json_writer *w, const char *s, size_t n)
{
	static const char *const shorts[32] = {
		['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"
	};
	char code[8];

	put(w, "\"", 1);
	while (n && !w->failed) {
		unsigned char c = (unsigned char)*s;
		size_t len = utf8_length(s, n);

		if (!len) {
			put(w, "\xef\xbf\xbd", 3);
			len = 1;
		} else if (c == '"' || c == '\\') {
			put(w, c == '"' ? "\\\"" : "\\\\", 2);
		} else if (c < 32 && shorts[c]) {
			put(w, shorts[c], 2);
		} else if (c < 32) {
			snprintf(code, sizeof(code), "\\u%04x", c);
			put(w, code, 6);
		} else {
			put(w, s, len);
		}
		s += len;
		n -= len;
	}
	put(w, "\"", 1);
}

void json_key(struct json_writer *w, const char *key)
{
	if (w->depth == 0 || w->level[w->depth - 1].array || w->need_value) {
		w->failed = true;
		return;
	}
	if (w->level[w->depth - 1].some)
		put(w, ",", 1);
	w->level[w->depth - 1].some = true;
	put_string(w, key, strlen(key));
	put(w, ":", 1);
	w->need_value = true;
}

void json_strn(struct json_writer *w, const char *s, size_t n)
{
	value_begins(w);
	put_string(w, s, n);
}

void json_str(struct json_writer *w, const char *s)
{
	if (s)
		json_strn(w, s, strlen(s));
	else
		json_null(w);
}

void json_printf(struct json_writer *w, const char *fmt, ...)
{
	char buf[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	json_str(w, buf);
}

void json_raw(struct json_writer *w, const char *text)
{
	value_begins(w);
	put(w, text, strlen(text));
}

void json_u64(struct json_writer *w, uint64_t v)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%lu", v);
	json_raw(w, buf);
}

void json_s64(struct json_writer *w, int64_t v)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%ld", v);
	json_raw(w, buf);
}

void json_bool(struct json_writer *w, bool v)
{
	json_raw(w, v ? "true" : "false");
}

void json_null(struct json_writer *w)
{
	json_raw(w, "null");
}

void json_kv_str(struct json_writer *w, const char *key, const char *s)
{
	json_key(w, key);
	json_str(w, s);
}

void json_kv_u64(struct json_writer *w, const char *key, uint64_t v)
{
	json_key(w, key);
	json_u64(w, v);
}

void json_kv_s64(struct json_writer *w, const char *key, int64_t v)
{
	json_key(w, key);
	json_s64(w, v);
}

void json_kv_bool(struct json_writer *w, const char *key, bool v)
{
	json_key(w, key);
	json_bool(w, v);
}

const char *json_finish(struct json_writer *w)
{
	return w->failed || w->depth || !w->used ? NULL : w->buf;
}

/* The tree is as deep as the parser allows (JSON_DEPTH_MAX), so the recursion is bounded. */
void json_value(struct json_writer *w, const struct json *v)
{
	char buf[24];

	switch (v ? v->type : JSON_NULL) {
	case JSON_NULL:
		json_null(w);
		break;
	case JSON_BOOL:
		json_bool(w, v->b);
		break;
	case JSON_INT:
		snprintf(buf, sizeof(buf), "%s%lu", v->negative ? "-" : "", v->magnitude);
		json_raw(w, buf);
		break;
	case JSON_REAL:
		json_raw(w, v->text);
		break;
	case JSON_STRING:
		json_strn(w, v->str, v->count);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		if (v->type == JSON_ARRAY)
			json_array(w);
		else
			json_object(w);
		json_foreach(c, v)
		{
			if (v->type == JSON_OBJECT)
				json_key(w, c->key);
			json_value(w, c);
		}
		json_end(w);
		break;
	}
}
