// SPDX-License-Identifier: MIT
/* Commands of configure mode: each is a request to confd, which alone knows the configuration. */
#include "apps/pash/commands.h"

#include "apps/pash/confd.h"
#include "apps/pash/show.h"
#include "apps/pash/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_BYTES   ((size_t)64 << 10)
#define CONFIRM_MINUTES 10

/*
 * Print the error of an answer. words[token] of the request stood at word `first` + token of the
 * line; first < 0: no caret.
 */
static bool answer_failed(struct session *s, const struct args *a, const struct json *answer,
			  int first)
{
	const char *error = json_get_str(answer, "error", NULL);
	int64_t token = json_get_s64(answer, "token", -1);
	const struct words *w = a->words;

	if (!error)
		return false;
	if (first < 0 || token < 0) {
		session_fail(s, "%s", error);
		return true;
	}
	unsigned i = (unsigned)first + (unsigned)token;
	session_fail_at(
		s, i < w->count && strcmp(w->word[i], "|") != 0 ? w->start[i] : w->end[i - 1] + 1,
		"%s", error);
	return true;
}

/* Finish and send the request. 0 with the answer in doc (caller frees), -1 after a message. */
static int send_request(struct session *s, struct json_writer *w, struct json_doc *doc)
{
	const char *text = json_finish(w);
	int r = -1;

	memset(doc, 0, sizeof(*doc));
	if (!text)
		session_fail(s, "the line is too long");
	else if (confd_call(s, text, doc))
		session_fail(s, "confd does not answer: the configuration is out of reach");
	else
		r = 0;
	json_free(w);
	return r;
}

static void begin_request(struct json_writer *w, const char *op)
{
	json_begin(w, REQUEST_BYTES);
	json_object(w);
	json_kv_str(w, "op", op);
}

static void put_args(struct json_writer *w, const char *key, const struct args *a)
{
	json_key(w, key);
	json_array(w);
	for (unsigned i = 0; i < a->count; i++)
		json_str(w, a->value[i]);
	json_end(w);
}

/* A request without an answer worth printing. */
static void simple(struct session *s, const struct args *a, struct json_writer *w, int first)
{
	struct json_doc doc;

	json_end(w);
	if (send_request(s, w, &doc) == 0)
		answer_failed(s, a, doc.root, first);
	json_doc_free(&doc);
}

void cmd_configure(struct session *s, const struct args *a)
{
	struct json_doc doc;
	struct json_writer w;

	(void)a;
	begin_request(&w, "status");
	json_end(&w);
	if (send_request(s, &w, &doc))
		return;
	s->mode = MODE_CONFIGURE;
	if (json_get_bool(doc.root, "changed", false))
		text_puts(&s->out, "the candidate (shared by all sessions) has uncommitted "
				   "changes; see compare\n");
	json_doc_free(&doc);
}

void cmd_exit(struct session *s, const struct args *a)
{
	struct json_doc doc;
	struct json_writer w;

	(void)a;
	if (s->mode == MODE_OPERATION) {
		s->done = true;
		return;
	}
	s->mode = MODE_OPERATION;
	begin_request(&w, "status");
	json_end(&w);
	if (send_request(s, &w, &doc) == 0 && json_get_bool(doc.root, "changed", false))
		text_puts(&s->out, "the candidate has uncommitted changes; they are kept\n");
	json_doc_free(&doc);
}

void cmd_set(struct session *s, const struct args *a)
{
	struct json_writer w;

	begin_request(&w, "set");
	put_args(&w, "words", a);
	simple(s, a, &w, (int)a->word[0]);
}

void cmd_delete(struct session *s, const struct args *a)
{
	struct json_writer w;

	begin_request(&w, "delete");
	put_args(&w, "words", a);
	simple(s, a, &w, (int)a->word[0]);
}

static void print_strings(struct session *s, const struct json *list, const char *prefix)
{
	json_foreach(v, list)
	{
		if (v->type == JSON_STRING)
			text_printf(&s->out, "%s%s\n", prefix, v->str);
	}
}

