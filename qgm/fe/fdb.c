// SPDX-License-Identifier: MIT
/* fdb: forwarding database of the bridges that one QGM owns (fdb.h). */
#include "qgm/fe/fdb.h"

#include "qgm/ctl.h"
#include "qgm/env.h"

#define ENTRY_VALID (1ull << 63)
#define ENTRY_KEY   ((1ull << 53) - 1)
#define ENTRY_IF(e) ((u16)((e) >> 53 & 0x3ff))

enum { TRIES = 4 };

_Static_assert(BRIDGE_MAX <= 32 && IFACE_MAX <= 1024, "fields of an entry");

static u64 entry_make(u64 key, u16 ifid)
{
	return ENTRY_VALID | (u64)ifid << 53 | key;
}

static struct fdb_bucket *bucket_of(const struct fdb *f, u64 key, u32 which)
{
	u64 h = key * 0x9e3779b97f4a7c15ull;
	u32 i = which ? (u32)(h >> 14) : (u32)(h >> 40);
	struct fdb *w;

	__builtin_memcpy(&w, &f, sizeof(w)); /* readers set hit bits: drop the const */
	return &w->bucket[i & f->mask];
}

struct fdb *fdb_create(u32 buckets, u32 node)
{
	size_t bytes = sizeof(struct fdb) + (size_t)buckets * sizeof(struct fdb_bucket);
	struct fdb *f;

	if (buckets < 2 || buckets & (buckets - 1))
		return NULL;
	f = env_alloc(ENV_COUNTERS, bytes, CACHE_LINE, node);
	if (!f)
		return NULL;
	f->seen =
		env_alloc(ENV_COUNTERS, (size_t)buckets * FDB_WAYS * sizeof(u32), CACHE_LINE, node);
	if (!f->seen)
		return NULL;
	f->mask = buckets - 1;
	return f;
}

void fdb_prefetch(const struct fdb *f, u64 key)
{
	prefetch(bucket_of(f, key, 0));
}

/* The entry of `key` in b and its way; 0: not there, or the owner was too busy with the bucket. */
static u64 bucket_find(struct fdb_bucket *b, u64 key, u32 *way)
{
	for (u32 try = 0; try < TRIES; try++) {
		u32 version = load_acquire(&b->version); /* F2 */
		u64 found = 0;

		if (unlikely(version & 1)) {
			cpu_pause();
			continue;
		}
		for (u32 i = 0; i < FDB_WAYS; i++) {
			u64 e = load_relaxed(&b->entry[i]);

			if ((e & (ENTRY_VALID | ENTRY_KEY)) == (ENTRY_VALID | key)) {
				found = e;
				*way = i;
			}
		}
		fence_acquire(); /* the entries before the second look at the version */
		if (likely(load_relaxed(&b->version) == version))
			return found;
	}
	return 0;
}

u16 fdb_lookup(struct fdb *f, u64 key, bool hit)
{
	for (u32 which = 0; which < 2; which++) {
		struct fdb_bucket *b = bucket_of(f, key, which);
		u32 way = 0;
		u64 e = bucket_find(b, key, &way);

		if (!e)
			continue;
		if (hit && !(load_relaxed(&b->hit) & 1u << way))
			fetch_or_acq_rel(&b->hit, (u8)(1u << way));
		return ENTRY_IF(e);
	}
	return 0;
}

/* The owner changes one entry; readers see it before or after. */
static void bucket_write(struct fdb_bucket *b, u32 way, u64 entry)
{
	u32 version = load_relaxed(&b->version);

	store_relaxed(&b->version, version + 1);
	fence_release(); /* odd before the change */
	store_relaxed(&b->entry[way], entry);
	store_release(&b->version, version + 2); /* F1, pairs with F2 */
}

static u32 *seen_of(struct fdb *f, const struct fdb_bucket *b, u32 way)
{
	return &f->seen[(u32)(b - f->bucket) * FDB_WAYS + way];
}

