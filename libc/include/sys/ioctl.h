// SPDX-License-Identifier: MIT
/* ioctl() and the numbering scheme of the Linux ABI: dir:2 size:14 type:8 nr:8. */
#pragma once

#ifndef _IOC
#define _IOC_NONE            0U
#define _IOC_WRITE           1U
#define _IOC_READ            2U
#define _IOC(dir, t, nr, sz) (((dir) << 30) | ((unsigned)(sz) << 16) | ((t) << 8) | (nr))
#define _IO(t, nr)           _IOC(_IOC_NONE, t, nr, 0)
#define _IOR(t, nr, type)    _IOC(_IOC_READ, t, nr, sizeof(type))
#define _IOW(t, nr, type)    _IOC(_IOC_WRITE, t, nr, sizeof(type))
#define _IOWR(t, nr, type)   _IOC(_IOC_READ | _IOC_WRITE, t, nr, sizeof(type))
#endif

#define TCGETS     0x5401
#define TCSETS     0x5402
#define TCSETSW    0x5403
#define TCSETSF    0x5404
#define TCSBRK     0x5409
#define TCXONC     0x540a
#define TCFLSH     0x540b
#define TIOCSCTTY  0x540e
#define TIOCGPGRP  0x540f
#define TIOCSPGRP  0x5410
#define TIOCGWINSZ 0x5413
#define TIOCSWINSZ 0x5414
#define FIONREAD   0x541b
#define FIONBIO    0x5421

struct winsize {
	unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel;
};

int ioctl(int fd, unsigned long req, ...);
