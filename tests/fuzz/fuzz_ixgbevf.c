// SPDX-License-Identifier: MIT
/* ixgbevf and a virtual function of the 82599; the model is its host, too. */
#include "tests/fuzz/nic.h"

const struct fuzz_chip fuzz_chip = {
	.spec = "82599,mac=52:54:00:12:34:56,vfs=2",
	.guest = true,
	.driver = &ixgbevf_driver,
	.vendor = 0x8086,
	.device = 0x10ed,
	.queues = 2,
};
