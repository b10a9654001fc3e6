// SPDX-License-Identifier: MIT
/*
 * Sending signals and the system calls about them; see kernel/proc/signal.h. Frames on the user
 * stack are in sigframe.c. Pending sets and handlers are under proc_lock: a sender looks at both.
 */
#include "kernel/proc/signal.h"

#include "kernel/arch/x86_64/irq.h"
#include "kernel/errno.h"
#include "kernel/lib/string.h"
#include "kernel/proc/process.h"
#include "kernel/proc/sigframe.h"

enum sigprocmask_how { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK };

#define UNBLOCKABLE (1ull << (SIGKILL - 1) | 1ull << (SIGSTOP - 1))

/* Signals whose default action is to do nothing; the stop signals too, as there is no job control.
 */
#define DEFAULT_IGNORED                                                          \
	(1ull << (SIGCHLD - 1) | 1ull << (SIGCONT - 1) | 1ull << (SIGSTOP - 1) | \
	 1ull << (SIGTSTP - 1) | 1ull << (SIGTTIN - 1) | 1ull << (SIGTTOU - 1) | \
	 1ull << (SIGURG - 1) | 1ull << (SIGWINCH - 1))

static bool is_ignored(const struct process *p, int sig)
{
	u64 handler = p->actions[sig - 1].handler;

	if (sig == SIGKILL || sig == SIGSTOP)
		return sig == SIGSTOP || p->pid == 1;
	if (handler == SIG_IGN)
		return true;
	/* Nothing but its own faults may end process 1. */
	return handler == SIG_DFL && (p->pid == 1 || (DEFAULT_IGNORED & sig_bit(sig)));
}

void signal_send_locked(struct process *p, int sig)
{
	if (!p->thread)
		return;
	if (is_ignored(p, sig) && !(p->mask & sig_bit(sig)))
		return;
	p->pending |= sig_bit(sig);
	if (!(p->mask & sig_bit(sig)) || sig == SIGKILL)
		thread_wake(p->thread);
}

int signal_send_pid(u32 pid, int sig)
{
	u64 flags = spin_lock_irqsave(&proc_lock);
	struct process *p = process_find(pid);

	if (p && sig)
		signal_send_locked(p, sig);
	spin_unlock_irqrestore(&proc_lock, flags);
	return p ? 0 : -ESRCH;
}

struct group_send {
	u32 pgid;
	int sig;
	u32 found;
};

static void send_to_member(struct process *p, void *arg)
{
	struct group_send *g = arg;

	if (p->pgid != g->pgid)
		return;
	g->found++;
	if (g->sig)
		signal_send_locked(p, g->sig);
}

int signal_send_group(u32 pgid, int sig)
{
	struct group_send g = { pgid, sig, 0 };

	if (pgid == 0)
		return -ESRCH;
	u64 flags = spin_lock_irqsave(&proc_lock);
	process_foreach(send_to_member, &g);
	spin_unlock_irqrestore(&proc_lock, flags);
	return g.found ? 0 : -ESRCH;
}

bool signal_pending(const struct process *p)
{
	return (__atomic_load_n(&p->pending, __ATOMIC_RELAXED) & ~p->mask) != 0;
}

bool wait_interrupted(void)
{
	struct process *p = process_this();

	return p && signal_pending(p);
}

/* Takes the lowest deliverable signal out of the pending set; 0: none. */
static int take_signal(struct process *p)
{
	u64 flags = spin_lock_irqsave(&proc_lock);
	u64 ready = p->pending & ~p->mask;
	int sig = 0;

	if (ready & sig_bit(SIGKILL))
		sig = SIGKILL;
	else if (ready)
		sig = __builtin_ctzll(ready) + 1;
	if (sig)
		p->pending &= ~sig_bit(sig);
	spin_unlock_irqrestore(&proc_lock, flags);
	return sig;
}

/* The system call that the signal interrupted runs again when the handler returns. */
static void restart_call(struct process *p, struct trapframe *frame)
{
	if (!p->restart)
		return;
	frame->rax = p->restart - 1;
	frame->rip -= 2; /* the SYSCALL instruction */
	p->restart = 0;
}

static void run_handler(struct process *p, struct trapframe *frame, int sig, u64 addr)
{
	struct sigaction a = p->actions[sig - 1];
	u64 old_mask = p->restore_mask ? p->saved_mask : p->mask;

	if (a.flags & SA_RESTART)
		restart_call(p, frame);
	p->restore_mask = false;
	if (sigframe_push(frame, &a, sig, addr, old_mask) < 0)
		process_exit(SIGSEGV);
	p->mask |= a.mask & ~UNBLOCKABLE;
	if (!(a.flags & SA_NODEFER))
		p->mask |= sig_bit(sig);
	if (a.flags & SA_RESETHAND)
		p->actions[sig - 1].handler = SIG_DFL;
}

