// SPDX-License-Identifier: MIT
/*
 * Inside of the scheduler: the thread itself, and what wait.c, thread.c and kernel/proc need beyond
 * kernel/sched/thread.h.
 *
 * One lock, sched_lock, guards every thread's state, the run queue and the list of sleepers with a
 * deadline. It is held, interrupts off, across the switch of stacks: the thread that comes in
 * releases what the thread that went out took. Lock order: a wait queue's lock, then sched_lock.
 */
#pragma once

#include "kernel/sched/thread.h"
#include "kernel/spinlock.h"
#include "kernel/types.h"

enum thread_state {
	THREAD_NEW,
	THREAD_RUNNABLE, /* in the run queue */
	THREAD_RUNNING,  /* on a core */
	THREAD_SLEEPING, /* off the core, or about to leave it */
	THREAD_DEAD,     /* will never run again; freed after the switch away */
};

struct thread {
	u64 rsp;              /* kernel/arch/x86_64/switch.asm; valid while off the core */
	vaddr_t stack_top;    /* 0: a stack that we did not allocate (boot CPU, AP idle loops) */
	vaddr_t entry_top;    /* where traps from user mode start; stack_top for processes */
	void *fpu;            /* XSAVE area, 64-byte aligned */
	void *fpu_alloc;      /* what kmalloc gave */
	struct cpu *fpu_cpu;  /* whose registers may still hold it */
	paddr_t root;         /* 0: root_generic */
	u64 fs_base, gs_base; /* user's; valid while off the core */
	struct process *proc; /* NULL: kernel thread */

	/* under sched_lock */
	enum thread_state state;
	enum thread_priority prio;
	bool on_cpu;
	bool has_deadline; /* in the list of sleepers */
	bool preempt;      /* may be preempted in kernel mode */
	bool boot;         /* the boot CPU's start-up: keeps the root it loaded */
	u64 deadline;
	u64 slice_ns, slice_end;
	u64 run_start, cpu_ns;
	struct thread *run_next;
	struct thread *sleep_next;

	void (*fn)(void *arg);
	void *arg;
	u32 id;
	char name[16];
};

extern struct spinlock sched_lock;

/* Per generic core; cpu_this()->sched. */
struct cpu_sched {
	struct thread *idle;
	struct thread *dead;      /* freed by whoever runs next */
	struct thread *fpu_owner; /* whose vector registers this core holds; may be dead: for == */
	bool need_resched;
	bool idling;  /* in or near HLT: a new runnable thread sends IPI_RESCHED */
	u64 timer_at; /* when the next tick was asked for */
};

/* Gives the core to the next thread. Caller holds sched_lock with interrupts off; so on return. */
void schedule_locked(void);
/* Makes t runnable if it sleeps (or cancels the sleep it is about to enter). Any context. */
void thread_wake(struct thread *t);
/* As thread_wake() under sched_lock. */
void thread_wake_locked(struct thread *t);
/* Marks the caller as about to sleep; thread_wake() from now on undoes it. */
void thread_prepare_sleep(void);
/* Undoes thread_prepare_sleep(). */
void thread_cancel_sleep(void);
/* What a thread does first after it was switched to, sched_lock held. */
void sched_switched(void);
/* The caller is preempted: from the end of an interrupt, interrupts off. */
void sched_preempt(void);
bool sched_need_resched(void);

/* A thread object with stack and FPU area, THREAD_NEW; reserve bytes (a multiple of 16) at the top
 * of the stack are left to the caller. NULL: no memory. */
struct thread *thread_alloc(const char *name, void (*fn)(void *), void *arg, size_t reserve);
void thread_free(struct thread *t);
/* Gives t its XSAVE area in the initial state. 0 or -1: no memory. */
int thread_alloc_fpu(struct thread *t);
/* First C code on a new thread's stack: from switch.asm. */
void thread_begin(void) __attribute__((noreturn));

/* switch.asm: saves the callee-saved registers and rsp of one, loads the other's. */
void switch_stacks(u64 *save_rsp, u64 load_rsp);
void thread_trampoline(void);
