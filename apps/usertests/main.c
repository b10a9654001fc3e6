// SPDX-License-Identifier: MIT
/*
 * usertests [NAME...]: runs all tests, or those whose name begins with one of the words. One line
 * per failure, a count at the end; exit status 0 if all passed.
 */
#include "apps/usertests/usertests.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

const char *ut_self = "/bin/usertests";

static const char *running = "";
static unsigned passed, failed;

bool ut_fail(const char *fmt, ...)
{
	char why[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	printf("FAIL %s: %s\n", running, why);
	fflush(stdout);
	return false;
}

long ut_call(long nr, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	errno = 0;
	long r = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	return r == -1 && errno ? -errno : r;
}

bool ut_on_pix(void)
{
	struct utsname u;

	return uname(&u) == 0 && strcmp(u.sysname, "Linux") != 0;
}

/* Did the child end as the test wants? */
static bool judge(const struct usertest *t, int status)
{
	if (t->dies) {
		if (WIFSIGNALED(status) && WTERMSIG(status) == t->dies)
			return true;
		if (WIFSIGNALED(status))
			return ut_fail("died of signal %d, expected %d", WTERMSIG(status), t->dies);
		return ut_fail("lived on, expected signal %d", t->dies);
	}
	if (WIFSIGNALED(status))
		return ut_fail("died of signal %d", WTERMSIG(status));
	return WEXITSTATUS(status) == 0; /* the child has said why */
}

static void run_one(const struct usertest *t)
{
	int status = 0;

	running = t->name;
	fflush(stdout);
	pid_t pid = fork();
	if (pid < 0) {
		ut_fail("fork: %s", strerror(errno));
		failed++;
		return;
	}
	if (pid == 0) {
		bool good = t->run();
		fflush(stdout);
		_exit(good ? 0 : 1);
	}
	if (waitpid(pid, &status, 0) != pid) {
		ut_fail("waitpid: %s", strerror(errno));
		failed++;
		return;
	}
	if (judge(t, status))
		passed++;
	else
		failed++;
}

static bool chosen(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strncmp(name, argv[i], strlen(argv[i])))
			return true;
	}
	return argc < 2;
}

int main(int argc, char **argv)
{
	if (argc && strchr(argv[0], '/'))
		ut_self = argv[0];
	static const struct usertest *const all[] = { fault_tests, pointer_tests, call_tests,
						      limit_tests };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		for (const struct usertest *t = all[i]; t->name; t++) {
			if (chosen(t->name, argc, argv))
				run_one(t);
		}
	}
	printf("usertests: %u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
