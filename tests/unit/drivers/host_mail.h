// SPDX-License-Identifier: MIT
/*
 * The host of a virtual function as a test wants it: between the driver and the model, on the
 * registers of the mailbox (82599 data sheet, 8.3.5.1.5, 7.10.2.9.2). What the test leaves alone
 * the model answers; a host that is older, poorer, mute or being reset is played here.
 */
#pragma once

#include "tests/unit/drivers/rig.h"

enum { HOST_OPCODES = 16, HOST_WORDS = 16 };

struct host {
	bool silent;     /* does not answer */
	bool resetting;  /* says so */
	bool was_reset;  /* says so once */
	u32 api;         /* newest version it knows, as messages number them; ~0: all */
	u32 refuse;      /* messages it says no to, a bit each */
	u32 queues[2];   /* transmit, receive; 0: the model's */
	u32 xcast;       /* says no to more (Linux on the 82599: to 3) */
	u32 trust;       /* says yes to more, and grants this */
	bool no_address; /* leaves the choice to the function */
	u32 says;        /* a message of its own, 0: none */
	u32 asked[HOST_OPCODES];
	u32 last[HOST_OPCODES][HOST_WORDS]; /* the latest message of each kind */
};
extern struct host host;

/* A host that knows everything; to be called before the device is probed. */
struct model *host_between(struct model *m);
