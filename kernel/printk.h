// SPDX-License-Identifier: MIT
/*
 * The kernel log and the end of the world. Generic partition only (any generic core, any
 * context, also interrupt handlers); QGM cores log by messages, see qgm/env.h.
 */
#pragma once

#include <stdarg.h>
#include "kernel/types.h"

enum { LOG_RING_BYTES = 65536 };

/*
 * Append one formatted piece to the log ring and to every registered console. Conversions:
 * %s %c %d %i %u %x %X %p %% with -, 0, width, precision and h, hh, l, ll, z. At most 512 bytes a
 * call. A line starts with no decoration; end lines with \n (consoles turn it into \r\n).
 */
void printk(const char *fmt, ...) __printf(1, 2);
void vprintk(const char *fmt, va_list ap) __printf(1, 0);

/* Append n bytes as they are. */
void log_write(const char *text, size_t n);

/*
 * Copy up to n bytes of the log from absolute position `off` (bytes since boot) to buf. If `off`
 * is older than the ring holds, reading starts at the oldest byte. Returns the bytes copied and
 * stores the position after them in *next when next is not NULL. Any generic core.
 */
size_t log_read(u64 off, char *buf, size_t n, u64 *next);

/* Absolute positions: oldest byte still held, and one past the newest. */
void log_range(u64 *oldest, u64 *newest);

/* Stop the generic partition: reason, registers, backtrace on all consoles. Any generic core. */
void panic(const char *fmt, ...) __printf(1, 2) __noreturn;

/* For panic only: forget the locks of the log and the consoles. */
void printk_break_locks(void);

struct trapframe;
/* The same with the registers of a trap. */
void panic_frame(const struct trapframe *f, const char *fmt, ...) __printf(2, 3) __noreturn;

/* Print one "  #n address name+offset" line per frame, at most 32, from frame pointer rbp. */
void backtrace_print(u64 rip, u64 rbp);

/* Name of the function that holds `addr`, "?" when outside of the text. *off: bytes into it. */
const char *ksym_lookup(u64 addr, u64 *off);

/* Always on, control plane. In files of qgm/ use ASSERT_ENGINE. */
#define ASSERT(x)                                                                     \
	do {                                                                          \
		if (unlikely(!(x)))                                                   \
			panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #x); \
	} while (0)
