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
	BAD_MS = 100,
	BAD_MAX = 64, /* descriptors that make no sense, in BAD_MS */
};

/* Frames wait although there is link, and the head in memory does not move. No pause frame is
 * obeyed, so that nothing but the NIC can hold them up. */
static bool tx_hangs(struct ixgbe *e, u32 i, u64 now)
{
	const struct ixgbe_tx *q = &e->queue[i].tx;
	struct ixgbe_watch *w = &e->watch[i];
	u32 head = load_relaxed(q->head), tail = load_relaxed(&q->tail) & (IXGBE_TX_RING - 1);

	if (head == tail || !e->port->link || head != w->tx_head || !w->tx_since) {
		w->tx_head = head;
		w->tx_since = head == tail ? 0 : now;
		return false;
	}
	return now - w->tx_since > TX_HANG_MS * e->ms;
}

/* The NIC has passed a descriptor that it never wrote back: nothing behind it can be received. */
static bool rx_is_late(struct ixgbe *e, u32 i, u64 now)
{
	const struct ixgbe_rx *q = &e->queue[i].rx;
	struct ixgbe_watch *w = &e->watch[i];
	u32 next = load_relaxed(&q->next), head;

	if (ixgbe_rx_done(q, next)) { /* its QGM has not looked yet */
		w->rx_since = 0;
		return false;
	}
	head = ixgbe_rdn(e, RDH, i);
	if (head == (next & (IXGBE_RX_RING - 1)) || next != w->rx_next || !w->rx_since) {
		w->rx_next = next;
		w->rx_since = head == (next & (IXGBE_RX_RING - 1)) ? 0 : now;
		return false;
	}
	return now - w->rx_since > RX_LATE_MS * e->ms;
}

static bool queue_fails(struct ixgbe *e, u32 i, u64 now)
{
	struct port *p = e->port;

	if (!(e->on >> i & 1))
		return false;
	if (tx_hangs(e, i, now))
		return true;
	if (!rx_is_late(e, i, now))
		return false;
	counter_add(&p->nic.bad_descriptor, 1);
	return true;
}

/* More descriptors than chance makes are wrong. */
static bool too_many_bad(struct ixgbe *e, u64 now)
{
	u64 bad = 0;

	for (u32 i = 0; i < e->queues; i++)
		bad += load_relaxed(&e->port->qnic[i].bad_descriptor);
	if (!e->bad_since || now - e->bad_since > BAD_MS * e->ms) {
		e->bad_seen = bad;
		e->bad_since = now;
	}
	return bad - e->bad_seen >= BAD_MAX;
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
	return too_many_bad(e, now) || ixgbe_rx_stuck(e) || module_came(e);
}

void ixgbe_step(struct port *p, u64 now)
{
	struct ixgbe *e = p->priv;

	if (e->phase != IXGBE_UP)
		return;
	if (ixgbe_rd(e, IXGBE_STATUS) == IXGBE_REMOVED) {
		p->link = false;
		counter_add(&p->nic.link_changes, 1);
		e->phase = IXGBE_GONE;
		port_want_reset(p); /* which ends with a start that fails */
		return;
	}
	ixgbe_link(e, now, false);
	ixgbe_stats_step(e, STATS_PER_STEP);
	module_went(e);
	if (is_broken(e, now))
		port_want_reset(p);
}
