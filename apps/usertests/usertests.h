// SPDX-License-Identifier: MIT
/*
 * usertests: what a user process may do to the kernel and must not. Every test runs in a child of
 * its own, so that one that dies is one failure. The same program runs on Linux, whose behaviour
 * is the reference: `build/user/bin/usertests` on the host must pass too.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* One test: returns true when it passed, else after ut_fail(). `dies` is the signal that must end
 * it instead of a return, 0 for none. */
struct usertest {
	const char *name;
	bool (*run)(void);
	int dies;
};

extern const struct usertest fault_tests[]; /* each ends with a row of NULLs */
extern const struct usertest pointer_tests[];
extern const struct usertest call_tests[];
extern const struct usertest limit_tests[];

/* Say why the running test failed; returns false. */
bool ut_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A system call as the kernel answers it: the result or -errno. */
long ut_call(long nr, ...);

/* This program's path. */
extern const char *ut_self;

/* True on PIX, false on Linux (where the kernel's own addresses differ). */
bool ut_on_pix(void);
