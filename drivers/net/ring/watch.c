// SPDX-License-Identifier: MIT
/* Rings that stand still. Owner QGM. */
#include "drivers/net/ring/watch.h"

enum { BAD_MS = 100, BAD_MAX = 64 /* descriptors that make no sense, in BAD_MS */ };

bool ring_stands(struct ring_sign *s, bool due, u32 at, u64 now, u64 limit)
{
	if (!due || at != s->at || !s->since) {
		s->at = at;
		s->since = due ? now : 0;
		return false;
	}
	return now - s->since > limit;
}

bool tx_ring_hangs(struct ring_watch *w, const struct tx_ring *q, enum ring_report report,
		   bool link, u64 now, u64 limit)
{
	u32 tail = load_relaxed(&q->tail), at;
	bool waits;

	if (report == RING_BY_HEAD) {
		at = load_relaxed(q->head);
		waits = at != (tail & RING_MASK);
	} else {
		at = load_relaxed(&q->clean);
		waits = at != tail;
	}
	if (!link) { /* frames may wait for ever */
		w->tx = (struct ring_sign){ at, waits ? now : 0 };
		return false;
	}
	return ring_stands(&w->tx, waits, at, now, limit);
}

bool ring_too_many_bad(struct bad_watch *w, const struct port *p, u32 queues, u64 now, u64 ms)
{
	u64 bad = 0;

	for (u32 i = 0; i < queues; i++)
		bad += load_relaxed(&p->qnic[i].bad_descriptor);
	if (!w->since || now - w->since > BAD_MS * ms) {
		w->seen = bad;
		w->since = now;
	}
	return bad - w->seen >= BAD_MAX;
}
