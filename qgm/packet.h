// SPDX-License-Identifier: MIT
/*
 * packet: one metadata line of 64 bytes that describes one frame in one buffer.
 *
 *	struct packet (64 bytes)        buffer of the pool's class (2 KiB or 10 KiB)
 *	+------------------+            +----------+---------------------------+------+
 *	| data ------------+----------> | headroom | frame, `len` bytes        | tail |
 *	+------------------+            +----------+---------------------------+------+
 *
 * Only a pool's map (poolmap.h) leads from metadata to data. A frame never spans buffers. There are
 * no reference counts: replication copies.
 * A packet is owned by exactly one of: a QGM (held), a ring, a NIC queue, the pool.
 */
#pragma once

#include "qgm/compiler.h"

enum {
	PACKET_HEADROOM = 128, /* bytes in front of a received frame, for headers to come */
	PACKET_MIN_FRAME = 60, /* shortest Ethernet frame without FCS; drivers pad with zeroes */
	BURST_MAX = 64,
};

enum packet_flags {
	PACKET_LOCAL = 1u << 0,      /* made here (host stack, ICMP): no TTL decrement */
	PACKET_BROADCAST = 1u << 1,  /* link-layer broadcast or multicast destination */
	PACKET_RELOOKUP = 1u << 2,   /* went to lookup a second time after a generation mismatch */
	PACKET_COPY = 1u << 3,       /* replica beyond the first */
	PACKET_L4_CSUM_OK = 1u << 4, /* the NIC verified the L4 checksum */
	PACKET_HANDED = 1u << 5,     /* came through the ring of another QGM, only Tx is left */
	PACKET_STEERED = 1u << 6, /* in the ring to its worker: all stages from parse on are left */
};

struct packet {
	u8 *data; /* first byte of the Ethernet header; NULL while in the pool or bare */
	/* What is known when a frame comes in plain: one store (receive.h). */
	u16 len;        /* bytes of the frame without FCS */
	u16 in_port;    /* port id the frame came from; PORT_HOST when made here. Kept for life */
	u16 in_if;      /* interface id, 0 = none yet */
	u16 l3_off;     /* offset of the L3 header from data */
	u16 out_port;   /* port id to transmit on */
	u16 out_if;     /* interface id, 0 = none yet */
	u16 vrf;        /* VRF id of the ingress interface */
	u16 vlan_outer; /* TCI as parsed, 0 = untagged */
	u16 vlan_inner;
	u16 l4_off; /* offset of the L4 header from data, 0 = not parsed */
	u8 l4_proto;
	u8 again;      /* re-entries into FE/RE so far */
	u8 drop;       /* enum drop_reason once dropped */
	u8 pool;       /* pool id */
	u32 flags;     /* enum packet_flags */
	u32 hash;      /* symmetric flow hash, 0 = not computed */
	u32 nh_id;     /* next hop, 0 = none */
	u16 nh_gen;    /* its generation when looked up, compared at rewrite */
	u16 path;      /* path signature: stages passed */
	u64 timestamp; /* env_clock() of the turn that received it */
	u64 reserved;
} __cacheline;

_Static_assert(sizeof(struct packet) == CACHE_LINE, "packet metadata is one line");

/* The length of a fresh packet, whose ids behind it are 0: all in one store, as they are read. */
static inline void packet_fresh_len(struct packet *p, u16 len)
{
	u64 word = len;

	__builtin_memcpy(&p->len, &word, sizeof(word));
}
