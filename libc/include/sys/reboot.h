// SPDX-License-Identifier: MIT
/* Restart, halt and power off: the Linux reboot call with its two magic numbers. */
#pragma once

#define RB_AUTOBOOT    0x01234567
#define RB_HALT_SYSTEM 0xcdef0123
#define RB_POWER_OFF   0x4321fedc
#define RB_ENABLE_CAD  0x89abcdef
#define RB_DISABLE_CAD 0

/* The process must be root. Does not return when the machine stops; -1 and errno otherwise. */
int reboot(int cmd);
