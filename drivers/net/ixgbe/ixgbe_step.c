// SPDX-License-Identifier: MIT
/*
 * What an 82599 needs every 10 ms: is it there, its link, some statistics registers, causes that
 * say it is broken; and of each queue, whether what it owes comes. A reset is asked of the engine,
 * which has every QGM drain its queue (port_want_reset). Owner QGM; 4 accesses and one more for
 * each queue, and those of the statistics. Figures: within 250 ms.
 */
#include "drivers/net/ixgbe/ixgbe.h"

enum {
	STATS_PER_STEP = 8,
	TX_HANG_MS = 150,
	RX_LATE_MS = 100,
};

/* The NIC has passed a descriptor that it never wrote back. */
static bool rx_is_late(struct ixgbe *e, u32 i, u64 now)
{
	const struct rx_ring *q = &e->queue[i].rx;
	u32 next = load_relaxed(&q->next);
	/* Done: its QGM has not looked yet. */
	bool passed =
		!rx_ring_done(q, next, ADV_RXD_DD) && ixgbe_rdn(e, RDH, i) != (next & RING_MASK);

	return rx_ring_late(&e->watch[i], next, passed, now, RX_LATE_MS * e->ms);
}

/* No pause frame is obeyed, so that nothing but the NIC can hold up what is to be sent. */
static bool queue_fails(struct ixgbe *e, u32 i, u64 now)
{
	struct port *p = e->port;

	if (!(e->on >> i & 1))
		return false;
	if (tx_ring_hangs(&e->watch[i], &e->queue[i].tx, RING_BY_HEAD, p->link, now,
			  TX_HANG_MS * e->ms))
		return true;
	if (!rx_is_late(e, i, now))
		return false;
	counter_add(&p->nic.bad_descriptor, 1);
	return true;
}

/* A module came where there was none: it wants the analogue part set up, which a start does. */
static bool module_came(const struct ixgbe *e)
{
	return e->variant->sfp && !e->port->link && !e->sfp.there && ixgbe_sfp_there(e);
}

static void module_went(struct ixgbe *e)
{
	if (!e->variant->sfp || e->port->link || !e->sfp.there || ixgbe_sfp_there(e))
		return;
	e->sfp.there = e->sfp.known = false;
	port_module_set(e->port, &(struct port_module){ 0 });
}

static bool is_broken(struct ixgbe *e, u64 now)
{
	for (u32 i = 0; i < e->queues; i++)
		if (queue_fails(e, i, now))
			return true;
	/* With OCD a read clears these causes only, not the queues'. */
	if (ixgbe_rd(e, IXGBE_EICR) & EICR_ECC)
		return true;
	return ring_too_many_bad(&e->bad, e->port, e->queues, now, e->ms) || ixgbe_rx_stuck(e) ||
	       module_came(e);
}

void ixgbe_step(struct port *p, u64 now)
{
	struct ixgbe *e = p->priv;

	if (e->walk.phase != WALK_UP)
		return;
	if (ixgbe_rd(e, IXGBE_STATUS) == IXGBE_REMOVED) {
		p->link = false;
		counter_add(&p->nic.link_changes, 1);
		e->walk.phase = WALK_GONE;
		port_want_reset(p); /* which ends with a start that fails */
		return;
	}
	ixgbe_link(e, now, false);
	ixgbe_stats_step(e, STATS_PER_STEP);
	module_went(e);
	if (is_broken(e, now))
		port_want_reset(p);
}
