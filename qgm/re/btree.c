// SPDX-License-Identifier: MIT
/*
 * btree: nodes of the ordered map (btree.h).
 *
 *	node: | header | key 0, key 1, ... key capacity-1 | value 0, value 1, ... |
 *
 * In a leaf the values are the items, in an inner node its children; key i is the lowest that child
 * i may hold (that of child 0 is not looked at). A full node is split in the middle, or, when it
 * grows at the very end of the map, behind its last key, so that a sorted load fills its nodes. A
 * node that is down to a quarter is merged with a sibling if both fit into one.
 */
#include "qgm/re/btree.h"

#include "qgm/env.h"
#include "qgm/re/errno.h"

enum { DEPTH = 12 };

struct btree_node {
	u64 serial; /* of the transaction that saved or made it */
	u16 count;
	u16 leaf;
	u32 pad;
	u8 data[BTREE_NODE_BYTES - 16] __attribute__((aligned(8)));
};
_Static_assert(sizeof(struct btree_node) == BTREE_NODE_BYTES, "fits a heap class");

/* The way down: node of each level and the entry taken. */
struct path {
	struct btree_node *node[DEPTH];
	u32 at[DEPTH];
	u32 depth; /* levels; the leaf is node[depth - 1] */
};

static u32 capacity(const struct btree *t)
{
	u32 n = sizeof(((struct btree_node *)0)->data) / (t->key_bytes + 8);

	while (ALIGN_UP(n * t->key_bytes, 8u) + n * 8 > sizeof(((struct btree_node *)0)->data))
		n--;
	return n;
}

static u8 *key_at(const struct btree *t, const struct btree_node *n, u32 i)
{
	return (u8 *)(uintptr_t)n->data + i * t->key_bytes;
}

static void **values(const struct btree *t, const struct btree_node *n)
{
	return (void **)((u8 *)(uintptr_t)n->data + ALIGN_UP(capacity(t) * t->key_bytes, 8u));
}

static struct btree_node *child(const struct btree *t, const struct btree_node *n, u32 i)
{
	return values(t, n)[i];
}

/* The first 8 bytes of a key as a number; 8 may be read, whatever the length. */
static inline u64 head(const u8 *key, u32 bytes)
{
	u64 v;

	__builtin_memcpy(&v, key, sizeof(v));
	v = __builtin_bswap64(v);
	return bytes < 8 ? v >> (64 - 8 * bytes) : v;
}

static inline int compare(const u8 *a, const u8 *b, u32 bytes)
{
	u64 x = head(a, bytes), y = head(b, bytes);

	if (x != y)
		return x < y ? -1 : 1;
	return bytes > 8 ? __builtin_memcmp(a + 8, b + 8, bytes - 8) : 0;
}

