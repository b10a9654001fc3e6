// SPDX-License-Identifier: MIT
/*
 * The register file of the XL710 in BAR 0: one table of rows (name, offset, strides, counts, value
 * after reset, bits that software may write, bits that read only, level of reset that restores
 * it), a flat store, and what a write to no register, to a read-only one or of reserved bits
 * reports.
 *
 * Data sheet 332464: 10.2 (register descriptions, PF), 4.1 (resets).
 */
#pragma once

#include "tools/nicsim/device.h"

struct xl710;
struct xl710_reg;

/* What restores a register: its own level and all above (data sheet 4.1.2). */
enum xl710_reset_level {
	XL710_PFR = 1, /* PF reset */
	XL710_CORER,
	XL710_GLOBR,
	XL710_EMPR,
	XL710_POR,
};

/* One row. `n` registers `stride` bytes apart, in `n2` groups `stride2` bytes apart. */
struct xl710_reg {
	const char *name;
	u32 off;
	u32 n, stride, n2, stride2;
	u32 level;
	u32 dflt; /* value after reset */
	u32 wr;   /* bits that take what is written */
	u32 ro;   /* bits that exist, and ignore writes */
	u32 w1c;  /* bits that a 1 clears */
	u32 (*read)(struct xl710 *x, u32 off);
	/* After the store: `v` is what was written, all bits. */
	void (*write)(struct xl710 *x, u32 off, u32 v);
};

/* Rows by name and offset; how many, how far apart; how many groups, how far apart; what resets
 * them; and the fields above that are not 0. */
#define XL710_ROWS(name_, off_, n_, stride_, n2_, stride2_, level_, ...)                    \
	{                                                                                   \
		.name = #name_, .off = (off_), .n = (n_), .stride = (stride_), .n2 = (n2_), \
		.stride2 = (stride2_), .level = XL710_##level_, __VA_ARGS__                 \
	}
#define XL710_ALL (~0u)

/* The parts of the table, ends marked by a NULL name. */
extern const struct xl710_reg xl710_regs_global[], xl710_regs_lan[], xl710_regs_stats[];

enum { XL710_REGS_SIZE = 0x400000 }; /* bytes of BAR 0 that hold registers */

/* Build the index once. */
void xl710_regs_init(void);
/* The row of an offset, NULL: no such register. */
const struct xl710_reg *xl710_reg_at(u64 off);
/* "QTX_TAIL[3]" into buf. */
const char *xl710_reg_name(u64 off, char *buf, u32 size);

/* Accesses of the CPU, and of the debug commands of the admin queue. */
u32 xl710_reg_read(struct xl710 *x, u64 off);
void xl710_reg_write(struct xl710 *x, u64 off, u32 v);

/* Restore all registers of `level` and below. */
void xl710_regs_reset(struct xl710 *x, enum xl710_reset_level level);
