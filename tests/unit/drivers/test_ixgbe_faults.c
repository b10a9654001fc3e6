// SPDX-License-Identifier: MIT
/*
 * Faults of the 82599, at several points each: noticed within 250 ms, the port back within a second
 * or down cleanly; no buffer lost, none of what the device invents believed, nothing else lost.
 */
#include "tests/unit/drivers/mq_chip.h"

enum { POINTS = 10, NOTICE_MS = 250, BACK_MS = 1000 };

static void set(const char *name, u64 count, u64 arg)
{
	struct nicsim_dev *dev = model_nicsim_dev(rig.model);

	if (!nicsim_fault_set(dev, name, count, arg))
		fail_msg("the model has no fault %s", name);
	nicsim_kick(dev);
}

static u64 hits(const char *name)
{
	return nicsim_fault_hits(model_nicsim_dev(rig.model), name);
}

static int setup(void **state)
{
	(void)state;
	chip_begin(2, false);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mq_end();
	return 0;
}

static u32 frames = 1;

/* A frame in and out, whole. */
static void works(void)
{
	struct packet *pkt[BURST_MAX];
	const struct sent *s;
	u32 n = 0;

	while (rig_sent())
		;
	assert_true(rig.port->link);
	assert_true(chip_inject(200, ++frames));
	for (u32 i = 0; i < 20 && !n; i++) {
		n = mq_rx(0, pkt, BURST_MAX);
		mq_wait(1);
	}
	assert_int_equal(n, 1);
	assert_int_equal(pkt[0]->len, 200);
	assert_true(frame_is(pkt[0]->data, 200, frames));
	assert_int_equal(rig.port->ops->tx(rig.port, 1, pkt, 1), 1);
	mq_wait(1);
	s = rig_sent();
	assert_non_null(s);
	assert_true(frame_is(s->data, s->len, frames));
	assert_int_equal(rig.port->ops->reclaim(rig.port, 1, mq.pc[1]), 1);
	mq_check_buffers();
}

static void some_traffic(u32 n)
{
	for (u32 i = 0; i < n; i++)
		works();
}

/* The device is reset for it, in time. */
static void is_reset(const char *what, u32 notice_ms)
{
	struct mq_recovery r = mq_recover(2 * notice_ms);

	if (r.noticed > notice_ms || r.back > notice_ms + BACK_MS - NOTICE_MS)
		fail_msg("%s: noticed after %u ms, back after %u", what, r.noticed, r.back);
	assert_int_equal(rig.port->state, PORT_RUNNING);
	mq_run(50);
	works();
}

/* --- descriptors written back wrong: the frame is lost by name, nothing else ------------------ */

static void one_bad_frame(const char *fault, u64 arg)
{
	u64 bad = mq_bad();

	set(fault, 1, arg);
	assert_true(chip_inject(100, 3));
	assert_int_equal(mq_run(5), 0);
	assert_int_equal(hits(fault), 1);
	assert_int_equal(mq_bad(), bad + 1);
	assert_int_equal(rig.port->nic.resets, 0);
	works();
}

static void test_lengths(void **state)
{
	static const u16 lengths[] = { 0, 1, 13, 1523, 1921, 2048, 4000, 0x8000, 0xffff };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
		some_traffic(i % 3);
		set("rx-length", 1, lengths[i]);
		assert_true(chip_inject(100, 3));
		assert_int_equal(mq_run(5), 0);
		assert_int_equal(mq_bad(), i + 1);
		works();
	}
}

static void test_no_length(void **state)
{
	(void)state;
	one_bad_frame("rx-no-length", 0);
}

/* All of a frame over several descriptors is dropped, counted once. */
static void test_no_eop(void **state)
{
	(void)state;
	set("rx-no-eop", 2, 0);
	for (u32 i = 0; i < 3; i++)
		assert_true(chip_inject(100, i));
	assert_int_equal(mq_run(5), 0);
	assert_int_equal(mq_bad(), 1);
	works();
}

static void test_error_bits(void **state)
{
	(void)state;
	set("rx-error", 1, 0);
	assert_true(chip_inject(100, 3));
	assert_int_equal(mq_run(5), 0);
	assert_int_equal(rig.port->qnic[0].rx_errors, 1);
	works();
}

/* Everything is wrong: the device is reset, and works once the fault has ended. */
static void test_storm_of_bad_descriptors(void **state)
{
	(void)state;
	set("rx-length", 200, 0xffff);
	for (u32 i = 0; i < 200; i++)
		chip_inject(100, i);
	is_reset("storm", NOTICE_MS);
}

