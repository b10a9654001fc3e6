// SPDX-License-Identifier: MIT
/*
 * usertests: tests of the system calls and of what happens to bad programs, as a user program. Each
 * test runs in a child; the last line is "usertests: N passed, N failed", the exit status 0 if none
 * failed. `usertests NAME...` runs the tests whose names begin with NAME, `usertests -l` lists
 * them. As process 1 (pix.init=/bin/usertests) it powers the machine off at the end. It also runs
 * on a Linux host, where it shows that the tests themselves are right.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "apps/usertests/usertests.h"
#include "apps/usertests/ut.h"

enum { LIMIT_MS = 30000, POLL_MS = 2 };

static const struct test *const groups[] = {
	tests_traps, tests_badptr,  tests_process, tests_memory,    tests_signals,
	tests_files, tests_sockets, tests_fuzz,    tests_resources,
};

/* Tests in the other form: they return whether they passed. */
static const struct usertest *const plain[] = {
	fault_tests,
	pointer_tests,
	call_tests,
	limit_tests,
};

const char *ut_self = "/bin/usertests";
static char dir[64];
static const char *running = "";
static bool verbose;

long ut_raw(long nr, long a, long b, long c, long d, long e, long f)
{
	errno = 0;
	long r = syscall(nr, a, b, c, d, e, f);

	return r == -1 && errno ? -errno : r;
}

long ut_call(long nr, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	return ut_raw(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

bool ut_fail(const char *fmt, ...)
{
	va_list ap;

	printf("FAIL %s: ", running);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	return false;
}

void ut_stop(const char *file, int line, const char *what, long got)
{
	const char *base = strrchr(file, '/');

	ut_fail("%s:%d: %s: got %ld", base ? base + 1 : file, line, what, got);
	_exit(1);
}

void ut_wait_exit(pid_t pid, int code)
{
	int status = -1;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, code << 8);
}

void ut_wait_signal(pid_t pid, int sig)
{
	int status = -1;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status & 0x7f, sig);
}

bool ut_on_pix(void)
{
	struct utsname u;

	return uname(&u) == 0 && strcmp(u.sysname, "PIX") == 0;
}

void ut_sleep_ms(unsigned ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000l };

	nanosleep(&ts, NULL);
}

uint64_t ut_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

const char *ut_path(const char *name)
{
	static char path[4][128];
	static unsigned next;
	char *p = path[next++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

const char *ut_program(void)
{
	return ut_self;
}

/* The child's status, or -1 when it had to be killed for taking too long. */
static int wait_limited(pid_t pid)
{
	uint64_t end = ut_now_ms() + LIMIT_MS;
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (ut_now_ms() > end) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return -1;
		}
		ut_sleep_ms(POLL_MS);
	}
	return status;
}

/* Whether the child ended as it should; says so if not. */
static bool judge(int status, int signal_wanted)
{
	if (status == -1)
		return ut_fail("no end within %d ms", LIMIT_MS);
	if (signal_wanted && WIFSIGNALED(status) && WTERMSIG(status) == signal_wanted)
		return true;
	if (signal_wanted)
		return ut_fail("status 0x%x, expected death by signal %d", status, signal_wanted);
	if (WIFSIGNALED(status))
		return ut_fail("died of signal %d", WTERMSIG(status));
	return WEXITSTATUS(status) == 0; /* the child has said why */
}

/* One of fn and plain_fn. */
static bool run(void (*fn)(void), bool (*plain_fn)(void), int signal_wanted)
{
	fflush(stdout);
	pid_t pid = fork();

	if (pid < 0)
		return ut_fail("fork: %s", strerror(errno));
	if (pid == 0) {
		bool ok = true;
		if (fn)
			fn();
		else
			ok = plain_fn();
		fflush(stdout);
		_exit(ok ? 0 : 1);
	}
	bool ok = judge(wait_limited(pid), signal_wanted);
	if (ok && verbose)
		printf("ok   %s\n", running);
	return ok;
}

static bool wanted(const char *name, int argc, char **argv)
{
	bool any = false;

	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			continue;
		any = true;
		if (strncmp(name, argv[i], strlen(argv[i])) == 0)
			return true;
	}
	return !any;
}

static unsigned passed, failed, left_out;

static void count(bool ok)
{
	if (ok)
		passed++;
	else
		failed++;
}

static void run_all(int argc, char **argv)
{
	bool pix = ut_on_pix();

	for (unsigned g = 0; g < sizeof(plain) / sizeof(plain[0]); g++)
		for (const struct usertest *t = plain[g]; t->name; t++)
			if (wanted(running = t->name, argc, argv))
				count(run(NULL, t->run, t->dies));
	for (unsigned g = 0; g < sizeof(groups) / sizeof(groups[0]); g++)
		for (const struct test *t = groups[g]; t->fn; t++) {
			if (!wanted(running = t->name, argc, argv))
				continue;
			if ((t->flags & UT_PIX) && !pix)
				left_out++;
			else
				count(run(t->fn, NULL, t->signal));
		}
}

static void list(void)
{
	for (unsigned g = 0; g < sizeof(plain) / sizeof(plain[0]); g++)
		for (const struct usertest *t = plain[g]; t->name; t++)
			printf("%s\n", t->name);
	for (unsigned g = 0; g < sizeof(groups) / sizeof(groups[0]); g++)
		for (const struct test *t = groups[g]; t->fn; t++)
			printf("%s\n", t->name);
}

/* What tests exec: prints nothing, checks its arguments, tells by the exit status. */
static int as_exec_target(int argc, char **argv)
{
	if (strcmp(argv[1], "--args") == 0)
		return argc == 4 && !strcmp(argv[2], "one two") && !argv[3][0] && !argv[4] ? 42 : 1;
	if (strcmp(argv[1], "--env") == 0)
		return environ[0] && !strcmp(environ[0], "UT=yes") && !environ[1] ? 43 : 1;
	if (strcmp(argv[1], "--fd") == 0) /* is descriptor N closed? */
		return fcntl(atoi(argv[2]), F_GETFD) == -1 ? 44 : 1;
	return 2;
}

/* Tests change the directory: the program's own path must not depend on it. */
static void find_self(const char *path)
{
	static char absolute[512], cwd[256];

	if (path[0] == '/')
		ut_self = path;
	if (path[0] == '/' || !strchr(path, '/') || !getcwd(cwd, sizeof(cwd)))
		return;
	snprintf(absolute, sizeof(absolute), "%s/%s", cwd, path);
	ut_self = absolute;
}

int main(int argc, char **argv)
{
	find_self(argv[0]);
	if (argc > 1 && strncmp(argv[1], "--", 2) == 0)
		return as_exec_target(argc, argv);
	if (argc > 1 && strcmp(argv[1], "-l") == 0) {
		list();
		return 0;
	}
	snprintf(dir, sizeof(dir), "/tmp/usertests.%d", (int)getpid());
	if (mkdir(dir, 0700) < 0) {
		fprintf(stderr, "usertests: %s: %s\n", dir, strerror(errno));
		return 2;
	}
	verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	run_all(argc, argv);
	rmdir(dir);
	if (left_out)
		printf("usertests: %u left out: they hold on PIX only\n", left_out);
	printf("usertests: %u passed, %u failed\n", passed, failed);
	fflush(stdout);
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	return failed || !passed;
}
