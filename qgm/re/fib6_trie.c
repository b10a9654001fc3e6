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
	struct f6_prefix *n = f6_jump_get(&t->jump, key, len);

	for (n = n ? n : t->root; n && n->len < len;)
		n = n->child[f6_bit(key, n->len)];
	return n && n->len == len && pix_ip_eq(n->key, key) ? n : NULL;
}

/* A link of the trie: where a node is hung up. */
struct link {
	struct f6_prefix **at, *above;
};

static struct link link_of(struct f6_trie *t, struct f6_prefix *n)
{
	struct f6_prefix *above = n->parent;

	if (!above)
		return (struct link){ &t->root, NULL };
	return (struct link){ &above->child[above->child[1] == n], above };
}

/* The link on the way to `key` behind which prefixes are of `len` bits and longer, from `n` on. */
static struct link way_down(struct f6_trie *t, struct f6_prefix *n, struct pix_ip key, u32 len)
{
	struct link l = link_of(t, n);

	for (; n && n->len < len; n = *l.at) {
		l.above = n;
		l.at = &n->child[f6_bit(key, n->len)];
	}
	return l;
}

/* The new node comes in between, above what is there (or nothing). */
static void hang(struct f6_trie *t, struct link l, struct f6_prefix *n)
{
	struct f6_prefix *below = *l.at;

	n->parent = l.above;
	if (below) {
		adopt(n, f6_bit(below->key, n->len), below);
		n->count = below->count;
		if (below->flags & F6T_ANY)
			n->flags = (u8)(F6T_DIRTY << f6_bit(below->key, n->len));
	}
	*l.at = n;
	f6_jump_made(&t->jump, n);
}

struct f6_prefix *f6_trie_make(struct f6_trie *t, struct pix_ip key, u32 len)
{
	struct f6_prefix *start = f6_jump_get(&t->jump, key, len), *n, *near, *leaf, *fork;
	struct link l;
	u32 same;

	if (!t->root && !(t->root = node_new(t, key, 0)))
		return NULL;
	start = start ? start : t->root;
	l = way_down(t, start, key, len);
	/* Only now it is known whether that was the right way, all of it. */
	n = *l.at;
	near = n ? n : l.above;
	same = common(near->key, key, MIN((u32)near->len, len));
	if (n && n->len == len && same == len)
		return n;
	if (same < (n ? len : near->len)) { /* it was up to `same` */
		l = way_down(t, start, key, same + 1);
		n = *l.at;
	}
	leaf = node_new(t, key, len);
	if (!leaf)
		return NULL;
	if (!n || same == len) {
		hang(t, l, leaf);
		return leaf;
	}
	fork = node_new(t, key, same);
	if (!fork) {
		node_free(t, leaf);
		return NULL;
	}
	hang(t, l, fork);
	hang(t, (struct link){ &fork->child[f6_bit(key, same)], fork }, leaf);
	return leaf;
}

static void count_more(struct f6_prefix *n, s64 add)
{
	n->count = (u32)(n->count + add) & 0xffffff;
}

/* One step up on all ways at a time. */
void f6_trie_catch_up(struct f6_trie *t)
{
	while (t->late_n) {
		u32 left = 0;

		for (u32 i = 0; i < t->late_n; i++) {
			struct f6_late l = t->late[i];

			count_more(l.n, l.add);
			l.n = l.n->parent;
			t->late[left] = l;
			left += l.n != NULL;
		}
		t->late_n = left;
	}
}

void f6_trie_count(struct f6_trie *t, struct f6_prefix *n, s32 add)
{
	t->count += (u32)add;
	for (; n && n->len >= F6_LATE; n = n->parent)
		count_more(n, add);
	if (!n)
		return;
	t->late[t->late_n++] = (struct f6_late){ n, add };
	if (t->late_n == F6_LATE_MAX)
		f6_trie_catch_up(t);
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
		if (n->len < F6_LATE)
			f6_trie_catch_up(t);
		f6_jump_gone(&t->jump, n, child);
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

void f6_trie_fit(struct f6_trie *t)
{
	f6_jump_fit(&t->jump, t->root, t->count);
}
