// SPDX-License-Identifier: MIT
/*
 * What every model does with the bytes of a frame: numbers in network order, kinds of addresses,
 * the classes of sizes that counters have, internet checksums (RFC 1071), the Toeplitz hash
 * (Microsoft's RSS, as each chip's data sheet repeats it). Plain functions of their arguments.
 */
#pragma once

#include "qgm/compiler.h"

static inline u32 nicsim_get16(const u8 *p)
{
	return (u32)p[0] << 8 | p[1];
}

static inline u32 nicsim_get32(const u8 *p)
{
	return nicsim_get16(p) << 16 | nicsim_get16(p + 2);
}

static inline void nicsim_put16(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

static inline void nicsim_put32(u8 *p, u32 v)
{
	nicsim_put16(p, v >> 16);
	nicsim_put16(p + 2, v);
}

static inline bool nicsim_broadcast(const u8 *da)
{
	return (da[0] & da[1] & da[2] & da[3] & da[4] & da[5]) == 0xff;
}

/* One of three by the destination address: unicast, multicast, broadcast. */
static inline u32 nicsim_by_cast(const u8 *da, u32 unicast, u32 multicast, u32 broadcast)
{
	return !(da[0] & 1) ? unicast : nicsim_broadcast(da) ? broadcast : multicast;
}

/* Bytes with FCS: 64, 65-127, 128-255, 256-511, 512-1023: 0 to 4; more: 5. */
static inline u32 nicsim_size_class(u32 bytes)
{
	return bytes <= 64     ? 0
	       : bytes <= 127  ? 1
	       : bytes <= 255  ? 2
	       : bytes <= 511  ? 3
	       : bytes <= 1023 ? 4
			       : 5;
}

/* Sum of big-endian 16-bit words of at most 64 KiB, added to `sum`; nicsim_fold() ends it. */
u32 nicsim_sum(const u8 *p, u32 len, u32 sum);
u16 nicsim_fold(u32 sum);

static inline u32 nicsim_checksum(const u8 *p, u32 len, u32 sum)
{
	return nicsim_fold(nicsim_sum(p, len, sum));
}

/* Hash of `len` bytes; the key has at least len + 4. */
u32 nicsim_toeplitz(const u8 *key, const u8 *in, u32 len);
