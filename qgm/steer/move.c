// SPDX-License-Identifier: MIT
/*
 * move: from one steering to the next without reordering a flow (steer.h).
 *
 * The marker is a count of turns, not an object in the rings: it needs no room in a full ring and
 * is not lost when a QGM stops. Why it is right: a turn takes up to TURN_DRAIN frames from each
 * ring that has some, works on them, and hands all results on before the next turn begins. What
 * was in a ring of `ring_slots` when the marker was set has been taken by the end of turn
 * ring_slots / TURN_DRAIN after the turn that first sees the ring's bit, and that is at most the
 * second to begin from then on (its look at `inbound` may still be older than its count of turns).
 * So after N = ring_slots / TURN_DRAIN + 3 more turns all of it is in the rings of the owners of
 * the ports out, or with a NIC; after N more turns of everybody all is with a NIC, in the order of
 * each path. A QGM that naps has nothing in its rings: it looked after it had said so.
 *
 * The stop comes before the frames of the turn are received; what the receiver worked on itself it
 * has handed on at the end of the turn before. It may own the port out: then the second hop ends in
 * its own rings, and it waits for turns of its own, too.
 */
#include "qgm/steer/move.h"

#include "qgm/core.h"
#include "qgm/env.h"

enum {
	LIVE_MS = 10,  /* how often a steering QGM looks who is up */
	DRAIN_MS = 20, /* a Tx queue that does not send stops nobody for longer */
};

struct steer_state *steer_state_create(u32 node)
{
	struct steer_state *s =
		env_alloc(ENV_PRIVATE, sizeof(struct steer_state), CACHE_LINE, node);

	for (u32 i = 0; s && i < 2; i++) {
		s->rules[i] =
			env_alloc(ENV_PRIVATE, steer_rules_bytes(STEER_RULES), CACHE_LINE, node);
		if (!s->rules[i])
			return NULL;
		steer_rules_begin(s->rules[i], STEER_RULES);
	}
	return s;
}

struct steer_queue *steer_queue_create(u16 self, u32 slots, u32 node)
{
	struct steer_queue *s =
		env_alloc(ENV_PRIVATE, sizeof(struct steer_queue), CACHE_LINE, node);

	if (!s)
		return NULL;
	s->wait = env_alloc(ENV_PRIVATE, slots * sizeof(*s->wait), CACHE_LINE, node);
	if (!s->wait)
		return NULL;
	s->mask = slots - 1;
	__builtin_memset(s->cur.bucket, (int)self, sizeof(s->cur.bucket));
	return s;
}

/* --- the marker --- */

static u64 live_qgms(const struct qgm *q)
{
	u64 live = 1ull << q->id;

	for (u32 i = 0; i < qgm_the_plan()->nqgm; i++) {
		if (i == q->id || (q->out[i] && load_relaxed(&q->ctl->qgm[i].up)))
			live |= 1ull << i;
	}
	return live;
}

static u32 marker_turns(void)
{
	return qgm_the_plan()->ring_slots / TURN_DRAIN + 3;
}

static void marker_phase(struct qgm *q, struct marker *m, enum marker_phase phase)
{
	m->phase = (u8)phase;
	m->since = q->now;
	m->todo = 0;
	for (u32 i = 0; i < qgm_the_plan()->nqgm; i++) {
		struct qgm *x = qgm_get((u16)i);

		if (!x || (i == q->id && phase == MARKER_WORKERS))
			continue;
		m->todo |= 1ull << i;
		if (phase < MARKER_LATE)
			m->turns[i] = load_acquire(&x->c->turns);
		for (u32 k = 0; phase >= MARKER_LATE && k < x->nqueues; k++) {
			const struct qgm_queue *tx = &x->queue[k];

			if (tx->port->tx_queues > 1)
				m->index[tx->port->id][tx->queue] = load_relaxed(
					phase == MARKER_LATE ? &tx->late_head : &tx->handed);
		}
	}
}

