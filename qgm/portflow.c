// SPDX-License-Identifier: MIT
/*
 * portflow: flow rules in the filters of a NIC. Software steering (steer/) is right with or without
 * them: whoever receives a frame hands it to the QGM of its rule. A rule in the NIC saves that
 * hop, so each one that the NIC can hold, and whose QGM has a queue of the port, is put there;
 * which ones is worked out again when the steering or the set of live QGMs changes. A few
 * accesses a step; a NIC that takes its time (-EAGAIN) is asked again at the next one. Owner QGM.
 *
 * While a rule comes or goes, frames of its flow may still lie in the old queue when the first
 * arrives in the new one, as with any change of a NIC's own table.
 */
#include "qgm/core.h"
#include "qgm/env.h"
#include "qgm/steer/steer.h"

enum { OPS_PER_STEP = 4, FLOWS_MAX = STEER_RULES, NO_QUEUE = 0xff, EAGAIN_ = -11 };
_Static_assert((u32)PORT_FLOW_OPEN_SRC == STEER_OPEN_SRC &&
		       (u32)PORT_FLOW_OPEN_DST == STEER_OPEN_DST &&
		       (u32)PORT_FLOW_OPEN_SPORT == STEER_OPEN_SPORT &&
		       (u32)PORT_FLOW_OPEN_DPORT == STEER_OPEN_DPORT &&
		       (u32)PORT_FLOW_OPEN_PROTO == STEER_OPEN_PROTO,
	       "the same bits");

enum slot_state {
	FREE,
	MOVING,  /* the NIC takes its time, or has not been asked yet */
	SETTLED, /* it has the rule */
};

struct flow_slot {
	struct port_flow have;
	u16 count; /* of the rule */
	u8 state;  /* enum slot_state */
	int wish;  /* number in want[], -1: nobody wants it any more */
};

struct flow_wish {
	struct port_flow flow;
	u16 count;
	bool placed;  /* a slot is its */
	bool refused; /* the NIC cannot */
};

struct port_flows {
	u64 gen;  /* of the steering that want[] is from, 0: none */
	u64 live; /* QGMs that were up then */
	u32 nwant;
	u32 nslots;
	u32 settled; /* slots */
	bool quiet;  /* all slots are as wished, nothing more can be placed */
	struct flow_wish want[FLOWS_MAX];
	struct flow_slot slot[FLOWS_MAX];
	u16 slot_of[FLOWS_MAX]; /* by count: slot + 1 that a rule of it was put into last */
};

struct port_flows *portflow_create(const struct port *p, u32 node)
{
	struct port_flows *f = env_alloc(ENV_PRIVATE, sizeof(*f), CACHE_LINE, node);

	if (f)
		f->nslots = MIN((u32)p->flow_slots, (u32)FLOWS_MAX);
	return f;
}

/* For the listings: what is in the NIC. */
static void publish(const struct port_flows *f, struct port *p)
{
	u64 in[PORT_FLOW_WORDS] = { 0 };

	for (u32 i = 0; i < f->nslots; i++) {
		const struct flow_slot *s = &f->slot[i];

		if (s->state == SETTLED && s->wish >= 0)
			in[s->count / 64] |= 1ull << s->count % 64;
	}
	store_release(&p->flows_gen, 0);
	for (u32 i = 0; i < PORT_FLOW_WORDS; i++)
		store_relaxed(&p->flow_in[i], in[i]);
	store_release(&p->flows_gen, f->gen);
	store_relaxed(&p->flows_used, (u16)f->settled);
}

