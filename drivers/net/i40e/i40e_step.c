// SPDX-License-Identifier: MIT
/*
 * What an XL710 needs every 10 ms: is it there, a reset of the whole device, causes that say it is
 * broken, a malicious-driver event (7.3.5), events and answers of the firmware, some statistics
 * registers; and of each queue, whether what it owes comes. A reset is asked of the engine,
 * which has every QGM drain its queue (port_want_reset). Owner QGM; 4 accesses and those of the
 * statistics. Figures: within 250 ms.
 */
#include "drivers/net/i40e/i40e.h"

enum {
	STATS_PER_STEP = 4,
	EVENTS_PER_STEP = 4,
	ASK_LINK_MS = 50,
	TX_HANG_MS = 150,
	RX_LATE_MS = 100,
};

/* --- what the queues owe --------------------------------------------------------------------- */

/* One behind it is done, this one is not: it was never written back. */
static bool rx_is_late(struct i40e *e, u32 i, u64 now)
{
	const struct rx_ring *q = &e->queue[i].rx;
	u32 next = load_relaxed(&q->next), given = load_relaxed(&q->fill) - next;
	bool passed = false;

	for (u32 k = 1; k <= I40E_RX_LOOKAHEAD && k < given; k++)
		passed |= rx_ring_done(q, next + k, RXD_DD);
	passed &= !rx_ring_done(q, next, RXD_DD);
	return rx_ring_late(&e->watch[i], next, passed, now, RX_LATE_MS * e->ms);
}

static bool queue_fails(struct i40e *e, u32 i, u64 now)
{
	if (!(e->on >> i & 1))
		return false;
	if (tx_ring_hangs(&e->watch[i], &e->queue[i].tx, RING_BY_MARK, e->port->link, now,
			  TX_HANG_MS * e->ms))
		return true;
	if (!rx_is_late(e, i, now))
		return false;
	counter_add(&e->port->nic.bad_descriptor, 1);
	return true;
}

/* --- what the device says -------------------------------------------------------------------- */

/* The NIC stopped a queue of ours: say that we saw it, and begin anew. */
static void malicious(struct i40e *e)
{
	i40e_wr(e, I40E_GL_MDET_TX, MDET_CLEAR);
	i40e_wr(e, I40E_GL_MDET_RX, MDET_CLEAR);
	i40e_wr(e, I40E_PF_MDET_TX, PF_MDET_CLEAR);
	i40e_wr(e, I40E_PF_MDET_RX, PF_MDET_CLEAR);
	counter_add(&e->port->nic.bad_descriptor, 1);
}

static bool device_cries(struct i40e *e, u32 rstat)
{
	u32 causes = i40e_rd(e, I40E_PFINT_ICR0);

	if (causes & ICR0_MAL_DETECT || (i40e_rd(e, I40E_PF_MDET_TX) & 1) ||
	    (i40e_rd(e, I40E_PF_MDET_RX) & 1)) {
		malicious(e);
		return true;
	}
	if (causes & ICR0_HMC_ERR)
		i40e_wr(e, I40E_PFHMC_ERRORINFO, 0);
	return rstat & RSTAT_DEVSTATE ||
	       causes & (ICR0_ECC_ERR | ICR0_GRST | ICR0_PCI_EXCEPTION | ICR0_HMC_ERR);
}

static bool is_broken(struct i40e *e, u32 rstat, u64 now)
{
	for (u32 i = 0; i < e->queues; i++)
		if (queue_fails(e, i, now))
			return true;
	return device_cries(e, rstat) || ring_too_many_bad(&e->bad, e->port, e->queues, now, e->ms);
}

/* --- the firmware ---------------------------------------------------------------------------- */

static void take_link(struct i40e *e, const struct i40e_aq_desc *d, u64 now)
{
	struct i40e_aq_link l;

	__builtin_memcpy(&l, d->param, sizeof(l));
	i40e_link(e, &l, now, false);
}

/* False: it does not answer. */
static bool answers(struct i40e *e, u64 now)
{
	struct i40e_aq_desc d;
	int err;

	if (!i40e_aq_busy(e))
		return true;
	err = i40e_aq_answer(e, &d, now);
	if (err == -EAGAIN)
		return true;
	if (err)
		return false;
	if (e->asking == I40E_ASK_MODULE)
		i40e_module_answer(e, &d);
	else if (e->asking == I40E_ASK_FDIR)
		i40e_fdir_answer(e, &d);
	else if (!d.retval)
		take_link(e, &d, now);
	return true;
}

static void ask(struct i40e *e, u64 now)
{
	struct i40e_aq_desc d;

	if (i40e_aq_busy(e))
		return;
	if (now >= e->ask_link) {
		e->ask_link = now + ASK_LINK_MS * e->ms;
		e->asking = I40E_ASK_LINK;
		d = (struct i40e_aq_desc){ .opcode = AQ_GET_LINK_STATUS };
		d.param[0] = LSE_ENABLE;
		i40e_aq_send(e, &d, 0, now);
	} else if (i40e_fdir_ask(e, &d)) {
		e->asking = I40E_ASK_FDIR;
		i40e_aq_send(e, &d, 0, now);
	} else if (i40e_module_ask(e, &d)) {
		e->asking = I40E_ASK_MODULE;
		i40e_aq_send(e, &d, 0, now);
	}
}

static bool firmware(struct i40e *e, u64 now)
{
	struct i40e_aq_desc d;

	for (u32 i = 0; i < EVENTS_PER_STEP && i40e_aq_event(e, &d); i++)
		if (d.opcode == AQ_GET_LINK_STATUS)
			take_link(e, &d, now);
	if (!answers(e, now))
		return false;
	ask(e, now);
	return true;
}

void i40e_step(struct port *p, u64 now)
{
	struct i40e *e = p->priv;
	u32 rstat;

	if (e->walk.phase != WALK_UP)
		return;
	rstat = i40e_rd(e, I40E_GLGEN_RSTAT);
	if (rstat == I40E_REMOVED) {
		p->link = false;
		counter_add(&p->nic.link_changes, 1);
		e->walk.phase = WALK_GONE;
		port_want_reset(p); /* which ends with a start that fails */
		return;
	}
	i40e_stats_step(e, STATS_PER_STEP);
	i40e_link_step(e, now);
	if (is_broken(e, rstat, now) || !firmware(e, now))
		port_want_reset(p);
}
