// SPDX-License-Identifier: MIT
/* fib: batches of a FIB, begin to end (fib.h). Generic side, control lock held. */
#include "qgm/re/fib.h"

#include "qgm/arena.h"
#include "qgm/atomic.h"
#include "qgm/env.h"
#include "qgm/tables.h"
#include "qgm/re/errno.h"
#include "qgm/re/fib_batch.h"
#include "qgm/re/fib_path.h"
#include "qgm/re/ipv4.h"

/* Prefixes from which on the large layout pays, and below which it does not any more; memory that
 * must be free beforehand: two direct arrays and as much again. */
enum { LARGE_FROM = 2048, SMALL_BELOW = 512, LARGE_ROOM = 4 << 20 };

/* Records that wait from which on it is worth to look for the readers; changes whose list is kept.
 */
enum { GONE_LOOK = 64, KEEP = 1024 };

/* Looks, some 50 ns apart, for the other direct array: some 100 us, and when there are already as
 * many as ARRAYS_MAX, 20 ms. */
enum { WAIT_SHORT = 2000, WAIT_LONG = 400000, ARRAYS_MAX = 6 };

u32 fib_plants __generic;

void fib_plant(u32 mask)
{
	fib_plants = mask;
}

/* --- begin ----------------------------------------------------------------------------------- */

/* The first batch of a FIB. */
static struct fib_batch *begin_new(struct garbage *g)
{
	struct fib_batch *b = env_heap_alloc(sizeof(*b));

	if (!b)
		return NULL;
	b->fib = garbage_alloc(g, sizeof(*b->fib));
	if (b->fib)
		return b;
	fib_batch_free(b);
	return NULL;
}

/* A batch in the memory of the one before, and a version that is published only if need be. */
static struct fib_batch *begin_more(const struct fib *cur)
{
	struct fib_books *k = cur->books;
	struct fib *blank = k->blank;
	struct fib_batch *b = k->idle;

	if (!blank)
		blank = arena_alloc(sizeof(*blank), CACHE_LINE);
	if (blank && !b)
		b = env_heap_alloc(sizeof(*b));
	if (!blank || !b) {
		if (!k->blank)
			arena_free(blank);
		return NULL;
	}
	*b = (struct fib_batch){ .undo = b->undo,
				 .undo_cap = b->undo_cap,
				 .limbo = b->limbo,
				 .limbo_cap = b->limbo_cap,
				 .had_undo = b->undo_cap != 0,
				 .had_limbo = b->limbo_cap != 0,
				 .had_blank = k->blank != NULL,
				 .had_batch = k->idle != NULL };
	k->idle = NULL;
	k->blank = NULL;
	b->fib = blank;
	*b->fib = (struct fib){ 0 };
	b->books = k;
	b->dir = (u32 *)(uintptr_t)cur->dir;
	b->pool = cur->pool;
	b->bits = cur->bits;
	b->count = cur->count;
	b->lineage = cur->lineage;
	b->common = k->common;
	b->common_n = k->common_n;
	if (k->gone_n >= GONE_LOOK)
		fib_gone_reclaim(k);
	k->open = b;
	return b;
}

struct fib_batch *fib_begin(const struct fib *cur, u32 vrf, struct garbage *g)
{
	struct fib_batch *b = cur && cur->books ? begin_more(cur) : begin_new(g);

	if (!b)
		return NULL;
	b->g = g;
	b->cur = cur;
	b->pending = FIB_NO_BLOCK;
	b->fib->vrf = (u16)vrf;
	b->fib->obj.reclaim = fib_version_reclaim;
	if (cur)
		__builtin_memcpy(b->fib->own, cur->own, sizeof(cur->own));
	return b;
}

/*
 * The other large direct array is free as soon as the readers of the last version but one are gone,
 * mostly within microseconds: to wait for that costs less than a third array, and keeps a fast
 * writer from filling the arena while a reader's core is away.
 */
static void await_spare(struct fib_batch *b)
{
	struct fib_books *k = b->books;
	u32 rounds = k->refs > ARRAYS_MAX ? WAIT_LONG : WAIT_SHORT;

	if (b->bits != FIB_BITS_LARGE || k->refs < 2)
		return;
	k->open = NULL; /* nothing is changed yet: versions may go */
	for (u32 i = 0; !k->spare && i < rounds; i++) {
		tables_reclaim();
		if (!k->spare)
			cpu_pause();
	}
	k->open = b;
}

/* May the first change be the only one, and published in place? Should that turn out wrong, the
 * other direct array is there without fail. */
static bool may_stage(const struct fib_batch *b)
{
	const struct fib_books *k = b->books;

	if (b->undo_n || !b->cur || b->own_pool || !k->spare || k->spare_bits != b->bits)
		return false;
	return tables_settled() || unlikely(fib_plants & FIB_PLANT_EARLY);
}

