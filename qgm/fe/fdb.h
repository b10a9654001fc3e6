// SPDX-License-Identifier: MIT
/*
 * fdb: (bridge, VID, MAC) -> interface: the filtering database (IEEE 802.1Q-2022 8.8; a bridge
 * domain is one FID, independent learning). One table per QGM that owns bridges, written in place
 * by that QGM alone, read by all QGMs and listed by the generic side (ENV_COUNTERS memory).
 *
 *	bucket = one cache line:  | 6 keys of 8 bytes | 6 x { hit, interface } of 2 | version, 4 |
 *	key:  60-63 bridge, low bits | 48-59 VID | 0-47 MAC address as a little-endian word, whose
 *	      group bit (bit 0, never set in a station's address) is the bridge's fifth bit
 *
 * So a key is exactly one word, no station's key is 0 (a free way), and a lookup is one line and
 * one comparison of words. A key has two buckets it may lie in. It lies in the first unless that
 * was full when it came; the first bucket has a bit that says whether any station of its own lies
 * in another one, so that what is not known mostly costs one line, too.
 *
 * The version is odd while the owner changes the keys of the bucket; readers try again when it was
 * odd or has moved, a few times at most, then take the address as unknown. A station that moves is
 * one store of two bytes. The hit bit is set by readers that see a frame of the station, only
 * if it is clear; the owner's sweep turns it into a time.
 */
#pragma once

#include "qgm/atomic.h"
#include "qgm/iface.h"
#include "libc/include/pix/dev.h"

enum {
	FDB_WAYS = 6,
	FDB_AGEING_DEFAULT = 300, /* 802.1Q-2022 table 8-6 */
	FDB_HIT = 0x8000,         /* of to[] */
	FDB_IF = 0x01ff,
	FDB_BUSY = 1,    /* of version */
	FDB_SPILLED = 2, /* a station whose first bucket this is lies in its second one */
	FDB_CHANGE = 4,
};

struct fdb_bucket {
	u64 key[FDB_WAYS];
	u16 to[FDB_WAYS];
	u32 version;
} __cacheline;

_Static_assert(sizeof(struct fdb_bucket) == CACHE_LINE, "a bucket is one line");
_Static_assert(BRIDGE_MAX <= 32 && IFACE_MAX <= FDB_IF + 1, "fields of an entry");

/* What only the owner writes, beside each bucket. */
struct fdb_side {
	u32 seen[FDB_WAYS]; /* seconds of the last sweep that found the hit bit */
	u32 spilled;        /* stations of this bucket that lie in their second one */
	u32 pad;
};

struct fdb {
	u64 mul[2]; /* of the hash, different at each start */
	u32 mask;   /* buckets - 1 */
	u32 shift;  /* 64 - log2 of the buckets */
	bool torn;  /* planted: keys change under readers without a word */
	struct fdb_side *side;
	/* Owner. */
	u32 count __cacheline; /* stations */
	u64 seconds;           /* clock of the last sweep, in seconds */
	/* Stations not learned, by reason. */
	u64 full;           /* both buckets full */
	u64 limited_iface;  /* limit of the interface */
	u64 limited_bridge; /* limit of the bridge */
	u32 by_iface[IFACE_MAX];
	u32 by_bridge[BRIDGE_MAX];
	u64 refused[BRIDGE_MAX][PIX_REFUSED_COUNT]; /* the same three, by bridge */
	struct fdb_bucket bucket[];
};

/* Multiply-shift (Dietzfelbinger and others, 1997): with a random odd factor two keys meet with
 * probability 2 / buckets, whoever chose them. */
static inline u32 fdb_first(const struct fdb *f, u64 key)
{
	return (u32)(key * f->mul[0] >> f->shift);
}

/* Stations at most, 0: no limit. */
struct fdb_limit {
	u32 iface, bridge;
};

/* What a bridge and a VID put into the keys of their stations. */
static inline u64 fdb_domain(u32 bridge, u32 vid)
{
	return (u64)(bridge & 15) << 60 | (u64)vid << 48 | bridge >> 4;
}

/* Key of an address in a frame, of which two more bytes can be read. */
static inline u64 fdb_key_frame(u64 domain, const u8 *mac)
{
	u64 v;

	__builtin_memcpy(&v, mac, sizeof(v));
	return (v & 0x0000fffffffffffeull) | domain;
}

/* Key of a station. */
static inline u64 fdb_key(u32 bridge, u32 vid, const u8 *mac)
{
	u64 v = 0;

	__builtin_memcpy(&v, mac, 6);
	return (v & ~1ull) | fdb_domain(bridge, vid);
}

static inline u16 fdb_key_bridge(u64 key)
{
	return (u16)((key >> 60) | (key & 1) << 4);
}

static inline u16 fdb_key_vid(u64 key)
{
	return (u16)(key >> 48 & 0xfff);
}

/* Start-up. `buckets` is a power of two; 4 stations a bucket fit well. NULL when memory runs out.
 */
struct fdb *fdb_create(u32 buckets, u32 node);

/*
 * Any QGM: the interfaces of n stations, 0 unknown. All lines are asked for before the first is
 * looked at. `hit`: a frame came from each (sets the bits).
 */
void fdb_lookup_bulk(struct fdb *f, const u64 *key, u16 *ifid, u32 n, bool hit);

/* The same in two steps, so that several sets of keys are on their way together: ask for the line
 * of each, which gives where it is; then look. */
static inline u32 fdb_ask(const struct fdb *f, u64 key)
{
	u32 at = fdb_first(f, key);

	prefetch(&f->bucket[at]);
	return at;
}

void fdb_answer(struct fdb *f, const u64 *key, const u32 *at, u16 *ifid, u32 n, bool hit);

/* The same for one. */
u16 fdb_lookup(struct fdb *f, u64 key, bool hit);

/* Owner: the station is on `ifid`. False: not learned, counted why; who is known stays where it
 * is. limit: NULL none. `stale` (planted) keeps the old interface. */
bool fdb_learn(struct fdb *f, u64 key, u16 ifid, const struct fdb_limit *limit, bool stale);

/* Owner: one entry in a sweep; true keeps it. */
typedef bool (*fdb_keep_fn)(void *arg, u64 key, u16 ifid, u32 idle_s);

/* Owner: show buckets [from, from + n) to `keep` at second `now`; hit bits become times. Returns
 * the next bucket, 0 at the end of the table. */
u32 fdb_sweep(struct fdb *f, u32 from, u32 n, u64 now, fdb_keep_fn keep, void *arg);

/*
 * Generic side or tests: stations of all tables from number `start` on; returns how many were
 * written, *total = how many there are. A listing under change may miss or repeat one.
 */
u32 fdb_list(u32 start, struct pix_mac *out, u32 max, u32 *total);

/* Generic side: stations of a bridge, and how often one was not learned, by reason
 * (enum pix_refused). */
void fdb_count(u16 bridge, u32 *stations, u64 refused[PIX_REFUSED_COUNT]);

/* Boot: choose the widest lookup that the CPU has (qgm/cpu.h). fdb_create() calls it. */
void fdb_choose(void);
