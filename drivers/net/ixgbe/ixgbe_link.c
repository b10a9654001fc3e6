// SPDX-License-Identifier: MIT
/* The link of an 82599: one look at LINKS every 10 ms, and a link that flaps is held down. Owner
 * QGM. */
#include "drivers/net/ixgbe/ixgbe.h"

void ixgbe_link(struct ixgbe *e, u64 now, bool fresh)
{
	static const u16 mbps[] = { 0, 100, 1000, 10000 };
	u32 links = ixgbe_rd(e, IXGBE_LINKS);

	if (links == IXGBE_REMOVED)
		return;
	link_hold_see(&e->link, links & LINKS_UP, fresh, now, e->ms);
	link_hold_tell(&e->link, e->port, mbps[links >> LINKS_SPEED_SHIFT & LINKS_SPEED_MASK], now,
		       e->ms);
}
