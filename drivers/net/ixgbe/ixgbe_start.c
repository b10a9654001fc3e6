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

static void begin(struct port *p, u64 now)
{
	struct ixgbe *e = p->priv;

	for (u32 i = 0; i < PORT_QUEUES; i++)
		e->queue[i].rx.live = e->queue[i].tx.live = false;
	e->lock = (struct ixgbe_lock){ 0 };
	e->again = false;
	masters_off(e);
	walk_enter(&e->walk, IXGBE_QUIESCE, now + QUIESCE_MS * e->ms);
}

static void reset_begin(struct ixgbe *e, u64 now)
{
	u32 v = ixgbe_rd(e, IXGBE_CTRL) | CTRL_RST;

	/* A link that firmware may be using is left alone. */
	if (!(ixgbe_rd(e, IXGBE_LINKS) & LINKS_UP))
		v |= CTRL_LRST;
	ixgbe_wr(e, IXGBE_CTRL, v);
	walk_enter(&e->walk, IXGBE_RESET, now + RESET_MAX_MS * e->ms);
	e->walk.not_before = now + RESET_MIN_MS * e->ms;
}

static void quiesce(struct ixgbe *e, u64 now)
{
	if (!(ixgbe_rd(e, IXGBE_STATUS) & STATUS_MASTER_ENABLE)) {
		reset_begin(e, now);
	} else if (now >= e->walk.deadline) {
		/* Requests are stuck: nothing may leave, and the buffers are emptied. */
		e->again = true;
		ixgbe_wr(e, IXGBE_HLREG0, ixgbe_rd(e, IXGBE_HLREG0) | HLREG0_LPBK);
		ixgbe_wr(e, IXGBE_GCR_EXT, ixgbe_rd(e, IXGBE_GCR_EXT) | GCR_EXT_BUFFERS_CLEAR);
		walk_enter(&e->walk, IXGBE_FLUSH, now + MAX(FLUSH_US * e->ms / 1000, 1ull));
	}
}

static void flush(struct ixgbe *e, u64 now)
{
	if (now < e->walk.deadline)
		return;
	ixgbe_wr(e, IXGBE_GCR_EXT, ixgbe_rd(e, IXGBE_GCR_EXT) & ~(u32)GCR_EXT_BUFFERS_CLEAR);
	ixgbe_wr(e, IXGBE_HLREG0, ixgbe_rd(e, IXGBE_HLREG0) & ~(u32)HLREG0_LPBK);
	reset_begin(e, now);
}

/* 0 the device is reset, -EAGAIN, -ETIMEDOUT. */
static int reset_wait(struct ixgbe *e, u64 now)
{
	if (now < e->walk.not_before)
		return -EAGAIN;
	if (ixgbe_rd(e, IXGBE_CTRL) & (CTRL_RST | CTRL_LRST))
		return now < e->walk.deadline ? -EAGAIN : -ETIMEDOUT;
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
		e->walk.phase = IXGBE_MODULE;
	} else if (now >= e->walk.deadline) {
		return -ETIMEDOUT;
	}
	return -EAGAIN;
}

static int queues_wait(struct ixgbe *e, u64 now)
{
	if (!ixgbe_queues_run(e))
		return now < e->walk.deadline ? -EAGAIN : -ETIMEDOUT;
	if (!ixgbe_fdir_ready(e, now >= e->walk.deadline))
		return -EAGAIN;
	ixgbe_wr(e, IXGBE_SECRXCTRL, ixgbe_rd(e, IXGBE_SECRXCTRL) | SECRXCTRL_RX_DIS);
	walk_enter(&e->walk, IXGBE_RXPATH, now + RXPATH_MS * e->ms);
	return -EAGAIN;
}

/* Opening it while frames arrive hangs the DMA unless the path before it is empty, 4.6.7. */
static int rxpath_wait(struct ixgbe *e, u64 now)
{
	if (!(ixgbe_rd(e, IXGBE_SECRXSTAT) & SECRXSTAT_RDY) && now < e->walk.deadline)
		return -EAGAIN;
	ixgbe_wr(e, IXGBE_RXCTRL, ixgbe_rd(e, IXGBE_RXCTRL) | RXCTRL_RXEN);
	ixgbe_wr(e, IXGBE_SECRXCTRL, ixgbe_rd(e, IXGBE_SECRXCTRL) & ~(u32)SECRXCTRL_RX_DIS);
	for (u32 i = 0; i < e->queues; i++)
		e->queue[i].rx.live = e->queue[i].tx.live = e->on >> i & 1;
	e->walk.phase = WALK_UP;
	ixgbe_link(e, now, true);
	return 0;
}

static int step(struct port *p, u64 now)
{
	struct ixgbe *e = p->priv;
	int err = -EAGAIN;

	switch (e->walk.phase) {
	case IXGBE_QUIESCE:
		quiesce(e, now);
		break;
	case IXGBE_FLUSH:
		flush(e, now);
		break;
	case IXGBE_RESET:
		err = reset_wait(e, now);
		if (err || e->walk.stopping)
			break;
		walk_enter(&e->walk, IXGBE_LOAD, now + LOAD_MS * e->ms);
		err = -EAGAIN;
		break;
	case IXGBE_LOAD:
		err = load_wait(e, now);
		break;
	case IXGBE_MODULE:
		if (ixgbe_sfp_step(e, now) == -EAGAIN)
			break;
		e->row = 0;
		e->walk.phase = IXGBE_TABLES;
		break;
	case IXGBE_TABLES:
		if (!ixgbe_tables(e))
			break;
		ixgbe_setup(e);
		walk_enter(&e->walk, IXGBE_QUEUES, now + QUEUES_MS * e->ms);
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

static bool gone(struct port *p)
{
	return ixgbe_rd(p->priv, IXGBE_STATUS) == IXGBE_REMOVED;
}

/* Nothing was posted yet: the device reaches no buffer. */
static void failed(struct port *p, int err)
{
	struct ixgbe *e = p->priv;

	(void)err;
	ixgbe_unlock(e);
	for (u32 i = 0; i < PORT_QUEUES; i++)
		e->queue[i].rx.live = e->queue[i].tx.live = false;
}

static const struct walk_ops way = {
	.gone = gone,
	.begin = begin,
	.step = step,
	.failed = failed,
	.again = IXGBE_QUIESCE,
};

int ixgbe_start(struct port *p, u64 now)
{
	return walk_start(&((struct ixgbe *)p->priv)->walk, &way, p, now);
}

int ixgbe_stop(struct port *p, u64 now)
{
	return walk_stop(&((struct ixgbe *)p->priv)->walk, &way, p, now);
}
