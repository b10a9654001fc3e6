// SPDX-License-Identifier: MIT
/* Links that flap. Owner QGM. */
#include "drivers/net/owner/link.h"

enum {
	STEADY_MS = 1000, /* up for as long as that: forgiven */
	FREE_FLAPS = 2,
	HOLD_MS = 20,
	HOLD_MAX = 6,  /* times doubled */
	POST_MS = 100, /* for the first polls of all queues; then it is up without buffers */
};

/* It came back: how long must it stay before we believe it? */
static u64 hold(struct link_hold *h, u64 now, u64 ms)
{
	if (now - h->since > STEADY_MS * ms)
		h->flaps = 0;
	else
		h->flaps = MIN(h->flaps + 1, (u32)(FREE_FLAPS + HOLD_MAX));
	return h->flaps > FREE_FLAPS ? ((u64)HOLD_MS << (h->flaps - FREE_FLAPS - 1)) * ms : 0;
}

void link_hold_see(struct link_hold *h, bool up, bool fresh, u64 now, u64 ms)
{
	if (fresh) {
		h->flaps = 0;
		h->since = h->until = h->began = now;
	} else if (up && !h->up) {
		h->until = now + hold(h, now, ms);
		h->since = now;
	}
	h->up = up;
}

/* A queue's QGM gives it buffers when it polls first. Those of QGMs that are down stay off. */
static bool posted(const struct port *p)
{
	for (u32 i = 0; i < MAX(p->rx_queues, (u16)1); i++)
		if (!(load_relaxed(&p->draining) >> i & 1) && !p->ops->buffers(p, i))
			return false;
	return true;
}

void link_hold_tell(const struct link_hold *h, struct port *p, u32 mbps, u64 now, u64 ms)
{
	bool up = h->up && now >= h->until;

	if (up && !p->link && now - h->began < POST_MS * ms)
		up = posted(p);
	p->speed_mbps = up ? mbps : 0;
	p->full_duplex = up;
	if (up == p->link)
		return;
	p->link = up;
	counter_add(&p->nic.link_changes, 1);
}
