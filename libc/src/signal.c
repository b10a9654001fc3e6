// SPDX-License-Identifier: MIT
/*
 * Signals. The kernel's sigaction differs from the user's: handler, flags (64 bits), restorer, mask
 * (Linux x86-64 ABI). SA_RESTORER must be set there: x86-64 has no return path of its own.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "libc/src/syscall.h"

#define SA_RESTORER 0x04000000ul

struct kernel_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	sigset_t mask;
};

void __restore_rt(void);

int sigaction(int sig, const struct sigaction *restrict act, struct sigaction *restrict old)
{
	struct kernel_sigaction k = { 0 }, o = { 0 };
	long r;

	if (act) {
		k.handler = act->sa_handler;
		k.flags = (unsigned)act->sa_flags | SA_RESTORER;
		k.restorer = __restore_rt;
		k.mask = act->sa_mask;
	}
	r = sys_call(SYS_rt_sigaction, sig, act ? &k : NULL, old ? &o : NULL, sizeof(sigset_t));
	if (r == 0 && old) {
		old->sa_handler = o.handler;
		old->sa_flags = (int)(o.flags & ~SA_RESTORER);
		old->sa_mask = o.mask;
	}
	return (int)r;
}

sighandler_t signal(int sig, sighandler_t fn)
{
	struct sigaction act = { .sa_handler = fn, .sa_flags = SA_RESTART };
	struct sigaction old = { 0 };

	return sigaction(sig, &act, &old) ? SIG_ERR : old.sa_handler;
}

int kill(pid_t pid, int sig)
{
	return (int)sys_call(SYS_kill, pid, sig);
}

int raise(int sig)
{
	return kill(getpid(), sig);
}

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
	return (int)sys_call(SYS_rt_sigprocmask, how, set, old, sizeof(sigset_t));
}

int sigsuspend(const sigset_t *mask)
{
	return (int)sys_call(SYS_rt_sigsuspend, mask, sizeof(sigset_t));
}

int sigpending(sigset_t *set)
{
	return (int)sys_call(SYS_rt_sigpending, set, sizeof(sigset_t));
}

int sigemptyset(sigset_t *set)
{
	*set = 0;
	return 0;
}

int sigfillset(sigset_t *set)
{
	*set = ~0ul;
	return 0;
}

static sigset_t sig_bit(int sig)
{
	if (sig < 1 || sig >= NSIG) {
		errno = EINVAL;
		return 0;
	}
	return 1ul << (sig - 1);
}

int sigaddset(sigset_t *set, int sig)
{
	sigset_t bit = sig_bit(sig);

	*set |= bit;
	return bit ? 0 : -1;
}

int sigdelset(sigset_t *set, int sig)
{
	sigset_t bit = sig_bit(sig);

	*set &= ~bit;
	return bit ? 0 : -1;
}

int sigismember(const sigset_t *set, int sig)
{
	sigset_t bit = sig_bit(sig);

	return bit ? (*set & bit) != 0 : -1;
}
