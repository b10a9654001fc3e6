// SPDX-License-Identifier: MIT
/*
 * core: making QGMs, and the ends of packets: drop, consume, made, copied, held. Each end counts
 * in one place, so that the conservation law of qgm.h holds by construction; the snapshot and
 * the tests check that it does.
 */
#include "qgm/core.h"

#include "qgm/arena.h"
#include "qgm/cpu.h"
#include "qgm/env.h"
#include "qgm/fe/fdb.h"

static struct qgm *qgms[QGM_MAX];
static struct pool *pools[POOL_MAX];
static struct pool *jumbo; /* one of them, or NULL */
static u8 pool_of_node[POOL_MAX];
static u32 npools;
static struct qgm_plan plan;

struct qgm *qgm_get(u16 id)
{
	return id < QGM_MAX ? qgms[id] : NULL;
}

const struct qgm_plan *qgm_the_plan(void)
{
	return &plan;
}

/* --- start-up ------------------------------------------------------------------------------ */

int qgm_setup(u64 dp_bytes, u32 nqgm)
{
	if (!nqgm || nqgm > QGM_MAX)
		return -22; /* EINVAL */
	npools = 0;
	jumbo = NULL;
	(void)cpu_wide();
	for (u32 i = 0; i < QGM_MAX; i++)
		qgms[i] = NULL;
	qgm_plan(dp_bytes, nqgm, port_count() - 1u, &plan);
	if (arena_init(plan.arena_bytes, 0))
		return -12; /* ENOMEM */
	return tables_init();
}

/* The pool of a node; a second node's is as large as the first while memory lasts. */
static struct pool *node_pool(u32 node)
{
	struct pool *p;

	for (u32 i = 0; i < npools; i++) {
		if (pool_of_node[i] == node)
			return pools[i];
	}
	if (npools == POOL_MAX - 1) /* one is the jumbo pool's */
		return pools[0];
	p = pool_create((u8)npools, POOL_CLASS_STD, npools ? plan.pool_count / 4 : plan.pool_count,
			node);
	if (!p)
		return npools ? pools[0] : NULL;
	pool_of_node[npools] = (u8)node;
	pools[npools++] = p;
	return p;
}

/* After all QGMs are there: jumbo buffers for all of them, if the plan has any. Without them, or
 * with less than planned, ports keep to the ordinary MTU. */
static void make_jumbo(u32 node)
{
	struct pool *p;

	if (!plan.jumbo_count)
		return;
	p = pool_create((u8)npools, POOL_CLASS_JUMBO, plan.jumbo_count, node);
	if (!p)
		return;
	pool_of_node[npools] = (u8)node;
	pools[npools++] = p;
	if (pool_size(p) == plan.jumbo_count)
		jumbo = p;
}

