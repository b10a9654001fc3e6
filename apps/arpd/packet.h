// SPDX-License-Identifier: MIT
/* ARP on Ethernet as a struct: reading with every field checked, and writing (RFC 826, RFC 5227).
 */
#pragma once

#include <pix/types.h>

enum {
	ARP_FRAME_MIN = 42,  /* Ethernet header and ARP packet */
	ARP_FRAME_LEN = 60,  /* what we send: padded to Ethernet's minimum */
	ARES_OP_REQUEST = 1, /* ares_op$REQUEST */
	ARES_OP_REPLY = 2,
};

struct arp_packet {
	u8 eth_dst[6], eth_src[6];
	u16 op; /* ARES_OP_REQUEST, ARES_OP_REPLY */
	u8 sha[6], tha[6];
	u32 spa, tpa; /* host order */
};

/* Why a frame is not an ARP packet that we act on; the names are those of the counters. */
#define ARP_BAD_NAMES(X)                                                    \
	X(short) /* fewer than 42 bytes */                                  \
	X(type)  /* EtherType is not 0x0806 */                              \
	X(hrd)   /* hardware is not Ethernet (1) */                         \
	X(pro)   /* protocol is not IPv4 (0x0800) */                        \
	X(hln)   /* hardware address length is not 6 */                     \
	X(pln)   /* protocol address length is not 4 */                     \
	X(op)    /* neither request nor reply */                            \
	X(sha)   /* sender's MAC is zero or a group address */              \
	X(spa)   /* sender's address is multicast, loopback or broadcast */ \
	X(tpa)   /* target's address cannot be a host's */

enum arp_bad {
	ARP_OK,
#define X(name) ARP_BAD_##name,
	ARP_BAD_NAMES(X)
#undef X
		ARP_BAD_COUNT
};

/* Reads n bytes of frame. ARP_OK and *p filled, or the first field that is wrong. */
enum arp_bad arp_parse(const u8 *frame, size_t n, struct arp_packet *p);
/* "short", "hrd", ...; "ok" for ARP_OK. */
const char *arp_bad_name(enum arp_bad bad);
/* Writes p as an Ethernet frame of ARP_FRAME_LEN bytes. */
void arp_build(u8 frame[ARP_FRAME_LEN], const struct arp_packet *p);
