// SPDX-License-Identifier: MIT
/*
 * ports: what a QGM does with its network ports each turn. All calls into drivers are here, so that
 * the book of buffers held by NICs can be kept from the outside: what a call takes from the
 * pool caches and does not hand over stays with the driver.
 */
#include "qgm/core.h"
#include "qgm/env.h"

enum {
	EAGAIN_ = -11,
	/* Turns of a QGM after which it has seen a state that was stored before: its look may be
	 * older than its count of the turn (steer/move.c). */
	SEEN_TURNS = 2,
	FAULT_AFTER = 64, /* frames; planted bug qgm-fault */
};

/* The cache of the class that the port posts. */
static inline struct pool_cache *cache_of(const struct qgm *q, const struct port *p)
{
	return unlikely(p->jumbo) && !planted(q, PLANT_JUMBO) ? q->jumbo : q->pc;
}

/* Drivers may have reclaimed frames without a word in between (step). */
static void reclaimed(struct qgm_queue *k, u32 n)
{
	store_relaxed(&k->gone, k->gone + MIN(n, k->handed - k->gone));
}

/* Buffers of frames that were sent. Before the queue is polled: they are filled at once, warm. */
static void reclaim_queue(struct qgm *q, struct qgm_queue *k)
{
	s64 before = pool_outstanding(q->pc);
	u32 n = k->port->ops->reclaim(k->port, k->queue, cache_of(q, k->port));

	q->in_nic += pool_outstanding(q->pc) - before;
	reclaimed(k, n);
}

/* Frames that others may parse. Returns their bytes. */
static u64 stamp(const struct qgm *q, u16 in_port, struct packet *const *p, u32 n)
{
	u64 bytes = 0, now = q->now;

	for (u32 i = 0; i < n; i++) {
		p[i]->in_port = in_port;
		p[i]->timestamp = now;
		bytes += p[i]->len;
	}
	return bytes;
}

/* Receive one burst of one queue and run it through the stages. */
static u32 poll_queue(struct qgm *q, const struct tables *t, struct qgm_queue *k)
{
	struct port *port = k->port;
	struct packet *p[BURST_MAX];
	u16 id = port->id;
	s64 before;
	u64 bytes;
	u32 n;

	if (k->handed != k->gone)
		reclaim_queue(q, k);
	before = pool_outstanding(q->pc);
	n = port->ops->rx(port, k->queue, cache_of(q, port), p, BURST_MAX);
	q->in_nic += pool_outstanding(q->pc) - before - n;
	if (!n) {
		k->polled = true;
		return 0;
	}
	counter_add(&q->c->rx, n);
	counter_add(&q->c->port[id].rx, n);
	if (planted(q, PLANT_FAULT) && q->id == 1 && q->c->rx >= FAULT_AFTER)
		__builtin_trap();
	if (planted(q, PLANT_REORDER)) {
		for (u32 i = 0; i < n / 2; i++) {
			struct packet *other = p[i];

			p[i] = p[n - 1 - i];
			p[n - 1 - i] = other;
		}
	}
	qgm_stage(q, PIX_STAGE_rx, n);
	if (unlikely(k->steered)) {
		bytes = stamp(q, id, p, n);
		steer_input(q, t, k->steer, p, n);
	} else {
		bytes = stages_received(q, t, id, p, n);
	}
	counter_add(&q->c->port[id].rx_bytes, bytes);
	return n;
}

u32 ports_poll(struct qgm *q, const struct tables *t)
{
	u32 work = 0;

	for (u32 i = 0; i < q->nqueues; i++) {
		/* Acquire: pairs with the release of the owner's step, whose start() set it up. */
		if (load_acquire(&q->queue[i].port->state) == PORT_RUNNING && q->queue[i].rx)
			work += poll_queue(q, t, &q->queue[i]);
	}
	return work;
}

u32 port_tx(struct qgm *q, struct qgm_queue *k, struct packet *const *p, u32 n)
{
	s64 before = pool_outstanding(q->pc);
	u32 took = k->port->ops->tx(k->port, k->queue, p, n);
	u32 back = (u32)(before - pool_outstanding(q->pc)); /* reclaimed to make room */

	q->in_nic += (s64)took - back;
	store_relaxed(&k->handed, k->handed + took);
	reclaimed(k, back);
	return took;
}

void ports_reclaim(struct qgm *q)
{
	for (u32 i = 0; i < q->nqueues; i++) {
		struct qgm_queue *k = &q->queue[i];

		if (!k->rx && k->handed != k->gone && k->port->state == PORT_RUNNING)
			reclaim_queue(q, k);
	}
}

