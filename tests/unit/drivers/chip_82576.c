// SPDX-License-Identifier: MIT
/* The 82576 under test. */
#include "tests/unit/drivers/mq_chip.h"

const struct mq_chip chip = {
	.name = "igb",
	.spec = "82576,mac=52:54:00:12:34:56",
	.driver = &igb_driver,
	.vendor = 0x8086,
	.device = 0x10c9,
	.ring = 512,
	.speed_mbps = 1000,
	.first_vector = 0,
	.frame_max = 1518,
	.mtu_max = 9000,
};
