// SPDX-License-Identifier: MIT
/*
 * icmp: errors that the router sends (RFC 792, RFC 1122 3.2.2, RFC 1812 4.3, RFC 1191) and their
 * rate limit: at most 1,000 a second per core in all, and per source /24 or /64 100 a second after
 * a burst of 64, so that a traceroute sees every hop (limits.h). QGM cores.
 *
 * A packet that deserved an error ends under the name of its fault (ttl_expired...) when the error
 * was sent, else under the reason why it was not: icmp_forbidden, icmp_rate or no_buffer.
 */
#pragma once

#include "qgm/qgm.h"
#include "qgm/re/ipv6.h"
#include "qgm/re/limits.h"

enum {
	ICMP_RATE_TOTAL = 1000,
	ICMP_BURST_TOTAL = 1000,
	ICMP_RATE_SOURCE = 100,
	ICMP_BURST_SOURCE = 64,
	ICMP_ERROR_MAX = 576,    /* RFC 1812 4.3.2.3: quote as much as fits this datagram */
	ICMP_ERROR_TOS = 0xc0,   /* precedence 6, RFC 1812 4.3.2.5 */
	ICMP_RATE_ECHO = 100000, /* echo replies a second per core */
	ICMP_BURST_ECHO = 10000,
};

struct icmp_limits {
	struct limits errors;
	struct limit echo;
	u64 echo_full;
};

struct re;

void icmp_limits_init(struct icmp_limits *l, u64 hz);

bool icmp_limit_echo(struct icmp_limits *l, u64 now);

/*
 * Answer `p` (IPv4 header checked, as it came) with an ICMP error from the address of its ingress
 * interface, unless forbidden, and drop it as `why`. `rest` is the second word of the message as
 * it stands on the wire.
 */
void icmp_error(struct re *re, const struct tables *t, struct packet *p, u8 type, u8 code,
		be32 rest, enum drop_reason why);
