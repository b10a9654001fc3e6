// SPDX-License-Identifier: MIT
/* The tree of a configuration: setting, deleting and finding paths. See conf.h. */
#include "apps/confd/conf.h"

#include "apps/lib/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A path after its words were matched against the schema table. */
struct path {
	unsigned n;
	const struct schema *row[SCHEMA_DEPTH];
	char word[SCHEMA_DEPTH][CONF_WORD];
};

static struct conf_node *node_new(const struct schema *row, const char *word, unsigned line)
{
	size_t n = strlen(word) + 1;
	struct conf_node *node = calloc(1, sizeof(*node) + n);

	if (!node)
		return NULL;
	node->row = row;
	node->line = line;
	memcpy(node->word, word, n);
	return node;
}

/* As deep as the schema at most. */
static void node_free(struct conf *c, struct conf_node *n)
{
	while (n->child) {
		struct conf_node *child = n->child;

		n->child = child->next;
		node_free(c, child);
	}
	c->nodes--;
	free(n);
}

int conf_init(struct conf *c)
{
	c->root = node_new(NULL, "", 0);
	c->nodes = 1;
	return c->root ? 0 : -1;
}

void conf_free(struct conf *c)
{
	if (c->root)
		node_free(c, c->root);
	c->root = NULL;
}

static int node_order(const struct conf_node *n, const struct schema *row, const char *word)
{
	unsigned a = schema_order(n->row), b = schema_order(row);

	if (a != b)
		return a < b ? -1 : 1;
	return word_compare(n->word, word);
}

static bool is_list_value(const struct conf_node *parent)
{
	return parent->row && parent->row->kind == SCHEMA_LIST;
}

static void link_behind(struct conf_node *parent, struct conf_node *before, struct conf_node *n)
{
	n->parent = parent;
	if (before) {
		n->next = before->next;
		before->next = n;
	} else {
		n->next = parent->child;
		parent->child = n;
	}
	if (!n->next)
		parent->last = n;
}

static void unlink_node(struct conf_node *n)
{
	struct conf_node *before = NULL;

	for (struct conf_node *p = n->parent->child; p != n; p = p->next)
		before = p;
	if (before)
		before->next = n->next;
	else
		n->parent->child = n->next;
	if (n->parent->last == n)
		n->parent->last = before;
}

/* Find the child or where it belongs (*before: its elder sibling, NULL for the first place). */
static struct conf_node *seek(struct conf_node *parent, const struct schema *row, const char *word,
			      struct conf_node **before)
{
	bool list = is_list_value(parent);

	*before = parent->last;
	if (!parent->last || (!list && node_order(parent->last, row, word) < 0))
		return NULL; /* the usual case when a sorted text is read */
	if (!list)
		*before = NULL;
	for (struct conf_node *n = parent->child; n; n = n->next) {
		if (n->row == row && strcmp(n->word, word) == 0)
			return n;
		if (list)
			continue;
		if (node_order(n, row, word) > 0)
			break;
		*before = n;
	}
	return NULL;
}

static struct conf_node *child_make(struct conf *c, struct conf_node *parent,
				    const struct schema *row, const char *word, unsigned line)
{
	struct conf_node *before, *n = seek(parent, row, word, &before);

	if (n)
		return n;
	if (c->nodes >= CONF_NODES_MAX)
		return NULL;
	n = node_new(row, word, line);
	if (!n)
		return NULL;
	if (parent->row && parent->row->kind == SCHEMA_LEAF && parent->child) {
		struct conf_node *old = parent->child;

		unlink_node(old);
		node_free(c, old);
		before = NULL;
	}
	link_behind(parent, before, n);
	c->nodes++;
	return n;
}

static int resolve(struct path *p, const char *const *words, unsigned n, bool abbrev,
		   struct conf_error *err)
{
	const struct schema *row = NULL;

	p->n = 0;
	for (unsigned i = 0; i < n; i++) {
		if (i && !schema_child(row, 0))
			return conf_fail(err, (int)i,
					 "unexpected \"%.64s\": nothing follows \"%s\"", words[i],
					 p->word[i - 1]);
		row = schema_match(row, words[i], abbrev, p->word[i], err);
		if (!row) {
			if (err)
				err->token = (int)i;
			return -1;
		}
		p->row[i] = row;
		p->n = i + 1;
	}
	return 0;
}

