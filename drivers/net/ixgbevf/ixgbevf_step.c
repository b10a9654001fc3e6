// SPDX-License-Identifier: MIT
/*
 * What a virtual function needs every 10 ms: is it there, what the host says (it is being reset, or
 * does not know us any more), its link, some statistics; and of each queue, whether what it owes
 * comes. A reset is asked of the engine, which has every QGM drain its queue (port_want_reset).
 * While the host's driver is away, a greeting now and then; once it answers, the port is brought
 * up anew. Owner QGM; 4 accesses and one more for each queue, and those of the statistics.
 */
#include "drivers/net/ixgbevf/ixgbevf.h"

enum {
	STATS_PER_STEP = 2,
	TX_HANG_MS = 150,
	RX_LATE_MS = 100,
	GREET_MS = 250,
};

void ixgbevf_link(struct ixgbevf *v, u64 now, bool fresh)
{
	static const u16 mbps[] = { 0, 100, 1000, 10000 };
	u32 links = ixgbevf_rd(v, IXGBEVF_VFLINKS);

	if (links == IXGBEVF_REMOVED)
		return;
	link_hold_see(&v->link, links & VFLINKS_UP, fresh, now, v->ms);
	link_hold_tell(&v->link, v->port, mbps[links >> VFLINKS_SPEED_SHIFT & VFLINKS_SPEED_MASK],
		       now, v->ms);
}

/* --- the host's driver is away ---------------------------------------------------------------- */

/* One exchange (a reset, which does no harm) at a time. True: it answered. */
static bool greeted(struct ixgbevf *v, u64 now)
{
	int err;

	if (ixgbevf_mail_reset(v)) {
		v->greeting = false;
		v->greet_at = now + GREET_MS * v->ms;
	}
	if (!v->greeting && now >= v->greet_at) {
		v->greeting = true;
		ixgbevf_ask_begin(v, now);
	}
	if (!v->greeting)
		return false;
	err = ixgbevf_mail_step(v, now);
	if (err == -EAGAIN)
		return false;
	v->greeting = false;
	v->greet_at = now + GREET_MS * v->ms;
	return !err && (u8)v->mail.msg[0] == MSG_RESET;
}

/* --- what the queues owe --------------------------------------------------------------------- */

/* The NIC has passed a descriptor that it never wrote back. */
static bool rx_is_late(struct ixgbevf *v, u32 i, u64 now)
{
	const struct rx_ring *q = &v->queue[i].rx;
	u32 next = load_relaxed(&q->next);
	/* Done: its QGM has not looked yet. */
	bool passed = !rx_ring_done(q, next, ADV_RXD_DD) &&
		      ixgbevf_rdn(v, VFRDH, i) != (next & RING_MASK);

	return rx_ring_late(&v->watch[i], next, passed, now, RX_LATE_MS * v->ms);
}

static bool queue_fails(struct ixgbevf *v, u32 i, u64 now)
{
	struct port *p = v->port;

	if (!(v->on >> i & 1))
		return false;
	if (tx_ring_hangs(&v->watch[i], &v->queue[i].tx, RING_BY_HEAD, p->link, now,
			  TX_HANG_MS * v->ms))
		return true;
	if (i >= p->rx_queues || !rx_is_late(v, i, now))
		return false;
	counter_add(&p->nic.bad_descriptor, 1);
	return true;
}

/* The host is being reset, has forgotten us, or does not answer what it is asked. */
static bool host_fails(struct ixgbevf *v, u64 now)
{
	int err;

	if (ixgbevf_mail_reset(v))
		return true;
	if (!v->telling) {
		v->telling = ixgbevf_ask_more(v, now);
		return !v->telling && ixgbevf_mail_lost(v);
	}
	err = ixgbevf_ask_step(v, now);
	if (err == -EAGAIN)
		return v->mail.lost;
	v->telling = false;
	return err;
}

static bool is_broken(struct ixgbevf *v, u64 now)
{
	if (host_fails(v, now))
		return true;
	for (u32 i = 0; i < v->queues; i++)
		if (queue_fails(v, i, now))
			return true;
	return ring_too_many_bad(&v->bad, v->port, v->queues, now, v->ms);
}

void ixgbevf_step(struct port *p, u64 now)
{
	struct ixgbevf *v = p->priv;

	if (v->walk.phase != WALK_UP)
		return;
	if (ixgbevf_rd(v, IXGBEVF_VFSTATUS) == IXGBEVF_REMOVED) {
		if (p->link)
			counter_add(&p->nic.link_changes, 1);
		p->link = false;
		v->walk.phase = WALK_GONE;
		port_want_reset(p); /* which ends with a start that fails */
		return;
	}
	if (v->parked) {
		if (greeted(v, now))
			port_want_reset(p);
		return;
	}
	ixgbevf_link(v, now, false);
	ixgbevf_stats_step(v, STATS_PER_STEP);
	if (is_broken(v, now))
		port_want_reset(p);
}
