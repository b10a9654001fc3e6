// SPDX-License-Identifier: MIT
/*
 * The Internet checksum (RFC 1071) and its incremental update (RFC 1624). Any core. Sums are
 * taken over memory as it stands, so results are wire-endian (be16) without any swapping.
 */
#pragma once

#include "qgm/compiler.h"

/* One's complement sum of `len` bytes at any alignment, added to `sum`; not folded. */
u64 checksum_add(const void *data, size_t len, u64 sum);

/* Fold a sum to 16 bits; not complemented. */
static inline u16 checksum_fold(u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16)sum;
}

/* Checksum field for `len` bytes whose own checksum field is 0. 0 over a valid message. */
static inline be16 checksum(const void *data, size_t len)
{
	return (be16)~checksum_fold(checksum_add(data, len, 0));
}

/* Does the one's complement sum of a header of 20 bytes come out as 0xffff? A sum with end-around
 * carry over 64-bit words, folded to 32 and 16 bits (RFC 1071 2(C)). */
static inline bool checksum_ok20(const void *header)
{
	u64 sum, b;
	u32 c, s;

	__builtin_memcpy(&sum, header, sizeof(sum));
	__builtin_memcpy(&b, (const u8 *)header + 8, sizeof(b));
	__builtin_memcpy(&c, (const u8 *)header + 16, sizeof(c));
	sum += b;
	sum += sum < b;
	sum += c;
	sum += sum < c;
	sum += sum << 32 | sum >> 32; /* upper half: low + high + carry */
	s = (u32)(sum >> 32);
	s += s << 16 | s >> 16;
	return s >> 16 == 0xffff;
}

/*
 * RFC 1624 eqn. 3: HC' = ~(~HC + ~m + m') when one 16-bit word of the covered data changes from
 * `from` to `to`. All three as they stand in memory.
 */
static inline be16 checksum_update(be16 check, be16 from, be16 to)
{
	u32 sum = (u16)~check + (u32)(u16)~from + to;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (be16)~sum;
}
