// SPDX-License-Identifier: MIT
/*
 * icmp: errors that the router sends (RFC 792, RFC 1122 3.2.2, RFC 1812 4.3, RFC 1191) and their
 * rate limit: 1,000 a second per core in all, and per source /24 or /64 100 a second after a burst
 * of 64, so that a traceroute sees every hop. QGM cores.
 *
 * A packet that deserved an error ends under the name of its fault (ttl_expired...) when the error
 * was sent, else under the reason why it was not: icmp_forbidden, icmp_rate or no_buffer.
 */
#pragma once

#include "qgm/qgm.h"
#include "qgm/re/ipv6.h"
#include "qgm/re/limit.h"

enum {
	ICMP_RATE_TOTAL = 1000,
	ICMP_BURST_TOTAL = 1000,
	ICMP_RATE_SOURCE = 100,
	ICMP_BURST_SOURCE = 64,
	ICMP_SOURCES = 256,      /* direct-mapped; who collides starts with a full bucket */
	ICMP_ERROR_MAX = 576,    /* RFC 1812 4.3.2.3: quote as much as fits this datagram */
	ICMP_ERROR_TOS = 0xc0,   /* precedence 6, RFC 1812 4.3.2.5 */
	ICMP_RATE_ECHO = 100000, /* echo replies a second per core */
	ICMP_BURST_ECHO = 10000,
};

struct icmp_limits {
	struct limit total, source, echo;
	u64 total_full, echo_full;
	struct {
		u64 prefix;
		u64 full;
	} bucket[ICMP_SOURCES];
};

struct re;

/* A /24, host order; no IPv6 prefix looks like it. */
static inline u64 icmp_prefix4(u32 src)
{
	return src >> 8;
}

/* A /64. Link-local senders of all links share one: there is one bucket for the total anyway. */
static inline u64 icmp_prefix6(const struct ipv6_hdr *ip)
{
	return pix_ip_load(ip->src).hi;
}

void icmp_limits_init(struct icmp_limits *l, u64 hz);

/* True and a token taken from both buckets, or false and none taken. `prefix` stands for the
 * senders that share a bucket: icmp_prefix4() or icmp_prefix6(). */
bool icmp_limit_error(struct icmp_limits *l, u64 prefix, u64 now);
bool icmp_limit_echo(struct icmp_limits *l, u64 now);

/*
 * Answer `p` (IPv4 header checked, as it came) with an ICMP error from the address of its ingress
 * interface, unless forbidden, and drop it as `why`. `rest` is the second word of the message as
 * it stands on the wire.
 */
void icmp_error(struct re *re, const struct tables *t, struct packet *p, u8 type, u8 code,
		be32 rest, enum drop_reason why);
