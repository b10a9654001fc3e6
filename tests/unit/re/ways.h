// SPDX-License-Identifier: MIT
/*
 * Where destinations lead by the published tables, and transactions that are refused: what the
 * tests of the control plane have in common.
 */
#pragma once

#include "tests/unit/re/six.h"

#include "qgm/re/fib.h"
#include "qgm/re/fib6.h"
#include "qgm/re/ipv6.h"

enum { ENOENT_ = 2, ENOMEM_ = 12, EEXIST_ = 17, EINVAL_ = 22, ENOSPC_ = 28 };

/* Four ports, no configuration; at the end nothing may be left. */
int ways_setup(void **state);
int ways_teardown(void **state);
#define WAYS(fn) cmocka_unit_test_setup_teardown(fn, ways_setup, ways_teardown)

/* The adjacency of a destination (link-local ones scoped), NULL: no route. */
const struct adjacency *published(u16 vrf, struct pix_ip dst);

struct way4 {
	u8 kind, resolved;
	u16 ifid;
	u32 gateway;
};

struct way4 published4(u16 vrf, u32 dst);

/* In VRF 0. */
void leads(u32 dst, u8 kind, u16 ifid, u32 gateway);
void leads6(const char *dst, u8 kind, u16 ifid, const char *gateway);

/* The transaction is refused with `err` at operation `at`, and leaves nothing. */
void refused(struct pix_op *ops, u32 n, u32 at, int err);
void refused_one(struct pix_op op, int err);

/* The same with the reason. */
void refused_why(struct pix_op op, int err, const char *why);

/* The route operation as a deletion. */
struct pix_op del(struct pix_op op);

struct pix_op op_if6(u16 id, const char *addr, u8 len);
struct pix_op op_route6(const char *addr, u8 len, const char *gateway);
struct pix_op op_neigh6(u16 ifid, const char *addr, u8 mac_last);
