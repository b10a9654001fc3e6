// SPDX-License-Identifier: MIT
/*
 * fib6_batch: changes of an IPv6 table (fib6.h). A batch changes the writer's prefixes in place and
 * keeps a list of what they were. Most changes are at once put into the lines that the batch will
 * publish (fib6_patch.c); the others are marked, and built once, before the commit. Generic side,
 * control lock held.
 */
#include "qgm/env.h"
#include "qgm/re/errno.h"
#include "qgm/re/fib6.h"
#include "qgm/re/fib6_build.h"
#include "qgm/re/fib6_patch.h"
#include "qgm/re/fib6_runs.h"
#include "qgm/re/fib6_line.h"

enum { AHEAD = 8 };

struct change {
	struct f6_prefix *n;
	u16 nh; /* before */
};

struct fib6_batch {
	struct fib6 *fib;
	struct fib6 *cur; /* published, or NULL */
	struct fib6_writer *w;
	struct change *change;
	u32 changes, cap;
	u32 root; /* published */
	bool built;
};

static void writer_free(struct fib6_writer *w)
{
	f6_pool_end(&w->pool);
	env_heap_free(w, sizeof(*w));
}

/* The grace period of the batch that replaced this version is over. */
static void bury(struct gobj *obj)
{
	struct fib6 *f = (struct fib6 *)obj;

	f6_pool_bury(&f->writer->pool, &f->dead);
	if (f->dead.last)
		writer_free(f->writer);
	garbage_free(obj);
}

struct fib6_batch *fib6_begin(const struct fib6 *cur, u32 vrf, struct garbage *g)
{
	struct fib6_batch *b = env_heap_alloc(sizeof(*b));

	if (!b)
		return NULL;
	/* The writer owns published objects too; const is for the readers. */
	b->cur = (struct fib6 *)(uintptr_t)cur;
	b->w = cur && cur->writer ? cur->writer : env_heap_alloc(sizeof(*b->w));
	b->fib = garbage_alloc(g, sizeof(*b->fib));
	if (!b->w || !b->fib)
		goto err;
	b->fib->vrf = vrf;
	b->fib->writer = b->w;
	if (cur) {
		b->fib->count = cur->count;
		b->root = b->fib->root = cur->root;
		__builtin_memcpy(b->fib->own, cur->own, sizeof(cur->own));
		garbage_drop(g, &b->cur->obj);
	}
	f6_pool_begin(&b->w->pool);
	return b;

err:
	if (b->w && !(cur && cur->writer))
		writer_free(b->w);
	env_heap_free(b, sizeof(*b));
	return NULL;
}

static bool bad_prefix(struct pix_ip prefix, u8 len)
{
	struct pix_ip mask = pix_ip_mask(len);

	return len > 128 || prefix.hi & ~mask.hi || prefix.lo & ~mask.lo;
}

u32 fib6_get(const struct fib6_batch *b, struct pix_ip prefix, u8 len)
{
	const struct f6_prefix *n;

	if (bad_prefix(prefix, len))
		return 0;
	n = f6_trie_find(&b->w->trie, prefix, len);
	return n ? n->nh : 0;
}

/* Room for one more change. */
static bool change_room(struct fib6_batch *b)
{
	u32 cap = b->cap ? b->cap * 2 : 16;
	struct change *more;

	if (b->changes < b->cap)
		return true;
	more = env_heap_alloc(cap * sizeof(*more));
	if (!more)
		return false;
	if (b->changes)
		__builtin_memcpy(more, b->change, b->changes * sizeof(*more));
	env_heap_free(b->change, b->cap * sizeof(*more));
	b->change = more;
	b->cap = cap;
	return true;
}

/* Give the prefix `n` the next hop nh (0: none). */
static void change(struct fib6_batch *b, struct f6_prefix *n, u32 nh)
{
	s32 add = (nh != 0) - (n->nh != 0);

	if (!(n->flags & F6T_LISTED))
		b->change[b->changes++] = (struct change){ n, n->nh };
	n->flags |= F6T_LISTED;
	n->nh = (u16)nh;
	if (add)
		f6_trie_count(n, add);
	b->fib->count += (u32)add;
	b->built = false;
	if (!f6_patch(b->w, b->fib->root, n))
		f6_trie_mark(n);
}

