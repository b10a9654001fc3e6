// SPDX-License-Identifier: MIT
/* System calls with wrong values, and the promises that programs rely on: errors by number, memory
 * of a child apart from its parent's, pipes, signals, waiting. */
#include "apps/usertests/usertests.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WANT(call, error)                                                                \
	do {                                                                             \
		long r_ = (call);                                                        \
		if (r_ != -(error))                                                      \
			return ut_fail("%s answered %ld, expected -" #error, #call, r_); \
	} while (0)

static bool bad_descriptors(void)
{
	char b[16];
	static const long bad[] = { -1, 999, 0x7fffffff, -2147483648L };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		WANT(ut_call(SYS_read, bad[i], b, 1L), EBADF);
		WANT(ut_call(SYS_write, bad[i], b, 1L), EBADF);
		WANT(ut_call(SYS_close, bad[i]), EBADF);
		WANT(ut_call(SYS_dup, bad[i]), EBADF);
		WANT(ut_call(SYS_ioctl, bad[i], 1L, b), EBADF);
		WANT(ut_call(SYS_fcntl, bad[i], 1L), EBADF);
		WANT(ut_call(SYS_bind, bad[i], b, 16L), EBADF);
		WANT(ut_call(SYS_sendto, bad[i], b, 1L, 0L, 0L, 0L), EBADF);
	}
	return true;
}

static bool wrong_direction(void)
{
	int fd[2];
	char b[4] = "x";

	if (pipe(fd))
		return ut_fail("pipe");
	WANT(ut_call(SYS_read, fd[1], b, 1L), EBADF);
	WANT(ut_call(SYS_write, fd[0], b, 1L), EBADF);
	WANT(ut_call(SYS_lseek, fd[0], 0L, 0L), ESPIPE);
	WANT(ut_call(SYS_bind, fd[0], b, 16L), ENOTSOCK);
	return true;
}

static bool unknown_calls(void)
{
	static const long numbers[] = { 400, 600, 1023, 0x7fffffff, -1 };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		WANT(ut_call(numbers[i]), ENOSYS);
	return true;
}

static bool bad_values(void)
{
	struct timespec long_ago = { 0, 2000000000 }, negative = { -1, 0 };

	WANT(ut_call(SYS_nanosleep, &long_ago, 0L), EINVAL);
	WANT(ut_call(SYS_nanosleep, &negative, 0L), EINVAL);
	WANT(ut_call(SYS_clock_gettime, 9999L, &negative), EINVAL);
	WANT(ut_call(SYS_mmap, 0L, 0L, 3L, 0x22L, -1L, 0L), EINVAL);
	WANT(ut_call(SYS_mmap, 0L, 1L << 46, 3L, 0x22L, -1L, 0L), ENOMEM);
	WANT(ut_call(SYS_munmap, 1L, 4096L), EINVAL);
	WANT(ut_call(SYS_mprotect, 1L, 4096L, 1L), EINVAL);
	WANT(ut_call(SYS_kill, 99999L, 0L), ESRCH);
	WANT(ut_call(SYS_kill, (long)getpid(), 99L), EINVAL);
	WANT(ut_call(SYS_rt_sigaction, 9L, &long_ago, 0L, 8L), EINVAL);
	WANT(ut_call(SYS_rt_sigaction, 10L, 0L, 0L, 7L), EINVAL);
	WANT(ut_call(SYS_wait4, -1L, 0L, 0L, 0L), ECHILD);
	WANT(ut_call(SYS_socket, 77L, 1L, 0L), EAFNOSUPPORT);
	WANT(ut_call(SYS_open, "/no/such/file", 0L, 0L), ENOENT);
	WANT(ut_call(SYS_execve, "/no/such/file", 0L, 0L), ENOENT);
	WANT(ut_call(SYS_dup2, 0L, -1L), EBADF);
	return true;
}

static bool mapping_over_the_kernel(void)
{
	/* A fixed mapping outside of the user half is refused, not clipped. */
	static const unsigned long at[] = { 0xffff800000000000, 0xffffffff80000000,
					    0x0000800000000000, 0x00007ffffffff000 };

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		long r = ut_call(SYS_mmap, at[i], 8192L, 3L, 0x32L, -1L, 0L);

		if (r != -ENOMEM && r != -EINVAL)
			return ut_fail("mmap fixed at %lx answered %ld", at[i], r);
		if (i < 3 && ut_call(SYS_munmap, at[i], 4096L) != -EINVAL)
			return ut_fail("munmap at %lx", at[i]);
	}
	return true;
}

static bool child_is_apart(void)
{
	static volatile int value = 1;
	int fd[2], status;
	char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED || pipe(fd))
		return ut_fail("set-up");
	shared[0] = 1;
	pid_t pid = fork();
	if (pid == 0) {
		value = 2;
		shared[0] = 2;
		_exit(write(fd[1], "d", 1) == 1 && value == 2 && shared[0] == 2 ? 42 : 1);
	}
	char c = 0;
	if (read(fd[0], &c, 1) != 1 || c != 'd')
		return ut_fail("pipe from the child");
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 42)
		return ut_fail("status %x", status);
	return (value == 1 && shared[0] == 1) || ut_fail("the child's writes are seen");
}

