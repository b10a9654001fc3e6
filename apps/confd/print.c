// SPDX-License-Identifier: MIT
/* A configuration as text: brace tree, set lines, and the difference of two. See conf.h. */
#include "apps/confd/conf.h"

#include "apps/lib/words.h"

#include <string.h>

void conf_put_word(struct text *out, const char *word)
{
	if (word_is_plain(word)) {
		text_puts(out, word);
		return;
	}
	text_putc(out, '"');
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			text_putc(out, '\\');
		text_putc(out, *word);
	}
	text_putc(out, '"');
}

/* "word;" or "word { ... }"; the word of a tag stands before each of its names. */
static void print_node(const struct conf_node *n, unsigned depth, struct text *out)
{
	const struct conf_node *k;

	switch (n->row->kind) {
	case SCHEMA_TAG:
		for (k = n->child; k; k = k->next)
			print_node(k, depth, out);
		return;
	case SCHEMA_LEAF:
	case SCHEMA_LIST:
		for (k = n->child; k; k = k->next) {
			text_pad(out, ' ', depth * 4);
			conf_put_word(out, n->word);
			text_putc(out, ' ');
			conf_put_word(out, k->word);
			text_puts(out, ";\n");
		}
		return;
	case SCHEMA_NODE:
	case SCHEMA_FLAG:
	case SCHEMA_VALUE:
	case SCHEMA_OPTION:
		break;
	}
	text_pad(out, ' ', depth * 4);
	if (n->parent->row && n->parent->row->kind == SCHEMA_TAG) {
		conf_put_word(out, n->parent->word);
		text_putc(out, ' ');
	}
	conf_put_word(out, n->word);
	if (!n->child) {
		text_puts(out, ";\n");
		return;
	}
	text_puts(out, " {\n");
	for (k = n->child; k; k = k->next)
		print_node(k, depth + 1, out);
	text_pad(out, ' ', depth * 4);
	text_puts(out, "}\n");
}

void conf_print(const struct conf_node *n, struct text *out)
{
	if (n->row) {
		print_node(n, 0, out);
		return;
	}
	text_printf(out, "version %d;\n", CONF_VERSION);
	for (const struct conf_node *k = n->child; k; k = k->next)
		print_node(k, 0, out);
}

/* prefix, then "set" and the words from the top to n */
static void put_line(struct text *out, const char *prefix, const struct conf_node *n)
{
	const char *words[SCHEMA_DEPTH];
	unsigned count = conf_path(n, words);

	text_puts(out, prefix);
	text_puts(out, "set");
	for (unsigned i = 0; i < count; i++) {
		text_putc(out, ' ');
		conf_put_word(out, words[i]);
	}
	text_putc(out, '\n');
}

static unsigned put_lines(struct text *out, const char *prefix, const struct conf_node *n)
{
	unsigned lines = 0;

	if (!n->child && n->row) {
		put_line(out, prefix, n);
		return 1;
	}
	for (const struct conf_node *k = n->child; k; k = k->next)
		lines += put_lines(out, prefix, k);
	return lines;
}

void conf_print_set(const struct conf_node *n, struct text *out)
{
	put_lines(out, "", n);
}

static const struct conf_node *same(const struct conf_node *in, const struct conf_node *n,
				    const struct conf_node **hint)
{
	/* Both trees stand in the same order, so the search goes on where the last one ended. */
	for (const struct conf_node *k = *hint; k; k = k->next)
		if (k->row == n->row && strcmp(k->word, n->word) == 0) {
			*hint = k->next;
			return k;
		}
	const struct conf_node *end = *hint;
	for (const struct conf_node *k = in->child; k && k != end; k = k->next)
		if (k->row == n->row && strcmp(k->word, n->word) == 0)
			return k;
	return NULL;
}

static unsigned diff(const struct conf_node *a, const struct conf_node *b, struct text *out)
{
	const struct conf_node *hint = b->child, *k, *other;
	unsigned lines = 0;

	for (k = a->child; k; k = k->next) {
		other = same(b, k, &hint);
		if (!other)
			lines += put_lines(out, "- ", k);
		else if (k->child && other->child)
			lines += diff(k, other, out);
		else if (k->child)
			lines += put_lines(out, "- ", k);
		else if (other->child)
			lines += put_lines(out, "+ ", other);
	}
	hint = a->child;
	for (k = b->child; k; k = k->next)
		if (!same(a, k, &hint))
			lines += put_lines(out, "+ ", k);
	return lines;
}

unsigned conf_diff(const struct conf *a, const struct conf *b, struct text *out)
{
	return diff(a->root, b->root, out);
}
