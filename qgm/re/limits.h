// SPDX-License-Identifier: MIT
/*
 * limits: a token bucket for all senders, and one for each sender's network, so that a flood from
 * one of them leaves the others theirs. A network is a number of the caller's: limits_net4(),
 * limits_net6(). Buckets are found by a hash; who collides starts with a full one.
 *
 * What is left for all is seen by everybody whom it is denied, so that it can be used to learn what
 * this router sends to others (CVE-2020-25705: the port of a DNS query). With `noise` one packet in
 * four, by chance, costs two tokens of all: the rate is a maximum, four fifths of it are the mean.
 *
 * One core; times are env_clock() cycles.
 */
#pragma once

#include "qgm/re/ipv6.h"
#include "qgm/re/limit.h"

enum { LIMITS_NETS = 256 };

struct limits {
	struct limit all, each;
	u64 all_full;
	u64 random; /* 0: no noise */
	struct {
		u64 net;
		u64 full;
	} of[LIMITS_NETS];
};

/* A /24, host order; no IPv6 prefix looks like it. */
static inline u64 limits_net4(u32 src)
{
	return src >> 8;
}

/* A /64. Link-local senders of all links share one: there is the bucket for all anyway. */
static inline u64 limits_net6(const struct ipv6_hdr *ip)
{
	return pix_ip_load(ip->src).hi;
}

/* Tokens a second and bursts, of all and of each network. */
void limits_init(struct limits *l, u64 hz, u32 all_rate, u32 all_burst, u32 rate, u32 burst,
		 bool noise);

/* The bucket of a network; it may be that of another now. */
static inline u32 limits_index(u64 net)
{
	_Static_assert(LIMITS_NETS == 256, "8 hash bits");
	return (u32)(net * 0x9e3779b97f4a7c15ull >> 56);
}

/* Would limits_take() refuse? */
static inline bool limits_spent(const struct limits *l, u64 net, u64 now)
{
	u32 h = limits_index(net);

	return !limit_has(&l->all, l->all_full, now) ||
	       (l->of[h].net == net && !limit_has(&l->each, l->of[h].full, now));
}

/* True and a token taken from both buckets, or false and none taken. */
bool limits_take(struct limits *l, u64 net, u64 now);
