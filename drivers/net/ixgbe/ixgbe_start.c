// SPDX-License-Identifier: MIT
/*
 * Bringing an 82599 up and down, a few register accesses a call (4.6.3 initialization sequence,
 * 4.2.1.6.1 software reset, 5.2.5.3.2 master disable):
 *
 *	QUIESCE  receive path and queues off, master disable; until no request is under way
 *	FLUSH    if that never happens: transmit data flushed, and a second reset
 *	RESET    CTRL.RST, and the link's too if there is none; at least 10 ms
 *	LOAD     EEPROM's values are there, DMA memories are initialized
 *	MODULE   what is in the cage, analogue part
 *	TABLES   some rows of its filters a call
 *	QUEUES   set-up; until all queues say that they run
 *	RXPATH   until the receive path is empty, then it is opened: UP
 *
 * stop() walks to the end of RESET; then nothing of the device reaches memory any more and each
 * QGM drains its queue. Every phase has a deadline. Owner QGM.
 */
#include "drivers/net/ixgbe/ixgbe.h"

enum {
	QUIESCE_MS = 100,
	FLUSH_US = 20,
	RESET_MIN_MS = 10,
	RESET_MAX_MS = 200,
	LOAD_MS = 200,
	QUEUES_MS = 50,
	RXPATH_MS = 50,
};

static void enter(struct ixgbe *e, enum ixgbe_phase phase, u64 deadline)
{
	e->phase = phase;
	e->deadline = deadline;
}

/* --- down ---------------------------------------------------------------------------------- */

static void masters_off(struct ixgbe *e)
{
	ixgbe_wr(e, IXGBE_EIMC, EIMC_ALL);
	ixgbe_wr(e, IXGBE_RXCTRL, ixgbe_rd(e, IXGBE_RXCTRL) & ~(u32)RXCTRL_RXEN);
	for (u32 i = 0; i < e->queues; i++) {
		ixgbe_wrn(e, RXDCTL, i, ixgbe_rdn(e, RXDCTL, i) & ~(u32)RXDCTL_ENABLE);
		ixgbe_wrn(e, TXDCTL, i, ixgbe_rdn(e, TXDCTL, i) & ~(u32)TXDCTL_ENABLE);
	}
	ixgbe_wr(e, IXGBE_CTRL, ixgbe_rd(e, IXGBE_CTRL) | CTRL_MASTER_DISABLE);
}

static void walk_begin(struct ixgbe *e, u64 now)
{
	for (u32 i = 0; i < PORT_QUEUES; i++)
		e->queue[i].rx.live = e->queue[i].tx.live = false;
	e->lock = (struct ixgbe_lock){ 0 };
	e->again = false;
	masters_off(e);
	enter(e, IXGBE_QUIESCE, now + QUIESCE_MS * e->ms);
}

static void reset_begin(struct ixgbe *e, u64 now)
{
	u32 v = ixgbe_rd(e, IXGBE_CTRL) | CTRL_RST;

	/* A link that firmware may be using is left alone. */
	if (!(ixgbe_rd(e, IXGBE_LINKS) & LINKS_UP))
		v |= CTRL_LRST;
	ixgbe_wr(e, IXGBE_CTRL, v);
	enter(e, IXGBE_RESET, now + RESET_MAX_MS * e->ms);
	e->not_before = now + RESET_MIN_MS * e->ms;
}

static void quiesce(struct ixgbe *e, u64 now)
{
	if (!(ixgbe_rd(e, IXGBE_STATUS) & STATUS_MASTER_ENABLE)) {
		reset_begin(e, now);
	} else if (now >= e->deadline) {
		/* Requests are stuck: nothing may leave, and the buffers are emptied. */
		e->again = true;
		ixgbe_wr(e, IXGBE_HLREG0, ixgbe_rd(e, IXGBE_HLREG0) | HLREG0_LPBK);
		ixgbe_wr(e, IXGBE_GCR_EXT, ixgbe_rd(e, IXGBE_GCR_EXT) | GCR_EXT_BUFFERS_CLEAR);
		enter(e, IXGBE_FLUSH, now + MAX(FLUSH_US * e->ms / 1000, 1ull));
	}
}

static void flush(struct ixgbe *e, u64 now)
{
	if (now < e->deadline)
		return;
	ixgbe_wr(e, IXGBE_GCR_EXT, ixgbe_rd(e, IXGBE_GCR_EXT) & ~(u32)GCR_EXT_BUFFERS_CLEAR);
	ixgbe_wr(e, IXGBE_HLREG0, ixgbe_rd(e, IXGBE_HLREG0) & ~(u32)HLREG0_LPBK);
	reset_begin(e, now);
}

/* 0 the device is reset, -EAGAIN, -ETIMEDOUT. */
static int reset_wait(struct ixgbe *e, u64 now)
{
	if (now < e->not_before)
		return -EAGAIN;
	if (ixgbe_rd(e, IXGBE_CTRL) & (CTRL_RST | CTRL_LRST))
		return now < e->deadline ? -EAGAIN : -ETIMEDOUT;
	if (e->again) {
		e->again = false;
		reset_begin(e, now);
		return -EAGAIN;
	}
	ixgbe_wr(e, IXGBE_EIMC, EIMC_ALL); /* again, 4.6.3.1 */
	return 0;
}

/* --- up ------------------------------------------------------------------------------------ */

