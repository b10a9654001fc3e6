// SPDX-License-Identifier: MIT
/* What goes through a port with several queues, at all sizes, while its rings wrap, fill and empty;
 * whom it wakes: run for each driver on the model of its chip (mq_chip.h). */
#include "tests/unit/drivers/mq_chip.h"

static int setup_jumbo(void **state)
{
	(void)state;
	chip_begin(2, true);
	return 0;
}

void mq_through(u32 queue, u32 len)
{
	struct packet *pkt[BURST_MAX];
	const struct sent *s;

	assert_true(chip_inject(len, len));
	assert_int_equal(mq_rx(0, pkt, BURST_MAX), 1);
	assert_int_equal(pkt[0]->len, len);
	assert_true(chip_is(pkt[0]->data, len, len));
	chip_forward(pkt[0]->data);
	assert_int_equal(rig.port->ops->tx(rig.port, queue, pkt, 1), 1);
	s = rig_sent();
	assert_non_null(s);
	assert_int_equal(s->len, len);
	assert_true(chip_is_forwarded(s->data, len, len));
	assert_int_equal(rig.port->ops->reclaim(rig.port, queue, mq.pc[queue]), 1);
}

static void test_up_and_down(void **state)
{
	(void)state;
	assert_true(rig.port->link);
	assert_true(rig.port->full_duplex);
	assert_int_equal(rig.port->speed_mbps, chip.speed_mbps);
	for (u32 i = 0; i < 3; i++) {
		assert_true(rig.port->ops->buffers(rig.port, 0) >= chip.ring - 1);
		assert_int_equal(mq_stop(2000), 0);
		assert_int_equal(pool_free_count(rig.pool), pool_size(rig.pool));
		assert_int_equal(mq_start(2000, 1000), 0);
		mq_run(20);
		mq_through(0, 64);
	}
}

static void test_all_sizes(void **state)
{
	(void)state;
	for (u32 len = 60; len <= 1514; len++)
		mq_through(0, len);
	assert_int_equal(mq_bad(), 0);
}

static void test_jumbo_sizes(void **state)
{
	(void)state;
	assert_true(rig.port->mtu_max >= chip_mtu_max());
	for (u32 len = 60; len <= chip_mtu_max() + 14; len += len % 1024 > 1010 ? 1 : 5)
		mq_through(1, len);
	mq_through(1, chip_mtu_max() + 14);
	assert_int_equal(mq_bad(), 0);
}

/* What is longer than the port's MTU allows is the NIC's to drop, and nothing else is lost. */
static void test_too_long(void **state)
{
	(void)state;
	for (u32 len = 1600; len < 9000; len += 700) {
		chip_inject(len, len);
		assert_int_equal(mq_run(1), 0);
		mq_through(0, 100);
	}
	mq_run(1000);
	assert_true((chip.guest ? rig.port->qnic[0].rx_errors : rig.port->nic.rx_length) >= 11);
	assert_int_equal(rig.port->nic.resets, 0);
	assert_int_equal(mq_bad(), 0);
}

static void test_padding_is_zero(void **state)
{
	(void)state;
	for (u32 len = 14; len < 60; len++) {
		struct packet *pkt = rig_packet(len, len);
		const struct sent *s;

		assert_int_equal(rig.port->ops->tx(rig.port, 0, &pkt, 1), 1);
		s = rig_sent();
		assert_non_null(s);
		assert_int_equal(s->len, 60);
		assert_true(frame_is(s->data, len, len));
		for (u32 i = len; i < 60; i++)
			assert_int_equal(s->data[i], 0);
		rig.port->ops->reclaim(rig.port, 0, mq.pc[0]);
	}
}

static void test_impossible_lengths(void **state)
{
	struct packet *pkt[3] = { rig_packet(64, 1), rig_packet(64, 2), rig_packet(64, 3) };

	(void)state;
	pkt[0]->len = 13;
	pkt[1]->len = (u16)(chip_frame_max() + 1);
	assert_int_equal(rig.port->ops->tx(rig.port, 0, pkt, 3), 3);
	assert_int_equal(rig.port->ops->reclaim(rig.port, 0, mq.pc[0]), 3);
	assert_int_equal(rig.port->qnic[0].tx_errors, 2);
	assert_true(frame_is(rig_sent()->data, 64, 3));
	assert_null(rig_sent());
}

