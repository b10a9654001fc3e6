// SPDX-License-Identifier: MIT
/* The boot's own serial writer; see early_serial.c. Boot CPU, once, before the first printk. */
#pragma once

void early_serial_init(void);
