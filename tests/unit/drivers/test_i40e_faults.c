// SPDX-License-Identifier: MIT
/*
 * Faults of the XL710 and of its firmware, at several points each: noticed within 250 ms, the port
 * back within a second or down cleanly; no buffer lost, none of what the device invents believed.
 */
#include "tests/unit/drivers/mq_faults.h"

/* Descriptors written back wrong: the frame is lost by name, nothing else. */
static void test_lengths(void **state)
{
	static const char *const faults[] = { "rx-length-zero", "rx-length-over", "rx-length-ffff",
					      "rx-dd-no-length" };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(faults); i++) {
		fault_traffic(i % 3);
		fault_one_bad_frame(faults[i], 0);
	}
}

static void test_out_of_order(void **state)
{
	u32 got = 0;

	(void)state;
	fault_set("rx-out-of-order", 1, 0);
	for (u32 i = 0; i < 20; i++)
		assert_true(chip_inject(100, i));
	for (u32 i = 0; i < 50 && got < 20; i++) {
		struct packet *pkt[BURST_MAX];
		u32 n = mq_rx(0, pkt, BURST_MAX);

		for (u32 k = 0; k < n; k++)
			assert_true(frame_is(pkt[k]->data, 100, got++));
		pool_put(mq.pc[0], pkt, n);
		mq_wait(1);
	}
	assert_int_equal(got, 20);
	fault_works();
}

static void test_storm_of_bad_descriptors(void **state)
{
	(void)state;
	fault_set("rx-length-ffff", 200, 0);
	for (u32 i = 0; i < 200; i++)
		chip_inject(100, i);
	fault_is_reset("storm", NOTICE_MS);
}

/* The device is told to be broken, ten times each: every time a reset. */
static void test_cries(void **state)
{
	static const char *const faults[] = { "mdd-tx", "mdd-rx" };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(faults); i++) {
		for (u32 n = 0; n < 10; n++) {
			u64 resets = rig.port->nic.resets;
			struct packet *pkt;

			fault_traffic(n * 3 % 7);
			pkt = rig_packet(100, n);
			fault_set(faults[i], 1, 0);
			assert_int_equal(rig.port->ops->tx(rig.port, 0, &pkt, 1), 1);
			chip_inject(100, n);
			fault_is_reset(faults[i], NOTICE_MS);
			assert_int_equal(rig.port->nic.resets, resets + 1);
		}
	}
}

/* Another function resets the whole device: ours begins anew. */
static void test_global_reset(void **state)
{
	struct mq_recovery r;

	(void)state;
	for (u32 n = 0; n < 10; n++) {
		fault_traffic(n * 3 % 7);
		fault_set("reset-global", 1, 0);
		chip_inject(100, n);
		r = mq_recover(2 * NOTICE_MS);
		assert_true(r.noticed <= NOTICE_MS);
		assert_true(r.back <= BACK_MS);
		mq_run(50);
		fault_works();
	}
}

/* A context that the NIC cannot fetch: the start fails, or is followed by a reset. */
static void test_context_not_fetched(void **state)
{
	(void)state;
	assert_int_equal(mq_stop(BACK_MS), 0);
	fault_set("hmc-error", 1, 0);
	if (mq_start(BACK_MS, 1000))
		assert_int_equal(mq_start(BACK_MS, 1000), 0);
	assert_int_equal(fault_hits("hmc-error"), 1);
	mq_run(500);
	fault_works();
}

/* Firmware that does not answer: the function is reset, and comes back when it answers. */
static void test_firmware_is_silent(void **state)
{
	struct mq_recovery r;

	(void)state;
	for (u32 n = 0; n < 10; n++) {
		fault_set("aq-timeout", 1, 0);
		r = mq_recover(2 * NOTICE_MS);
		assert_true(r.noticed <= NOTICE_MS);
		assert_true(r.back <= BACK_MS);
		mq_run(50);
		fault_works();
	}
}

/* For good: the port is down cleanly, and comes back with a start. */
static void test_firmware_is_dead(void **state)
{
	struct mq_recovery r;

	(void)state;
	fault_set("aq-timeout", ~0ull, 0);
	r = mq_recover(2 * BACK_MS);
	assert_true(r.noticed <= NOTICE_MS);
	assert_false(rig.port->link);
	mq_check_buffers();
	fault_set("aq-timeout", 0, 0);
	assert_int_equal(mq_start(BACK_MS, 1000), 0);
	mq_run(100);
	fault_works();
}

static void test_starts_all_the_same(void **state)
{
	static const char *const faults[] = { "aq-late", "nvm-error", "link-flap" };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(faults); i++)
		fault_restarts(faults[i]);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, chip_setup2, chip_teardown)
	const struct CMUnitTest tests[] = {
		T(test_lengths),
		T(test_out_of_order),
		T(test_storm_of_bad_descriptors),
		T(test_cries),
		T(test_global_reset),
		T(test_context_not_fetched),
		T(test_firmware_is_silent),
		T(test_firmware_is_dead),
		T(test_starts_all_the_same),
	};

	return mq_faults_run() + cmocka_run_group_tests_name("xl710", tests, NULL, NULL);
}
