// SPDX-License-Identifier: MIT
/* The ends of a process: exit, _exit, abort, atexit, assert. */
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "libc/src/stdio.h"
#include "libc/src/syscall.h"

static void (*exit_fns[32])(void);
static unsigned exit_count;

int atexit(void (*fn)(void))
{
	if (exit_count == sizeof(exit_fns) / sizeof(exit_fns[0]))
		return -1;
	exit_fns[exit_count++] = fn;
	return 0;
}

void _exit(int code)
{
	for (;;) {
		sys_raw(SYS_exit_group, code);
		sys_raw(SYS_exit, code);
	}
}

void _Exit(int code)
{
	_exit(code);
}

void exit(int code)
{
	while (exit_count)
		exit_fns[--exit_count]();
	stdio_flush_all();
	_exit(code);
}

void abort(void)
{
	sigset_t set;

	signal(SIGABRT, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGABRT);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(SIGABRT);
	_exit(127);
}

void __assert_fail(const char *expr, const char *file, int line, const char *func)
{
	fprintf(stderr, "%s:%d: %s: assertion '%s' failed\n", file, line, func, expr);
	abort();
}
