// SPDX-License-Identifier: MIT
/*
 * What may be configured: one table of path patterns (schema.c), and the checks of single values.
 * Each row describes one word of a path. Everything else that confd does with the configuration
 * (parse, set, complete, print) walks this table; only check.c and model.c know meanings.
 */
#pragma once

#include "apps/confd/error.h"
#include "libc/include/pix/types.h"

enum schema_kind {
	SCHEMA_NODE,   /* more words follow; printed with braces */
	SCHEMA_LEAF,   /* one value follows, a new one replaces it */
	SCHEMA_LIST,   /* a value follows, there may be several */
	SCHEMA_VALUE,  /* the value of a leaf or list: ends here */
	SCHEMA_FLAG,   /* ends here */
	SCHEMA_TAG,    /* names follow, each with a block: printed as "word name { ... }" */
	SCHEMA_OPTION, /* a block that means something without content too */
};

enum schema_type {
	TYPE_WORD, /* the word itself */
	TYPE_INTERFACE,
	TYPE_BRIDGE,
	TYPE_ANY_INTERFACE, /* the same with VLANs: eth0.100, eth0.100.200 */
	TYPE_ADDRESS,       /* of a neighbour, either family */
	TYPE_ADDRESS6,
	TYPE_IFADDR, /* address/length, host bits allowed */
	TYPE_PREFIX, /* address/length, no host bits */
	TYPE_VLANS,  /* 10 or 10,20-30 */
	TYPE_QGMS,   /* 1 or 0-3,5 */
	TYPE_VRF,
	TYPE_NAME, /* of a rule */
	TYPE_NUMBER,
	TYPE_HOSTNAME,
	TYPE_TEXT,
};

struct schema {
	const char *path; /* words from the top; the last one is this row's, <x> for a value */
	enum schema_kind kind;
	enum schema_type type;
	u32 min, max;     /* of TYPE_NUMBER */
	const char *help; /* half a line, for `?` */
};

#define SCHEMA_DEPTH 10 /* words of the longest path, and one to spare */

#define BRIDGE_NUMBER_MAX 30 /* br<N> is bridge domain N + 1 of 1..31 */

extern const struct schema schema_rows[]; /* schema_rows.c */
extern const unsigned schema_row_count;

/* The i-th row directly below `row` (NULL: the top), NULL beyond the last. In table order. */
const struct schema *schema_child(const struct schema *row, unsigned i);
/* "address, bridge, ...": the words below `row`, as far as they fit. Returns how many there are. */
#define SCHEMA_NAMES 192
unsigned schema_names(const struct schema *row, char list[SCHEMA_NAMES]);
/* Its own word: "mtu" or "<number>". */
const char *schema_word(const struct schema *row);
/* Place in the table: the order in which siblings are printed. */
unsigned schema_order(const struct schema *row);

/*
 * The row for `word` below `parent`. Fixed words first (a unique beginning is enough if `abbrev`),
 * then values. The canonical spelling goes to canon[CONF_WORD]. NULL: *err says what is wrong with
 * it (err->token is left to the caller).
 */
const struct schema *schema_match(const struct schema *parent, const char *word, bool abbrev,
				  char *canon, struct conf_error *err);

/* A path may end with this row. */
bool schema_ends(const struct schema *row);
/* It holds other words: may stand before a brace. */
bool schema_opens(const struct schema *row);

/* value.c: the ranges of a list such as 10,20-30, sorted and merged. Returns their number (at most
 * max), -1: not such a list, -2: a VLAN that is not 1..4094, -3: a range from high to low, -4: more
 * than max. */
struct pix_vlan_range;
int value_vlans(const char *word, struct pix_vlan_range *range, unsigned max);
/* The same of QGMs 0..63, as bits. A word that is none gives 0. */
u64 value_qgms(const char *word);

/* value.c: check a value and write its canonical spelling to canon[CONF_WORD]; 0 or -1 with *err.
 */
int value_check(const struct schema *row, const char *word, char *canon, struct conf_error *err);
