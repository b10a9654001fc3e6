// SPDX-License-Identifier: MIT
/*
 * fib: IPv4 longest-prefix match of one VRF. QGMs look up bursts; the generic side updates in
 * batches: begin, add/del..., commit gives the new version for the draft of struct tables.
 *
 * Layout (fib_layout.h, docs/decisions/0014): a direct array over the first bits of the address, 18
 * for a large table, and behind it for each /18 one byte for every /24, or for every group of 2, 4,
 * 8... /24s where that says the same. So nearly every lookup is two loads and some shifts. Small
 * tables have 8 direct bits and nodes of 8 bits each. The direct array exists twice: a batch edits
 * the one that nobody reads, one store of the root publishes it, and what was changed is replayed
 * into the other when the next batch finds that its grace period is over. Records are never
 * changed; a batch makes new ones, and the old ones are used again after their grace period.
 *
 * A batch that changes one prefix needs none of that (docs/decisions/0025): its records are made
 * beside, and the stores of the entries that lead to them are the publication, in the array that
 * is being read. So an entry may change at any time; who reads it twice must cope.
 */
#pragma once

#include "qgm/re/garbage.h"

enum {
	FIB_NH_MAX = 32767, /* next-hop ids are 1..FIB_NH_MAX in this layout; 0 = no route */
	FIB_OWN_WORDS = 16,
	FIB_BITS_LARGE = 18,
	FIB_BITS_SMALL = 8,
};

struct fib_pool;
struct fib_books;

struct fib {
	struct gobj obj;
	const u32 *dir; /* 2^bits entries; NULL: no route at all */
	const u8 *recs; /* what entries point into, by offset */
	u8 bits;        /* FIB_BITS_* */
	u8 path;        /* enum fib_path: the code that this CPU runs best */
	u16 vrf;
	/* Filter of own and subnet-broadcast addresses (a bit per hash): no source may have one. */
	u64 own[FIB_OWN_WORDS];
	/* The writer's (fib_version.c): what is behind this version, what goes when nobody
	 * reads it any more. */
	struct fib_books *books;
	struct fib_pool *pool;
	u64 serial;  /* of the direct array */
	u32 count;   /* prefixes */
	u32 lineage; /* of the pool */
	u32 limbo_n, limbo_cap;
	u32 *limbo; /* records that the next version does not have */
	u32 *dead_dir;
	struct fib_pool *dead_pool;
	struct fib *dead_next;
};

/*
 * QGM: next-hop id of the longest match for each of n destinations (host order), 0 = no route.
 * Interleaved: the burst's memory accesses of one level overlap.
 */
void fib_lookup_burst(const struct fib *f, const u32 *dst, u32 *nh_id, u32 n);

u32 fib_lookup(const struct fib *f, u32 dst);

static inline u32 fib_own_hash(u32 addr)
{
	return addr * 0x9e3779b1u >> 22;
}

/* QGM: false: `addr` is certainly not own; true: look it up. */
static inline bool fib_maybe_own(const struct fib *f, u32 addr)
{
	u32 h = fib_own_hash(addr);

	return f->own[h >> 6] >> (h & 63) & 1;
}

/* --- the writer, under the control lock ----------------------------------------------------- */

struct fib_batch;

/* A batch over `cur` (NULL: start an empty FIB for `vrf`). Objects go through `g`. NULL: no memory.
 * One batch of a FIB at a time. */
struct fib_batch *fib_begin(const struct fib *cur, u32 vrf, struct garbage *g);

/* Add or replace. 0, -EINVAL (bits beyond len set, len > 32, nh 0 or too large), -ENOMEM: then the
 * batch can only be aborted. */
int fib_add(struct fib_batch *b, u32 prefix, u8 len, u32 nh);

/* Remove; what covered the prefix before shows again. 0, -ENOENT, -EINVAL, -ENOMEM. */
int fib_del(struct fib_batch *b, u32 prefix, u8 len);

/* Next hop of exactly this prefix in the draft, 0 = not there. */
u32 fib_get(const struct fib_batch *b, u32 prefix, u8 len);

/* Replace the filter of own addresses. */
void fib_own_clear(struct fib_batch *b);
void fib_own_add(struct fib_batch *b, u32 addr);

/*
 * May this batch be published in place, by fib_commit_in_place() instead of fib_commit()? It
 * changes one prefix, and there is no QGM that holds a root older than the current one. Nothing may
 * be added to the batch after `true`.
 */
bool fib_in_place(struct fib_batch *b);

/* End the batch: the version that it was begun with changes. The caller then publishes the epoch
 * `epoch` (tables_commit_in_place). Cannot fail. */
void fib_commit_in_place(struct fib_batch *b, u64 epoch);

/* End the batch: the new version, immutable from now on. Cannot fail. The caller publishes it and
 * then calls garbage_commit(), or garbage_abort() to forget all. */
const struct fib *fib_commit(struct fib_batch *b);

/* End the batch and forget it; before garbage_abort(). */
void fib_abort(struct fib_batch *b);

/* Writer: bytes of the arena that this FIB takes (both direct arrays, records, spare room), and of
 * the writer's own heap behind it. */
u64 fib_bytes(const struct fib *f);
u64 fib_heap_bytes(const struct fib *f);

/* Records that wait for readers since a publication in place, of the FIB that `f` is a version of.
 */
u32 fib_waiting(const struct fib *f);

/* Planted bugs: "cover" a deletion does not restore the covering route, nor reaches a change of it
 * what was built over it; "reuse" records are reused
 * before their grace period; "replay" changes are not replayed into the other direct array;
 * "early" in place though a QGM may hold an older root. */
enum fib_plant {
	FIB_PLANT_COVER = 1,
	FIB_PLANT_REUSE = 2,
	FIB_PLANT_REPLAY = 4,
	FIB_PLANT_EARLY = 8,
};
void fib_plant(u32 mask);

/* How a lookup is computed; all give the same answers. Chosen by cpu_wide() when a version is made.
 */
enum fib_path {
	FIB_PATH_BASE,   /* any x86-64 */
	FIB_PATH_AVX2,   /* POPCNT and BMI2 */
	FIB_PATH_AVX512, /* gathers, where they are fast */
};
