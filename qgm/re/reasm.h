// SPDX-License-Identifier: MIT
/*
 * reasm: reassembly of fragmented packets for this router (RFC 791 3.2, RFC 8200 4.5). One QGM: all
 * fragments of a datagram come to the same one, since steering hashes their addresses only.
 *
 * Work is bounded before memory (FragmentSmack, CVE-2018-5391): a fragment is looked at when its
 * sender's network and all of them together are within their rate, and REASM_TURN a turn; the rest
 * is dropped for less than it costs to forward a packet (`fragment_rate`). A datagram of 64 KiB is
 * 45 fragments: the rates are some hundred of those a second.
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
#include "qgm/re/limits.h"

enum {
	REASM_DATAGRAMS = 64,
	REASM_FRAGMENTS = 64,
	REASM_PACKETS = 256,
	REASM_RATE = 20000, /* fragments a second and QGM */
	REASM_BURST = 4096,
	REASM_RATE_NET = 10000, /* of one sender's network */
	REASM_BURST_NET = 2048,
	REASM_TURN = 128,
	REASM_MS_IPV4 = 30000,
	REASM_MS_IPV6 = 60000,
};

struct re;
struct reasm;
struct ext6;

/* How much time there is for fragments: in front of reasm's own state. */
struct reasm_meter {
	u64 turn; /* clock of the last turn that brought fragments */
	u32 in_turn;
	struct limits limits;
};

/* Would reasm_admit() refuse a fragment of `net` now? For who can drop it at once. */
static inline bool reasm_busy(const struct reasm *r, u64 net, u64 now)
{
	const struct reasm_meter *m = (const struct reasm_meter *)r;

	return (m->turn == now && m->in_turn == REASM_TURN) || limits_spent(&m->limits, net, now);
}

/* Boot only. NULL when memory runs out. */
struct reasm *reasm_create(u32 node);

/*
 * Is there time for a fragment of `net` (limits.h)? Else it is dropped, and false. Before any other
 * work on it.
 */
bool reasm_admit(struct re *re, struct packet *p, u64 net);

/*
 * An admitted fragment for this router. The whole datagram if `p` completes it, without a trace of
 * fragmentation in its header; else NULL, and `p` is held or ended.
 */
struct packet *reasm_ipv4(struct re *re, const struct tables *t, struct packet *p);

/* `x` stands at the fragment header, which is whole. */
struct packet *reasm_ipv6(struct re *re, const struct tables *t, struct packet *p,
			  const struct ext6 *x);

/* Datagrams in pieces now. */
u32 reasm_datagrams(const struct reasm *r);
