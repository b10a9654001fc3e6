// SPDX-License-Identifier: MIT
/*
 * fib6_pool: the lines of one IPv6 table. One block of arena memory that QGMs read, cut by a buddy
 * allocator whose books are on the writer's heap. Internal to qgm/re/fib6*; generic side, control
 * lock held.
 *
 * Life of a piece of 2^order lines: taken by a batch (f6_pool_take; that batch may write it) ->
 * published -> retired by a later batch, which replaced it -> free after the grace period of that
 * batch. A batch that runs out of lines moves the whole pool to a larger block; values are line
 * numbers, so that nothing in it changes. An abort gives back the block as it was.
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
	u32 lines;
	u32 used;    /* lines in pieces that are not free */
	u32 retired; /* of these, in pieces that wait */
	u32 gen;     /* changes when the block does */
	u32 free[F6_ORDERS];
};

struct f6_pool {
	struct f6_books now;
	struct f6_books before; /* the published block, if this batch moved; else mem NULL */
	const u8 *published;    /* block that readers may see */
	u32 serial;             /* of the batch under way */
	u32 dead;               /* what this batch retired in `now`: a list, F6_NONE ends it */
	u32 dead_before;        /* the same in `before` */
};

/* A batch begins. */
void f6_pool_begin(struct f6_pool *p);

/* 2^order lines, not cleared; a multiple of 2^order. F6_NONE: no memory. May move the pool. */
u32 f6_pool_take(struct f6_pool *p, u32 order);

/* Made by this batch, so that it may be written? */
bool f6_pool_mine(const struct f6_pool *p, u32 line);

/* The draft does not need the piece at `line` any more. */
void f6_pool_drop(struct f6_pool *p, u32 line);

/* A number that goes with a piece; 0 at first, or after an abort. */
u32 f6_pool_mark(const struct f6_pool *p, u32 line);
void f6_pool_set_mark(struct f6_pool *p, u32 line, u32 mark);

/* Start with an empty block; all that was there goes. For a rebuild into less memory. */
void f6_pool_renew(struct f6_pool *p);

/* Back to what was there before f6_pool_renew(), if that was the published block. */
void f6_pool_return(struct f6_pool *p);

/* What is to be freed after the grace period of this batch. */
struct fib6_dead f6_pool_commit(struct f6_pool *p);

/* The grace period of `d` is over. */
void f6_pool_bury(struct f6_pool *p, const struct fib6_dead *d);

/* Forget the batch. */
void f6_pool_abort(struct f6_pool *p);

/* Bytes of the books. */
u64 f6_pool_heap(const struct f6_pool *p);
