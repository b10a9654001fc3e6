// SPDX-License-Identifier: MIT
/*
 * steer: which QGM works on a received frame. A NIC with a queue per QGM spreads the flows itself
 * (RSS); where it has fewer, the QGM that receives spreads them: a frame is handed to its worker by
 * their ring, before it is parsed, and the worker runs all stages from parse to tx.
 *
 *	run to completion   who receives works: no hand-over
 *	RPS                 receivers hand over by a table of buckets; all QGMs are workers
 *	pipeline            the same, but receivers are no workers: rx core -> worker -> tx core
 *	flow rules          an exact match of the five fields (some may be open) names the worker;
 *	                    the same rules for all ports
 *
 * The wish (struct steer, by port) is published with the tables. Each receiving QGM works with a
 * private copy and goes from one to the next without reordering any flow (move.c):
 *
 *	stop     frames whose worker changes wait in a bounded FIFO (held)
 *	marker   until every QGM has passed all that was handed over before, both hops of the old
 *	         path (receiver -> worker, worker -> owner of the port out), and, where workers have
 *	         Tx queues of their own, until these have sent it
 *	switch   the copy is replaced, the FIFO goes first
 *
 * A frame that waits in its worker's queue for a neighbour's address is not waited for.
 */
#pragma once

#include "qgm/steer/flow.h"
#include "qgm/steer/reta.h"
#include "libc/include/pix/dev.h"

enum {
	STEER_BUCKETS = 128,
	STEER_RULES = PIX_FLOWS_MAX,
	STEER_MASKS = 8,     /* different sets of open fields */
	STEER_NOBODY = 0xff, /* a rule whose QGM is down */
};

/* Fields that a rule leaves open. */
enum steer_open {
	STEER_OPEN_SRC = 1u << 0,
	STEER_OPEN_DST = 1u << 1,
	STEER_OPEN_SPORT = 1u << 2,
	STEER_OPEN_DPORT = 1u << 3,
	STEER_OPEN_PROTO = 1u << 4,
};

struct steer_rule {
	struct flow_key key; /* zero where open */
	u8 open;             /* enum steer_open */
	u8 qgm;
	u16 count; /* of flow_hits (qgm.h): where its frames are counted */
	u8 pad[4];
};

/*
 * All flow rules and a hash table of them, as large as `room` rules want it:
 *
 *	| head | rule[0 .. room) | slot[0 .. slots): number of a rule + 1, 0 free; linear probing |
 */
struct steer_rules {
	u16 nrules, room;
	u16 slots; /* a power of two */
	u8 nmasks;
	u8 mask[STEER_MASKS]; /* enum steer_open, fewest open fields first */
	u8 pad;
	struct steer_rule rule[];
};

/* The steering of one port. Published ones are immutable; private copies are the QGM's. */
struct steer {
	u64 gen;     /* of the setting, never 0 when published */
	u64 workers; /* bit per QGM */
	u8 mode;     /* enum pix_steer_mode */
	u8 bucket[STEER_BUCKETS];
	const struct steer_rules *rules; /* NULL: none; published with it, or the QGM's copy */
};

/* Bytes for `room` rules (1..STEER_RULES), and none in them yet. Any core. */
size_t steer_rules_bytes(u32 room);
void steer_rules_begin(struct steer_rules *s, u32 room);

/* A copy into memory for STEER_RULES. What it says of itself is not believed where it would lead
 * out of it; rules of QGMs that are not in `live` are nobody's. False: there are none. */
bool steer_rules_copy(struct steer_rules *to, const struct steer_rules *from, u64 live);

/* These QGMs live, of those that rules name. */
void steer_rules_live(struct steer_rules *s, u64 live);

/* Any core: put one more rule in, counted under `count` (0..STEER_RULES - 1). False: no room. */
bool steer_add_rule(struct steer_rules *s, const struct flow_key *key, u8 open, u8 qgm, u16 count);

/* The best rule for the key whose QGM is there, NULL: none. */
const struct steer_rule *steer_find_rule(const struct steer_rules *s, const struct flow_key *key);

/* QGM of the best rule for the key, STEER_NOBODY: none. */
u8 steer_rule_qgm(const struct steer_rules *s, const struct flow_key *key);

/* The fields of `key` that `open` leaves. */
void steer_close(struct flow_key *key, u8 open);
