// SPDX-License-Identifier: MIT
/*
 * fib_draft: the memory of an open batch: the direct array it edits, the pool of records, and what
 * to give back when it is forgotten (fib_batch.h). Generic side, control lock held.
 */
#include "qgm/arena.h"
#include "qgm/atomic.h"
#include "qgm/env.h"
#include "qgm/tables.h"
#include "qgm/re/errno.h"
#include "qgm/re/fib_batch.h"

bool fib_array_grow(void *array, u32 *cap, u32 n, u32 size)
{
	void *old, *p;
	u32 more = MAX(n * 2, 16u);

	__builtin_memcpy(&old, array, sizeof(old));
	p = env_heap_alloc((u64)more * size);
	if (!p)
		return false;
	if (old)
		__builtin_memcpy(p, old, (u64)n * size);
	env_heap_free(old, (u64)*cap * size);
	__builtin_memcpy(array, &p, sizeof(p));
	*cap = more;
	return true;
}

/* --- the direct array ------------------------------------------------------------------------ */

enum { LIST_ALL = -1 };

/* Behind the entries: how many of them the batch that made this array changed, and which. */
static u32 *list_of(const u32 *dir, u8 bits)
{
	return (u32 *)(uintptr_t)dir + (1u << bits);
}

u64 fib_dir_bytes(u8 bits)
{
	return sizeof(u32) * ((1ull << bits) + (1ull << bits) / 16 + 1);
}

/* Make `dir`, which differs from `from` as the list says, equal to it. */
static void replay(u32 *dir, const u32 *from, const u32 *list, u8 bits)
{
	if (list[0] == (u32)LIST_ALL) {
		__builtin_memcpy(dir, from, 4ull << bits);
		return;
	}
	for (u32 i = 1; i <= list[0]; i++)
		dir[list[i]] = from[list[i]];
}

/* The other direct array, up to date. */
static u32 *take_spare(struct fib_batch *b)
{
	static const u32 all = LIST_ALL;
	struct fib_books *k = b->books;
	u32 *dir = k->spare;

	k->spare = NULL;
	if (unlikely(fib_plants & FIB_PLANT_REPLAY))
		return dir;
	if (k->spare_serial + 1 == k->serial)
		replay(dir, b->dir, list_of(b->dir, b->bits), b->bits);
	else if (k->spare_serial != k->serial)
		replay(dir, b->dir, &all, b->bits);
	return dir;
}

bool fib_draft_own_dir(struct fib_batch *b)
{
	u32 *dir;

	if (b->own_dir)
		return true;
	b->from_spare = b->books->spare && b->books->spare_bits == b->bits;
	if (b->from_spare) {
		dir = take_spare(b);
	} else {
		dir = arena_alloc(fib_dir_bytes(b->bits), CACHE_LINE);
		if (!dir)
			return false;
		__builtin_memcpy(dir, b->dir, 4ull << b->bits);
	}
	b->dir = dir;
	*list_of(dir, b->bits) = 0;
	b->own_dir = true;
	return true;
}

/* Add to the list of a published array. */
static void list_add(u32 *dir, u8 bits, u32 i)
{
	u32 *list = list_of(dir, bits);

	if (list[0] < (1u << bits) / 16)
		list[++list[0]] = i;
	else
		list[0] = (u32)LIST_ALL;
}

bool fib_draft_unstage(struct fib_batch *b)
{
	u32 n = b->staged;

	b->staging = false;
	b->staged = 0;
	if (!fib_draft_own_dir(b))
		return false;
	for (u32 i = 0; i < n; i++)
		fib_draft_set(b, b->stage_at[i], b->stage_entry[i]);
	return true;
}

void fib_draft_store(struct fib_batch *b)
{
	struct fib_books *k = b->books;

	if (k->spare && k->spare_serial == k->serial) { /* equal until now */
		k->spare_serial--;
		*list_of(b->dir, b->bits) = 0;
	}
	for (u32 i = 0; i < b->staged; i++) {
		list_add(b->dir, b->bits, b->stage_at[i]);
		/* What it leads to is complete; pairs with fib_entry(). */
		store_release(&b->dir[b->stage_at[i]], b->stage_entry[i]);
	}
	b->staged = 0;
	b->staging = false;
}

void fib_draft_return_dir(struct fib_batch *b)
{
	struct fib_books *k = b->books;

	if (!b->own_dir)
		return;
	if (b->from_spare) {
		replay(b->dir, b->cur->dir, list_of(b->dir, b->bits), b->bits);
		k->spare = b->dir;
		k->spare_bits = b->bits;
		k->spare_serial = k->serial;
	} else {
		arena_free(b->dir);
	}
	b->own_dir = false;
}

