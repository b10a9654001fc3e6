// SPDX-License-Identifier: MIT
/*
 * Prefixes of both families for the table writer: struct pix_ip with a native length (0..32 of an
 * IPv4-mapped address, 0..128). Pure functions.
 */
#pragma once

#include "libc/include/pix/ip.h"
#include "qgm/compiler.h"

struct prefix {
	struct pix_ip addr; /* link-local ones scoped (ip6_scoped()) */
	u16 vrf;
	u8 len;
};

/* Length of a host route. */
static inline u8 prefix_host_len(struct pix_ip a)
{
	return pix_ip_is4(a) ? 32 : 128;
}

static inline struct pix_ip prefix_mask(struct pix_ip a, u32 len)
{
	return pix_ip_mask(pix_ip_is4(a) ? len + 96 : len);
}

/* The network address. */
static inline struct pix_ip prefix_base(struct pix_ip a, u32 len)
{
	struct pix_ip m = prefix_mask(a, len);

	return (struct pix_ip){ a.hi & m.hi, a.lo & m.lo };
}

/* Do both addresses begin with the same `len` bits, in the same family? */
static inline bool prefix_match(struct pix_ip a, struct pix_ip b, u32 len)
{
	struct pix_ip m = prefix_mask(a, len);

	return pix_ip_is4(a) == pix_ip_is4(b) && !((a.hi ^ b.hi) & m.hi) && !((a.lo ^ b.lo) & m.lo);
}

/* Leading bits that two addresses of one family have in common, counted from the family's first. */
static inline u32 prefix_common(struct pix_ip a, struct pix_ip b)
{
	u32 n = a.hi != b.hi   ? (u32)__builtin_clzll(a.hi ^ b.hi)
		: a.lo != b.lo ? 64 + (u32)__builtin_clzll(a.lo ^ b.lo)
			       : 128;

	return pix_ip_is4(a) ? n - 96 : n;
}
