// SPDX-License-Identifier: MIT
/* igb and the 82576. */
#include "tests/fuzz/nic.h"
#include "tests/unit/drivers/model_nicsim.h"

static struct model *model(void)
{
	return model_nicsim("82576,mac=52:54:00:12:34:56");
}

const struct fuzz_chip fuzz_chip = {
	.model = model,
	.reset = fuzz_nicsim_reset,
	.nicsim = true,
	.driver = &igb_driver,
	.vendor = 0x8086,
	.device = 0x10c9,
	.queues = 2,
};