static bool pipe_carries_all(void)
{
	int fd[2], status;
	static unsigned char b[4096];
	unsigned long sum = 0, want = 0, total = 0;

	if (pipe(fd))
		return ut_fail("pipe");
	pid_t pid = fork();
	if (pid == 0) {
		close(fd[0]);
		for (unsigned i = 0; i < 300; i++) {
			memset(b, (int)(i & 0xff), sizeof(b));
			size_t n = 1 + i * 13 % sizeof(b);

			for (size_t at = 0; at < n;) {
				ssize_t w = write(fd[1], b + at, n - at);

				if (w <= 0)
					_exit(1);
				at += (size_t)w;
			}
		}
		_exit(0);
	}
	close(fd[1]);
	for (unsigned i = 0; i < 300; i++)
		want += (1 + i * 13 % sizeof(b)) * (i & 0xff);
	for (;;) {
		ssize_t n = read(fd[0], b, sizeof(b));

		if (n <= 0)
			break;
		total += (unsigned long)n;
		for (ssize_t i = 0; i < n; i++)
			sum += b[i];
	}
	waitpid(pid, &status, 0);
	return (sum == want && total) || ut_fail("sum %lu, expected %lu", sum, want);
}

static bool broken_pipe(void)
{
	int fd[2];

	signal(SIGPIPE, SIG_IGN);
	if (pipe(fd))
		return ut_fail("pipe");
	close(fd[0]);
	WANT(ut_call(SYS_write, fd[1], "x", 1L), EPIPE);
	signal(SIGPIPE, SIG_DFL);
	write(fd[1], "x", 1); /* now it ends us */
	return ut_fail("lived on");
}

static volatile int caught;
static volatile uintptr_t fault_at;

static void on_signal(int sig)
{
	caught = sig;
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	fault_at = (uintptr_t)info->si_addr;
	_exit(fault_at == 0x1000 ? 0 : 1);
}

static bool signals_arrive(void)
{
	struct timespec t = { 5, 0 };

	signal(SIGUSR1, on_signal);
	pid_t parent = getpid(), pid = fork();
	if (pid == 0) {
		nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
		kill(parent, SIGUSR1);
		_exit(0);
	}
	long r = ut_call(SYS_nanosleep, &t, &t);
	waitpid(pid, NULL, 0);
	return (r == -EINTR && caught == SIGUSR1) || ut_fail("sleep %ld, caught %d", r, caught);
}

static bool fault_handler(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &sa, NULL);
	*(volatile char *)0x1000 = 1;
	return ut_fail("went on");
}

/* A signal frame that the program has spoilt must not get it into the kernel. */
static void spoil(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	unsigned long *words = context;

	for (int i = 5; i < 28; i++) /* the registers of ucontext: all ones, selectors included */
		words[i] = 0xffffffffffffff00;
}

static bool spoilt_signal_frame(void)
{
	struct sigaction sa = { .sa_sigaction = spoil, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR2, &sa, NULL);
	raise(SIGUSR2);
	return ut_fail("went on");
}

static bool forged_sigreturn(void)
{
	/* Without any frame: the stack is taken for one. */
	__asm__ volatile("syscall" : : "a"(15L) : "rcx", "r11", "memory");
	return ut_fail("went on");
}

static bool time_moves(void)
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
	clock_gettime(CLOCK_MONOTONIC, &b);
	long ms = (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000;
	return (ms >= 19 && ms < 3000) || ut_fail("20 ms took %ld ms", ms);
}

/* Vector registers are the process's own: a child that scribbles does not show. */
static bool vectors_are_kept(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		for (int i = 0; i < 200; i++) {
			__asm__ volatile("pcmpeqd %%xmm7, %%xmm7" : : : "xmm7");
			ut_call(SYS_sched_yield);
		}
		_exit(0);
	}
	unsigned long lo = 0x1122334455667788, got = 0;
	for (int i = 0; i < 200; i++) {
		__asm__ volatile("movq %1, %%xmm7; mov $24, %%eax; syscall; movq %%xmm7, %0"
				 : "=r"(got)
				 : "r"(lo)
				 : "rax", "rcx", "r11", "xmm7", "memory");
		if (got != lo)
			break;
	}
	waitpid(pid, &status, 0);
	return got == lo || ut_fail("xmm7 became %lx", got);
}

const struct usertest call_tests[] = {
	{ "bad_descriptors", bad_descriptors, 0 },
	{ "wrong_direction", wrong_direction, 0 },
	{ "unknown_calls", unknown_calls, 0 },
	{ "bad_values", bad_values, 0 },
	{ "mapping_over_the_kernel", mapping_over_the_kernel, 0 },
	{ "child_is_apart", child_is_apart, 0 },
	{ "pipe_carries_all", pipe_carries_all, 0 },
	{ "broken_pipe", broken_pipe, SIGPIPE },
	{ "signals_arrive", signals_arrive, 0 },
	{ "fault_handler", fault_handler, 0 },
	{ "spoilt_signal_frame", spoilt_signal_frame, SIGSEGV },
	{ "forged_sigreturn", forged_sigreturn, SIGSEGV },
	{ "time_moves", time_moves, 0 },
	{ "vectors_are_kept", vectors_are_kept, 0 },
	{ NULL, NULL, 0 },
};
