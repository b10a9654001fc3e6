// SPDX-License-Identifier: MIT
/*
 * skip: ordered map from u64 keys to items (W. Pugh, "Skip Lists", 1990), for the table writer. An
 * update touches a few pointers, each saved in the undo log first. Generic side, control lock.
 */
#pragma once

#include "qgm/re/undo.h"

enum { SKIP_LEVELS = 10 };

struct skip_node {
	u64 key;
	void *item;
	u32 levels;
	struct skip_node *next[];
};

struct skip {
	struct skip_node *next[SKIP_LEVELS]; /* first node of each level */
	u32 count;
	u32 random; /* state of the level generator */
};

/* The item with this key, NULL when there is none. */
void *skip_get(const struct skip *s, u64 key);

/* First node with a key >= `key`; nodes follow by next[0]. */
struct skip_node *skip_from(const struct skip *s, u64 key);

/* Put an item under a new key. 0 or -ENOMEM (part of it may be done: roll back). */
int skip_put(struct skip *s, struct undo *u, u64 key, void *item);

/* Take the key out; the item stays the caller's. 0, -ENOENT or -ENOMEM (roll back). */
int skip_remove(struct skip *s, struct undo *u, u64 key);
