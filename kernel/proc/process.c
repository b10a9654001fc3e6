// SPDX-License-Identifier: MIT
/*
 * The life of processes: fork, exit, wait, and the tree of parents; see kernel/proc/process.h.
 * exec is in exec.c. Runs in process threads on generic cores; the tree is under proc_lock.
 */
#include "kernel/proc/process.h"

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/cmdline.h"
#include "kernel/errno.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/printk.h"
#include "kernel/smp.h"

enum { PID_LIMIT = 32768 };
enum wait_options { WNOHANG = 1, WUNTRACED = 2, WCONTINUED = 8, WALL = 0x40000000 };

struct spinlock proc_lock = SPINLOCK_INIT("proc");

static struct process *all; /* under proc_lock, as the rest */
static struct process *init_process;
static u32 last_pid;
static u32 count;

struct process *process_this(void)
{
	struct thread *t = cpu_this()->thread;

	return t ? t->proc : NULL;
}

struct aspace *aspace_current(void)
{
	struct process *p = process_this();

	return p ? p->as : NULL;
}

struct process *process_find(u32 pid)
{
	for (struct process *p = all; p; p = p->all_next)
		if (p->pid == pid)
			return p;
	return NULL;
}

void process_foreach(void (*fn)(struct process *p, void *arg), void *arg)
{
	for (struct process *p = all; p; p = p->all_next)
		fn(p, arg);
}

u32 process_count(void)
{
	return count;
}

static u32 new_pid(void)
{
	do {
		last_pid = last_pid + 1 < PID_LIMIT ? last_pid + 1 : 2;
	} while (process_find(last_pid));
	return last_pid;
}

/* Enters p into the tree: it has a number from then on. 0 or -EAGAIN. */
static int enter(struct process *p, struct process *parent)
{
	u64 flags = spin_lock_irqsave(&proc_lock);
	int err = count < PROC_MAX ? 0 : -EAGAIN;

	if (!err) {
		p->pid = new_pid();
		p->pgid = parent ? parent->pgid : p->pid;
		p->sid = parent ? parent->sid : p->pid;
		p->parent = parent;
		if (parent) {
			p->sibling = parent->children;
			parent->children = p;
		}
		p->all_next = all;
		all = p;
		count++;
	}
	spin_unlock_irqrestore(&proc_lock, flags);
	return err;
}

/* Takes a zombie out of the tree; under proc_lock. The caller frees it. */
static void leave(struct process *p)
{
	struct process **pp = &p->parent->children;

	while (*pp != p)
		pp = &(*pp)->sibling;
	*pp = p->sibling;
	for (pp = &all; *pp != p; pp = &(*pp)->all_next)
		continue;
	*pp = p->all_next;
	count--;
}

static struct process *process_alloc(const char *name, void (*fn)(void *))
{
	struct process *p = kzalloc(sizeof(*p));

	if (!p)
		return NULL;
	waitq_init(&p->child_wait);
	strlcpy(p->name, name, sizeof(p->name));
	p->umask = 022;
	p->thread = thread_alloc(name, fn, p, sizeof(struct trapframe));
	if (!p->thread) {
		kfree(p);
		return NULL;
	}
	p->thread->proc = p;
	return p;
}

/* A process that never ran. */
static void process_unwind(struct process *p)
{
	if (p->fds)
		fd_table_free(p->fds);
	if (p->as)
		aspace_free(p->as);
	inode_put(p->cwd);
	thread_free(p->thread);
	kfree(p);
}

/* First code of a new process's thread: its frame is complete. */
static void enter_user(void *arg)
{
	struct trapframe *frame = process_frame(arg);

	irq_off();
	process_user_return(frame);
	trap_return(frame);
}

s64 process_fork(const struct trapframe *frame)
{
	struct process *me = process_this();
	struct process *p = user_memory_left() ? process_alloc(me->name, enter_user) : NULL;

	if (!p)
		return -ENOMEM;
	p->cwd = inode_get(me->cwd);
	p->umask = me->umask;
	p->mask = me->mask;
	memcpy(p->actions, me->actions, sizeof(p->actions));
	p->fds = fd_table_copy(me->fds);
	p->as = p->fds ? aspace_fork(me->as) : NULL;
	if (!p->as) {
		process_unwind(p);
		return -ENOMEM;
	}
	struct thread *t = p->thread;
	t->root = p->as->root;
	t->fs_base = rdmsr(MSR_FS_BASE);
	t->gs_base = rdmsr(MSR_KERNEL_GS_BASE);
	fpu_save(t->fpu);
	struct trapframe *child = process_frame(p);
	*child = *frame;
	child->rax = 0;

	int err = enter(p, me);
	if (err) {
		process_unwind(p);
		return err;
	}
	u32 pid = p->pid; /* p may be gone as soon as it runs */
	thread_start(t);
	return pid;
}

/* Gives the children to init; under proc_lock. */
static void reparent_children(struct process *p)
{
	bool zombies = false;

	while (p->children) {
		struct process *c = p->children;
		p->children = c->sibling;
		c->parent = init_process;
		c->sibling = init_process->children;
		init_process->children = c;
		zombies |= c->state == PROC_ZOMBIE;
	}
	if (zombies)
		waitq_wake_all(&init_process->child_wait);
}

static bool reaps_itself(const struct process *parent)
{
	const struct sigaction *a = &parent->actions[SIGCHLD - 1];

	return a->handler == SIG_IGN || (a->flags & SA_NOCLDWAIT);
}

