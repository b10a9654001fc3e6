// SPDX-License-Identifier: MIT
/*
 * The terminal of the machine: serial line and display together, as /dev/console, /dev/tty and
 * /dev/ttyS0.
 */
#pragma once

/* Start-up, after vfs_init(): registers the devices and becomes the receiver of typed bytes. */
int tty_init(void);
