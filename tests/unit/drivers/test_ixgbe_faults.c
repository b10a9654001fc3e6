// SPDX-License-Identifier: MIT
/*
 * Faults of the 82599, at several points each: noticed within 250 ms, the port back within a second
 * or down cleanly; no buffer lost, none of what the device invents believed, nothing else lost.
 */
#include "tests/unit/drivers/mq_faults.h"

/* --- descriptors written back wrong: the frame is lost by name, nothing else ------------------ */

static void test_lengths(void **state)
{
	static const u16 lengths[] = { 0, 1, 13, 1523, 1921, 2048, 4000, 0x8000, 0xffff };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
		fault_traffic(i % 3);
		fault_set("rx-length", 1, lengths[i]);
		assert_true(chip_inject(100, 3));
		assert_int_equal(mq_run(5), 0);
		assert_int_equal(mq_bad(), i + 1);
		fault_works();
	}
}

static void test_no_length(void **state)
{
	(void)state;
	fault_one_bad_frame("rx-no-length", 0);
}

/* Everything is wrong: the device is reset, and works once the fault has ended. */
static void test_storm_of_bad_descriptors(void **state)
{
	(void)state;
	fault_set("rx-length", 200, 0xffff);
	for (u32 i = 0; i < 200; i++)
		chip_inject(100, i);
	fault_is_reset("storm", NOTICE_MS);
}

static void test_out_of_order(void **state)
{
	u32 got = 0;

	(void)state;
	fault_set("rx-order", 1, 0);
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

/* --- what makes a queue stand still: a reset ---------------------------------------------------
 */

static void test_head_jump(void **state)
{
	(void)state;
	fault_rx("rx-head-jump", NOTICE_MS);
}

/* Frames come in and go nowhere: seen by the counters, which are read in turn. */
static void test_rx_hang(void **state)
{
	struct mq_recovery r;

	(void)state;
	fault_set("rx-hang", ~0ull, 0);
	for (u32 ms = 0; ms < 3000 && !rig.port->want_reset; ms++) {
		chip_inject(100, ms);
		r = mq_recover(1);
		if (r.noticed != ~0u)
			break;
	}
	assert_int_equal(rig.port->nic.resets, 1);
	fault_set("rx-hang", 0, 0);
	mq_run(50);
	fault_works();
}

/* --- start and stop ----------------------------------------------------------------------------
 */

/* Things that a port can live without. */
static void test_starts_all_the_same(void **state)
{
	static const char *const faults[] = { "eeprom-timeout", "eeprom-checksum", "phy-timeout",
					      "i2c-nak",        "sfp-absent",      "secrx-stuck",
					      "master-stuck",   "semaphore-stuck", "fdir-stuck" };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(faults); i++)
		fault_restarts(faults[i]);
}

static void test_queue_never_runs(void **state)
{
	static const char *const faults[] = { "rx-enable-stuck", "tx-enable-stuck" };

	(void)state;
	for (u32 i = 0; i < 2; i++) {
		assert_int_equal(mq_stop(BACK_MS), 0);
		fault_set(faults[i], ~0ull, 0);
		assert_int_equal(mq_start(BACK_MS, 1000), -ETIMEDOUT);
		assert_false(rig.port->link);
		mq_check_buffers();
		fault_set(faults[i], 0, 0);
		assert_int_equal(mq_start(BACK_MS, 1000), 0);
		mq_run(100);
		fault_works();
	}
}

/* --- the device is gone ------------------------------------------------------------------------
 */

/* --- the link ----------------------------------------------------------------------------------
 */

/* What is on the wire wrong is counted by name. */
static void test_bad_frames(void **state)
{
	u8 f[40] = { 0 };

	(void)state;
	fault_set("crc", 3, 0);
	for (u32 i = 0; i < 3; i++)
		chip_inject(100, i);
	assert_int_equal(mq_run(400), 0);
	assert_int_equal(rig.port->nic.rx_crc, 3);
	fault_set("undersize", 1, 0);
	rig.model->inject(rig.model, f, sizeof(f));
	assert_int_equal(mq_run(400), 0);
	assert_int_equal(rig.port->nic.rx_length, 1);
	fault_works();
}

/* --- the module --------------------------------------------------------------------------------
 */

static void test_module(void **state)
{
	struct port_module m;

	(void)state;
	assert_true(port_module_get(rig.port, &m));
	assert_true(m.present);
	assert_int_equal(m.identifier, 3);
	assert_string_equal(m.type, "SFP+ 10GBASE-SR");
	assert_true(strlen(m.vendor) > 0);
	assert_true(strlen(m.part) > 0);
	assert_true(strlen(m.serial) > 0);
	print_message("%s, %s, %s, %s: %s\n", m.type, m.vendor, m.part, m.serial, m.warning);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, chip_setup2, chip_teardown)
	const struct CMUnitTest tests[] = {
		T(test_lengths),
		T(test_no_length),
		T(test_storm_of_bad_descriptors),
		T(test_out_of_order),
		T(test_head_jump),
		T(test_rx_hang),
		T(test_starts_all_the_same),
		T(test_queue_never_runs),
		T(test_bad_frames),
		T(test_module),
	};

	return mq_faults_run() + cmocka_run_group_tests_name("ixgbe_faults", tests, NULL, NULL);
}
