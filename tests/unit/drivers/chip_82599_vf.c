// SPDX-License-Identifier: MIT
/* A virtual function of the 82599 under test; the model is its host's driver, too. */
#include "tests/unit/drivers/mq_chip.h"

const struct mq_chip chip = {
	.name = "ixgbevf",
	.spec = "82599,mac=52:54:00:12:34:56,vfs=2",
	.driver = &ixgbevf_driver,
	.vendor = 0x8086,
	.device = 0x10ed,
	.ring = 512,
	.speed_mbps = 10000,
	.first_vector = 0,
	.vectors = 2,
	.no_ecc = true,
	.guest = true,
};
