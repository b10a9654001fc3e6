// SPDX-License-Identifier: MIT
/*
 * fib: IPv4 longest-prefix match of one VRF. QGMs look up bursts; the generic side updates in
 * batches: begin, add/del..., commit gives the new root for the draft of struct tables.
 *
 * Layout today: a trie of 8-bit strides. A slot of a node is one u64: pointer to the child and
 * next-hop id of the longest prefix that ends in this node and covers the slot. A lookup keeps the
 * last id seen on its way down, so that an update touches one node however many more-specifics lie
 * below. Published nodes never change: a batch copies the nodes on the path to what it edits.
 *
 *	fib.root -> node(bits 0-7) -> node(8-15) -> node(16-23) -> node(24-31)
 */
#pragma once

#include "qgm/re/garbage.h"

enum {
	FIB_NH_MAX = 65535, /* next-hop ids are 1..FIB_NH_MAX in this layout; 0 = no route */
	FIB_OWN_WORDS = 16,
};

struct fib_node;

struct fib {
	struct gobj obj;
	const struct fib_node *root; /* NULL: empty */
	u32 vrf;
	u32 count; /* prefixes */
	/* Filter of own and subnet-broadcast addresses (a bit per hash): no source may have one. */
	u64 own[FIB_OWN_WORDS];
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
 */
struct fib_batch *fib_begin(const struct fib *cur, u32 vrf, struct garbage *g);

/* Add or replace. 0, -EINVAL (bits beyond len set, len > 32, nh 0 or too large), -ENOMEM. */
int fib_add(struct fib_batch *b, u32 prefix, u8 len, u32 nh);

/* Remove; what covered the prefix before shows again. 0, -ENOENT, -EINVAL, -ENOMEM. */
int fib_del(struct fib_batch *b, u32 prefix, u8 len);

/* Next hop of exactly this prefix in the draft, 0 = not there. */
u32 fib_get(const struct fib_batch *b, u32 prefix, u8 len);

/* Replace the filter of own addresses. */
void fib_own_clear(struct fib_batch *b);
void fib_own_add(struct fib_batch *b, u32 addr);

/* End the batch: the new root, immutable from now on. Cannot fail. The caller publishes it and
 * then calls garbage_commit(), or garbage_abort() to forget all. */
const struct fib *fib_commit(struct fib_batch *b);

/* End the batch and forget it; garbage_abort() frees the nodes. */
void fib_abort(struct fib_batch *b);

/* Planted bug "cover": a deletion does not restore the covering route. */
void fib_plant_cover(bool on);
