// SPDX-License-Identifier: MIT
/* The igb driver on the model of the 82576: what all chips do alike, its statistics and registers.
 */
#include "tests/unit/drivers/mq_chip.h"

/* Each value is added once although reading clears, and none is lost. */
static void test_statistics(void **state)
{
	(void)state;
	mq_thousand();
	assert_int_equal(mq_stat("GPRC"), 1000);
	assert_int_equal(mq_stat("GPTC"), 1000);
	mq_run(2000);
	assert_int_equal(mq_stat("GPRC"), 1000);
}

static void test_registers(void **state)
{
	(void)state;
	assert_true(rig.port->regs.count >= 16);
	mq_read_registers();
	mq_through(0, 64);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, chip_setup1, chip_teardown)
	const struct CMUnitTest tests[] = {
		T(test_statistics),
		T(test_registers),
	};

	return mq_suite_run() + mq_shown_run() + mq_flows_run() +
	       cmocka_run_group_tests_name("82576", tests, NULL, NULL);
}
