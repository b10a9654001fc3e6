// SPDX-License-Identifier: MIT
/* create: memory planned, QGMs made (qgm.h). Boot only. */
#include "qgm/core.h"

#include "qgm/arena.h"
#include "qgm/cpu.h"
#include "qgm/env.h"
#include "qgm/ifcount.h"
#include "qgm/pools.h"

static struct qgm *qgms[QGM_MAX];
static struct qgm_plan plan;

struct qgm *qgm_get(u16 id)
{
	return id < QGM_MAX ? qgms[id] : NULL;
}

const struct qgm_plan *qgm_the_plan(void)
{
	return &plan;
}

/* Pairs of all ports, as many of each as there are QGMs. */
static u32 offered_queues(u32 nqgm)
{
	u32 n = 0;

	for (u16 i = 1; i < port_count(); i++) {
		const struct port *p = port_get(i);

		n += MIN(MAX((u32)MAX(p->rx_queues, p->tx_queues), 1u),
			 MIN(nqgm, (u32)PORT_QUEUES));
	}
	return n;
}

int qgm_setup(u64 dp_bytes, u32 nqgm)
{
	if (!nqgm || nqgm > QGM_MAX)
		return -22; /* EINVAL */
	pools_reset();
	(void)cpu_wide();
	for (u32 i = 0; i < QGM_MAX; i++)
		qgms[i] = NULL;
	qgm_plan(dp_bytes, nqgm, port_count() - 1u, offered_queues(nqgm), &plan);
	if (arena_init(plan.arena_bytes, 0))
		return -12; /* ENOMEM */
	return tables_init();
}

static bool make_rings(struct qgm *q)
{
	struct ctl_qgm *d = q->door;

	d->cmd = env_alloc(ENV_CTL, msgring_bytes(plan.cmd_slots), CACHE_LINE, q->node);
	d->event = env_alloc(ENV_CTL, msgring_bytes(plan.event_slots), CACHE_LINE, q->node);
	d->punt = env_alloc(ENV_PUNT, framering_bytes(plan.punt_slots), CACHE_LINE, q->node);
	d->inject = env_alloc(ENV_PUNT, framering_bytes(plan.inject_slots), CACHE_LINE, q->node);
	d->counters = env_alloc(ENV_COUNTERS, sizeof(*d->counters), CACHE_LINE, q->node);
	d->ifcount = env_alloc(ENV_COUNTERS, IFCOUNTS * sizeof(*d->ifcount), CACHE_LINE, q->node);
	d->snapshot = env_alloc(ENV_COUNTERS, sizeof(*d->snapshot), CACHE_LINE, q->node);
	if (!d->cmd || !d->event || !d->punt || !d->inject || !d->counters || !d->ifcount ||
	    !d->snapshot || msgring_init(d->cmd, plan.cmd_slots) ||
	    msgring_init(d->event, plan.event_slots) || framering_init(d->punt, plan.punt_slots) ||
	    framering_init(d->inject, plan.inject_slots))
		return false;
	q->cmd = msg_end(d->cmd);
	q->event = msg_end(d->event);
	q->punt = frame_end(d->punt);
	q->inject = frame_end(d->inject);
	q->c = d->counters;
	q->ifcount = d->ifcount;
	q->snapshot = d->snapshot;
	return true;
}

static u32 ask_plants(void)
{
	static const char *const names[] = {
#define X(name, text) text,
		QGM_PLANTS(X)
#undef X
	};
	u32 mask = 0;

	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		if (env_planted(names[i]))
			mask |= 1u << i;
	}
	return mask;
}

static bool make_egress(struct qgm *q)
{
	q->egress = env_alloc(ENV_PRIVATE, port_count() * sizeof(*q->egress), CACHE_LINE, q->node);
	if (!q->egress)
		return false;
	for (u16 i = 1; i < port_count(); i++) {
		q->egress[i] =
			env_alloc(ENV_PRIVATE, sizeof(struct qgm_egress), CACHE_LINE, q->node);
		if (!q->egress[i])
			return false;
	}
	return true;
}

struct qgm *qgm_create(u16 id, u32 node)
{
	struct ctl *ctl = ctl_block();
	struct qgm *q;
	struct pool *p;

	if (id >= plan.nqgm || qgms[id])
		return NULL;
	q = env_alloc(ENV_PRIVATE, sizeof(*q), 2 * CACHE_LINE, node);
	p = pools_of_node(node);
	if (!q || !p)
		return NULL;
	q->id = id;
	q->node = (u16)node;
	q->ctl = ctl;
	q->door = &ctl->qgm[id];
	q->plant = ask_plants();
	q->ms = env_clock_hz() / 1000;
	q->now = env_clock();
	q->steer_due = ~0ull;
	q->receive = receive_best();
	q->sent = cpu_wide() & CPU_AVX512 ? sent_sum_avx512 : NULL;
	__builtin_memset(q->queue_of, QGM_NO_QUEUE, sizeof(q->queue_of));
	timer_wheel_init(&q->wheel, q->now, env_clock_hz());
	q->pc = q->pcs[pool_id(p)] = pool_cache_create(p, plan.cache_max, node);
	if (!q->pc || !make_rings(q) || !make_egress(q))
		return NULL;
	q->c->epoch = ~0ull;
	punt_init(q);
	qgms[id] = q;
	q->re = re_create(q, node);
	q->fe = fe_create(q, node);
	if (!q->re || !q->fe) {
		qgms[id] = NULL;
		return NULL;
	}
	ctl->qgm_count = MAX(ctl->qgm_count, (u32)id + 1);
	return q;
}
