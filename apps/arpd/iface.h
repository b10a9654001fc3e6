// SPDX-License-Identifier: MIT
/*
 * The interfaces as arpd knows them: own addresses, and what is due because they changed
 * (announcements, RFC 5227 2.3), plus a bucket that bounds the requests sent per interface.
 */
#pragma once

#include <pix/dev.h>

enum {
	IFACES_MAX = 256,
	IFACE_RATE = 100, /* requests a second */
	IFACE_BURST = 64,
	ANNOUNCE_NUM = 2, /* RFC 5227 1.1 */
	ANNOUNCE_INTERVAL_MS = 2000,
	DEFEND_INTERVAL_MS = 10000,
};

struct own_addr {
	u32 addr; /* host order; 0: none */
	u8 len;
	u8 announce;     /* announcements still to send */
	u64 announce_at; /* ms */
	u64 defended;    /* last defence, ms */
	u64 conflicts;
	u8 rival[6]; /* who claims it too */
};

struct iface {
	u16 id;  /* 0: free */
	bool up; /* administratively, link present, L3, with a MAC (no loopback) */
	char name[PIX_NAME];
	u8 mac[6];
	struct own_addr own[PIX_IF_ADDRS];
	u64 tokens;    /* thousandths of a request */
	u64 filled_at; /* ms */
};

struct ifaces {
	struct iface slot[IFACES_MAX];
};

enum iface_change {
	IFACE_SAME = 0,
	IFACE_WENT_DOWN = 1, /* forget its neighbours */
	IFACE_LOST_ADDR = 2, /* forget neighbours that are no longer on-link */
	IFACE_ANNOUNCE = 4,  /* announcements are due */
};

/* NULL: unknown id. */
struct iface *iface_find(struct ifaces *all, u16 id);
/* Takes over what the kernel says of an interface. Returns a set of enum iface_change; the
 * interface is entered if it is new. NULL in *out: no room. */
unsigned iface_update(struct ifaces *all, const struct pix_iface *now_is, u64 now,
		      struct iface **out);
/* The own address of that value, NULL if it is not ours. */
struct own_addr *iface_own(struct iface *i, u32 addr);
/* The own address in whose subnet addr lies as a host (longest prefix), NULL if it is off-link, the
 * subnet's network or broadcast address, or our own. */
const struct own_addr *iface_on_link(const struct iface *i, u32 addr);
/* Takes one request from the bucket. False: over the rate. */
bool iface_may_ask(struct iface *i, u64 now);
