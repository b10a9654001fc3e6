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
 */
#pragma once

#include "qgm/re/fib6.h"

enum {
	F6_ORDERS = 9,                /* pieces of 1..256 lines */
	F6_LINES_MAX = (1 << 22) - 1, /* what a value can name */
};
#define F6_NONE (~0u)

struct f6_note;

struct f6_books {
	u8 *mem;
	struct f6_note *note; /* one per line */
	u32 *list;            /* lines that were written, lines / 8 + 16 at most */
	u32 lines;
	u32 used;    /* lines in pieces that are not free */
	u32 retired; /* of these, in pieces that this batch dropped */
	u32 free[F6_ORDERS];
};

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
	u32 batch;       /* number of the batch under way */
	u32 blocks;      /* there are */
	u32 dead;        /* what this batch dropped in `now`: a list, F6_NONE ends it */
	u32 dead_before; /* the same in `before` */
};

/* A batch begins. */
void f6_pool_begin(struct f6_pool *p);

/* Before the batch writes or takes anything: a block of its own. False: no memory. */
bool f6_pool_own(struct f6_pool *p);

/* 2^order lines, not cleared; a multiple of 2^order. F6_NONE: no memory. May move the pool. */
u32 f6_pool_take(struct f6_pool *p, u32 order);

/* Lines line..line + n - 1 were written, and are not those of a piece just taken. */
void f6_pool_wrote(struct f6_pool *p, u32 line, u32 n);

/* The draft does not need the piece at `line` any more. */
void f6_pool_drop(struct f6_pool *p, u32 line);

/* A number that goes with a piece; 0 at first, or after an abort. */
u32 f6_pool_mark(const struct f6_pool *p, u32 line);
void f6_pool_set_mark(struct f6_pool *p, u32 line, u32 mark);

/* Start with an empty block; all that was there goes. For a rebuild into less memory. */
void f6_pool_renew(struct f6_pool *p);

/* Back to what was there before f6_pool_renew(), if the batch had not moved before. */
void f6_pool_return(struct f6_pool *p);

/* Did this batch move? */
bool f6_pool_moved(const struct f6_pool *p);

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
