// SPDX-License-Identifier: MIT
/* Frames that a receive ring does not see every time. The queue's QGM. */
#include "drivers/net/ring/rx.h"

void rx_ring_count_bad(struct rx_ring *q, const struct rx_format *f, struct port_queue_counters *c,
		       u64 word)
{
	bool was_skipping = q->skip;
	u32 len = (u32)(word >> f->len_shift) & f->len_mask;

	q->skip = !(word & f->last);
	if (was_skipping)
		return;
	if (f->any_length && (q->skip || len > q->room))
		counter_add(&c->rx_errors, 1);
	else if (!q->skip && word & f->errors)
		counter_add(&c->rx_errors, 1);
	else
		counter_add(&c->bad_descriptor, 1);
}

u32 rx_ring_collect_others(struct rx_ring *q, const struct rx_format *f,
			   struct port_queue_counters *c, struct pool_cache *pc,
			   struct packet **pkts, u32 max, u32 *bad)
{
	u32 begin = q->next, n = 0;

	*bad = 0;
	for (u32 at = begin; n + *bad < max && at != q->fill; at++) {
		struct packet *pkt = q->slot[at & RING_MASK], *one;
		u8 pool = pkt->pool;
		u32 broken;

		if (rx_ring_collect(q, f, c, &one, 1, &broken)) {
			u32 len = one->len;

			one->pool = pool;
			pool_arrive(pc, one, len);
			pkts[n++] = one;
		} else if (broken) {
			pkts[max - ++*bad] = one;
		} else {
			break;
		}
	}
	q->others = (u16)(q->others - MIN((u32)q->others, q->next - begin));
	return n;
}