void fib_draft_set(struct fib_batch *b, u32 i, u32 entry)
{
	if (b->dir[i] == entry)
		return;
	if (b->staging && b->staged < FIB_STAGE) {
		b->stage_at[b->staged] = i;
		b->stage_entry[b->staged++] = entry;
		return;
	}
	if (b->staging && !fib_draft_unstage(b)) {
		b->err = -ENOMEM;
		return;
	}
	b->dir[i] = entry;
	list_add(b->dir, b->bits, i);
}

/* --- records --------------------------------------------------------------------------------- */

u32 fib_record_bytes(const struct fib_pool *p, u32 entry)
{
	const u8 *rec = fib_pool_at(p, entry >> FIB_SHIFT_BITS);

	if (entry & FIB_WIDE)
		return FIB_WIDE_LEAF + 4 * (fib_popcount(fib_load64(rec + FIB_WIDE_BITS)) + 1);
	return 64u >> (entry & FIB_SHIFT_MASK);
}

static u32 node_bytes(const struct fib_pool *p, u32 offset)
{
	return FIB_NODE_LEAF + 4u * fib_load16(fib_pool_at(p, offset) + FIB_NODE_RUNS);
}

void fib_free(struct fib_pool *p, u32 what)
{
	u32 offset = what >> FIB_SHIFT_BITS;
	bool node = (what & FIB_SHIFT_MASK) == FIB_NODE;

	fib_pool_put(p, offset, node ? node_bytes(p, offset) : fib_record_bytes(p, what));
}

/* By half, a large pool by an eighth; where memory is short by as little as will do. */
static bool grow(struct fib_batch *b, u32 bytes)
{
	u32 have = b->pool->lines, need = bytes / 64 + 2;
	u32 more = MAX(have / (have < 4096 ? 2 : 8), need), gone = b->books->gone_n;
	struct fib_pool *p;

	if (gone && b->pool == b->books->pool) {
		fib_gone_reclaim(b->books);
		if (b->books->gone_n < gone)
			return true; /* another try */
	}
	if (arena_size() - arena_used() < (have + more) * 256ull)
		more = need;
	if (have + more > FIB_REACH / 64)
		return false;
	p = fib_pool_copy(b->pool, have + more);
	if (!p)
		return false;
	if (b->own_pool)
		fib_pool_end(b->pool);
	b->pool = p;
	b->own_pool = true;
	return true;
}

/* --- what a publication in place left ---------------------------------------------------------
 */

static bool gone_room(struct fib_books *k, u32 more)
{
	u32 cap = k->gone_cap ? k->gone_cap : 64;
	struct fib_gone *p;

	if (k->gone_n + more <= k->gone_cap)
		return true;
	while (cap < k->gone_n + more)
		cap *= 2;
	p = env_heap_alloc(cap * sizeof(*p));
	if (!p)
		return false;
	for (u32 i = 0; i < k->gone_n; i++)
		p[i] = k->gone[(k->gone_at + i) & (k->gone_cap - 1)];
	env_heap_free(k->gone, k->gone_cap * sizeof(*p));
	k->gone = p;
	k->gone_at = 0;
	k->gone_cap = cap;
	return true;
}

void fib_draft_leave(struct fib_batch *b, u64 epoch)
{
	struct fib_books *k = b->books;

	for (u32 i = 0; i < b->limbo_n; i++) /* room: fib_draft_put() and _reserve() */
		k->gone[(k->gone_at + k->gone_n++) & (k->gone_cap - 1)] =
			(struct fib_gone){ epoch, b->limbo[i], b->lineage };
	b->limbo_n = 0;
}

void fib_gone_reclaim(struct fib_books *k)
{
	u64 passed = 0;

	while (k->gone_n) {
		const struct fib_gone *g = &k->gone[k->gone_at & (k->gone_cap - 1)];

		if (g->epoch > passed) {
			/* Of many, look at the middle one: one look at the readers frees half. */
			u32 half = k->gone_at + k->gone_n / 2;
			u64 epoch = k->gone[half & (k->gone_cap - 1)].epoch;

			if (!tables_epoch_reached(epoch)) {
				epoch = g->epoch;
				if (!tables_epoch_reached(epoch))
					return;
			}
			passed = epoch;
		}
		if (g->lineage == k->lineage)
			fib_free(k->pool, g->what);
		k->gone_at++;
		k->gone_n--;
	}
}

u32 fib_draft_get(struct fib_batch *b, u32 bytes)
{
	u32 at = fib_pool_get(b->pool, bytes);

	while (unlikely(at == FIB_POOL_NONE) && grow(b, bytes))
		at = fib_pool_get(b->pool, bytes);
	if (at == FIB_POOL_NONE)
		b->err = -ENOMEM;
	return at;
}

