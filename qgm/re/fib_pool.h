// SPDX-License-Identifier: MIT
/*
 * fib_pool: memory of the records of one FIB: one block of the arena, cut into lines of 64 bytes,
 * these into units of 4. What is not larger than a line never straddles two; what is larger starts
 * a line. QGMs read the lines; all else is the writer's, under the control lock.
 *
 *	struct fib_pool | lines | struct fib_line of each | bit map of free lines
 *
 * What a batch allocates is `fresh` until the batch ends: kept by fib_pool_keep(), or given back by
 * fib_pool_forget(). A larger pool is a copy, with the same offsets.
 */
#pragma once

#include "qgm/compiler.h"

#define FIB_POOL_NONE (~0u)

struct fib_line {
	u32 next, prev; /* in the list of lines with the same largest gap */
	u32 fresh_next;
	u16 map;   /* used units */
	u16 fresh; /* of these, allocated in the open batch */
};

struct fib_pool {
	u32 lines;
	u32 used;       /* units */
	u32 low;        /* no free line below */
	u32 room;       /* where fib_pool_room() found some */
	u32 fresh_list; /* lines with fresh units, FIB_POOL_NONE ends it */
	u32 gaps;       /* bit g: head[g] is a list */
	u32 head[16];   /* lines whose largest gap is g units, 1..15 */
	u64 bytes;      /* of the whole block */
	struct fib_line *line;
	u64 *free_map;
} __cacheline;

/* An empty pool of `lines` lines. NULL: no memory. */
struct fib_pool *fib_pool_make(u32 lines);

/* A copy with more lines; the old one stays. NULL: no memory. */
struct fib_pool *fib_pool_copy(const struct fib_pool *p, u32 lines);

void fib_pool_end(struct fib_pool *p);

static inline u8 *fib_pool_at(const struct fib_pool *p, u32 offset)
{
	return (u8 *)(uintptr_t)(p + 1) + offset;
}

/* Offset of `bytes` bytes (up to 2 KiB), a multiple of 4; FIB_POOL_NONE: the pool is too small. */
u32 fib_pool_get(struct fib_pool *p, u32 bytes);

/* Will the next fib_pool_get() of up to so many bytes find memory? */
bool fib_pool_room(struct fib_pool *p, u32 bytes);

/* The units are filled with a pattern and free. */
void fib_pool_put(struct fib_pool *p, u32 offset, u32 bytes);

static inline bool fib_pool_used(const struct fib_pool *p, u32 offset)
{
	return offset / 64 < p->lines && p->line[offset / 64].map >> (offset / 4 & 15) & 1;
}

static inline bool fib_pool_fresh(const struct fib_pool *p, u32 offset)
{
	return p->line[offset / 64].fresh >> (offset / 4 & 15) & 1;
}

void fib_pool_keep(struct fib_pool *p);
void fib_pool_forget(struct fib_pool *p);

/* Tests: all lists and counts agree with the lines. */
bool fib_pool_check(const struct fib_pool *p);
