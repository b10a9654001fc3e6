// SPDX-License-Identifier: MIT
/*
 * btree: an ordered map from byte strings of one length to pointers (a B+ tree; R. Bayer, E.
 * McCreight, 1972), for the table writer. A node is a heap block of 1 KiB that holds dozens of keys
 * side by side, so that an entry costs little more than its key and its pointer. A transaction
 * copies a node into the undo log when it first touches it; a rollback puts the bytes back. Generic
 * side, control lock.
 */
#pragma once

#include "qgm/re/undo.h"

enum { BTREE_KEY_MAX = 24, BTREE_NODE_BYTES = 1024 };

/* A key as callers build it: big-endian numbers, so that byte order is the order of the map. */
struct btree_key {
	u8 b[BTREE_KEY_MAX];
};

struct btree {
	struct btree_node *root;
	u32 key_bytes; /* 1..BTREE_KEY_MAX */
	u32 count;     /* entries */
	u32 nodes;
};

/* A place in the map; valid until the map is changed. */
struct btree_iter {
	const struct btree *tree;
	const struct btree_node *leaf;
	u32 at;
	const u8 *key; /* of this entry */
	void *item;    /* NULL: past the end */
};

static inline struct btree btree_empty(u32 key_bytes)
{
	return (struct btree){ .key_bytes = key_bytes };
}

/* The item with this key, NULL when there is none. */
void *btree_get(const struct btree *t, const struct btree_key *key);

/* Put an item (not NULL) under a key, in place of what was there. 0 or -ENOMEM (roll back). */
int btree_put(struct btree *t, struct undo *u, const struct btree_key *key, void *item);

/* Take the key out; the item stays the caller's. 0, -ENOENT or -ENOMEM (roll back). */
int btree_remove(struct btree *t, struct undo *u, const struct btree_key *key);

/* The first entry with a key >= `key` (`after`: > `key`), and the one behind it. */
struct btree_iter btree_from(const struct btree *t, const struct btree_key *key, bool after);
void btree_next(struct btree_iter *it);

/* The last entry with a key < `key`. */
struct btree_iter btree_before(const struct btree *t, const struct btree_key *key);

/* Heap bytes of the map. */
static inline u64 btree_bytes(const struct btree *t)
{
	return (u64)t->nodes * BTREE_NODE_BYTES;
}

/* Write a number into a key at `at`, big-endian. */
static inline void btree_key_u16(struct btree_key *k, u32 at, u16 v)
{
	v = cpu_to_be16(v);
	__builtin_memcpy(k->b + at, &v, sizeof(v));
}

static inline void btree_key_u32(struct btree_key *k, u32 at, u32 v)
{
	v = cpu_to_be32(v);
	__builtin_memcpy(k->b + at, &v, sizeof(v));
}

static inline void btree_key_u64(struct btree_key *k, u32 at, u64 v)
{
	v = __builtin_bswap64(v);
	__builtin_memcpy(k->b + at, &v, sizeof(v));
}
