// SPDX-License-Identifier: MIT
/*
 * fib_book: the prefixes of one FIB, as the writer knows them: a trie of 8-bit strides on the
 * writer's heap. A node at depth d (0..3) keeps the prefixes of 8d+1..8d+8 bits (the root also the
 * one of 0) below one address; a prefix of in-node length l and leading bits v has the number
 * 1 << l | v: a complete binary tree in heap order. Generic side, under the control lock.
 *
 * Removing a prefix frees nothing, so that a change can be undone without memory; fib_book_trim()
 * frees the nodes that became empty.
 */
#pragma once

#include "qgm/compiler.h"

struct fib_kids;

struct fib_page {
	u64 bits[8]; /* prefix numbers 1..511 */
	u16 rank[8]; /* prefixes in the words before */
	u16 n, cap;
	u32 pad;
	struct fib_kids *kids; /* NULL: none */
	u16 nh[];              /* in the order of numbers */
};

struct fib_kids {
	u64 bits[4];
	u8 rank[4]; /* children in the words before */
	u16 n, cap;
	struct fib_page *page[];
};

struct fib_book {
	struct fib_page *root;
	struct fib_page *near; /* the node at depth 2 on the way to near_addr, when near_known */
	u32 near_addr;
	bool near_known;
	u64 bytes; /* of heap */
};

/* Next hop of exactly this prefix, 0: not there. */
u32 fib_book_get(struct fib_book *k, u32 prefix, u32 len);

/* Add or replace. False: no memory (fib_book_trim() tidies up). */
bool fib_book_put(struct fib_book *k, u32 prefix, u32 len, u32 nh);

/* Remove one that is there. */
void fib_book_del(struct fib_book *k, u32 prefix, u32 len);

/* Free the nodes on the way to this prefix that have nothing in them any more. */
void fib_book_trim(struct fib_book *k, u32 prefix, u32 len);

/* The node at `depth` on the way to `addr`, NULL: none. */
const struct fib_page *fib_book_page(struct fib_book *k, u32 addr, u32 depth);

/* Next hop of the longest prefix of at most 8 * depth bits that covers `addr`. */
u32 fib_book_cover(const struct fib_book *k, u32 addr, u32 depth);

static inline bool fib_page_has(const struct fib_page *p, u32 number)
{
	return p->bits[number >> 6] >> (number & 63) & 1;
}

/* The next hop of a prefix that is there. */
u32 fib_page_nh(const struct fib_page *p, u32 number);

/* The child number v, NULL: none. */
const struct fib_page *fib_page_kid(const struct fib_page *p, u32 v);

/*
 * Paint slot[0..256 >> shift): for each of the addresses of 8 bits below the node (of those that
 * begin with the `shift` bits `sub`) the next hop of its longest prefix in the node, `cover` where
 * there is none.
 */
void fib_page_paint(const struct fib_page *p, u32 shift, u32 sub, u32 cover, u32 *slot);