static u32 free_way(const struct fdb_bucket *b, u32 *free_ways)
{
	u32 way = FDB_WAYS;

	*free_ways = 0;
	for (u32 i = FDB_WAYS; i-- > 0;) {
		if (!(b->entry[i] & ENTRY_VALID)) {
			way = i;
			(*free_ways)++;
		}
	}
	return way;
}

bool fdb_learn(struct fdb *f, u64 key, u16 ifid, bool stale)
{
	struct fdb_bucket *b[2] = { bucket_of(f, key, 0), bucket_of(f, key, 1) };
	u32 way[2], room[2], pick;

	for (u32 i = 0; i < 2; i++) {
		u32 w = 0;
		u64 e = bucket_find(b[i], key, &w);

		if (!e)
			continue;
		if (ENTRY_IF(e) != ifid && !stale)
			bucket_write(b[i], w, entry_make(key, ifid));
		store_relaxed(seen_of(f, b[i], w), (u32)f->seconds);
		return true;
	}
	way[0] = free_way(b[0], &room[0]);
	way[1] = free_way(b[1], &room[1]);
	if (!room[0] && !room[1]) {
		counter_add(&f->full, 1);
		return false;
	}
	pick = room[1] > room[0];
	store_relaxed(seen_of(f, b[pick], way[pick]), (u32)f->seconds);
	bucket_write(b[pick], way[pick], entry_make(key, ifid));
	store_relaxed(&f->count, f->count + 1);
	return true;
}

static void sweep_bucket(struct fdb *f, struct fdb_bucket *b, fdb_keep_fn keep, void *arg)
{
	u8 hit = load_relaxed(&b->hit);

	if (hit)
		__atomic_fetch_and(&b->hit, (u8)~hit, __ATOMIC_ACQ_REL);
	for (u32 i = 0; i < FDB_WAYS; i++) {
		u64 e = b->entry[i];
		u32 *seen = seen_of(f, b, i);

		if (!(e & ENTRY_VALID))
			continue;
		if (hit & 1u << i)
			store_relaxed(seen, (u32)f->seconds);
		if (keep(arg, (u16)(e >> 48 & 31), ENTRY_IF(e), (u32)f->seconds - *seen))
			continue;
		bucket_write(b, i, 0);
		store_relaxed(&f->count, f->count - 1);
	}
}

u32 fdb_sweep(struct fdb *f, u32 from, u32 n, u64 now, fdb_keep_fn keep, void *arg)
{
	store_relaxed(&f->seconds, MAX(now, f->seconds));
	for (; n && from <= f->mask; n--, from++)
		sweep_bucket(f, &f->bucket[from], keep, arg);
	return from > f->mask ? 0 : from;
}

static void list_entry(const struct fdb *f, u32 bucket, u32 way, u64 e, struct pix_mac *out)
{
	bool hit = load_relaxed(&f->bucket[bucket].hit) & 1u << way;
	u32 seen = load_relaxed(&f->seen[bucket * FDB_WAYS + way]);

	*out = (struct pix_mac){
		.bridge = (u16)(e >> 48 & 31),
		.ifid = ENTRY_IF(e),
		.age_s = hit ? 0 : (u32)load_relaxed(&f->seconds) - seen,
	};
	for (u32 i = 0; i < 6; i++)
		out->mac[i] = (u8)(e >> (40 - 8 * i));
}

u32 fdb_list(u32 start, struct pix_mac *out, u32 max, u32 *total)
{
	const struct ctl *ctl = ctl_block();
	u32 at = 0, written = 0;

	for (u32 q = 0; q < ctl->qgm_count; q++) {
		const struct fdb *f = ctl->qgm[q].fdb;

		for (u32 i = 0; f && i <= f->mask; i++) {
			for (u32 w = 0; w < FDB_WAYS; w++) {
				u64 e = load_relaxed(&f->bucket[i].entry[w]);

				if (!(e & ENTRY_VALID))
					continue;
				if (at++ >= start && written < max)
					list_entry(f, i, w, e, &out[written++]);
			}
		}
	}
	*total = at;
	return written;
}
