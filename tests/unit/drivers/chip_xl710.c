// SPDX-License-Identifier: MIT
/* The XL710 under test. */
#include "tests/unit/drivers/mq_chip.h"

const struct mq_chip chip = {
	.name = "i40e",
	.spec = "xl710,mac=52:54:00:12:34:56",
	.driver = &i40e_driver,
	.vendor = 0x8086,
	.device = 0x1583,
	.ring = 512,
	.speed_mbps = 40000,
	.first_vector = 1,
};
