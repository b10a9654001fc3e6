// SPDX-License-Identifier: MIT
/*
 * fib_version: what a version of a FIB says about what goes with it, its publication and its end
 * (fib_batch.h); sizes. Generic side, control lock held.
 *
 * Two versions of a FIB never write what the other reads. A version owns nothing alone: it says
 * what goes when its readers are gone (dead_dir, dead_pool, limbo), and the last one of a FIB
 * that became empty takes the books with it.
 */
#include "qgm/arena.h"
#include "qgm/env.h"
#include "qgm/re/fib_batch.h"

/* --- the end of a version -------------------------------------------------------------------- */

void fib_batch_free(struct fib_batch *b)
{
	env_heap_free(b->undo, b->undo_cap * sizeof(*b->undo));
	env_heap_free(b->limbo, b->limbo_cap * sizeof(*b->limbo));
	env_heap_free(b, sizeof(*b));
}

void fib_books_free(struct fib_books *k)
{
	arena_free(k->spare);
	arena_free(k->blank);
	if (k->idle)
		fib_batch_free(k->idle);
	env_heap_free(k->gone, k->gone_cap * sizeof(*k->gone));
	env_heap_free(k->common, k->common_n * sizeof(u32));
	env_heap_free(k, sizeof(*k));
}

/* The direct array that this version was the last to read. */
static void dir_back(struct fib_books *k, const struct fib *f)
{
	if (k->spare || k->bits != f->bits || !k->refs) {
		arena_free(f->dead_dir);
		return;
	}
	k->spare = f->dead_dir;
	k->spare_bits = f->bits;
	k->spare_serial = f->serial;
}

static void limbo_end(struct fib_books *k, struct fib_pool *pool, const struct fib *f)
{
	for (u32 i = 0; pool && f->lineage == k->lineage && i < f->limbo_n; i++)
		fib_free(pool, f->limbo[i]);
	env_heap_free(f->limbo, f->limbo_cap * sizeof(u32));
}

static void version_end(struct fib *f)
{
	struct fib_books *k = f->books;

	k->refs--;
	if (f->dead_dir)
		dir_back(k, f);
	limbo_end(k, k->pool, f);
	fib_pool_end(f->dead_pool);
	if (!k->refs)
		fib_books_free(k);
	garbage_free(&f->obj);
}

void fib_version_reclaim(struct gobj *obj)
{
	struct fib *f = container_of(obj, struct fib, obj);

	if (!f->books) {
		garbage_free(obj);
	} else if (f->books->open) {
		f->dead_next = f->books->dead;
		f->books->dead = f;
	} else {
		version_end(f);
	}
}

void fib_books_closed(struct fib_books *k)
{
	struct fib *f = k->dead;

	k->open = NULL;
	k->dead = NULL;
	while (f) {
		struct fib *next = f->dead_next;

		version_end(f);
		f = next;
	}
}

/* --- publication ---------------------------------------------------------------------------- */

/* What `cur` alone still holds goes with it. */
static void retire(struct fib_batch *b, bool empty)
{
	struct fib *old = (struct fib *)(uintptr_t)b->cur;

	if (!old || old->books != b->books)
		return;
	if (b->own_dir)
		old->dead_dir = (u32 *)(uintptr_t)old->dir;
	if (b->own_pool || empty)
		old->dead_pool = old->pool;
	old->limbo = b->limbo;
	old->limbo_n = b->limbo_n;
	old->limbo_cap = b->limbo_cap;
	b->limbo = NULL;
	b->limbo_n = b->limbo_cap = 0;
}

void fib_version_publish(struct fib_batch *b)
{
	struct fib_books *k = b->books;
	struct fib *f = b->fib;

	fib_pool_keep(b->pool);
	for (; unlikely(fib_plants & FIB_PLANT_REUSE) && b->limbo_n; b->limbo_n--)
		fib_free(b->pool, b->limbo[b->limbo_n - 1]);
	retire(b, false);
	k->serial += b->own_dir;
	k->lineage = b->lineage;
	k->bits = b->bits;
	k->pool = b->pool;
	k->refs++;
	if (b->common != k->common) {
		env_heap_free(k->common, k->common_n * sizeof(u32));
		k->common = b->common;
		k->common_n = b->common_n;
	}
	if (k->spare && k->spare_bits != k->bits) {
		arena_free(k->spare);
		k->spare = NULL;
	}
	f->dir = b->dir;
	f->recs = fib_pool_at(b->pool, 0);
	f->bits = b->bits;
	f->path = k->path;
	f->count = b->count;
	f->books = k;
	f->pool = b->pool;
	f->serial = k->serial;
	f->lineage = b->lineage;
}

void fib_version_publish_empty(struct fib_batch *b)
{
	struct fib_books *k = b->books;

	retire(b, true);
	if (b->own_dir)
		arena_free(b->dir);
	if (b->own_pool)
		fib_pool_end(b->pool);
	if (b->common != k->common)
		env_heap_free(b->common, b->common_n * sizeof(u32));
	k->pool = NULL;
	if (!k->refs)
		fib_books_free(k);
	else
		fib_books_closed(k);
	b->books = NULL;
}

/* --- size ------------------------------------------------------------------------------------ */

u64 fib_bytes(const struct fib *f)
{
	u64 bytes = sizeof(*f);

	if (f->books)
		bytes += fib_dir_bytes(f->bits) + f->pool->bytes +
			 (f->books->spare ? fib_dir_bytes(f->books->spare_bits) : 0);
	return bytes;
}

u64 fib_heap_bytes(const struct fib *f)
{
	const struct fib_books *k = f->books;

	if (!k)
		return 0;
	return sizeof(*k) + k->book.bytes + k->common_n * sizeof(u32) +
	       k->gone_cap * sizeof(*k->gone) + (k->idle ? sizeof(*k->idle) : 0);
}

u32 fib_waiting(const struct fib *f)
{
	return f->books ? f->books->gone_n : 0;
}
