// SPDX-License-Identifier: MIT
/*
 * Scan code set 1 (as the i8042 translates it) to the bytes a terminal sends: US layout, Shift,
 * Ctrl, Caps Lock, Alt as ESC prefix, cursor keys as ESC [ A. Pure.
 */
#pragma once

#include "libc/include/pix/types.h"

enum { SCANCODE_BYTES_MAX = 5 };

struct scancode {
	bool shift_left, shift_right, ctrl_left, ctrl_right, alt, caps;
	bool extended; /* E0h seen */
	u8 skip;       /* bytes of a Pause sequence (E1h) still to come */
};

/* One byte from the keyboard; returns how many bytes of out[] it typed (0..SCANCODE_BYTES_MAX). */
unsigned scancode_decode(struct scancode *s, u8 code, char out[SCANCODE_BYTES_MAX]);
