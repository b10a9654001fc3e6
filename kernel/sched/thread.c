// SPDX-License-Identifier: MIT
/*
 * Birth, death and settings of threads; see kernel/sched/thread.h. The scheduling itself is in
 * sched.c. Generic cores, threads only.
 */
#include "kernel/sched/sched.h"

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/kstack.h"
#include "kernel/mm/paging.h"
#include "kernel/mm/phys.h"
#include "kernel/printk.h"
#include "kernel/smp.h"

enum { FPU_ALIGN = 64 };

static u32 next_thread_id = 1;

int thread_alloc_fpu(struct thread *t)
{
	t->fpu_alloc = kzalloc(cpu_features.xsave_size + FPU_ALIGN);
	if (!t->fpu_alloc)
		return -1;
	t->fpu = (void *)(((u64)t->fpu_alloc + FPU_ALIGN - 1) & ~(u64)(FPU_ALIGN - 1));
	fpu_init_area(t->fpu);
	return 0;
}

struct thread *thread_alloc(const char *name, void (*fn)(void *), void *arg, size_t reserve)
{
	struct thread *t = kzalloc(sizeof(*t));

	if (!t)
		return NULL;
	strlcpy(t->name, name, sizeof(t->name));
	t->fn = fn;
	t->arg = arg;
	t->prio = PRIO_NORMAL;
	t->slice_ns = THREAD_SLICE_NS;
	t->state = THREAD_NEW;
	t->id = __atomic_fetch_add(&next_thread_id, 1, __ATOMIC_RELAXED);
	if (thread_alloc_fpu(t) < 0)
		goto err_fpu;
	t->stack_top = kstack_alloc(NODE_ANY);
	if (!t->stack_top)
		goto err_stack;
	t->entry_top = t->stack_top;

	/* What switch_stacks() pops: six registers, then the address of the trampoline. The pad
	 * leaves rsp as a call instruction would have (16n + 8 at the trampoline's entry). */
	u64 *sp = (u64 *)(t->stack_top - reserve);
	*--sp = 0;
	*--sp = 0;
	*--sp = (u64)thread_trampoline;
	for (unsigned i = 0; i < 6; i++)
		*--sp = 0;
	t->rsp = (u64)sp;
	return t;

err_stack:
	kfree(t->fpu_alloc);
err_fpu:
	kfree(t);
	return NULL;
}

void thread_free(struct thread *t)
{
	if (t->stack_top)
		kstack_free(t->stack_top);
	kfree(t->fpu_alloc);
	kfree(t);
}

/* Takes over the lock from the thread that switched to us. */
void thread_begin(void)
{
	struct thread *t = cpu_this()->thread;

	sched_switched();
	spin_unlock(&sched_lock);
	irq_on();
	t->fn(t->arg);
	thread_exit();
}

struct thread *thread_create_stopped(const char *name, void (*fn)(void *arg), void *arg)
{
	return thread_alloc(name, fn, arg, 0);
}

struct thread *thread_create(const char *name, void (*fn)(void *arg), void *arg)
{
	struct thread *t = thread_alloc(name, fn, arg, 0);

	if (t)
		thread_start(t);
	return t;
}

void thread_start(struct thread *t)
{
	u64 flags = spin_lock_irqsave(&sched_lock);

	ASSERT(t->state == THREAD_NEW);
	t->state = THREAD_SLEEPING;
	thread_wake_locked(t);
	spin_unlock_irqrestore(&sched_lock, flags);
}

struct thread *thread_this(void)
{
	return cpu_this()->thread;
}

const char *thread_name(const struct thread *t)
{
	return t->name;
}

u32 thread_id(const struct thread *t)
{
	return t->id;
}

u64 thread_cpu_ns(const struct thread *t)
{
	return t->cpu_ns;
}

void thread_set_root(struct thread *t, paddr_t root)
{
	u64 flags = irq_save();

	t->root = root;
	if (t == thread_this())
		pt_load(root ? root : root_generic);
	irq_restore(flags);
}

void thread_set_priority(struct thread *t, enum thread_priority prio)
{
	u64 flags = spin_lock_irqsave(&sched_lock);

	/* In the run queue it stays where it is until its next turn. */
	t->prio = prio;
	spin_unlock_irqrestore(&sched_lock, flags);
}

void thread_set_slice(struct thread *t, u64 ns)
{
	t->slice_ns = ns ? ns : THREAD_SLICE_NS;
}

void thread_set_preempt(struct thread *t, bool on)
{
	t->preempt = on;
}
