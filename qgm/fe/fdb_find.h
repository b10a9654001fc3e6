// SPDX-License-Identifier: MIT
/*
 * fdb_find: the readers' side of the FDB, for fdb_lookup.c and its wide forms. Each of them says
 * how six keys of a bucket are compared (FDB_MATCH) and includes this file.
 *
 * Why it is right. The owner makes the version odd, changes keys, makes it even and larger with
 * release (F1). A reader loads the version with acquire (F2), then the line, then the version
 * again behind a fence: if both are the same even number it has seen no half of a change. A station
 * that is moved from one bucket to another is written there before it is removed here; a reader
 * that missed it in the first (before it came) and in the second (after it went) finds that the
 * first one's version has moved, and looks again.
 */
#pragma once

#include "qgm/fe/fdb.h"

enum { FDB_TRIES = 4 };

static inline u32 fdb_second(const struct fdb *f, u64 key)
{
	return (u32)(key * f->mul[1] >> f->shift);
}

/* A frame of the station came. */
static inline void fdb_touch(u16 *to, u16 seen)
{
	if (unlikely(!(seen & FDB_HIT)))
		fetch_or_acq_rel(to, (u16)FDB_HIT);
}

/* fdb_lookup.c: the whole protocol for one key. */
u16 fdb_lookup_at(struct fdb *f, u64 key, u32 first, bool hit);

typedef void (*fdb_answer_fn)(struct fdb *f, const u64 *key, const u32 *at, u16 *ifid, u32 n,
			      bool hit);

void fdb_answer_avx2(struct fdb *f, const u64 *key, const u32 *at, u16 *ifid, u32 n, bool hit);
void fdb_answer_avx512(struct fdb *f, const u64 *key, const u32 *at, u16 *ifid, u32 n, bool hit);

#ifdef FDB_MATCH
/* What is not found in its first bucket at once takes the long way. */
static inline __attribute__((always_inline)) void
fdb_answer_by(struct fdb *f, const u64 *key, const u32 *at, u16 *ifid, u32 n, bool hit)
{
	for (u32 i = 0; i < n; i++) {
		struct fdb_bucket *b = &f->bucket[at[i]];
		u32 version = load_acquire(&b->version); /* F2 */
		u32 ways = FDB_MATCH(b, key[i]);
		u16 *to = &b->to[ways ? (u32)__builtin_ctz(ways) : 0];
		u16 seen = load_relaxed(to);
		bool still;

		fence_acquire(); /* the line before the second look at the version */
		still = !(version & FDB_BUSY) && load_relaxed(&b->version) == version;
		if (likely(ways && still)) {
			ifid[i] = seen & FDB_IF;
			if (hit)
				fdb_touch(to, seen);
		} else if (still && !ways && !(version & FDB_SPILLED)) {
			ifid[i] = 0;
		} else {
			ifid[i] = fdb_lookup_at(f, key[i], at[i], hit);
		}
	}
}
#endif