/* The rings wrap some hundred times, in bursts of changing size; order and content are kept. */
static void test_100000_frames(void **state)
{
	struct packet *pkt[BURST_MAX];
	u32 in = 0, out = 0, rng = 12345;

	(void)state;
	while (out < 100000) {
		u32 burst = 1 + (rng = rng * 1103515245 + 12345) / 65536 % BURST_MAX, n;

		for (u32 i = 0; i < burst; i++, in++)
			assert_true(chip_inject(60 + in % 1455, in));
		for (u32 got = 0; got < burst; got += n) {
			n = mq_rx(0, pkt, 1 + rng / 7 % BURST_MAX);
			assert_true(n > 0);
			for (u32 i = 0; i < n; i++)
				chip_forward(pkt[i]->data);
			assert_int_equal(rig.port->ops->tx(rig.port, 0, pkt, n), n);
			if (rng & 32)
				rig.port->ops->reclaim(rig.port, 0, mq.pc[0]);
		}
		rig.port->ops->reclaim(rig.port, 0, mq.pc[0]);
		for (const struct sent *s; (s = rig_sent()) != NULL; out++) {
			assert_int_equal(s->len, 60 + out % 1455);
			assert_true(chip_is_forwarded(s->data, s->len, out));
		}
		assert_int_equal(in, out);
	}
	assert_int_equal(mq_nobuf() + mq_bad(), 0);
}

/* A ring of them fits; what is over is counted by the NIC; then all goes on as before. */
static void test_rx_ring_full(void **state)
{
	u32 got;

	(void)state;
	for (u32 i = 0; i < chip.ring + 88; i++)
		chip_inject(64, i);
	got = mq_run(20);
	assert_true(got >= chip.ring - 1);
	mq_run(1000);
	if (!chip.guest)
		assert_int_equal(got + rig.port->nic.rx_missed, chip.ring + 88);
	for (u32 i = 0; i < 3 * chip.ring; i++)
		mq_through(0, 64);
}

static void test_tx_ring_full(void **state)
{
	struct packet *pkt[BURST_MAX];
	u32 taken = 0, n;

	(void)state;
	rig.model->stall_tx = true;
	do {
		for (u32 i = 0; i < BURST_MAX; i++)
			pkt[i] = rig_packet(100, taken + i);
		n = rig.port->ops->tx(rig.port, 0, pkt, BURST_MAX);
		taken += n;
		pool_put(rig.pc, &pkt[n], BURST_MAX - n);
	} while (n == BURST_MAX);
	assert_int_equal(taken, chip.ring - 1);
	assert_int_equal(rig.port->ops->reclaim(rig.port, 0, mq.pc[0]), 0);
	assert_int_equal(rig.port->ops->room(rig.port, 0), 0);
	rig.model->stall_tx = false;
	rig.model->run(rig.model);
	assert_int_equal(rig.port->ops->reclaim(rig.port, 0, mq.pc[0]), taken);
	assert_int_equal(rig.port->ops->room(rig.port, 0), chip.ring - 1);
	for (u32 i = 0; i < taken; i++)
		assert_true(frame_is(rig_sent()->data, 100, i));
}

/* More in one turn than a ring holds, without a reclaim in between. */
static void test_tx_makes_room(void **state)
{
	(void)state;
	for (u32 i = 0; i < 2000; i++) {
		struct packet *pkt = rig_packet(64, i);

		assert_int_equal(rig.port->ops->tx(rig.port, 0, &pkt, 1), 1);
		assert_true(frame_is(rig_sent()->data, 64, i));
	}
}

static void test_pool_empty(void **state)
{
	static struct packet *all[CHIP_BUFFERS];
	u32 n = 0, got;

	(void)state;
	while ((got = pool_get(rig.pc, &all[n], MIN(CHIP_BUFFERS - n, (u32)BURST_MAX))) != 0)
		n += got;
	for (u32 i = 0; i < 1000; i++) {
		assert_true(chip_inject(64, i));
		assert_int_equal(mq_run(1), 0);
	}
	assert_int_equal(mq_nobuf(), 1000);
	for (u32 i = 0; i < n; i++)
		pool_put(rig.pc, &all[i], 1);
	mq_through(0, 64);
}

