// SPDX-License-Identifier: MIT
/*
 * Completion. For `set` it walks the schema table and offers, for a value, what exists: interfaces
 * of the system, configured bridges and names. For `delete` and `show` it walks the tree that is
 * there.
 */
#include "apps/confd/complete.h"

#include <string.h>

struct completion {
	struct store *store;
	struct json_writer *w;
	const char *begin;
};

static void offer(struct completion *k, const char *word, const char *help, bool value)
{
	if (!value && strncmp(word, k->begin, strlen(k->begin)) != 0)
		return;
	json_object(k->w);
	json_kv_str(k->w, "word", word);
	json_kv_str(k->w, "help", help);
	json_kv_bool(k->w, "value",
		     value); /* a placeholder such as <number>: shown, not inserted */
	json_end(k->w);
}

static bool begins(const struct completion *k, const char *word)
{
	return strncmp(word, k->begin, strlen(k->begin)) == 0;
}

/* Words that may stand for a value because something of that name exists. */
static void offer_existing(struct completion *k, const struct schema *row,
			   const struct conf_node *here)
{
	struct inventory inv;

	if (row->type == TYPE_INTERFACE && inventory_read(&inv) == 0) {
		for (u32 i = 0; i < inv.count; i++) {
			const char *name = inv.iface[i].name;
			char canon[CONF_WORD];

			if (begins(k, name) && value_check(row, name, canon, NULL) == 0)
				offer(k, name, "interface", false);
		}
		inventory_free(&inv);
		return;
	}
	if (row->type == TYPE_BRIDGE) {
		const struct conf_node *n = conf_child(k->store->candidate.root, "bridges");
		const struct conf_node *ifs = conf_child(k->store->candidate.root, "interfaces");
		bool seen[64] = { false };

		for (n = n ? n->child : NULL; n; n = n->next)
			seen[(n->word[2] - '0') & 63] |= !n->word[3];
		for (ifs = ifs ? ifs->child : NULL; ifs; ifs = ifs->next) {
			const char *b = conf_value(ifs, "bridge");

			if (b && !b[3])
				seen[(b[2] - '0') & 63] = true;
		}
		for (char i = 0; i < 10; i++) {
			char name[4] = { 'b', 'r', (char)('0' + i), 0 };

			if (seen[(int)i])
				offer(k, name, "bridge", false);
		}
		return;
	}
	for (const struct conf_node *n = here ? here->child : NULL; n; n = n->next)
		if (n->row == row)
			offer(k, n->word, "configured", false);
}

static int complete_set(struct completion *k, const char *const *words, unsigned n,
			struct conf_error *err)
{
	const struct schema *row = NULL, *next;
	const struct conf_node *here = k->store->candidate.root;
	char canon[CONF_WORD];

	for (unsigned i = 0; i < n; i++) {
		if (i && !schema_child(row, 0))
			return conf_fail(err, (int)i,
					 "unexpected \"%.64s\": nothing follows \"%s\"", words[i],
					 schema_word(row));
		row = schema_match(row, words[i], true, canon, err);
		if (!row) {
			err->token = (int)i;
			return -1;
		}
		here = conf_child(here, canon);
	}
	json_object(k->w);
	json_kv_bool(k->w, "end", row && schema_ends(row));
	json_key(k->w, "next");
	json_array(k->w);
	for (unsigned i = 0; (next = schema_child(row, i)); i++) {
		if (next->type == TYPE_WORD) {
			offer(k, schema_word(next), next->help, false);
			continue;
		}
		offer_existing(k, next, here);
		offer(k, schema_word(next), next->help, true);
	}
	json_end(k->w);
	json_end(k->w);
	return 0;
}

int conf_seek(const struct conf *c, const char *const *words, unsigned n,
	      const struct conf_node **node, struct conf_error *err)
{
	const struct schema *row = NULL;
	const struct conf_node *at = c->root, *next;
	char canon[CONF_WORD];

	for (unsigned i = 0; i < n; i++) {
		if (i && !schema_child(row, 0))
			return conf_fail(err, (int)i,
					 "unexpected \"%.64s\": nothing follows \"%s\"", words[i],
					 at->word);
		row = schema_match(row, words[i], true, canon, err);
		if (!row) {
			err->token = (int)i;
			return -1;
		}
		next = conf_child(at, canon);
		if (!next)
			return conf_fail(err, (int)i, "\"%.64s\" is not configured", canon);
		at = next;
	}
	*node = at;
	return 0;
}

static int complete_tree(struct completion *k, const struct conf *c, const char *const *words,
			 unsigned n, struct conf_error *err)
{
	const struct conf_node *node;

	if (conf_seek(c, words, n, &node, err))
		return -1;
	json_object(k->w);
	json_kv_bool(k->w, "end", n != 0);
	json_key(k->w, "next");
	json_array(k->w);
	for (const struct conf_node *v = node->child; v; v = v->next)
		offer(k, v->word, v->row->type == TYPE_WORD ? v->row->help : "configured", false);
	json_end(k->w);
	json_end(k->w);
	return 0;
}

void do_complete(struct store *s, const struct json *request, struct json_writer *w)
{
	struct completion k = { .store = s, .w = w, .begin = json_get_str(request, "begin", "") };
	const char *what = json_get_str(request, "for", "set");
	const char *words[REQUEST_WORDS];
	struct conf_error err;
	int n = request_words(request, "words", words, &err);

	if (n >= 0)
		n = strcmp(what, "set") == 0
			    ? complete_set(&k, words, (unsigned)n, &err)
			    : complete_tree(
				      &k, strcmp(what, "delete") == 0 ? &s->candidate : &s->running,
				      words, (unsigned)n, &err);
	if (n >= 0)
		return;
	json_object(w);
	json_kv_str(w, "error", err.text);
	if (err.token >= 0)
		json_kv_s64(w, "token", err.token);
	json_end(w);
}
