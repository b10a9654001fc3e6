// SPDX-License-Identifier: MIT
/* ifcount: counters of sub-interfaces (ifcount.h). */
#include "qgm/ifcount.h"

#include "qgm/core.h"
#include "qgm/re/ifset.h"

static __generic struct ifcount before[IFCOUNTS]; /* when the interface was made */

void ifcount_rx(struct qgm *q, struct packet *const *p, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		struct ifcount *c;

		if (p[i]->in_if < IFCOUNT_FIRST)
			continue;
		c = &q->ifcount[p[i]->in_if - IFCOUNT_FIRST];
		counter_add(&c->rx, 1);
		counter_add(&c->rx_bytes, p[i]->len);
	}
}

void ifcount_tx(struct qgm *q, struct packet *const *p, u32 n, bool undo)
{
	for (u32 i = 0; i < n; i++) {
		struct ifcount *c;

		if (p[i]->out_if < IFCOUNT_FIRST)
			continue;
		c = &q->ifcount[p[i]->out_if - IFCOUNT_FIRST];
		counter_add(&c->tx, undo ? ~0ull : 1);
		counter_add(&c->tx_bytes, undo ? -(u64)p[i]->len : p[i]->len);
	}
}

static struct ifcount sum_of(u32 nr)
{
	const struct ctl *ctl = ctl_block();
	struct ifcount s = { 0 };

	for (u32 i = 0; i < ctl->qgm_count; i++) {
		const struct ifcount *c = &ctl->qgm[i].ifcount[nr];

		s.rx += load_relaxed(&c->rx);
		s.rx_bytes += load_relaxed(&c->rx_bytes);
		s.tx += load_relaxed(&c->tx);
		s.tx_bytes += load_relaxed(&c->tx_bytes);
	}
	return s;
}

void ifcount_born(u16 ifid)
{
	if (ifid >= IFCOUNT_FIRST)
		before[ifid - IFCOUNT_FIRST] = sum_of(ifid - IFCOUNT_FIRST);
}

u32 ifcount_list(u32 start, struct pix_if_count *out, u32 max, u32 *total)
{
	u32 n = 0;

	*total = 0;
	for (u16 id = ifset_next(0); id; id = ifset_next(id)) {
		const struct pix_iface *cfg = ifset_get(id);
		struct ifcount s;

		if (cfg->kind != PIX_IF_SUB || cfg->mode == PIX_IF_UNUSED || id < IFCOUNT_FIRST ||
		    (*total)++ < start || n == max)
			continue;
		s = sum_of(id - IFCOUNT_FIRST);
		out[n++] = (struct pix_if_count){
			.ifid = id,
			.rx = s.rx - before[id - IFCOUNT_FIRST].rx,
			.rx_bytes = s.rx_bytes - before[id - IFCOUNT_FIRST].rx_bytes,
			.tx = s.tx - before[id - IFCOUNT_FIRST].tx,
			.tx_bytes = s.tx_bytes - before[id - IFCOUNT_FIRST].tx_bytes,
		};
	}
	return n;
}
