// SPDX-License-Identifier: MIT
/* igb and the 82576. */
#include "tests/fuzz/nic.h"

const struct fuzz_chip fuzz_chip = {
	.spec = "82576,mac=52:54:00:12:34:56",
	.driver = &igb_driver,
	.vendor = 0x8086,
	.device = 0x10c9,
	.queues = 2,
};