static int load_wait(struct ixgbe *e, u64 now)
{
	if (ixgbe_rd(e, IXGBE_EEC) & EEC_AUTO_RD && ixgbe_rd(e, IXGBE_RDRXCTL) & RDRXCTL_DMAIDONE) {
		ixgbe_sfp_begin(e, now);
		e->phase = IXGBE_MODULE;
	} else if (now >= e->deadline) {
		return -ETIMEDOUT;
	}
	return -EAGAIN;
}

static int queues_wait(struct ixgbe *e, u64 now)
{
	if (!ixgbe_queues_run(e))
		return now < e->deadline ? -EAGAIN : -ETIMEDOUT;
	ixgbe_wr(e, IXGBE_SECRXCTRL, ixgbe_rd(e, IXGBE_SECRXCTRL) | SECRXCTRL_RX_DIS);
	enter(e, IXGBE_RXPATH, now + RXPATH_MS * e->ms);
	return -EAGAIN;
}

/* Opening it while frames arrive hangs the DMA unless the path before it is empty, 4.6.7. */
static int rxpath_wait(struct ixgbe *e, u64 now)
{
	if (!(ixgbe_rd(e, IXGBE_SECRXSTAT) & SECRXSTAT_RDY) && now < e->deadline)
		return -EAGAIN;
	ixgbe_wr(e, IXGBE_RXCTRL, ixgbe_rd(e, IXGBE_RXCTRL) | RXCTRL_RXEN);
	ixgbe_wr(e, IXGBE_SECRXCTRL, ixgbe_rd(e, IXGBE_SECRXCTRL) & ~(u32)SECRXCTRL_RX_DIS);
	for (u32 i = 0; i < e->queues; i++)
		e->queue[i].rx.live = e->queue[i].tx.live = e->on >> i & 1;
	e->phase = IXGBE_UP;
	ixgbe_link(e, now, true);
	return 0;
}

/* One step of the way. 0: up, or reset if stopping. */
static int walk(struct ixgbe *e, u64 now)
{
	int err = -EAGAIN;

	if (ixgbe_rd(e, IXGBE_STATUS) == IXGBE_REMOVED)
		return -EIO;
	switch (e->phase) {
	case IXGBE_QUIESCE:
		quiesce(e, now);
		break;
	case IXGBE_FLUSH:
		flush(e, now);
		break;
	case IXGBE_RESET:
		err = reset_wait(e, now);
		if (err || e->stopping)
			break;
		enter(e, IXGBE_LOAD, now + LOAD_MS * e->ms);
		err = -EAGAIN;
		break;
	case IXGBE_LOAD:
		err = load_wait(e, now);
		break;
	case IXGBE_MODULE:
		if (ixgbe_sfp_step(e, now) == -EAGAIN)
			break;
		e->row = 0;
		e->phase = IXGBE_TABLES;
		break;
	case IXGBE_TABLES:
		if (!ixgbe_tables(e))
			break;
		ixgbe_setup(e);
		enter(e, IXGBE_QUEUES, now + QUEUES_MS * e->ms);
		break;
	case IXGBE_QUEUES:
		err = queues_wait(e, now);
		break;
	default:
		err = rxpath_wait(e, now);
		break;
	}
	return err;
}

/* --- port_ops ------------------------------------------------------------------------------ */

static bool under_way(const struct ixgbe *e)
{
	return e->phase != IXGBE_DOWN && e->phase != IXGBE_UP && e->phase != IXGBE_GONE;
}

int ixgbe_start(struct port *p, u64 now)
{
	struct ixgbe *e = p->priv;
	int err;

	if (e->phase == IXGBE_UP)
		return 0;
	if (!under_way(e) || e->stopping) {
		if (ixgbe_rd(e, IXGBE_STATUS) == IXGBE_REMOVED) {
			e->phase = IXGBE_GONE;
			return -EIO;
		}
		e->stopping = false;
		walk_begin(e, now);
		return -EAGAIN;
	}
	err = walk(e, now);
	if (err && err != -EAGAIN) { /* nothing was posted yet: the device reaches no buffer */
		ixgbe_unlock(e);
		e->phase = err == -EIO ? IXGBE_GONE : IXGBE_DOWN;
		p->link = false;
		for (u32 i = 0; i < PORT_QUEUES; i++)
			e->queue[i].rx.live = e->queue[i].tx.live = false;
	}
	return err;
}

int ixgbe_stop(struct port *p, u64 now)
{
	struct ixgbe *e = p->priv;
	int err;

	if (e->phase == IXGBE_DOWN || e->phase == IXGBE_GONE)
		return 0;
	if (!e->stopping) {
		e->stopping = true;
		walk_begin(e, now);
		return -EAGAIN;
	}
	err = walk(e, now);
	if (err == -EAGAIN)
		return err;
	/* A device that is gone reaches no buffer. One that does not reset may: they stay. */
	p->link = false;
	e->stopping = false;
	if (!err || err == -EIO)
		e->phase = err ? IXGBE_GONE : IXGBE_DOWN;
	else
		e->phase = IXGBE_QUIESCE, e->stopping = true, e->deadline = now;
	return err == -EIO ? 0 : err;
}

u32 ixgbe_drain(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct ixgbe *e = p->priv;
	struct ixgbe_queue *q = &e->queue[queue];

	ixgbe_rx_free(&q->rx, pc);
	return ixgbe_tx_free(&q->tx, pc);
}
