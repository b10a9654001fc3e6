// SPDX-License-Identifier: MIT
/*
 * Signals, after signal(7): sending, the default actions, and handlers on the user stack with the
 * frame layout of Linux x86-64 (struct rt_sigframe), so that rt_sigreturn(2) of any libc works.
 * There is no job control: stop signals are ignored by default.
 */
#pragma once

#include "kernel/types.h"

struct process;
struct trapframe;

#define NSIG 64

enum signal_number {
	SIGHUP = 1,
	SIGINT = 2,
	SIGQUIT = 3,
	SIGILL = 4,
	SIGTRAP = 5,
	SIGABRT = 6,
	SIGBUS = 7,
	SIGFPE = 8,
	SIGKILL = 9,
	SIGUSR1 = 10,
	SIGSEGV = 11,
	SIGUSR2 = 12,
	SIGPIPE = 13,
	SIGALRM = 14,
	SIGTERM = 15,
	SIGCHLD = 17,
	SIGCONT = 18,
	SIGSTOP = 19,
	SIGTSTP = 20,
	SIGTTIN = 21,
	SIGTTOU = 22,
	SIGURG = 23,
	SIGWINCH = 28,
};

#define SIG_DFL 0ull
#define SIG_IGN 1ull

enum sa_flags {
	SA_NOCLDSTOP = 1,
	SA_NOCLDWAIT = 2,
	SA_SIGINFO = 4,
	SA_RESTORER = 0x04000000,
	SA_ONSTACK = 0x08000000,
	SA_RESTART = 0x10000000,
	SA_NODEFER = 0x40000000,
};
#define SA_RESETHAND 0x80000000u

/* struct kernel_sigaction of Linux x86-64. */
struct sigaction {
	u64 handler;
	u64 flags;
	u64 restorer;
	u64 mask;
};
_Static_assert(sizeof(struct sigaction) == 32, "sigaction ABI");

static inline u64 sig_bit(int sig)
{
	return 1ull << (sig - 1);
}

/* Sends sig to p; under proc_lock. Wakes it if it sleeps. */
void signal_send_locked(struct process *p, int sig);
/* The same to a process by number; 0 or -ESRCH. sig 0 only asks. */
int signal_send_pid(u32 pid, int sig);
/* To all processes of a group; 0 or -ESRCH. Any context. */
int signal_send_group(u32 pgid, int sig);

/* Whether p has a signal that is neither blocked nor ignored. */
bool signal_pending(const struct process *p);

/*
 * A signal caused by the instruction at frame (SIGSEGV ...): goes to a handler if there is one that
 * can take it. False: the process is to be killed.
 */
bool signal_fault(struct trapframe *frame, int sig, u64 addr);

/*
 * On the way to user mode, interrupts on: delivers one pending signal (changes frame), or ends the
 * process. restart: the system call that ended with -EINTR may run again (its number).
 */
void signal_deliver(struct trapframe *frame);

/* rt_sigaction, rt_sigprocmask, rt_sigreturn ...: kernel/proc/signal.c. */
s64 signal_action(int sig, u64 uact, u64 uold, u64 sigsetsize);
s64 signal_procmask(int how, u64 uset, u64 uold, u64 sigsetsize);
s64 signal_get_pending(u64 uset, u64 sigsetsize);
s64 signal_suspend(u64 umask, u64 sigsetsize);
s64 signal_return(struct trapframe *frame);
void signal_reset_handlers(struct process *p); /* exec */
