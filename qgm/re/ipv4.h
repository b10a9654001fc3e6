// SPDX-License-Identifier: MIT
/*
 * Wire structures of Ethernet, ARP, IPv4 (RFC 791) and ICMP (RFC 792), laid over a frame after a
 * length check. Packed: IP behind Ethernet is not 4-byte aligned. Constants have the RFCs' names.
 */
#pragma once

#include "qgm/compiler.h"

enum {
	ETH_HLEN = 14,
	ETH_ALEN = 6,
	ETH_P_IP = 0x0800,
	ETH_P_ARP = 0x0806,
	ARP_LEN = 28, /* Ethernet/IPv4 ARP packet, RFC 826 */
};

struct eth_hdr {
	u8 dst[ETH_ALEN];
	u8 src[ETH_ALEN];
	be16 type;
} __packed;

struct ipv4_hdr {
	u8 ver_ihl; /* version 4 bits, header length in 32-bit words */
	u8 tos;
	be16 total_len;
	be16 id;
	be16 frag; /* flags and fragment offset in 8-byte units */
	u8 ttl;
	u8 proto;
	be16 check;
	be32 src;
	be32 dst;
} __packed;

_Static_assert(sizeof(struct ipv4_hdr) == 20, "RFC 791 3.1");

enum {
	IP_DF = 0x4000,
	IP_MF = 0x2000,
	IP_OFFMASK = 0x1fff,
	IP_MIN_HLEN = 20,
	IP_TTL_DEFAULT = 64, /* RFC 1700 */
};

enum { IPPROTO_ICMP_ = 1, IPPROTO_TCP_ = 6, IPPROTO_UDP_ = 17 };

/* Options, RFC 791 3.1. */
enum {
	IPOPT_EOL = 0,
	IPOPT_NOP = 1,
	IPOPT_RR = 7,
	IPOPT_TS = 68,
	IPOPT_LSRR = 131,
	IPOPT_SSRR = 137,
};

struct icmp_hdr {
	u8 type;
	u8 code;
	be16 check;
	union {
		be32 rest; /* 0 in most errors */
		struct {
			be16 id, seq;
		} echo;
		struct {
			be16 unused, mtu; /* RFC 1191 4 */
		} frag;
		struct {
			u8 pointer, unused[3];
		} param;
	};
} __packed;

_Static_assert(sizeof(struct icmp_hdr) == 8, "RFC 792");

enum {
	ICMP_ECHO_REPLY = 0,
	ICMP_DEST_UNREACH = 3,
	ICMP_SOURCE_QUENCH = 4,
	ICMP_REDIRECT = 5,
	ICMP_ECHO_REQUEST = 8,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAM_PROBLEM = 12,
};

/* Codes of ICMP_TIME_EXCEEDED. */
enum { ICMP_EXC_TTL = 0, ICMP_EXC_FRAGTIME = 1 };

/* Codes of ICMP_DEST_UNREACH. */
enum {
	ICMP_NET_UNREACH = 0,
	ICMP_HOST_UNREACH = 1,
	ICMP_PROT_UNREACH = 2,
	ICMP_PORT_UNREACH = 3,
	ICMP_FRAG_NEEDED = 4,
};

static inline u32 ipv4_hlen(const struct ipv4_hdr *ip)
{
	return (ip->ver_ihl & 0x0fu) * 4u;
}

/* Network mask of a prefix length 0..32, host order. */
static inline u32 ipv4_mask(u32 len)
{
	return len ? 0xffffffffu << (32 - len) : 0;
}
