// SPDX-License-Identifier: MIT
/*
 * The hosted environment: qgm/env.h for host programs. Memory from the C library (each piece on
 * its own, so that AddressSanitizer sees its ends), a clock that is real or set by the test,
 * planted bugs by name, wake-ups and panics as callbacks. One world a process at a time;
 * host_reset() ends it and gives everything back.
 */
#pragma once

#include <setjmp.h>

#include "qgm/env.h"

/* What the host adds to an address to give the device's: a raw address is no device address. */
#define HOST_IOVA_DELTA 0x0000100000000000ull

/* Forget everything: memory, ports, plants, hooks; the clock is virtual at 1 s, 1 GHz. */
void host_reset(void);

/* Limit of each env_alloc() in all, in bytes (0: none): memory that runs out. */
void host_memory_limit(u64 bytes);
u64 host_memory_used(void);

/* From now on env_alloc() takes from [base, base + bytes), zeroing what it gives; host_reset()
 * makes all of it free again. For benchmarks, which put the engine into large pages. NULL: as
 * before. */
void host_memory_region(void *base, u64 bytes);

/* The clock: virtual (starts where it stands, moves by host_clock_advance()) or the TSC. */
void host_clock_virtual(u64 hz);
void host_clock_real(void);
void host_clock_advance(u64 cycles);
void host_clock_step(u64 cycles); /* added by each env_clock() call, default 0 */

/* "ttl,leak": what env_planted() says yes to, until host_reset(). */
void host_plant(const char *names);

/* Called by env_wake() in the waker's thread; NULL: counted only. */
void host_wake_hook(void (*fn)(u32 qgm));
u64 host_wakes(u32 qgm); /* QGM or ENV_GENERIC, since host_reset() */

/* The newest env_log() line. */
const char *host_log_last(void);

/*
 * A panic that a test expects: if (!host_panic_catch()) { ...must panic... } else {
 * host_panic_text() } Without it a panic prints and aborts.
 */
extern jmp_buf host_panic_jmp;
extern bool host_panic_armed;
const char *host_panic_text(void);
#define host_panic_catch() (host_panic_armed = true, setjmp(host_panic_jmp))