/* "after "mtu" comes <number>", "after "interfaces eth0" comes one of address, bridge, ..." */
static int fail_incomplete(const struct path *p, unsigned n, struct conf_error *err)
{
	const struct schema *row = n ? p->row[n - 1] : NULL, *next;
	char list[192] = "";
	size_t len = 0;

	for (unsigned i = 0; (next = schema_child(row, i)) && len + 40 < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "",
					schema_word(next));
	if (!n)
		return conf_fail(err, 0, "incomplete: one of %s is expected", list);
	return conf_fail(err, (int)n, "incomplete: after \"%.64s\" comes %s%s", p->word[n - 1],
			 strchr(list, ',') ? "one of " : "", list);
}

static bool may_end(const struct schema *row)
{
	return row->kind == SCHEMA_VALUE || row->kind == SCHEMA_FLAG ||
	       (row->kind == SCHEMA_NODE && row->type != TYPE_WORD);
}

static void prune(struct conf *c, struct conf_node *n)
{
	while (n && n->row && !n->child) {
		struct conf_node *parent = n->parent;

		unlink_node(n);
		node_free(c, n);
		n = parent;
	}
}

int conf_set(struct conf *c, const char *const *words, unsigned n, bool abbrev, unsigned line,
	     struct conf_error *err)
{
	struct path p;
	struct conf_node *node = c->root;

	if (resolve(&p, words, n, abbrev, err))
		return -1;
	if (!p.n || !may_end(p.row[p.n - 1]))
		return fail_incomplete(&p, p.n, err);
	for (unsigned i = 0; i < p.n; i++) {
		struct conf_node *next = child_make(c, node, p.row[i], p.word[i], line);

		if (!next) {
			if (!node->child)
				prune(c, node);
			return conf_fail(err, -1,
					 "the configuration is too large (%u words at most)",
					 CONF_NODES_MAX);
		}
		node = next;
	}
	node->line = line;
	return 0;
}

int conf_delete(struct conf *c, const char *const *words, unsigned n, bool abbrev,
		struct conf_error *err)
{
	struct path p;
	struct conf_node *node = c->root, *before;

	if (resolve(&p, words, n, abbrev, err))
		return -1;
	if (!p.n)
		return fail_incomplete(&p, 0, err);
	for (unsigned i = 0; i < p.n; i++) {
		node = seek(node, p.row[i], p.word[i], &before);
		if (!node)
			return conf_fail(err, (int)i, "\"%.64s\" is not configured%s%s", p.word[i],
					 i ? " under " : "", i ? p.word[i - 1] : "");
	}
	struct conf_node *parent = node->parent;
	unlink_node(node);
	node_free(c, node);
	prune(c, parent);
	return 0;
}

static int copy_children(struct conf *to, struct conf_node *dst, const struct conf_node *src)
{
	for (const struct conf_node *s = src->child; s; s = s->next) {
		struct conf_node *n = node_new(s->row, s->word, s->line);

		if (!n)
			return -1;
		to->nodes++;
		link_behind(dst, dst->last, n);
		if (copy_children(to, n, s))
			return -1;
	}
	return 0;
}

int conf_copy(struct conf *to, const struct conf *from)
{
	if (conf_init(to))
		return -1;
	if (copy_children(to, to->root, from->root) == 0)
		return 0;
	conf_free(to);
	return -1;
}

const struct conf_node *conf_child(const struct conf_node *n, const char *word)
{
	if (!n)
		return NULL;
	for (const struct conf_node *k = n->child; k; k = k->next)
		if (strcmp(k->word, word) == 0)
			return k;
	return NULL;
}

const struct conf_node *conf_find(const struct conf_node *from, const char *const *words)
{
	for (; from && *words; words++)
		from = conf_child(from, *words);
	return from;
}

const char *conf_value(const struct conf_node *n, const char *leaf)
{
	const struct conf_node *k = conf_child(n, leaf);

	return k && k->child ? k->child->word : NULL;
}

unsigned conf_path(const struct conf_node *n, const char *words[SCHEMA_DEPTH])
{
	unsigned depth = 0;

	for (const struct conf_node *k = n; k && k->row; k = k->parent)
		depth++;
	unsigned i = depth;
	for (const struct conf_node *k = n; k && k->row && i; k = k->parent)
		words[--i] = k->word;
	return depth;
}
