// SPDX-License-Identifier: MIT
/*
 * commands: numbered commands of the generic side and their answers, in order. A command is taken
 * only while the event ring has room for its answer. A snapshot is answered at the end of the
 * turn, and no command after it is taken before.
 */
#include "qgm/core.h"
#include "qgm/pools.h"

enum { EINVAL_ = 22, EBUSY_ = 16, ENODEV_ = 19 };

static void answer(struct qgm *q, u64 seq, s64 result)
{
	struct pix_event ev = { .kind = PIX_EV_ACK, .seq = seq, .arg = (u64)result };

	if (seq)
		qgm_event(q, &ev);
}

static s64 port_command(struct qgm *q, const struct ctl_cmd *cmd)
{
	struct qgm_owned *o = port_owned(q, cmd->a);

	if (!o)
		return -EINVAL_;
	switch (cmd->kind) {
	case CTL_PORT_START:
		if (o->port->state == PORT_STOPPING || o->port->state == PORT_DRAINING)
			return -EBUSY_;
		if (o->port->state == PORT_STOPPED)
			store_release(&o->port->state, PORT_STARTING);
		if (o->port->state == PORT_FAILED) { /* what it still holds comes back first */
			o->restart = true;
			store_release(&o->port->state, PORT_STOPPING);
		}
		return 0;
	case CTL_PORT_STOP:
		if (o->port->state == PORT_STARTING)
			return -EBUSY_;
		o->restart = false;
		if (o->port->state == PORT_RUNNING || o->port->state == PORT_FAILED)
			store_release(&o->port->state, PORT_STOPPING);
		return 0;
	case CTL_PORT_MTU:
		if (cmd->b > o->port->mtu_max)
			return -EINVAL_;
		o->want_jumbo = cmd->b > PORT_MTU_DEFAULT;
		return 0;
	case CTL_PORT_REGS:
		if (!o->port->ops->read_reg || !o->port->regs.count)
			return -ENODEV_;
		if (!o->dumping)
			o->regs_next = 0;
		o->dumping = true;
		return o->port->regs.rounds + 1u;
	case CTL_PORT_VLANS:
		for (u32 i = 0; i < CTL_ARGS && cmd->b + i < PORT_VLAN_WORDS; i++)
			o->port->vlans[cmd->b + i] = cmd->arg[i];
		o->next_step = q->now;
		return 0;
	default: /* the driver's step sees the wish */
		store_relaxed(&o->port->promiscuous, cmd->b != 0);
		o->next_step = q->now;
		return 0;
	}
}

/* True: no command after this one in this turn. */
static bool command(struct qgm *q, const struct ctl_cmd *cmd)
{
	s64 result = 0;

	switch (cmd->kind) {
	case CTL_PORT_START:
	case CTL_PORT_STOP:
	case CTL_PORT_MTU:
	case CTL_PORT_PROMISC:
	case CTL_PORT_VLANS:
	case CTL_PORT_REGS:
		result = port_command(q, cmd);
		break;
	case CTL_NEIGH_FAILED:
		re_neighbour_failed(q, cmd->a, (struct pix_ip){ cmd->arg[0], cmd->arg[1] });
		break;
	case CTL_FDB_FLUSH:
		fe_flush(q, cmd->a);
		break;
	case CTL_SNAPSHOT:
		q->snapshot_due = true;
		q->snapshot_seq = cmd->seq;
		q->snapshot_arg = cmd->arg[0];
		return true;
	default:
		result = -EINVAL_;
	}
	answer(q, cmd->seq, result);
	return false;
}

u32 commands_poll(struct qgm *q)
{
	struct ctl_cmd cmd;
	u32 n = 0;

	if (likely(msgring_empty(q->cmd.ring)))
		return 0;
	while (n < CMDS_PER_TURN && msg_end_room(&q->event) && msg_end_get(&q->cmd, &cmd)) {
		n++;
		if (command(q, &cmd))
			break;
	}
	return n;
}

/* The buffers of this QGM's queues as the drivers count them, or as we do where they cannot. */
static u64 in_nic(const struct qgm *q)
{
	u64 n = 0;

	for (u32 i = 0; i < q->nqueues; i++) {
		const struct qgm_queue *k = &q->queue[i];

		if (!k->port->ops->buffers)
			return (u64)q->in_nic;
		n += k->port->ops->buffers(k->port, k->queue);
	}
	return n;
}

void snapshot_take(struct qgm *q)
{
	struct qgm_snapshot *s = q->snapshot;

	q->snapshot_due = false;
	s->counters = *q->c;
	s->in_nic = in_nic(q);
	s->cached = s->taken = s->returned = s->pool_empty = s->mpmc_stalls = 0;
	for (s->pools = 0; s->pools < POOL_MAX && qgm_pool(s->pools); s->pools++) {
		const struct pool *p = qgm_pool(s->pools);
		struct pool_ledger l;

		pool_ledger(q->pcs[s->pools], &l);
		s->cached += l.cached;
		s->taken += l.taken;
		s->returned += l.returned;
		s->pool_empty += l.empty;
		s->mpmc_stalls += l.stalls;
		s->pool[s->pools].size = pool_size(p);
		s->pool[s->pools].buffer_size = pool_buffer_size(p);
		s->pool[s->pools].node = qgm_pool_node(s->pools);
		s->pool[s->pools].ring_free = pool_ring_count(p);
		s->pool[s->pools].cached = l.cached;
		s->pool[s->pools].taken = (s32)(l.taken - l.returned);
	}
	s->buffer_difference = (s64)(s->taken - s->returned + q->c->ring_in - q->c->ring_out -
				     s->cached - s->in_nic - q->c->held);
	store_release(&s->seq,
		      q->snapshot_arg); /* pairs with the generic side's read on the answer */
	answer(q, q->snapshot_seq, 0);
}
