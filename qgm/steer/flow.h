// SPDX-License-Identifier: MIT
/*
 * flow: what flow a frame is of. Its hash is symmetric, so that both directions have the same; its
 * key names the five fields of flow rules. Both look behind up to two VLAN tags and behind IPv6
 * extension headers. Untrusted bytes: every read is behind a check of the length.
 *
 *	IPv4, IPv6   addresses and protocol, and the ports of TCP, UDP, SCTP, DCCP and UDP-Lite
 *	fragments    addresses only, the first one too: all of a datagram agree (RFC 791 3.1,
 *	             RFC 8200 4.5)
 *	others       the MAC addresses
 */
#pragma once

#include "libc/include/pix/ip.h"
#include "qgm/packet.h"

/* The fields of a rule; what the packet does not have is 0. */
struct flow_key {
	struct pix_ip src, dst;
	u16 sport, dport; /* host order */
	u8 proto;         /* 0: a fragment, or no IP */
	u8 pad[3];
};

/* Never 0. The frame need not be parsed (l3_off 0) yet. Any core of the data plane. */
u32 flow_hash(const struct packet *p);

/* False: not IP (the key is zeroes then). */
bool flow_key(const struct packet *p, struct flow_key *key);
