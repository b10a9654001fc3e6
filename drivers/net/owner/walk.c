// SPDX-License-Identifier: MIT
/* The frame of every walk up and down. Owner QGM. */
#include "drivers/net/owner/walk.h"

static bool under_way(const struct walk *w)
{
	return w->phase >= WALK_FIRST;
}

int walk_start(struct walk *w, const struct walk_ops *ops, struct port *p, u64 now)
{
	int err;

	if (w->phase == WALK_UP)
		return 0;
	if (!under_way(w) || w->stopping) {
		if (ops->gone(p)) {
			w->phase = WALK_GONE;
			return -EIO;
		}
		w->stopping = false;
		ops->begin(p, now);
		return -EAGAIN;
	}
	err = ops->gone(p) ? -EIO : ops->step(p, now);
	if (!err || err == -EAGAIN)
		return err;
	if (ops->failed)
		ops->failed(p, err);
	w->phase = err == -EIO ? WALK_GONE : WALK_DOWN;
	p->link = false;
	return err;
}

int walk_stop(struct walk *w, const struct walk_ops *ops, struct port *p, u64 now)
{
	int err;

	if (w->phase == WALK_DOWN || w->phase == WALK_GONE)
		return 0;
	if (!w->stopping) {
		w->stopping = true;
		ops->begin(p, now);
		return -EAGAIN;
	}
	err = ops->gone(p) ? -EIO : ops->step(p, now);
	if (err == -EAGAIN)
		return err;
	p->link = false;
	w->stopping = false;
	if (!err || err == -EIO) { /* a device that is gone reaches no buffer */
		w->phase = err ? WALK_GONE : WALK_DOWN;
		return 0;
	}
	w->stopping = true;
	walk_enter(w, ops->again, now);
	return err;
}
