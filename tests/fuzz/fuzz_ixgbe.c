// SPDX-License-Identifier: MIT
/* ixgbe and the 82599. */
#include "tests/fuzz/nic.h"
#include "tests/unit/drivers/model_nicsim.h"

static struct model *model(void)
{
	return model_nicsim("82599,mac=52:54:00:12:34:56");
}

const struct fuzz_chip fuzz_chip = {
	.model = model,
	.reset = fuzz_nicsim_reset,
	.nicsim = true,
	.driver = &ixgbe_driver,
	.vendor = 0x8086,
	.device = 0x10fb,
	.queues = 2,
};
