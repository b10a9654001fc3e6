// SPDX-License-Identifier: MIT
/*
 * The link of an XL710, as its firmware tells it: by event, and by asking it now and then. A link
 * that comes back soon after it went, time and again, is held down for longer each time, up to a
 * second, so that the rest of the system is not told of each flap. A link that goes is gone at
 * once. Owner QGM.
 */
#include "drivers/net/i40e/i40e.h"

enum {
	STEADY_MS = 1000, /* up for as long as that: forgiven */
	FREE_FLAPS = 2,
	HOLD_MS = 20,
	HOLD_MAX = 6, /* times doubled */
};

static u32 speed_mbps(u8 speed)
{
	static const u16 mbps[8] = { 2500, 100, 1000, 10000, 40000, 20000, 25000, 5000 };

	for (u32 i = 0; i < ARRAY_SIZE(mbps); i++)
		if (speed == 1u << i)
			return mbps[i];
	return 0;
}

static void set_link(struct port *p, bool up, const struct i40e_aq_link *l)
{
	p->speed_mbps = up ? speed_mbps(l->speed) : 0;
	p->full_duplex = up;
	if (up == p->link)
		return;
	p->link = up;
	counter_add(&p->nic.link_changes, 1);
}

/* It came back: how long must it stay before we believe it? */
static u64 hold(struct i40e *e, u64 now)
{
	if (now - e->link_since > STEADY_MS * e->ms)
		e->flaps = 0;
	else
		e->flaps = MIN(e->flaps + 1, (u32)(FREE_FLAPS + HOLD_MAX));
	return e->flaps > FREE_FLAPS ? ((u64)HOLD_MS << (e->flaps - FREE_FLAPS - 1)) * e->ms : 0;
}

void i40e_link(struct i40e *e, const struct i40e_aq_link *l, u64 now, bool fresh)
{
	bool up = l->info & LINK_UP;

	if (&e->link != l)
		e->link = *l;
	if (fresh) {
		e->flaps = 0;
		e->link_since = e->link_hold = now;
	} else if (up && !e->link_seen) {
		e->link_hold = now + hold(e, now);
		e->link_since = now;
	}
	e->link_seen = up;
	if (!(l->info & LINK_MEDIA_AVAILABLE))
		i40e_module_none(e);
	i40e_link_step(e, now);
}

void i40e_link_step(struct i40e *e, u64 now)
{
	set_link(e->port, e->link_seen && now >= e->link_hold, &e->link);
}
