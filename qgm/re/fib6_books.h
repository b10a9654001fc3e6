// SPDX-License-Identifier: MIT
/*
 * fib6_books: which lines of an IPv6 table's block are free: a buddy allocator of pieces of 2^order
 * lines. Internal to qgm/re/fib6*; generic side, control lock held.
 */
#pragma once

#include "qgm/compiler.h"

enum {
	F6_ORDERS = 9,                /* pieces of 1..256 lines */
	F6_LINES_MAX = (1 << 22) - 1, /* what a value can name */
};
#define F6_NONE (~0u)

/* Of the piece that begins at a line; 0: the line is inside of one. */
enum { F6_FREE = 1, F6_USED, F6_DEAD, F6_GONE };

struct f6_note {
	u32 next; /* FREE, DEAD, GONE: list; USED: the mark */
	u32 prev; /* FREE: list; USED, DEAD: number of the batch that took it; GONE: epoch */
	u8 state; /* of the piece that begins here */
	u8 order;
	u8 pad[2];
};

struct f6_books {
	u8 *mem;
	struct f6_note *note; /* one per line */
	u32 *list;            /* lines that were written, lines / 8 + 16 at most */
	u32 lines;
	u32 used;    /* lines in pieces that the newest table or the draft has */
	u32 retired; /* of these, in pieces that this batch dropped */
	u32 free[F6_ORDERS];
};

/* Nothing at all. */
void f6_books_none(struct f6_books *b);

/* First line of a piece of 2^order lines, whose note the caller fills in. F6_NONE: there is none.
 */
u32 f6_books_take(struct f6_books *b, u32 order);

/* The piece is free. */
void f6_books_put(struct f6_books *b, u32 line, u32 order);

/* Lines [from, b->lines) are new, and free. */
void f6_books_put_range(struct f6_books *b, u32 from);