void portflow_forget(struct qgm_owned *o)
{
	struct port_flows *f = o->flows;

	if (!f)
		return;
	for (u32 i = 0; i < f->nslots; i++)
		f->slot[i].state = FREE;
	for (u32 i = 0; i < f->nwant; i++)
		f->want[i].placed = f->want[i].refused = false;
	f->settled = 0;
	f->quiet = false;
	publish(f, o->port);
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

/* A rule keeps its number as long as there is one: its slot is found by it. */
static void add_wish(struct port_flows *f, const struct port_flow *x, u16 count)
{
	struct flow_wish *w = &f->want[f->nwant];
	u32 at = f->slot_of[count];

	*w = (struct flow_wish){ .flow = *x, .count = count };
	if (at) {
		struct flow_slot *s = &f->slot[at - 1];

		if (s->state != FREE && s->wish < 0 && s->count == count && same(&s->have, x)) {
			s->wish = (int)f->nwant;
			w->placed = true;
		}
	}
	f->nwant++;
}

/* Which queue of the port a QGM has; NO_QUEUE: none, or it is down. */
static void queues_of(const struct port *p, u64 live, u8 queue[QGM_MAX])
{
	__builtin_memset(queue, NO_QUEUE, QGM_MAX);
	for (u32 k = p->rx_queues; k--;)
		if (live >> p->queue_qgm[k] & 1)
			queue[p->queue_qgm[k]] = (u8)k;
}

/* The rules whose QGM is up and has a queue. */
static void plan_flows(struct port_flows *f, const struct port *p, const struct steer *s, u64 live)
{
	const struct steer_rules *rules = s ? s->rules : NULL;
	u8 queue[QGM_MAX];

	f->gen = s ? s->gen : 0;
	f->live = live;
	f->nwant = 0;
	f->quiet = false;
	for (u32 i = 0; i < f->nslots; i++)
		f->slot[i].wish = -1;
	queues_of(p, live, queue);
	for (u32 i = 0; rules && i < rules->nrules && i < FLOWS_MAX; i++) {
		const struct steer_rule *r = &rules->rule[i];

		if (r->qgm < QGM_MAX && queue[r->qgm] != NO_QUEUE && r->count < FLOWS_MAX)
			add_wish(f, &(struct port_flow){ r->key, r->open, queue[r->qgm] },
				 r->count);
	}
}

/* A slot's rule comes, or goes, or is on its way. */
static void try_slot(struct port_flows *f, struct port *p, u32 slot)
{
	struct flow_slot *s = &f->slot[slot];
	int err = p->ops->flow(p, slot, s->wish < 0 ? NULL : &s->have);

	f->settled -= s->state == SETTLED;
	s->state = MOVING;
	if (err == EAGAIN_)
		return;
	if (s->wish >= 0 && !err) {
		s->state = SETTLED;
		f->settled++;
		return;
	}
	s->state = FREE;
	if (s->wish >= 0) {
		f->want[s->wish].placed = false;
		f->want[s->wish].refused = true;
	}
}

/* Slots of rules that nobody wants any more, and what is on its way. Returns how many calls it
 * took, at most max. */
static u32 go_on(struct port_flows *f, struct port *p, u32 max)
{
	u32 n = 0;

	for (u32 i = 0; i < f->nslots && n < max; i++) {
		const struct flow_slot *s = &f->slot[i];

		if (s->state == FREE || (s->state == SETTLED && s->wish >= 0))
			continue;
		try_slot(f, p, i);
		n++;
	}
	return n;
}

/* False: nothing more can be placed. */
static bool fill_slots(struct port_flows *f, struct port *p, u32 max)
{
	u32 slot = 0;

	for (u32 i = 0; i < f->nwant; i++) {
		struct flow_wish *w = &f->want[i];

		if (w->placed || w->refused)
			continue;
		while (slot < f->nslots && f->slot[slot].state != FREE)
			slot++;
		if (slot == f->nslots)
			return false;
		if (!max--)
			return true;
		f->slot[slot] =
			(struct flow_slot){ .have = w->flow, .count = w->count, .wish = (int)i };
		f->slot_of[w->count] = (u16)(slot + 1);
		w->placed = true;
		try_slot(f, p, slot);
	}
	return false;
}

static u32 used(const struct port_flows *f)
{
	u32 n = 0;

	for (u32 i = 0; i < f->nslots; i++)
		n += f->slot[i].state != FREE;
	return n;
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
	if (f->quiet)
		return;
	n = go_on(f, p, OPS_PER_STEP);
	f->quiet = !fill_slots(f, p, OPS_PER_STEP - n) && !n && f->settled == used(f);
	publish(f, p);
}
