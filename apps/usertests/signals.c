// SPDX-License-Identifier: MIT
/*
 * Signals: handlers, masks, interrupted and restarted calls.
 */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "apps/usertests/ut.h"

static volatile sig_atomic_t count, last, inside, nested;

static void on_signal(int sig)
{
	count++;
	last = sig;
}

static void install(int sig, void (*fn)(int), int flags)
{
	struct sigaction act = { .sa_handler = fn, .sa_flags = flags };

	CHECK_EQ(sigaction(sig, &act, NULL), 0);
}

static void handler_runs(void)
{
	install(SIGUSR1, on_signal, 0);
	for (int i = 0; i < 100; i++)
		CHECK_EQ(kill(getpid(), SIGUSR1), 0);
	CHECK_EQ(count, 100);
	CHECK_EQ(last, SIGUSR1);
	struct sigaction old;
	CHECK_EQ(sigaction(SIGUSR1, NULL, &old), 0);
	CHECK(old.sa_handler == on_signal);
	CHECK_ERR(sigaction(SIGKILL, &old, NULL), EINVAL);
	CHECK_ERR(sigaction(SIGSTOP, &old, NULL), EINVAL);
	CHECK_ERR(sigaction(0, &old, NULL), EINVAL);
	CHECK_ERR(sigaction(65, &old, NULL), EINVAL);
}

static void on_nested(int sig)
{
	inside++;
	if (inside > 1)
		nested++;
	if (count++ < 3)
		kill(getpid(), sig);
	inside--;
}

/* The signal is blocked in its own handler, unless SA_NODEFER. */
static void handler_mask(void)
{
	install(SIGUSR1, on_nested, 0);
	kill(getpid(), SIGUSR1);
	CHECK_EQ(count, 4);
	CHECK_EQ(nested, 0);
	count = 0;
	install(SIGUSR1, on_nested, SA_NODEFER);
	kill(getpid(), SIGUSR1);
	CHECK_EQ(count, 4);
	CHECK_EQ(nested, 3);
	install(SIGUSR2, on_signal, (int)SA_RESETHAND);
	kill(getpid(), SIGUSR2);
	pid_t pid = fork();
	if (pid == 0) {
		kill(getpid(), SIGUSR2);
		_exit(1);
	}
	ut_wait_signal(pid, SIGUSR2);
}

static void blocked(void)
{
	sigset_t set, old, pending;

	install(SIGUSR1, on_signal, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGKILL); /* silently not blocked */
	CHECK_EQ(sigprocmask(SIG_BLOCK, &set, &old), 0);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR1);
	CHECK_EQ(count, 0);
	CHECK_EQ(sigpending(&pending), 0);
	CHECK(sigismember(&pending, SIGUSR1));
	CHECK_EQ(sigprocmask(SIG_SETMASK, &old, &set), 0);
	CHECK_EQ(count, 1); /* two became one */
	CHECK(sigismember(&set, SIGUSR1) && !sigismember(&set, SIGKILL));
	CHECK_ERR(sigprocmask(9, &set, NULL), EINVAL);
}

static void suspend(void)
{
	sigset_t set, none;

	install(SIGUSR1, on_signal, 0);
	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK_EQ(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	kill(getpid(), SIGUSR1);
	CHECK_ERR(sigsuspend(&none), EINTR);
	CHECK_EQ(count, 1);
	CHECK_EQ(sigprocmask(SIG_BLOCK, NULL, &set), 0);
	CHECK(sigismember(&set, SIGUSR1)); /* the old mask is back */
}

/* A child that sends SIGUSR1 every 10 ms for a while, then writes to the pipe. */
static pid_t interrupter(int fd)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		for (int i = 0; i < 20; i++) {
			ut_sleep_ms(10);
			kill(parent, SIGUSR1);
		}
		_exit(write(fd, "x", 1) == 1 ? 0 : 1);
	}
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) == -1)
		CHECK_EQ(errno, EINTR);
}

static void interrupted(void)
{
	int fd[2];
	char c;
	struct timespec ts = { 5, 0 }, left = { 0, 0 };

	CHECK_EQ(pipe(fd), 0);
	install(SIGUSR1, on_signal, 0);
	pid_t pid = interrupter(fd[1]);
	CHECK_ERR(read(fd[0], &c, 1), EINTR);
	CHECK(count >= 1);
	end(pid);

	pid = interrupter(fd[1]);
	CHECK_ERR(nanosleep(&ts, &left), EINTR);
	CHECK(left.tv_sec >= 1 && left.tv_sec <= 4);
	end(pid);
}

static void restarted(void)
{
	int fd[2];
	char c;
	struct timespec ts = { 5, 0 };

	CHECK_EQ(pipe(fd), 0);
	install(SIGUSR1, on_signal, SA_RESTART);
	pid_t pid = interrupter(fd[1]);
	CHECK_EQ(read(fd[0], &c, 1), 1); /* goes on after each run of the handler */
	CHECK(count >= 1);
	end(pid);
	pid = interrupter(fd[1]);
	CHECK_ERR(nanosleep(&ts, NULL), EINTR); /* never restarted */
	end(pid);
}

