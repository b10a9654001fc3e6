// SPDX-License-Identifier: MIT
/* The i40e driver on the model of the XL710: what all chips do alike, its statistics and registers.
 */
#include "tests/unit/drivers/mq_chip.h"

/* Each value is added once although reading clears, and none is lost. */
static void test_statistics(void **state)
{
	(void)state;
	mq_thousand();
	assert_int_equal(mq_stat("VSI_UPRC") + mq_stat("VSI_MPRC"), 1000);
	assert_int_equal(mq_stat("UPTC") + mq_stat("MPTC") + mq_stat("BPTC"), 1000);
	mq_thousand_bytes();
}

static void test_registers(void **state)
{
	(void)state;
	mq_read_registers();
	assert_int_equal(mq_reg("QTX_CTL0") & 3, 2);
	assert_int_equal(mq_reg("PF_ATQLEN") >> 31, 1);
	assert_int_not_equal(mq_reg("GLNVM_ULD"), 0);
	mq_through(0, 64);
}

int main(void)
{
#define T(f)  cmocka_unit_test_setup_teardown(f, chip_setup1, chip_teardown)
#define T8(f) cmocka_unit_test_setup_teardown(f, chip_setup_all, chip_teardown)
	const struct CMUnitTest tests[] = {
		T(test_statistics),
		T8(test_statistics),
		T(test_registers),
	};

	return mq_suite_run() + mq_shown_run() + mq_flows_run() +
	       cmocka_run_group_tests_name("xl710", tests, NULL, NULL);
}
