// SPDX-License-Identifier: MIT
/* vmxnet3 and its device, which spreads. */
#include "tests/fuzz/nic.h"

const struct fuzz_chip fuzz_chip = {
	.spec = "vmxnet3,mac=52:54:00:12:34:56,revisions=3",
	.driver = &vmxnet3_driver,
	.vendor = 0x15ad,
	.device = 0x07b0,
	.queues = 2,
};
