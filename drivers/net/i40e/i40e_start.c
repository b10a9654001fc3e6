// SPDX-License-Identifier: MIT
/*
 * Bringing an XL710's function up and down, a few register accesses a call (4.1.2 resets, 7.10.3
 * admin queue, 8.3.3.1.2 and 8.4.3.1.2 queue disable):
 *
 *	QUIESCE  transmit queues told that they will be disabled; at least 400 us
 *	DRAIN    all queues disabled; until they say so
 *	SETTLE   until no reset of the whole device is under way
 *	RESET    admin queue closed, PFGEN_CTRL.PFSWR; until it clears itself
 *	LOAD     the NVM's values are there
 *	ADMIN    the commands of i40e_admin.c
 *	QUEUES   host memory cache, queues; until all say that they run: UP
 *
 * stop() walks to the end of RESET; then nothing of the device reaches memory any more and each
 * QGM drains its queue. Every phase has a deadline. Owner QGM; the boot CPU walks to the end of
 * the probe's list.
 */
#include "drivers/net/i40e/i40e.h"

enum {
	QUIESCE_US = 400,
	DRAIN_MS = 50,
	SETTLE_MS = 5000, /* a reset of the whole device may be announced seconds ahead, 4.1.2 */
	RESET_MAX_MS = 200,
	LOAD_MS = 300,
	ADMIN_MS = 900,
	QUEUES_MS = 50,
	STATS_PER_CALL = 8,
};

static void enter(struct i40e *e, enum i40e_phase phase, u64 deadline)
{
	e->phase = phase;
	e->deadline = deadline;
}

static void walk_begin(struct i40e *e, u64 now)
{
	for (u32 i = 0; i < PORT_QUEUES; i++)
		e->queue[i].rx.live = e->queue[i].tx.live = false;
	if (i40e_rd(e, I40E_GLGEN_RSTAT) & RSTAT_DEVSTATE) { /* its queues are off already */
		enter(e, I40E_SETTLE, now + SETTLE_MS * e->ms);
		return;
	}
	i40e_queues_warn(e);
	e->not_before = now + MAX(QUIESCE_US * e->ms / 1000, 1ull);
	enter(e, I40E_QUIESCE, 0);
}

static void reset_begin(struct i40e *e, u64 now)
{
	i40e_aq_close(e); /* a function reset leaves the admin queue as it is */
	i40e_wr(e, I40E_PFGEN_CTRL, i40e_rd(e, I40E_PFGEN_CTRL) | PFGEN_CTRL_PFSWR);
	enter(e, I40E_RESET, now + RESET_MAX_MS * e->ms);
}

/* Queues that do not stop are stopped by the reset. */
static void drain(struct i40e *e, u64 now)
{
	if (i40e_queues_off(e) || now >= e->deadline)
		enter(e, I40E_SETTLE, now + SETTLE_MS * e->ms);
}

static int settle(struct i40e *e, u64 now)
{
	if (i40e_rd(e, I40E_GLGEN_RSTAT) & RSTAT_DEVSTATE)
		return now < e->deadline ? -EAGAIN : -ETIMEDOUT;
	reset_begin(e, now);
	return -EAGAIN;
}

/* 0 the function is reset, -EAGAIN, -ETIMEDOUT. */
static int reset_wait(struct i40e *e, u64 now)
{
	if (!(i40e_rd(e, I40E_PFGEN_CTRL) & PFGEN_CTRL_PFSWR))
		return 0;
	return now < e->deadline ? -EAGAIN : -ETIMEDOUT;
}

static int load_wait(struct i40e *e, u64 now)
{
	const u32 done = ULD_CORE_DONE | ULD_GLOBAL_DONE;

	if ((i40e_rd(e, I40E_GLNVM_ULD) & done) != done)
		return now < e->deadline ? -EAGAIN : -ETIMEDOUT;
	i40e_aq_open(e);
	i40e_admin_begin(e, e->identify);
	if (!e->identify) {
		i40e_setup_count(e);
		if (i40e_hmc_setup(e))
			return -EPROTO;
	}
	enter(e, I40E_ADMIN, now + ADMIN_MS * e->ms);
	return -EAGAIN;
}

