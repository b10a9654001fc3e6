// SPDX-License-Identifier: MIT
/*
 * The display's font: printable ASCII as 5 x 8 dots. The framebuffer doubles each row and
 * smears each dot one pixel to the right, so that a cell is 8 x 16 pixels with strokes of two.
 */
#pragma once

#include "libc/include/pix/types.h"

enum { FONT_FIRST = 0x20, FONT_LAST = 0x7f, FONT_ROWS = 8, FONT_CELL_W = 8, FONT_CELL_H = 16 };

extern const u8 font_glyphs[FONT_LAST - FONT_FIRST + 1][FONT_ROWS];

/* Pixels of row y (0..15) of character c, bit 7 leftmost. */
static inline u8 font_row(u8 c, unsigned y)
{
	u8 dots =
		font_glyphs[(c < FONT_FIRST || c > FONT_LAST ? FONT_LAST : c) - FONT_FIRST][y / 2];

	return (u8)(dots << 2 | dots << 1);
}
