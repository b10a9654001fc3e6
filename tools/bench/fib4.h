// SPDX-License-Identifier: MIT
/* fib4: the full IPv4 table in PIX and in the peers, for the cases that look it up. */
#pragma once

#include "qgm/arena.h"
#include "qgm/re/txn.h"
#include "tools/bench/hosted.h"
#include "tools/bench/peer/peer.h"
#include "tools/bench/routes.h"

struct fib4 {
	const struct fib *fib; /* published */
	const u32 *keys;       /* KEYS of them */
	u64 bytes;             /* of the arena that the table takes */
};

extern struct fib4 full4;

/* All routes as one epoch over the tables of `h`. With BENCH_PLANT in the environment one more,
 * wrong one follows, which the check of the answers must find. */
void fib4_load(struct hosted *h, const struct routes *r);

/* Publish n changes as one epoch (nh 0: withdraw); the FIB of VRF 0 of the new root. */
const struct fib *fib4_publish(const struct route4 *v, u32 n);

/* The same with the engine's ids by next hop. */
const struct fib *fib4_publish_mapped(const struct route4 *v, u32 n, const u32 *id);

/* A peer to which all routes were added; NULL: this kind does not run here. */
struct peer_lpm *fib4_peer_new(enum peer_lpm_kind kind, const struct routes *r);

/* The same, but rte_lpm's tables, which take minutes to build, come out of a file if there is one.
 */
struct peer_lpm *fib4_peer(enum peer_lpm_kind kind, const struct routes *r);

/* Write that file; false: it cannot be written. */
bool fib4_keep_lpm(const struct peer_lpm *l, const struct routes *r);

/* Compare PIX's answers (the current root's) to all keys with the naive table's; exits 1. */
void fib4_check_pix(const struct naive *t);

/* Compare the peer's answers to all keys with the naive table's; exits 1 when one is wrong. */
void fib4_check_peer(const struct naive *t, const struct peer_lpm *l, const char *name);
