// SPDX-License-Identifier: MIT
/*
 * Processes: one thread, one address space, one table of files, one place in the tree of parents.
 *
 * What only the process's own thread touches (files, cwd, signal handlers, the address space) needs
 * no lock. The tree, states, exit codes and pending signals are under proc_lock, a spinlock taken
 * with interrupts off, as the console's ^C comes from an interrupt handler.
 */
#pragma once

#include "kernel/arch/x86_64/trap.h"
#include "kernel/fs/file.h"
#include "kernel/mm/aspace.h"
#include "kernel/proc/signal.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/wait.h"
#include "kernel/types.h"

#define FD_MAX     256
#define PROC_MAX   256
#define PROC_NAME  32
#define ARG_BYTES  65536u /* argv and envp together, with their pointers */
#define USER_STACK (8ull << 20)

struct fd_table {
	struct file *file[FD_MAX];
	u64 cloexec[FD_MAX / 64];
};

enum proc_state {
	PROC_ALIVE,
	PROC_ZOMBIE, /* waits for its parent's wait4() */
};

struct process {
	/* own thread only */
	struct aspace *as;
	struct fd_table *fds;
	struct inode *cwd;
	struct sigaction actions[NSIG]; /* index: signal number - 1 */
	u64 saved_mask; /* rt_sigsuspend: what the handler's return restores, if restore_mask */
	bool restore_mask;
	u32 restart; /* number + 1 of a system call that ended with -EINTR and may run again */
	u32 umask;

	/* under proc_lock */
	struct thread *thread; /* NULL once it is a zombie */
	u32 pid, pgid, sid;
	enum proc_state state;
	int exit_status;          /* as wait4 reports it */
	u64 pending, mask;        /* bit n-1: signal n; mask is written by the own thread only */
	struct process *parent;   /* init: NULL */
	struct process *children; /* list by sibling */
	struct process *sibling;
	struct process *all_next;
	u64 cpu_ns; /* of the dead thread; of reaped children in child_ns */
	u64 child_ns;

	struct waitq child_wait; /* the parent sleeps here in wait4 */
	char name[PROC_NAME];
};

extern struct spinlock proc_lock;

/* The process of the running thread; NULL in a kernel thread. */
struct process *process_this(void);

/* The user registers of a process's thread: at the top of its kernel stack. */
static inline struct trapframe *process_frame(const struct process *p)
{
	return (struct trapframe *)p->thread->entry_top - 1;
}

/* Before each return to user mode, interrupts off: signals, then rescheduling. */
void process_user_return(struct trapframe *frame);

/* Start-up, after vfs_init(): hooks into the traps. */
int proc_init(void);
/* The last step: /sbin/init as process 1, with /dev/console as its files 0, 1 and 2. 0 or -errno.
 */
int proc_start_init(void);
/* The trap hooks (kernel/proc/fault.c). */
void fault_init(void);

/* fork(2): the child's pid, or -errno. frame is the parent's user state. */
s64 process_fork(const struct trapframe *frame);
/*
 * execve(2). uargv and uenvp are user addresses of arrays of strings; 0: argv is the path alone,
 * no environment. On success frame is the new program's start; else nothing changed.
 */
int process_exec(const char *path, u64 uargv, u64 uenvp, struct trapframe *frame);
/* Ends the calling process; status as wait4 reports it. */
void process_exit(int status) __attribute__((noreturn));
/* wait4(2). ustatus and urusage are user addresses, 0 = not wanted. */
s64 process_wait(s32 pid, u64 ustatus, int options, u64 urusage);

/* Number of living processes and zombies. */
u32 process_count(void);
/* Calls fn for each process, under proc_lock. */
void process_foreach(void (*fn)(struct process *p, void *arg), void *arg);
struct process *process_find(u32 pid); /* under proc_lock */

/* --- fd table (kernel/fs/fd.c), own thread only --- */

struct fd_table *fd_table_new(void);
struct fd_table *fd_table_copy(const struct fd_table *from); /* NULL: no memory */
void fd_table_free(struct fd_table *t);
void fd_close_exec(struct fd_table *t);
/* The file of fd in the calling process without a new reference, or NULL. */
struct file *fd_file(int fd);
/* Gives f (the reference goes along) the lowest number >= from; -EMFILE leaves f with the caller.
 */
int fd_install(struct file *f, int from, bool cloexec);
/* Both files installed and their two numbers (s32) stored at ufds of the user, or neither: the
 * references go along in any case. 0, -EMFILE, -EFAULT. May sleep (kernel/proc/sys_fd.c). */
s64 fd_install_pair(struct file *const f[2], bool cloexec, u64 ufds);
int fd_close(int fd);
/* dup2/dup3: fd `to` becomes another name of f (no reference taken from the caller). */
int fd_replace(int to, struct file *f, bool cloexec);
bool fd_get_cloexec(int fd);
void fd_set_cloexec(int fd, bool on);
