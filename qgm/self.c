// SPDX-License-Identifier: MIT
/* self: what stages ask of their QGM (qgm.h), without its fields. The QGM's own core. */
#include "qgm/core.h"

#include "qgm/env.h"

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
