// SPDX-License-Identifier: MIT
/*
 * What a QGM core runs for ever: turns of the engine, and the idle policy between them. This file
 * and core_env.c are linked into the data plane's sections; they touch no generic memory.
 *
 *	spin  never sleeps: no interrupt of any kind reaches the core
 *	nap   after polling in vain for a while (kernel/net/nap.h): the sleep protocol of
 *	      qgm/qgm.h, then HLT. MWAIT is no nap under emulators, HLT is one everywhere
 *	irq   as nap, without polling in vain
 *
 * A port that cannot interrupt its core is polled on a one-shot timer.
 */
#include "kernel/net/door.h"
#include "kernel/net/nap.h"
#include "libc/include/pix/dev.h"
#include "kernel/arch/x86_64/core.h"
#include "qgm/env.h"

enum {
	NAP_ONESHOT_US = 1000,    /* a port without an interrupt */
	NAP_LONGEST_US = 1000000, /* housekeeping: link state, heartbeats */
};

__boot_const u32 core_idle_policy;

/* May every queue of this QGM wake it? */
static bool queues_can_wake(u16 id)
{
	for (u16 i = 1; i < port_count(); i++) {
		const struct port *p = port_get(i);

		for (u32 k = 0; k < MAX(p->rx_queues, p->tx_queues); k++)
			if (p->queue_qgm[k] == id && p->state != PORT_FAILED &&
			    !port_queue_wakes(p, k))
				return false;
	}
	return true;
}

static void nap(struct qgm *q)
{
	u64 us = env_clock_hz() / 1000000;
	u64 deadline;

	if (qgm_sleep_begin(q, &deadline)) {
		u64 limit = us * (queues_can_wake(qgm_id(q)) ? NAP_LONGEST_US : NAP_ONESHOT_US);

		core_oneshot(MIN(deadline, limit));
		core_halt();
		core_oneshot(0);
	}
	qgm_sleep_end(q);
}

void core_loop(void *qgm)
{
	struct qgm *q = qgm;
	struct nap_policy policy;

	nap_init(&policy);
	for (;;) {
		if (qgm_turn(q)) {
			nap_worked(&policy, qgm_now(q));
			continue;
		}
		cpu_pause();
		if (core_idle_policy == PIX_IDLE_SPIN ||
		    (core_idle_policy == PIX_IDLE_NAP && !nap_due(&policy, qgm_now(q))))
			continue;

		u64 from = env_clock();

		nap(q);
		nap_ended(&policy, from, env_clock());
	}
}
