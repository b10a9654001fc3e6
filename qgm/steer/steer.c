// SPDX-License-Identifier: MIT
/*
 * steer: the worker of each received frame, and the hand-over (steer.h). Runs on the QGM that
 * receives, between rx and parse, on ports that are steered. `steer_burst` is the stage behind
 * parse that gives each packet its hash where a module wants it.
 */
#include "qgm/steer/steer.h"

#include "qgm/core.h"
#include "qgm/steer/move.h"

enum { PREFETCH_AHEAD = 4 };

u32 steer_burst(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	(void)q;
	(void)t;
	for (u32 i = 0; i < n; i++)
		packet_hash(p[i]);
	return n;
}

/* --- who is the worker --- */

enum { NO_RULE = 0xffff };

/* The frame's worker; in *count, where the rule that says so is counted, or NO_RULE. */
static inline u8 worker_of(const struct steer *s, struct packet *p, u16 *count)
{
	*count = NO_RULE;
	if (unlikely(s->rules)) {
		const struct steer_rule *r;
		struct flow_key key;

		r = flow_key(p, &key) ? steer_find_rule(s->rules, &key) : NULL;
		if (r) {
			*count = r->count;
			return r->qgm;
		}
	}
	return s->bucket[packet_hash(p) & (STEER_BUCKETS - 1)];
}

/* Workers of the burst; while steering changes, what changes waits. Returns how many are left. */
static u32 choose(struct qgm *q, struct steer_queue *s, struct packet **p, u32 n, u8 *worker,
		  u16 *count, u64 *seen)
{
	bool moving = q->steer->moving;
	u32 left = 0;

	*seen = 0;
	for (u32 i = 0; i < n; i++) {
		u16 c, other;
		u8 w;

		if (i + PREFETCH_AHEAD < n)
			prefetch(p[i + PREFETCH_AHEAD]->data);
		w = worker_of(&s->cur, p[i], &c);
		if (unlikely(moving) && worker_of(&s->next, p[i], &other) != w) {
			steer_wait(q, s, p[i]);
			continue;
		}
		*seen |= 1ull << w;
		worker[left] = w;
		count[left] = c;
		p[left++] = p[i];
	}
	return left;
}

static void count_hits(struct qgm *q, const u16 *count, u32 n)
{
	for (u32 i = 0; i < n; i++)
		if (count[i] != NO_RULE)
			counter_add(&q->c->flow_hits[count[i]], 1);
}

static u64 not_up(const struct qgm *q, u64 workers)
{
	u64 down = 0;

	for (u64 bits = workers & ~(1ull << q->id); bits; bits &= bits - 1) {
		u32 w = (u32)__builtin_ctzll(bits);

		if (unlikely(!q->out[w] || !load_relaxed(&q->ctl->qgm[w].up)))
			down |= 1ull << w;
	}
	return down;
}

/* --- hand-over --- */

static void to_worker(struct qgm *q, u32 w, struct packet **p, u32 n)
{
	for (u32 i = 0; i < n; i++)
		p[i]->flags |= PACKET_STEERED;
	counter_add(&q->c->steered, n);
	ring_hand(q, (u16)w, p, n);
}

/* The burst by worker, each in the order received; what is our own is left, first in `sorted`.
 * Returns how many that is. */
static u32 hand_over(struct qgm *q, struct packet *const *p, u32 n, const u8 *worker, u64 seen,
		     struct packet **sorted)
{
	u64 own = 1ull << q->id, others = seen & ~own;
	u8 count[QGM_MAX], at[QGM_MAX];
	u32 sum;

	for (u64 bits = seen | own; bits; bits &= bits - 1)
		count[__builtin_ctzll(bits)] = 0;
	for (u32 i = 0; i < n; i++)
		count[worker[i]]++;
	at[q->id] = 0;
	sum = count[q->id];
	for (u64 bits = others; bits; bits &= bits - 1) {
		u32 w = (u32)__builtin_ctzll(bits);

		at[w] = (u8)sum;
		sum += count[w];
	}
	for (u32 i = 0; i < n; i++)
		sorted[at[worker[i]]++] = p[i];
	for (u64 bits = others; bits; bits &= bits - 1) {
		u32 w = (u32)__builtin_ctzll(bits);

		to_worker(q, w, sorted + at[w] - count[w], count[w]);
	}
	return count[q->id];
}

void steer_input(struct qgm *q, const struct tables *t, struct steer_queue *s, struct packet **p,
		 u32 n)
{
	struct packet *own[BURST_MAX];
	u16 count[BURST_MAX];
	u8 worker[BURST_MAX];
	u64 seen, down;
	u32 in = n;

	n = choose(q, s, p, n, worker, count, &seen);
	while (unlikely((down = not_up(q, seen)) != 0)) {
		steer_lost(q, down);
		n = choose(q, s, p, n, worker, count, &seen);
	}
	if (unlikely(s->cur.rules))
		count_hits(q, count, n);
	n = hand_over(q, p, n, worker, seen, own);
	qgm_stage(q, PIX_STAGE_steer, in);
	if (n)
		stages_run(q, t, own, n);
}
