// SPDX-License-Identifier: MIT
/* The 82574L under test. */
#include "tests/unit/drivers/mq_chip.h"

const struct mq_chip chip = {
	.name = "e1000e",
	.spec = "82574,mac=52:54:00:12:34:56",
	.driver = &e1000e_driver,
	.vendor = 0x8086,
	.device = 0x10d3,
	.ring = 256,
	.speed_mbps = 1000,
	.queues = 2,
	.frame_max = 1518,
	.no_udp = true,
	.no_ecc = true,
};
