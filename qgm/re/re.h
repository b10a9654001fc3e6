// SPDX-License-Identifier: MIT
/*
 * re: the routing engine of one QGM. What the files of qgm/re/ share; the stages that others call
 * are declared in qgm/qgm.h.
 *
 *	re_input -> link checks -> input4, input6 -> route -> rewrite -> qgm_output, fe_send
 *	re_host  -> checks --------------------------^  | |^      ^
 *	                                                | |+- neighbour queue (unresolved)
 *	                                                | +-> fragments (MTU)
 *	                                                | +-> ICMP error (TTL, MTU, no route...)
 *	                                                +-> local delivery: reassembly, echo reply,
 *	                                                    punt, unreachable
 *
 * What is the same for both families is written once, with `six` as a constant. Every function that
 * takes packets consumes them. Nothing of a packet is changed before rewrite, so that an ICMP error
 * quotes it as it came and a queued packet can be routed again.
 */
#pragma once

#include "qgm/qgm.h"
#include "qgm/re/fib.h"
#include "qgm/re/fib6.h"
#include "qgm/re/icmp.h"
#include "qgm/re/ipv4.h"
#include "qgm/re/ipv6.h"
#include "qgm/re/neigh.h"
#include "qgm/re/nexthop.h"
#include "qgm/timer.h"

/* Planted bugs of the data path. */
enum re_plant {
	RE_PLANT_TTL = 1u << 0,      /* "ttl": TTL or hop limit not decremented */
	RE_PLANT_CHECKSUM = 1u << 1, /* "checksum": header checksum not updated */
	RE_PLANT_STALE_NH = 1u << 2, /* "stale-nh": generation not compared */
	RE_PLANT_ARP = 1u << 3,      /* "arp": ARP frames do not reach arpd */
	RE_PLANT_SCOPE = 1u << 4,    /* "scope": link-local addresses are routed */
	RE_PLANT_SMACK = 1u << 5,    /* "smack": fragments for this router are not metered */
};

/* What the tables of an epoch say of an address (shed.c). */
struct known {
	u64 epoch;
	const void *table;
	struct pix_ip addr;
	bool own;
};

enum { RE_KNOWN = 16 };

struct re {
	struct qgm *q;
	u32 plants;
	bool wide;  /* CPU_AVX512: fast_wide.h */
	u16 ip_id;  /* of packets made here */
	u32 ip6_id; /* of fragments made here */
	struct icmp_limits limits;
	struct neigh_queues *neigh;
	struct reasm *reasm;
	struct timer timer; /* neighbours */
	struct known known[RE_KNOWN];
};

static inline struct ipv4_hdr *packet_ipv4(const struct packet *p)
{
	return (struct ipv4_hdr *)(p->data + p->l3_off);
}

static inline struct ipv6_hdr *packet_ipv6(const struct packet *p)
{
	return (struct ipv6_hdr *)(p->data + p->l3_off);
}

/* Of a packet whose header is checked. */
static inline bool packet_is6(const struct packet *p)
{
	return p->data[p->l3_off] >> 4 == 6;
}

/*
 * What chooses one of equal paths: the flow's hash, and of IPv6 the flow label, by which a tunnel's
 * entry tells the flows apart that are one 5-tuple to us (RFC 6438 3, RFC 6437 3). Not part of the
 * hash itself: steering wants both directions of a flow on one core.
 */
static inline u32 re_path_hash(const struct packet *p, u32 hash)
{
	if (packet_is6(p))
		hash ^= (be32_to_cpu(packet_ipv6(p)->vtf) & 0xfffff) * 0x9e3779b1u;
	return hash;
}

/* L3 bytes, after the header check. */
static inline u32 packet_l3_len(const struct packet *p)
{
	return (u32)p->len - p->l3_off;
}

/* The addresses as the tables know them. */
static inline struct pix_ip packet_dst6(const struct packet *p)
{
	return ip6_scoped(pix_ip_load(packet_ipv6(p)->dst), p->in_if);
}

static inline struct pix_ip packet_src6(const struct packet *p)
{
	return ip6_scoped(pix_ip_load(packet_ipv6(p)->src), p->in_if);
}

static inline const struct iface *packet_iface(const struct tables *t, const struct packet *p)
{
	return p->in_if < IFACE_MAX ? t->iface[p->in_if] : NULL;
}

/* Does somebody in the generic partition take this class? */
static inline bool re_listens(const struct tables *t, enum pix_punt_class cls)
{
	return t->nh->punt_classes >> cls & 1;
}

/* --- re.c ----------------------------------------------------------------------------------- */

/* Call neigh_tick() at clock `when` (or earlier, if it was to be called already). */
void re_timer_start(struct re *re, u64 when);

/* --- input4.c, input6.c --------------------------------------------------------------------- */

/* Frames of one family that are for this station, l3_off behind the link header. `urpf`: one of
 * their interfaces wants the source checked. n <= BURST_MAX. */
