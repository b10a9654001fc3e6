// SPDX-License-Identifier: MIT
/*
 * Consoles: where the log and the terminal's output go, and where keys come from. Output
 * drivers (uart, vga, fb) register; input drivers call console_input(); the tty installs itself
 * as the receiver. Generic cores only.
 */
#pragma once

#include "kernel/types.h"

struct console {
	const char *name; /* "uart0", "fb0", ... */
	/*
	 * Write n bytes; '\n' has already been turned into "\r\n". Called with the console lock
	 * held and interrupts off, also from panic: no waits without a deadline, no locks of its
	 * own.
	 */
	void (*write)(const char *buf, size_t n);
	struct console *next; /* owned by console.c */
};

/*
 * Add an output; it stays for ever. The log so far is replayed into it when it is the first
 * console of its name. A console named "uart0" replaces the boot's own polled serial writer.
 */
void console_register(struct console *c);

/* The log has grown: show it, now or when no program is at work on the terminal (logview.h). */
void console_log(void);

/* What programs print, bytes as they are (the tty has done its output processing). */
void console_write_raw(const char *buf, size_t n);

/* A program begins (ends) to wait for input, or to write. Threads. */
void console_reading(bool begins);
void console_writing(bool begins);

/* One byte typed on a console. From an interrupt handler or a thread; dropped without receiver. */
void console_input(char c);

/* Set the receiver of typed bytes (the tty). May be called from interrupt context. */
void console_set_input(void (*fn)(char c));

/* For panic only: forget the lock, whoever held it has been stopped; the log is shown at once. */
void console_break_locks(void);