/* Entries from `first` on whose keys are < key (or <= with `equal`), counted from 0. */
static u32 rank(const struct btree *t, const struct btree_node *n, u32 first, const u8 *key,
		bool equal)
{
	u32 lo = first, hi = n->count;

	while (lo < hi) {
		u32 mid = (lo + hi) / 2;
		int c = compare(key_at(t, n, mid), key, t->key_bytes);

		if (c < 0 || (equal && c == 0))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Down to the leaf where `key` belongs; at[] of the leaf is the first entry >= key. */
static void descend(const struct btree *t, const u8 *key, struct path *p)
{
	struct btree_node *n = t->root;

	p->depth = 0;
	while (n) {
		ASSERT_ENGINE(p->depth < DEPTH);
		p->node[p->depth] = n;
		if (n->leaf) {
			p->at[p->depth++] = rank(t, n, 0, key, false);
			return;
		}
		p->at[p->depth] = rank(t, n, 1, key, true) - 1;
		n = child(t, n, p->at[p->depth++]);
	}
}

static bool found(const struct btree *t, const struct path *p, const u8 *key)
{
	const struct btree_node *leaf;
	u32 at;

	if (!p->depth)
		return false;
	leaf = p->node[p->depth - 1];
	at = p->at[p->depth - 1];
	return at < leaf->count && !compare(key_at(t, leaf, at), key, t->key_bytes);
}

void *btree_get(const struct btree *t, const struct btree_key *key)
{
	struct path p;

	descend(t, key->b, &p);
	return found(t, &p, key->b) ? values(t, p.node[p.depth - 1])[p.at[p.depth - 1]] : NULL;
}

/* --- places --------------------------------------------------------------------------------- */

static void place(struct btree_iter *it)
{
	it->key = key_at(it->tree, it->leaf, it->at);
	it->item = values(it->tree, it->leaf)[it->at];
}

struct btree_iter btree_from(const struct btree *t, const struct btree_key *key, bool after)
{
	struct btree_iter it = { .tree = t };
	struct path p;
	u32 level;

	descend(t, key->b, &p);
	if (!p.depth)
		return it;
	level = p.depth - 1;
	if (after && found(t, &p, key->b))
		p.at[level]++;
	/* Behind the end of the leaf: the leftmost leaf of the next subtree. */
	while (p.at[level] >= p.node[level]->count) {
		if (!level)
			return it;
		p.at[--level]++;
	}
	it.leaf = p.node[level];
	it.at = p.at[level];
	while (!it.leaf->leaf) {
		it.leaf = child(t, it.leaf, it.at);
		it.at = 0;
	}
	place(&it);
	return it;
}

void btree_next(struct btree_iter *it)
{
	struct btree_key last;

	if (++it->at < it->leaf->count) {
		place(it);
		return;
	}
	__builtin_memcpy(last.b, it->key, it->tree->key_bytes);
	*it = btree_from(it->tree, &last, true);
}

struct btree_iter btree_before(const struct btree *t, const struct btree_key *key)
{
	struct btree_iter it = { .tree = t };
	struct path p;
	u32 level;

	descend(t, key->b, &p);
	if (!p.depth)
		return it;
	for (level = p.depth - 1; !p.at[level]; level--)
		if (!level)
			return it;
	it.leaf = p.node[level];
	it.at = p.at[level] - 1;
	while (!it.leaf->leaf) {
		it.leaf = child(t, it.leaf, it.at);
		it.at = it.leaf->count - 1u;
	}
	place(&it);
	return it;
}

/* --- changes -------------------------------------------------------------------------------- */

static int save(struct undo *u, struct btree_node *n)
{
	if (n->serial == u->serial)
		return 0;
	if (undo_save(u, n, sizeof(*n)))
		return -ENOMEM;
	n->serial = u->serial;
	return 0;
}

static struct btree_node *node_new(struct btree *t, struct undo *u, bool leaf)
{
	struct btree_node *n = undo_alloc(u, sizeof(*n));

	if (!n)
		return NULL;
	n->serial = u->serial;
	n->leaf = leaf;
	t->nodes++;
	return n;
}

/* Room for one entry at `at` of a node that is not full. */
static void insert(const struct btree *t, struct btree_node *n, u32 at, const u8 *key, void *value)
{
	void **v = values(t, n);

	__builtin_memmove(key_at(t, n, at + 1), key_at(t, n, at), (n->count - at) * t->key_bytes);
	__builtin_memmove(v + at + 1, v + at, (n->count - at) * sizeof(*v));
	__builtin_memcpy(key_at(t, n, at), key, t->key_bytes);
	v[at] = value;
	n->count++;
}

static void erase(const struct btree *t, struct btree_node *n, u32 at)
{
	void **v = values(t, n);

	n->count--;
	__builtin_memmove(key_at(t, n, at), key_at(t, n, at + 1), (n->count - at) * t->key_bytes);
	__builtin_memmove(v + at, v + at + 1, (n->count - at) * sizeof(*v));
}

/* The entries from `at` on move to the end of `to`. */
static void move(const struct btree *t, struct btree_node *from, u32 at, struct btree_node *to)
{
	u32 n = from->count - at;

	__builtin_memcpy(key_at(t, to, to->count), key_at(t, from, at), n * t->key_bytes);
	__builtin_memcpy(values(t, to) + to->count, values(t, from) + at, n * sizeof(void *));
	to->count = (u16)(to->count + n);
	from->count = (u16)at;
}

static bool at_end(const struct path *p, u32 level)
{
	for (u32 l = 0; l < level; l++)
		if (p->at[l] + 1 != p->node[l]->count)
			return false;
	return p->at[level] >= p->node[level]->count;
}

/* Put (key, value) in at the place of the path's level; splits go up. */
static int insert_up(struct btree *t, struct undo *u, struct path *p, const u8 *key, void *value)
{
	u8 up[BTREE_KEY_MAX];

	for (u32 level = p->depth; level-- > 0;) {
		struct btree_node *n = p->node[level], *right;
		u32 at = p->at[level], half;

		if (save(u, n))
			return -ENOMEM;
		if (n->count < capacity(t)) {
			insert(t, n, at, key, value);
			return 0;
		}
		half = at_end(p, level) ? n->count : n->count / 2u;
		right = node_new(t, u, n->leaf);
		if (!right)
			return -ENOMEM;
		move(t, n, half, right);
		if (at >= half)
			insert(t, right, at - half, key, value);
		else
			insert(t, n, at, key, value);
		__builtin_memcpy(up, key_at(t, right, 0), t->key_bytes);
		key = up;
		value = right;
		if (level)
			p->at[level - 1]++;
	}
	/* A new root above the old one. */
	struct btree_node *root = node_new(t, u, false);

	if (!root)
		return -ENOMEM;
	insert(t, root, 0, key_at(t, t->root, 0), t->root);
	insert(t, root, 1, key, value);
	t->root = root;
	return 0;
}

int btree_put(struct btree *t, struct undo *u, const struct btree_key *key, void *item)
{
	struct btree_node *leaf;
	struct path p;

	descend(t, key->b, &p);
	if (found(t, &p, key->b)) {
		leaf = p.node[p.depth - 1];
		if (save(u, leaf))
			return -ENOMEM;
		values(t, leaf)[p.at[p.depth - 1]] = item;
		return 0;
	}
	if (undo_save(u, t, sizeof(*t)))
		return -ENOMEM;
	t->count++;
	if (p.depth)
		return insert_up(t, u, &p, key->b, item);
	leaf = node_new(t, u, true);
	if (!leaf)
		return -ENOMEM;
	insert(t, leaf, 0, key->b, item);
	t->root = leaf;
	return 0;
}

static int node_free(struct btree *t, struct undo *u, struct btree_node *n)
{
	t->nodes--;
	return undo_free(u, n, sizeof(*n));
}

/*
 * Merge children `i` and `i + 1` of `parent`, both of which are small. The lowest key of the right
 * one stands in the parent.
 */
static int merge(struct btree *t, struct undo *u, struct btree_node *parent, u32 i)
{
	struct btree_node *left = child(t, parent, i), *right = child(t, parent, i + 1);
	u32 joint = left->count;

	if (save(u, left) || save(u, right) || save(u, parent))
		return -ENOMEM;
	move(t, right, 0, left);
	if (!left->leaf)
		__builtin_memcpy(key_at(t, left, joint), key_at(t, parent, i + 1), t->key_bytes);
	erase(t, parent, i + 1);
	return node_free(t, u, right);
}

/* The node at `level` of the path has lost an entry. */
static int shrink(struct btree *t, struct undo *u, const struct path *p, u32 level)
{
	struct btree_node *n = p->node[level], *parent;
	u32 at, i;

	if (n->count > capacity(t) / 4)
		return 0;
	parent = p->node[level - 1];
	at = p->at[level - 1];
	if (!n->count) {
		if (save(u, parent))
			return -ENOMEM;
		erase(t, parent, at);
		return node_free(t, u, n);
	}
	for (i = at ? at - 1 : 0; i <= at && i + 1 < parent->count; i++)
		if (child(t, parent, i)->count + child(t, parent, i + 1)->count <=
		    capacity(t) * 3 / 4)
			return merge(t, u, parent, i);
	return 0;
}

int btree_remove(struct btree *t, struct undo *u, const struct btree_key *key)
{
	struct btree_node *leaf, *root;
	struct path p;
	int err = 0;

	descend(t, key->b, &p);
	if (!found(t, &p, key->b))
		return -ENOENT;
	leaf = p.node[p.depth - 1];
	if (undo_save(u, t, sizeof(*t)) || save(u, leaf))
		return -ENOMEM;
	t->count--;
	erase(t, leaf, p.at[p.depth - 1]);
	for (u32 level = p.depth - 1; level && !err; level--)
		err = shrink(t, u, &p, level);
	for (root = t->root; !err && !root->leaf && root->count == 1; root = t->root) {
		t->root = child(t, root, 0);
		err = node_free(t, u, root);
	}
	if (!err && !root->count) {
		t->root = NULL;
		err = node_free(t, u, root);
	}
	return err;
}