static void test_out_of_order(void **state)
{
	u32 got = 0;

	(void)state;
	set("rx-order", 1, 0);
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
	works();
}

/* --- what makes a queue stand still: a reset ---------------------------------------------------
 */

static void rx_fault(const char *fault, u32 notice_ms)
{
	for (u32 i = 0; i < POINTS; i++) {
		some_traffic(i * 7 % 40);
		set(fault, 1, 0);
		for (u32 k = 0; k < 3; k++)
			chip_inject(100, k);
		is_reset(fault, notice_ms);
		set(fault, 0, 0);
		assert_int_equal(rig.port->nic.resets, i + 1);
	}
}

static void test_no_dd(void **state)
{
	(void)state;
	rx_fault("rx-no-dd", NOTICE_MS);
}

static void test_head_jump(void **state)
{
	(void)state;
	rx_fault("rx-head-jump", NOTICE_MS);
}

static void tx_fault(const char *fault, u64 count)
{
	for (u32 i = 0; i < POINTS; i++) {
		struct packet *pkt[5];
		struct mq_recovery r;
		u64 aborted = mq.aborted;

		some_traffic(i * 7 % 40);
		for (u32 k = 0; k < 5; k++)
			pkt[k] = rig_packet(100, k);
		set(fault, count, 0);
		assert_int_equal(rig.port->ops->tx(rig.port, 1, pkt, 5), 5);
		r = mq_recover(2 * NOTICE_MS);
		assert_true(r.noticed <= NOTICE_MS);
		assert_true(r.back <= BACK_MS);
		set(fault, 0, 0);
		assert_int_equal(rig.port->nic.resets, i + 1);
		mq_run(50);
		works();
		assert_int_equal(mq.aborted, aborted + 5);
	}
}

static void test_tx_hang(void **state)
{
	(void)state;
	tx_fault("tx-hang", ~0ull);
}

static void test_tx_not_reported(void **state)
{
	(void)state;
	tx_fault("tx-no-dd", ~0ull);
}

static void test_ecc(void **state)
{
	(void)state;
	for (u32 i = 0; i < POINTS; i++) {
		set("ecc", 1, 0);
		chip_inject(100, i);
		is_reset("ecc", NOTICE_MS);
	}
}

/* Frames come in and go nowhere: seen by the counters, which are read in turn. */
static void test_rx_hang(void **state)
{
	struct mq_recovery r;

	(void)state;
	set("rx-hang", ~0ull, 0);
	for (u32 ms = 0; ms < 3000 && !rig.port->want_reset; ms++) {
		chip_inject(100, ms);
		r = mq_recover(1);
		if (r.noticed != ~0u)
			break;
	}
	assert_int_equal(rig.port->nic.resets, 1);
	set("rx-hang", 0, 0);
	mq_run(50);
	works();
}

/* --- start and stop ----------------------------------------------------------------------------
 */

static void restarts(const char *fault)
{
	set(fault, ~0ull, 0);
	assert_int_equal(mq_stop(BACK_MS), 0);
	assert_int_equal(mq_start(BACK_MS, 100), 0);
	set(fault, 0, 0);
	mq_run(100);
	works();
}

/* Things that a port can live without. */
static void test_starts_all_the_same(void **state)
{
	static const char *const faults[] = { "eeprom-timeout", "eeprom-checksum", "phy-timeout",
					      "i2c-nak",        "sfp-absent",      "secrx-stuck",
					      "master-stuck",   "semaphore-stuck", "fdir-stuck" };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(faults); i++)
		restarts(faults[i]);
}

static void test_queue_never_runs(void **state)
{
	static const char *const faults[] = { "rx-enable-stuck", "tx-enable-stuck" };

	(void)state;
	for (u32 i = 0; i < 2; i++) {
		assert_int_equal(mq_stop(BACK_MS), 0);
		set(faults[i], ~0ull, 0);
		assert_int_equal(mq_start(BACK_MS, 1000), -ETIMEDOUT);
		assert_false(rig.port->link);
		mq_check_buffers();
		set(faults[i], 0, 0);
		assert_int_equal(mq_start(BACK_MS, 1000), 0);
		mq_run(100);
		works();
	}
}

