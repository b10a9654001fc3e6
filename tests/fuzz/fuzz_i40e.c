// SPDX-License-Identifier: MIT
/* i40e and the XL710. */
#include "tests/fuzz/nic.h"

const struct fuzz_chip fuzz_chip = {
	.spec = "xl710,mac=52:54:00:12:34:56",
	.driver = &i40e_driver,
	.vendor = 0x8086,
	.device = 0x1583,
	.queues = 2,
};
