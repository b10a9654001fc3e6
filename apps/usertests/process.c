// SPDX-License-Identifier: MIT
/*
 * fork, exec, wait, kill, and the scheduler as a program sees it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "apps/usertests/ut.h"

static void fork_ids(void)
{
	pid_t me = getpid(), pid = fork();

	CHECK(pid >= 0);
	if (pid == 0)
		_exit(getppid() == me && getpid() != me ? 7 : 1);
	ut_wait_exit(pid, 7);
	CHECK_ERR(waitpid(pid, NULL, 0), ECHILD);
	CHECK_ERR(waitpid(-1, NULL, WNOHANG), ECHILD);
	CHECK_ERR(waitpid(-1, NULL, 0x1000), EINVAL);
}

static void fork_many(void)
{
	enum { N = 40 };
	pid_t pid[N];
	unsigned seen = 0;

	for (int i = 0; i < N; i++) {
		pid[i] = fork();
		CHECK(pid[i] >= 0);
		if (pid[i] == 0)
			_exit(i);
	}
	for (int i = 0; i < N; i++) {
		int status;
		pid_t p = wait(&status);
		for (int k = 0; k < N; k++)
			if (pid[k] == p && WEXITSTATUS(status) == k)
				seen++;
	}
	CHECK_EQ(seen, N);
}

static void wait_nohang(void)
{
	int status, fd[2];
	char c;

	CHECK_EQ(pipe(fd), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(fd[1]);
		_exit((int)read(fd[0], &c, 1)); /* until the parent closes */
	}
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	CHECK_ERR(waitpid(pid + 1000, &status, WNOHANG), ECHILD);
	close(fd[1]);
	ut_wait_exit(pid, 0);
}

/* The orphan gets process 1 as its parent, and the pipe tells how it ended. */
static void orphan(void)
{
	int fd[2], ppid = 0;

	CHECK_EQ(pipe(fd), 0);
	pid_t pid = fork();
	if (pid == 0) {
		pid_t child = getpid();
		if (fork() == 0) {
			while (getppid() == child)
				ut_sleep_ms(1);
			ppid = getppid();
			_exit(write(fd[1], &ppid, sizeof(ppid)) == sizeof(ppid) ? 0 : 1);
		}
		_exit(0);
	}
	ut_wait_exit(pid, 0);
	CHECK_EQ(read(fd[0], &ppid, sizeof(ppid)), sizeof(ppid));
	CHECK_EQ(ppid, 1);
}

static void kill_child(void)
{
	static const int sigs[] = { SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGUSR1 };

	for (unsigned i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		pid_t pid = fork();
		if (pid == 0)
			for (;;) /* one half sleeps, one half runs */
				if (i % 2)
					pause();
		ut_sleep_ms(5);
		CHECK_EQ(kill(pid, 0), 0);
		CHECK_EQ(kill(pid, sigs[i]), 0);
		ut_wait_signal(pid, sigs[i]);
		CHECK_ERR(kill(pid, 0), ESRCH);
	}
	CHECK_ERR(kill(getpid(), 65), EINVAL);
	CHECK_ERR(kill(getpid(), -1), EINVAL);
}

static void kill_group(void)
{
	int fd[2];
	char c;

	CHECK_EQ(pipe(fd), 0);
	pid_t pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		for (int i = 0; i < 3; i++)
			if (fork() == 0)
				for (;;)
					pause();
		CHECK_EQ(write(fd[1], "x", 1), 1);
		for (int i = 0; i < 3; i++)
			wait(NULL);
		_exit(9);
	}
	CHECK_EQ(read(fd[0], &c, 1), 1);
	signal(SIGTERM, SIG_IGN);
	CHECK_EQ(getpgid(pid), pid);
	/* All four die; nobody else does. */
	CHECK_EQ(kill(-pid, SIGTERM), 0);
	ut_wait_signal(pid, SIGTERM);
	CHECK_ERR(kill(-99999, SIGTERM), ESRCH);
}

