// SPDX-License-Identifier: MIT
/*
 * reta: an indirection table (redirection table, RETA, in NIC data sheets: 128 entries in the
 * 82599, 512 in the XL710): the low bits of a flow's hash choose an entry, the entry names who gets
 * the flow: a receive queue of a NIC, or a QGM where steering is done in software.
 *
 * A change moves as few flows as can be: members that stay keep their entries up to their fair
 * share.
 */
#pragma once

#include "qgm/compiler.h"

enum {
	RETA_MAX = 512,
	RETA_NONE = 0xff, /* no member yet */
};

struct reta {
	u16 size; /* a power of two, 1..RETA_MAX */
	u8 entry[RETA_MAX];
};

/* An empty table; -EINVAL (-22) unless size is a power of two up to RETA_MAX. */
int reta_init(struct reta *r, u32 size);

/*
 * Make each of `size` entries name a member of the set (bit per member, not empty), shares
 * different by at most one, moving as few entries as possible. Returns how many were rewritten. Any
 * core.
 */
u32 reta_spread(u8 *entry, u32 size, u64 members);

/* Members of a set (no compiler's library function: the engine links none). */
static inline u32 reta_members(u64 set)
{
	u32 n = 0;

	for (; set; set &= set - 1)
		n++;
	return n;
}

/* Who has the hash. */
static inline u8 reta_of(const struct reta *r, u32 hash)
{
	return r->entry[hash & (r->size - 1u)];
}