/* Closes what the process holds, but for its number. Its root is the kernel's afterwards. */
static void release_resources(struct process *p)
{
	struct aspace *as = p->as;

	fd_table_free(p->fds);
	p->fds = NULL;
	inode_put(p->cwd);
	p->cwd = NULL;
	thread_set_root(p->thread, 0);
	p->as = NULL;
	if (as)
		aspace_free(as);
}

/* Opens /dev/console as the files 0, 1 and 2 of the calling or a new process. */
static int open_console(struct process *p)
{
	int err;
	struct file *f = vfs_open(NULL, "/dev/console", O_RDWR, 0, &err);

	if (!f)
		return err;
	p->fds->file[0] = f;
	p->fds->file[1] = file_get(f);
	p->fds->file[2] = file_get(f);
	return 0;
}

/* What runs as process 1: /sbin/init, or a test's program by pix.init=PATH. */
static const char *init_path(void)
{
	static char path[128];

	return cmdline_get("pix.init", path, sizeof(path)) > 0 ? path : "/sbin/init";
}

/* Process 1 and the thread of a restarted process 1: never returns. */
static void run_init(void *arg)
{
	struct process *p = arg;
	struct trapframe *frame = process_frame(p);
	int err;

	p->fds = fd_table_new();
	p->cwd = inode_get(vfs_root);
	err = p->fds ? open_console(p) : -ENOMEM;
	if (!err)
		err = process_exec(init_path(), 0, 0, frame);
	if (err)
		panic("cannot start %s: error %d", init_path(), -err);
	irq_off();
	process_user_return(frame);
	trap_return(frame);
}

/* Everything else depends on process 1: it starts again, its children live on. */
static void restart_init(struct process *p, int status) __attribute__((noreturn));
static void restart_init(struct process *p, int status)
{
	printk("proc: init ended with status 0x%x, starting it again\n", (unsigned)status);
	release_resources(p);
	p->pending = 0;
	p->mask = 0;
	memset(p->actions, 0, sizeof(p->actions));
	thread_sleep_ns(1000000000);
	run_init(p);
	__builtin_unreachable();
}

void process_exit(int status)
{
	struct process *p = process_this();
	struct thread *t = p->thread;

	irq_on();
	if (p == init_process)
		restart_init(p, status);
	release_resources(p);

	u64 flags = spin_lock_irqsave(&proc_lock);
	struct process *parent = p->parent;
	bool gone = reaps_itself(parent);
	reparent_children(p);
	p->exit_status = status;
	p->cpu_ns = thread_cpu_ns(t);
	p->state = PROC_ZOMBIE;
	p->thread = NULL;
	t->proc = NULL;
	if (gone)
		leave(p);
	signal_send_locked(parent, SIGCHLD);
	waitq_wake_all(&parent->child_wait);
	spin_unlock_irqrestore(&proc_lock, flags);
	/* A zombie belongs to its parent from here on. */
	if (gone)
		kfree(p);
	thread_exit();
}

static bool wait_matches(const struct process *c, const struct process *me, s32 pid)
{
	if (pid == -1)
		return true;
	if (pid > 0)
		return c->pid == (u32)pid;
	return c->pgid == (pid == 0 ? me->pgid : (u32)-pid);
}

/* A zombie among the children that match, taken out of the tree; NULL with *err: 0 or -ECHILD. */
static struct process *take_zombie(struct process *me, s32 pid, int *err)
{
	u64 flags = spin_lock_irqsave(&proc_lock);
	struct process *found = NULL;

	*err = -ECHILD;
	for (struct process *c = me->children; c && !found; c = c->sibling) {
		if (!wait_matches(c, me, pid))
			continue;
		*err = 0;
		if (c->state == PROC_ZOMBIE)
			found = c;
	}
	if (found) {
		leave(found);
		me->child_ns += found->cpu_ns + found->child_ns;
	}
	spin_unlock_irqrestore(&proc_lock, flags);
	return found;
}

/* struct rusage: user time, system time, then 14 numbers. */
static int put_rusage(u64 urusage, u64 cpu_ns)
{
	u64 ru[18] = { cpu_ns / 1000000000, cpu_ns % 1000000000 / 1000 };

	return copy_to_user((void *)urusage, ru, sizeof(ru));
}

s64 process_wait(s32 pid, u64 ustatus, int options, u64 urusage)
{
	struct process *me = process_this(), *c = NULL;
	int err = 0;

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | WALL))
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	if (options & WNOHANG) {
		c = take_zombie(me, pid, &err);
	} else {
		int intr =
			wait_event_intr(&me->child_wait, (c = take_zombie(me, pid, &err)) || err);
		if (intr)
			return intr;
	}
	if (!c)
		return err;
	s64 r = c->pid;
	if (ustatus && copy_to_user((void *)ustatus, &c->exit_status, sizeof(int)) < 0)
		r = -EFAULT;
	if (urusage && put_rusage(urusage, c->cpu_ns + c->child_ns) < 0)
		r = -EFAULT;
	kfree(c);
	return r;
}

void process_user_return(struct trapframe *frame)
{
	struct process *p = process_this();

	for (;;) {
		if (signal_pending(p)) {
			irq_on();
			signal_deliver(frame);
			irq_off();
		} else if (sched_need_resched()) {
			thread_yield();
		} else {
			break;
		}
	}
	p->restart = 0;
}

int proc_init(void)
{
	aspace_init();
	fault_init();
	return 0;
}

int proc_start_init(void)
{
	init_process = process_alloc("init", run_init);
	if (!init_process)
		return -ENOMEM;
	int err = enter(init_process, NULL);
	if (!err)
		thread_start(init_process->thread);
	return err;
}