/* minutes: 0 for good, else it has to be confirmed within them */
static void commit(struct session *s, const struct args *a, bool check, unsigned minutes)
{
	struct json_doc doc;
	struct json_writer w;

	begin_request(&w, "commit");
	json_kv_bool(&w, "check", check);
	json_kv_u64(&w, "confirm_minutes", minutes);
	json_end(&w);
	if (send_request(s, &w, &doc) == 0 && !answer_failed(s, a, doc.root, -1)) {
		uint64_t epoch = json_get_u64(doc.root, "epoch", 0);

		print_strings(s, json_get(doc.root, "warnings"), "warning: ");
		if (check)
			text_puts(&s->out, "the candidate is fit to commit\n");
		else if (!json_get_u64(doc.root, "changed", 0) && !epoch)
			text_puts(&s->out, "commit complete: nothing had changed\n");
		else if (epoch)
			text_printf(&s->out, "commit complete: epoch %llu\n",
				    (unsigned long long)epoch);
		else
			text_puts(&s->out, "commit complete\n");
		if (json_get_bool(doc.root, "confirmed", false))
			text_puts(&s->out, "the commit before is confirmed\n");
		uint64_t left = (json_get_u64(doc.root, "returns_in_s", 0) + 59) / 60;
		if (left)
			text_printf(&s->out,
				    "it will be taken back in %llu minute%s unless a commit "
				    "confirms it\n",
				    (unsigned long long)left, left == 1 ? "" : "s");
	} else if (doc.root && !check) {
		text_puts(&s->out, "commit failed: nothing has changed\n");
	}
	json_doc_free(&doc);
}

void cmd_commit(struct session *s, const struct args *a)
{
	commit(s, a, false, 0);
}

void cmd_commit_confirmed(struct session *s, const struct args *a)
{
	commit(s, a, false, a->count ? (unsigned)strtoul(a->value[0], NULL, 10) : CONFIRM_MINUTES);
}

void cmd_commit_check(struct session *s, const struct args *a)
{
	commit(s, a, true, 0);
}

void cmd_compare(struct session *s, const struct args *a)
{
	struct json_doc doc;
	struct json_writer w;

	begin_request(&w, "compare");
	json_kv_u64(&w, "with", a->count ? strtoul(a->value[0], NULL, 10) : 0);
	json_end(&w);
	if (send_request(s, &w, &doc) == 0 &&
	    !answer_failed(s, a, doc.root, a->count ? (int)a->word[0] : -1)) {
		if (s->filters.json) {
			struct json_writer out;

			json_begin(&out, (size_t)8 << 20);
			json_value(&out, doc.root);
			text_printf(&s->out, "%s\n", json_finish(&out) ? out.buf : "{}");
			json_free(&out);
		} else {
			print_strings(s, json_get(doc.root, "lines"), "");
		}
	}
	json_doc_free(&doc);
}

void cmd_discard(struct session *s, const struct args *a)
{
	struct json_writer w;

	begin_request(&w, "discard");
	simple(s, a, &w, -1);
}

void cmd_rollback(struct session *s, const struct args *a)
{
	struct json_writer w;

	begin_request(&w, "rollback");
	json_kv_u64(&w, "to", strtoul(a->value[0], NULL, 10));
	simple(s, a, &w, (int)a->word[0]);
}

void cmd_show_configuration(struct session *s, const struct args *a)
{
	struct json_doc doc;
	struct json_writer w;

	begin_request(&w, "show");
	json_kv_str(&w, "from", s->mode == MODE_CONFIGURE ? "candidate" : "running");
	json_kv_str(&w, "format", s->filters.json ? "json" : s->filters.set ? "set" : "tree");
	put_args(&w, "path", a);
	json_end(&w);
	if (send_request(s, &w, &doc) == 0 &&
	    !answer_failed(s, a, doc.root, a->count ? (int)a->word[0] : -1)) {
		if (s->filters.json) {
			struct json_writer out;

			json_begin(&out, (size_t)8 << 20);
			json_value(&out, doc.root);
			text_printf(&s->out, "%s\n", json_finish(&out) ? out.buf : "{}");
			json_free(&out);
		} else {
			text_puts(&s->out, json_get_str(doc.root, "text", ""));
		}
	}
	json_doc_free(&doc);
}

static int build_history(struct session *s, const struct args *a, struct json_writer *w)
{
	struct json_doc doc;
	struct json_writer request;
	int r;

	begin_request(&request, "history");
	json_end(&request);
	r = send_request(s, &request, &doc) || answer_failed(s, a, doc.root, -1) ? -1 : 0;
	if (!r)
		json_value(w, doc.root);
	json_doc_free(&doc);
	return r;
}

static void render_history(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { ">number", ">since", "", NULL };
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(h, json_get(doc, "history"))
	{
		uint64_t age = json_get_u64(h, "age_s", 0), number = json_get_u64(h, "number", 0);

		table_u64(&t, number);
		table_printf(&t, "%llu s", (unsigned long long)age);
		table_str(&t, number ? "" : "runs");
	}
	table_end(&t, out, "nothing was committed");
}

const struct show show_history = { build_history, render_history };
