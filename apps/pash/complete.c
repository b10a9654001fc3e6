// SPDX-License-Identifier: MIT
/* Completion from the grammar, the system's names, confd's schema and the filters: see complete.h.
 */
#include "apps/pash/complete.h"

#include "apps/lib/pixdev.h"
#include "apps/pash/confd.h"
#include "apps/pash/filter.h"
#include "apps/pash/grammar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void offer(struct candidates *c, const char *begin, const char *word, const char *help,
		  bool value)
{
	struct candidate *k = &c->item[c->count];

	if ((!value && strncmp(word, begin, strlen(begin)) != 0) || c->count == CANDIDATES_MAX)
		return;
	for (unsigned i = 0; i < c->count; i++)
		if (strcmp(c->item[i].word, word) == 0)
			return;
	k->word = strdup(word);
	k->help = strdup(help);
	k->value = value;
	if (k->word && k->help) {
		c->count++;
		return;
	}
	free(k->word);
	free(k->help);
}

void candidates_free(struct candidates *c)
{
	for (unsigned i = 0; i < c->count; i++) {
		free(c->item[i].word);
		free(c->item[i].help);
	}
	c->count = 0;
}

static void fail(struct candidates *c, unsigned at, const char *text)
{
	c->at = at;
	snprintf(c->error, sizeof(c->error), "%s", text);
}

static void offer_interfaces(struct candidates *c, const char *begin)
{
	void *array;
	u32 n;

	if (pixdev_list(PIX_LIST_IFACE, sizeof(struct pix_iface), &array, &n))
		return;
	for (u32 i = 0; i < n; i++) {
		struct pix_iface *f = (struct pix_iface *)array + i;

		f->name[PIX_NAME - 1] = 0;
		offer(c, begin, f->name, "interface", false);
	}
	free(array);
}

/* Words behind `set`, `delete` and `show configuration`: ask confd. */
static void offer_confd(struct session *s, struct candidates *c, const struct words *w,
			unsigned first, unsigned n, const char *begin, enum word_type type)
{
	struct json_writer q;
	struct json_doc doc = { 0 };
	const char *text;

	json_begin(&q, 64 << 10);
	json_object(&q);
	json_kv_str(&q, "op", "complete");
	json_kv_str(&q, "for", type == WORD_SET ? "set" : type == WORD_DELETE ? "delete" : "show");
	json_key(&q, "words");
	json_array(&q);
	for (unsigned i = first; i < n; i++)
		json_str(&q, w->word[i]);
	json_end(&q);
	json_kv_str(&q, "begin", begin);
	json_end(&q);
	text = json_finish(&q);
	if (!text || confd_call(s, text, &doc)) {
		fail(c, 0, "confd does not answer");
	} else if (json_get(doc.root, "error")) {
		uint64_t token = first + json_get_u64(doc.root, "token", 0);

		fail(c, token < n ? w->start[token] : 0, json_get_str(doc.root, "error", ""));
	} else {
		json_foreach(v, json_get(doc.root, "next"))
			offer(c, begin, json_get_str(v, "word", ""), json_get_str(v, "help", ""),
			      json_get_bool(v, "value", false));
		if (!*begin && json_get_bool(doc.root, "end", false))
			offer(c, "", "<Enter>", "run the line", true);
	}
	json_doc_free(&doc);
	json_free(&q);
}

static void offer_vrfs(struct session *s, struct candidates *c, const char *begin)
{
	struct json_doc doc = { 0 };

	if (!confd_call(s, "{\"op\":\"vrfs\"}", &doc))
		json_foreach(v, json_get(doc.root, "vrfs"))
			offer(c, begin, json_get_str(v, "name", ""), "VRF", false);
	json_doc_free(&doc);
}

static void offer_rows(struct session *s, unsigned mode, struct candidates *c,
		       const struct command *row, const struct words *w, unsigned n,
		       const char *begin)
{
	const struct command *next;

	for (unsigned i = 0; (next = command_next(row, mode, i)); i++) {
		if (!next->help)
			continue;
		if (next->type == WORD_FIXED) {
			offer(c, begin, command_word(next), next->help, false);
			continue;
		}
		if (next->type == WORD_INTERFACE)
			offer_interfaces(c, begin);
		if (next->type == WORD_VRF)
			offer_vrfs(s, c, begin);
		if (next->type == WORD_SET || next->type == WORD_DELETE || next->type == WORD_CONF)
			offer_confd(s, c, w, n, n, begin, next->type);
		else
			offer(c, begin, command_word(next), next->help, true);
	}
	if (!*begin && command_ends(row)) {
		offer(c, "", "<Enter>", "run the line", true);
		if (row->show || row->type == WORD_CONF)
			offer(c, "", "|", "filter what is printed", true);
	}
}

