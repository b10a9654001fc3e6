// SPDX-License-Identifier: MIT
/*
 * fib6_pool: the lines of one IPv6 table. A block of arena memory that QGMs read, cut by a buddy
 * allocator whose books are on the writer's heap. Internal to qgm/re/fib6*; generic side, control
 * lock held.
 *
 * The block exists twice, as the direct array of IPv4 does: a batch writes the one that nobody
 * reads, wherever it likes, and notes the lines that it wrote (f6_pool_wrote). A commit publishes
 * it; the next batch takes the former one when its readers are gone, and copies the noted lines
 * into it first. An abort copies them back. So a piece that a batch dropped is free with its
 * commit. A batch that runs out of lines moves to a larger block; values are line numbers, so that
 * nothing in it changes.
 *
 * A batch of one change may store in the block that is being read instead (fib6_patch.h): the lines
 * that it wrote join the list, and a piece that it does not need waits for the readers.
 */
#pragma once

#include "qgm/re/fib6_books.h"

struct f6_pool {
	struct f6_books now;    /* of the batch under way; `mem` may still be `live` */
	struct f6_books before; /* when this batch moved to another block; else mem NULL */
	u8 *live;               /* of the newest version */
	u8 *spare;              /* nobody reads it; or NULL */
	u32 live_lines, spare_lines;
	u64 serial;       /* of the newest version's block */
	u64 spare_serial; /* the block `spare` is as of this one */
	u64 base;         /* block that differs from now.mem in the list's lines only */
	u32 list_n;
	bool list_all;   /* the list was too short */
	bool from_spare; /* the batch's first block */
	bool renewed;    /* the batch began anew in other books */
	u32 batch;       /* number of the batch under way */
	u32 blocks;      /* there are */
	u32 dead;        /* what this batch dropped in `now`: a list, F6_NONE ends it */
	u32 dead_before; /* the same in `before` */
	/* What publications in place left: a list, oldest first. */
	u32 gone, gone_last, gone_n;
	u64 gone_last_epoch;
	u64 gone_look; /* newest epoch that waited when the readers were looked at; 0 none */
};

/* A batch begins. */
void f6_pool_begin(struct f6_pool *p);

/* Before the batch writes or takes anything: a block of its own. False: no memory. */
bool f6_pool_own(struct f6_pool *p);

/* 2^order lines, not cleared; a multiple of 2^order. F6_NONE: no memory. May move the pool. */
u32 f6_pool_take(struct f6_pool *p, u32 order);

/* The same without moving: F6_NONE when no free piece is that large. */
u32 f6_pool_take_here(struct f6_pool *p, u32 order);

/* Lines line..line + n - 1 were written, and are not those of a piece just taken. */
void f6_pool_wrote(struct f6_pool *p, u32 line, u32 n);

/* The draft does not need the piece at `line` any more. */
void f6_pool_drop(struct f6_pool *p, u32 line);

/* Before a batch stores in the block that is being read (fib6_patch.h). */
void f6_pool_in_place(struct f6_pool *p);

/* The piece at `line` in the block that is being read is not led to any more: free when all
 * QGMs have passed `epoch` (0: at once, planted). */
void f6_pool_leave(struct f6_pool *p, u32 line, u64 epoch);

/* A number that goes with a piece; 0 at first, or after an abort. */
u32 f6_pool_mark(const struct f6_pool *p, u32 line);
void f6_pool_set_mark(struct f6_pool *p, u32 line, u32 mark);

/* Start with an empty block; all that was there goes. For a rebuild into less memory. */
void f6_pool_renew(struct f6_pool *p);

/* Back to what was there before f6_pool_renew(), if the batch had not moved before. */
void f6_pool_return(struct f6_pool *p);

/* Did this batch move? */
bool f6_pool_moved(const struct f6_pool *p);

/* Is most of a block of some size free? */
static inline bool f6_pool_loose(const struct f6_pool *p)
{
	return p->now.lines > 64 && (p->now.used - p->now.retired) * 4 < p->now.lines;
}

/* What nobody needs after the grace period of this batch. */
struct fib6_dead f6_pool_commit(struct f6_pool *p);

/* The grace period of `d` is over. */
void f6_pool_bury(struct f6_pool *p, const struct fib6_dead *d);

/* Forget the batch. */
void f6_pool_abort(struct f6_pool *p);

/* The last prefix is gone, and the last version with lines. */
void f6_pool_end(struct f6_pool *p);

/* Bytes of the books. */
u64 f6_pool_heap(const struct f6_pool *p);
