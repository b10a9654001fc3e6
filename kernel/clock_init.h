// SPDX-License-Identifier: MIT
/* Start-up of kernel/clock.h. Boot CPU; the local APIC is enabled. */
#pragma once

/* Choose a reference and take the first sample; the second, at least 10 ms later, ends it. */
void clock_calibrate_begin(void);
void clock_calibrate_end(void);
void clock_wall_init(void);
