// SPDX-License-Identifier: MIT
/* e1000e and the 82574. */
#include "tests/fuzz/nic.h"

const struct fuzz_chip fuzz_chip = {
	.spec = "82574,mac=52:54:00:12:34:56",
	.driver = &e1000e_driver,
	.vendor = 0x8086,
	.device = 0x10d3,
	.queues = 2,
};
