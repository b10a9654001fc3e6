// SPDX-License-Identifier: MIT
/*
 * A configuration in memory: a tree of words, each with its row of the schema table. Siblings stand
 * in print order: fixed words as in the table, names and prefixes by word_compare(), values of a
 * list as they were given. So text -> tree -> text -> tree is the identity (fuzzed).
 */
#pragma once

#include "apps/confd/schema.h"
#include "apps/lib/text.h"

#define CONF_NODES_MAX 65536u     /* words in one configuration */
#define CONF_TEXT_MAX  (4u << 20) /* bytes of its text */
#define CONF_VERSION   1

struct conf_node {
	const struct schema *row;                /* NULL: the root */
	struct conf_node *parent, *child, *next; /* first child, next sibling */
	struct conf_node **index;                /* the children once more, for the search */
	unsigned count, room;                    /* of the index */
	unsigned line;                           /* of the text it came from, 0: typed */
	char word[];
};

struct conf {
	struct conf_node *root;
	unsigned nodes;
};

int conf_init(struct conf *c); /* empty tree; 0 or -1 without memory */
void conf_free(struct conf *c);
int conf_copy(struct conf *to, const struct conf *from); /* into an uninitialised `to`; 0 or -1 */

/*
 * conf.c: words of one path, as after `set` or `delete`. abbrev: unique beginnings of fixed words
 * will do. 0 or -1 with *err (err->token = index of the bad word, n if one is missing); on an
 * error nothing has changed.
 */
int conf_set(struct conf *c, const char *const *words, unsigned n, bool abbrev, unsigned line,
	     struct conf_error *err);
int conf_delete(struct conf *c, const char *const *words, unsigned n, bool abbrev,
		struct conf_error *err);

/* The node at a path of canonical words (NULL-terminated), or NULL. */
const struct conf_node *conf_find(const struct conf_node *from, const char *const *words);
/* The child with this word or NULL; its value's word; the word of a leaf's value or NULL. */
const struct conf_node *conf_child(const struct conf_node *n, const char *word);
const char *conf_value(const struct conf_node *n, const char *leaf);
/* Words from the top to n, up to SCHEMA_DEPTH; returns how many. */
unsigned conf_path(const struct conf_node *n, const char *words[SCHEMA_DEPTH]);

/* parse.c: text (either form) into an empty tree. 0 or -1 with *err. Any bytes are allowed as
 * input. */
int conf_parse(struct conf *c, const char *s, size_t n, struct conf_error *err);

/* print.c */
void conf_print(const struct conf_node *n,
		struct text *out); /* brace tree, with version header for the root */
void conf_print_set(const struct conf_node *n, struct text *out); /* one `set` line per end point */
/* Lines "- set ..." and "+ set ..." that lead from a to b. Returns how many. */
unsigned conf_diff(const struct conf *a, const struct conf *b, struct text *out);
void conf_put_word(struct text *out, const char *word); /* quoted if it must be */