static void exec_args(void)
{
	char self[128];
	char *const env[] = { (char *)(uintptr_t) "UT=yes", NULL };

	strlcpy(self, ut_program(), sizeof(self));
	pid_t pid = fork();
	if (pid == 0) {
		execl(self, self, "--args", "one two", "", (char *)NULL);
		_exit(99);
	}
	ut_wait_exit(pid, 42);
	pid = fork();
	if (pid == 0) {
		char *const argv[] = { self, (char *)(uintptr_t) "--env", NULL };
		execve(self, argv, env);
		_exit(99);
	}
	ut_wait_exit(pid, 43);
}

static void exec_errors(void)
{
	char *const argv[] = { (char *)(uintptr_t) "x", NULL };

	CHECK_ERR(execve("/no/such/program", argv, NULL), ENOENT);
	CHECK_ERR(execve("/", argv, NULL), EACCES);
	CHECK_ERR(execve("", argv, NULL), ENOENT);
	CHECK_ERR(execve("/dev/null", argv, NULL), EACCES);
	CHECK_ERR(execve("/dev/null/x", argv, NULL), ENOTDIR);
}

static void exec_too_big(void)
{
	static char text[8192];
	char *argv[64];

	memset(text, 'x', sizeof(text) - 1);
	for (int i = 0; i < 63; i++)
		argv[i] = text;
	argv[63] = NULL;
	CHECK_ERR(execve(ut_program(), argv, NULL), E2BIG);
}

static void exec_closes(void)
{
	char kept[8];
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int stays = open("/dev/null", O_RDWR);

	CHECK(fd >= 0 && stays >= 0);
	for (int i = 0; i < 2; i++) {
		snprintf(kept, sizeof(kept), "%d", i ? stays : fd);
		pid_t pid = fork();
		if (pid == 0) {
			execl(ut_program(), ut_program(), "--fd", kept, (char *)NULL);
			_exit(99);
		}
		ut_wait_exit(pid, i ? 1 : 44);
	}
}

static void sleeps(void)
{
	struct timespec ts = { 0, 20000000 }, bad = { 0, 1000000000 }, neg = { -1, 0 };
	uint64_t before = ut_now_ms();

	CHECK_EQ(nanosleep(&ts, NULL), 0);
	CHECK(ut_now_ms() - before >= 20);
	CHECK_ERR(nanosleep(&bad, NULL), EINVAL);
	CHECK_ERR(nanosleep(&neg, NULL), EINVAL);
	struct timespec real, mono;
	CHECK_EQ(clock_gettime(CLOCK_REALTIME, &real), 0);
	CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &mono), 0);
	CHECK(real.tv_sec > mono.tv_sec);
	CHECK_ERR(clock_gettime(77, &real), EINVAL);
}

/* Two that never sleep, and one that does: all get the core. */
static void preemption(void)
{
	pid_t spinner[2];
	unsigned long late = 500;

	for (int i = 0; i < 2; i++) {
		spinner[i] = fork();
		if (spinner[i] == 0)
			for (;;)
				__asm__ volatile("pause");
	}
	/* A machine whose host stands still has a few tries. */
	for (int tries = 0; tries < 5 && late >= 500; tries++) {
		late = 0;
		for (int i = 0; i < 20; i++) {
			uint64_t before = ut_now_ms();
			ut_sleep_ms(5);
			uint64_t took = ut_now_ms() - before;
			if (took > late)
				late = took;
		}
	}
	for (int i = 0; i < 2; i++) {
		struct rusage ru;
		CHECK_EQ(kill(spinner[i], SIGKILL), 0);
		CHECK_EQ(wait4(spinner[i], NULL, 0, &ru), spinner[i]);
		CHECK(ru.ru_utime.tv_sec || ru.ru_utime.tv_usec > 10000);
	}
	printf("usertests:   a sleep of 5 ms beside two spinning processes took at most %lu ms\n",
	       late);
	CHECK(late < 500);
}

