// SPDX-License-Identifier: MIT
/*
 * The interfaces as arpd knows them: own addresses of both families, and what is due because they
 * changed (announcements, RFC 5227 2.3 and RFC 4861 7.2.6; duplicate address detection, RFC 4862
 * 5.4; router advertisements), plus a bucket that bounds the requests sent per interface.
 */
#pragma once

#include <pix/dev.h>

enum {
	IFACES_MAX = 512,
	IFACE_RATE = 100, /* requests a second */
	IFACE_BURST = 64,
	ANNOUNCE_NUM = 2, /* RFC 5227 1.1 */
	ANNOUNCE_INTERVAL_MS = 2000,
	DEFEND_INTERVAL_MS = 10000,
	MAX_RTR_SOLICITATION_DELAY_MS = 1000, /* RFC 4861 10 */
};

struct own_addr {
	struct pix_ip addr; /* none: free */
	u8 len;
	u8 state;     /* enum pix_addr_state; IPv4: always valid */
	u8 probes;    /* solicitations of duplicate address detection still to send */
	u8 announce;  /* announcements still to send */
	bool report;  /* the engine has to be told the state (again) */
	u64 due_at;   /* ms: next probe, end of the probing, or next announcement */
	u64 defended; /* last defence, ms */
	u64 conflicts;
	u8 rival[6]; /* who claims it too */
};

/* Router advertisements of an interface (ra.c). */
struct ra_state {
	struct pix_ra conf;
	u64 next_at; /* ms; 0: none is due */
	u64 sent_at; /* the last one */
	u8 initial;  /* still to send at the short interval (RFC 4861 6.2.4) */
	u8 final;    /* with lifetime 0, still to send (6.2.5) */
	u64 sent, solicited;
};

struct iface {
	u16 id;  /* 0: free */
	bool up; /* administratively, link present, L3, with a MAC (no loopback) */
	char name[PIX_NAME];
	u8 mac[6];
	u8 dad; /* probes of an address, as configured */
	u32 mtu;
	struct own_addr own[PIX_IF_ADDRS];
	struct ra_state ra;
	u64 up_at;     /* ms, when it came up */
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
	IFACE_ANNOUNCE = 4,  /* announcements, probes or reports are due */
};

/* NULL: unknown id. */
struct iface *iface_find(struct ifaces *all, u16 id);
/* Takes over what the kernel says of an interface, but its router advertisements. jitter: any
 * random number. Returns a set of enum iface_change; the interface is entered if it is new. NULL in
 * *out: no room. */
unsigned iface_update(struct ifaces *all, const struct pix_iface *now_is, u64 now, u32 jitter,
		      struct iface **out);
/* The own address of that value (in whatever state), NULL if it is not ours. */
struct own_addr *iface_own(struct iface *i, struct pix_ip addr);
/* The valid own address whose subnet's routers have the anycast address addr (RFC 4291 2.6.1), or
 * NULL. */
const struct own_addr *iface_anycast(const struct iface *i, struct pix_ip addr);
/* The own address in whose subnet addr lies as a host (longest prefix), NULL if it is off-link, the
 * subnet's network or broadcast address, or our own. */
const struct own_addr *iface_on_link(const struct iface *i, struct pix_ip addr);
/* The own valid address to ask a neighbour from: of its subnet, else the link-local one (RFC 4861
 * 7.2.2), NULL: none is valid. */
const struct own_addr *iface_source(const struct iface *i, struct pix_ip addr);
/* The valid link-local address, NULL: none. */
const struct own_addr *iface_link_local(const struct iface *i);
/* Takes one request from the bucket. False: over the rate. */
bool iface_may_ask(struct iface *i, u64 now);
