// SPDX-License-Identifier: MIT
/*
 * fib6_trie: the prefixes of one IPv6 table, as the writer keeps them: a binary trie with path
 * compression, changed in place. Internal to qgm/re/fib6*; generic side, control lock held. Memory
 * is the writer's heap, in pieces of some 4 KiB.
 *
 * A node is a prefix (nh != 0) or only a fork. `count` is the number of prefixes at and below it.
 * Flags tell the builder what differs from the published table.
 *
 * Counts of nodes of fewer than F6_LATE bits may be late: a way up to the root is a dozen misses of
 * the cache behind each other, but many ways at once overlap (f6_trie_catch_up).
 */
#pragma once

#include "libc/include/pix/ip.h"
#include "qgm/compiler.h"
#include "qgm/re/fib6_jump.h"

enum {
	F6T_CHANGED = 1, /* the next hop of this very prefix changed */
	F6T_DIRTY = 2,   /* something changed below child[0]; shifted by 1: below child[1] */
	F6T_ANY = 7,     /* something changed at or below */
	F6T_LISTED = 8,  /* in the batch's list of changes: the node stays until it is settled */
};

enum {
	F6_LATE = 28,     /* bits */
	F6_LATE_MAX = 32, /* counts that are late */
};

/*
 * A way down reads the words from `child` to `flags`. Nodes lie side by side from a multiple of 16
 * on: of four only one has those words in two lines of the cache, and of that one a way to child[1]
 * needs but the second.
 */
struct f6_prefix {
	struct f6_prefix *parent;
	struct f6_prefix *child[2];
	u32 count : 24;
	u32 slot : 8; /* in its piece */
	u16 nh;       /* 0: no prefix */
	u8 len;
	u8 flags;
	struct pix_ip key;
};
_Static_assert(sizeof(struct f6_prefix) == 48, "48 bytes a prefix or fork");

struct f6_piece;

struct f6_trie {
	struct f6_prefix *root; /* of length 0, if there is any prefix */
	struct f6_piece *room;  /* pieces with free slots */
	u64 bytes;              /* heap of the pieces */
	struct f6_jump jump;
	u32 count; /* prefixes */
	u32 late_n;
	struct f6_late {
		struct f6_prefix *n; /* its count and those above ... */
		s64 add;             /* ... grow by so many */
	} late[F6_LATE_MAX];
};

static inline u64 f6_trie_bytes(const struct f6_trie *t)
{
	return t->bytes + f6_jump_bytes(&t->jump);
}

/* No prefix, or only the default route? */
static inline bool f6_trie_is_bare(const struct f6_trie *t)
{
	return !t->root || t->count == (t->root->nh != 0);
}

/* Bit `i` (0..127, 0 is the first) of an address. */
static inline u32 f6_bit(struct pix_ip a, u32 i)
{
	return (i < 64 ? a.hi >> (63 - i) : a.lo >> (127 - i)) & 1;
}

/* The node of exactly this prefix, NULL when there is none. */
struct f6_prefix *f6_trie_find(const struct f6_trie *t, struct pix_ip key, u32 len);

/* The same, made (nh 0) when there is none. NULL: no memory. */
struct f6_prefix *f6_trie_make(struct f6_trie *t, struct pix_ip key, u32 len);

/* There are `add` more prefixes at this node: in all counts up to the root, sooner or later. */
void f6_trie_count(struct f6_trie *t, struct f6_prefix *n, s32 add);

/* No count is late. */
void f6_trie_catch_up(struct f6_trie *t);

/* Flags for a change of this very prefix, up to the root. */
void f6_trie_mark(struct f6_prefix *n);

/* All flags from this node to the root go; and the node, if it is no prefix and no fork, and those
 * above it that are neither then and not listed. */
void f6_trie_settle(struct f6_trie *t, struct f6_prefix *n);

/* After that, at the end of a batch. */
void f6_trie_fit(struct f6_trie *t);
