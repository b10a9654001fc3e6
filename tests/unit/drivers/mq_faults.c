// SPDX-License-Identifier: MIT
/*
 * Faults that every chip can have, at several points each: noticed within 250 ms, the port back
 * within a second or down cleanly; no buffer lost, none of what the device invents believed,
 * nothing else lost. And what the chips' own fault tests need.
 */
#include "tests/unit/drivers/mq_faults.h"

enum { POINTS = 10 };

static u32 frames = 1;

void fault_set(const char *name, u64 count, u64 arg)
{
	struct nicsim_dev *dev = model_nicsim_wire(rig.model);

	if (!nicsim_fault_set(dev, name, count, arg))
		fail_msg("the model has no fault %s", name);
	nicsim_kick(dev);
}

u64 fault_hits(const char *name)
{
	return nicsim_fault_hits(model_nicsim_wire(rig.model), name);
}

/* A frame in and out, whole. */
void fault_works(void)
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
	assert_true(chip_is(pkt[0]->data, 200, frames));
	chip_forward(pkt[0]->data);
	assert_int_equal(rig.port->ops->tx(rig.port, 1, pkt, 1), 1);
	mq_wait(1);
	s = rig_sent();
	assert_non_null(s);
	assert_true(chip_is_forwarded(s->data, s->len, frames));
	assert_int_equal(rig.port->ops->reclaim(rig.port, 1, mq.pc[1]), 1);
	mq_check_buffers();
}

void fault_traffic(u32 n)
{
	for (u32 i = 0; i < n; i++)
		fault_works();
}

/* The device is reset for it, in time. */
void fault_is_reset(const char *what, u32 notice_ms)
{
	struct mq_recovery r = mq_recover(2 * notice_ms);

	if (r.noticed > notice_ms || r.back > notice_ms + BACK_MS - NOTICE_MS)
		fail_msg("%s: noticed after %u ms, back after %u", what, r.noticed, r.back);
	assert_int_equal(rig.port->state, PORT_RUNNING);
	mq_run(50);
	fault_works();
}

void fault_one_bad_frame(const char *fault, u64 arg)
{
	u64 bad = mq_bad();

	fault_set(fault, 1, arg);
	assert_true(chip_inject(100, 3));
	assert_int_equal(mq_run(5), 0);
	assert_int_equal(fault_hits(fault), 1);
	assert_int_equal(mq_bad(), bad + 1);
	assert_int_equal(rig.port->nic.resets, 0);
	fault_works();
}

void fault_rx(const char *fault, u32 notice_ms)
{
	for (u32 i = 0; i < POINTS; i++) {
		fault_traffic(i * 7 % 40);
		fault_set(fault, 1, 0);
		for (u32 k = 0; k < 3; k++)
			chip_inject(100, k);
		fault_is_reset(fault, notice_ms);
		fault_set(fault, 0, 0);
		assert_int_equal(rig.port->nic.resets, i + 1);
	}
}

void fault_tx(const char *fault, u64 count)
{
	for (u32 i = 0; i < POINTS; i++) {
		struct packet *pkt[5];
		struct mq_recovery r;
		u64 aborted = mq.aborted;

		fault_traffic(i * 7 % 40);
		for (u32 k = 0; k < 5; k++)
			pkt[k] = rig_packet(100, k);
		fault_set(fault, count, 0);
		assert_int_equal(rig.port->ops->tx(rig.port, 1, pkt, 5), 5);
		r = mq_recover(2 * NOTICE_MS);
		assert_true(r.noticed <= NOTICE_MS);
		assert_true(r.back <= BACK_MS);
		fault_set(fault, 0, 0);
		assert_int_equal(rig.port->nic.resets, i + 1);
		mq_run(50);
		fault_works();
		assert_int_equal(mq.aborted, aborted + 5);
	}
}

void fault_restarts(const char *fault)
{
	fault_set(fault, ~0ull, 0);
	assert_int_equal(mq_stop(BACK_MS), 0);
	assert_int_equal(mq_start(BACK_MS, 100), 0);
	fault_set(fault, 0, 0);
	mq_run(100);
	fault_works();
}

/* --- the tests ----------------------------------------------------------------------------- */

/* All of a frame over several descriptors is dropped, counted once. */
static void test_no_eop(void **state)
{
	(void)state;
	fault_set("rx-no-eop", 2, 0);
	for (u32 i = 0; i < 3; i++)
		assert_true(chip_inject(100, i));
	assert_int_equal(mq_run(5), 0);
	/* A virtual function may be sent frames longer than its own limit. */
	assert_int_equal(mq_bad(), !chip.guest);
	assert_int_equal(rig.port->qnic[0].rx_errors, chip.guest);
	fault_works();
}

static void test_error_bits(void **state)
{
	(void)state;
	fault_set("rx-error", 1, 0);
	assert_true(chip_inject(100, 3));
	assert_int_equal(mq_run(200), 0); /* or it is in the device's own books */
	assert_int_equal(rig.port->qnic[0].rx_errors + rig.port->nic.rx_length, 1);
	fault_works();
}

static void test_no_dd(void **state)
{
	(void)state;
	fault_rx("rx-no-dd", NOTICE_MS);
}

static void test_tx_hang(void **state)
{
	(void)state;
	fault_tx("tx-hang", ~0ull);
}

static void test_tx_not_reported(void **state)
{
	(void)state;
	fault_tx("tx-no-dd", ~0ull);
}

static void test_ecc(void **state)
{
	(void)state;
	for (u32 i = 0; i < (chip.no_ecc ? 0 : POINTS); i++) {
		fault_set("ecc", 1, 0);
		chip_inject(100, i);
		fault_is_reset("ecc", NOTICE_MS);
	}
}

static void test_reset_never_ends(void **state)
{
	(void)state;
	if (chip.guest) /* whose reset is over at once */
		skip();
	fault_set("reset-stuck", ~0ull, 0);
	assert_int_equal(mq_stop(BACK_MS), -ETIMEDOUT);
	/* The device may still write: the buffers are not given back. */
	assert_true(rig.port->ops->buffers(rig.port, 0) > 0);
	fault_set("reset-stuck", 0, 0);
	assert_int_equal(mq_stop(BACK_MS), 0);
	assert_int_equal(mq_start(BACK_MS, 1000), 0);
	mq_run(100);
	fault_works();
}

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
	fault_works();
}

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
	fault_works();
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

int mq_faults_run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, chip_setup2, chip_teardown)
	const struct CMUnitTest tests[] = {
		T(test_no_eop),
		T(test_error_bits),
		T(test_no_dd),
		T(test_tx_hang),
		T(test_tx_not_reported),
		T(test_ecc),
		T(test_reset_never_ends),
		T(test_removed),
		T(test_link_flaps),
		T(test_no_hang_without_link),
	};

	return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
