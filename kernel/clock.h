// SPDX-License-Identifier: MIT
/*
 * Time. The TSC is the clock; it is calibrated once at boot against HPET, else the ACPI PM timer,
 * else the PIT. Any core.
 */
#pragma once

#include "kernel/types.h"

enum { TICK_HZ = 100 };

extern u64 tsc_hz;                    /* cycles per second */
extern u64 tsc_boot;                  /* TSC at the entry of the boot code */
extern const char *clock_source_name; /* what calibrated it: "hpet", "pmtimer" or "pit" */

static inline u64 rdtsc(void)
{
	u32 lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return ((u64)hi << 32) | lo;
}

/* Nanoseconds since TSC 0 (machine start). Never goes back on one core. */
u64 clock_ns(void);
u64 clock_tsc_to_ns(u64 cycles);
u64 clock_ns_to_tsc(u64 ns);

/* Busy wait. For device waits during start-up only. */
void clock_delay_ns(u64 ns);

/* Seconds since 1970 at TSC 0, from the CMOS clock (UTC assumed); 0 when it makes no sense. */
u64 clock_wall_boot(void);

/*
 * Ask for this core's next sched_tick() in ns nanoseconds (50 us .. 1 s) instead of a whole
 * period from now. Once asked for, the next tick must be asked for in each. Generic cores,
 * interrupts off.
 */
void clock_tick_in(u64 ns);

/*
 * The scheduler's tick, TICK_HZ times a second on each generic core, interrupts off, after EOI.
 * sched implements it.
 */
void sched_tick(void);
