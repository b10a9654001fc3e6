// SPDX-License-Identifier: MIT
/*
 * What an e1000 needs every 10 ms: link, two statistics registers, and a look at whether the
 * NIC still sends and still is there. At most three register accesses a call.
 * Owner QGM.
 */
#include "drivers/net/e1000/e1000.h"

enum { STATS_PER_STEP = 2, TX_HANG_MS = 2000 };

static const struct {
	enum e1000_reg reg;
	size_t counter; /* offset in struct port_nic_counters */
} statistics[] = {
#define X(name, field) { E1000_##name, offsetof(struct port_nic_counters, field) },
	E1000_STATISTICS(X)
#undef X
};

void e1000_fail(struct e1000 *e, bool removed)
{
	struct port *p = e->port;

	if (p->link)
		counter_add(&p->nic.link_changes, 1);
	if (removed)
		e1000_release(e);
	e->rctl = 0;
	e->phase = E1000_DEAD;
	e->resetting = false;
	p->link = false;
	p->state = PORT_FAILED;
}

void e1000_link(struct port *p, u32 status)
{
	static const u16 mbps[] = { 10, 100, 1000, 1000 };
	bool up = status & STATUS_LU;

	p->speed_mbps = up ? mbps[status >> STATUS_SPEED_SHIFT & STATUS_SPEED_MASK] : 0;
	p->full_duplex = status & STATUS_FD;
	if (up != p->link) {
		p->link = up;
		counter_add(&p->nic.link_changes, 1);
	}
}

/* Reading clears: each value is added once. */
static void step_statistics(struct e1000 *e)
{
	for (u32 i = 0; i < STATS_PER_STEP; i++) {
		u32 k = e->stat_next++ % ARRAY_SIZE(statistics);
		u32 v = e1000_rd(e, statistics[k].reg);

		if (v && v != E1000_REMOVED)
			counter_add((u64 *)((u8 *)&e->port->nic + statistics[k].counter), v);
	}
}

/* Frames wait although there is link, and none has left for two seconds. */
static bool tx_hangs(struct e1000 *e, u64 now)
{
	const struct e1000_tx *q = &e->tx;

	if (q->clean == q->tail || !e->port->link || q->clean != e->hang_clean || !e->hang_since) {
		e->hang_clean = q->clean;
		e->hang_since = q->clean == q->tail ? 0 : now;
		return false;
	}
	return now - e->hang_since > TX_HANG_MS * e->ms;
}

void e1000_step(struct port *p, u64 now)
{
	struct e1000 *e = p->priv;
	u32 status;

	if (e->resetting) {
		e1000_reset_step(e, now);
		return;
	}
	if (e->phase != E1000_UP)
		return;
	status = e1000_rd(e, E1000_STATUS);
	if (status == E1000_REMOVED) {
		e1000_fail(e, true);
		return;
	}
	e1000_link(p, status);
	step_statistics(e);
	if (e->pc)
		e1000_reclaim(p, 0, e->pc);
	if (tx_hangs(e, now)) {
		p->link = false;
		counter_add(&p->nic.link_changes, 1);
		e1000_reset_begin(e, now);
	}
}
