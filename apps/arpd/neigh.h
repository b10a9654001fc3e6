// SPDX-License-Identifier: MIT
/*
 * One neighbour's life as a pure function: step(state, input) -> state, actions. No clock, no
 *memory, no I/O in here; time comes in milliseconds with the input.
 *
 *	            miss                 reply
 *	   NONE ----------> INCOMPLETE ----------> REACHABLE <-----------------+
 *	     |                  | 3 requests,          | 30 s without          | reply
 *	     | heard            | no answer            v confirmation          |
 *	     +-----------> STALE|<------------------ STALE                     |
 *	                        v        miss: DELAY 5 s |   | 60 s            |
 *	                     FAILED                      v   v                 |
 *	                    20 s, forgotten <--------- PROBE ------------------+
 *	                                 3 unicast requests, no answer
 *
 * The states are those of RFC 4861 7.3.2, used for IPv4 as Linux does; the polling of RFC 1122
 * 2.3.2.1 (unicast poll, then delete) is PROBE. The engine does not say which neighbours are in
 * use, so each published one is polled: STALE ends by itself. ARP's answers are REPLY, neighbour
 * advertisements ADVERT; HEARD serves both.
 */
#pragma once

#include <pix/types.h>

enum {
	NEIGH_RETRANS_MS = 1000, /* between requests; RFC 1122 2.3.2.1: at most 1 a second */
	NEIGH_TRIES = 3,
	NEIGH_REACHABLE_MS = 30000, /* base; each round takes 0.5 to 1.5 of it (RFC 4861 6.3.2) */
	NEIGH_STALE_MS = 60000,
	NEIGH_DELAY_MS = 5000,
	NEIGH_FAILED_MS = 20000,
	NEIGH_LOCK_MS = 1000, /* a MAC that just changed does not change again */
};

enum neigh_state {
	NEIGH_NONE,
	NEIGH_INCOMPLETE,
	NEIGH_REACHABLE,
	NEIGH_STALE,
	NEIGH_DELAY,
	NEIGH_PROBE,
	NEIGH_FAILED,
};

enum neigh_event {
	NEIGH_EV_MISS,   /* the engine holds a packet for it */
	NEIGH_EV_REPLY,  /* it answered us: mac */
	NEIGH_EV_HEARD,  /* it spoke without being asked (request to us, gratuitous): mac */
	NEIGH_EV_ADVERT, /* a neighbour advertisement (RFC 4861 7.2.5): mac or NULL, flags */
	NEIGH_EV_TIMER,  /* deadline is reached */
};

enum neigh_action {
	NEIGH_BROADCAST = 1, /* send a request to everybody */
	NEIGH_UNICAST = 2,   /* send a request to mac */
	NEIGH_PUBLISH = 4,   /* tell the engine address -> mac */
	NEIGH_WITHDRAW = 8,  /* tell the engine to forget it */
	NEIGH_FAIL = 16,     /* tell the engine to drop what waits */
	NEIGH_FORGET = 32,   /* remove the entry */
	NEIGH_FLAP = 64,     /* another MAC within NEIGH_LOCK_MS, ignored */
};

struct neigh {
	enum neigh_state state;
	u8 tries;
	bool proven;   /* it answered us once */
	u8 mac[6];     /* valid from REACHABLE to PROBE */
	u64 deadline;  /* next TIMER; 0: none */
	u64 asked;     /* last request, or when INCOMPLETE failed */
	u64 confirmed; /* last answer or word from it */
	u64 changed;   /* mac set */
};

struct neigh_input {
	enum neigh_event event;
	const u8 *mac;            /* REPLY, HEARD, ADVERT */
	bool solicited, override; /* ADVERT */
	u64 now;                  /* ms, monotonic, > 0 */
	u32 jitter;               /* any random number */
};

/* Updates *n and returns a set of enum neigh_action. */
unsigned neigh_step(struct neigh *n, const struct neigh_input *in);
/* "incomplete", "reachable", ... */
const char *neigh_state_name(enum neigh_state s);
/* True when the engine has (or should have) the address's MAC. */
static inline bool neigh_is_published(const struct neigh *n)
{
	return n->state >= NEIGH_REACHABLE && n->state <= NEIGH_PROBE;
}