/* Before a change: books, a direct array of the draft's own unless it is the first change. */
static bool batch_touch(struct fib_batch *b)
{
	if (likely(b->own_dir))
		return true;
	if (b->staging)
		return fib_draft_unstage(b);
	if (!b->books) {
		b->books = env_heap_alloc(sizeof(*b->books));
		if (!b->books)
			return false;
		b->books->open = b;
		b->books->path = fib_path_choose();
	}
	if (!b->dir)
		return fib_draft_restart(b, FIB_BITS_SMALL);
	b->staging = may_stage(b);
	if (b->staging)
		return true;
	if (!b->books->spare)
		await_spare(b);
	return fib_draft_own_dir(b);
}

/* --- changes --------------------------------------------------------------------------------- */

static bool bad_prefix(u32 prefix, u8 len)
{
	return len > 32 || (prefix & ~ipv4_mask(len));
}

u32 fib_get(const struct fib_batch *b, u32 prefix, u8 len)
{
	if (bad_prefix(prefix, len) || !b->books)
		return 0;
	return fib_book_get(&b->books->book, prefix, len);
}

static void flush(struct fib_batch *b)
{
	u32 block = b->pending;

	b->pending = FIB_NO_BLOCK;
	if (block != FIB_NO_BLOCK)
		fib_build_block(b, block);
}

/* The next few changes may be about the same /18: its record is built when another's turn comes. */
static bool can_wait(const struct fib_batch *b, u32 prefix, u8 len)
{
	return b->bits == FIB_BITS_LARGE && len >= FIB_BITS_LARGE && len <= 24 &&
	       !fib_block_deep(b, prefix >> (32 - FIB_BITS_LARGE));
}

/* Memory that the change must not lack later. */
static int prepare(struct fib_batch *b, u32 prefix, u8 len, u32 nh)
{
	u32 block = prefix >> (32 - FIB_BITS_LARGE);

	if (b->err || !batch_touch(b))
		goto none;
	if (b->undo_n == b->undo_cap &&
	    !fib_array_grow(&b->undo, &b->undo_cap, b->undo_n, sizeof(*b->undo)))
		goto none;
	if (b->bits == FIB_BITS_LARGE && !fib_draft_common(b, nh))
		goto none;
	if (b->pending != block || !can_wait(b, prefix, len))
		flush(b);
	if (b->bits == FIB_BITS_LARGE && !fib_draft_reserve(b))
		goto none;
	if (!b->err)
		return 0;
none:
	b->err = -ENOMEM;
	return -ENOMEM;
}

/* The book has changed: build what follows from it, now or when the next block begins. */
static int changed(struct fib_batch *b, u32 prefix, u8 len)
{
	if (b->bits == FIB_BITS_SMALL && b->count >= LARGE_FROM &&
	    arena_size() - arena_used() >= LARGE_ROOM && fib_draft_restart(b, FIB_BITS_LARGE))
		fib_build_all(b);
	else if (b->bits == FIB_BITS_LARGE && b->count < SMALL_BELOW &&
		 fib_draft_restart(b, FIB_BITS_SMALL))
		fib_build_all(b);
	else if (can_wait(b, prefix, len))
		b->pending = prefix >> (32 - FIB_BITS_LARGE);
	else
		fib_build(b, prefix, len);
	return b->err;
}

static void note(struct fib_batch *b, u32 prefix, u8 len, u32 before)
{
	b->undo[b->undo_n++] = (struct fib_undo){ prefix, (u16)before, len };
}

int fib_add(struct fib_batch *b, u32 prefix, u8 len, u32 nh)
{
	u32 before;
	int err;

	if (bad_prefix(prefix, len) || !nh || nh > FIB_NH_MAX)
		return -EINVAL;
	before = fib_get(b, prefix, len);
	if (before == nh)
		return 0;
	err = prepare(b, prefix, len, nh);
	if (err)
		return err;
	note(b, prefix, len, before);
	if (!fib_book_put(&b->books->book, prefix, len, nh)) {
		b->err = -ENOMEM;
		return b->err;
	}
	b->books->nh_max = (u16)MAX(nh, b->books->nh_max);
	b->count += !before;
	return changed(b, prefix, len);
}

int fib_del(struct fib_batch *b, u32 prefix, u8 len)
{
	u32 before;
	int err;

	if (bad_prefix(prefix, len))
		return -EINVAL;
	before = fib_get(b, prefix, len);
	if (!before)
		return -ENOENT;
	err = prepare(b, prefix, len, 0);
	if (err)
		return err;
	note(b, prefix, len, before);
	fib_book_del(&b->books->book, prefix, len);
	b->count--;
	return unlikely(fib_plants & FIB_PLANT_COVER) ? 0 : changed(b, prefix, len);
}

