// SPDX-License-Identifier: MIT
/* fdb_lookup: lookups in the FDB (fdb.h, fdb_find.h). Any QGM. */
#include "qgm/fe/fdb.h"

#include "qgm/cpu.h"

static inline u32 match(const struct fdb_bucket *b, u64 key)
{
	u32 ways = 0;

	for (u32 i = 0; i < FDB_WAYS; i++)
		ways |= (u32)(load_relaxed(&b->key[i]) == key) << i;
	return ways;
}

#define FDB_MATCH match
#include "qgm/fe/fdb_find.h"

static void bulk_plain(struct fdb *f, const u64 *key, u16 *ifid, u32 n, bool hit)
{
	fdb_bulk(f, key, ifid, n, hit);
}

static fdb_bulk_fn bulk __boot_const = bulk_plain;

void fdb_choose(void)
{
	u32 wide = cpu_wide();

	bulk = wide & CPU_AVX512 ? fdb_bulk_avx512 : wide & CPU_AVX2 ? fdb_bulk_avx2 : bulk_plain;
}

/* What a reader saw of a bucket. */
struct look {
	u32 version; /* odd: nothing */
	u16 to;
	u16 way; /* FDB_WAYS: the key is not there */
};

static struct look look_at(const struct fdb_bucket *b, u64 key)
{
	struct look l = { .version = load_acquire(&b->version) }; /* F2 */
	u32 ways = match(b, key);

	l.way = ways ? (u16)__builtin_ctz(ways) : FDB_WAYS;
	l.to = ways ? load_relaxed(&b->to[l.way]) : 0;
	fence_acquire(); /* the line before the second look at the version */
	if (unlikely(load_relaxed(&b->version) != l.version))
		l.version = FDB_BUSY;
	return l;
}

u16 fdb_lookup_at(struct fdb *f, u64 key, u64 hash, bool hit)
{
	struct fdb_bucket *first = &f->bucket[fdb_first(f, hash)];
	struct fdb_bucket *second = &f->bucket[fdb_second(f, hash)];

	for (u32 try = 0; try < FDB_TRIES; try++) {
		struct fdb_bucket *b = first;
		struct look l = look_at(first, key), two;

		if (unlikely(l.version & FDB_BUSY)) {
			cpu_pause();
			continue;
		}
		if (l.way == FDB_WAYS && l.version & FDB_SPILLED) {
			two = look_at(second, key);
			fence_acquire(); /* the second before the first's version */
			if (two.version & FDB_BUSY || load_relaxed(&first->version) != l.version) {
				cpu_pause();
				continue;
			}
			l = two;
			b = second;
		}
		if (l.way == FDB_WAYS)
			return 0;
		if (hit)
			fdb_touch(&b->to[l.way], l.to);
		return l.to & FDB_IF;
	}
	return 0;
}

u16 fdb_lookup(struct fdb *f, u64 key, bool hit)
{
	return fdb_lookup_at(f, key, fdb_hash(f, key), hit);
}

void fdb_lookup_bulk(struct fdb *f, const u64 *key, u16 *ifid, u32 n, bool hit)
{
	for (; n > FDB_BULK; n -= FDB_BULK, key += FDB_BULK, ifid += FDB_BULK)
		bulk(f, key, ifid, FDB_BULK, hit);
	bulk(f, key, ifid, n, hit);
}
