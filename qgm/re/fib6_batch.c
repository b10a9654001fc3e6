// SPDX-License-Identifier: MIT
/*
 * fib6_batch: changes of an IPv6 table (fib6.h). A batch changes the writer's prefixes in place and
 * keeps a list of what they were. Most changes are at once put into the lines that the batch will
 * publish (fib6_patch.c); the others are marked, and built once, before the commit. The first one
 * is put nowhere until the next comes: if none does it may be stored where readers look. Generic
 * side, control lock held.
 */
#include "qgm/arena.h"
#include "qgm/env.h"
#include "qgm/re/errno.h"
#include "qgm/re/fib6.h"
#include "qgm/re/fib6_build.h"
#include "qgm/re/fib6_patch.h"
#include "qgm/re/fib6_runs.h"
#include "qgm/re/fib6_line.h"
#include "qgm/tables.h"

enum { AHEAD = 8, FEW = 16 };

static u32 plants __generic;

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
	struct garbage *g;
	struct f6_prefix *lone; /* the only change, which is in no line yet; or NULL */
	bool staged;            /* by `stage` it can be made in place */
	bool touched;           /* there was a change */
	bool own_filter;        /* the filter of own addresses was touched */
	bool built;
	bool had_blank, had_batch; /* from the batch before */
	struct f6_stage stage;
	struct change few[FEW];
};

static void batch_open(struct fib6_batch *b)
{
	b->change = b->few;
	b->cap = FEW;
}

static void list_free(struct fib6_batch *b)
{
	if (b->change != b->few)
		env_heap_free(b->change, b->cap * sizeof(*b->change));
}

static void batch_free(struct fib6_batch *b)
{
	list_free(b);
	env_heap_free(b, sizeof(*b));
}