/* Group addresses, other stations' frames, LLDP: all of them are handed up. */
static void test_every_frame_arrives(void **state)
{
	static const u8 to[][6] = {
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		{ 0x01, 0x00, 0x5e, 1, 2, 3 },
		{ 0x02, 1, 2, 3, 4, 5 },
		{ 0x01, 0x80, 0xc2, 0, 0, 0x0e },
		{ 0x01, 0x80, 0xc2, 0, 0, 0 },
		{ 0x33, 0x33, 0, 0, 0, 1 },
	};
	u8 f[64];

	(void)state;
	if (chip.guest)
		skip();
	for (u32 i = 0; i < ARRAY_SIZE(to); i++) {
		frame_fill(f, 64, 1);
		memcpy(f, to[i], 6);
		assert_true(rig.model->inject(rig.model, f, 64));
		assert_int_equal(mq_run(1), 1);
	}
	mq_through(0, 64);
}

/* Tags stay in the frame. */
static void test_tags_stay(void **state)
{
	struct packet *pkt[BURST_MAX];
	u8 f[1522];
	u32 max = chip_frame_max();

	(void)state;
	if (rig.port->asks_for_vlans) {
		rig.port->vlans[0x64 / 64] = 1ull << 0x64 % 64;
		mq_run(100);
	}
	for (u32 len = 64; len <= max; len += len < 1500 ? 97 : 1) {
		chip_fill(f, len, 5);
		memcpy(f + 12, (const u8[]){ 0x81, 0, 0x20, 0x64, 0x81, 0, 0, 0xc8 }, 8);
		assert_true(rig.model->inject(rig.model, f, len));
		assert_int_equal(mq_rx(0, pkt, BURST_MAX), 1);
		assert_int_equal(pkt[0]->len, len);
		assert_memory_equal(pkt[0]->data, f, len);
		chip_forward(f);
		chip_forward(pkt[0]->data);
		assert_int_equal(rig.port->ops->tx(rig.port, 0, pkt, 1), 1);
		assert_memory_equal(rig_sent()->data, f, len);
		rig.port->ops->reclaim(rig.port, 0, mq.pc[0]);
	}
}

/* A vector each: the frame of queue i wakes its QGM, once, and only while armed. */
static void test_arm(void **state)
{
	bool (*arm)(struct port *, u32, bool) = rig.port->ops->arm;
	u32 was = rig.model->interrupts, vectors = chip.vectors ? chip.vectors : chip_queues();

	(void)state;
	assert_int_equal(rig.port->wake_queues, (1u << vectors) - 1);
	for (u32 i = 0; i < vectors; i++)
		assert_int_equal(rig.vector_qgm[chip.first_vector + i], i + 1);
	assert_true(chip_inject(64, 1)); /* while polling: silent */
	assert_int_equal(rig.model->interrupts, was);
	assert_true(arm(rig.port, 0, true)); /* work is there already */
	arm(rig.port, 0, false);
	assert_int_equal(mq_run(1), 1);
	was = rig.model->interrupts;
	assert_false(arm(rig.port, 0, true));
	assert_int_equal(rig.model->interrupts, was); /* nothing old wakes */
	assert_true(chip_inject(64, 2));
	mq_wait(1);
	assert_int_equal(rig.model->interrupts, was + 1);
	arm(rig.port, 0, false);
	assert_int_equal(mq_run(1), 1);
	was = rig.model->interrupts;
	assert_true(chip_inject(64, 3));
	mq_wait(1);
	assert_int_equal(rig.model->interrupts, was);
	assert_int_equal(mq_run(1), 1);
}

int mq_suite_run(void)
{
#define T(f)  cmocka_unit_test_setup_teardown(f, chip_setup1, chip_teardown)
#define T8(f) cmocka_unit_test_setup_teardown(f, chip_setup_all, chip_teardown)
#define TJ(f) cmocka_unit_test_setup_teardown(f, setup_jumbo, chip_teardown)
	const struct CMUnitTest tests[] = {
		T(test_up_and_down),     T(test_all_sizes),
		TJ(test_jumbo_sizes),    T(test_too_long),
		T(test_padding_is_zero), T(test_impossible_lengths),
		T(test_100000_frames),   T(test_rx_ring_full),
		T(test_tx_ring_full),    T(test_tx_makes_room),
		T(test_pool_empty),      T(test_every_frame_arrives),
		T(test_tags_stay),       T8(test_arm),
	};

	return cmocka_run_group_tests_name(chip.name, tests, NULL, NULL);
}
