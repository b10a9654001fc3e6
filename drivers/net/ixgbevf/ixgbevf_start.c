// SPDX-License-Identifier: MIT
/*
 * Bringing a virtual function up and down, a few register accesses a call (4.2.2.3 software reset
 * of a function):
 *
 *	OFF     interrupts and queues off; until the queues say so
 *	RESET   VFCTRL.RST; at least 10 ms, and as long as the host's function is being reset
 *	ASK     the questions of ixgbevf_ask.c
 *	QUEUES  set-up; until all queues say that they run: UP
 *
 * stop() walks to the end of RESET; then nothing of the function reaches memory any more and each
 * QGM drains its queue. Every phase has a deadline. A host that is being reset or does not answer
 *is no failure: the port is parked, running without link (ixgbevf_step.c). Owner QGM; the boot CPU
 * walks to the end of ASK.
 */
#include "drivers/net/ixgbevf/ixgbevf.h"

enum {
	OFF_MS = 100,
	RESET_MIN_MS = 10,
	RESET_MAX_MS = 500,
	QUEUES_MS = 50,
};

static void begin(struct port *p, u64 now)
{
	struct ixgbevf *v = p->priv;

	for (u32 i = 0; i < PORT_QUEUES; i++)
		v->queue[i].rx.live = v->queue[i].tx.live = false;
	v->parked = v->telling = false;
	ixgbevf_queues_disable(v);
	walk_enter(&v->walk, IXGBEVF_OFF, now + OFF_MS * v->ms);
}

/* Queues that do not stop are stopped by the reset. */
static int off_wait(struct ixgbevf *v, u64 now)
{
	if (!ixgbevf_queues_off(v) && now < v->walk.deadline)
		return -EAGAIN;
	ixgbevf_wr(v, IXGBEVF_VFCTRL, ixgbevf_rd(v, IXGBEVF_VFCTRL) | VFCTRL_RST);
	walk_enter(&v->walk, IXGBEVF_RESET, now + RESET_MAX_MS * v->ms);
	v->walk.not_before = now + RESET_MIN_MS * v->ms;
	return -EAGAIN;
}

static int park(struct ixgbevf *v)
{
	v->parked = true;
	v->greeting = false;
	v->greet_at = 0;
	v->walk.phase = WALK_UP;
	return 0;
}

static int reset_wait(struct ixgbevf *v, u64 now)
{
	if (now < v->walk.not_before)
		return -EAGAIN;
	if (!ixgbevf_queues_off(v))
		return now < v->walk.deadline ? -EAGAIN : -ETIMEDOUT;
	if (v->walk.stopping)
		return 0;
	if (ixgbevf_mail_reset(v))
		return now < v->walk.deadline ? -EAGAIN : park(v);
	ixgbevf_ask_begin(v, now);
	walk_enter(&v->walk, IXGBEVF_ASK, 0);
	return -EAGAIN;
}

/* More queues than are granted cannot be used: the host was set up otherwise meanwhile. */
static int asked(struct ixgbevf *v, u64 now)
{
	const struct port *p = v->port;

	if (p->rx_queues > v->grant.rx_queues || p->tx_queues > v->grant.tx_queues)
		return -ENOSPC;
	ixgbevf_setup(v);
	walk_enter(&v->walk, IXGBEVF_QUEUES, now + QUEUES_MS * v->ms);
	return -EAGAIN;
}

static int ask(struct ixgbevf *v, u64 now)
{
	int err = ixgbevf_ask_step(v, now);

	if (err == -ETIMEDOUT || err == -EPROTO)
		return park(v);
	return err ? err : asked(v, now);
}

static int queues_wait(struct ixgbevf *v, u64 now)
{
	if (!ixgbevf_queues_run(v))
		return now < v->walk.deadline ? -EAGAIN : park(v);
	for (u32 i = 0; i < v->queues; i++)
		v->queue[i].rx.live = v->queue[i].tx.live = v->on >> i & 1;
	v->walk.phase = WALK_UP;
	ixgbevf_link(v, now, true);
	return 0;
}

static int step(struct port *p, u64 now)
{
	struct ixgbevf *v = p->priv;

	switch (v->walk.phase) {
	case IXGBEVF_OFF:
		return off_wait(v, now);
	case IXGBEVF_RESET:
		return reset_wait(v, now);
	case IXGBEVF_ASK:
		return ask(v, now);
	default:
		return queues_wait(v, now);
	}
}

static bool gone(struct port *p)
{
	return ixgbevf_rd(p->priv, IXGBEVF_VFSTATUS) == IXGBEVF_REMOVED;
}

int ixgbevf_greet(struct ixgbevf *v, u64 now)
{
	int err = -EAGAIN;

	if (v->walk.phase == WALK_DOWN) {
		begin(v->port, now);
		return err;
	}
	if (gone(v->port))
		err = -EIO;
	else if (v->walk.phase == IXGBEVF_ASK)
		err = ixgbevf_ask_step(v, now);
	else
		err = step(v->port, now);
	if (v->parked)
		err = -ETIMEDOUT;
	if (err == -EAGAIN)
		return err;
	v->parked = false;
	v->walk.phase = WALK_DOWN;
	return err;
}

/* --- port_ops ------------------------------------------------------------------------------ */

/* Nothing was posted yet: the queues that may run have no buffer. */
static void failed(struct port *p, int err)
{
	struct ixgbevf *v = p->priv;

	(void)err;
	for (u32 i = 0; i < PORT_QUEUES; i++)
		v->queue[i].rx.live = v->queue[i].tx.live = false;
}

static const struct walk_ops way = {
	.gone = gone,
	.begin = begin,
	.step = step,
	.failed = failed,
	.again = IXGBEVF_OFF,
};

int ixgbevf_start(struct port *p, u64 now)
{
	return walk_start(&((struct ixgbevf *)p->priv)->walk, &way, p, now);
}

int ixgbevf_stop(struct port *p, u64 now)
{
	return walk_stop(&((struct ixgbevf *)p->priv)->walk, &way, p, now);
}
