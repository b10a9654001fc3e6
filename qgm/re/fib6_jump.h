// SPDX-License-Identifier: MIT
/*
 * fib6_jump: short ways into the prefixes of a large IPv6 table (fib6_trie.h). Internal to
 * qgm/re/fib6*; generic side, control lock held.
 *
 * The way from the root down to a prefix is some 26 nodes that lead to each other, each a miss of
 * the cache. A hash table has the nodes that the ways into all networks of 28 and of 40 bits come
 * to first: the one of at least so many bits whose parent has fewer. From there it is some four
 * nodes. The table is exact whenever it is there: what makes or removes a node says so. It is made
 * between batches only, so that no change can fail for want of its memory.
 */
#pragma once

#include "libc/include/pix/ip.h"
#include "qgm/compiler.h"

struct f6_prefix;

enum { F6_JUMPS = 2 };

struct f6_jump_slot {
	u64 id; /* network and its length; 0: free */
	struct f6_prefix *n;
};

struct f6_jump {
	struct f6_jump_slot *slot;
	u32 shift; /* 64 - log of the number of slots */
	u32 used;
	u32 pause; /* batches until memory is asked for again */
};

/* Bits of the networks: the longer ones first. */
static inline u32 f6_jump_bits(u32 which)
{
	return which ? 28 : 40;
}

static inline u32 f6_jump_slots(const struct f6_jump *j)
{
	return j->slot ? 1u << (64 - j->shift) : 0;
}

/* The node where the way to a prefix of `len` bits may begin; NULL: at the root. */
struct f6_prefix *f6_jump_get(const struct f6_jump *j, struct pix_ip key, u32 len);

/* The node `n` is new, linked with what is above and below it. A table that this makes too full
 * goes. */
void f6_jump_made(struct f6_jump *j, struct f6_prefix *n);

/* The node `n` goes, and `child` (or NULL) comes into its place. */
void f6_jump_gone(struct f6_jump *j, const struct f6_prefix *n, struct f6_prefix *child);

/* For all nodes below `root`, which has so many prefixes, a table, if it is worth it and there is
 * none or one of another size: at the end of a batch. Without memory there is none. */
void f6_jump_fit(struct f6_jump *j, struct f6_prefix *root, u32 prefixes);

/* Planted bug "fib6-jump". */
void f6_jump_plant(bool on);

static inline u64 f6_jump_bytes(const struct f6_jump *j)
{
	return (u64)f6_jump_slots(j) * sizeof(struct f6_jump_slot);
}
