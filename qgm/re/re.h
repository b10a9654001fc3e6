// SPDX-License-Identifier: MIT
/*
 * re: the routing engine of one QGM. What the files of qgm/re/ share; the stages that others call
 * are declared in qgm/qgm.h.
 *
 *	re_input -> link and header checks -> route -> rewrite -> qgm_output
 *	re_host  -> checks ------------------^  | |^      ^
 *	                                        | |+- neighbour queue (unresolved)
 *	                                        | +-> fragments (MTU)
 *	                                        | +-> ICMP error (TTL, MTU and DF, no route...)
 *	                                        +-> local delivery: echo reply, punt, unreachable
 *
 * Every function that takes packets consumes them. Nothing of a packet is changed before rewrite,
 *so that an ICMP error quotes it as it came and a queued packet can be routed again.
 */
#pragma once

#include "qgm/qgm.h"
#include "qgm/re/fib.h"
#include "qgm/re/icmp.h"
#include "qgm/re/ipv4.h"
#include "qgm/re/neigh.h"
#include "qgm/re/nexthop.h"
#include "qgm/timer.h"

/* Planted bugs of the data path. */
enum re_plant {
	RE_PLANT_TTL = 1u << 0,      /* "ttl": TTL not decremented */
	RE_PLANT_CHECKSUM = 1u << 1, /* "checksum": header checksum not updated */
	RE_PLANT_STALE_NH = 1u << 2, /* "stale-nh": generation not compared */
	RE_PLANT_ARP = 1u << 3,      /* "arp": ARP frames do not reach arpd */
};

struct re {
	struct qgm *q;
	u32 plants;
	u16 ip_id; /* of packets made here */
	struct icmp_limits limits;
	struct neigh_queues *neigh;
	struct timer timer; /* neighbours */
};

static inline struct ipv4_hdr *packet_ipv4(const struct packet *p)
{
	return (struct ipv4_hdr *)(p->data + p->l3_off);
}

/* --- re.c ----------------------------------------------------------------------------------- */

/* Call neigh_tick() at clock `when` (or earlier, if it was to be called already). */
void re_timer_start(struct re *re, u64 when);

/* --- route.c -------------------------------------------------------------------------------- */

/* Look up and send on a burst whose IPv4 headers are checked; `dst` in host order. n <= BURST_MAX.
 */
void re_route(struct re *re, const struct tables *t, struct packet *const *p, const u32 *dst,
	      u32 n);

/* The same for one packet: made here, or routed again. */
void re_route_one(struct re *re, const struct tables *t, struct packet *p);

/* The rewrite stage: generation compare, TTL, checksum, Ethernet header, output. */
void re_rewrite(struct re *re, const struct tables *t, struct packet *const *p, u32 n);

/* Hold a packet until its next hop `adj` is resolved. */
void re_wait(struct re *re, struct packet *p, const struct adjacency *adj);

/* --- fragment.c ----------------------------------------------------------------------------- */

/* Cut a packet that is larger than the MTU of its next hop `adj` and may be, send the pieces. */
void re_fragment(struct re *re, const struct tables *t, struct packet *p,
		 const struct adjacency *adj);

/* --- local.c -------------------------------------------------------------------------------- */

/* Deliver a packet for an own address (`broadcast`: for a broadcast address of ours). */
void re_local(struct re *re, const struct tables *t, struct packet *p, bool broadcast);

/* Is `addr` a broadcast address of a subnet of this interface? */
bool iface_broadcast(const struct iface *ifc, u32 addr);

/* --- options.c ------------------------------------------------------------------------------ */

/* Check the options of a header longer than 20 bytes. 0, or the offset from the header's start of
 * the octet that is wrong; *refused is set for source routing. */
u32 ipv4_options_check(const struct ipv4_hdr *ip, bool *refused);
