// SPDX-License-Identifier: MIT
/* Links that flap. Owner QGM. */
#include "drivers/net/owner/link.h"

enum {
	STEADY_MS = 1000, /* up for as long as that: forgiven */
	FREE_FLAPS = 2,
	HOLD_MS = 20,
	HOLD_MAX = 6, /* times doubled */
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
		h->since = h->until = now;
	} else if (up && !h->up) {
		h->until = now + hold(h, now, ms);
		h->since = now;
	}
	h->up = up;
}

void link_hold_tell(const struct link_hold *h, struct port *p, u32 mbps, u64 now)
{
	bool up = h->up && now >= h->until;

	p->speed_mbps = up ? mbps : 0;
	p->full_duplex = up;
	if (up == p->link)
		return;
	p->link = up;
	counter_add(&p->nic.link_changes, 1);
}
