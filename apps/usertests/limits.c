// SPDX-License-Identifier: MIT
/* Taking more than there is: descriptors, processes, memory. The kernel says no, and afterwards has
 * everything back (the system test compares its free memory before and after). */
#include "apps/usertests/usertests.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool descriptors_run_out(void)
{
	int n = 0;
	long r;

	while ((r = ut_call(SYS_dup, 0L)) >= 0) {
		if (++n > 2000000)
			return ut_fail("no end of descriptors");
	}
	return (r == -EMFILE && n > 8) || ut_fail("%ld after %d", r, n);
}

static bool many_children(void)
{
	enum { CHILDREN = 40 };
	int seen = 0, status;

	for (int i = 0; i < CHILDREN; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(i);
		if (pid < 0)
			return ut_fail("fork %d: errno %d", i, errno);
	}
	while (waitpid(-1, &status, 0) > 0)
		seen++;
	return seen == CHILDREN || ut_fail("%d of %d came back", seen, CHILDREN);
}

/* A mapping as large as the machine is refused, or kills this process when it is touched; on PIX
 * it may not take others with it. Linux overcommits, so there only the refusal is looked at. */
static bool memory_runs_out(void)
{
	enum { STEP = 1 << 20 };
	long r = ut_call(SYS_mmap, 0L, 1L << 45, 3L, 0x22L, -1L, 0L);

	if (r >= 0 && ut_on_pix())
		return ut_fail("32 TiB were granted");
	if (!ut_on_pix())
		return true;
	for (int i = 0; i < 65536; i++) {
		char *p = mmap(NULL, STEP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			       0);

		if (p == MAP_FAILED)
			return errno == ENOMEM || ut_fail("errno %d", errno);
		for (int at = 0; at < STEP; at += 4096)
			((volatile char *)p)[at] = 1;
	}
	return ut_fail("64 GiB were granted");
}

/* The hungry one may be refused or killed; its parent goes on. */
static bool hungry_child(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(memory_runs_out() ? 0 : 1);
	if (waitpid(pid, &status, 0) != pid)
		return ut_fail("waitpid");
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == 9 || ut_fail("died of signal %d", WTERMSIG(status));
	return WEXITSTATUS(status) == 0;
}

static bool short_lived(void)
{
	for (int i = 0; i < 100; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			return ut_fail("round %d: errno %d", i, errno);
	}
	return true;
}

const struct usertest limit_tests[] = {
	{ "descriptors_run_out", descriptors_run_out, 0 },
	{ "many_children", many_children, 0 },
	{ "short_lived", short_lived, 0 },
	{ "memory_runs_out", hungry_child, 0 },
	{ NULL, NULL, 0 },
};
