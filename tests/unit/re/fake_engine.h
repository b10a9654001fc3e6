// SPDX-License-Identifier: MIT
/*
 * One QGM and four ports around the routing engine: packets end in a list of fates that a test
 * looks at; the conservation law is checked from the fates themselves. Tables have one root and a
 * grace period that ends when the test says so.
 */
#pragma once

#include "tests/unit/re/fake_env.h"

#include "qgm/control.h"
#include "qgm/core.h"
#include "qgm/re/ipv4.h"
#include "qgm/re/re.h"

enum {
	FAKE_PORTS = 4,
	FAKE_FATES = 4096,
	FAKE_FRAME = 2048,
	FAKE_HZ = 1000000000,
	FAKE_CAME = 77 /* timestamp of frames */
};

enum fate_kind { FATE_OUT, FATE_DROP, FATE_PUNT, FATE_CONSUME };

struct fate {
	enum fate_kind kind;
	u32 why; /* drop reason or punt class */
	u16 in_port, in_if, vrf, l3_off, out_if, out_port, len;
	u64 timestamp;
	u8 frame[FAKE_FRAME];
};

extern struct fate fates[FAKE_FATES];
extern u32 fate_count;
extern struct pix_event fake_events[1024];
extern u32 fake_event_count;
extern bool fake_event_full; /* the event ring takes nothing */
extern bool fake_no_buffer;  /* the pool is dry */
extern u64 fake_clock;
extern struct qgm *fake_q;
extern u32 fake_in; /* packets given to the engine by the test */

/* Fresh QGM, ports and tables; control_init() done. fake_stop() checks the law and leaks. */
void fake_start(void);
void fake_stop(void);

/* in = out + dropped + punted + consumed + held, with what was made. */
void fake_law(void);

void fake_forget(void); /* the fates so far */
u32 fake_drops(enum drop_reason why);

/* A packet buffer holding a frame that came in on a port, as the parser leaves it. */
struct packet *fake_frame(u16 port, const void *frame, u16 len);

/* The test gives n of them to the engine by itself. */
void fake_taken(u32 n);

/* Run one frame, or a burst, through re_input under the current root. */
void fake_rx(u16 port, const void *frame, u16 len);
/* The same, as the driver of a routed port gives them (re_received); the parser is told nothing. */
void fake_received(u16 port, struct packet *const *p, u32 n);
void fake_burst(struct packet *const *p, u32 n);

/* A packet of the host stack. */
void fake_host(u16 vrf, const void *ip, u16 len);
void fake_host_on(u16 vrf, u16 ifid, const void *ip, u16 len);

/* Let time pass and timers fire. */
void fake_sleep_ms(u32 ms);

/* A new root: what the loop does at the first burst of an epoch. */
void fake_epoch(void);

/* The first `max` routes of the listing. */
u32 fake_routes(struct pix_route *out, u32 max, u32 *total);

/* One operation, or several, as a transaction: must succeed. */
void fake_txn(struct pix_op *ops, u32 n);
struct pix_op op_if(u16 id, u32 addr, u8 len);
struct pix_op op_route(u32 addr, u8 len, u32 gateway);
struct pix_op op_neigh(u16 ifid, u32 addr, u8 mac_last);

extern const u8 fake_port_mac[6];  /* last byte + port id */
extern const u8 fake_neigh_mac[6]; /* last byte from op_neigh() */

#define IP(a, b, c, d) ((u32)(a) << 24 | (u32)(b) << 16 | (u32)(c) << 8 | (u32)(d))
