// SPDX-License-Identifier: MIT
/*
 * Threads of the generic partition: kernel threads and the one thread of each user process.
 *
 * One run queue with four priorities serves all generic cores. A thread runs until its slice ends
 * (user mode, or kernel threads that opted in by thread_set_preempt()), or until it blocks, yields
 * or exits. Kernel code of a process (a system call) is not preempted between blocking points;
 * long loops call thread_resched(). x87/SSE/AVX state is switched eagerly with XSAVE, so that code
 * of the data plane (vector registers) may run in any thread.
 *
 * Everything here runs on generic cores. Functions marked [irq] may be called from interrupt
 * handlers; the others from threads only. Nothing here may be called by a QGM core.
 */
#pragma once

#include "kernel/types.h"

struct thread;
struct process;

enum thread_priority {
	PRIO_HIGH,   /* short kernel work that must not wait for processes */
	PRIO_TURN,   /* the shared-mode QGM thread: every other turn, see sched.c */
	PRIO_NORMAL, /* user processes and most kernel threads */
	PRIO_LOW,    /* background work */
	PRIO_LEVELS
};

/* The slice of a thread that did not ask for another one. */
#define THREAD_SLICE_NS 2000000ull

/*
 * A kernel thread running fn(arg), normal priority, runnable at once on any generic core. It ends
 * when fn returns or calls thread_exit(); its memory is freed by the scheduler (there is no join).
 * name is copied (15 characters). NULL: no memory.
 */
struct thread *thread_create(const char *name, void (*fn)(void *arg), void *arg);

/* As thread_create(), but not started: set root, priority or slice, then thread_start(). */
struct thread *thread_create_stopped(const char *name, void (*fn)(void *arg), void *arg);
void thread_start(struct thread *t);

/* The running thread; NULL on a core whose scheduler has not started. [irq] */
struct thread *thread_this(void);
const char *thread_name(const struct thread *t);
u32 thread_id(const struct thread *t);

/* Puts the caller behind the runnable threads of its priority; returns at once if there are none.
 */
void thread_yield(void);
/* True when the caller's slice is over and another thread wants the core. Cheap: one load. */
bool thread_should_yield(void);
/* thread_yield() if thread_should_yield(). For long loops in kernel code. */
void thread_resched(void);
/* True when a thread other than the caller is runnable: an engine thread must not nap then. */
bool sched_others_runnable(void);

void thread_sleep_ns(u64 ns);
void thread_exit(void) __attribute__((noreturn));

/*
 * The page-table root the thread runs on (0 = root_generic; processes: their own). For the
 * shared-mode QGM thread: root_boot. Before thread_start(), or by the thread for itself.
 */
void thread_set_root(struct thread *t, paddr_t root);
void thread_set_priority(struct thread *t, enum thread_priority prio);
/* Length of the thread's turns while others of its priority are runnable; 0 = THREAD_SLICE_NS. */
void thread_set_slice(struct thread *t, u64 ns);
/*
 * Lets the tick preempt the thread in kernel mode, whenever interrupts are on. Such a thread must
 * hold no generic lock (struct spinlock, struct mutex) with interrupts on: the engine loop of the
 * shared mode, which talks by rings only. It may call thread_yield() and thread_sleep_ns().
 */
void thread_set_preempt(struct thread *t, bool on);

/* Nanoseconds of CPU that the thread has used up to its last switch. */
u64 thread_cpu_ns(const struct thread *t);

/*
 * Called with interrupts off just before an idle core halts. Returning true means that there is
 * work after all: the core looks at its run queue again instead of halting. The hook must not touch
 * vector registers (no code of qgm/): they still hold the last thread's.
 */
void sched_set_idle_hook(bool (*hook)(void));

/* Boot CPU: makes the caller a thread ("boot"), from then on the functions above work. */
void sched_init(void);
/* Other generic CPUs: the calling context becomes this core's idle loop. */
void sched_run_ap(void) __attribute__((noreturn));
/* Boot CPU, at the end of start-up: the caller becomes the idle loop. */
void sched_idle_loop(void) __attribute__((noreturn));

/* Called by the LAPIC tick of each generic core, interrupts off. [irq] */
void sched_tick(void);
/*
 * Called on the way out of every interrupt on a generic core, after EOI, interrupts off: preempts
 * kernel threads that allow it (processes are preempted on their way to user mode). [irq]
 */
void sched_irq_exit(bool from_user);
