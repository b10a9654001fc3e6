// SPDX-License-Identifier: MIT
/*
 * fast: the way of the usual packet through the routing engine: for this station, IPv4 of 20 header
 * bytes or IPv6 without hop-by-hop options, in one piece with its frame, unicast, lifetime left, no
 * martian; the next hop a resolved neighbour on a port whose MTU it fits. QGM cores.
 *
 * These are the conditions of input4.c, input6.c and route.c, asked in another order: each function
 * takes what passes all of them and leaves the rest, untouched, to the general path, which says
 * what is wrong with it. What is left is routed later than the usual packets of its burst, so that
 * only packets with IPv4 options, or to be fragmented, may fall behind others of their flow.
 */
#pragma once

#include "qgm/qgm.h"
#include "qgm/receive.h"

struct re;

/*
 * Route the usual packets among p[0..n), all of interface `ifc` (n <= BURST_MAX); the others go
 * into rest[] in order. Returns how many these are. Without a table of that family, or with a
 * module at the forward hook or a planted bug, all are left.
 */
u32 re_fast4(struct re *re, const struct tables *t, const struct iface *ifc,
	     struct packet *const *p, u32 n, struct packet **rest);
u32 re_fast6(struct re *re, const struct tables *t, const struct iface *ifc,
	     struct packet *const *p, u32 n, struct packet **rest);

/*
 * The same for a burst as a driver gave it, on an interface that is up and has no sub-interfaces
 * (m->in_if, m->vrf): what receive.h does is done for those that are routed; the others, rest[],
 * are as they were. *bytes: of the frames that were routed.
 * RE_FRESH_NOT: none was looked at.
 */
u32 re_fresh4(struct re *re, const struct tables *t, const struct receive_mark *m,
	      struct packet *const *p, u32 n, struct packet **rest, u64 *bytes);
u32 re_fresh6(struct re *re, const struct tables *t, const struct receive_mark *m,
	      struct packet *const *p, u32 n, struct packet **rest, u64 *bytes);
