// SPDX-License-Identifier: MIT
/*
 * The scheduler of the generic partition; see kernel/sched/thread.h for what it promises and
 * kernel/sched/sched.h for its one lock. Round robin within four priorities, one run queue for all
 * generic cores. PRIO_TURN and the less urgent ones take turns: a thread of PRIO_TURN comes before
 * them, yet after its slice, or when it yields, one of them has a slice first; so the packet engine
 * of the shared mode waits for one process's slice at most, however many there are, and cannot
 * starve them. Code here runs on generic cores only, in threads and (sched_tick, thread_wake) in
 * interrupt handlers.
 *
 * Ticks come at 100 Hz, at 10 Hz when nobody waits for the core; when something is due earlier (the
 * end of a slice with others waiting, a sleeper's deadline) the timer is asked for an earlier one,
 * so that slices of 1-2 ms and sleeps of that order hold without a fast tick on an idle machine.
 */
#include "kernel/sched/sched.h"

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/arch/x86_64/trap.h"
#include "kernel/clock.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/paging.h"
#include "kernel/plant.h"
#include "kernel/printk.h"
#include "kernel/proc/syscall.h"
#include "kernel/sched/wait.h"
#include "kernel/smp.h"

enum {
	TICK_NS = 1000000000 / TICK_HZ,
	ALONE_TICK_NS = 10 * TICK_NS,
	TIMER_MIN_NS = 50000,
};

struct spinlock sched_lock = SPINLOCK_INIT("sched");

/* under sched_lock */
static struct run_queue {
	struct thread *head, *tail;
} run_queue[PRIO_LEVELS];
static u32 nrunnable;
static struct thread *sleepers; /* by deadline */

static bool (*idle_hook)(void);
static struct cpu_sched cpu_scheds[CPU_MAX];
static struct thread boot_thread;
static struct thread idle_threads[CPU_MAX]; /* of APs: on the stack they were started on */

static struct cpu_sched *this_sched(void)
{
	return cpu_this()->sched;
}

/* Planted bug "turn": the engine's thread is one among the others. */
static bool plant_turn;

static void enqueue(struct thread *t)
{
	struct run_queue *q =
		&run_queue[plant_turn && t->prio == PRIO_TURN ? PRIO_NORMAL : t->prio];

	t->state = THREAD_RUNNABLE;
	t->run_next = NULL;
	if (q->tail)
		q->tail->run_next = t;
	else
		q->head = t;
	q->tail = t;
	nrunnable++;
}

static struct thread *dequeue(enum thread_priority prio)
{
	struct run_queue *q = &run_queue[prio];
	struct thread *t = q->head;

	if (!t)
		return NULL;
	q->head = t->run_next;
	if (!q->head)
		q->tail = NULL;
	nrunnable--;
	return t;
}

/* Who runs after prev, or NULL. */
static struct thread *pick(const struct thread *prev)
{
	static const enum thread_priority usual[] = { PRIO_HIGH, PRIO_TURN, PRIO_NORMAL, PRIO_LOW };
	static const enum thread_priority after_turn[] = { PRIO_HIGH, PRIO_NORMAL, PRIO_LOW,
							   PRIO_TURN };
	const enum thread_priority *order = prev->prio == PRIO_TURN ? after_turn : usual;
	struct thread *t = NULL;

	for (unsigned i = 0; i < PRIO_LEVELS && !t; i++)
		t = dequeue(order[i]);
	return t;
}

/* Whether a thread waits that has a right to the core once this one's slice is over. */
static bool runnable_beside(enum thread_priority prio)
{
	enum thread_priority worst = prio == PRIO_TURN ? PRIO_LOW : prio;

	for (unsigned p = PRIO_HIGH; p <= (unsigned)worst; p++)
		if (run_queue[p].head)
			return true;
	return false;
}

static void sleepers_add(struct thread *t, u64 deadline)
{
	struct thread **p = &sleepers;

	while (*p && (*p)->deadline <= deadline)
		p = &(*p)->sleep_next;
	t->deadline = deadline;
	t->has_deadline = true;
	t->sleep_next = *p;
	*p = t;
}

static void sleepers_remove(struct thread *t)
{
	struct thread **p = &sleepers;

	if (!t->has_deadline)
		return;
	while (*p != t)
		p = &(*p)->sleep_next;
	*p = t->sleep_next;
	t->has_deadline = false;
}

/* Asks this core's timer for a tick at the next moment that matters. */
static void arm_timer(struct cpu_sched *cs, u64 now)
{
	struct thread *t = cpu_this()->thread;
	u64 at = now + (nrunnable ? TICK_NS : ALONE_TICK_NS);

	if (sleepers && sleepers->deadline < at)
		at = sleepers->deadline;
	if (nrunnable && t != cs->idle && t->slice_end < at)
		at = t->slice_end;
	if (at < now + TIMER_MIN_NS)
		at = now + TIMER_MIN_NS;
	/* A timer that fires a little early or at that time already is left alone. */
	if (cs->timer_at > now && cs->timer_at <= at)
		return;
	cs->timer_at = at;
	clock_tick_in(at - now);
}

