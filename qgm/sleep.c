// SPDX-License-Identifier: MIT
/*
 * sleep: the protocol by which a QGM naps without losing a wake-up (qgm.h).
 *
 *	consumer                          producer (QGM: bells.c; generic side; a NIC)
 *	napping = 1                       enqueue
 *	fence_full                (S1)    fence_full             (S2)
 *	arm interrupts                    napping? wake
 *	look at every source
 *	nothing: halt
 *
 * The two fences forbid that the consumer misses the entry and the producer misses `napping`. A NIC
 * is armed before the last look at it, so that what comes later interrupts. While asleep the QGM is
 * offline for epochs: it holds no pointer into any table.
 */
#include "qgm/bell.h"
#include "qgm/core.h"
#include "qgm/env.h"

enum {
	POLL_MS = 1,   /* a port that cannot wake us */
	LATE_US = 200, /* frames wait behind a full Tx queue */
	SENT_MS = 50 /* frames are with a NIC: to take the buffers back, and to see that it sends */
};

/* The root itself is out of bounds here: we are offline, it may be freed under our eyes. */
static bool something_waits(struct qgm *q)
{
	return q->pending || (q->steer && q->steer->moving) || load_relaxed(&q->inbound) ||
	       !msgring_empty(q->cmd.ring) || !framering_empty(q->inject.ring) ||
	       load_relaxed(&q->ctl->epoch) != q->epoch;
}

/* A port that has come to run since the last turn is work: the poll that follows posts its buffers.
 */
static bool arm_ports(struct qgm *q, bool on)
{
	bool work = false;

	for (u32 i = 0; i < q->nqueues; i++) {
		struct qgm_queue *k = &q->queue[i];

		if (load_acquire(&k->port->state) != PORT_RUNNING)
			continue;
		if (k->port->ops->arm)
			work |= k->port->ops->arm(k->port, k->queue, on);
		work |= k->rx && !k->polled;
	}
	return work;
}

/* When to be up again at the latest, in cycles from now; ~0: never by itself. */
static u64 longest_sleep(struct qgm *q, u64 now)
{
	u64 at = timer_next(&q->wheel);

	for (u32 i = 0; i < q->nowned; i++) {
		const struct port *p = q->owned[i].port;
		u64 next = ~0ull;

		if (p->state == PORT_STARTING || p->state == PORT_STOPPING ||
		    p->state == PORT_DRAINING)
			next = now + POLL_MS * q->ms;
		else if (q->owned[i].dumping)
			next = now;
		else if (p->state == PORT_RUNNING && p->ops->step)
			next = q->owned[i].next_step + (STEP_IDLE_MS - STEP_MS) * q->ms;
		at = MIN(at, next);
	}
	for (u32 i = 0; i < q->nqueues; i++) {
		const struct port *p = q->queue[i].port;

		if (load_relaxed(&p->state) == PORT_RUNNING &&
		    (!p->ops->arm || !port_queue_wakes(p, q->queue[i].queue)))
			at = MIN(at, now + POLL_MS * q->ms);
		if (q->queue[i].handed != q->queue[i].gone)
			at = MIN(at, now + SENT_MS * q->ms);
	}
	if (q->late_queues)
		at = MIN(at, now + LATE_US * q->ms / 1000);
	if (at == ~0ull)
		return at;
	return at > now ? at - now : 1;
}

bool qgm_sleep_begin(struct qgm *q, u64 *deadline)
{
	bool work;

	q->asleep = true;
	q->t = NULL;
	store_release(&q->c->epoch, ~0ull); /* offline; T3 */
	if (planted(q, PLANT_NAP_FENCE)) {
		store_relaxed(&q->door->napping, 1);
		arm_ports(q, true);
		work = false;
	} else {
		bell_nap(&q->door->napping); /* S1 */
		work = arm_ports(q, true);
		work |= something_waits(q);
	}
	*deadline = longest_sleep(q, env_clock());
	return !work;
}

void qgm_sleep_end(struct qgm *q)
{
	store_relaxed(&q->door->napping, 0);
	arm_ports(q, false);
	store_relaxed(&q->c->epoch, 0); /* online again; the next turn loads the root */
	fence_full();
}
