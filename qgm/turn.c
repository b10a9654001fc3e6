// SPDX-License-Identifier: MIT
/*
 * turn: one turn of a QGM's loop. The order is fixed: sources -> stages -> Tx -> reclaim -> port
 * steps -> commands -> timers -> quiescent point. At the quiescent point nothing is under way: all
 * staged packets are with a NIC, in a ring, held in a counted queue, or free.
 */
#include "qgm/bell.h"
#include "qgm/core.h"
#include "qgm/env.h"

enum {
	MSGS_PER_RING = 64,
	/* The stages of a turn are timed when the last one had less work than TIMED_WORK packets,
	 * else of one turn in TIMED_EACH, which then counts that often. */
	TIMED_WORK = 16,
	TIMED_EACH = 16,
};

/* The writer waits for us from here on (tables.c: a reader that comes online). */
static void come_online(struct qgm *q)
{
	store_relaxed(&q->c->epoch, 0);
	store_relaxed(&q->door->up, 1);
	fence_full();
	q->online = true;
}

/* Clock of the turn; how long since the last, unless it slept in between. */
static void turn_begin(struct qgm *q)
{
	u64 clock = env_clock();

	if (likely(clock > q->now))
		q->now = clock; /* only forward */
	q->mark = q->now;
	q->timed = 1;
	if (q->last_work >= TIMED_WORK)
		q->timed = q->c->turns % TIMED_EACH ? 0 : TIMED_EACH;
	if (unlikely(!q->online))
		come_online(q);
	if (likely(q->turn_start)) {
		u64 gap = q->now - q->turn_start;

		counter_add(&q->c->total_cycles, gap);
		if (unlikely(gap > q->c->gap_max) && !q->asleep)
			store_relaxed(&q->c->gap_max, gap);
	}
	q->asleep = false;
	q->last_if = 0;
	q->turn_start = q->now;
	store_release(&q->c->turns, q->c->turns + 1); /* pairs with the marker's (steer/move.c) */
}

/* One root for the turn. Packets that waited for this epoch go before newer ones. */
static const struct tables *turn_root(struct qgm *q)
{
	const struct tables *t = tables_current();
	u64 epoch = load_acquire(&t->epoch); /* T6, pairs with T5 in tables.c */

	if (unlikely(epoch != q->epoch)) {
		q->epoch = epoch;
		q->t = t;
		re_epoch(q, t);
		steer_epoch(q, t);
	}
	q->t = t;
	return t;
}

/* A burst from another QGM, in order: frames to work on (a port at a time), frames to send. */
static void take_handed(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	for (u32 i = 0, run; i < n; i += run) {
		bool work = p[i]->flags & PACKET_STEERED;

		run = 0;
		while (i + run < n && !(p[i + run]->flags & PACKET_STEERED) == !work &&
		       (!work || p[i + run]->in_port == p[i]->in_port)) {
			p[i + run]->flags &= ~(u32)PACKET_STEERED;
			run++;
		}
		if (!work) {
			output_handed(q, p + i, run);
			continue;
		}
		qgm_stage(q, PIX_STAGE_rx, run);
		stages_run(q, t, p + i, run);
	}
}

/* What another core wrote last comes over line by line: all of a burst under way at once. */
static inline void fetch_lines(struct packet *const *p, u32 n)
{
	for (u32 i = 0; i < n; i++)
		prefetch_write(p[i]);
	for (u32 i = 0; i < n; i++)
		prefetch_write(p[i]->data);
}

static u32 drain_packets(struct qgm *q, const struct tables *t, struct ring *r)
{
	struct packet *p[BURST_MAX];
	u32 total = 0, n;

	for (u32 i = 0; i < BURSTS_PER_RING; i++) {
		n = ring_dequeue(r, (void **)p, BURST_MAX);
		if (n) {
			fetch_lines(p, n);
			counter_add(&q->c->ring_in, n);
			take_handed(q, t, p, n);
		}
		total += n;
		if (n < BURST_MAX)
			break;
	}
	return total;
}

static u32 drain_messages(struct qgm *q, const struct tables *t, struct msgring *r)
{
	struct qgm_msg m;
	u32 n = 0;

	while (n < MSGS_PER_RING && msgring_get(r, &m)) {
		if (m.kind == QGM_MSG_DRAIN)
			ports_drain(q, m.ifid);
		else if (m.kind == QGM_MSG_LEARN)
			fe_message(q, t, &m);
		n++;
	}
	return n;
}

/* What other QGMs handed over (bell.h). */
static u32 inbound_poll(struct qgm *q, const struct tables *t)
{
	u32 work = 0;

	q->pending |= bell_take(&q->inbound);
	for (u64 bits = q->pending; bits; bits &= bits - 1) {
		u32 from = (u32)__builtin_ctzll(bits);
		u32 n = drain_packets(q, t, q->in[from]);
		u32 msgs = drain_messages(q, t, q->msg_in[from]);

		if (n < TURN_DRAIN && msgs < MSGS_PER_RING)
			q->pending &= ~(1ull << from);
		work += n + msgs;
	}
	return work;
}

/* All pointers into tables and packets of this turn are gone. */
static void quiescent(struct qgm *q)
{
	store_release(&q->c->epoch, q->epoch); /* T3, pairs with T4 in tables.c */
	store_relaxed(&q->door->heartbeat, q->now);
	if (unlikely(q->snapshot_due))
		snapshot_take(q);
}

u32 qgm_turn(struct qgm *q)
{
	const struct tables *t;
	u32 work;

	turn_begin(q);
	t = turn_root(q);
	if (unlikely(q->now >= q->steer_due))
		steer_turn(q, t);
	work = ports_poll(q, t);
	work += inbound_poll(q, t);
	work += inject_poll(q, t);
	output_flush(q);
	ports_reclaim(q);
	if (unlikely(q->late_queues))
		output_late(q);
	ports_step(q);
	work += commands_poll(q);
	if (q->wheel.armed)
		work += timer_run(&q->wheel, q, q->now, TIMERS_PER_TURN);
	output_flush(q); /* what timers and commands sent */
	qgm_flush_free(q);
	quiescent(q);
	qgm_ring_bells(q);
	q->last_work = work;
	if (!work)
		counter_add(&q->c->turns_empty, 1);
	else if (unlikely(q->timed))
		counter_add(&q->c->busy_cycles, (env_clock() - q->now) * q->timed);
	return work;
}
