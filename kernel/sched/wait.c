// SPDX-License-Identifier: MIT
/*
 * Wait queues and the sleeping lock; see kernel/sched/wait.h and mutex.h. Generic cores; sleepers
 * are threads, wakers may be interrupt handlers.
 */
#include "kernel/sched/wait.h"

#include "kernel/printk.h"
#include "kernel/sched/mutex.h"
#include "kernel/sched/sched.h"
#include "kernel/smp.h"

void waitq_init(struct waitq *wq)
{
	*wq = (struct waitq){ .lock = SPINLOCK_INIT("waitq") };
}

void waitq_add(struct waitq *wq, struct wait_entry *e)
{
	u64 flags = spin_lock_irqsave(&wq->lock);

	e->wq = wq;
	e->thread = cpu_this()->thread;
	e->next = wq->head;
	e->pprev = &wq->head;
	if (e->next)
		e->next->pprev = &e->next;
	wq->head = e;
	spin_unlock_irqrestore(&wq->lock, flags);
}

void waitq_remove(struct wait_entry *e)
{
	u64 flags = spin_lock_irqsave(&e->wq->lock);

	*e->pprev = e->next;
	if (e->next)
		e->next->pprev = e->pprev;
	spin_unlock_irqrestore(&e->wq->lock, flags);
}

void waitq_prepare(struct waitq *wq, struct wait_entry *e)
{
	waitq_add(wq, e);
	thread_prepare_sleep();
}

void waitq_finish(struct wait_entry *e)
{
	waitq_remove(e);
	thread_cancel_sleep();
}

void waitq_wake_all(struct waitq *wq)
{
	u64 flags = spin_lock_irqsave(&wq->lock);

	for (struct wait_entry *e = wq->head; e; e = e->next)
		thread_wake(e->thread);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void mutex_init(struct mutex *m)
{
	waitq_init(&m->wq);
	m->owner = NULL;
}

static bool mutex_take(struct mutex *m)
{
	struct thread *me = cpu_this()->thread;
	struct thread *free = NULL;

	return __atomic_compare_exchange_n(&m->owner, &free, me, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

void mutex_lock(struct mutex *m)
{
	/* The free lock leaves the thread's state alone: poll operations lock between marking the
	 * thread as sleeping and blocking. */
	if (mutex_take(m))
		return;
	ASSERT(m->owner != cpu_this()->thread);
	wait_event(&m->wq, mutex_take(m));
}

void mutex_unlock(struct mutex *m)
{
	ASSERT(m->owner == cpu_this()->thread);
	__atomic_store_n(&m->owner, NULL, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&m->wq.head, __ATOMIC_SEQ_CST))
		waitq_wake_all(&m->wq);
}
