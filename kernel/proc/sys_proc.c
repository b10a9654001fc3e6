// SPDX-License-Identifier: MIT
/*
 * System calls about processes and signals; see kernel/proc/syscall.h.
 */
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/errno.h"
#include "kernel/fs/vfs.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/layout.h"
#include "kernel/proc/process.h"
#include "kernel/proc/syscall.h"

enum clone_flags {
	CSIGNAL = 0xff,
	CLONE_VM = 0x100,
	CLONE_VFORK = 0x4000,
	CLONE_CHILD_CLEARTID = 0x200000,
	CLONE_CHILD_SETTID = 0x1000000,
};

enum arch_prctl_code {
	ARCH_SET_GS = 0x1001,
	ARCH_SET_FS = 0x1002,
	ARCH_GET_FS = 0x1003,
	ARCH_GET_GS = 0x1004,
};

s64 sys_fork(const struct syscall_args *a)
{
	return process_fork(a->frame);
}

/* Only what fork and vfork of C libraries ask for; threads do not exist. */
s64 sys_clone(const struct syscall_args *a)
{
	const u64 known =
		CSIGNAL | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | CLONE_VM | CLONE_VFORK;
	struct trapframe frame = *a->frame;

	if ((a->a0 & ~known) || (a->a0 & CSIGNAL) != SIGCHLD)
		return -EINVAL;
	if ((a->a0 & CLONE_VM) && !(a->a0 & CLONE_VFORK))
		return -EINVAL;
	if (a->a1)
		frame.rsp = a->a1;
	return process_fork(&frame);
}

s64 sys_execve(const struct syscall_args *a)
{
	char path[PATH_MAX];
	s64 n = strncpy_from_user(path, (const char *)a->a0, sizeof(path));

	if (n < 0)
		return n;
	int err = process_exec(path, a->a1, a->a2, a->frame);
	/* rax of the new program's frame is the result of this call: 0. */
	return err;
}

s64 sys_exit(const struct syscall_args *a)
{
	process_exit((int)(a->a0 & 0xff) << 8);
}

s64 sys_wait4(const struct syscall_args *a)
{
	return process_wait((s32)a->a0, a->a1, (int)a->a2, a->a3);
}

struct kill_all {
	struct process *me;
	int sig;
	u32 found;
};

static void kill_one(struct process *p, void *arg)
{
	struct kill_all *k = arg;

	if (p == k->me || p->pid == 1)
		return;
	k->found++;
	if (k->sig)
		signal_send_locked(p, k->sig);
}

s64 sys_kill(const struct syscall_args *a)
{
	s32 pid = (s32)a->a0;
	int sig = (int)a->a1;

	if (sig < 0 || sig > NSIG)
		return -EINVAL;
	if (pid > 0)
		return signal_send_pid((u32)pid, sig);
	if (pid == 0)
		return signal_send_group(process_this()->pgid, sig);
	if (pid != -1)
		return pid == INT32_MIN ? -ESRCH : signal_send_group((u32)-pid, sig);
	struct kill_all k = { process_this(), sig, 0 };
	u64 flags = spin_lock_irqsave(&proc_lock);
	process_foreach(kill_one, &k);
	spin_unlock_irqrestore(&proc_lock, flags);
	return k.found ? 0 : -ESRCH;
}

s64 sys_tgkill(const struct syscall_args *a)
{
	if ((s32)a->a0 <= 0 || (s32)a->a1 <= 0 || (int)a->a2 < 0 || (int)a->a2 > NSIG)
		return -EINVAL;
	return a->a0 == a->a1 ? signal_send_pid((u32)a->a0, (int)a->a2) : -ESRCH;
}

s64 sys_getpid(const struct syscall_args *a)
{
	(void)a;
	return process_this()->pid;
}

s64 sys_getppid(const struct syscall_args *a)
{
	(void)a;
	u64 flags = spin_lock_irqsave(&proc_lock);
	struct process *parent = process_this()->parent;
	s64 r = parent ? parent->pid : 0;
	spin_unlock_irqrestore(&proc_lock, flags);
	return r;
}

