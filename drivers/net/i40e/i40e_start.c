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

/* The whole device is in reset, or our function is, from an earlier walk: registers of ours are not
 * to be written (4.1.2). */
static bool in_reset(const struct i40e *e)
{
	return i40e_rd(e, I40E_GLGEN_RSTAT) & RSTAT_DEVSTATE ||
	       i40e_rd(e, I40E_PFGEN_CTRL) & PFGEN_CTRL_PFSWR;
}

static void begin(struct port *p, u64 now)
{
	struct i40e *e = p->priv;

	for (u32 i = 0; i < PORT_QUEUES; i++)
		e->queue[i].rx.live = e->queue[i].tx.live = false;
	if (in_reset(e)) { /* its queues are off already */
		walk_enter(&e->walk, I40E_SETTLE, now + SETTLE_MS * e->ms);
		return;
	}
	i40e_queues_warn(e);
	e->walk.not_before = now + MAX(QUIESCE_US * e->ms / 1000, 1ull);
	walk_enter(&e->walk, I40E_QUIESCE, 0);
}

static void reset_begin(struct i40e *e, u64 now)
{
	i40e_aq_close(e); /* a function reset leaves the admin queue as it is */
	i40e_wr(e, I40E_PFGEN_CTRL, i40e_rd(e, I40E_PFGEN_CTRL) | PFGEN_CTRL_PFSWR);
	walk_enter(&e->walk, I40E_RESET, now + RESET_MAX_MS * e->ms);
}

/* Queues that do not stop are stopped by the reset. */
static void drain(struct i40e *e, u64 now)
{
	if (i40e_queues_off(e) || now >= e->walk.deadline)
		walk_enter(&e->walk, I40E_SETTLE, now + SETTLE_MS * e->ms);
}

static int settle(struct i40e *e, u64 now)
{
	if (in_reset(e))
		return now < e->walk.deadline ? -EAGAIN : -ETIMEDOUT;
	reset_begin(e, now);
	return -EAGAIN;
}

/* 0 the function is reset, -EAGAIN, -ETIMEDOUT. */
static int reset_wait(struct i40e *e, u64 now)
{
	if (!(i40e_rd(e, I40E_PFGEN_CTRL) & PFGEN_CTRL_PFSWR))
		return 0;
	return now < e->walk.deadline ? -EAGAIN : -ETIMEDOUT;
}

static int load_wait(struct i40e *e, u64 now)
{
	const u32 done = ULD_CORE_DONE | ULD_GLOBAL_DONE;

	if ((i40e_rd(e, I40E_GLNVM_ULD) & done) != done)
		return now < e->walk.deadline ? -EAGAIN : -ETIMEDOUT;
	i40e_aq_open(e);
	i40e_admin_begin(e, e->identify);
	if (!e->identify) {
		i40e_setup_count(e);
		if (i40e_hmc_setup(e))
			return -EPROTO;
	}
	walk_enter(&e->walk, I40E_ADMIN, now + ADMIN_MS * e->ms);
	return -EAGAIN;
}

/* 0 with the probe's list done. */
static int admin(struct i40e *e, u64 now)
{
	int err = now < e->walk.deadline ? i40e_admin_step(e, now) : -ETIMEDOUT;

	if (err)
		return err == -EIO ? -EPROTO : err;
	if (e->identify)
		return 0;
	if (!e->stats_on) { /* where the counters stand before the first frame of ours */
		i40e_stats_step(e, STATS_PER_CALL);
		return -EAGAIN;
	}
	i40e_setup(e);
	walk_enter(&e->walk, I40E_QUEUES, now + QUEUES_MS * e->ms);
	return -EAGAIN;
}

static int queues_wait(struct i40e *e, u64 now)
{
	if (!i40e_queues_run(e) || (e->fdir.on && !i40e_fdir_ready(e)))
		return now < e->walk.deadline ? -EAGAIN : -ETIMEDOUT;
	if (e->fdir.on)
		i40e_fdir_run(e);
	for (u32 i = 0; i < e->queues; i++)
		e->queue[i].rx.live = e->queue[i].tx.live = e->on >> i & 1;
	e->walk.phase = WALK_UP;
	i40e_link(e, &e->link, now, true);
	return 0;
}

static int step(struct port *p, u64 now)
{
	struct i40e *e = p->priv;
	int err = -EAGAIN;

	switch (e->walk.phase) {
	case I40E_QUIESCE:
		if (now < e->walk.not_before)
			break;
		i40e_queues_disable(e);
		walk_enter(&e->walk, I40E_DRAIN, now + DRAIN_MS * e->ms);
		break;
	case I40E_DRAIN:
		drain(e, now);
		break;
	case I40E_SETTLE:
		err = settle(e, now);
		break;
	case I40E_RESET:
		err = reset_wait(e, now);
		if (err || e->walk.stopping)
			break;
		walk_enter(&e->walk, I40E_LOAD, now + LOAD_MS * e->ms);
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

static bool gone(struct port *p)
{
	return i40e_rd(p->priv, I40E_GLGEN_RSTAT) == I40E_REMOVED;
}

int i40e_identify(struct i40e *e, u64 now)
{
	int err;

	if (e->walk.phase == WALK_DOWN) {
		e->identify = true;
		begin(e->port, now);
		return -EAGAIN;
	}
	err = gone(e->port) ? -EIO : step(e->port, now);
	if (err == -EAGAIN)
		return err;
	e->identify = false;
	if (!in_reset(e))
		i40e_aq_close(e);
	e->walk.phase = WALK_DOWN;
	return err;
}

/* --- port_ops ------------------------------------------------------------------------------ */

/* Nothing was posted yet: the queues that may run have no buffer (the next walk stops them), and
 * the firmware gets ours no more. */
static void failed(struct port *p, int err)
{
	struct i40e *e = p->priv;

	if (err != -EIO && !in_reset(e))
		i40e_aq_close(e);
	e->aq.on = false;
	for (u32 i = 0; i < PORT_QUEUES; i++)
		e->queue[i].rx.live = e->queue[i].tx.live = false;
}

static const struct walk_ops way = {
	.gone = gone,
	.begin = begin,
	.step = step,
	.failed = failed,
	.again = I40E_SETTLE,
};

int i40e_start(struct port *p, u64 now)
{
	return walk_start(&((struct i40e *)p->priv)->walk, &way, p, now);
}

int i40e_stop(struct port *p, u64 now)
{
	return walk_stop(&((struct i40e *)p->priv)->walk, &way, p, now);
}
