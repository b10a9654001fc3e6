// SPDX-License-Identifier: MIT
/* The table of requests and their answers: see server.h. */
#include "apps/confd/server.h"

#include "apps/confd/complete.h"
#include "apps/confd/json.h"

#include <string.h>
#include <time.h>

void (*confd_committed)(const struct store *s, bool changed);

static void answer_error(struct json_writer *w, const struct conf_error *err)
{
	json_object(w);
	json_kv_str(w, "error", err->text);
	if (err->token >= 0)
		json_kv_s64(w, "token", err->token);
	if (err->line)
		json_kv_u64(w, "line", err->line);
	json_end(w);
}

static void answer_empty(struct json_writer *w)
{
	json_object(w);
	json_end(w);
}

/* The strings of request[key]; returns their number or -1 with *err. */
int request_words(const struct json *request, const char *key, const char *words[REQUEST_WORDS],
		  struct conf_error *err)
{
	const struct json *array = json_get(request, key);
	unsigned n = 0;

	if (array && array->type != JSON_ARRAY)
		return conf_fail(err, -1, "\"%s\" has to be an array", key);
	json_foreach(w, array)
	{
		if (w->type != JSON_STRING || w->count >= CONF_WORD)
			return conf_fail(err, (int)n,
					 "a word has to be a text of at most 255 bytes");
		if (n == REQUEST_WORDS)
			return conf_fail(err, (int)n, "too many words");
		words[n++] = w->str;
	}
	return (int)n;
}

static void do_status(struct store *s, const struct json *request, struct json_writer *w)
{
	(void)request;
	json_object(w);
	json_kv_str(w, "host_name", store_host_name(s));
	json_kv_bool(w, "changed", store_changed(s));
	json_kv_str(w, "boot_source", s->boot_source);
	json_kv_str(w, "boot_error", s->boot_error);
	json_end(w);
}

static void show_text(const struct conf_node *n, bool set, struct json_writer *w)
{
	struct text out = { 0 };

	if (set)
		conf_print_set(n, &out);
	else
		conf_print(n, &out);
	json_object(w);
	if (out.failed)
		json_kv_str(w, "error", "no memory to print the configuration");
	else
		json_kv_str(w, "text", text_str(&out));
	json_end(w);
	text_free(&out);
}

static void do_show(struct store *s, const struct json *request, struct json_writer *w)
{
	const char *format = json_get_str(request, "format", "tree");
	const char *from = json_get_str(request, "from", "running");
	const struct conf *c = strcmp(from, "candidate") == 0 ? &s->candidate : &s->running;
	const char *words[REQUEST_WORDS];
	const struct conf_node *node;
	struct conf_error err;
	int n = request_words(request, "path", words, &err);

	if (n < 0 || conf_seek(c, words, (unsigned)n, &node, &err)) {
		answer_error(w, &err);
		return;
	}
	if (strcmp(format, "json") != 0) {
		show_text(node, strcmp(format, "set") == 0, w);
		return;
	}
	json_object(w);
	json_key(w, "configuration");
	if (node->row)
		conf_json_item(node, w);
	else
		conf_json(node, w);
	json_end(w);
}

static void do_set(struct store *s, const struct json *request, struct json_writer *w)
{
	const char *words[REQUEST_WORDS];
	struct conf_error err;
	int n = request_words(request, "words", words, &err);

	if (n < 0 || conf_set(&s->candidate, words, (unsigned)n, true, 0, &err))
		answer_error(w, &err);
	else
		answer_empty(w);
}

static void do_delete(struct store *s, const struct json *request, struct json_writer *w)
{
	const char *words[REQUEST_WORDS];
	struct conf_error err;
	int n = request_words(request, "words", words, &err);

	if (n < 0 || conf_delete(&s->candidate, words, (unsigned)n, true, &err))
		answer_error(w, &err);
	else
		answer_empty(w);
}

/* An array of the lines of t. */
static void put_lines(struct json_writer *w, const char *key, const struct text *t)
{
	const char *p = text_str(t), *end;

	json_key(w, key);
	json_array(w);
	for (; (end = strchr(p, '\n')); p = end + 1)
		json_strn(w, p, (size_t)(end - p));
	json_end(w);
}