/* Asleep with nothing to do: `inbound` first, see above. */
static bool naps(const struct qgm *q, u32 i, const struct qgm *x)
{
	return !load_acquire(&x->inbound) && load_acquire(&q->ctl->qgm[i].napping);
}

static bool queues_passed(const struct marker *m, const struct qgm *x)
{
	for (u32 k = 0; k < x->nqueues; k++) {
		const struct qgm_queue *tx = &x->queue[k];
		u32 at, mark = m->index[tx->port->id][tx->queue];

		if (tx->port->tx_queues < 2)
			continue;
		at = load_relaxed(m->phase == MARKER_LATE ? &tx->late_tail : &tx->gone);
		if ((s32)(at - mark) < 0)
			return false;
	}
	return true;
}

static bool qgm_passed(const struct qgm *q, const struct marker *m, u32 i)
{
	const struct qgm *x = qgm_get((u16)i);

	if (i != q->id && !load_relaxed(&q->ctl->qgm[i].up))
		return true;
	if (m->phase >= MARKER_LATE)
		return queues_passed(m, x);
	return load_acquire(&x->c->turns) - m->turns[i] >= marker_turns() || naps(q, i, x);
}

/* True: everything before the marker has passed. */
static bool marker_step(struct qgm *q, struct marker *m)
{
	while (m->phase != MARKER_DONE) {
		for (u64 bits = m->todo; bits; bits &= bits - 1) {
			u32 i = (u32)__builtin_ctzll(bits);

			if (qgm_passed(q, m, i))
				m->todo &= ~(1ull << i);
		}
		if (m->phase >= MARKER_LATE && q->now - m->since > DRAIN_MS * q->ms)
			m->todo = 0;
		if (m->todo)
			return false;
		if (m->phase == MARKER_SENT)
			m->phase = MARKER_DONE;
		else
			marker_phase(q, m, m->phase + 1u);
	}
	return true;
}

/* --- what is wanted --- */

static u64 wanted_gen(const struct tables *t, const struct qgm_queue *k)
{
	const struct steer *want = t->steer[k->port->id];

	return want ? want->gen : 0;
}

/* The published rules, which are the same for all ports, with the QGMs that live. NULL: none. */
static const struct steer_rules *copy_rules(const struct qgm *q, const struct tables *t, u64 live)
{
	struct steer_rules *to = q->steer->rules[!q->steer->at];

	for (u32 i = 0; i < q->nqueues; i++) {
		const struct steer *want =
			q->queue[i].steer ? t->steer[q->queue[i].port->id] : NULL;

		if (want && want->rules)
			return steer_rules_copy(to, want->rules, live) ? to : NULL;
	}
	return NULL;
}

/* The published wish with the QGMs that live; the bucket of a worker that stays stays. */
static void make_next(const struct qgm *q, const struct steer *want, u64 live,
		      const struct steer_rules *rules, struct steer_queue *s)
{
	struct steer *n = &s->next;
	u64 workers;

	if (!want) {
		*n = (struct steer){ .workers = 1ull << q->id };
		__builtin_memset(n->bucket, q->id, sizeof(n->bucket));
		return;
	}
	*n = *want;
	workers = want->workers & live;
	if (want->mode == PIX_STEER_RTC || !workers)
		workers = 1ull << q->id;
	n->workers = workers;
	n->rules = want->rules ? rules : NULL;
	reta_spread(n->bucket, STEER_BUCKETS, workers);
}

static bool steers(const struct qgm *q, const struct steer *s)
{
	u8 other = 0;

	for (u32 i = 0; i < STEER_BUCKETS; i++)
		other |= s->bucket[i] ^ (u8)q->id;
	return other || s->rules;
}

/* --- the move --- */

void steer_wait(struct qgm *q, struct steer_queue *s, struct packet *p)
{
	if (unlikely(s->head - s->tail > s->mask)) {
		qgm_drop(q, p, DROP_steer_full);
		return;
	}
	qgm_hold(q, p);
	s->wait[s->head++ & s->mask] = p;
}

