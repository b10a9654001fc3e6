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

static void answer_plain(struct fdb *f, const u64 *key, const u32 *at, u16 *ifid, u32 n, bool hit)
{
	fdb_answer_by(f, key, at, ifid, n, hit);
}

static fdb_answer_fn answer __boot_const = answer_plain;

void fdb_choose(void)
{
	u32 wide = cpu_wide();

	answer = wide & CPU_AVX512 ? fdb_answer_avx512
		 : wide & CPU_AVX2 ? fdb_answer_avx2
				   : answer_plain;
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

u16 fdb_lookup_at(struct fdb *f, u64 key, u32 at, bool hit)
{
	struct fdb_bucket *first = &f->bucket[at];
	struct fdb_bucket *second = &f->bucket[fdb_second(f, key)];

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
	return fdb_lookup_at(f, key, fdb_first(f, key), hit);
}

void fdb_answer(struct fdb *f, const u64 *key, const u32 *at, u16 *ifid, u32 n, bool hit)
{
	answer(f, key, at, ifid, n, hit);
}

void fdb_lookup_bulk(struct fdb *f, const u64 *key, u16 *ifid, u32 n, bool hit)
{
	enum { SOME = 64 };
	u32 at[SOME];

	while (n) {
		u32 some = MIN(n, (u32)SOME);

		for (u32 i = 0; i < some; i++)
			at[i] = fdb_ask(f, key[i]);
		answer(f, key, at, ifid, some, hit);
		key += some;
		ifid += some;
		n -= some;
	}
}