/* getuid and its like: there is one user. */
s64 sys_zero(const struct syscall_args *a)
{
	(void)a;
	return 0;
}

/* The process with this number, 0 = the caller; under proc_lock. */
static struct process *by_pid(u32 pid)
{
	return pid ? process_find(pid) : process_this();
}

static s64 group_or_session(u32 pid, bool session)
{
	u64 flags = spin_lock_irqsave(&proc_lock);
	struct process *p = by_pid(pid);
	s64 r = p ? (s64)(session ? p->sid : p->pgid) : -ESRCH;

	spin_unlock_irqrestore(&proc_lock, flags);
	return r;
}

s64 sys_getpgid(const struct syscall_args *a)
{
	return group_or_session((u32)a->a0, false);
}

s64 sys_getpgrp(const struct syscall_args *a)
{
	(void)a;
	return process_this()->pgid;
}

s64 sys_getsid(const struct syscall_args *a)
{
	return group_or_session((u32)a->a0, true);
}

static s64 set_group(struct process *me, struct process *p, u32 pgid)
{
	if (!p || (p != me && p->parent != me))
		return -ESRCH;
	if (p->sid != me->sid || p->sid == p->pid)
		return -EPERM;
	p->pgid = pgid ? pgid : p->pid;
	return 0;
}

s64 sys_setpgid(const struct syscall_args *a)
{
	if ((s32)a->a1 < 0)
		return -EINVAL;
	u64 flags = spin_lock_irqsave(&proc_lock);
	s64 r = set_group(process_this(), by_pid((u32)a->a0), (u32)a->a1);
	spin_unlock_irqrestore(&proc_lock, flags);
	return r;
}

s64 sys_setsid(const struct syscall_args *a)
{
	(void)a;
	struct process *p = process_this();
	u64 flags = spin_lock_irqsave(&proc_lock);
	s64 r = -EPERM;

	if (p->pgid != p->pid) {
		p->sid = p->pgid = p->pid;
		r = p->pid;
	}
	spin_unlock_irqrestore(&proc_lock, flags);
	return r;
}

s64 sys_sched_yield(const struct syscall_args *a)
{
	(void)a;
	thread_yield();
	return 0;
}

s64 sys_arch_prctl(const struct syscall_args *a)
{
	u64 value;

	switch ((u32)a->a0) {
	case ARCH_SET_FS:
	case ARCH_SET_GS:
		if (a->a1 >= USER_TOP)
			return -EPERM;
		wrmsr((u32)a->a0 == ARCH_SET_FS ? MSR_FS_BASE : MSR_KERNEL_GS_BASE, a->a1);
		return 0;
	case ARCH_GET_FS:
	case ARCH_GET_GS:
		value = rdmsr((u32)a->a0 == ARCH_GET_FS ? MSR_FS_BASE : MSR_KERNEL_GS_BASE);
		return copy_to_user((void *)a->a1, &value, sizeof(value));
	default:
		return -EINVAL;
	}
}

s64 sys_set_tid_address(const struct syscall_args *a)
{
	(void)a;
	return process_this()->pid;
}

s64 sys_rt_sigaction(const struct syscall_args *a)
{
	return signal_action((int)a->a0, a->a1, a->a2, a->a3);
}

s64 sys_rt_sigprocmask(const struct syscall_args *a)
{
	return signal_procmask((int)a->a0, a->a1, a->a2, a->a3);
}

s64 sys_rt_sigpending(const struct syscall_args *a)
{
	return signal_get_pending(a->a0, a->a1);
}

s64 sys_rt_sigsuspend(const struct syscall_args *a)
{
	return signal_suspend(a->a0, a->a1);
}

s64 sys_rt_sigreturn(const struct syscall_args *a)
{
	return signal_return(a->frame);
}

s64 sys_pause(const struct syscall_args *a)
{
	struct waitq never;
	int err = 0;

	(void)a;
	waitq_init(&never);
	while (!err)
		err = wait_event_intr(&never, false);
	return err;
}