struct qgm_owned *port_owned(struct qgm *q, u16 port)
{
	for (u32 i = 0; i < q->nowned; i++) {
		if (q->owned[i].port->id == port)
			return &q->owned[i];
	}
	return NULL;
}

/* A state machine of the driver; its buffers are counted around it. */
static int drive(struct qgm *q, struct port *p, int (*op)(struct port *, u64))
{
	s64 before = pool_outstanding(q->pc);
	int err = op(p, q->now);

	q->in_nic += pool_outstanding(q->pc) - before;
	return err;
}

static void set_state(struct port *p, enum port_state s)
{
	store_release(&p->state, (u8)s);
}

static void tell_link(struct qgm *q, struct qgm_owned *o)
{
	struct port *p = o->port;
	bool link = p->link && p->state == PORT_RUNNING;
	struct pix_event ev = {
		.kind = PIX_EV_LINK, .ifid = p->id, .arg = link, .arg2 = p->speed_mbps
	};

	if (link != o->link && qgm_event(q, &ev))
		o->link = link;
}

/* The port runs: QGMs that nap have not armed its queues, nor posted a buffer (sleep.c). */
static void wake_queues(struct qgm *q, const struct port *p)
{
	fence_full(); /* S2 of sleep.c; the state is the entry */
	for (u32 i = 0; i < MAX(p->rx_queues, p->tx_queues); i++) {
		u16 id = p->queue_qgm[i];

		if (id != q->id && load_relaxed(&q->ctl->qgm[id].napping))
			env_wake(id);
	}
}

static void step_starting(struct qgm *q, struct qgm_owned *o)
{
	int err = drive(q, o->port, o->port->ops->start);

	if (err == EAGAIN_)
		return;
	store_relaxed(&o->port->want_reset, 0); /* what was wrong before is over */
	set_state(o->port, err ? PORT_FAILED : PORT_RUNNING);
	o->next_step = q->now;
	portflow_forget(o);
	wake_queues(q, o->port);
}

void ports_drain(struct qgm *q, u16 port)
{
	for (u32 i = 0; i < q->nqueues; i++) {
		struct qgm_queue *k = &q->queue[i];
		struct port *p = k->port;
		u32 bit = 1u << k->queue;
		s64 before;

		if (p->id != port || load_acquire(&p->state) != PORT_DRAINING)
			continue;
		before = pool_outstanding(q->pc);
		fetch_add_relaxed(&p->tx_aborted, p->ops->drain(p, k->queue, cache_of(q, p)));
		q->in_nic += pool_outstanding(q->pc) - before;
		store_relaxed(&k->gone, k->handed);
		k->polled = false;
		fetch_and_acq_rel(&p->draining, ~bit); /* pairs with the owner's look */
	}
}

/* Each QGM drains its own queue; one that is down keeps what it has. */
static void step_draining(struct qgm *q, struct qgm_owned *o)
{
	struct port *p = o->port;
	u32 left = load_acquire(&p->draining);

	for (u32 bits = left; bits; bits &= bits - 1) {
		u32 i = (u32)__builtin_ctz(bits);
		u16 to = p->queue_qgm[i];
		struct qgm_msg m = { .kind = QGM_MSG_DRAIN, .ifid = p->id };

		if (to != q->id && !load_relaxed(&q->ctl->qgm[to].up))
			left &= ~(1u << i);
		else if (to == q->id)
			ports_drain(q, p->id);
		else if (o->untold >> i & 1 && qgm_send(q, to, &m))
			o->untold &= ~(1u << i);
	}
	if (!left)
		set_state(p, PORT_STOPPED);
}

/* True when no other QGM is inside of a call into the driver, nor will be while it stops. */
static bool others_left(struct qgm *q, struct qgm_owned *o)
{
	struct port *p = o->port;

	if (!o->leaving)
		fence_full(); /* the state before their turns, with turn_begin() */
	for (u32 i = 0; i < MAX(p->rx_queues, p->tx_queues); i++) {
		u16 id = p->queue_qgm[i];
		const struct ctl_qgm *x = &q->ctl->qgm[id];
		u64 turns = load_acquire(&x->counters->turns);

		if (!o->leaving)
			o->left_at[i] = turns;
		else if (id != q->id && load_relaxed(&x->up) && !load_acquire(&x->napping) &&
			 turns - o->left_at[i] < SEEN_TURNS)
			return false;
	}
	if (o->leaving)
		return true;
	o->leaving = true;
	return false;
}

