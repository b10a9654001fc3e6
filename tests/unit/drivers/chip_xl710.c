// SPDX-License-Identifier: MIT
/* The XL710 under test. */
#include "tests/unit/drivers/mq_chip.h"

/* Something must be compared besides the type of the packet. */
static bool matches(u8 open)
{
	return (open & ~PORT_FLOW_OPEN_PROTO) != 15;
}

const struct mq_chip chip = {
	.name = "i40e",
	.spec = "xl710,mac=52:54:00:12:34:56",
	.driver = &i40e_driver,
	.vendor = 0x8086,
	.device = 0x1583,
	.ring = 512,
	.speed_mbps = 40000,
	.first_vector = 1,
	.matches = matches,
};
