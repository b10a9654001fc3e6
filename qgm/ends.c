// SPDX-License-Identifier: MIT
/*
 * ends: where packets begin and end beside ports and rings: drop, consume, made, copied, held. Each
 * counts in one place, so that the conservation law of qgm.h holds by construction; the snapshot
 * and the tests check that it does. The QGM's own core.
 */
#include "qgm/core.h"

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

static struct pool_cache *cache_for(const struct qgm *q, u32 bytes)
{
	return likely(bytes <= pool_room(q->pc)) ? q->pc : q->jumbo;
}

struct packet *qgm_make(struct qgm *q)
{
	return qgm_make_for(q, 0);
}

struct packet *qgm_make_for(struct qgm *q, u32 bytes)
{
	struct pool_cache *pc = cache_for(q, bytes);
	struct packet *p;

	if (!pc || !pool_get(pc, &p, 1))
		return NULL;
	p->flags = PACKET_LOCAL;
	p->in_port = PORT_HOST;
	p->timestamp = q->now;
	count_made(q);
	return p;
}

u32 qgm_make_room(const struct qgm *q)
{
	return pool_room(q->jumbo ? q->jumbo : q->pc);
}

u32 qgm_room(const struct qgm *q, const struct packet *p)
{
	return pool_packet_room(q->pc, p);
}

struct packet *qgm_copy(struct qgm *q, const struct packet *p)
{
	struct pool_cache *pc = cache_for(q, p->len);
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