static void step_stopping(struct qgm *q, struct qgm_owned *o)
{
	struct port *p = o->port;
	int err;

	if (p->ops->drain && !others_left(q, o))
		return;
	err = drive(q, p, p->ops->stop);
	if (err == EAGAIN_)
		return;
	o->leaving = false;
	p->link = false;
	o->reta_queues = 0;
	if (!err && p->ops->drain) {
		o->untold = (1u << MAX(p->rx_queues, p->tx_queues)) - 1;
		store_relaxed(&p->draining, o->untold);
		set_state(p, PORT_DRAINING);
		return;
	}
	for (u32 i = 0; i < q->nqueues; i++) {
		if (q->queue[i].port == p)
			store_relaxed(&q->queue[i].gone, q->queue[i].handed);
	}
	set_state(p, err ? PORT_FAILED : PORT_STOPPED);
}

/* The NIC spreads flows over the queues of QGMs that are up. */
static void spread_queues(struct qgm *q, struct qgm_owned *o)
{
	struct port *p = o->port;
	u64 queues = 0;

	for (u32 i = 0; i < p->rx_queues; i++) {
		if (p->queue_qgm[i] == q->id || load_relaxed(&q->ctl->qgm[p->queue_qgm[i]].up))
			queues |= 1ull << i;
	}
	if (queues == o->reta_queues)
		return;
	o->reta_queues = queues;
	reta_spread(o->reta->entry, o->reta->size, queues);
	p->ops->spread(p, o->reta);
}

/* The driver asked for it: as a stop by command, and a start when all queues are empty. */
static void begin_reset(struct qgm_owned *o)
{
	struct port *p = o->port;

	store_relaxed(&p->want_reset, 0);
	if (p->state != PORT_RUNNING) /* it failed meanwhile */
		return;
	counter_add(&p->nic.resets, 1);
	if (p->link)
		counter_add(&p->nic.link_changes, 1);
	p->link = false;
	o->restart = true;
	set_state(p, PORT_STOPPING);
}

static void step_running(struct qgm *q, struct qgm_owned *o)
{
	s64 before;

	if (q->now < o->next_step)
		return;
	o->next_step = q->now + STEP_MS * q->ms;
	if (o->reta)
		spread_queues(q, o);
	if (o->flows)
		ports_flows(q, o);
	if (o->port->ops->step) {
		before = pool_outstanding(q->pc);
		o->port->ops->step(o->port, q->now);
		q->in_nic += pool_outstanding(q->pc) - before;
	}
	if (unlikely(load_relaxed(&o->port->want_reset)))
		begin_reset(o);
}

/* A few registers a turn, as they were asked for (CTL_PORT_REGS). */
static void dump_registers(struct qgm_owned *o)
{
	struct port *p = o->port;
	struct port_regs *r = &p->regs;

	for (u32 n = 0; n < PORT_REGS_PER_TURN && o->regs_next < r->count; n++, o->regs_next++) {
		if (!r->table[o->regs_next].clears)
			store_relaxed(&r->value[o->regs_next], p->ops->read_reg(p, o->regs_next));
	}
	if (o->regs_next < r->count)
		return;
	o->dumping = false;
	store_release(&r->rounds, r->rounds + 1); /* pairs with the generic side's look */
}

/* Buffers of another class are posted by a port that starts: stop it, change, start it again. The
 * end of a reset, too. */
static void change_class(struct qgm *q, struct qgm_owned *o)
{
	struct port *p = o->port;

	if (p->state == PORT_RUNNING && p->jumbo != o->want_jumbo) {
		o->restart = true;
		set_state(p, PORT_STOPPING);
	} else if (p->state == PORT_STOPPED) {
		p->jumbo = o->want_jumbo;
		p->pc = cache_of(q, p);
		if (o->restart)
			set_state(p, PORT_STARTING);
		o->restart = false;
	}
}

void ports_step(struct qgm *q)
{
	for (u32 i = 0; i < q->nowned; i++) {
		struct qgm_owned *o = &q->owned[i];

		if (unlikely(o->restart || o->want_jumbo != o->port->jumbo))
			change_class(q, o);
		if (unlikely(o->dumping))
			dump_registers(o);
		switch (o->port->state) {
		case PORT_RUNNING:
			step_running(q, o);
			break;
		case PORT_STARTING:
			step_starting(q, o);
			break;
		case PORT_STOPPING:
			step_stopping(q, o);
			break;
		case PORT_DRAINING:
			step_draining(q, o);
			break;
		default:
			break;
		}
		if (unlikely(o->link != (o->port->link && o->port->state == PORT_RUNNING)))
			tell_link(q, o);
	}
}
