// SPDX-License-Identifier: MIT
/* Faults of the 82574, at several points each: those that all chips have (mq_faults.c), and lengths
 * that cannot be. */
#include "tests/unit/drivers/mq_faults.h"

static void test_lengths(void **state)
{
	static const char *const faults[] = { "rx-length-zero", "rx-length-over",
					      "rx-length-ffff" };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(faults); i++) {
		fault_traffic(i % 3);
		fault_one_bad_frame(faults[i], 0);
	}
}

static void test_storm_of_bad_descriptors(void **state)
{
	(void)state;
	fault_set("rx-length-ffff", 200, 0);
	for (u32 i = 0; i < 200; i++)
		chip_inject(100, i);
	fault_is_reset("storm", NOTICE_MS);
}

/* The second part of a jumbo frame is bad: all of it is lost, by name, once. */
static void test_parts(void **state)
{
	(void)state;
	mq_end();
	chip_begin(2, true);
	for (u32 i = 0; i < 10; i++) {
		u64 bad = mq_bad();

		fault_traffic(i % 3);
		fault_set("rx-no-eop", 1, 0); /* of the last part */
		assert_true(chip_inject(9000, i));
		assert_int_equal(mq_run(5), 0);
		assert_int_equal(mq_bad(), bad + 1);
		assert_true(chip_inject(9000, i)); /* ends what was begun */
		mq_run(5);
		fault_works();
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, chip_setup2, chip_teardown)
	const struct CMUnitTest tests[] = {
		T(test_lengths),
		T(test_storm_of_bad_descriptors),
		T(test_parts),
	};

	return mq_faults_run() + cmocka_run_group_tests_name("82574", tests, NULL, NULL);
}
