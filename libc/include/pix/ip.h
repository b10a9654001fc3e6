// SPDX-License-Identifier: MIT
/*
 * An IP address of either family in 16 bytes: an IPv6 address in host order, or an IPv4 address as
 * the IPv4-mapped ::ffff:a.b.c.d (RFC 4291 2.5.5.2). All zero is "none" (:: is no destination,
 * gateway or neighbour). Prefix lengths beside it are those of the family: 0..32 or 0..128.
 */
#pragma once

#include "types.h"

struct pix_ip {
	u64 hi; /* bytes 0-7 of the address, most significant first */
	u64 lo;
};

#define PIX_IP_NONE ((struct pix_ip){ 0, 0 })

static inline struct pix_ip pix_ip4(u32 addr)
{
	return (struct pix_ip){ 0, 0xffff00000000ull | addr };
}

static inline bool pix_ip_is4(struct pix_ip a)
{
	return !a.hi && a.lo >> 32 == 0xffff;
}

/* Host order; meaningful when pix_ip_is4(). */
static inline u32 pix_ip_to4(struct pix_ip a)
{
	return (u32)a.lo;
}

static inline bool pix_ip_none(struct pix_ip a)
{
	return !(a.hi | a.lo);
}

static inline bool pix_ip_eq(struct pix_ip a, struct pix_ip b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

/* -1, 0, 1: the order of listings, IPv4 (mapped) among ::/16. */
static inline int pix_ip_cmp(struct pix_ip a, struct pix_ip b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return a.lo == b.lo ? 0 : a.lo < b.lo ? -1 : 1;
}

/* From and to the 16 bytes on the wire. */
static inline struct pix_ip pix_ip_load(const void *wire)
{
	struct pix_ip a;

	__builtin_memcpy(&a, wire, sizeof(a));
	a.hi = __builtin_bswap64(a.hi);
	a.lo = __builtin_bswap64(a.lo);
	return a;
}

static inline void pix_ip_store(void *wire, struct pix_ip a)
{
	a.hi = __builtin_bswap64(a.hi);
	a.lo = __builtin_bswap64(a.lo);
	__builtin_memcpy(wire, &a, sizeof(a));
}

/* The first `len` (0..128) bits set. */
static inline struct pix_ip pix_ip_mask(u32 len)
{
	return (struct pix_ip){
		.hi = len >= 64 ? ~0ull
		      : len     ? ~0ull << (64 - len)
				: 0,
		.lo = len >= 128 ? ~0ull
		      : len > 64 ? ~0ull << (128 - len)
				 : 0,
	};
}

/* fe80::/10 */
static inline bool pix_ip_linklocal(struct pix_ip a)
{
	return a.hi >> 54 == 0xfe80 >> 6;
}

/* ff00::/8 */
static inline bool pix_ip6_multicast(struct pix_ip a)
{
	return a.hi >> 56 == 0xff;
}
