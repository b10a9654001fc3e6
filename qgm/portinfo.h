// SPDX-License-Identifier: MIT
/*
 * portinfo: what a port has to tell besides the counters that all ports have: statistics by the
 * names of its data sheet, named registers, the module in its cage. Tables of names are constants
 *of the driver; values lie in ENV_COUNTERS memory, written by the QGM that owns the port, read by
 * anyone.
 *
 *	statistics  counter_add(&p->stats.value[i], n) in the driver's step
 *	registers   a request (CTL_PORT_REGS): the owner reads PORT_REGS_PER_TURN of them a turn by
 *	            port_ops.read_reg until all are there; then `rounds` grows by one
 *	module      port_module_set() at start and when a module comes or goes
 */
#pragma once

#include "qgm/atomic.h"

struct port;

enum { PORT_STATS_MAX = 256, PORT_REGS_MAX = 512, PORT_REGS_PER_TURN = 4 };

struct port_stats {
	const char *const *name;
	u64 *value;
	u32 count;
};

/* A register as the data sheet names it. */
struct port_reg {
	const char *name; /* at most 23 characters */
	u32 off;
	u8 bytes;    /* 1, 2, 4, 8 */
	u8 range;    /* which of the driver's ranges: its own business */
	bool clears; /* reading changes the device: listed without a value */
};

struct port_regs {
	const struct port_reg *table;
	u64 *value;
	u32 count;
	u32 rounds; /* how often all values were read; store_release by the owner */
};

/* SFF-8472 and SFF-8636 identification, in printable ASCII without trailing blanks. */
struct port_module {
	bool present;
	u8 identifier; /* byte 0 of its memory: SFF-8024 table 4-1 */
	char type[24]; /* "SFP+ 10GBASE-SR", "SFP+ direct attach" */
	char vendor[20];
	char part[20];
	char serial[20];
	char revision[8];
	char warning[64]; /* "not on the vendor's list", "" */
};

struct port_module_box {
	u32 version; /* odd while the owner writes */
	struct port_module m;
};

/* Boot, probe: memory for the values. 0, -EINVAL too many, -ENOMEM. */
int port_stats_alloc(struct port *p, const char *const *names, u32 count);
int port_regs_alloc(struct port *p, const struct port_reg *table, u32 count);

/* Owner QGM, or probe: what is in the cage now. */
void port_module_set(struct port *p, const struct port_module *m);

/* Any core: a consistent copy; false when the owner keeps writing. */
bool port_module_get(const struct port *p, struct port_module *m);

/* Copy a field of a module's memory of `len` bytes: printable characters only, blanks at the end
 * dropped, always with a 0 behind it. `room` bytes at `to`. */
void port_module_text(char *to, u32 room, const u8 *from, u32 len);
