// SPDX-License-Identifier: MIT
/*
 * The integer vocabulary of every room. Wire-endian values have types of their own, so that a
 * missing conversion is visible at the prototype.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

/* Big-endian (network order) integers as they stand on the wire. */
typedef u16 be16;
typedef u32 be32;

static inline u16 be16_to_cpu(be16 v)
{
	return __builtin_bswap16(v);
}

static inline be16 cpu_to_be16(u16 v)
{
	return __builtin_bswap16(v);
}

static inline u32 be32_to_cpu(be32 v)
{
	return __builtin_bswap32(v);
}

static inline be32 cpu_to_be32(u32 v)
{
	return __builtin_bswap32(v);
}