static void release(struct qgm *q, const struct tables *t, struct steer_queue *s)
{
	while (s->head != s->tail) {
		struct packet *p[BURST_MAX];
		u32 n = MIN(s->head - s->tail, (u32)BURST_MAX);

		for (u32 i = 0; i < n; i++) {
			p[i] = s->wait[s->tail++ & s->mask];
			qgm_unhold(q, p[i]);
		}
		steer_input(q, t, s, p, n);
	}
}

static void finish(struct qgm *q, const struct tables *t)
{
	q->steer->moving = false;
	q->steer->at = !q->steer->at;
	counter_add(&q->c->steer_moves, 1);
	for (u32 i = 0; i < q->nqueues; i++) {
		struct qgm_queue *k = &q->queue[i];

		if (!k->steer)
			continue;
		k->steer->cur = k->steer->next;
		k->steered = steers(q, &k->steer->cur);
		release(q, t, k->steer);
	}
}

static void begin(struct qgm *q, const struct tables *t, u64 live)
{
	const struct steer_rules *rules = copy_rules(q, t, live);

	q->steer->live = live;
	for (u32 i = 0; i < q->nqueues; i++) {
		struct qgm_queue *k = &q->queue[i];

		if (!k->steer)
			continue;
		make_next(q, t->steer[k->port->id], live, rules, k->steer);
		k->steered = true;
	}
	q->steer->moving = true;
	marker_phase(q, &q->steer->marker, MARKER_WORKERS);
	if (planted(q, PLANT_STEER))
		finish(q, t);
}

/* Does any queue want another steering than it has? */
static bool wants_move(const struct qgm *q, const struct tables *t, u64 live)
{
	bool any = false;

	for (u32 i = 0; i < q->nqueues; i++) {
		const struct qgm_queue *k = &q->queue[i];

		if (!k->steer)
			continue;
		if (wanted_gen(t, k) != k->steer->cur.gen)
			return true;
		any |= k->steer->cur.gen != 0;
	}
	return any && live != q->steer->live;
}

void steer_epoch(struct qgm *q, const struct tables *t)
{
	if (q->steer && !q->steer->moving && wants_move(q, t, q->steer->live))
		q->steer_due = 0;
}

void steer_turn(struct qgm *q, const struct tables *t)
{
	u64 live;

	if (q->steer->moving) {
		if (!marker_step(q, &q->steer->marker))
			return;
		finish(q, t);
		/* What was released is not handed on before the end of this turn: no marker now. */
		q->steer_due = 0;
		return;
	}
	live = live_qgms(q);
	if (wants_move(q, t, live)) {
		begin(q, t, live);
		q->steer_due = 0;
		return;
	}
	q->steer_due = ~0ull;
	for (u32 i = 0; i < q->nqueues; i++) {
		if (q->queue[i].steer && q->queue[i].steer->cur.gen)
			q->steer_due = q->now + LIVE_MS * q->ms;
	}
}

/* A dead QGM reorders nothing any more: no marker. Flows of its buckets go to those that live. */
static void leave(const struct qgm *q, struct steer *s, u64 live)
{
	u64 workers = s->workers & live;

	reta_spread(s->bucket, STEER_BUCKETS, workers ? workers : 1ull << q->id);
}

void steer_lost(struct qgm *q, u64 down)
{
	u64 live = live_qgms(q) & ~down;

	q->steer->live = live;
	for (u32 i = 0; i < 2; i++)
		steer_rules_live(q->steer->rules[i], live);
	for (u32 i = 0; i < q->nqueues; i++) {
		struct steer_queue *s = q->queue[i].steer;

		if (!s)
			continue;
		leave(q, &s->cur, live);
		if (q->steer->moving)
			leave(q, &s->next, live);
	}
}
