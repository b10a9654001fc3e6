// SPDX-License-Identifier: MIT
/*
 * The one-CPU mode: QGM 0 is a kernel thread on root_boot, which maps both partitions. It shares
 * the CPU with processes in short slices, and sleeps on a wait queue when the engine has nothing
 * to do; device interrupts and producers wake it.
 */
#include "kernel/clock.h"
#include "kernel/errno.h"
#include "kernel/mm/paging.h"
#include "kernel/net/door.h"
#include "kernel/net/nap.h"
#include "kernel/sched/thread.h"
#include "kernel/sched/wait.h"
#include "kernel/smp.h"
#include "libc/include/pix/dev.h"
#include "qgm/env.h"

enum {
	SHARED_SLICE_NS = 1000000,
	SHARED_POLL_NS = 1000000,      /* a port without an interrupt */
	SHARED_LONGEST_NS = 100000000, /* link state, heartbeat */
};

static struct waitq shared_wq;
static u32 kicked;

void shared_kick(void)
{
	store_release(&kicked, 1); /* pairs with the test in nap() */
	waitq_wake_all(&shared_wq);
}

static u64 longest_nap(void)
{
	for (u16 i = 1; i < port_count(); i++) {
		const struct port *p = port_get(i);

		if (p->state != PORT_FAILED && !port_queue_wakes(p, 0))
			return SHARED_POLL_NS;
	}
	return SHARED_LONGEST_NS;
}

static void nap(struct qgm *q)
{
	u64 deadline;

	store_relaxed(&kicked, 0);
	if (qgm_sleep_begin(q, &deadline)) {
		u64 ns = longest_nap();

		if (deadline != ~0ull)
			ns = MIN(ns, clock_tsc_to_ns(deadline));
		(void)wait_event_deadline(&shared_wq, load_acquire(&kicked), clock_ns() + ns);
	}
	qgm_sleep_end(q);
}

static void shared_thread(void *arg)
{
	struct qgm *q = arg;
	struct nap_policy policy;

	nap_init(&policy);
	for (;;) {
		if (qgm_turn(q)) {
			nap_worked(&policy, qgm_now(q));
			thread_resched();
			continue;
		}
		if (sched_others_runnable()) {
			thread_yield();
			continue;
		}
		if (core_idle_policy == PIX_IDLE_SPIN ||
		    (core_idle_policy == PIX_IDLE_NAP && !nap_due(&policy, qgm_now(q)))) {
			cpu_pause();
			continue;
		}

		u64 from = env_clock();

		nap(q);
		nap_ended(&policy, from, env_clock());
	}
}

int shared_start(struct qgm *q)
{
	struct thread *t;

	waitq_init(&shared_wq);
	t = thread_create_stopped("qgm0", shared_thread, q);
	if (!t)
		return -ENOMEM;
	thread_set_root(t, root_boot);
	thread_set_slice(t, SHARED_SLICE_NS);
	thread_set_priority(t, PRIO_TURN);
	thread_set_preempt(t, true);
	cpus[0].shared_qgm = true;
	thread_start(t);
	return 0;
}