void signal_deliver(struct trapframe *frame)
{
	struct process *p = process_this();
	int sig = take_signal(p);

	if (!sig)
		return;
	if (is_ignored(p, sig)) {
		/* Became ignored after it was sent: the call may go on as if nothing had come. */
		if (!signal_pending(p))
			restart_call(p, frame);
		return;
	}
	if (p->actions[sig - 1].handler == SIG_DFL || sig == SIGKILL)
		process_exit(sig);
	run_handler(p, frame, sig, 0);
}

bool signal_fault(struct trapframe *frame, int sig, u64 addr)
{
	struct process *p = process_this();
	u64 handler = p->actions[sig - 1].handler;

	if (handler == SIG_DFL || handler == SIG_IGN || (p->mask & sig_bit(sig)))
		return false;
	p->restart = 0;
	run_handler(p, frame, sig, addr);
	return true;
}

void signal_reset_handlers(struct process *p)
{
	u64 flags = spin_lock_irqsave(&proc_lock);

	for (int i = 0; i < NSIG; i++) {
		u64 keep = p->actions[i].handler == SIG_IGN ? SIG_IGN : SIG_DFL;
		p->actions[i] = (struct sigaction){ .handler = keep };
	}
	spin_unlock_irqrestore(&proc_lock, flags);
}

s64 signal_action(int sig, u64 uact, u64 uold, u64 sigsetsize)
{
	struct process *p = process_this();
	struct sigaction a, old;

	if (sigsetsize != sizeof(u64) || sig < 1 || sig > NSIG)
		return -EINVAL;
	if (uact && (sig == SIGKILL || sig == SIGSTOP))
		return -EINVAL;
	if (uact && copy_from_user(&a, (const void *)uact, sizeof(a)) < 0)
		return -EFAULT;
	old = p->actions[sig - 1];
	if (uold && copy_to_user((void *)uold, &old, sizeof(old)) < 0)
		return -EFAULT;
	if (!uact)
		return 0;
	u64 flags = spin_lock_irqsave(&proc_lock);
	p->actions[sig - 1] = a;
	if (is_ignored(p, sig))
		p->pending &= ~sig_bit(sig);
	spin_unlock_irqrestore(&proc_lock, flags);
	return 0;
}

s64 signal_procmask(int how, u64 uset, u64 uold, u64 sigsetsize)
{
	struct process *p = process_this();
	u64 set, mask = p->mask;

	if (sigsetsize != sizeof(u64))
		return -EINVAL;
	if (uset && copy_from_user(&set, (const void *)uset, sizeof(set)) < 0)
		return -EFAULT;
	if (uset) {
		if (how == SIG_BLOCK)
			mask |= set;
		else if (how == SIG_UNBLOCK)
			mask &= ~set;
		else if (how == SIG_SETMASK)
			mask = set;
		else
			return -EINVAL;
	}
	if (uold && copy_to_user((void *)uold, &p->mask, sizeof(p->mask)) < 0)
		return -EFAULT;
	p->mask = mask & ~UNBLOCKABLE;
	return 0;
}

s64 signal_get_pending(u64 uset, u64 sigsetsize)
{
	u64 set = process_this()->pending;

	if (sigsetsize > sizeof(set))
		return -EINVAL;
	return copy_to_user((void *)uset, &set, sigsetsize);
}

s64 signal_suspend(u64 umask, u64 sigsetsize)
{
	struct process *p = process_this();
	u64 mask;
	struct waitq never;

	if (sigsetsize != sizeof(u64))
		return -EINVAL;
	if (copy_from_user(&mask, (const void *)umask, sizeof(mask)) < 0)
		return -EFAULT;
	p->saved_mask = p->mask;
	p->restore_mask = true;
	p->mask = mask & ~UNBLOCKABLE;
	waitq_init(&never);
	int err = 0;
	while (!err)
		err = wait_event_intr(&never, false);
	return err;
}

s64 signal_return(struct trapframe *frame)
{
	struct process *p = process_this();
	u64 mask;

	if (sigframe_pop(frame, &mask) < 0)
		process_exit(SIGSEGV);
	p->mask = mask & ~UNBLOCKABLE;
	p->restart = 0;
	return (s64)frame->rax;
}