/* 0 with the probe's list done. */
static int admin(struct i40e *e, u64 now)
{
	int err = now < e->deadline ? i40e_admin_step(e, now) : -ETIMEDOUT;

	if (err)
		return err == -EIO ? -EPROTO : err;
	if (e->identify)
		return 0;
	if (!e->stats_on) { /* where the counters stand before the first frame of ours */
		i40e_stats_step(e, STATS_PER_CALL);
		return -EAGAIN;
	}
	i40e_setup(e);
	enter(e, I40E_QUEUES, now + QUEUES_MS * e->ms);
	return -EAGAIN;
}

static int queues_wait(struct i40e *e, u64 now)
{
	if (!i40e_queues_run(e))
		return now < e->deadline ? -EAGAIN : -ETIMEDOUT;
	for (u32 i = 0; i < e->queues; i++)
		e->queue[i].rx.live = e->queue[i].tx.live = e->on >> i & 1;
	e->phase = I40E_UP;
	i40e_link(e, &e->link, now, true);
	return 0;
}

/* One step of the way. 0: up, or reset if stopping. -EIO: the device is gone. */
static int walk(struct i40e *e, u64 now)
{
	int err = -EAGAIN;

	if (i40e_rd(e, I40E_GLGEN_RSTAT) == I40E_REMOVED)
		return -EIO;
	switch (e->phase) {
	case I40E_QUIESCE:
		if (now < e->not_before)
			break;
		i40e_queues_disable(e);
		enter(e, I40E_DRAIN, now + DRAIN_MS * e->ms);
		break;
	case I40E_DRAIN:
		drain(e, now);
		break;
	case I40E_SETTLE:
		err = settle(e, now);
		break;
	case I40E_RESET:
		err = reset_wait(e, now);
		if (err || e->stopping)
			break;
		enter(e, I40E_LOAD, now + LOAD_MS * e->ms);
		err = -EAGAIN;
		break;
	case I40E_LOAD:
		err = load_wait(e, now);
		break;
	case I40E_ADMIN:
		err = admin(e, now);
		break;
	default:
		err = queues_wait(e, now);
		break;
	}
	return err;
}

int i40e_identify(struct i40e *e, u64 now)
{
	int err;

	if (e->phase == I40E_DOWN) {
		e->identify = true;
		walk_begin(e, now);
		return -EAGAIN;
	}
	err = walk(e, now);
	if (err == -EAGAIN)
		return err;
	e->identify = false;
	i40e_aq_close(e);
	e->phase = I40E_DOWN;
	return err;
}

/* --- port_ops ------------------------------------------------------------------------------ */

static bool under_way(const struct i40e *e)
{
	return e->phase != I40E_DOWN && e->phase != I40E_UP && e->phase != I40E_GONE;
}

/* Nothing was posted yet: the queues that may run have no buffer (the next walk stops them), and
 * the firmware gets ours no more. */
static void start_failed(struct i40e *e, int err)
{
	if (err != -EIO)
		i40e_aq_close(e);
	e->phase = err == -EIO ? I40E_GONE : I40E_DOWN;
	e->port->link = false;
	for (u32 i = 0; i < PORT_QUEUES; i++)
		e->queue[i].rx.live = e->queue[i].tx.live = false;
}

int i40e_start(struct port *p, u64 now)
{
	struct i40e *e = p->priv;
	int err;

	if (e->phase == I40E_UP)
		return 0;
	if (!under_way(e) || e->stopping) {
		if (i40e_rd(e, I40E_GLGEN_RSTAT) == I40E_REMOVED) {
			e->phase = I40E_GONE;
			return -EIO;
		}
		e->stopping = false;
		walk_begin(e, now);
		return -EAGAIN;
	}
	err = walk(e, now);
	if (err && err != -EAGAIN)
		start_failed(e, err);
	return err;
}

int i40e_stop(struct port *p, u64 now)
{
	struct i40e *e = p->priv;
	int err;

	if (e->phase == I40E_DOWN || e->phase == I40E_GONE)
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
		e->phase = err ? I40E_GONE : I40E_DOWN;
	else
		e->phase = I40E_SETTLE, e->stopping = true, e->deadline = now;
	return err == -EIO ? 0 : err;
}

u32 i40e_drain(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct i40e *e = p->priv;
	struct i40e_queue *q = &e->queue[queue];

	i40e_rx_free(&q->rx, pc);
	return i40e_tx_free(&q->tx, pc);
}
