// SPDX-License-Identifier: MIT
/*
 * The link of an 82599: one look at LINKS every 10 ms. A link that comes back soon after it went,
 * time and again, is held down for longer each time, up to a second, so that the rest of the
 * system is not told of each flap. A link that goes is gone at once. Owner QGM.
 */
#include "drivers/net/ixgbe/ixgbe.h"

enum {
	STEADY_MS = 1000, /* up for as long as that: forgiven */
	FREE_FLAPS = 2,
	HOLD_MS = 20,
	HOLD_MAX = 6, /* times doubled */
};

static void set_link(struct port *p, bool up, u32 links)
{
	static const u16 mbps[] = { 0, 100, 1000, 10000 };

	p->speed_mbps = up ? mbps[links >> LINKS_SPEED_SHIFT & LINKS_SPEED_MASK] : 0;
	p->full_duplex = up;
	if (up == p->link)
		return;
	p->link = up;
	counter_add(&p->nic.link_changes, 1);
}

/* It came back: how long must it stay before we believe it? */
static u64 hold(struct ixgbe *e, u64 now)
{
	if (now - e->link_since > STEADY_MS * e->ms)
		e->flaps = 0;
	else
		e->flaps = MIN(e->flaps + 1, (u32)(FREE_FLAPS + HOLD_MAX));
	return e->flaps > FREE_FLAPS ? ((u64)HOLD_MS << (e->flaps - FREE_FLAPS - 1)) * e->ms : 0;
}

void ixgbe_link(struct ixgbe *e, u64 now, bool fresh)
{
	u32 links = ixgbe_rd(e, IXGBE_LINKS);
	bool up = links & LINKS_UP;

	if (links == IXGBE_REMOVED)
		return;
	if (fresh) {
		e->flaps = 0;
		e->link_since = e->link_hold = now;
	} else if (up && !e->link_seen) {
		e->link_hold = now + hold(e, now);
		e->link_since = now;
	}
	e->link_seen = up;
	set_link(e->port, up && now >= e->link_hold, links);
}