static void writer_free(struct fib6_writer *w)
{
	f6_pool_end(&w->pool);
	arena_free(w->blank);
	if (w->idle)
		batch_free(w->idle);
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

/* The first batch of a table. */
static struct fib6_batch *begin_new(struct garbage *g)
{
	struct fib6_batch *b = env_heap_alloc(sizeof(*b));

	if (!b)
		return NULL;
	batch_open(b);
	b->w = env_heap_alloc(sizeof(*b->w));
	b->fib = b->w ? garbage_alloc(g, sizeof(*b->fib)) : NULL;
	if (b->fib)
		return b;
	if (b->w)
		writer_free(b->w);
	batch_free(b);
	return NULL;
}

/* A batch in the memory of the one before, and a version that is published only if need be. */
static struct fib6_batch *begin_more(struct fib6_writer *w)
{
	struct fib6 *blank = w->blank;
	struct fib6_batch *b = w->idle;

	if (!blank)
		blank = arena_alloc(sizeof(*blank), CACHE_LINE);
	if (blank && !b)
		b = env_heap_alloc(sizeof(*b));
	if (!blank || !b) {
		if (!w->blank)
			arena_free(blank);
		return NULL;
	}
	*b = (struct fib6_batch){
		.w = w, .fib = blank, .had_blank = w->blank != NULL, .had_batch = w->idle != NULL
	};
	batch_open(b);
	*blank = (struct fib6){ 0 };
	w->blank = NULL;
	w->idle = NULL;
	return b;
}

struct fib6_batch *fib6_begin(const struct fib6 *cur, u32 vrf, struct garbage *g)
{
	struct fib6_batch *b = cur && cur->writer ? begin_more(cur->writer) : begin_new(g);

	if (!b)
		return NULL;
	b->g = g;
	/* The writer owns published objects too; const is for the readers. */
	b->cur = (struct fib6 *)(uintptr_t)cur;
	b->fib->vrf = vrf;
	b->fib->writer = b->w;
	if (cur) {
		b->fib->count = cur->count;
		b->fib->root = cur->root;
		__builtin_memcpy(b->fib->own, cur->own, sizeof(cur->own));
	}
	f6_pool_begin(&b->w->pool);
	return b;
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
	u32 cap = b->cap * 2;
	struct change *more;

	if (b->changes < b->cap)
		return true;
	more = env_heap_alloc(cap * sizeof(*more));
	if (!more)
		return false;
	__builtin_memcpy(more, b->change, b->changes * sizeof(*more));
	list_free(b);
	b->change = more;
	b->cap = cap;
	return true;
}

/* Into the lines that the batch will publish, or to be built. */
static void put(struct fib6_batch *b, struct f6_prefix *n)
{
	if (!f6_patch(b->w, b->fib->root, n, NULL))
		f6_trie_mark(n);
}

/* The first change is not the only one, or is not to be published in place. */
static void flush(struct fib6_batch *b)
{
	struct f6_prefix *n = b->lone;

	if (!n)
		return;
	if (b->staged)
		f6_patch_forget(b->w, &b->stage);
	b->staged = false;
	b->lone = NULL;
	put(b, n);
}

/* Give the prefix `n` the next hop nh (0: none). */
static void change(struct fib6_batch *b, struct f6_prefix *n, u32 nh)
{
	s32 add = (nh != 0) - (n->nh != 0);

	flush(b);
	if (!(n->flags & F6T_LISTED))
		b->change[b->changes++] = (struct change){ n, n->nh };
	n->flags |= F6T_LISTED;
	n->nh = (u16)nh;
	if (add)
		f6_trie_count(&b->w->trie, n, add);
	b->fib->count += (u32)add;
	b->built = false;
	if (b->changes == 1 && !b->touched)
		b->lone = n;
	else
		put(b, n);
	b->touched = true;
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
	b->own_filter = true;
	__builtin_memset(b->fib->own, 0, sizeof(b->fib->own));
}

void fib6_own_add(struct fib6_batch *b, struct pix_ip addr)
{
	u32 h = fib6_own_hash(addr);

	b->own_filter = true;
	b->fib->own[h >> 6] |= 1ull << (h & 63);
}

/* --- the end ---------------------------------------------------------------------------------- */

int fib6_build(struct fib6_batch *b)
{
	int err;

	if (b->built)
		return 0;
	flush(b);
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
	f6_trie_fit(t);
}

static void batch_end(struct fib6_batch *b, bool last)
{
	struct fib6_writer *w = b->w;

	if (last || w->idle) {
		batch_free(b);
		return;
	}
	list_free(b);
	batch_open(b);
	w->idle = b;
}

bool fib6_in_place(struct fib6_batch *b)
{
	if (b->staged)
		return true;
	if (!b->lone || b->own_filter || !b->cur)
		return false;
	if (f6_trie_is_bare(&b->w->trie) || f6_build_wanted(b->w)) /* less memory is needed */
		return false;
	if (!tables_settled() && likely(!(plants & FIB6_PLANT_EARLY)))
		return false;
	b->staged = f6_patch(b->w, b->fib->root, b->lone, &b->stage);
	return b->staged;
}

void fib6_commit_in_place(struct fib6_batch *b, u64 epoch)
{
	ASSERT_ENGINE(b->staged);
	f6_patch_store(b->w, &b->stage, epoch);
	b->cur->count = b->fib->count;
	b->w->most = MAX(b->w->most, b->fib->count);
	settle(b);
	b->w->blank = b->fib;
	batch_end(b, false);
}

const struct fib6 *fib6_commit(struct fib6_batch *b)
{
	struct fib6_writer *w = b->w;
	struct fib6 *f = b->fib;
	bool had = b->cur && b->cur->writer;
	struct fib6_dead dead;

	if (fib6_build(b))
		return NULL;
	f->base = w->pool.now.mem;
	f->fallback = w->trie.root ? w->trie.root->nh : 0;
	settle(b);
	w->most = w->pool.renewed ? f->count : MAX(w->most, f->count);
	dead = f6_pool_commit(&w->pool);
	dead.last = !f->count;
	if (dead.last) {
		ASSERT_ENGINE(!w->trie.root && !f6_trie_bytes(&w->trie));
		f->writer = NULL;
	}
	if (b->cur)
		garbage_drop(b->g, &b->cur->obj);
	if (had) {
		b->cur->dead = dead;
		b->cur->obj.reclaim = bury;
	}
	batch_end(b, dead.last);
	if (dead.last && !had)
		writer_free(w);
	return f;
}

/* An aborted batch of begin_more() leaves as much memory as there was. */
static void batch_return(struct fib6_batch *b)
{
	if (b->had_blank)
		b->w->blank = b->fib;
	else
		arena_free(b->fib);
	batch_end(b, !b->had_batch);
}

void fib6_abort(struct fib6_batch *b)
{
	struct f6_trie *t = &b->w->trie;

	f6_pool_abort(&b->w->pool);
	for (u32 i = b->changes; i--;) {
		const struct change *c = &b->change[i];
		struct f6_prefix *n = c->n;

		f6_trie_count(t, n, (c->nh != 0) - (n->nh != 0));
		n->nh = c->nh;
	}
	settle(b);
	if (t->root) {
		batch_return(b);
		return;
	}
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

	return w ? sizeof(*w) + f6_trie_bytes(&w->trie) + f6_pool_heap(&w->pool) +
			       (w->idle ? sizeof(*w->idle) : 0)
		 : 0;
}

void fib6_plant(u32 mask)
{
	plants = mask;
	f6_runs_plant(mask & FIB6_PLANT_COVER);
	f6_patch_plant(mask);
	f6_jump_plant(mask & FIB6_PLANT_JUMP);
}
