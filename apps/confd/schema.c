// SPDX-License-Identifier: MIT
/* How words are matched against the table of schema_rows.c, see schema.h. */
#include "apps/confd/schema.h"

#include "apps/lib/words.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* The family tree of the rows, made at the first look: numbers of rows + 1, 0: none. */
#define ROWS_MAX 512

static unsigned short first_child[ROWS_MAX + 1], next_sibling[ROWS_MAX + 1]; /* [0]: the top */

const char *schema_word(const struct schema *row)
{
	const char *space = strrchr(row->path, ' ');

	return space ? space + 1 : row->path;
}

unsigned schema_order(const struct schema *row)
{
	return row ? (unsigned)(row - schema_rows) + 1 : 0;
}

/* Number + 1 of the row whose path is the first n bytes of path; 0: the top. */
static unsigned short row_of_path(const char *path, size_t n)
{
	for (unsigned k = 0; n && k < schema_row_count; k++)
		if (strncmp(schema_rows[k].path, path, n) == 0 && !schema_rows[k].path[n])
			return (unsigned short)(k + 1);
	return 0;
}

static void make_tree(void)
{
	unsigned short last[ROWS_MAX + 1] = { 0 };

	for (unsigned k = 0; k < schema_row_count && k < ROWS_MAX; k++) {
		const char *path = schema_rows[k].path, *space = strrchr(path, ' ');
		unsigned short up = row_of_path(path, space ? (size_t)(space - path) : 0);
		unsigned short *link = last[up] ? &next_sibling[last[up]] : &first_child[up];

		*link = last[up] = (unsigned short)(k + 1);
	}
}

const struct schema *schema_child(const struct schema *parent, unsigned i)
{
	unsigned short k;

	if (!first_child[0])
		make_tree();
	for (k = first_child[schema_order(parent)]; k && i; i--)
		k = next_sibling[k];
	return k ? &schema_rows[k - 1] : NULL;
}

unsigned schema_names(const struct schema *parent, char list[SCHEMA_NAMES])
{
	const struct schema *row;
	unsigned count = 0;
	size_t len = 0;

	list[0] = 0;
	for (; (row = schema_child(parent, count)); count++) {
		if (len + 40 < SCHEMA_NAMES)
			len += (size_t)snprintf(list + len, SCHEMA_NAMES - len, "%s%s",
						count ? ", " : "", schema_word(row));
		else if (list[len - 1] != '.')
			len += (size_t)snprintf(list + len, SCHEMA_NAMES - len, ", ...");
	}
	return count;
}

bool schema_ends(const struct schema *row)
{
	switch (row->kind) {
	case SCHEMA_VALUE:
	case SCHEMA_FLAG:
	case SCHEMA_OPTION:
		return true;
	case SCHEMA_NODE:
		return row->type != TYPE_WORD;
	case SCHEMA_LEAF:
	case SCHEMA_LIST:
	case SCHEMA_TAG:
		break;
	}
	return false;
}

bool schema_opens(const struct schema *row)
{
	return row->kind == SCHEMA_NODE || row->kind == SCHEMA_TAG || row->kind == SCHEMA_OPTION;
}

/* "unknown word "adress"; did you mean "address"?", "unknown word "x"; expected: ageing, ..." */
static void fail_unknown(const struct schema *parent, const char *word, struct conf_error *err)
{
	const struct schema *row, *best = NULL;
	unsigned nearest = UINT_MAX, count;
	char list[SCHEMA_NAMES];

	for (unsigned i = 0; (row = schema_child(parent, i)); i++) {
		unsigned d =
			row->type == TYPE_WORD ? word_nearness(word, schema_word(row)) : UINT_MAX;

		if (d < nearest) {
			nearest = d;
			best = row;
		}
	}
	count = schema_names(parent, list);
	if (best)
		conf_fail(err, -1, "unknown word \"%.64s\"; did you mean \"%s\"?", word,
			  schema_word(best));
	else if (parent && !count)
		conf_fail(err, -1, "unexpected \"%.64s\"; nothing follows \"%s\"", word,
			  schema_word(parent));
	else
		conf_fail(err, -1, "unknown word \"%.64s\"; expected: %s", word, list);
}

static void fail_ambiguous(const struct schema *parent, const char *word, struct conf_error *err)
{
	const struct schema *row;
	char list[160] = "";
	size_t len = 0;

	for (unsigned i = 0; (row = schema_child(parent, i)); i++)
		if (row->type == TYPE_WORD && len + 24 < sizeof(list) &&
		    strncmp(schema_word(row), word, strlen(word)) == 0)
			len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
						len ? ", " : "", schema_word(row));
	conf_fail(err, -1, "\"%.64s\" is ambiguous: %s", word, list);
}

static const struct schema *match_fixed(const struct schema *parent, const char *word, bool abbrev,
					bool *ambiguous, struct conf_error *err)
{
	const struct schema *row, *found = NULL;
	size_t n = strlen(word);
	unsigned matches = 0;

	*ambiguous = false;
	for (unsigned i = 0; (row = schema_child(parent, i)); i++) {
		if (row->type != TYPE_WORD)
			continue;
		if (strcmp(schema_word(row), word) == 0)
			return row;
		if (!abbrev || !n || strncmp(schema_word(row), word, n) != 0)
			continue;
		found = row;
		matches++;
	}
	if (matches < 2)
		return found;
	*ambiguous = true;
	fail_ambiguous(parent, word, err);
	return NULL;
}

const struct schema *schema_match(const struct schema *parent, const char *word, bool abbrev,
				  char *canon, struct conf_error *err)
{
	const struct schema *row;
	bool ambiguous;

	row = match_fixed(parent, word, abbrev, &ambiguous, err);
	if (row)
		snprintf(canon, CONF_WORD, "%s", schema_word(row));
	if (row || ambiguous)
		return row;
	/* At most one value row per level, so that its complaint is the one to show. */
	for (unsigned i = 0; (row = schema_child(parent, i)); i++)
		if (row->type != TYPE_WORD)
			return value_check(row, word, canon, err) == 0 ? row : NULL;
	fail_unknown(parent, word, err);
	return NULL;
}
