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
	free(n->index);
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

/* Make n the child number `at`. False without memory. */
static bool link_at(struct conf_node *parent, unsigned at, struct conf_node *n)
{
	if (parent->count == parent->room) {
		unsigned room = parent->room ? parent->room * 2 : 4;
		struct conf_node **index = realloc(parent->index, room * sizeof(*index));

		if (!index)
			return false;
		parent->index = index;
		parent->room = room;
	}
	memmove(&parent->index[at + 1], &parent->index[at],
		(parent->count - at) * sizeof(parent->index[0]));
	parent->index[at] = n;
	parent->count++;
	n->parent = parent;
	n->next = at + 1 < parent->count ? parent->index[at + 1] : NULL;
	if (at)
		parent->index[at - 1]->next = n;
	else
		parent->child = n;
	return true;
}

/* Find the child, or the place where it belongs. *at is its number in both cases. */
static struct conf_node *seek(const struct conf_node *parent, const struct schema *row,
			      const char *word, unsigned *at)
{
	unsigned low = 0, high = parent->count;

	if (is_list_value(parent)) { /* in the order of their setting, and few */
		for (*at = 0; *at < parent->count; ++*at)
			if (strcmp(parent->index[*at]->word, word) == 0)
				return parent->index[*at];
		return NULL;
	}
	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		int d = node_order(parent->index[middle], row, word);

		if (d == 0) {
			*at = middle;
			return parent->index[middle];
		}
		if (d < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*at = low;
	return NULL;
}

static void unlink_node(struct conf_node *n)
{
	struct conf_node *parent = n->parent;
	unsigned at;

	seek(parent, n->row, n->word, &at);
	parent->count--;
	memmove(&parent->index[at], &parent->index[at + 1],
		(parent->count - at) * sizeof(parent->index[0]));
	if (at)
		parent->index[at - 1]->next = n->next;
	else
		parent->child = n->next;
}

static struct conf_node *child_make(struct conf *c, struct conf_node *parent,
				    const struct schema *row, const char *word, unsigned line)
{
	struct conf_node *n, *old;
	unsigned at;

	n = seek(parent, row, word, &at);
	if (n)
		return n;
	n = c->nodes < CONF_NODES_MAX ? node_new(row, word, line) : NULL;
	if (!n)
		return NULL;
	old = parent->row && parent->row->kind == SCHEMA_LEAF ? parent->child : NULL;
	if (!link_at(parent, at, n)) {
		free(n);
		return NULL;
	}
	c->nodes++;
	if (old) {
		unlink_node(old);
		node_free(c, old);
	}
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
	char list[SCHEMA_NAMES];
	unsigned count = schema_names(n ? p->row[n - 1] : NULL, list);

	if (!n)
		return conf_fail(err, 0, "incomplete: one of %s is expected", list);
	return conf_fail(err, (int)n, "incomplete: after \"%.64s\" comes %s%s", p->word[n - 1],
			 count > 1 ? "one of " : "", list);
}

static void prune(struct conf *c, struct conf_node *n)
{
	while (n && n->row && !n->child && n->row->kind != SCHEMA_OPTION) {
		struct conf_node *parent = n->parent;

		unlink_node(n);
		node_free(c, n);
		n = parent;
	}
}

int conf_set(struct conf *c, const char *const *words, unsigned n, bool abbrev, unsigned line,
	     struct conf_error *err)
{
	static struct path p; /* one thread; too large for the stack frame */
	struct conf_node *node = c->root;

	if (resolve(&p, words, n, abbrev, err))
		return -1;
	if (!p.n || !schema_ends(p.row[p.n - 1]))
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
	static struct path p; /* one thread; too large for the stack frame */
	struct conf_node *node = c->root;
	unsigned at;

	if (resolve(&p, words, n, abbrev, err))
		return -1;
	if (!p.n)
		return fail_incomplete(&p, 0, err);
	for (unsigned i = 0; i < p.n; i++) {
		node = seek(node, p.row[i], p.word[i], &at);
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
		if (!link_at(dst, dst->count, n)) {
			free(n);
			return -1;
		}
		to->nodes++;
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
