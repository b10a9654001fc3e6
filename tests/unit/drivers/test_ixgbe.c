// SPDX-License-Identifier: MIT
/* The ixgbe driver on the model of the 82599: what all chips do alike, its statistics and
 * registers, and that it does not keep pause frames to itself. */
#include "tests/unit/drivers/mq_chip.h"

/* 802.3 31B: pause for ffffh quanta; it is neither obeyed nor eaten. */
static void test_pause_frames(void **state)
{
	u8 f[64] = { 1, 0x80, 0xc2, 0, 0, 1, 2, 0, 0, 0, 0, 1, 0x88, 0x08, 0, 1, 0xff, 0xff };

	(void)state;
	assert_true(rig.model->inject(rig.model, f, 64));
	assert_int_equal(mq_run(1), 1);
	mq_through(0, 64);
}

/* Each value is added once although reading clears, and none is lost. */
static void test_statistics(void **state)
{
	(void)state;
	mq_thousand();
	assert_int_equal(mq_stat("GPRC"), 1000);
	assert_int_equal(mq_stat("GPTC"), 1000);
	assert_int_equal(mq_stat("QPRC0"), 1000);
	assert_int_equal(mq_stat("QPTC0"), 1000);
	mq_thousand_bytes();
	assert_int_equal(mq_stat("GPRC"), 1000);
}

static void test_registers(void **state)
{
	(void)state;
	mq_read_registers();
	assert_int_equal(mq_reg("MAXFRS") >> 16, 1522);
	assert_int_equal(mq_reg("RDLEN0"), chip.ring * 16);
	assert_int_not_equal(mq_reg("STATUS"), 0);
	mq_through(0, 64);
}

int main(void)
{
#define T(f)  cmocka_unit_test_setup_teardown(f, chip_setup1, chip_teardown)
#define T8(f) cmocka_unit_test_setup_teardown(f, chip_setup_all, chip_teardown)
	const struct CMUnitTest tests[] = {
		T(test_pause_frames),
		T(test_statistics),
		T8(test_statistics),
		T(test_registers),
	};

	return mq_suite_run() + mq_shown_run() +
	       cmocka_run_group_tests_name("82599", tests, NULL, NULL);
}