/* Tells a core that can do something about it that t has become runnable. */
static void kick_for(struct thread *t)
{
	struct cpu_sched *mine = this_sched();

	if (mine && mine->idling) {
		mine->need_resched = true;
		return;
	}
	for (u32 i = 0; i < ncpus; i++) {
		struct cpu_sched *cs = cpus[i].sched;
		if (cs && cs != mine && cs->idling) {
			cs->need_resched = true;
			cs->idling = false; /* one kick is enough */
			ipi_send(&cpus[i], IPI_RESCHED);
			return;
		}
	}
	if (mine && cpu_this()->thread->prio > t->prio)
		mine->need_resched = true;
	if (mine)
		arm_timer(mine, clock_ns());
}

void thread_wake_locked(struct thread *t)
{
	if (t->state != THREAD_SLEEPING)
		return;
	sleepers_remove(t);
	if (t->on_cpu) {
		t->state = THREAD_RUNNING;
		return;
	}
	enqueue(t);
	kick_for(t);
}

void thread_wake(struct thread *t)
{
	u64 flags = spin_lock_irqsave(&sched_lock);

	thread_wake_locked(t);
	spin_unlock_irqrestore(&sched_lock, flags);
}

void thread_prepare_sleep(void)
{
	u64 flags = spin_lock_irqsave(&sched_lock);

	cpu_this()->thread->state = THREAD_SLEEPING;
	spin_unlock_irqrestore(&sched_lock, flags);
}

void thread_cancel_sleep(void)
{
	u64 flags = spin_lock_irqsave(&sched_lock);

	cpu_this()->thread->state = THREAD_RUNNING;
	spin_unlock_irqrestore(&sched_lock, flags);
}

/* Everything of the machine but the stack and the general registers. */
static void switch_machine(struct thread *prev, struct thread *next)
{
	struct cpu_sched *cs = this_sched();

	if (prev->fpu)
		fpu_save(prev->fpu);
	/* Back from the idle loop, which uses no vector register, on the same core. */
	if (next->fpu && (cs->fpu_owner != next || next->fpu_cpu != cpu_this()))
		fpu_restore(next->fpu);
	if (next->fpu) {
		cs->fpu_owner = next;
		next->fpu_cpu = cpu_this();
	}
	if (prev->proc) {
		prev->fs_base = rdmsr(MSR_FS_BASE);
		prev->gs_base = rdmsr(MSR_KERNEL_GS_BASE);
	}
	if (next->proc) {
		wrmsr(MSR_FS_BASE, next->fs_base);
		wrmsr(MSR_KERNEL_GS_BASE, next->gs_base);
	}
	if (prev->boot)
		prev->root = pt_current();
	/* The idle loop runs on any root; one that a process may free meanwhile is left all the
	 * same. So a kernel thread that naps for a packet keeps its TLB. */
	paddr_t root = next->root ? next->root : root_generic;
	if ((next != cs->idle || prev->proc) && root != pt_current())
		pt_load(root);
	if (next->entry_top)
		trap_set_kernel_stack(next->entry_top);
}

/* Frees the thread that died by switching to us. */
static void bury_dead(struct cpu_sched *cs)
{
	struct thread *dead = cs->dead;

	cs->dead = NULL;
	if (dead && dead->stack_top)
		thread_free(dead);
}

void sched_switched(void)
{
	bury_dead(this_sched());
}

void schedule_locked(void)
{
	struct cpu_sched *cs = this_sched();
	struct thread *prev = cpu_this()->thread;
	u64 now = clock_ns();

	cs->need_resched = false;
	prev->cpu_ns += now - prev->run_start;
	if (prev->state == THREAD_RUNNING && prev != cs->idle)
		enqueue(prev);
	struct thread *next = pick(prev);
	if (!next)
		next = cs->idle;

	next->state = THREAD_RUNNING;
	next->run_start = now;
	next->slice_end = now + next->slice_ns;
	if (next == prev) {
		arm_timer(cs, now);
		return;
	}
	if (prev->state == THREAD_DEAD) {
		ASSERT(!cs->dead);
		cs->dead = prev;
	}
	prev->on_cpu = false;
	next->on_cpu = true;
	cpu_this()->thread = next;
	arm_timer(cs, now);
	switch_machine(prev, next);
	switch_stacks(&prev->rsp, next->rsp);

	/* prev again, perhaps much later and on another core. */
	sched_switched();
}

void thread_yield(void)
{
	u64 flags = spin_lock_irqsave(&sched_lock);

	schedule_locked();
	spin_unlock_irqrestore(&sched_lock, flags);
}

bool sched_need_resched(void)
{
	return this_sched()->need_resched;
}

bool thread_should_yield(void)
{
	return this_sched()->need_resched;
}

void thread_resched(void)
{
	if (thread_should_yield())
		thread_yield();
}

bool sched_others_runnable(void)
{
	return __atomic_load_n(&nrunnable, __ATOMIC_RELAXED) != 0;
}