static void test_reset_never_ends(void **state)
{
	(void)state;
	set("reset-stuck", ~0ull, 0);
	assert_int_equal(mq_stop(BACK_MS), -ETIMEDOUT);
	/* The device may still write: the buffers are not given back. */
	assert_true(rig.port->ops->buffers(rig.port, 0) > 0);
	set("reset-stuck", 0, 0);
	assert_int_equal(mq_stop(BACK_MS), 0);
	assert_int_equal(mq_start(BACK_MS, 1000), 0);
	mq_run(100);
	works();
}

/* --- the device is gone ------------------------------------------------------------------------
 */

static void test_removed(void **state)
{
	struct packet *pkt[3] = { rig_packet(64, 1), rig_packet(64, 2), rig_packet(64, 3) };
	struct mq_recovery r;

	(void)state;
	rig.model->stall_tx = true;
	assert_int_equal(rig.port->ops->tx(rig.port, 0, pkt, 2), 2);
	rig.model->removed = true;
	assert_int_equal(rig.port->ops->tx(rig.port, 0, &pkt[2], 1), 1);
	r = mq_recover(1000);
	assert_true(r.noticed <= NOTICE_MS);
	assert_int_equal(rig.port->state, PORT_FAILED);
	assert_false(rig.port->link);
	assert_int_equal(mq.aborted, 3);
	assert_int_equal(rig.port->ops->buffers(rig.port, 0), 0);
	assert_int_equal(pool_free_count(rig.pool), pool_size(rig.pool));
	/* It returns, as a device does: reset. */
	rig.model->removed = rig.model->stall_tx = false;
	nicsim_reset(model_nicsim_dev(rig.model));
	nicsim_cfg_write(model_nicsim_dev(rig.model), 4, 2, 7);
	assert_int_equal(mq_start(BACK_MS, 1000), 0);
	mq_run(100);
	works();
}

/* --- the link ----------------------------------------------------------------------------------
 */

static void test_link_flaps(void **state)
{
	u64 changes = rig.port->nic.link_changes, told;

	(void)state;
	for (u32 i = 0; i < 1000; i++) {
		rig.model->link = !rig.model->link;
		mq_run(7);
	}
	told = rig.port->nic.link_changes - changes;
	assert_true(told < 200); /* of a thousand in seven seconds */
	rig.model->link = true;
	mq_run(2500);
	assert_true(rig.port->link);
	assert_int_equal(rig.port->nic.resets, 0);
	works();
	/* A single loss is seen at once, and so is its end. */
	rig.model->link = false;
	mq_run(20);
	assert_false(rig.port->link);
	rig.model->link = true;
	mq_run(50);
	assert_true(rig.port->link);
}

/* Without link frames may wait for ever. */
static void test_no_hang_without_link(void **state)
{
	struct packet *pkt = rig_packet(64, 1);

	(void)state;
	rig.model->link = false;
	mq_run(50);
	assert_false(rig.port->link);
	rig.model->stall_tx = true;
	assert_int_equal(rig.port->ops->tx(rig.port, 0, &pkt, 1), 1);
	mq_run(3000);
	assert_int_equal(rig.port->nic.resets, 0);
	rig.model->stall_tx = false;
}

/* What is on the wire wrong is counted by name. */
static void test_bad_frames(void **state)
{
	u8 f[40] = { 0 };

	(void)state;
	set("crc", 3, 0);
	for (u32 i = 0; i < 3; i++)
		chip_inject(100, i);
	assert_int_equal(mq_run(400), 0);
	assert_int_equal(rig.port->nic.rx_crc, 3);
	set("undersize", 1, 0);
	rig.model->inject(rig.model, f, sizeof(f));
	assert_int_equal(mq_run(400), 0);
	assert_int_equal(rig.port->nic.rx_length, 1);
	works();
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
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_lengths),
		T(test_no_length),
		T(test_no_eop),
		T(test_error_bits),
		T(test_storm_of_bad_descriptors),
		T(test_out_of_order),
		T(test_no_dd),
		T(test_head_jump),
		T(test_tx_hang),
		T(test_tx_not_reported),
		T(test_ecc),
		T(test_rx_hang),
		T(test_starts_all_the_same),
		T(test_queue_never_runs),
		T(test_reset_never_ends),
		T(test_removed),
		T(test_link_flaps),
		T(test_no_hang_without_link),
		T(test_bad_frames),
		T(test_module),
	};

	return cmocka_run_group_tests_name("ixgbe_faults", tests, NULL, NULL);
}
