// SPDX-License-Identifier: MIT
/* ixgbe and the 82599. */
#include "tests/fuzz/nic.h"

const struct fuzz_chip fuzz_chip = {
	.spec = "82599,mac=52:54:00:12:34:56",
	.driver = &ixgbe_driver,
	.vendor = 0x8086,
	.device = 0x10fb,
	.queues = 2,
};
