// SPDX-License-Identifier: MIT
/*
 * fib6: IPv6 longest-prefix match of one VRF. QGMs look up bursts; the generic side updates in
 * batches: begin, add/del..., commit gives the new root for the draft of struct tables. The same
 * rules as fib.h (IPv4): a batch is one epoch, objects go through struct garbage. What is published
 * changes only by a batch of one prefix (fib6_commit_in_place).
 *
 * Keys are struct pix_ip in host order. A link-local address carries its interface's id
 * (fe80:IFID::x, ip6_scoped() of ipv6.h); to the FIB it is an address as any other.
 */
#pragma once

#include "libc/include/pix/ip.h"
#include "qgm/re/garbage.h"

enum {
	FIB6_NH_MAX = 32767, /* next-hop ids are 1..FIB6_NH_MAX; 0 = no route */
	FIB6_OWN_WORDS = 16,
};

struct fib6_writer;

/* What a version leaves to free when no QGM reads it any more. The writer's. */
struct fib6_dead {
	u8 *mem; /* a block, or NULL: the next version has the same */
	u64 serial;
	u32 lines;
	bool last; /* the next version is empty: the writer's state goes as well */
};

struct fib6 {
	struct gobj obj;
	const u8 *base; /* lines (fib6_line.h); NULL: none */
	u32 root;       /* first value */
	u32 fallback;   /* next hop of the default route, 0 none */
	u32 vrf;
	u32 count;                  /* prefixes */
	struct fib6_writer *writer; /* the writer's; NULL: empty */
	struct fib6_dead dead;
	/* Filter of own addresses (a bit per hash): no source from outside may have one. */
	u64 own[FIB6_OWN_WORDS];
};

/*
 * QGM: next-hop id of the longest match for each of n destinations, 0 = no route. Any n.
 * Interleaved: the burst's memory accesses of one level overlap.
 */
void fib6_lookup_burst(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n);

/* Any core that holds the epoch of `f`. */
u32 fib6_lookup(const struct fib6 *f, struct pix_ip dst);

/* 0..1023 */
static inline u32 fib6_own_hash(struct pix_ip addr)
{
	return (u32)((addr.hi * 0x9e3779b97f4a7c15ull ^ addr.lo) * 0x9e3779b97f4a7c15ull >> 54);
}

/* QGM: false: `addr` is certainly not own; true: look it up. */
static inline bool fib6_maybe_own(const struct fib6 *f, struct pix_ip addr)
{
	u32 h = fib6_own_hash(addr);

	return f->own[h >> 6] >> (h & 63) & 1;
}

/* --- the writer, under the control lock ----------------------------------------------------- */

struct fib6_batch;

/* A batch over `cur` (NULL: start an empty FIB for `vrf`). Objects go through `g`. NULL: no memory.
 */
struct fib6_batch *fib6_begin(const struct fib6 *cur, u32 vrf, struct garbage *g);

/* Add or replace. 0, -EINVAL (bits beyond len set, len > 128, nh 0 or too large), -ENOMEM: then the
 * batch can only be aborted. */
int fib6_add(struct fib6_batch *b, struct pix_ip prefix, u8 len, u32 nh);

/* Remove; what covered the prefix before shows again. 0, -ENOENT, -EINVAL, -ENOMEM (as above). */
int fib6_del(struct fib6_batch *b, struct pix_ip prefix, u8 len);

/* Next hop of exactly this prefix in the draft, 0 = not there. */
u32 fib6_get(const struct fib6_batch *b, struct pix_ip prefix, u8 len);

/* Replace the filter of own addresses. */
void fib6_own_clear(struct fib6_batch *b);
void fib6_own_add(struct fib6_batch *b, struct pix_ip addr);

/*
 * Make the lines that QGMs will read agree with the batch: the part of a commit that needs memory.
 * 0, -ENOMEM. To be called before a commit that must not fail; changes may follow, then once more.
 */
int fib6_build(struct fib6_batch *b);

/* End the batch: the new root, immutable from now on; the caller publishes it and then calls
 * garbage_commit(). Cannot fail after fib6_build(); else NULL: no memory, the batch is still open.
 */
const struct fib6 *fib6_commit(struct fib6_batch *b);

/*
 * May this batch be published in place, by fib6_commit_in_place() instead of fib6_build() and
 * fib6_commit()? It changes one prefix, and there is no QGM that holds a root older than the
 * current one. It may still be published the other way, or go on.
 */
bool fib6_in_place(struct fib6_batch *b);

/* End a batch for which fib6_in_place() was the last call and true: the version that it was begun
 * with changes. The caller then publishes `epoch` (tables_commit_in_place). Cannot fail. */
void fib6_commit_in_place(struct fib6_batch *b, u64 epoch);

/* End the batch and forget it; garbage_abort() frees what it took from garbage. */
void fib6_abort(struct fib6_batch *b);

/* Writer: bytes that QGMs may read for this version, and of the writer's own heap beside them. */
u64 fib6_bytes(const struct fib6 *f);
u64 fib6_heap_bytes(const struct fib6 *f);

/* Planted bugs: "cover6" a change of a route is not seen by the longer ones below it;
 * "fib6-reuse" lines are reused before their grace period; "fib6-early" in place though a QGM may
 * hold an older root; "fib6-patch" a change that is cut into a line hides the longer routes below;
 * "fib6-torn" a line is written where readers look instead of beside; "fib6-jump" what is taken
 * away stays in the table of short ways.
 */
enum fib6_plant {
	FIB6_PLANT_COVER = 1,
	FIB6_PLANT_REUSE = 2,
	FIB6_PLANT_EARLY = 4,
	FIB6_PLANT_PATCH = 8,
	FIB6_PLANT_TORN = 16,
	FIB6_PLANT_JUMP = 32,
};
void fib6_plant(u32 mask);
