// SPDX-License-Identifier: MIT
/*
 * The terminal settings as the Linux x86-64 ABI hands them over (asm-generic/termbits.h,
 * asm-generic/ioctls.h): only what the line discipline knows.
 */
#pragma once

#include "kernel/types.h"

#define NCCS 19

/* struct termios of the kernel ABI (TCGETS): 36 bytes, without the speeds that libc adds. */
struct termios {
	u32 c_iflag;
	u32 c_oflag;
	u32 c_cflag;
	u32 c_lflag;
	u8 c_line;
	u8 c_cc[NCCS];
};
_Static_assert(sizeof(struct termios) == 36, "termios ABI");

struct winsize {
	u16 ws_row, ws_col, ws_xpixel, ws_ypixel;
};

enum termios_iflag {
	INLCR = 0000100,
	IGNCR = 0000200,
	ICRNL = 0000400,
	IXON = 0002000,
	IUTF8 = 0040000,
};

enum termios_oflag {
	OPOST = 0000001,
	ONLCR = 0000004,
};

enum termios_cflag {
	B115200 = 0010002,
	CS8 = 0000060,
	CREAD = 0000200,
	HUPCL = 0002000,
};

enum termios_lflag {
	ISIG = 0000001,
	ICANON = 0000002,
	ECHO = 0000010,
	ECHOE = 0000020,
	ECHOK = 0000040,
	ECHONL = 0000100,
	NOFLSH = 0000200,
	ECHOCTL = 0001000,
	ECHOKE = 0004000,
	IEXTEN = 0100000,
};

enum termios_cc {
	VINTR = 0,
	VQUIT = 1,
	VERASE = 2,
	VKILL = 3,
	VEOF = 4,
	VTIME = 5,
	VMIN = 6,
	VSUSP = 10,
	VEOL = 11,
	VREPRINT = 12,
	VWERASE = 14,
	VEOL2 = 16,
};

enum tty_ioctl {
	TCGETS = 0x5401,
	TCSETS = 0x5402,
	TCSETSW = 0x5403,
	TCSETSF = 0x5404,
	TCFLSH = 0x540b,
	TIOCSCTTY = 0x540e,
	TIOCGPGRP = 0x540f,
	TIOCSPGRP = 0x5410,
	TIOCGWINSZ = 0x5413,
	TIOCSWINSZ = 0x5414,
	FIONREAD = 0x541b,
};
