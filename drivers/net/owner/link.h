// SPDX-License-Identifier: MIT
/*
 * A link that comes back soon after it went, time and again, is held down for longer each time, up
 * to a second, so that the rest of the system is not told of each flap. A link that goes is gone at
 * once. Owner QGM.
 */
#pragma once

#include "kernel/driver.h"

struct link_hold {
	bool up; /* as the NIC said last */
	u32 flaps;
	u64 since, until;
	u64 began; /* the port came up */
};

/* What the NIC says; `fresh`: the port comes up, all is forgiven. `ms`: cycles of one. */
void link_hold_see(struct link_hold *h, bool up, bool fresh, u64 now, u64 ms);

/* Tell the port, as time goes by; `mbps`: the speed, if it is up. Of a port that has just come up
 * there is no link before each queue has buffers: whoever believes it may send. */
void link_hold_tell(const struct link_hold *h, struct port *p, u32 mbps, u64 now, u64 ms);