static void do_compare(struct store *s, const struct json *request, struct json_writer *w)
{
	u64 with = json_get_u64(request, "with", 0);
	struct text out = { 0 };
	struct conf_error err;
	struct conf old;

	if (with == 0) {
		conf_diff(&s->running, &s->candidate, &out);
	} else {
		if (with > s->histories) {
			conf_fail(&err, 0, "there is no configuration %llu; 0 to %u",
				  (unsigned long long)with, s->histories);
			answer_error(w, &err);
			return;
		}
		const char *text = s->history[with - 1].text;
		if (conf_init(&old) || conf_parse(&old, text, strlen(text), &err)) {
			conf_fail(&err, -1, "no memory");
			answer_error(w, &err);
			return;
		}
		conf_diff(&old, &s->candidate, &out);
		conf_free(&old);
	}
	json_object(w);
	put_lines(w, "lines", &out);
	json_end(w);
	text_free(&out);
}

#define CONFIRM_MINUTES_MAX 1440

static void do_commit(struct store *s, const struct json *request, struct json_writer *w)
{
	bool check = json_get_bool(request, "check", false);
	u64 minutes = json_get_u64(request, "confirm_minutes", 0);
	struct commit_result result;
	struct conf_error err;

	if (minutes > CONFIRM_MINUTES_MAX)
		minutes = CONFIRM_MINUTES_MAX;
	int r = minutes && !check ? store_commit_confirmed(s, (unsigned)minutes, &result, &err)
				  : store_commit(s, check, &result, &err);
	if (r) {
		answer_error(w, &err);
	} else {
		json_object(w);
		json_kv_u64(w, "changed", result.lines);
		json_kv_u64(w, "operations", result.operations);
		json_kv_u64(w, "epoch", result.epoch);
		json_kv_bool(w, "confirmed", result.confirmed);
		json_kv_u64(w, "returns_in_s",
			    s->confirm_at_s && !check ? s->confirm_at_s - store_now() : 0);
		put_lines(w, "warnings", &result.warn);
		json_end(w);
		if (!check && (result.lines || result.confirmed) && confd_committed)
			confd_committed(s, result.lines != 0);
	}
	text_free(&result.warn);
}

static void do_discard(struct store *s, const struct json *request, struct json_writer *w)
{
	(void)request;
	store_discard(s);
	answer_empty(w);
}

static void do_rollback(struct store *s, const struct json *request, struct json_writer *w)
{
	u64 to = json_get_u64(request, "to", 0);
	struct conf_error err;

	if (store_rollback(s, to, &err))
		answer_error(w, &err);
	else
		answer_empty(w);
}

static void do_history(struct store *s, const struct json *request, struct json_writer *w)
{
	struct timespec now = { 0 };

	(void)request;
	clock_gettime(CLOCK_MONOTONIC, &now);
	json_object(w);
	json_key(w, "history");
	json_array(w);
	for (unsigned i = 0; i <= s->histories; i++) {
		u64 since = i ? s->history[i - 1].uptime_s : s->running_since_s;

		json_object(w);
		json_kv_u64(w, "number", i);
		json_kv_u64(w, "age_s", (u64)now.tv_sec - since);
		json_end(w);
	}
	json_end(w);
	json_end(w);
}

static void do_vrfs(struct store *s, const struct json *request, struct json_writer *w)
{
	(void)request;
	json_object(w);
	json_key(w, "vrfs");
	json_array(w);
	for (unsigned i = 1; i < MODEL_VRFS; i++) {
		if (!s->applied.vrf[i][0])
			continue;
		json_object(w);
		json_kv_str(w, "name", s->applied.vrf[i]);
		json_kv_u64(w, "table", i);
		json_end(w);
	}
	json_end(w);
	json_end(w);
}

static const struct {
	const char *op;
	void (*fn)(struct store *s, const struct json *request, struct json_writer *w);
} requests[] = {
	{ "status", do_status },     { "show", do_show },         { "set", do_set },
	{ "delete", do_delete },     { "compare", do_compare },   { "commit", do_commit },
	{ "discard", do_discard },   { "rollback", do_rollback }, { "history", do_history },
	{ "complete", do_complete }, { "vrfs", do_vrfs },
};

void confd_answer(struct store *s, const struct json *request, struct json_writer *reply)
{
	const char *op = json_get_str(request, "op", "");
	struct conf_error err;

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (strcmp(requests[i].op, op) == 0) {
			requests[i].fn(s, request, reply);
			return;
		}
	conf_fail(&err, -1, "unknown request \"%.32s\"", op);
	answer_error(reply, &err);
}
