// SPDX-License-Identifier: MIT
/*
 * What a QGM core runs for ever: turns of the engine, and the idle policy between them. This file
 * and core_env.c are linked into the data plane's sections; they touch no generic memory.
 *
 *	spin  never sleeps: no interrupt of any kind reaches the core
 *	nap   after some empty turns: the sleep protocol of qgm/qgm.h, then HLT. MWAIT is no nap
 *	      under emulators, HLT is one everywhere
 *	irq   as nap, without the empty turns
 *
 * A port that cannot interrupt its core is polled on a one-shot timer.
 */
#include "kernel/net/door.h"
#include "libc/include/pix/dev.h"
#include "kernel/arch/x86_64/core.h"
#include "qgm/env.h"

enum {
	NAP_EMPTY_TURNS = 64,
	NAP_POLL_US = 1000,       /* a port without an interrupt */
	NAP_LONGEST_US = 1000000, /* housekeeping: link state, heartbeats */
};

__boot_const u32 core_idle_policy;

/* May every port of this QGM wake it? */
static bool ports_can_wake(u16 id)
{
	for (u16 i = 1; i < port_count(); i++) {
		const struct port *p = port_get(i);

		if (p->owner == id && p->state != PORT_FAILED && !p->can_wake)
			return false;
	}
	return true;
}

static void nap(struct qgm *q)
{
	u64 us = env_clock_hz() / 1000000;
	u64 deadline;

	if (qgm_sleep_begin(q, &deadline)) {
		u64 limit = us * (ports_can_wake(qgm_id(q)) ? NAP_LONGEST_US : NAP_POLL_US);

		core_oneshot(MIN(deadline, limit));
		core_halt();
		core_oneshot(0);
	}
	qgm_sleep_end(q);
}

void core_loop(void *qgm)
{
	struct qgm *q = qgm;
	u32 limit = core_idle_policy == PIX_IDLE_IRQ ? 1 : NAP_EMPTY_TURNS;
	u32 empty = 0;

	for (;;) {
		if (qgm_turn(q)) {
			empty = 0;
			continue;
		}
		cpu_pause();
		if (core_idle_policy == PIX_IDLE_SPIN || ++empty < limit)
			continue;
		nap(q);
		empty = 0;
	}
}