int fib6_add(struct fib6_batch *b, struct pix_ip prefix, u8 len, u32 nh)
{
	struct f6_prefix *n;

	if (bad_prefix(prefix, len) || !nh || nh > FIB6_NH_MAX)
		return -EINVAL;
	if (!change_room(b))
		return -ENOMEM;
	n = f6_trie_make(&b->w->trie, prefix, len);
	if (!n)
		return -ENOMEM;
	if (n->nh != nh)
		change(b, n, nh);
	return 0;
}

int fib6_del(struct fib6_batch *b, struct pix_ip prefix, u8 len)
{
	struct f6_prefix *n;

	if (bad_prefix(prefix, len))
		return -EINVAL;
	n = f6_trie_find(&b->w->trie, prefix, len);
	if (!n || !n->nh)
		return -ENOENT;
	if (!change_room(b))
		return -ENOMEM;
	change(b, n, 0);
	return 0;
}

void fib6_own_clear(struct fib6_batch *b)
{
	__builtin_memset(b->fib->own, 0, sizeof(b->fib->own));
}

void fib6_own_add(struct fib6_batch *b, struct pix_ip addr)
{
	u32 h = fib6_own_hash(addr);

	b->fib->own[h >> 6] |= 1ull << (h & 63);
}

/* --- the end ---------------------------------------------------------------------------------- */

int fib6_build(struct fib6_batch *b)
{
	int err;

	if (b->built)
		return 0;
	err = f6_build(b->w, &b->fib->root);
	b->built = !err;
	return err;
}

/* The trie without marks, and without what is no prefix any more. */
static void settle(struct fib6_batch *b)
{
	struct f6_trie *t = &b->w->trie;

	for (u32 i = 0; i < b->changes; i++) {
		if (i + AHEAD < b->changes) /* not in the cache any more after a large batch */
			__builtin_prefetch(b->change[i + AHEAD].n, 1);
		f6_trie_settle(t, b->change[i].n);
	}
}

static void batch_free(struct fib6_batch *b)
{
	env_heap_free(b->change, b->cap * sizeof(*b->change));
	env_heap_free(b, sizeof(*b));
}

const struct fib6 *fib6_commit(struct fib6_batch *b)
{
	struct fib6 *f = b->fib;
	struct fib6_dead dead;

	if (fib6_build(b))
		return NULL;
	f->base = b->w->pool.now.mem;
	f->fallback = b->w->trie.root ? b->w->trie.root->nh : 0;
	settle(b);
	dead = f6_pool_commit(&b->w->pool);
	if (!f->count) {
		ASSERT_ENGINE(!b->w->trie.root && !b->w->trie.bytes);
		f->writer = NULL;
		dead.last = true;
	}
	if (b->cur && b->cur->writer) {
		b->cur->dead = dead;
		b->cur->obj.reclaim = bury;
	} else if (dead.last) {
		writer_free(b->w);
	}
	batch_free(b);
	return f;
}

void fib6_abort(struct fib6_batch *b)
{
	struct f6_trie *t = &b->w->trie;

	f6_pool_abort(&b->w->pool);
	for (u32 i = b->changes; i--;) {
		const struct change *c = &b->change[i];
		struct f6_prefix *n = c->n;

		f6_trie_count(n, (c->nh != 0) - (n->nh != 0));
		n->nh = c->nh;
	}
	settle(b);
	if (!t->root)
		writer_free(b->w);
	batch_free(b);
}

u64 fib6_bytes(const struct fib6 *f)
{
	return sizeof(*f) + (f->writer ? (u64)f->writer->pool.now.lines * F6_LINE : 0);
}

u64 fib6_heap_bytes(const struct fib6 *f)
{
	const struct fib6_writer *w = f->writer;

	return w ? sizeof(*w) + w->trie.bytes + f6_pool_heap(&w->pool) : 0;
}

void fib6_plant_cover(bool on)
{
	f6_runs_plant(on);
}