static bool make_rings(struct qgm *q)
{
	struct ctl_qgm *d = q->door;

	d->cmd = env_alloc(ENV_CTL, msgring_bytes(plan.cmd_slots), CACHE_LINE, q->node);
	d->event = env_alloc(ENV_CTL, msgring_bytes(plan.event_slots), CACHE_LINE, q->node);
	d->punt = env_alloc(ENV_PUNT, framering_bytes(plan.punt_slots), CACHE_LINE, q->node);
	d->inject = env_alloc(ENV_PUNT, framering_bytes(plan.inject_slots), CACHE_LINE, q->node);
	d->counters = env_alloc(ENV_COUNTERS, sizeof(*d->counters), CACHE_LINE, q->node);
	d->snapshot = env_alloc(ENV_COUNTERS, sizeof(*d->snapshot), CACHE_LINE, q->node);
	if (!d->cmd || !d->event || !d->punt || !d->inject || !d->counters || !d->snapshot ||
	    msgring_init(d->cmd, plan.cmd_slots) || msgring_init(d->event, plan.event_slots) ||
	    framering_init(d->punt, plan.punt_slots) ||
	    framering_init(d->inject, plan.inject_slots))
		return false;
	q->cmd = msg_end(d->cmd);
	q->event = msg_end(d->event);
	q->punt = frame_end(d->punt);
	q->inject = frame_end(d->inject);
	q->c = d->counters;
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
	p = node_pool(node);
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

/* Rings from QGM a to QGM b, in b's memory. */
static bool connect(struct qgm *a, struct qgm *b)
{
	struct ring *r = env_alloc(ENV_PRIVATE, ring_bytes(plan.ring_slots), CACHE_LINE, b->node);
	struct msgring *m =
		env_alloc(ENV_PRIVATE, msgring_bytes(plan.msg_slots), CACHE_LINE, b->node);

	if (!r || !m || ring_init(r, plan.ring_slots) || msgring_init(m, plan.msg_slots))
		return false;
	a->out[b->id] = b->in[a->id] = r;
	a->msg_out[b->id] = b->msg_in[a->id] = m;
	a->peer[b->id] = b;
	return true;
}

/* Queue number `nr` of a port is `q`'s to poll and to fill. */
static bool deal_queue(struct qgm *q, struct port *p, u16 nr)
{
	struct qgm_queue *k = &q->queue[q->nqueues];

	*k = (struct qgm_queue){
		.port = p,
		.queue = nr,
		.rx = nr < p->rx_queues,
		.tx = nr < p->tx_queues,
		.late_mask = plan.late_slots - 1,
	};
	k->late = env_alloc(ENV_PRIVATE, plan.late_slots * sizeof(*k->late), CACHE_LINE, q->node);
	if (!k->late)
		return false;
	if (k->tx)
		q->queue_of[p->id] = (u8)q->nqueues;
	q->nqueues++;
	if (!k->rx || plan.nqgm == 1)
		return true;
	if (!q->steer)
		q->steer = steer_state_create(q->node);
	k->steer = steer_queue_create(q->id, plan.late_slots, q->node);
	return q->steer && k->steer;
}

/*
 * A queue pair for each QGM, as far as they go: the first is the owner's, the others follow by
 * number. QGMs without a Tx queue of their own use that of another, dealt in turn.
 */
static bool deal_port(struct qgm *owner, struct port *p)
{
	u32 n = MIN(plan.nqgm, (u32)PORT_QUEUES);

	p->owner = owner->id;
	p->pc = owner->pc;
	p->jumbo = false;
	if (!jumbo)
		p->mtu_max = MIN(p->mtu_max, (u16)PORT_MTU_DEFAULT);
	p->rx_queues = (u16)MIN(MAX(p->rx_queues, (u16)1), n);
	p->tx_queues = (u16)MIN(MAX(p->tx_queues, (u16)1), n);
	owner->owned[owner->nowned] = (struct qgm_owned){ .port = p };
	if (p->rx_queues > 1 && p->ops->spread) {
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
		p->queue_qgm[i] = (u16)((owner->id + i) % plan.nqgm);
		if (!deal_queue(qgms[p->queue_qgm[i]], p, (u16)i))
			return false;
	}
	for (u32 i = 0; i < plan.nqgm; i++)
		qgms[i]->tx_by[p->id] =
			p->queue_qgm[(i + plan.nqgm - owner->id) % plan.nqgm % p->tx_queues];
	return true;
}

/* Frames may go from `a` to `b`: to be worked on, or to be sent. */
static bool need_rings(const struct qgm *a, const struct qgm *b)
{
	return a != b && (a->nqueues || b->nqueues);
}

static bool make_caches(struct qgm *q)
{
	for (u32 i = 0; i < npools; i++) {
		if (!q->pcs[i])
			q->pcs[i] = pool_cache_create(pools[i], 32, q->node);
		if (!q->pcs[i])
			return false;
		pool_cache_siblings(q->pcs[i], q->pcs, npools);
	}
	if (jumbo)
		q->jumbo = q->pcs[pool_id(jumbo)];
	return true;
}

int qgm_assign_ports(void)
{
	u32 n = plan.nqgm;

	make_jumbo(qgms[0]->node);
	for (u16 i = 1; i < port_count(); i++)
		if (!deal_port(qgms[(i - 1) % n], port_get(i)))
			return -12; /* ENOMEM */
	for (u32 a = 0; a < n; a++) {
		for (u32 b = 0; b < n; b++) {
			if (need_rings(qgms[a], qgms[b]) && !connect(qgms[a], qgms[b]))
				return -12; /* ENOMEM */
		}
		if (!make_caches(qgms[a]))
			return -12;
	}
	ctl_seal();
	return 0;
}

struct pool *qgm_pool(u32 i)
{
	return i < npools ? pools[i] : NULL;
}

u32 qgm_pool_node(u32 i)
{
	return pool_of_node[i];
}

/* --- ends of packets ------------------------------------------------------------------------ */

void qgm_flush_free(struct qgm *q)
{
	if (q->free_n)
		pool_put(q->pc, q->free_list, q->free_n);
	q->free_n = 0;
}

void qgm_release(struct qgm *q, struct packet *p)
{
	if (planted(q, PLANT_LEAK) && ++q->plant_count % 1000 == 0)
		return;
	if (q->free_n == BURST_MAX)
		qgm_flush_free(q);
	q->free_list[q->free_n++] = p;
}

void qgm_drop(struct qgm *q, struct packet *p, enum drop_reason why)
{
	p->drop = (u8)why;
	if (!planted(q, PLANT_COUNT) || ++q->plant_count % 8) {
		counter_add(&q->c->drops[why], 1);
		counter_add(&q->c->port[p->in_port].dropped, 1);
	}
	qgm_release(q, p);
}

void qgm_consume(struct qgm *q, struct packet *p)
{
	counter_add(&q->c->consumed, 1);
	counter_add(&q->c->port[p->in_port].consumed, 1);
	qgm_release(q, p);
}

static void count_made(struct qgm *q)
{
	counter_add(&q->c->made, 1);
	counter_add(&q->c->port[PORT_HOST].rx, 1);
}

static void count_copy(struct qgm *q, u16 in_port)
{
	counter_add(&q->c->copies, 1);
	counter_add(&q->c->port[in_port].copies, 1);
}

static void count_ghost_drop(struct qgm *q, u16 in_port, enum drop_reason why)
{
	counter_add(&q->c->drops[why], 1);
	counter_add(&q->c->port[in_port].dropped, 1);
}

void qgm_ghost_made(struct qgm *q, enum drop_reason why)
{
	count_made(q);
	count_ghost_drop(q, PORT_HOST, why);
}

struct packet *qgm_make(struct qgm *q)
{
	struct packet *p;

	if (!pool_get(q->pc, &p, 1))
		return NULL;
	p->flags = PACKET_LOCAL;
	p->in_port = PORT_HOST;
	p->timestamp = q->now;
	count_made(q);
	return p;
}

u32 qgm_make_room(const struct qgm *q)
{
	return pool_room(q->pc);
}

u32 qgm_room(const struct qgm *q, const struct packet *p)
{
	return pool_packet_room(q->pc, p);
}

struct packet *qgm_copy(struct qgm *q, const struct packet *p)
{
	struct pool_cache *pc = likely(p->len <= pool_room(q->pc)) ? q->pc : q->jumbo;
	struct packet *n;
	u8 *data, pool;

	count_copy(q, p->in_port);
	if (!pc || p->len > pool_room(pc) || !pool_get(pc, &n, 1)) {
		count_ghost_drop(q, p->in_port, DROP_no_buffer);
		return NULL;
	}
	data = n->data;
	pool = n->pool;
	*n = *p;
	n->data = data;
	n->pool = pool;
	n->flags |= PACKET_COPY;
	__builtin_memcpy(n->data, p->data, p->len);
	return n;
}

void qgm_hold(struct qgm *q, struct packet *p)
{
	counter_add(&q->c->held, 1);
	counter_add(&q->c->port[p->in_port].held, 1);
}

void qgm_unhold(struct qgm *q, struct packet *p)
{
	counter_add(&q->c->held, ~0ull);
	counter_add(&q->c->port[p->in_port].held, ~0ull);
}

/* --- small things for stages ------------------------------------------------------------------ */

bool qgm_event(struct qgm *q, const struct pix_event *ev)
{
	enum { ACK_RESERVE = 16 }; /* answers to commands must always find room */

	if (ev->kind != PIX_EV_ACK && msg_end_room(&q->event) <= ACK_RESERVE)
		return false;
	if (!msg_end_put(&q->event, ev))
		return false;
	q->generic_news = true;
	return true;
}

void qgm_stage(struct qgm *q, enum pix_stage stage, u32 packets)
{
	u64 clock;

	counter_add(&q->c->stage[stage].packets, packets);
	if (likely(!q->timed))
		return;
	clock = env_clock();
	counter_add(&q->c->stage[stage].cycles, (clock - q->mark) * q->timed);
	q->mark = clock;
}

u16 qgm_id(const struct qgm *q)
{
	return q->id;
}

u64 qgm_now(const struct qgm *q)
{
	return q->now;
}

struct qgm_counters *qgm_counters(struct qgm *q)
{
	return q->c;
}

void *qgm_re(struct qgm *q)
{
	return q->re;
}

void *qgm_fe(struct qgm *q)
{
	return q->fe;
}
