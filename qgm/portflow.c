// SPDX-License-Identifier: MIT
/*
 * portflow: flow rules in the filters of a NIC. Software steering (steer/) is right with or without
 * them: whoever receives a frame hands it to the QGM of its rule. A rule in the NIC saves that
 * hop, so each one that the NIC can hold, and whose QGM has a queue of the port, is put there;
 * which ones is worked out again when the steering or the set of live QGMs changes. A few
 * accesses a step. Owner QGM.
 *
 * While a rule comes or goes, frames of its flow may still lie in the old queue when the first
 * arrives in the new one, as with any change of a NIC's own table.
 */
#include "qgm/core.h"
#include "qgm/env.h"
#include "qgm/steer/steer.h"

enum { OPS_PER_STEP = 4, FLOWS_MAX = STEER_RULES };
_Static_assert(FLOWS_MAX <= 64, "a bit each");
_Static_assert((u32)PORT_FLOW_OPEN_SRC == STEER_OPEN_SRC &&
		       (u32)PORT_FLOW_OPEN_DST == STEER_OPEN_DST &&
		       (u32)PORT_FLOW_OPEN_SPORT == STEER_OPEN_SPORT &&
		       (u32)PORT_FLOW_OPEN_DPORT == STEER_OPEN_DPORT &&
		       (u32)PORT_FLOW_OPEN_PROTO == STEER_OPEN_PROTO,
	       "the same bits");

struct port_flows {
	u64 gen;  /* of the steering that want[] is from, 0: none */
	u64 live; /* QGMs that were up then */
	u32 nwant;
	u32 nslots;
	u64 refused; /* of want[]: the NIC cannot */
	u64 used;    /* of have[] */
	struct port_flow want[FLOWS_MAX], have[FLOWS_MAX];
};

struct port_flows *portflow_create(const struct port *p, u32 node)
{
	struct port_flows *f = env_alloc(ENV_PRIVATE, sizeof(*f), CACHE_LINE, node);

	if (f)
		f->nslots = MIN((u32)p->flow_slots, (u32)FLOWS_MAX);
	return f;
}

void portflow_forget(struct qgm_owned *o)
{
	if (!o->flows)
		return;
	o->flows->used = o->flows->refused = 0;
	store_relaxed(&o->port->flows_used, 0);
}

static bool same(const struct port_flow *a, const struct port_flow *b)
{
	return pix_ip_eq(a->key.src, b->key.src) && pix_ip_eq(a->key.dst, b->key.dst) &&
	       a->key.sport == b->key.sport && a->key.dport == b->key.dport &&
	       a->key.proto == b->key.proto && a->open == b->open && a->queue == b->queue;
}

static u64 live_qgms(const struct qgm *q)
{
	u64 live = 1ull << q->id;

	for (u32 i = 0; i < qgm_the_plan()->nqgm; i++)
		live |= (u64)(load_relaxed(&q->ctl->qgm[i].up) != 0) << i;
	return live;
}

/* The rules whose QGM is up and has a queue. */
static void plan_flows(struct port_flows *f, const struct port *p, const struct steer *s, u64 live)
{
	f->gen = s ? s->gen : 0;
	f->live = live;
	f->nwant = 0;
	f->refused = 0;
	for (u32 i = 0; s && i < s->nrules; i++) {
		const struct steer_rule *r = &s->rule[i];

		for (u32 k = 0; k < p->rx_queues; k++) {
			if (p->queue_qgm[k] != r->qgm || !(live >> r->qgm & 1))
				continue;
			f->want[f->nwant++] = (struct port_flow){ r->key, r->open, (u8)k };
			break;
		}
	}
}

static bool wanted(const struct port_flows *f, const struct port_flow *x)
{
	for (u32 i = 0; i < f->nwant; i++)
		if (same(&f->want[i], x))
			return true;
	return false;
}

static bool there(const struct port_flows *f, const struct port_flow *x)
{
	for (u32 i = 0; i < f->nslots; i++)
		if (f->used >> i & 1 && same(&f->have[i], x))
			return true;
	return false;
}

/* Slots of rules that nobody wants any more. Returns how many were emptied, at most max. */
static u32 empty_slots(struct port_flows *f, struct port *p, u32 max)
{
	u32 n = 0;

	for (u32 i = 0; i < f->nslots && n < max; i++) {
		if (!(f->used >> i & 1) || wanted(f, &f->have[i]))
			continue;
		(void)p->ops->flow(p, i, NULL);
		f->used &= ~(1ull << i);
		n++;
	}
	return n;
}

static void fill_slots(struct port_flows *f, struct port *p, u32 max)
{
	for (u32 i = 0; i < f->nwant && max; i++) {
		u32 slot = 0;

		if (f->refused >> i & 1 || there(f, &f->want[i]))
			continue;
		while (slot < f->nslots && f->used >> slot & 1)
			slot++;
		if (slot == f->nslots)
			return;
		max--;
		if (p->ops->flow(p, slot, &f->want[i])) {
			f->refused |= 1ull << i;
			continue;
		}
		f->have[slot] = f->want[i];
		f->used |= 1ull << slot;
	}
}

void ports_flows(struct qgm *q, struct qgm_owned *o)
{
	struct port_flows *f = o->flows;
	struct port *p = o->port;
	const struct steer *s = q->t->steer[p->id];
	u64 live = live_qgms(q);
	u32 n;

	if ((s ? s->gen : 0) != f->gen || live != f->live)
		plan_flows(f, p, s, live);
	n = empty_slots(f, p, OPS_PER_STEP);
	fill_slots(f, p, OPS_PER_STEP - n);
	store_relaxed(&p->flows_used, (u16)reta_members(f->used));
}