void re_input4(struct re *re, const struct tables *t, struct packet *const *p, u32 n, bool urpf);
void re_input6(struct re *re, const struct tables *t, struct packet *const *p, u32 n, bool urpf);

/* A packet of the host stack: complete, but that the IPv4 header checksum may be 0 (it is filled
 * in). in_if: the interface that a link-local or multicast destination is on, 0: not said. */
void re_host4(struct re *re, const struct tables *t, struct packet *p);
void re_host6(struct re *re, const struct tables *t, struct packet *p);

/* --- urpf.c --------------------------------------------------------------------------------- */

/* RFC 3704: drop packets from where their source is not; returns how many are left in p[] (and
 * dst[], which moves along). */
u32 urpf4(struct re *re, const struct tables *t, struct packet **p, u32 *dst, u32 n);
u32 urpf6(struct re *re, const struct tables *t, struct packet **p, struct pix_ip *dst, u32 n);

/* --- route.c -------------------------------------------------------------------------------- */

/* Look up and send on a burst whose headers are checked; `dst` in host order. n <= BURST_MAX. No
 * address is link-local, unspecified or multicast. */
void re_route4(struct re *re, const struct tables *t, struct packet *const *p, const u32 *dst,
	       u32 n);
void re_route6(struct re *re, const struct tables *t, struct packet *const *p,
	       const struct pix_ip *dst, u32 n);

/* One packet of either family: made here (then it may be link-local), or routed again. */
void re_route_one(struct re *re, const struct tables *t, struct packet *p);

/* The next hop of one packet, member of a group chosen; NULL: no route. */
const struct adjacency *re_lookup(const struct tables *t, struct packet *p, u32 *id);

/* A packet with its next hop (nh_id, nh_gen; no group) that re_fast4() or re_fast6() cannot send.
 */
void re_odd(struct re *re, const struct tables *t, struct packet *p, const struct adjacency *adj,
	    bool six);

/* The rewrite stage: generation compare, TTL, checksum, Ethernet header, output. */
void re_rewrite(struct re *re, const struct tables *t, struct packet *const *p, u32 n);

/* Send a packet whose Ethernet header is written (out_if, and out_port unless it is 0). */
void re_emit(struct re *re, const struct tables *t, struct packet *p);

/* --- slow.c --------------------------------------------------------------------------------- */

/* A packet whose next hop is not a resolved neighbour, or that may not go there as it is. */
void re_slow4(struct re *re, const struct tables *t, struct packet *p, const struct adjacency *adj);
void re_slow6(struct re *re, const struct tables *t, struct packet *p, const struct adjacency *adj);

/* Hold a packet until its next hop `adj` is resolved. */
void re_wait(struct re *re, struct packet *p, const struct adjacency *adj);

/* The neighbour of a packet whose next hop is an attached subnet: its destination. */
struct pix_ip re_gleaned(const struct packet *p);

/* --- fragment.c, fragment6.c ---------------------------------------------------------------- */

enum { FRAGMENTS_MAX = 64 };

/* Cut a packet that is larger than the MTU of its next hop `adj` and may be, send the pieces. */
void re_fragment(struct re *re, const struct tables *t, struct packet *p,
		 const struct adjacency *adj);

/* The same for an IPv6 packet made here: only its source may cut it (RFC 8200 4.5). */
void re_fragment6(struct re *re, const struct tables *t, struct packet *p,
		  const struct adjacency *adj);

/* Send fragments out[0..n) to `adj`, or let them wait for it. */
void re_fragments_send(struct re *re, const struct tables *t, struct packet *const *out, u32 n,
		       const struct adjacency *adj);

/* --- local.c, local6.c ---------------------------------------------------------------------- */

/* Deliver a packet for an own address (`broadcast`: for a broadcast address of ours). */
void re_local(struct re *re, const struct tables *t, struct packet *p, bool broadcast);

/* Deliver a packet for an own address, or for a group that the interface is in. */
void re_local6(struct re *re, const struct tables *t, struct packet *p, bool group);

/* Is `addr` a broadcast address of a subnet of this interface? */
bool iface_broadcast(const struct iface *ifc, u32 addr);

/* Has the interface joined the multicast group (RFC 4291 2.8)? */
bool iface_group6(const struct iface *ifc, struct pix_ip group);

/* The address of ours with which to answer `to` on the ingress interface of `p` (RFC 6724 rules 2
 * and 8, RFC 4443 2.2); none: we have none. */
struct pix_ip re_source6(const struct tables *t, const struct packet *p, struct pix_ip to);

/* The own address that answers a packet which came to us: the one that was asked (RFC 4443 2.2
 * (a)), or for an anycast address one of the interface (b). NONE: there is no such address. */
struct pix_ip re_answer6(const struct tables *t, const struct packet *p);

/* --- options.c ------------------------------------------------------------------------------ */

/* Check the options of a header longer than 20 bytes. 0, or the offset from the header's start of
 * the octet that is wrong; *refused is set for source routing. */
u32 ipv4_options_check(const struct ipv4_hdr *ip, bool *refused);
