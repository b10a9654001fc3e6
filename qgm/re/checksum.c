// SPDX-License-Identifier: MIT
/* The Internet checksum (RFC 1071): sums 8 bytes a step; the end-around carry is kept by adding
 * 32-bit halves into 64 bits, which cannot overflow below 2^32 additions. */
#include "qgm/re/checksum.h"

static inline u64 load64(const u8 *p)
{
	u64 v;

	__builtin_memcpy(&v, p, 8);
	return v;
}

u64 checksum_add(const void *data, size_t len, u64 sum)
{
	const u8 *p = data;

	for (; len >= 8; p += 8, len -= 8) {
		u64 v = load64(p);

		sum += (v & 0xffffffff) + (v >> 32);
	}
	if (len) {
		u64 v = 0;

		/* The tail is padded with zero bytes, RFC 1071 1 (1). */
		for (size_t i = 0; i < len; i++)
			v |= (u64)p[i] << (8 * i);
		sum += (v & 0xffffffff) + (v >> 32);
	}
	return sum;
}