static void offer_filters(struct candidates *c, const struct words *w, unsigned first, unsigned n,
			  const char *begin)
{
	for (unsigned i = 0; i < filter_word_count; i++) {
		const char *path = filter_words[i].path, *space = strchr(path, ' ');
		char head[32];

		snprintf(head, sizeof(head), "%.*s",
			 space ? (int)(space - path) : (int)strlen(path), path);
		if (n == first)
			offer(c, begin, head, filter_words[i].help, false);
		else if (n == first + 1 && space &&
			 strncmp(head, w->word[first], strlen(w->word[first])) == 0)
			offer(c, begin, space + 1, filter_words[i].help, space[1] == '<');
	}
}

void complete(struct session *s, const char *line, unsigned cursor, struct candidates *c)
{
	static struct words w;
	static struct args a;
	const struct command *row = NULL;
	struct match_error err;
	unsigned at, n, pipe, mode;

	memset(c, 0, sizeof(*c));
	c->begin = cursor;
	enum words_error e = words_split(&w, line, cursor, &at);
	if (e) {
		fail(c, at, words_error_text(e));
		return;
	}
	const char *begin = "";
	n = w.count;
	mode = s->mode;
	if (n > 2 || (n == 2 && w.end[1] < cursor)) {
		mode = command_borrow(&w, n, mode);
		n = w.count;
	}
	if (n && w.end[n - 1] == cursor && (w.quoted[n - 1] || strcmp(w.word[n - 1], "|") != 0)) {
		begin = w.word[--n];
		c->begin = w.start[n];
	}
	for (pipe = n; pipe && (w.quoted[pipe - 1] || strcmp(w.word[pipe - 1], "|") != 0); pipe--)
		;
	if (pipe) {
		offer_filters(c, &w, pipe, n, begin);
		return;
	}
	if (command_match(&w, n, mode, &a, &row, &err)) {
		fail(c, err.at, err.text);
		return;
	}
	if (row && row->type == WORD_REST)
		return;
	if (command_open(row))
		offer_confd(s, c, &w, a.word[0], n, begin, row->type);
	else
		offer_rows(s, mode, c, row, &w, n, begin);
	/* Nothing begins like that: say what a run would say. */
	if (*begin && !c->count && !c->error[0] && !command_open(row) &&
	    command_match(&w, n + 1, mode, &a, &row, &err))
		fail(c, err.at, err.text);
}

unsigned candidates_common(const struct candidates *c, const char **word)
{
	unsigned common = 0;
	const char *first = NULL;

	for (unsigned i = 0; i < c->count; i++) {
		const char *k = c->item[i].word;

		if (c->item[i].value)
			continue;
		if (!first) {
			first = k;
			common = (unsigned)strlen(k);
			continue;
		}
		unsigned n = 0;
		while (n < common && k[n] == first[n])
			n++;
		common = n;
	}
	*word = first;
	return common;
}

void candidates_print(const struct candidates *c, bool help, struct text *out)
{
	unsigned width = 0, column = 0;

	for (unsigned i = 0; i < c->count; i++)
		if (strlen(c->item[i].word) > width)
			width = (unsigned)strlen(c->item[i].word);
	for (unsigned i = 0; i < c->count; i++) {
		const struct candidate *k = &c->item[i];
		unsigned n = (unsigned)strlen(k->word);

		if (help) {
			text_printf(out, "  %-*s  %s\n", (int)width, k->word, k->help);
			continue;
		}
		if (column && column + width + 2 > 78) {
			text_putc(out, '\n');
			column = 0;
		}
		text_puts(out, k->word);
		column += width + 2;
		if (i + 1 < c->count && column + width + 2 <= 78)
			text_pad(out, ' ', width + 2 - n);
	}
	if (!help && c->count)
		text_putc(out, '\n');
}
