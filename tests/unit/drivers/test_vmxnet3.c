// SPDX-License-Identifier: MIT
/*
 * The vmxnet3 driver on the model of the device: what all NICs with several queues do alike, their
 * faults, and what is this device's: one receive queue at revision 1, books that the device keeps,
 * buffers left out, completions of what was never given.
 */
#include "tests/unit/drivers/mq_faults.h"

/* Sums over the queues, also over a restart, after which the device counts from 0. */
static void test_statistics(void **state)
{
	u8 f[64];

	(void)state;
	for (u32 round = 1; round <= 2; round++) {
		for (u32 i = 0; i < 1000; i++)
			mq_through(i % mq.queues, 60 + i);
		for (u32 i = 0; i < 1000; i++) {
			struct mq_flow flow = mq_flow_random();

			mq_frame(f, sizeof(f), &flow, i);
			assert_true(rig.model->inject(rig.model, f, sizeof(f)));
			if (i % 50 == 0)
				mq_run(1);
		}
		mq_run(1000);
		assert_int_equal(mq_stat("ucastPktsRxOK"), 2000 * round);
		assert_int_equal(mq_stat("ucastPktsTxOK"), 1000 * round);
		assert_int_equal(mq_stat("ucastBytesTxOK"), 1000 * (60 + 1059) / 2 * round);
		assert_int_equal(mq_stat("pktsRxOutOfBuf"), 0);
		assert_int_equal(mq_stop(2000), 0);
		assert_int_equal(mq_start(2000, 1000), 0);
		mq_run(20);
	}
}

static void test_registers(void **state)
{
	(void)state;
	mq_read_registers();
	assert_int_equal(mq_reg("VRRS"), 3);
	assert_int_equal(mq_reg("MACL"), 0x12005452);
	assert_int_equal(mq_reg("IMR0"), 1);
	mq_through(0, 64);
}

/* Revision 1 does not spread: one receive queue, all transmit queues. */
static void test_revision_1(void **state)
{
	struct packet *pkts[BURST_MAX];
	u32 got = 0;
	u8 f[64];

	(void)state;
	rig_pairs = 8;
	assert_int_equal(rig_start(model_nicsim("vmxnet3,mac=52:54:00:12:34:56"), chip.driver,
				   chip.vendor, chip.device, 4096),
			 0);
	assert_int_equal(rig.port->rx_queues, 1);
	assert_int_equal(rig.port->tx_queues, 8);
	assert_int_equal(rig.port->reta_size, 0);
	rig.irq_kind = 1;
	rig.port->ops->attach(rig.port, 0);
	assert_true(rig.port->can_wake);
	assert_int_equal(rig_up(2000), 0);
	assert_int_equal(rig.port->ops->rx(rig.port, 0, rig.pc, pkts, BURST_MAX), 0);
	for (u32 i = 0; i < 200; i++) {
		struct mq_flow flow = mq_flow_random();

		mq_frame(f, sizeof(f), &flow, i);
		assert_true(rig.model->inject(rig.model, f, sizeof(f)));
	}
	for (u32 n; (n = rig.port->ops->rx(rig.port, 0, rig.pc, pkts, BURST_MAX)) != 0; got += n)
		pool_put(rig.pc, pkts, n);
	assert_int_equal(got, 200);
	/* A queue that has never seen a cache sends all the same. */
	for (u32 q = 0; q < 8; q++) {
		struct packet *pkt = rig_packet(100, q);

		assert_int_equal(rig.port->ops->tx(rig.port, q, &pkt, 1), 1);
		assert_true(frame_is(rig_sent()->data, 100, q));
		assert_int_equal(rig.port->ops->reclaim(rig.port, q, rig.pc), 1);
	}
	assert_int_equal(rig_down(2000), 0);
	rig_end();
}

/* Kinds of rig.h: MSI serves one queue; the line is not used. */
static void test_interrupts(void **state)
{
	(void)state;
	for (u32 pairs = 1; pairs <= 2; pairs++) {
		for (u32 kind = 0; kind <= 2; kind++) {
			struct mq_setup s = chip_setup_of(pairs, false);

			s.irq = false;
			assert_int_equal(mq_probe(&s), 0);
			rig.irq_kind = kind;
			rig.port->wake_queues = 0;
			rig.port->ops->attach(rig.port, 0);
			assert_int_equal(rig.port->can_wake,
					 kind == 1 || (kind == 2 && pairs == 1));
			assert_int_equal(mq_start(2000, 1000), 0);
			mq_run(20);
			mq_through(0, 64);
			mq_end();
		}
	}
}