/* A signal that is ignored wakes nobody. */
static void ignored(void)
{
	int fd[2];
	char c;

	CHECK_EQ(pipe(fd), 0);
	install(SIGUSR1, SIG_IGN, 0);
	pid_t pid = interrupter(fd[1]);
	CHECK_EQ(read(fd[0], &c, 1), 1);
	ut_wait_exit(pid, 0);
}

static void child_ignored(void)
{
	install(SIGCHLD, SIG_IGN, 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(3);
	CHECK_ERR(waitpid(pid, NULL, 0), ECHILD); /* it reaped itself */
	install(SIGCHLD, on_signal, 0);
	pid = fork();
	if (pid == 0)
		_exit(3);
	int status;
	while (waitpid(pid, &status, 0) == -1)
		CHECK_EQ(errno, EINTR);
	CHECK_EQ(status, 3 << 8);
	CHECK_EQ(count, 1);
}

static void *fault_page;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (sig != SIGSEGV || info->si_addr != (char *)fault_page + 100)
		_exit(1);
	count++;
	mprotect(fault_page, 4096, PROT_READ | PROT_WRITE);
}

/* The handler repairs the cause, and the instruction runs again. */
static void fault_handler(void)
{
	struct sigaction act = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	fault_page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(fault_page != MAP_FAILED);
	CHECK_EQ(sigaction(SIGSEGV, &act, NULL), 0);
	((volatile char *)fault_page)[100] = 'f';
	CHECK_EQ(count, 1);
	CHECK_EQ(((char *)fault_page)[100], 'f');
}

static void clobber(int sig)
{
	on_signal(sig);
	__asm__ volatile("pxor %%xmm3, %%xmm3; xor %%r8, %%r8; xor %%r10, %%r10; xor %%rdx, %%rdx"
			 :
			 :
			 : "xmm3", "r8", "r10", "rdx", "cc");
}

/* Asynchronous signals change no register of the interrupted code. */
static void registers_kept(void)
{
	unsigned long in[2] = { 0xdeadbeefcafef00dul, 0x0123456789abcdeful }, out[2];
	unsigned long r8, r10, rdx;

	install(SIGUSR1, clobber, 0);
	pid_t parent = getpid(), pid = fork();
	if (pid == 0) {
		for (;;) {
			kill(parent, SIGUSR1);
			ut_sleep_ms(1);
		}
	}
	while (count < 30) {
		__asm__ volatile("movdqu %4, %%xmm3\n\t"
				 "mov $77, %%r8\n\t"
				 "mov $78, %%r10\n\t"
				 "mov $79, %%rdx\n\t"
				 "mov $200000, %%ecx\n"
				 "1:	dec %%ecx\n\t"
				 "jnz 1b\n\t"
				 "movdqu %%xmm3, %0\n\t"
				 "mov %%r8, %1\n\t"
				 "mov %%r10, %2\n\t"
				 "mov %%rdx, %3\n\t"
				 : "=m"(out), "=m"(r8), "=m"(r10), "=m"(rdx)
				 : "m"(in)
				 : "r8", "r10", "rdx", "rcx", "memory", "cc");
		CHECK(out[0] == in[0] && out[1] == in[1]);
		CHECK(r8 == 77 && r10 == 78 && rdx == 79);
	}
	end(pid);
}

static void kill_beats_mask(void)
{
	int fd[2];
	char c;

	CHECK_EQ(pipe(fd), 0);
	pid_t pid = fork();
	if (pid == 0) {
		sigset_t everything;
		sigfillset(&everything);
		sigprocmask(SIG_SETMASK, &everything, NULL);
		CHECK_EQ(write(fd[1], "x", 1), 1);
		for (;;)
			pause();
	}
	CHECK_EQ(read(fd[0], &c, 1), 1);
	CHECK_EQ(kill(pid, SIGTERM), 0);
	ut_sleep_ms(10);
	CHECK_EQ(kill(pid, 0), 0);
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	ut_wait_signal(pid, SIGKILL);
}

const struct test tests_signals[] = {
	{ "signal-handler", handler_runs, 0, 0 },
	{ "signal-handler-mask", handler_mask, 0, 0 },
	{ "signal-blocked", blocked, 0, 0 },
	{ "signal-suspend", suspend, 0, 0 },
	{ "signal-interrupts", interrupted, 0, 0 },
	{ "signal-restarts", restarted, 0, 0 },
	{ "signal-ignored", ignored, 0, 0 },
	{ "signal-child", child_ignored, 0, 0 },
	{ "signal-fault-handler", fault_handler, 0, 0 },
	{ "signal-registers", registers_kept, 0, 0 },
	{ "signal-kill-beats-mask", kill_beats_mask, 0, 0 },
	{ NULL, NULL, 0, 0 },
};
