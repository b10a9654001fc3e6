// SPDX-License-Identifier: MIT
#include "tests/unit/drivers/mq_chip.h"

static int begin(u32 queues)
{
	chip_begin(queues, false);
	return 0;
}

int chip_setup1(void **state)
{
	(void)state;
	return begin(1);
}

int chip_setup2(void **state)
{
	(void)state;
	return begin(2);
}

int chip_setup_all(void **state)
{
	(void)state;
	return begin(chip_queues());
}

int chip_teardown(void **state)
{
	(void)state;
	mq_end();
	return 0;
}
