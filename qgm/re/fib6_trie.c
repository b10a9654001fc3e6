// SPDX-License-Identifier: MIT
/* fib6_trie: the writer's prefixes of an IPv6 table (fib6_trie.h). */
#include "qgm/re/fib6_trie.h"

#include "qgm/env.h"

enum { PIECE = 84 }; /* nodes: with the header just below 4 KiB */

struct f6_piece {
	struct f6_piece *next, *prev; /* those with room */
	u32 used;
	u8 free; /* first free slot */
	u8 pad[11];
	struct f6_prefix node[PIECE]; /* from a multiple of 16 on, as the heap gives memory */
};
_Static_assert(sizeof(struct f6_piece) <= 4096, "a piece fits a page");
_Static_assert(offsetof(struct f6_piece, node) % 16 == 0, "see struct f6_prefix");

static struct f6_piece *piece_of(struct f6_prefix *n)
{
	return (struct f6_piece *)((u8 *)(n - n->slot) - offsetof(struct f6_piece, node));
}

static void room_add(struct f6_trie *t, struct f6_piece *p)
{
	p->prev = NULL;
	p->next = t->room;
	if (t->room)
		t->room->prev = p;
	t->room = p;
}

static void room_del(struct f6_trie *t, struct f6_piece *p)
{
	if (p->next)
		p->next->prev = p->prev;
	if (p->prev)
		p->prev->next = p->next;
	else
		t->room = p->next;
}

static bool piece_new(struct f6_trie *t)
{
	struct f6_piece *p = env_heap_alloc(sizeof(*p));

	if (!p)
		return false;
	/* A free node's len is the next free slot. */
	for (u32 i = 0; i < PIECE; i++) {
		p->node[i].slot = (u8)i;
		p->node[i].len = (u8)(i + 1);
	}
	room_add(t, p);
	t->bytes += sizeof(*p);
	return true;
}

static struct f6_prefix *node_new(struct f6_trie *t, struct pix_ip key, u32 len)
{
	struct pix_ip mask = pix_ip_mask(len);
	struct f6_prefix *n;
	struct f6_piece *p;

	if (!t->room && !piece_new(t))
		return NULL;
	p = t->room;
	n = &p->node[p->free];
	p->free = n->len;
	if (++p->used == PIECE)
		room_del(t, p);
	n->key = (struct pix_ip){ key.hi & mask.hi, key.lo & mask.lo };
	n->child[0] = n->child[1] = n->parent = NULL;
	n->count = 0;
	n->nh = 0;
	n->len = (u8)len;
	n->flags = 0;
	return n;
}

static void node_free(struct f6_trie *t, struct f6_prefix *n)
{
	struct f6_piece *p = piece_of(n);

	if (p->used-- == PIECE)
		room_add(t, p);
	n->len = p->free;
	p->free = (u8)n->slot;
	if (p->used)
		return;
	room_del(t, p);
	t->bytes -= sizeof(*p);
	env_heap_free(p, sizeof(*p));
}

static void adopt(struct f6_prefix *parent, u32 bit, struct f6_prefix *n)
{
	parent->child[bit] = n;
	n->parent = parent;
}

/* Length of the common start of two addresses, at most `max`. */
static u32 common(struct pix_ip a, struct pix_ip b, u32 max)
{
	u32 n = 128;

	if (a.hi != b.hi)
		n = (u32)__builtin_clzll(a.hi ^ b.hi);
	else if (a.lo != b.lo)
		n = 64 + (u32)__builtin_clzll(a.lo ^ b.lo);
	return MIN(n, max);
}

struct f6_prefix *f6_trie_find(const struct f6_trie *t, struct pix_ip key, u32 len)
{
	struct f6_prefix *n = t->root;

	while (n && n->len < len)
		n = n->child[f6_bit(key, n->len)];
	return n && n->len == len && pix_ip_eq(n->key, key) ? n : NULL;
}

struct f6_prefix *f6_trie_make(struct f6_trie *t, struct pix_ip key, u32 len)
{
	struct f6_prefix **at = &t->root, *above = NULL, *n, *near, *fork;
	u32 same;

	if (!t->root && !(t->root = node_new(t, key, 0)))
		return NULL;
	for (n = t->root; n && n->len < len; n = *at) {
		above = n;
		at = &n->child[f6_bit(key, n->len)];
	}
	/* Only now it is known whether that was the right way, all of it. */
	near = n ? n : above;
	same = common(near->key, key, MIN((u32)near->len, len));
	if (n && n->len == len && same == len)
		return n;
	if (same < (n ? len : near->len)) { /* it was up to `same` */
		at = &t->root;
		for (n = t->root; n->len <= same; n = *at) {
			above = n;
			at = &n->child[f6_bit(key, n->len)];
		}
	}
	struct f6_prefix *leaf = node_new(t, key, len);

	if (!leaf)
		return NULL;
	leaf->parent = above;
	if (!n) {
		*at = leaf;
		return leaf;
	}
	if (same == len) { /* above n */
		adopt(leaf, f6_bit(n->key, len), n);
		leaf->count = n->count;
		if (n->flags & F6T_ANY)
			leaf->flags = (u8)(F6T_DIRTY << f6_bit(n->key, len));
		*at = leaf;
		return leaf;
	}
	fork = node_new(t, key, same);
	if (!fork) {
		node_free(t, leaf);
		return NULL;
	}
	adopt(fork, f6_bit(n->key, same), n);
	adopt(fork, f6_bit(key, same), leaf);
	fork->parent = above;
	fork->count = n->count;
	if (n->flags & F6T_ANY)
		fork->flags = (u8)(F6T_DIRTY << f6_bit(n->key, same));
	*at = fork;
	return leaf;
}

void f6_trie_count(struct f6_prefix *n, s32 add)
{
	for (; n; n = n->parent)
		n->count = (u32)((s32)n->count + add) & 0xffffff;
}

void f6_trie_mark(struct f6_prefix *n)
{
	n->flags |= F6T_CHANGED;
	for (; n->parent; n = n->parent)
		n->parent->flags |= (u8)(F6T_DIRTY << (n->parent->child[1] == n));
}

/* Neither a prefix nor a fork? */
static bool is_idle(const struct f6_prefix *n)
{
	return !n->nh && !(n->child[0] && n->child[1]);
}

static struct f6_prefix *only_child(const struct f6_prefix *n)
{
	return n->child[0] ? n->child[0] : n->child[1];
}

void f6_trie_settle(struct f6_trie *t, struct f6_prefix *n)
{
	for (struct f6_prefix *p = n; p && (p == n || p->flags & F6T_ANY); p = p->parent)
		p->flags &= (u8)~F6T_ANY;
	n->flags = 0;
	while (n && is_idle(n) && !(n->flags & F6T_LISTED)) {
		struct f6_prefix *child = only_child(n), *above = n->parent;

		if (child && !n->len)
			return; /* the root stays while there is anything */
		if (above)
			above->child[above->child[1] == n] = child;
		else
			t->root = child;
		if (child)
			child->parent = above;
		node_free(t, n);
		n = child ? NULL : above;
	}
}
