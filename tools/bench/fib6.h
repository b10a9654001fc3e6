// SPDX-License-Identifier: MIT
/* fib6: the full IPv6 table in PIX and in the peers, for the cases that look it up. */
#pragma once

#include "qgm/arena.h"
#include "qgm/re/txn.h"
#include "tools/bench/hosted.h"
#include "tools/bench/peer/peer.h"
#include "tools/bench/routes.h"

struct fib6_full {
	const struct fib6 *fib;    /* published */
	const struct pix_ip *keys; /* KEYS of them */
	const uint8_t (*wire)[16]; /* the same in network order, for the peers */
	u64 bytes;
};

extern struct fib6_full full6;

/* Publish n changes as one epoch (nh 0: withdraw); the FIB of VRF 0 of the new root. `id` maps next
 * hops to the engine's ids, NULL: as they are. */
const struct fib6 *fib6_publish_mapped(const struct route6 *v, u32 n, const u32 *id);

/* A peer with all routes; NULL: this kind does not run here. */
struct peer_lpm6 *fib6_peer(enum peer_lpm6_kind kind, const struct routes *r);

/* Compare the peer's answers to all keys with the naive table's; exits 1 when one is wrong. Makes
 * full6.wire. */
void fib6_check_peer(const struct naive *t, const struct peer_lpm6 *l, const char *name);
