// SPDX-License-Identifier: MIT
/*
 * fib_batch: the writer's state of a FIB and of an open batch, shared by fib.c (batches),
 * fib_version.c (versions), fib_draft.c (the draft's memory) and fib_build.c (records). Generic
 * side, control lock held.
 */
#pragma once

#include "qgm/re/fib.h"
#include "qgm/re/fib_book.h"
#include "qgm/re/fib_layout.h"
#include "qgm/re/fib_pool.h"

#define FIB_NO_BLOCK (~0u)
#define FIB_NODE     31u /* in the place of an entry's shift: a node, not a record */

enum { FIB_STAGE = 64 }; /* entries that one prefix may change in place */

/* A record that readers may still be at, since a publication in place. */
struct fib_gone {
	u64 epoch;
	u32 what; /* as for fib_free() */
	u32 lineage;
};

/* What goes from version to version. Freed with the last version of a FIB that became empty. */
struct fib_books {
	struct fib_book book;
	u32 *spare;       /* the other direct array, when nobody reads it; else NULL */
	u64 spare_serial; /* it is as of this one */
	u8 spare_bits;
	u8 bits;
	u8 path;               /* enum fib_path */
	u16 nh_max;            /* no next hop was ever larger */
	u32 refs;              /* versions that are published or wait for their grace period */
	u32 lineage;           /* grows when records move to a pool with other offsets */
	u64 serial;            /* of the newest direct array */
	struct fib_pool *pool; /* of the newest version */
	u32 *common;           /* by next hop from 255 on: entry of the /18s that have only that */
	u32 common_n;
	struct fib *dead; /* versions past their grace period that an open batch kept from going */
	struct fib_batch *open;
	struct fib_batch *idle; /* of the batch before, with its arrays; or NULL */
	struct fib *blank;      /* for the next version, or NULL */
	struct fib_gone *gone;  /* a ring, oldest first */
	u32 gone_at, gone_n;    /* of it in use */
	u32 gone_cap;           /* a power of two, or 0 */
};

struct fib_undo {
	u32 prefix;
	u16 nh; /* before; 0: not there */
	u8 len;
};

struct fib_batch {
	struct fib *fib;
	const struct fib *cur;
	struct fib_books *books; /* NULL: an empty FIB not touched yet */
	struct garbage *g;
	int err; /* the batch can only be aborted */
	/* the draft */
	u32 *dir;
	struct fib_pool *pool;
	u32 *common;
	u32 common_n;
	u32 count;
	u32 lineage;
	u8 bits;
	bool own_dir, own_pool; /* not those of `cur` */
	bool from_spare;
	bool had_undo, had_limbo, had_blank, had_batch; /* from the batch before */
	bool own_filter; /* the filter of own addresses was touched */
	/* The first change of a batch, when it may be published in place: entries of `dir`, which
	 * is that of `cur`, and what they are to be. */
	bool staging;
	u32 staged;
	u32 stage_at[FIB_STAGE], stage_entry[FIB_STAGE];
	/* Or bytes of the pool that are to be patch_nh. */
	u32 patch_at, patch_n;
	u8 patch_nh;
	u32 pending; /* /18 whose record is not built yet, or FIB_NO_BLOCK */
	struct fib_undo *undo;
	u32 undo_n, undo_cap;
	u32 *limbo; /* of `cur` what the draft does not have: see fib_draft_put() */
	u32 limbo_n, limbo_cap;
};

extern u32 fib_plants;

/* --- fib_version.c --------------------------------------------------------------------------- */

void fib_batch_free(struct fib_batch *b);
void fib_books_free(struct fib_books *k);

/* A version's gobj.reclaim: nobody reads it any more. */
void fib_version_reclaim(struct gobj *obj);

/* The open batch ends: versions go that it kept from going. May free the books. */
void fib_books_closed(struct fib_books *k);

/* b->fib is the newest version from now on, and what `cur` alone still holds goes with that. */
void fib_version_publish(struct fib_batch *b);

/* The same when the last prefix is gone: the new version has nothing, and the old ones take all
 * with them. */
void fib_version_publish_empty(struct fib_batch *b);

/* --- fib_draft.c ----------------------------------------------------------------------------- */

/* A copy of an array on the heap with room for twice as many elements (at least 16). */
bool fib_array_grow(void *array, u32 *cap, u32 n, u32 size);

u64 fib_dir_bytes(u8 bits);
bool fib_draft_own_dir(struct fib_batch *b);

/* Take a direct array of its own, with what was staged. False: no memory. */
bool fib_draft_unstage(struct fib_batch *b);

/* Store what was staged into the array that is being read, and note it for the other one. */
void fib_draft_store(struct fib_batch *b);

/* The records that the draft does not have any more wait for the readers of `epoch`. */
void fib_draft_leave(struct fib_batch *b, u64 epoch);

/* Free records that a publication in place left, as far as their readers are gone. */
void fib_gone_reclaim(struct fib_books *k);
void fib_draft_return_dir(struct fib_batch *b);
void fib_draft_set(struct fib_batch *b, u32 i, u32 entry);

/* Pool memory; FIB_POOL_NONE: none, b->err is set. Pointers into the pool are void afterwards. */
u32 fib_draft_get(struct fib_batch *b, u32 bytes);

/* The draft does not need it any more: the record of an entry, or a node as
 * offset << FIB_SHIFT_BITS | FIB_NODE. */
void fib_draft_put(struct fib_batch *b, u32 what);

/* Free it for good. */
void fib_free(struct fib_pool *p, u32 what);

/* Room, so that the next record of a /18 without longer prefixes than 24 bits can be built and the
 * old one put away without fail. */
bool fib_draft_reserve(struct fib_batch *b);

/* Room in `common` for next hop nh. */
bool fib_draft_common(struct fib_batch *b, u32 nh);

/* Start over with empty memory for another number of direct bits. False: no memory,
 * and nothing changed. */
bool fib_draft_restart(struct fib_batch *b, u8 bits);

/* Give back what the draft has beyond `cur`. */
void fib_draft_forget(struct fib_batch *b);

u32 fib_record_bytes(const struct fib_pool *p, u32 entry);

/* --- fib_patch.c ----------------------------------------------------------------------------- */

/* Is the one change of this batch, whose block is `pending`, a matter of bytes of its record? */
bool fib_patch_find(struct fib_batch *b);
void fib_patch_store(struct fib_batch *b);

/* --- fib_build.c ----------------------------------------------------------------------------- */

/* Bring the draft up to date with the book after a change of this prefix. Sets b->err. */
void fib_build(struct fib_batch *b, u32 prefix, u32 len);

/* All of it, into an empty draft. */
void fib_build_all(struct fib_batch *b);

/* The record of one /18. */
void fib_build_block(struct fib_batch *b, u32 block);

/* Does the /18 have prefixes longer than 24 bits? */
bool fib_block_deep(const struct fib_batch *b, u32 block);
