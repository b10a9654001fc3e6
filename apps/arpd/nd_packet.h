// SPDX-License-Identifier: MIT
/*
 * Neighbour discovery messages on Ethernet as a struct: reading with every rule of RFC 4861 6.1,
 * 7.1 and 8.1 checked, and writing (RFC 4861 4, RFC 4191 2.2, RFC 8106 5.1).
 */
#pragma once

#include <pix/dev.h>

enum {
	ND_FRAME_MAX = 576,
	ND_ROUTER_SOLICIT = 133,
	ND_ROUTER_ADVERT = 134,
	ND_NEIGHBOR_SOLICIT = 135,
	ND_NEIGHBOR_ADVERT = 136,
	ND_REDIRECT = 137,
	ND_PREFIXES = PIX_IF_ADDRS,
};

/* What a router tells (RFC 4861 4.2 and its options). */
struct nd_router {
	u8 hop_limit;
	bool managed, other;
	u8 preference; /* RFC 4191 2.1: 0 medium, 1 high, 3 low */
	u16 lifetime_s;
	u32 mtu; /* 0: no option */
	u32 prefix_count;
	struct {
		struct pix_ip ip;
		u8 len;
		bool on_link, autonomous;
		u32 valid_s, preferred_s;
	} prefix[ND_PREFIXES];
	u32 dns_lifetime_s, dns_count;
	struct pix_ip dns[PIX_RA_DNS];
};

struct nd_packet {
	u8 eth_dst[6], eth_src[6];
	struct pix_ip src, dst; /* src may be none, the unspecified address */
	u8 type;
	struct pix_ip target;             /* NS, NA */
	bool router, solicited, override; /* NA */
	bool has_slla, has_tlla;
	u8 slla[6], tlla[6]; /* source and target link-layer address options */
	struct nd_router ra; /* RA */
};

/* Why a frame is not a message that we act on; the names are those of the counters. */
#define ND_BAD_NAMES(X)                                                               \
	X(short)     /* fewer bytes than the headers say */                           \
	X(type)      /* EtherType is not 0x86dd, or IP version not 6 */               \
	X(next)      /* next header is not ICMPv6 */                                  \
	X(hop_limit) /* not 255: it came through a router */                          \
	X(checksum)  /* of ICMPv6 */                                                  \
	X(code)      /* not 0 */                                                      \
	X(message)   /* ICMPv6 type is none of 133..137 */                            \
	X(option)    /* length 0, or past the end */                                  \
	X(lla)       /* link-layer address option of another size, or no station's */ \
	X(src)       /* source cannot send this message */                            \
	X(dst)       /* destination cannot get this message */                        \
	X(target)    /* multicast or unspecified */

enum nd_bad {
	ND_OK,
#define X(name) ND_BAD_##name,
	ND_BAD_NAMES(X)
#undef X
		ND_BAD_COUNT
};

/* Reads n bytes of frame. ND_OK and *p filled, or the first rule that is broken. */
enum nd_bad nd_parse(const u8 *frame, size_t n, struct nd_packet *p);
/* "short", "hop_limit", ...; "ok" for ND_OK. */
const char *nd_bad_name(enum nd_bad bad);
/* Writes p as an Ethernet frame; returns its length (0: it does not fit, which the sizes exclude).
 */
size_t nd_build(u8 frame[ND_FRAME_MAX], const struct nd_packet *p);
/* 33:33 and the last four bytes (RFC 2464 7). */
void nd_multicast_mac(u8 mac[6], struct pix_ip group);
/* ff02::1, all nodes on the link. */
#define ND_ALL_NODES ((struct pix_ip){ 0xff02ull << 48, 1 })
