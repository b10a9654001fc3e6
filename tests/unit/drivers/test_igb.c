// SPDX-License-Identifier: MIT
/* The igb driver on the model of the 82576: what all chips do alike, its statistics and registers.
 */
#include "tests/unit/drivers/mq_chip.h"

static int setup(void **state)
{
	(void)state;
	chip_begin(1, false);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mq_end();
	return 0;
}

/* Each value is added once although reading clears, and none is lost. */
static void test_statistics(void **state)
{
	(void)state;
	for (u32 i = 0; i < 1000; i++)
		mq_through(0, 60 + i);
	mq_run(1000);
	assert_int_equal(mq_stat("GPRC"), 1000);
	assert_int_equal(mq_stat("GPTC"), 1000);
	mq_run(2000);
	assert_int_equal(mq_stat("GPRC"), 1000);
}

static void test_registers(void **state)
{
	const struct port_regs *r = &rig.port->regs;

	(void)state;
	assert_true(r->count >= 16);
	for (u32 i = 0; i < r->count; i++)
		if (!r->table[i].clears)
			(void)rig.port->ops->read_reg(rig.port, i);
	mq_through(0, 64);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_statistics),
		T(test_registers),
	};

	return mq_suite_run() + mq_flows_run() +
	       cmocka_run_group_tests_name("82576", tests, NULL, NULL);
}
