// SPDX-License-Identifier: MIT
/*
 * Wire structures of IPv6 (RFC 8200), its extension headers and ICMPv6 (RFC 4443), laid over a
 * frame after a length check, and the addresses with a meaning of their own (RFC 4291). Packed: IP
 * behind Ethernet is not aligned. Constants have the RFCs' names. Any core.
 *
 * Addresses are struct pix_ip in host order. Inside the engine a link-local address names its
 * interface in bits 16..31 of its first 32 (fe80:IFID::x), so that FIB and neighbour keys of two
 * links differ: ip6_scoped(). On the wire and outside of the engine these bits are zero.
 */
#pragma once

#include "libc/include/pix/ip.h"
#include "qgm/compiler.h"

enum {
	ETH_P_IPV6 = 0x86dd, /* RFC 2464 3 */
	IPV6_HLEN = 40,
	IPV6_MIN_MTU = 1280, /* RFC 8200 5 */
	IPV6_HOP_LIMIT_DEFAULT = 64,
	ND_HOP_LIMIT = 255, /* RFC 4861 7.1: a smaller one has crossed a router */
};

struct ipv6_hdr {
	be32 vtf; /* version 4 bits, traffic class 8, flow label 20 */
	be16 payload_len;
	u8 next; /* IPPROTO_ of what follows */
	u8 hop_limit;
	u8 src[16];
	u8 dst[16];
} __packed;

_Static_assert(sizeof(struct ipv6_hdr) == IPV6_HLEN, "RFC 8200 3");

/* What an IPv6 header may be followed by (IANA protocol numbers). */
enum {
	IPPROTO_HOPOPTS_ = 0,   /* RFC 8200 4.3 */
	IPPROTO_ROUTING_ = 43,  /* RFC 8200 4.4 */
	IPPROTO_FRAGMENT_ = 44, /* RFC 8200 4.5 */
	IPPROTO_AH_ = 51,       /* RFC 4302: length in units of 4 */
	IPPROTO_ICMPV6_ = 58,
	IPPROTO_NONE_ = 59,      /* RFC 8200 4.7 */
	IPPROTO_DSTOPTS_ = 60,   /* RFC 8200 4.6 */
	IPPROTO_MOBILITY_ = 135, /* RFC 6275 */
	IPPROTO_HIP_ = 139,      /* RFC 7401 */
	IPPROTO_SHIM6_ = 140,    /* RFC 5533 */
};

/* The first two bytes of most extension headers (RFC 6564). */
struct ipv6_ext {
	u8 next;
	u8 len; /* units of 8 bytes beyond the first 8 */
} __packed;

struct ipv6_routing {
	u8 next, len;
	u8 type; /* 0: RFC 5095 */
	u8 segments_left;
} __packed;

struct ipv6_fragment {
	u8 next, reserved;
	be16 offset; /* 13 bits in units of 8, 2 reserved, M */
	be32 id;
} __packed;

_Static_assert(sizeof(struct ipv6_fragment) == 8, "RFC 8200 4.5");

enum { IP6_MORE = 0x0001, IP6_OFFMASK = 0xfff8 };

/* Options of hop-by-hop and destination options headers, RFC 8200 4.2. */
enum {
	IP6OPT_PAD1 = 0,
	IP6OPT_PADN = 1,
	IP6OPT_ROUTER_ALERT = 5, /* RFC 2711 */
	IP6OPT_JUMBO = 0xc2,     /* RFC 2675 */
	IP6OPT_TYPE_MASK = 0xc0, /* what to do with an option that one does not know: */
	IP6OPT_TYPE_SKIP = 0x00,
	IP6OPT_TYPE_DISCARD = 0x40,
	IP6OPT_TYPE_FORCEICMP = 0x80, /* and parameter problem code 2 */
	IP6OPT_TYPE_ICMP = 0xc0,      /* the same unless the destination is multicast */
};

struct icmp6_hdr {
	u8 type;
	u8 code;
	be16 check;
	be32 rest; /* MTU, pointer, identifier and sequence, or 0 */
} __packed;

_Static_assert(sizeof(struct icmp6_hdr) == 8, "RFC 4443 2.1");

