// SPDX-License-Identifier: MIT
/*
 * fdb: (bridge, MAC) -> interface. One table per QGM that owns bridges, written in place by that
 * QGM alone, read by all QGMs and listed by the generic side (ENV_COUNTERS memory).
 *
 *	bucket = one cache line:  | version | hit | 7 entries of 8 bytes |
 *	entry:  63 valid, 53-62 interface, 48-52 bridge, 0-47 MAC address
 *
 * The version is odd while the owner changes the bucket; readers try again when it was odd or
 * has moved, a few times at most, then take the address as unknown. A key has two buckets it may
 * lie in. `hit` has a bit per entry, set by readers that see a frame of the station, only if it is
 * clear; the owner's sweep turns it into a time.
 */
#pragma once

#include "qgm/atomic.h"
#include "qgm/iface.h"
#include "libc/include/pix/dev.h"

enum { FDB_WAYS = 7, FDB_AGEING_DEFAULT = 300 /* IEEE 802.1D-2004 table 7-5 */ };

struct fdb_bucket {
	u32 version;
	u8 hit;
	u8 pad[3];
	u64 entry[FDB_WAYS];
} __cacheline;

_Static_assert(sizeof(struct fdb_bucket) == CACHE_LINE, "a bucket is one line");

struct fdb {
	u32 mask;    /* buckets - 1 */
	u32 count;   /* stations */
	u64 seconds; /* clock of the last sweep, in seconds */
	u64 full;    /* stations not learned because both buckets were full */
	u32 *seen;   /* seconds of the last sweep that found the hit bit, by bucket and way */
	struct fdb_bucket bucket[];
};

/* Key of a station: MAC address and bridge. */
static inline u64 fdb_key(u16 bridge, const u8 *mac)
{
	u64 hi = (u64)mac[0] << 40 | (u64)mac[1] << 32;

	return (u64)bridge << 48 | hi | (u64)mac[2] << 24 | (u64)mac[3] << 16 | (u64)mac[4] << 8 |
	       mac[5];
}

/* The same of an address in a frame, of which two more bytes can be read. */
static inline u64 fdb_key_frame(u16 bridge, const u8 *mac)
{
	u64 v;

	__builtin_memcpy(&v, mac, sizeof(v));
	return (u64)bridge << 48 | __builtin_bswap64(v) >> 16;
}

/* Start-up. NULL when memory runs out. */
struct fdb *fdb_create(u32 buckets, u32 node);

/* Any QGM: bring the line that a lookup will read. */
void fdb_prefetch(const struct fdb *f, u64 key);

/* Any QGM: the interface of the station, 0 unknown. `hit`: a frame came from it (sets the bit). */
u16 fdb_lookup(struct fdb *f, u64 key, bool hit);

/* Owner: the station is on `ifid`. False: no room. `stale` (planted) keeps the old interface. */
bool fdb_learn(struct fdb *f, u64 key, u16 ifid, bool stale);

/* Owner: one entry in a sweep; true keeps it. */
typedef bool (*fdb_keep_fn)(void *arg, u16 bridge, u16 ifid, u32 idle_s);

/* Owner: show buckets [from, from + n) to `keep` at second `now`; hit bits become times. Returns
 * the next bucket, 0 at the end of the table. */
u32 fdb_sweep(struct fdb *f, u32 from, u32 n, u64 now, fdb_keep_fn keep, void *arg);

/*
 * Generic side or tests: stations of all tables from number `start` on; returns how many were
 * written, *total = how many there are. A listing under change may miss or repeat one.
 */
u32 fdb_list(u32 start, struct pix_mac *out, u32 max, u32 *total);
