// SPDX-License-Identifier: MIT
/*
 * Faults of NICs at many random points: the world of one point (r13_world.c), what a point is and
 * what must come of it (r13.c), the program (r13_main.c), the faults of each chip (r13_CHIP.c).
 *
 * The world is the port under test and a second one of the same kind, driven as qgm/ports.c drives
 * them: polled in turns, stepped every 10 ms, stopped, drained and started when the driver asks for
 * a reset. Every frame has a number and a flow; what is handed up must be one that was injected,
 * whole, once, in the order of its flow. The second port loses nothing, whatever the first one
 * does.
 */
#pragma once

#include "tests/unit/drivers/mq.h"
#include "tests/unit/drivers/rig.h"

enum { R13_NOTICE_MS = 250, R13_BACK_MS = 1000 };

/* What must come of a fault. */
enum r13_kind {
	R13_FRAME, /* costs frames, which are counted by name; no reset */
	R13_ORDER, /* costs nothing */
	R13_RESET, /* a reset, noticed and over in time */
	R13_MAYBE, /* either of the first and the third */
	R13_START, /* lasts while the port is stopped and started: it comes up, or is down cleanly
		    */
	R13_LINK,  /* the link comes and goes every half millisecond */
	R13_GONE,  /* all ones from now on; the port goes down cleanly, the device returns */
};

struct r13_fault {
	const char *row;   /* in the table */
	const char *fault; /* of the chip's model in nicsim; NULL: `arm` does it */
	enum r13_kind kind;
	u64 count;                       /* how often, 0: once */
	u64 (*arg)(void);                /* NULL: 0 */
	void (*arm)(u64 count, u64 arg); /* so often (~0: always); count 0: over */
	u64 (*hits)(void);               /* with `arm`: how often it happened so far */
	u32 notice_ms;                   /* where R13_NOTICE_MS would be wrong */
	bool unheard; /* the device says it by a register only: what was written before is no error
		       */
	u32 not_of;   /* variants that cannot have it, a bit each */
	bool parks;   /* R13_START: it may run without link, and try again by itself */
};

struct r13_chip {
	const char *name;
	const char *spec; /* of nicsim, to which a variant is added */
	bool guest;       /* its first virtual function */
	/* Each fault is tried on each; NULL: there is one. */
	const char *const *variants;
	u32 nvariants;
	/* Another device than nicsim's: fresh; and as the bus resets it when it is plugged in. */
	struct model *(*model)(u32 variant);
	void (*reset)(struct model *m);
	const struct net_driver *driver;
	u16 vendor, device;
	u32 queues;
	bool first_poll; /* has a link before its first poll gives it buffers */
	const struct r13_fault *fault;
	u32 nfaults;
	const char *length_row; /* the one whose argument is the length that is written back */
};
extern const struct r13_chip r13;

/* Rows that the chips of Intel with advanced descriptors share: rings, link, what is read at a
 * start. */
#define R13_RX_ROWS                                                             \
	{ "rx-dd-never", "rx-no-dd", R13_RESET, .count = 1 },                   \
		{ "rx-dd-no-length", "rx-no-length", R13_FRAME, .count = 1 },   \
		{ "rx-length", "rx-length", R13_FRAME, .arg = r13_bad_length }, \
		{ "rx-length-storm", "rx-length", R13_MAYBE, .count = 300,      \
		  .arg = r13_bad_length },                                      \
		{ "rx-no-eop", "rx-no-eop", R13_FRAME, .count = 1 },            \
		{ "rx-error", "rx-error", R13_FRAME, .count = 1 },              \
		{ "rx-head-jump", "rx-head-jump", R13_RESET, .arg = r13_some }, \
	{                                                                       \
		"rx-out-of-order", "rx-order", R13_ORDER, .count = 1            \
	}
#define R13_TX_ROWS                                               \
	{ "tx-dd-never", "tx-no-dd", R13_RESET, .count = ~0ull }, \
	{                                                         \
		"tx-hang", "tx-hang", R13_RESET, .count = ~0ull   \
	}
#define R13_WIRE_ROWS                                      \
	{ "link-flap", NULL, R13_LINK, .count = 1 },       \
	{                                                  \
		"removed", "removed", R13_GONE, .count = 1 \
	}
/* While the port starts, for one look, some, or all the time. */
#define R13_START_ROW(name)                           \
	{                                             \
		name, name, R13_START, .count = ~0ull \
	}
#define R13_START_ROWS                                                           \
	R13_START_ROW("eeprom-timeout"), R13_START_ROW("eeprom-checksum"),       \
		R13_START_ROW("phy-timeout"), R13_START_ROW("reset-stuck"),      \
		R13_START_ROW("master-stuck"), R13_START_ROW("rx-enable-stuck"), \
		R13_START_ROW("tx-enable-stuck"), R13_START_ROW("semaphore-stuck")

/* Arguments: what no frame in a buffer of ours can be long (a plausible length would be believed),
 * and 1 to 8. */
u64 r13_bad_length(void);
u64 r13_some(void);

/* r13.c: so many points of one fault on one variant; a line of the table. An error to plant. */
void r13_try(const struct r13_fault *f, u32 variant, u32 points, u64 seed);
extern const char *r13_plant;

/* --- random numbers, all from the seed ------------------------------------------------------- */

u32 r13_any(void);
u32 r13_below(u32 n);
void r13_seed(u64 seed);

/* --- the world ------------------------------------------------------------------------------- */

struct r13_port {
	struct model *model;
	struct port *port;
	struct pool_cache *pc[PORT_QUEUES];
	u32 queues;
	bool restart;
	u64 next_step;
	u64 injected, delivered; /* frames */
	u64 runts;               /* handed up, too short to be a frame */
	u64 handed, sent, aborted;
	u64 resets_asked;
};

struct r13_world {
	struct r13_port port[2]; /* under test; the other */
	u32 rate;                /* frames a turn into port 0, at most */
	bool dark;               /* what is sent may be lost */
	bool beyond;             /* planted: a byte behind each frame is read */
	u32 variant;
};
extern struct r13_world r13_world;

/* Both ports are up. */
void r13_begin(void);
/* Both are stopped, everything is back. */
void r13_end(void);
/* It runs and has link. */
bool r13_ready(const struct r13_port *w);
/* One turn of both ports: frames in, polls, frames out, steps; then time passes. */
void r13_turn(void);
void r13_turns(u32 n);
/* Frames come in no more; until nothing is under way. */
void r13_settle(void);
/* A frame into each queue of port 0, and out again: in so many turns, or ~0. */
u32 r13_works(u32 turns);
/* All buffers are accounted for; the other port has lost nothing. */
void r13_check(void);
/* What the port under test counted as bad frames and bad descriptors. */
u64 r13_bad(void);
/* A stop by the operator, with a start after it. */
void r13_restart(void);
/* Give the port one frame of nobody's to send, so that there is one under way. */
void r13_send(u32 n);
