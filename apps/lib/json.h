// SPDX-License-Identifier: MIT
/*
 * JSON (RFC 8259): a writer into one growing bounded buffer, and a bounded parser into a tree.
 *
 * Writer: calls follow the document's order; commas and escapes are its business. Errors (room used
 *up, nesting too deep, begin/end out of balance) stick and are reported once, by json_finish().
 *
 *	struct json_writer w;
 *	json_begin(&w, 64 << 10);
 *	json_object(&w);
 *	json_kv_str(&w, "name", "eth0");
 *	json_key(&w, "counts");
 *	json_array(&w);
 *	json_u64(&w, 3);
 *	json_end(&w);
 *	json_end(&w);
 *	const char *text = json_finish(&w);	{"name":"eth0","counts":[3]}
 *	...
 *	json_free(&w);
 *
 * Parser: strict, UTF-8 checked, depth, nodes and bytes bounded. Integers keep all 64 bits;
 * other numbers become double. Of a repeated key the first one is found.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	JSON_DEPTH_MAX = 32,
	JSON_NODES_MAX = 1 << 17,
};

struct json_writer {
	char *buf;        /* owned; NUL after used */
	size_t used;      /* bytes written */
	size_t size, max; /* room now, and at most */
	unsigned depth;
	bool failed;
	bool need_value; /* a key was written */
	struct {
		bool array, some;
	} level[JSON_DEPTH_MAX];
};

/* Starts a document of at most max bytes (NUL included). */
void json_begin(struct json_writer *w, size_t max);
/* The text, owned by w until json_free() or json_begin(); NULL when anything failed or is open. */
const char *json_finish(struct json_writer *w);
/* Throws away what was written, keeps buffer and limit. */
void json_reset(struct json_writer *w);
void json_free(struct json_writer *w);

void json_object(struct json_writer *w);
void json_array(struct json_writer *w);
void json_end(struct json_writer *w); /* of the innermost object or array */
void json_key(struct json_writer *w, const char *key);
void json_str(struct json_writer *w,
	      const char *s); /* NULL writes null; bad UTF-8 becomes U+FFFD */
void json_strn(struct json_writer *w, const char *s, size_t n);
void json_printf(struct json_writer *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3))); /* a string of at most 511 bytes */
void json_u64(struct json_writer *w, uint64_t v);
void json_s64(struct json_writer *w, int64_t v);
void json_bool(struct json_writer *w, bool v);
void json_null(struct json_writer *w);
void json_raw(struct json_writer *w, const char *text); /* one ready JSON value, not checked */

void json_kv_str(struct json_writer *w, const char *key, const char *s);
void json_kv_u64(struct json_writer *w, const char *key, uint64_t v);
void json_kv_s64(struct json_writer *w, const char *key, int64_t v);
void json_kv_bool(struct json_writer *w, const char *key, bool v);

enum json_type { JSON_NULL, JSON_BOOL, JSON_INT, JSON_REAL, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	const char *key;    /* in an object, else NULL */
	struct json *next;  /* sibling */
	struct json *child; /* first element of an array or object */
	uint32_t count;     /* elements; bytes of a string */
	const char *text;   /* JSON_REAL: as it was written */
	bool negative;      /* JSON_INT: the value is -magnitude */
	union {
		bool b;
		uint64_t magnitude;
		double real;
		const char *str; /* NUL-terminated; U+0000 inside is refused by the parser */
	};
};

struct json_doc {
	struct json *root; /* NULL after an error */
	char error[80];    /* what is wrong */
	size_t error_at;   /* byte offset of it */
	unsigned nodes;
	struct json_block *blocks;
};

/* Parses one document of n bytes. 0; -EINVAL (error, error_at); -E2BIG too deep or too many nodes;
 * -ENOMEM. After success or failure json_doc_free() releases everything. */
int json_parse(struct json_doc *d, const char *text, size_t n);
void json_doc_free(struct json_doc *d);

/* Look-ups accept NULL and wrong types: they give NULL or the fallback. */
const struct json *json_get(const struct json *object, const char *key);
const struct json *json_at(const struct json *array, size_t i);
const char *json_get_str(const struct json *object, const char *key, const char *fallback);
uint64_t json_get_u64(const struct json *object, const char *key, uint64_t fallback);
int64_t json_get_s64(const struct json *object, const char *key, int64_t fallback);
bool json_get_bool(const struct json *object, const char *key, bool fallback);
/* Writes a parsed value (with all that is below it). */
void json_value(struct json_writer *w, const struct json *v);

#define json_foreach(child_, parent)                                                \
	for (const struct json *child_ = (parent) ? (parent)->child : NULL; child_; \
	     child_ = child_->next)