void sched_preempt(void)
{
	spin_lock(&sched_lock);
	/* Preempted between waitq_prepare() and wait_block(): let it look at its condition again.
	 */
	struct thread *t = cpu_this()->thread;
	if (t->state == THREAD_SLEEPING)
		t->state = THREAD_RUNNING;
	schedule_locked();
	spin_unlock(&sched_lock);
}

void sched_irq_exit(bool from_user)
{
	struct cpu_sched *cs = this_sched();

	if (!from_user && cs && cs->need_resched && cpu_this()->thread->preempt)
		sched_preempt();
}

void sched_tick(void)
{
	struct cpu_sched *cs = this_sched();

	if (!cs)
		return;
	spin_lock(&sched_lock);
	u64 now = clock_ns();
	struct thread *t = cpu_this()->thread;
	cs->timer_at = 0;
	while (sleepers && sleepers->deadline <= now)
		thread_wake_locked(sleepers);
	if (t == cs->idle) {
		cs->need_resched |= nrunnable != 0;
	} else if (now >= t->slice_end && runnable_beside(t->prio)) {
		cs->need_resched = true;
	}
	arm_timer(cs, now);
	spin_unlock(&sched_lock);
}

void thread_sleep_ns(u64 ns)
{
	u64 deadline = clock_ns() + ns;
	u64 flags = spin_lock_irqsave(&sched_lock);
	struct thread *t = cpu_this()->thread;

	while (clock_ns() < deadline) {
		t->state = THREAD_SLEEPING;
		sleepers_add(t, deadline);
		schedule_locked();
		sleepers_remove(t);
	}
	spin_unlock_irqrestore(&sched_lock, flags);
}

void wait_block(void)
{
	wait_block_until(0);
}

bool wait_block_until(u64 deadline)
{
	u64 flags = spin_lock_irqsave(&sched_lock);
	struct thread *t = cpu_this()->thread;
	bool in_time = !deadline || clock_ns() < deadline;

	if (t->state == THREAD_SLEEPING) {
		if (in_time) {
			if (deadline)
				sleepers_add(t, deadline);
			schedule_locked();
			sleepers_remove(t);
			in_time = !deadline || clock_ns() < deadline;
		}
		t->state = THREAD_RUNNING;
	}
	spin_unlock_irqrestore(&sched_lock, flags);
	return in_time;
}

void thread_exit(void)
{
	irq_off();
	spin_lock(&sched_lock);
	cpu_this()->thread->state = THREAD_DEAD;
	schedule_locked();
	panic("a dead thread was scheduled");
}

void sched_set_idle_hook(bool (*hook)(void))
{
	idle_hook = hook;
}

/* Interrupts are off when the queue is looked at, and `sti; hlt` lets none in between. */
static void idle_loop(void *arg)
{
	struct cpu_sched *cs = this_sched();

	(void)arg;
	for (;;) {
		irq_off();
		spin_lock(&sched_lock);
		cs->idling = true;
		cs->need_resched = false;
		bool work = nrunnable != 0;
		if (work) {
			cs->idling = false;
			schedule_locked();
		} else {
			arm_timer(cs, clock_ns());
		}
		spin_unlock(&sched_lock);
		if (!work && !(idle_hook && idle_hook()) && !cs->need_resched)
			__asm__ volatile("sti; hlt; cli" : : : "memory");
		cs->idling = false;
		irq_on();
	}
}

static void adopt(struct thread *t, const char *name)
{
	struct cpu *c = cpu_this();

	strlcpy(t->name, name, sizeof(t->name));
	t->prio = PRIO_NORMAL;
	t->slice_ns = THREAD_SLICE_NS;
	t->state = THREAD_RUNNING;
	t->on_cpu = true;
	t->run_start = clock_ns();
	c->thread = t;
}

void sched_init(void)
{
	struct cpu *c = cpu_this();
	struct cpu_sched *cs = &cpu_scheds[c->id];

	plant_turn = planted("turn");
	boot_thread.boot = true;
	if (thread_alloc_fpu(&boot_thread) < 0)
		panic("sched: no memory for the boot thread");
	adopt(&boot_thread, "boot");
	cs->idle = thread_alloc("idle", idle_loop, NULL, 0);
	if (!cs->idle)
		panic("sched: no memory for the idle thread");
	cs->idle->prio = PRIO_LOW;
	kfree(cs->idle->fpu_alloc);
	cs->idle->fpu = cs->idle->fpu_alloc = NULL;
	c->sched = cs;
	syscall_init_cpu();
}

void sched_run_ap(void)
{
	struct cpu *c = cpu_this();
	struct thread *t = &idle_threads[c->id];

	irq_off();
	adopt(t, "idle");
	t->prio = PRIO_LOW;
	cpu_scheds[c->id].idle = t;
	c->sched = &cpu_scheds[c->id];
	syscall_init_cpu();
	idle_loop(NULL);
	__builtin_unreachable();
}

void sched_idle_loop(void)
{
	thread_exit();
}