void fib_own_clear(struct fib_batch *b)
{
	b->own_filter = true;
	__builtin_memset(b->fib->own, 0, sizeof(b->fib->own));
}

void fib_own_add(struct fib_batch *b, u32 addr)
{
	u32 h = fib_own_hash(addr);

	b->own_filter = true;
	b->fib->own[h >> 6] |= 1ull << (h & 63);
}

/* --- the end of a batch ---------------------------------------------------------------------- */

static void batch_end(struct fib_batch *b)
{
	struct fib_books *k = b->books;

	if (k && !k->idle && b->undo_cap <= KEEP && b->limbo_cap <= KEEP)
		k->idle = b;
	else
		fib_batch_free(b);
}

static void book_tidy(struct fib_batch *b)
{
	struct fib_book *book = &b->books->book;

	for (u32 i = 0; i < b->undo_n; i++)
		if (!fib_book_get(book, b->undo[i].prefix, b->undo[i].len))
			fib_book_trim(book, b->undo[i].prefix, b->undo[i].len);
}

/* Is there nothing in the draft that a reader only finds by a new version? A pool of the draft's
 * own is a copy: what is stored there, entry or byte, no reader of `cur` sees. */
static bool all_of_cur(const struct fib_batch *b)
{
	return b->staging && !b->own_pool && b->common == b->books->common && !b->err;
}

bool fib_in_place(struct fib_batch *b)
{
	if (b->undo_n != 1 || b->own_filter || !b->count || !all_of_cur(b))
		return false;
	if (b->pending != FIB_NO_BLOCK && fib_patch_find(b))
		return true;
	flush(b);
	return all_of_cur(b);
}

void fib_commit_in_place(struct fib_batch *b, u64 epoch)
{
	struct fib *f = (struct fib *)(uintptr_t)b->cur;
	struct fib_books *k = b->books;

	ASSERT_ENGINE(b->dir == f->dir && b->pool == f->pool);
	fib_pool_keep(b->pool);
	fib_draft_store(b);
	fib_patch_store(b);
	for (; unlikely(fib_plants & FIB_PLANT_REUSE) && b->limbo_n; b->limbo_n--)
		fib_free(b->pool, b->limbo[b->limbo_n - 1]);
	fib_draft_leave(b, epoch);
	f->count = b->count;
	book_tidy(b);
	k->blank = b->fib;
	fib_books_closed(k);
	batch_end(b);
}

const struct fib *fib_commit(struct fib_batch *b)
{
	const struct fib *f = b->fib;

	/* The writer owns published objects too; const is for the readers. */
	if (b->cur)
		garbage_drop(b->g, (struct gobj *)(uintptr_t)&b->cur->obj);
	if (b->staging && !fib_draft_unstage(b)) /* may_stage() */
		ASSERT_ENGINE(false);
	if (b->books) {
		flush(b);
		ASSERT_ENGINE(!b->err);
		book_tidy(b);
		if (b->count)
			fib_version_publish(b);
		else
			fib_version_publish_empty(b);
		if (b->books)
			fib_books_closed(b->books);
	}
	batch_end(b);
	return f;
}

/* An aborted batch of begin_more() leaves as much memory as there was. */
static void batch_return(struct fib_batch *b)
{
	struct fib_books *k = b->books;

	if (b->had_blank)
		k->blank = b->fib;
	else
		arena_free(b->fib);
	if (!b->had_undo) {
		env_heap_free(b->undo, b->undo_cap * sizeof(*b->undo));
		b->undo = NULL;
		b->undo_cap = 0;
	}
	if (!b->had_limbo) {
		env_heap_free(b->limbo, b->limbo_cap * sizeof(*b->limbo));
		b->limbo = NULL;
		b->limbo_cap = 0;
	}
	if (b->had_batch)
		k->idle = b;
	else
		fib_batch_free(b);
}

void fib_abort(struct fib_batch *b)
{
	struct fib_books *k = b->books;

	if (k) {
		for (u32 i = b->undo_n; i-- > 0;) {
			const struct fib_undo *u = &b->undo[i];

			if (u->nh)
				fib_book_put(&k->book, u->prefix, u->len, u->nh);
			else if (fib_book_get(&k->book, u->prefix, u->len))
				fib_book_del(&k->book, u->prefix, u->len);
		}
		book_tidy(b);
		fib_draft_forget(b);
		if (k->refs) {
			fib_books_closed(k);
			batch_return(b);
			return;
		}
		fib_books_free(k);
	}
	fib_batch_free(b);
}