/* Vector registers belong to one process, whoever else uses them in between. */
static void vector_registers(void)
{
	pid_t pid[3];

	for (unsigned k = 0; k < 3; k++) {
		pid[k] = fork();
		if (pid[k])
			continue;
		unsigned long want[2] = { 0x1111111111111111ul * (k + 1), k }, got[2];
		for (int i = 0; i < 2000; i++) {
			__asm__ volatile("movdqu %1, %%xmm5\n\t"
					 "movdqu %1, %%xmm15\n\t"
					 "mov $24, %%eax\n\t" /* sched_yield */
					 "syscall\n\t"
					 "pxor %%xmm15, %%xmm5\n\t"
					 "movdqu %%xmm5, %0\n\t"
					 : "=m"(got)
					 : "m"(want)
					 : "rax", "rcx", "r11", "memory");
			if (got[0] | got[1])
				_exit(1);
			__asm__ volatile("movdqu %1, %%xmm7\n\t"
					 "mov $3000, %%ecx\n"
					 "1:	dec %%ecx\n\t"
					 "jnz 1b\n\t"
					 "movdqu %%xmm7, %0\n\t"
					 : "=m"(got)
					 : "m"(want)
					 : "rcx", "memory", "cc");
			if (got[0] != want[0] || got[1] != want[1])
				_exit(2);
		}
		_exit(0);
	}
	for (unsigned k = 0; k < 3; k++)
		ut_wait_exit(pid[k], 0);
}

static void fs_register(void)
{
	unsigned long base = 0x1234567000ul, got = 0;

	CHECK_EQ(ut_raw(158, 0x1002, (long)base, 0, 0, 0, 0), 0);
	pid_t pid = fork();
	if (pid == 0) {
		CHECK_EQ(ut_raw(158, 0x1003, (long)&got, 0, 0, 0, 0), 0);
		_exit(got == base ? 0 : 1);
	}
	ut_wait_exit(pid, 0);
	CHECK_EQ(ut_raw(158, 0x1003, (long)&got, 0, 0, 0, 0), 0);
	CHECK(got == base);
	CHECK_EQ(ut_raw(158, 0x1002, (long)0xffff800000000000ul, 0, 0, 0, 0), -EPERM);
}

static void unknown_call(void)
{
	CHECK_EQ(ut_raw(999, 0, 0, 0, 0, 0, 0), -ENOSYS);
	CHECK_EQ(ut_raw(-1, 0, 0, 0, 0, 0, 0), -ENOSYS);
	CHECK_EQ(ut_raw(0x7fffffffffffffff, 0, 0, 0, 0, 0, 0), -ENOSYS);
}

static void reboot_magic(void)
{
	/* Harmless unless the magic numbers are not checked. */
	CHECK(ut_raw(SYS_reboot, 0x12345678, 672274793, 0x4321fedc, 0, 0, 0) < 0);
	CHECK(ut_raw(SYS_reboot, (long)0xfee1dead, 1, 0x4321fedc, 0, 0, 0) < 0);
}

const struct test tests_process[] = {
	{ "fork-ids", fork_ids, 0, 0 },
	{ "fork-many", fork_many, 0, 0 },
	{ "wait-nohang", wait_nohang, 0, 0 },
	{ "orphan", orphan, 0, UT_PIX },
	{ "kill-child", kill_child, 0, 0 },
	{ "kill-group", kill_group, 0, 0 },
	{ "exec-args", exec_args, 0, 0 },
	{ "exec-errors", exec_errors, 0, 0 },
	{ "exec-too-big", exec_too_big, 0, UT_PIX },
	{ "exec-closes", exec_closes, 0, 0 },
	{ "sleeps", sleeps, 0, 0 },
	{ "preemption", preemption, 0, 0 },
	{ "vector-registers", vector_registers, 0, 0 },
	{ "fs-register", fs_register, 0, 0 },
	{ "unknown-call", unknown_call, 0, 0 },
	{ "reboot-magic", reboot_magic, 0, UT_PIX },
	{ NULL, NULL, 0, 0 },
};
