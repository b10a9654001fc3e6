// SPDX-License-Identifier: MIT
/* vmxnet3 under test, of a revision that spreads. */
#include "tests/unit/drivers/mq_chip.h"

const struct mq_chip chip = {
	.name = "vmxnet3",
	.spec = "vmxnet3,mac=52:54:00:12:34:56,revisions=3",
	.driver = &vmxnet3_driver,
	.vendor = 0x15ad,
	.device = 0x07b0,
	.ring = 256,
	.speed_mbps = 10000,
	.mtu_max = 9000,
	.no_udp = true,
	.no_ecc = true,
};
