// SPDX-License-Identifier: MIT
/* What every NIC driver must do, run against the model of its device. */
#include "tests/unit/drivers/rig.h"
#include "tests/unit/unit.h"

enum { BUFFERS = 2048, UP_MS = 2000 };

static int setup(void **state)
{
	(void)state;
	assert_int_equal(rig_start(nic.model(), nic.driver, nic.vendor, nic.device, BUFFERS), 0);
	rig.irq_kind = nic.irq_kind;
	rig.port->ops->attach(rig.port, 0);
	assert_true(rig.port->can_wake);
	assert_int_equal(rig_up(UP_MS), 0);
	assert_int_equal(rig_run(20), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_down(UP_MS);
	rig_end();
	return 0;
}

static bool inject(u32 len, u32 seed)
{
	static u8 f[2048];

	frame_fill(f, len, seed);
	return rig.model->inject(rig.model, f, len);
}

/* One frame from the driver, which must be the one of seed. */
static void expect_rx(u32 len, u32 seed)
{
	struct packet *pkt;

	assert_int_equal(rig.port->ops->rx(rig.port, 0, rig.pc, &pkt, 1), 1);
	assert_int_equal(pkt->len, len);
	assert_true(frame_is(pkt->data, len, seed));
	pool_put(rig.pc, &pkt, 1);
}

static u32 tx(struct packet **pkt, u32 n)
{
	return rig.port->ops->tx(rig.port, 0, pkt, n);
}

static u32 reclaim(void)
{
	return rig.port->ops->reclaim(rig.port, 0, rig.pc);
}

static void test_up_and_down(void **state)
{
	(void)state;
	assert_true(rig.port->link);
	assert_memory_equal(rig.port->mac, "\x52\x54\x00\x12\x34\x56", 6);
	assert_int_equal(rig_nic().link_changes, 1);
	assert_true(rig.port->ops->buffers(rig.port, 0) >= nic.rx_ring);
	for (u32 i = 0; i < 3; i++) {
		assert_int_equal(rig_down(UP_MS), 0);
		assert_int_equal(rig.port->ops->buffers(rig.port, 0), 0);
		assert_int_equal(pool_free_count(rig.pool), pool_size(rig.pool));
		assert_false(inject(64, 1)); /* nothing is received when down */
		assert_int_equal(rig_up(UP_MS), 0);
		rig_run(20);
		assert_true(inject(64, i));
		expect_rx(64, i);
	}
}

static void test_all_sizes(void **state)
{
	(void)state;
	for (u32 len = 60; len <= 1514; len++) {
		struct packet *pkt = rig_packet(len, len);
		const struct sent *s;

		assert_true(inject(len, len));
		expect_rx(len, len);
		assert_int_equal(tx(&pkt, 1), 1);
		s = rig_sent();
		assert_non_null(s);
		assert_int_equal(s->len, len);
		assert_true(frame_is(s->data, len, len));
		assert_int_equal(reclaim(), 1);
	}
}

static u32 rx_one(u32 len, u32 seed)
{
	struct packet *pkt[BURST_MAX];
	u32 n = rig.port->ops->rx(rig.port, 0, rig.pc, pkt, BURST_MAX);

	if (n) {
		assert_int_equal(n, 1);
		assert_int_equal(pkt[0]->len, len);
		assert_true(frame_is(pkt[0]->data, len, seed));
		pool_put(rig.pc, pkt, 1);
	}
	return n;
}

static void inject_long(u32 len, u32 seed)
{
	static u8 f[16384];

	frame_fill(f, len, seed);
	rig.model->inject(rig.model, f, len);
}

/* Jumbo frames of all sizes in and out, also where they need two descriptors, while the ring wraps;
 * what is larger than a buffer is lost alone, and nothing else is written. */
static void test_jumbo_sizes(void **state)
{
	(void)state;
	assert_int_equal(rig_start_jumbo(nic.model(), nic.driver, nic.vendor, nic.device, BUFFERS),
			 0);
	assert_true(rig.port->mtu_max >= 9000); /* the model of virtio says that */
	assert_int_equal(rig_up(UP_MS), 0);
	assert_int_equal(rig_run(20), 0);
	for (u32 len = 60; len <= PORT_FRAME_JUMBO; len += len > 8180 && len < 8200 ? 1 : 7) {
		struct packet *pkt = rig_packet(len, len);
		const struct sent *s;

		inject_long(len, len);
		assert_int_equal(rx_one(len, len), 1);
		assert_int_equal(tx(&pkt, 1), 1);
		s = rig_sent();
		assert_non_null(s);
		assert_int_equal(s->len, len);
		assert_true(frame_is(s->data, len, len));
		assert_int_equal(reclaim(), 1);
	}
	assert_int_equal(rig_nic().bad_descriptor + rig_nic().rx_length, 0);
	for (u32 len = POOL_CLASS_JUMBO - PACKET_HEADROOM - 1; len <= 16380; len += 611) {
		bool fits = len <= POOL_CLASS_JUMBO - PACKET_HEADROOM;

		inject_long(len, len);
		inject_long(100, len);
		if (fits)
			assert_int_equal(rig_run(1), 2);
		else
			assert_int_equal(rx_one(100, len), 1);
	}
	assert_int_equal(rig_down(UP_MS), 0);
	rig_end();
}

/* A short frame must not carry what its buffer held before. */
static void test_padding_is_zero(void **state)
{
	(void)state;
	for (u32 len = 14; len < 60; len++) {
		struct packet *pkt = rig_packet(len, len);
		const struct sent *s;

		assert_int_equal(tx(&pkt, 1), 1);
		s = rig_sent();
		assert_non_null(s);
		assert_int_equal(s->len, 60);
		assert_true(frame_is(s->data, len, len));
		for (u32 i = len; i < 60; i++)
			assert_int_equal(s->data[i], 0);
		reclaim();
	}
}

/* Both rings wrap some hundred times; bursts of changing size; order and content are kept. */
static void test_100000_frames(void **state)
{
	struct packet *pkt[BURST_MAX];
	u32 in = 0, out = 0, rng = 12345;

	(void)state;
	while (out < 100000) {
		u32 burst = 1 + (rng = rng * 1103515245 + 12345) / 65536 % BURST_MAX, n;

		for (u32 i = 0; i < burst; i++, in++)
			assert_true(inject(60 + in % 1455, in));
		for (u32 got = 0; got < burst; got += n) {
			n = rig.port->ops->rx(rig.port, 0, rig.pc, pkt, 1 + rng / 7 % BURST_MAX);
			assert_true(n > 0);
			assert_int_equal(tx(pkt, n), n);
			if (rng & 32)
				reclaim();
		}
		reclaim();
		for (const struct sent *s; (s = rig_sent()) != NULL; out++) {
			assert_int_equal(s->len, 60 + out % 1455);
			assert_true(frame_is(s->data, s->len, out));
		}
		assert_int_equal(in, out);
	}
	assert_int_equal(rig_nic().rx_nobuf + rig_nic().bad_descriptor, 0);
}

static void test_rx_ring_full(void **state)
{
	u32 n = 0;

	(void)state;
	while (inject(64, n))
		n++;
	assert_int_equal(n, nic.rx_ring);
	for (u32 i = 0; i < n; i++)
		expect_rx(64, i);
	for (u32 i = 0; i < n; i++) {
		assert_true(inject(64, i));
		expect_rx(64, i);
	}
}

static void test_tx_ring_full(void **state)
{
	struct packet *pkt[BURST_MAX];
	u32 taken = 0, seed = 0, n;

	(void)state;
	rig.model->stall_tx = true;
	do {
		for (u32 i = 0; i < BURST_MAX; i++)
			pkt[i] = rig_packet(100, seed + i);
		n = tx(pkt, BURST_MAX);
		taken += n;
		seed += n;
		pool_put(rig.pc, &pkt[n], BURST_MAX - n);
	} while (n == BURST_MAX);
	assert_int_equal(taken, nic.tx_ring);
	assert_int_equal(reclaim(), 0);
	assert_int_equal(rig.port->ops->room(rig.port, 0), 0);
	rig.model->stall_tx = false;
	rig.model->run(rig.model);
	assert_int_equal(reclaim(), taken);
	assert_int_equal(rig.port->ops->room(rig.port, 0), nic.tx_ring);
	for (u32 i = 0; i < taken; i++)
		assert_true(frame_is(rig_sent()->data, 100, i));
	pkt[0] = rig_packet(100, 1);
	assert_int_equal(tx(pkt, 1), 1);
	assert_int_equal(reclaim(), 1);
}

/* More in one turn than a ring holds, without a reclaim in between. */
static void test_tx_makes_room(void **state)
{
	(void)state;
	for (u32 i = 0; i < 1000; i++) {
		struct packet *pkt = rig_packet(64, i);

		assert_int_equal(tx(&pkt, 1), 1);
		assert_true(frame_is(rig_sent()->data, 64, i));
	}
}

static void test_pool_empty(void **state)
{
	static struct packet *all[BUFFERS];
	u32 n = 0, got;

	(void)state;
	while ((got = pool_get(rig.pc, &all[n], MIN(BUFFERS - n, (u32)BURST_MAX))) != 0)
		n += got;
	for (u32 i = 0; i < 1000; i++) {
		assert_true(inject(64, i));
		assert_int_equal(rig_run(1), 0);
	}
	assert_int_equal(rig_nic().rx_nobuf, 1000);
	for (u32 i = 0; i < n; i++)
		pool_put(rig.pc, &all[i], 1);
	assert_true(inject(64, 7));
	expect_rx(64, 7);
}

/* A pool that is smaller than the ring: what is there is posted, the rest follows later. */
static void test_small_pool(void **state)
{
	static struct packet *all[BUFFERS];
	u32 n = 0, got;

	(void)state;
	assert_int_equal(rig_down(UP_MS), 0);
	while ((got = pool_get(rig.pc, &all[n], MIN(BUFFERS - 40 - n, (u32)BURST_MAX))) != 0)
		n += got;
	assert_int_equal(rig_up(UP_MS), 0);
	rig_run(2);
	for (u32 i = 0; i < 39; i++)
		assert_true(inject(64, i));
	assert_int_equal(rig_run(5), 0); /* no fresh buffer for any of them */
	assert_true(rig_nic().rx_nobuf >= 39);
	for (u32 i = 0; i < n; i++)
		pool_put(rig.pc, &all[i], 1);
	rig_run(2);
	assert_true(rig.port->ops->buffers(rig.port, 0) >= nic.rx_ring);
	assert_true(inject(64, 7));
	expect_rx(64, 7);
}

/* What the engine never sends comes back, is counted, and is not seen on the wire. */
static void test_impossible_lengths(void **state)
{
	struct packet *pkt[3] = { rig_packet(64, 1), rig_packet(64, 2), rig_packet(64, 3) };

	(void)state;
	pkt[0]->len = 13;
	pkt[1]->len = 1519;
	assert_int_equal(tx(pkt, 3), 3);
	assert_int_equal(reclaim(), 3);
	assert_int_equal(rig_nic().tx_errors, 2);
	assert_true(frame_is(rig_sent()->data, 64, 3));
	assert_null(rig_sent());
}

static void test_removed(void **state)
{
	struct packet *pkt = rig_packet(64, 1);

	(void)state;
	rig.model->stall_tx = true;
	assert_int_equal(tx(&pkt, 1), 1);
	rig.model->removed = true;
	rig_run(20);
	assert_int_equal(rig.port->state, PORT_FAILED);
	assert_false(rig.port->link);
	assert_int_equal(rig.port->ops->buffers(rig.port, 0), 0);
	pkt = rig_packet(64, 1);
	assert_int_equal(tx(&pkt, 1), 0);
	pool_put(rig.pc, &pkt, 1);
	assert_int_equal(rig.port->tx_aborted, 1);
}

static void test_removed_before_start(void **state)
{
	(void)state;
	assert_int_equal(rig_down(UP_MS), 0);
	rig.model->removed = true;
	assert_int_equal(rig_up(UP_MS), -EIO);
	assert_int_equal(rig.port->state, PORT_FAILED);
}

static void test_reset_never_ends(void **state)
{
	(void)state;
	rig.model->stuck_reset = true;
	assert_int_equal(rig_down(UP_MS), -ETIMEDOUT);
	rig.model->stuck_reset = false;
	assert_int_equal(rig_down(UP_MS), 0);
	assert_int_equal(rig.port->ops->buffers(rig.port, 0), 0);
	assert_int_equal(rig_up(UP_MS), 0);
	rig_run(20);
	assert_true(inject(64, 8));
	expect_rx(64, 8);
}

static void test_tx_hang(void **state)
{
	struct packet *pkt[5];

	(void)state;
	for (u32 i = 0; i < 5; i++)
		pkt[i] = rig_packet(64, i);
	rig.model->stall_tx = true;
	assert_int_equal(tx(pkt, 5), 5);
	rig_run(nic.hang_ms ? nic.hang_ms : 1000);
	assert_int_equal(rig_nic().resets, 0); /* not at once */
	for (u32 i = 0; i < 14000 && !rig_nic().resets; i++)
		rig_run(1);
	assert_int_equal(rig_nic().resets, 1);
	assert_int_equal(rig.port->tx_aborted, 5);
	rig.model->stall_tx = false;
	rig_run(20); /* buffers are posted again */
	assert_true(rig.port->link);
	pkt[0] = rig_packet(64, 9);
	assert_int_equal(tx(pkt, 1), 1);
	assert_int_equal(reclaim(), 1);
	assert_true(frame_is(rig_sent()->data, 64, 9));
	assert_true(inject(64, 8));
	expect_rx(64, 8);
}

/* Without link frames may wait for ever. */
static void test_no_hang_without_link(void **state)
{
	struct packet *pkt = rig_packet(64, 1);

	(void)state;
	rig.model->stall_tx = true;
	rig.model->link = false;
	rig_run(20);
	assert_false(rig.port->link);
	assert_int_equal(rig_nic().link_changes, 2);
	assert_int_equal(tx(&pkt, 1), 1);
	rig_run(15000);
	assert_int_equal(rig_nic().resets, 0);
	rig.model->link = true;
	rig.model->stall_tx = false;
	rig_run(20);
	assert_true(rig.port->link);
	assert_int_equal(rig_nic().link_changes, 3);
	rig.model->run(rig.model);
	rig_run(1);
	assert_non_null(rig_sent());
}

static void test_stop_aborts(void **state)
{
	struct packet *pkt[7];

	(void)state;
	for (u32 i = 0; i < 7; i++)
		pkt[i] = rig_packet(64, i);
	assert_int_equal(tx(pkt, 3), 3);
	rig.model->stall_tx = true;
	assert_int_equal(tx(&pkt[3], 4), 4);
	assert_int_equal(rig_down(UP_MS), 0);
	assert_int_equal(rig.port->ops->room(rig.port, 0), 0);
	assert_int_equal(rig.port->tx_aborted, 4);
	assert_int_equal(pool_free_count(rig.pool), pool_size(rig.pool));
}

static void test_arm(void **state)
{
	bool (*arm)(struct port *, u32, bool) = rig.port->ops->arm;
	u32 was = rig.model->interrupts;

	(void)state;
	assert_true(inject(64, 1)); /* while polling: silent */
	assert_int_equal(rig.model->interrupts, was);
	assert_true(arm(rig.port, 0, true)); /* work is there already */
	arm(rig.port, 0, false);
	expect_rx(64, 1);
	was = rig.model->interrupts;
	assert_false(arm(rig.port, 0, true));
	assert_int_equal(rig.model->interrupts, was); /* nothing old wakes */
	assert_true(inject(64, 2));
	assert_int_equal(rig.model->interrupts, was + 1);
	arm(rig.port, 0, false);
	expect_rx(64, 2);
	was = rig.model->interrupts;
	assert_true(inject(64, 3));
	assert_int_equal(rig.model->interrupts, was);
	expect_rx(64, 3);
}

/* Group addresses and other stations' frames too. */
static void test_every_frame_arrives(void **state)
{
	u8 f[64];

	(void)state;
	frame_fill(f, 64, 1);
	memset(f, 0xff, 6);
	assert_true(rig.model->inject(rig.model, f, 64));
	f[0] = 0x01, f[1] = 0x00, f[2] = 0x5e;
	assert_true(rig.model->inject(rig.model, f, 64));
	assert_int_equal(rig_run(1), 2);
	f[0] = 0x02;
	assert_true(rig.model->inject(rig.model, f, 64));
	assert_int_equal(rig_run(1), 1);
}

int suite_run(const char *name)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jumbo_sizes),
		T(test_up_and_down),
		T(test_all_sizes),
		T(test_padding_is_zero),
		T(test_100000_frames),
		T(test_rx_ring_full),
		T(test_tx_ring_full),
		T(test_tx_makes_room),
		T(test_pool_empty),
		T(test_small_pool),
		T(test_impossible_lengths),
		T(test_removed),
		T(test_removed_before_start),
		T(test_reset_never_ends),
		T(test_tx_hang),
		T(test_no_hang_without_link),
		T(test_stop_aborts),
		T(test_arm),
		T(test_every_frame_arrives),
	};

	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
