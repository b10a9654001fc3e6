// SPDX-License-Identifier: MIT
/*
 * vt: the text screen of a display. Keeps the cells, understands the few ANSI sequences that a
 * line editor needs (ECMA-48: CUU CUD CUF CUB CUP ED EL, SGR ignored), scrolls, and tells the
 * back end which cells really changed, since display memory is slow to write and slower to read.
 * Pure; the back ends (fb.c, vga.c) call it under the console's lock.
 */
#pragma once

#include "libc/include/pix/types.h"

enum { VT_COLS_MAX = 256, VT_ROWS_MAX = 100, VT_PARAMS = 4 };

struct vt {
	u32 cols, rows;
	u32 x, y;  /* cursor; x == cols: the next character wraps first */
	u8 *cell;  /* rows * cols characters wanted */
	u8 *shown; /* what the display has; high bit: cursor is there */
	void (*draw)(u32 x, u32 y, u8 ch, bool cursor);
	u8 state;
	u8 nparams;
	u16 param[VT_PARAMS];
	u32 dirty_lo, dirty_hi; /* rows touched since the last flush; lo > hi: none */
};

/* cell and shown: rows * cols bytes each. Clears the screen (draws every cell once). */
void vt_init(struct vt *v, u32 cols, u32 rows, u8 *cell, u8 *shown,
	     void (*draw)(u32 x, u32 y, u8 ch, bool cursor));

/* Interpret n bytes, then draw what changed. */
void vt_write(struct vt *v, const char *buf, size_t n);