static bool limbo_room(struct fib_batch *b)
{
	if (b->staging && !gone_room(b->books, b->limbo_n + 1))
		return false;
	return b->limbo_n < b->limbo_cap ||
	       fib_array_grow(&b->limbo, &b->limbo_cap, b->limbo_n, sizeof(u32));
}

bool fib_draft_reserve(struct fib_batch *b)
{
	u32 most = b->books->nh_max < FIB_ESCAPE ? 64 : FIB_WIDE_LEAF + 4 * 64;

	if (!limbo_room(b))
		return false;
	while (!fib_pool_room(b->pool, most))
		if (!grow(b, most))
			return false;
	return true;
}

void fib_draft_put(struct fib_batch *b, u32 what)
{
	if (fib_pool_fresh(b->pool, what >> FIB_SHIFT_BITS))
		fib_free(b->pool, what);
	else if (limbo_room(b))
		b->limbo[b->limbo_n++] = what;
	else
		b->err = -ENOMEM;
}

bool fib_draft_common(struct fib_batch *b, u32 nh)
{
	u32 n = (nh | 255) + 1;
	u32 *p;

	if (nh < b->common_n || nh < FIB_ESCAPE)
		return true;
	p = env_heap_alloc(n * sizeof(u32));
	if (!p)
		return false;
	if (b->common)
		__builtin_memcpy(p, b->common, b->common_n * sizeof(u32));
	if (b->common != b->books->common)
		env_heap_free(b->common, b->common_n * sizeof(u32));
	b->common = p;
	b->common_n = n;
	return true;
}

/* --- start over, give back ------------------------------------------------------------------- */

/* The first bytes of a large FIB's pool: one for each /18 with one next hop. */
static void make_shared(struct fib_pool *p)
{
	u8 *shared = fib_pool_at(p, fib_pool_get(p, FIB_SHARED_BYTES));

	for (u32 nh = 0; nh < FIB_SHARED_BYTES; nh++)
		shared[nh] = (u8)nh;
}

static void forget_pool(struct fib_batch *b)
{
	if (b->own_pool)
		fib_pool_end(b->pool);
	if (b->cur && b->cur->books == b->books && b->cur->pool)
		fib_pool_forget(b->cur->pool);
	b->own_pool = false;
	b->pending = FIB_NO_BLOCK;
}

static void forget_common(struct fib_batch *b)
{
	struct fib_books *k = b->books;

	if (b->common != k->common) {
		env_heap_free(b->common, b->common_n * sizeof(u32));
		b->common = NULL;
		b->common_n = 0;
	}
	/* After forget_pool(): what is not used in the published pool was made by this batch. */
	for (u32 nh = 0; nh < k->common_n; nh++)
		if (k->common[nh] && !fib_pool_used(b->cur->pool, k->common[nh] >> FIB_SHIFT_BITS))
			k->common[nh] = 0;
}

bool fib_draft_restart(struct fib_batch *b, u8 bits)
{
	bool large = bits == FIB_BITS_LARGE;
	u32 common_n = large && b->books->nh_max >= FIB_ESCAPE ? (b->books->nh_max | 255) + 1 : 0;
	u32 *dir = arena_alloc(fib_dir_bytes(bits), CACHE_LINE), *common = NULL;
	struct fib_pool *pool = dir ? fib_pool_make(large ? 512 : 8) : NULL;

	if (pool && common_n)
		common = env_heap_alloc(common_n * sizeof(u32));
	if (!pool || (common_n && !common)) {
		env_heap_free(common, common_n * sizeof(u32));
		fib_pool_end(pool);
		arena_free(dir);
		return false;
	}
	fib_draft_return_dir(b);
	b->staging = false;
	b->staged = 0;
	forget_pool(b);
	forget_common(b);
	for (u32 i = 0; i < 1u << bits; i++)
		dir[i] = large ? FIB_UNIFORM : 0;
	*list_of(dir, bits) = (u32)LIST_ALL;
	if (large)
		make_shared(pool);
	b->common = common;
	b->common_n = common_n;
	b->limbo_n = 0;
	b->dir = dir;
	b->pool = pool;
	b->bits = bits;
	b->own_dir = b->own_pool = true;
	b->from_spare = false;
	b->lineage = b->books->lineage + 1;
	return true;
}

void fib_draft_forget(struct fib_batch *b)
{
	fib_draft_return_dir(b);
	b->staging = false;
	b->staged = 0;
	forget_pool(b);
	forget_common(b);
	b->limbo_n = 0;
}
