// SPDX-License-Identifier: MIT
/* e1000 and the model of the 82540 that its unit tests use. */
#include "tests/fuzz/nic.h"
#include "tests/unit/drivers/model_82540.h"

static struct model *model(u32 variant)
{
	struct model *m = model_82540();

	(void)variant;
	m->tick = m->run;
	return m;
}

const struct fuzz_chip fuzz_chip = {
	.model = model,
	.reset = model_82540_reset,
	.driver = &e1000_driver,
	.vendor = 0x8086,
	.device = 0x100e,
	.queues = 1,
};
