// SPDX-License-Identifier: MIT
/* The 82599 under test. */
#include "tests/unit/drivers/mq_chip.h"

/* Filters of IPv4: open on both sides would be IPv6 too. */
static bool matches(u8 open)
{
	return (open & (PORT_FLOW_OPEN_SRC | PORT_FLOW_OPEN_DST)) !=
	       (PORT_FLOW_OPEN_SRC | PORT_FLOW_OPEN_DST);
}

const struct mq_chip chip = {
	.name = "ixgbe",
	.spec = "82599,mac=52:54:00:12:34:56",
	.driver = &ixgbe_driver,
	.vendor = 0x8086,
	.device = 0x10fb,
	.ring = 512,
	.speed_mbps = 10000,
	.first_vector = 0,
	.matches = matches,
};
