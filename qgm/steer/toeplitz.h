// SPDX-License-Identifier: MIT
/*
 * toeplitz: the hash by which NICs spread flows over queues (receive-side scaling), in software.
 * For each bit of the input that is 1, the 32 bits of the key that begin at the same place are
 * added (exclusive or). The input of a flow is, in wire order:
 *
 *	IPv4  source (4), destination (4)   [, source port (2), destination port (2)]
 *	IPv6  source (16), destination (16) [, source port (2), destination port (2)]
 *
 * A zero contributes nothing, so that the 2-tuple hash is the 4-tuple hash with both ports 0.
 * With a key of period 16 bits both directions of a flow get the same hash.
 *
 * Sources: Microsoft, "RSS hashing functions" (algorithm, verification suite); Intel 82599 data
 * sheet 7.1.2.8 (40-byte key); Intel XL710 data sheet 7.1.8 (52-byte key).
 *
 * The sum is the product of polynomials over GF(2) of the input, word by word, with a window of
 * the key, of which 32 coefficients in the middle are wanted: PCLMULQDQ where the CPU has it,
 * VPCLMULQDQ four words at a time where it has that, tables of 16 words a nibble elsewhere.
 */
#pragma once

#include "qgm/compiler.h"

enum {
	TOEPLITZ_KEY_40 = 40, /* 82599 and most others: inputs up to 36 bytes */
	TOEPLITZ_KEY_52 = 52, /* XL710: up to 48 bytes */
	TOEPLITZ_INPUT_MAX = TOEPLITZ_KEY_52 - 4,
	TOEPLITZ_WORDS = TOEPLITZ_INPUT_MAX / 4,
};

/* A key made ready; constant once made, any core may hash with it. */
struct toeplitz {
	/* By word of the input: key bits 32 j .. 32 j + 62, the first in bit 0. */
	u64 window[TOEPLITZ_WORDS];
	/* The same windows as the wide code wants them: of the even and of the odd words. */
	u64 even[TOEPLITZ_WORDS / 2], odd[TOEPLITZ_WORDS / 2];
	u32 nibble[TOEPLITZ_INPUT_MAX * 2][16]; /* high nibble of each byte first */
	u8 key[TOEPLITZ_KEY_52];
	u8 key_len;
	u8 way; /* enum toeplitz_way: what the CPU can, chosen by toeplitz_init() */
} __cacheline;

enum toeplitz_way { TOEPLITZ_TABLES, TOEPLITZ_CLMUL, TOEPLITZ_VPCLMUL };

/* A flow as hashed, in wire order. What is behind `ports` is not looked at. */
struct toeplitz4 {
	u8 src[4], dst[4];
	u8 ports[4]; /* source, destination; 0: 2-tuple */
	u8 pad[4];
};

struct toeplitz6 {
	u8 src[16], dst[16];
	u8 ports[4];
	u8 pad[12];
};

_Static_assert(sizeof(struct toeplitz4) == 16 && sizeof(struct toeplitz6) == 48, "layout");

/* Key of Microsoft's verification suite; what most drivers and DPDK start with. */
extern const u8 toeplitz_key_microsoft[TOEPLITZ_KEY_40];

/* Make `t` from a key of 40 or 52 bytes; -EINVAL (-22) for another length. Any core; may sleep
 * nowhere. */
int toeplitz_init(struct toeplitz *t, const u8 *key, u32 len);

/* Fill `key` with the period of 16 bits that makes the hash symmetric, and not degenerate. */
void toeplitz_key_symmetric(u8 *key, u32 len);

/* Hash of `len` bytes, at most key length - 4 (what is beyond does not count). Any core. */
u32 toeplitz_hash(const struct toeplitz *t, const void *in, u32 len);

/* Hashes of n flows, the fastest way that there is. Any core. */
void toeplitz_hash4(const struct toeplitz *t, const struct toeplitz4 *in, u32 *hash, u32 n);
void toeplitz_hash6(const struct toeplitz *t, const struct toeplitz6 *in, u32 *hash, u32 n);

/* --- the wide ways; behind cpu_wide() only --- */
void toeplitz_hash4_clmul(const struct toeplitz *t, const struct toeplitz4 *in, u32 *hash, u32 n);
void toeplitz_hash6_clmul(const struct toeplitz *t, const struct toeplitz6 *in, u32 *hash, u32 n);
void toeplitz_hash4_vpclmul(const struct toeplitz *t, const struct toeplitz4 *in, u32 *hash, u32 n);
void toeplitz_hash6_vpclmul(const struct toeplitz *t, const struct toeplitz6 *in, u32 *hash, u32 n);