enum {
	ICMP6_DST_UNREACH = 1,
	ICMP6_PACKET_TOO_BIG = 2,
	ICMP6_TIME_EXCEEDED = 3,
	ICMP6_PARAM_PROB = 4,
	ICMP6_INFOMSG_MASK = 0x80, /* set in types that are not errors */
	ICMP6_ECHO_REQUEST = 128,
	ICMP6_ECHO_REPLY = 129,
	MLD_LISTENER_QUERY = 130, /* RFC 2710, RFC 3810 */
	MLD_LISTENER_REPORT = 131,
	MLD_LISTENER_DONE = 132,
	ND_ROUTER_SOLICIT = 133, /* RFC 4861 4 */
	ND_ROUTER_ADVERT = 134,
	ND_NEIGHBOR_SOLICIT = 135,
	ND_NEIGHBOR_ADVERT = 136,
	ND_REDIRECT = 137,
	MLD2_LISTENER_REPORT = 143,
};

/* Codes of ICMP6_DST_UNREACH. */
enum {
	ICMP6_DST_UNREACH_NOROUTE = 0,
	ICMP6_DST_UNREACH_ADMIN = 1,
	ICMP6_DST_UNREACH_BEYONDSCOPE = 2,
	ICMP6_DST_UNREACH_ADDR = 3,
	ICMP6_DST_UNREACH_NOPORT = 4,
	ICMP6_DST_UNREACH_POLICY = 5, /* source address failed ingress policy */
	ICMP6_DST_UNREACH_REJECT = 6, /* reject route */
};

/* Codes of ICMP6_TIME_EXCEEDED and of ICMP6_PARAM_PROB. */
enum {
	ICMP6_TIME_EXCEED_TRANSIT = 0,
	ICMP6_TIME_EXCEED_REASSEMBLY = 1,
	ICMP6_PARAMPROB_HEADER = 0,
	ICMP6_PARAMPROB_NEXTHEADER = 1,
	ICMP6_PARAMPROB_OPTION = 2,
	ICMP6_PARAMPROB_FIRSTFRAG = 3, /* RFC 7112 5 */
};

/* --- addresses ------------------------------------------------------------------------------ */

/* ff02::1, ff02::2: link-local scope, RFC 4291 2.7.1. */
#define IP6_ALL_NODES   ((struct pix_ip){ 0xff02ull << 48, 1 })
#define IP6_ALL_ROUTERS ((struct pix_ip){ 0xff02ull << 48, 2 })
#define IP6_LOOPBACK    ((struct pix_ip){ 0, 1 })

/* fe80::x as the engine knows it on interface `ifid`; any other address unchanged. */
static inline struct pix_ip ip6_scoped(struct pix_ip a, u16 ifid)
{
	if (pix_ip_linklocal(a))
		a.hi = (a.hi & ~0x0000ffff00000000ull) | (u64)ifid << 32;
	return a;
}

/* As it stands on the wire. */
static inline struct pix_ip ip6_unscoped(struct pix_ip a)
{
	return ip6_scoped(a, 0);
}

/* Scope of a multicast address, RFC 4291 2.7: 1 interface-local, 2 link-local, ... 14 global. */
static inline u32 ip6_multicast_scope(struct pix_ip a)
{
	return (u32)(a.hi >> 48) & 15;
}

/* ff02::1:ffXX:XXXX of a unicast address (RFC 4291 2.7.1). */
static inline struct pix_ip ip6_solicited_node(struct pix_ip a)
{
	return (struct pix_ip){ 0xff02ull << 48, 0x1ff000000ull | (a.lo & 0xffffff) };
}

/* fe80:: with the modified EUI-64 of a MAC address (RFC 4291 appendix A, RFC 2464 4, 5). */
static inline struct pix_ip ip6_linklocal_of(const u8 mac[6])
{
	return (struct pix_ip){
		0xfe80ull << 48,
		(u64)(mac[0] ^ 2) << 56 | (u64)mac[1] << 48 | (u64)mac[2] << 40 | 0xfffeull << 24 |
			(u64)mac[3] << 16 | (u64)mac[4] << 8 | mac[5],
	};
}

/* 33:33 and the last four bytes of a multicast address (RFC 2464 7). */
static inline void ip6_multicast_mac(u8 mac[6], struct pix_ip a)
{
	be32 low = cpu_to_be32((u32)a.lo);

	mac[0] = mac[1] = 0x33;
	__builtin_memcpy(mac + 2, &low, sizeof(low));
}
