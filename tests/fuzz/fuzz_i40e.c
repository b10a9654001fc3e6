// SPDX-License-Identifier: MIT
/* i40e and the XL710. */
#include "tests/fuzz/nic.h"
#include "tests/unit/drivers/model_nicsim.h"

static struct model *model(void)
{
	return model_nicsim("xl710,mac=52:54:00:12:34:56");
}

const struct fuzz_chip fuzz_chip = {
	.model = model,
	.reset = fuzz_nicsim_reset,
	.nicsim = true,
	.driver = &i40e_driver,
	.vendor = 0x8086,
	.device = 0x1583,
	.queues = 2,
};
