// SPDX-License-Identifier: MIT
/*
 * routes: the full table (text of tools/routes), the naive table that every lookup benchmark checks
 * its answers against, and the sets of keys. Seeds are fixed and printed.
 *
 * Next hops are 1..64: the text's number (AS modulo 64) plus 1, since 0 means "no route" to all.
 */
#pragma once

#include "libc/include/pix/ip.h"
#include "qgm/compiler.h"

struct route4 {
	u32 addr; /* host order */
	u8 len, nh;
};

struct route6 {
	struct pix_ip addr;
	u8 len, nh;
};

struct routes {
	u32 n4, n6;
	struct route4 *v4;
	struct route6 *v6;
};

/* Both tables from options.routes, in the order of the text; a family that is not wanted is empty.
 * Exits 2 when they are not there. */
void routes_load(struct routes *r, bool want4, bool want6);

/* Longest match the simple way: a hash of all prefixes, asked once a length. */
struct naive;
struct naive *naive_make(const struct routes *r);
void naive_free(struct naive *t);
u32 naive_lookup4(const struct naive *t, u32 dst); /* 0: no route */
u32 naive_lookup6(const struct naive *t, struct pix_ip dst);
/* Next hop of exactly this prefix, 0: not there. */
u32 naive_get4(const struct naive *t, u32 addr, u32 len);
u32 naive_get6(const struct naive *t, struct pix_ip addr, u32 len);

/* xorshift64*; never 0 for a seed that is not 0. */
static inline u64 rng_next(u64 *s)
{
	*s ^= *s >> 12;
	*s ^= *s << 25;
	*s ^= *s >> 27;
	return *s * 0x2545f4914f6cdd1dull;
}

enum keys_kind {
	KEYS_RANDOM,  /* uniform over the covered address space (IPv4 only) */
	KEYS_UNIFORM, /* a prefix uniformly chosen, then an address in it */
	KEYS_ZIPF,    /* 2^20 such destinations, exponent 1.0, shuffled */
	KEYS_HOT,     /* 512 such destinations */
	KEYS_KINDS
};

enum { KEYS = 1 << 20 }; /* keys of a set; they are used round and round */

const char *keys_name(enum keys_kind kind);

/* KEYS keys. */
u32 *keys_make4(const struct routes *r, const struct naive *t, enum keys_kind kind, u64 seed);
struct pix_ip *keys_make6(const struct routes *r, enum keys_kind kind, u64 seed);
