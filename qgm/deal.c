// SPDX-License-Identifier: MIT
/* deal: which QGM polls which queue of which port, and the rings between QGMs that follow from it
 * (qgm_assign_ports() of qgm.h). Boot only. */
#include "qgm/core.h"

#include "qgm/env.h"
#include "qgm/pools.h"

/* Rings from QGM a to QGM b, in b's memory. */
static bool connect(struct qgm *a, struct qgm *b)
{
	const struct qgm_plan *plan = qgm_the_plan();
	struct ring *r = env_alloc(ENV_PRIVATE, ring_bytes(plan->ring_slots), CACHE_LINE, b->node);
	struct msgring *m =
		env_alloc(ENV_PRIVATE, msgring_bytes(plan->msg_slots), CACHE_LINE, b->node);

	if (!r || !m || ring_init(r, plan->ring_slots) || msgring_init(m, plan->msg_slots))
		return false;
	a->out[b->id] = b->in[a->id] = r;
	a->msg_out[b->id] = b->msg_in[a->id] = m;
	a->peer[b->id] = b;
	return true;
}

/* Queue number `nr` of a port is `q`'s to poll and to fill. */
static bool deal_queue(struct qgm *q, struct port *p, u16 nr)
{
	const struct qgm_plan *plan = qgm_the_plan();
	struct qgm_queue *k = &q->queue[q->nqueues];

	*k = (struct qgm_queue){
		.port = p,
		.queue = nr,
		.rx = nr < p->rx_queues,
		.tx = nr < p->tx_queues,
		.late_mask = plan->late_slots - 1,
	};
	k->late = env_alloc(ENV_PRIVATE, plan->late_slots * sizeof(*k->late), CACHE_LINE, q->node);
	if (!k->late)
		return false;
	if (k->tx)
		q->queue_of[p->id] = (u8)q->nqueues;
	q->nqueues++;
	if (!k->rx || plan->nqgm == 1)
		return true;
	if (!q->steer)
		q->steer = steer_state_create(q->node);
	k->steer = steer_queue_create(q->id, plan->late_slots, q->node);
	return q->steer && k->steer;
}

/*
 * A queue pair for each QGM, as far as they go: the first is the owner's, the others follow by
 * number. QGMs without a Tx queue of their own use that of another, dealt in turn.
 */
static bool deal_port(struct qgm *owner, struct port *p)
{
	const struct qgm_plan *plan = qgm_the_plan();
	u32 n = MIN(MIN(plan->nqgm, (u32)PORT_QUEUES), plan->port_queues);

	p->owner = owner->id;
	p->pc = owner->pc;
	p->jumbo = false;
	if (!pools_have_jumbo())
		p->mtu_max = MIN(p->mtu_max, (u16)PORT_MTU_DEFAULT);
	p->rx_queues = (u16)MIN(MAX(p->rx_queues, (u16)1), n);
	p->tx_queues = (u16)MIN(MAX(p->tx_queues, (u16)1), n);
	owner->owned[owner->nowned] = (struct qgm_owned){ .port = p };
	if (p->rx_queues > 1 && p->ops->spread && p->reta_size) {
		struct reta *r = env_alloc(ENV_PRIVATE, sizeof(*r), CACHE_LINE, owner->node);

		if (!r || reta_init(r, p->reta_size))
			return false;
		owner->owned[owner->nowned].reta = r;
	}
	if (p->rx_queues > 1 && p->ops->flow && p->flow_slots) {
		owner->owned[owner->nowned].flows = portflow_create(p, owner->node);
		if (!owner->owned[owner->nowned].flows)
			return false;
	}
	owner->nowned++;
	for (u32 i = 0; i < MAX(p->rx_queues, p->tx_queues); i++) {
		p->queue_qgm[i] = (u16)((owner->id + i) % plan->nqgm);
		if (!deal_queue(qgm_get(p->queue_qgm[i]), p, (u16)i))
			return false;
	}
	for (u32 i = 0; i < plan->nqgm; i++)
		qgm_get((u16)i)->tx_by[p->id] =
			p->queue_qgm[(i + plan->nqgm - owner->id) % plan->nqgm % p->tx_queues];
	return true;
}

/* Frames may go from `a` to `b`: to be worked on, or to be sent. */
static bool need_rings(const struct qgm *a, const struct qgm *b)
{
	return a != b && (a->nqueues || b->nqueues);
}

int qgm_assign_ports(void)
{
	const struct qgm_plan *plan = qgm_the_plan();
	u32 n = plan->nqgm;

	pools_make_jumbo();
	for (u16 i = 1; i < port_count(); i++) {
		if (!deal_port(qgm_get((u16)((i - 1) % n)), port_get(i)))
			return -12; /* ENOMEM */
	}
	for (u32 a = 0; a < n; a++) {
		for (u32 b = 0; b < n; b++) {
			if (need_rings(qgm_get((u16)a), qgm_get((u16)b)) &&
			    !connect(qgm_get((u16)a), qgm_get((u16)b)))
				return -12; /* ENOMEM */
		}
		if (!pools_make_caches(qgm_get((u16)a)))
			return -12;
	}
	ctl_seal();
	return 0;
}
