// SPDX-License-Identifier: MIT
/*
 * fast_wide: the passes of fast.c over eight packets at a time. For CPUs with CPU_AVX512 (struct
 * re, `wide`); QGM cores. The conditions are those of usual4() and usual6() and nothing else.
 */
#pragma once

#include "qgm/core.h"
#include "qgm/re/fib.h"
#include "qgm/re/fib6.h"
#include "qgm/re/nexthop.h"
#include "qgm/receive.h"

enum {
	FAST_LANES = 8,
	FAST_FEW = 4, /* bursts of fewer are not worth a wide pass */
};

/* Usual packets of a burst, in order. Packets to one destination come in trains: a key for each. */
struct train {
	u32 n, keys;
	u32 tags;   /* not 0: not all l3_off are those of a frame without tag */
	u32 narrow; /* not 0: some were not taken by a wide pass */
	u64 pads;   /* those that are longer than `end`, a bit each (of wide passes only) */
	u64 pieces; /* fragments, likewise */
	struct packet *p[BURST_MAX] __cacheline;
	u8 of[BURST_MAX];   /* packet -> key */
	u16 end[BURST_MAX]; /* frame without the link's padding (of wide passes only) */
};

struct train4 {
	struct train t;
	u32 key[BURST_MAX] __cacheline;
	u32 aged[BURST_MAX]; /* TTL to checksum as they are to be sent (of wide passes only) */
};

struct train6 {
	struct train t;
	struct pix_ip key[BURST_MAX] __cacheline;
};

/* Of a burst that comes right from a driver: bytes of the frames that were taken. */
struct fast_fresh {
	u64 bytes;
};

/*
 * Take the usual packets of p[0..n) into *b, the others into rest[*left...], in order, up to an
 * eight with a VLAN tag, which is for usual4() or usual6(). Returns how many packets of p it is
 * through with. `mac` as for_us() of fast.c wants it. rest may be p itself: it never overtakes.
 * Lengths are not trimmed yet (`pads`). With `fresh` nothing but data and len of the packets is
 * known: the conditions of receive.h are checked as well, a tag is one of them, and all of p is
 * gone through.
 */
u32 fast_wide4(u64 mac, const struct fib *f, struct packet *const *p, u32 n, struct train4 *b,
	       struct packet **rest, u32 *left, struct fast_fresh *fresh);
u32 fast_wide6(u64 mac, const struct fib6 *f, struct packet *const *p, u32 n, struct train6 *b,
	       struct packet **rest, u32 *left, struct fast_fresh *fresh);

/* Packets of a train, a bit each, that are not there any more: the others move up. */
void fast_pack4(struct train4 *b, u64 gone);
void fast_pack6(struct train6 *b, u64 gone);

/*
 * Rewrite the packets of *b, all taken by wide passes (a key each), by their next hops id[], and
 * collect them by port. Numbers of those that do not simply go to a neighbour into odd[], in order;
 * returns how many. id[] has BURST_MAX entries. With `m` the packets come right from a driver: what
 * receive.h writes is written too, and where they end, but for those in odd[].
 */
u32 fast_send4(struct qgm *q, const struct nh_table *nh, const struct train4 *b,
	       const struct receive_mark *m, const u32 *id, u8 *odd);
u32 fast_send6(struct qgm *q, const struct nh_table *nh, const struct train6 *b,
	       const struct receive_mark *m, const u32 *id, u8 *odd);
