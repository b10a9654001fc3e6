// SPDX-License-Identifier: MIT
/*
 * What the data plane and the apps exchange through the kernel: punt classes, events, stages.
 * All integers little-endian (x86-64); addresses are struct pix_ip.
 */
#pragma once

#include "ip.h"

/* Why a frame goes to the generic partition. Each class has a meter of its own. */
enum pix_punt_class {
	PIX_PUNT_ARP,     /* ARP frames, whole Ethernet frame: arpd */
	PIX_PUNT_ND,      /* NS, NA, RS, RA and redirects of RFC 4861, whole frame: arpd */
	PIX_PUNT_ICMP,    /* ICMP echo replies and errors to own addresses: ping sockets */
	PIX_PUNT_ICMP6,   /* the same of ICMPv6 */
	PIX_PUNT_LOCAL,   /* other IPv4 and IPv6 to own addresses: host stack */
	PIX_PUNT_CONTROL, /* link-local control frames: LACP, LLDP, spanning tree */
	PIX_PUNT_CLASSES
};

/* Stages whose packets and cycles are counted, in the order of the walk. */
#define PIX_STAGE_NAMES(X) \
	X(rx)              \
	X(parse)           \
	X(steer) X(ingress) X(fe) X(re) X(forward) X(rewrite) X(egress) X(tx) X(punt) X(icmp)

enum pix_stage {
#define X(name) PIX_STAGE_##name,
	PIX_STAGE_NAMES(X)
#undef X
		PIX_STAGES
};

/* From a QGM to the generic partition; those of kinds 1..3 are also what arpd reads. */
enum pix_event_kind {
	PIX_EV_NONE,
	PIX_EV_NEIGH_MISS, /* a packet waits for neighbour addr on ifid */
	PIX_EV_IF_CHANGE,  /* interface ifid: address, MAC or link changed; re-read it */
	PIX_EV_ARP_FRAME,  /* only between kernel and arpd: a frame follows */
	PIX_EV_ND_FRAME,   /* the same of neighbour discovery */
	PIX_EV_LINK,       /* port: link state changed */
	PIX_EV_ACK,        /* command seq done, result in arg */
	PIX_EV_LOG,
};

struct pix_event {
	u16 kind; /* enum pix_event_kind */
	u16 ifid; /* or the port of PIX_EV_LINK */
	u32 pad;
	struct pix_ip addr;
	u64 seq;
	u64 arg;
	u64 arg2;
	u8 text[16];
};
