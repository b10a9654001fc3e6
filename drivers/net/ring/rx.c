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
