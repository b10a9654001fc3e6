// SPDX-License-Identifier: MIT
/*
 * usertests: what each file of tests offers and what a test may use.
 *
 * A test is a function that runs in a child process of its own: it returns when all is well, and
 * ends the child by CHECK() when not. A test that names a signal must be killed by it.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum test_flags {
	UT_PIX = 1, /* where PIX is stricter than Linux: left out on a Linux host */
};

struct test {
	const char *name;
	void (*fn)(void);
	int signal; /* that must end the child; 0: it exits with status 0 */
	unsigned flags;
};

/* Ended by an entry without a function. */
extern const struct test tests_traps[], tests_badptr[], tests_process[], tests_memory[],
	tests_signals[], tests_files[], tests_sockets[], tests_fuzz[], tests_resources[];

/* Prints where and why, and ends the child. */
void ut_stop(const char *file, int line, const char *what, long got) __attribute__((noreturn));

#define CHECK(x)                                                 \
	do {                                                     \
		if (!(x))                                        \
			ut_stop(__FILE__, __LINE__, #x, -errno); \
	} while (0)

#define CHECK_EQ(a, b)                                                    \
	do {                                                              \
		long ut_a_ = (long)(a);                                   \
		if (ut_a_ != (long)(b))                                   \
			ut_stop(__FILE__, __LINE__, #a " == " #b, ut_a_); \
	} while (0)

/* A call that must fail with this errno. */
#define CHECK_ERR(call, err)                                                   \
	do {                                                                   \
		errno = 0;                                                     \
		long ut_r_ = (long)(call);                                     \
		if (ut_r_ != -1 || errno != (err))                             \
			ut_stop(__FILE__, __LINE__, #call " fails with " #err, \
				ut_r_ == -1 ? -errno : ut_r_);                 \
	} while (0)

/* The raw system call: the value, or -errno. */
long ut_raw(long nr, long a, long b, long c, long d, long e, long f);

/* Waits for a child: its exit status must be code. */
void ut_wait_exit(pid_t pid, int code);
/* Waits for a child: the signal must have ended it. */
void ut_wait_signal(pid_t pid, int sig);

void ut_sleep_ms(unsigned ms);
uint64_t ut_now_ms(void);
/* A path in a writable directory of this run: dir/name. The text stays valid until the 4th call. */
const char *ut_path(const char *name);
/* The path of this program, to exec it again. */
const char *ut_program(void);
