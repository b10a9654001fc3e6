// SPDX-License-Identifier: MIT
/* From a typed line to its command, and from a show's JSON to what is printed. */
#include "apps/pash/session.h"

#include "apps/pash/filter.h"
#include "apps/pash/grammar.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define JSON_BYTES_MAX ((size_t)64 << 20)

void session_init(struct session *s)
{
	memset(s, 0, sizeof(*s));
	s->mode = MODE_OPERATION;
	s->confd = -1;
	snprintf(s->host, sizeof(s->host), "pix");
}

void session_free(struct session *s)
{
	if (s->confd >= 0)
		close(s->confd);
	s->confd = -1;
	text_free(&s->out);
}

static void fail(struct session *s, const char *fmt, va_list ap)
{
	char sentence[512];
	struct json_writer w;

	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	s->failed = true;
	if (!s->filters.json) {
		text_printf(&s->out, "%s\n", sentence);
		return;
	}
	json_begin(&w, 4096);
	json_object(&w);
	json_kv_str(&w, "error", sentence);
	json_end(&w);
	const char *doc = json_finish(&w);
	text_printf(&s->out, "%s\n", doc ? doc : "{}");
	json_free(&w);
}

void session_fail(struct session *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail(s, fmt, ap);
	va_end(ap);
}

void session_fail_at(struct session *s, unsigned at, const char *fmt, ...)
{
	va_list ap;

	if (!s->filters.json) {
		text_pad(&s->out, ' ', s->indent + at);
		text_puts(&s->out, "^\n");
	}
	va_start(ap, fmt);
	fail(s, fmt, ap);
	va_end(ap);
}

static void run_show(struct session *s, const struct args *a)
{
	const struct show *show = a->command->show;
	struct json_writer w;
	struct json_doc doc = { 0 };
	const char *text;

	json_begin(&w, JSON_BYTES_MAX);
	if (show->build(s, a, &w)) {
		json_free(&w);
		return;
	}
	text = json_finish(&w);
	if (!text)
		session_fail(s, "the answer is too large");
	else if (s->filters.json)
		text_printf(&s->out, "%s\n", text);
	else if (json_parse(&doc, text, w.used))
		session_fail(s, "the table is too large for text (%s); use | json", doc.error);
	else
		show->render(doc.root, a, &s->out);
	json_doc_free(&doc);
	json_free(&w);
}

static unsigned find_pipe(const struct words *w)
{
	unsigned i = 0;

	while (i < w->count && (w->quoted[i] || strcmp(w->word[i], "|") != 0))
		i++;
	return i;
}

void session_run(struct session *s, const char *line)
{
	static struct words w; /* one line at a time; too large for the stack frame */
	static struct args a;
	const struct command *last;
	struct match_error err;
	unsigned at, n, mode, kept = s->mode;

	s->failed = false;
	s->line = line;
	memset(&s->filters, 0, sizeof(s->filters));
	enum words_error e = words_split(&w, line, strlen(line), &at);
	if (e) {
		session_fail_at(s, at, "%s", words_error_text(e));
		return;
	}
	if (!w.count)
		return;
	mode = command_borrow(&w, w.count, s->mode);
	n = find_pipe(&w);
	if (command_match(&w, n, mode, &a, &last, &err) ||
	    filters_parse(&s->filters, &w, n, &err)) {
		session_fail_at(s, err.at, "%s", err.text);
		return;
	}
	if (!a.command) {
		command_incomplete(last, mode, &w, n, (unsigned)strlen(line), &err);
		session_fail_at(s, err.at, "%s", err.text);
		return;
	}
	if (n < w.count && strncmp(a.command->path, "show", 4) != 0 &&
	    strncmp(a.command->path, "compare", 7) != 0) {
		memset(&s->filters, 0, sizeof(s->filters));
		session_fail_at(s, w.start[n], "\"%s\" has no output to filter", w.word[0]);
		return;
	}
	/* A borrowed command sees operation mode; other commands may change the mode. */
	if (mode != kept)
		s->mode = mode;
	if (a.command->show)
		run_show(s, &a);
	else
		a.command->run(s, &a);
	if (mode != kept)
		s->mode = kept;
	if (!s->failed)
		filters_apply(&s->filters, &s->out);
}
