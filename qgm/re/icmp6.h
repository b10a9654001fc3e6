// SPDX-License-Identifier: MIT
/*
 * icmp6: ICMPv6 errors that the router sends (RFC 4443). They share the token buckets of icmp.h
 * with the IPv4 ones; a sender there is a /64. QGM cores.
 */
#pragma once

#include "qgm/qgm.h"

struct re;

/*
 * Answer `p` (IPv6 header checked, as it came) with an ICMPv6 error from an address of its ingress
 * interface, unless forbidden (RFC 4443 2.4 (e)), and drop it as `why`; when no error was sent, as
 * icmp_forbidden, icmp_rate or no_buffer. `rest`: MTU or pointer, host order.
 */
void icmp6_error(struct re *re, const struct tables *t, struct packet *p, u8 type, u8 code,
		 u32 rest, enum drop_reason why);

/* Checksum field for the `len` bytes of ICMPv6 (or another `proto`) at `data`, whose own is 0,
 * under the header `ip`; 0 over a valid message. RFC 8200 8.1. */
struct ipv6_hdr;
be16 checksum6(const struct ipv6_hdr *ip, const void *data, u32 len, u8 proto);
