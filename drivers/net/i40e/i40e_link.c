// SPDX-License-Identifier: MIT
/* The link of an XL710, as its firmware tells it: by event, and by asking it now and then; one that
 * flaps is held down. Owner QGM. */
#include "drivers/net/i40e/i40e.h"

static u32 speed_mbps(u8 speed)
{
	static const u16 mbps[8] = { 2500, 100, 1000, 10000, 40000, 20000, 25000, 5000 };

	for (u32 i = 0; i < ARRAY_SIZE(mbps); i++)
		if (speed == 1u << i)
			return mbps[i];
	return 0;
}

void i40e_link(struct i40e *e, const struct i40e_aq_link *l, u64 now, bool fresh)
{
	if (&e->link != l)
		e->link = *l;
	link_hold_see(&e->hold, l->info & LINK_UP, fresh, now, e->ms);
	if (!(l->info & LINK_MEDIA_AVAILABLE))
		i40e_module_none(e);
	i40e_link_step(e, now);
}

void i40e_link_step(struct i40e *e, u64 now)
{
	link_hold_tell(&e->hold, e->port, speed_mbps(e->link.speed), now, e->ms);
}
