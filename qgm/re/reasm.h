// SPDX-License-Identifier: MIT
/*
 * reasm: reassembly of fragmented packets for this router (RFC 791 3.2, RFC 8200 4.5). One QGM: all
 * fragments of a datagram come to the same one, since steering hashes their addresses only.
 *
 * Bounds: REASM_DATAGRAMS datagrams, REASM_FRAGMENTS fragments each, REASM_PACKETS in all; the
 * oldest datagram goes when there is no room (`reassembly_full`), since an honest one is complete
 * within milliseconds. Overlaps end a datagram (RFC 5722; RFC 8200 4.5), in IPv4 too: no honest
 * sender makes them. An exact duplicate is dropped alone. The whole lies in the buffer of its first
 * fragment; what does not fit is `reassembly_size`. What is not complete after 30 s (IPv4) or 60 s
 * (IPv6) is dropped as `reassembly_timeout`, and an ICMP time exceeded of code 1 tells the sender
 * if the first fragment is here. Held packets are counted as held.
 */
#pragma once

#include "qgm/qgm.h"

enum {
	REASM_DATAGRAMS = 64,
	REASM_FRAGMENTS = 64,
	REASM_PACKETS = 256,
	REASM_MS_IPV4 = 30000,
	REASM_MS_IPV6 = 60000,
};

struct re;
struct reasm;
struct ext6;

/* Boot only. NULL when memory runs out. */
struct reasm *reasm_create(u32 node);

/*
 * A fragment for this router. The whole datagram if `p` completes it, without a trace of
 * fragmentation in its header; else NULL, and `p` is held or ended.
 */
struct packet *reasm_ipv4(struct re *re, const struct tables *t, struct packet *p);

/* `x` stands at the fragment header, which is whole. */
struct packet *reasm_ipv6(struct re *re, const struct tables *t, struct packet *p,
			  const struct ext6 *x);

/* Datagrams in pieces now. */
u32 reasm_datagrams(const struct reasm *r);