static void test_refuses(void **state)
{
	struct model *m = model_nicsim("vmxnet3,mac=52:54:00:12:34:56,revisions=2");

	(void)state;
	assert_int_not_equal(rig_start(m, chip.driver, chip.vendor, chip.device, 1024), 0);
	assert_string_equal(rig.dev.reason, "it has no revision 1 (0x2)");
	rig_end();
	m = model_nicsim(chip.spec);
	m->removed = true;
	assert_int_not_equal(rig_start(m, chip.driver, chip.vendor, chip.device, 1024), 0);
	assert_string_equal(rig.dev.reason, "its registers do not answer");
	rig_end();
}

/* --- faults -------------------------------------------------------------------------------- */

static void test_lengths(void **state)
{
	(void)state;
	fault_one_bad_frame("rx-length-zero", 0);
	fault_traffic(3);
	fault_one_bad_frame("rx-length-over", 0);
}

/* A device may leave buffers out: they are posted again, and nothing is lost. */
static void test_buffers_left_out(void **state)
{
	(void)state;
	for (u32 i = 0; i < 600; i++) {
		struct packet *pkt[BURST_MAX];
		u32 n = 0;

		if (i % 3 == 0)
			fault_set("rx-skip", 1, 0);
		assert_true(chip_inject(100, i));
		for (u32 k = 0; k < 3 && !n; k++)
			n = mq_rx(0, pkt, 1 + i % 2);
		assert_int_equal(n, 1);
		assert_true(frame_is(pkt[0]->data, 100, i));
		pool_put(mq.pc[0], pkt, 1);
	}
	assert_int_equal(mq_bad() + mq_nobuf(), 0);
	mq_check_buffers();
}

/* Completions of descriptors or queues that are not: a reset, and no buffer is believed. */
static void test_lies(void **state)
{
	static const struct {
		const char *fault;
		u64 arg;
	} lies[] = { { "rx-index", 4095 }, { "rx-index", 256 }, { "rx-queue", 0 } };

	(void)state;
	for (u32 i = 0; i < 30; i++) {
		u64 resets = rig.port->nic.resets, bad = mq_bad();

		fault_traffic(i * 7 % 40);
		fault_set(lies[i % 3].fault, 1, lies[i % 3].arg);
		chip_inject(100, i);
		fault_is_reset(lies[i % 3].fault, NOTICE_MS);
		assert_int_equal(rig.port->nic.resets, resets + 1);
		assert_int_equal(mq_bad(), bad + 1);
	}
}

static void test_transmit_lies(void **state)
{
	(void)state;
	for (u32 i = 0; i < 10; i++) {
		struct packet *pkt;

		fault_traffic(i * 7 % 40);
		pkt = rig_packet(100, i);
		fault_set("tx-index", 1, i & 1 ? 4095 : 200); /* never given so far */
		assert_int_equal(rig.port->ops->tx(rig.port, 1, &pkt, 1), 1);
		fault_is_reset("tx-index", NOTICE_MS);
		assert_int_equal(rig.port->nic.resets, i + 1);
	}
}

static void test_queue_is_stopped(void **state)
{
	(void)state;
	for (u32 i = 0; i < 10; i++) {
		fault_traffic(i % 5);
		fault_set("queue-error", 1, 0);
		fault_is_reset("queue-error", NOTICE_MS);
		assert_int_equal(rig.port->nic.resets, i + 1);
	}
}

int main(void)
{
#define T(f)  cmocka_unit_test_setup_teardown(f, chip_setup1, chip_teardown)
#define T2(f) cmocka_unit_test_setup_teardown(f, chip_setup2, chip_teardown)
#define T8(f) cmocka_unit_test_setup_teardown(f, chip_setup_all, chip_teardown)
	const struct CMUnitTest tests[] = {
		T(test_statistics),
		T8(test_statistics),
		T8(test_registers),
		cmocka_unit_test(test_revision_1),
		cmocka_unit_test(test_interrupts),
		cmocka_unit_test(test_refuses),
		T2(test_lengths),
		T2(test_buffers_left_out),
		T2(test_lies),
		T2(test_transmit_lies),
		T2(test_queue_is_stopped),
	};

	return mq_suite_run() + mq_shown_run() + mq_flows_run() + mq_faults_run() +
	       cmocka_run_group_tests_name("vmxnet3", tests, NULL, NULL);
}
