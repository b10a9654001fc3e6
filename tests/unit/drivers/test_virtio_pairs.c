// SPDX-License-Identifier: MIT
/* The virtio-net driver with several queue pairs: control queue, RSS, vectors, resets; on split and
 * packed virtqueues. */
#include "tests/unit/drivers/model_virtio.h"
#include "tests/unit/unit.h"

enum { BUFFERS = 4096, PAIRS = 4 };

/* Features of the device that the tests run on, besides the usual and MQ. */
static u64 features;

static struct model_virtio *dev(void)
{
	return (struct model_virtio *)rig.model;
}

static void probe(u64 more, u16 pairs)
{
	rig_pairs = PAIRS;
	assert_int_equal(rig_start(model_virtio_with(features | MODEL_MQ | more, pairs),
				   &virtio_net_driver, 0x1af4, 0x1041, BUFFERS),
			 0);
	rig_pairs = 0;
}

static void start(u64 more, u16 pairs)
{
	probe(more, pairs);
	rig.irq_kind = 1;
	rig.port->ops->attach(rig.port, 0);
	assert_int_equal(rig_up(1000), 0);
	rig_run(20);
}

static void end(void)
{
	rig_down(1000);
	rig_end();
}

/* One frame with that hash; received by that pair and by no other. */
static void expect_on(u32 pair, u8 hash, u32 seed)
{
	struct packet *pkt;
	u8 f[80];

	frame_fill(f, sizeof(f), seed);
	f[20] = hash;
	assert_int_equal(model_virtio_pair(dev(), f), pair);
	assert_true(rig.model->inject(rig.model, f, sizeof(f)));
	for (u32 i = 0; i < PAIRS; i++) {
		u32 n = rig.port->ops->rx(rig.port, i, rig.pc, &pkt, 1);

		assert_int_equal(n, i == pair);
		if (!n)
			continue;
		assert_memory_equal(pkt->data, f, sizeof(f));
		pool_put(rig.pc, &pkt, 1);
	}
}

static void test_offer(void **state)
{
	static const struct {
		u64 more;
		u16 pairs, want;
	} cases[] = { { 0, 1, 1 }, { 0, 2, 2 }, { 0, 4, 4 }, { 0, 8, 4 }, { MODEL_RSS, 8, 4 } };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		bool many = cases[i].want > 1, rss = many && cases[i].more;

		start(cases[i].more, cases[i].pairs);
		assert_int_equal(rig.port->rx_queues, cases[i].want);
		assert_int_equal(rig.port->tx_queues, cases[i].want);
		assert_int_equal(rig.port->reta_size, rss ? 128 : 0);
		assert_int_equal(!!(dev()->taken & MODEL_MQ), many);
		assert_int_equal(!!(dev()->taken & MODEL_CTRL), many);
		assert_int_equal(!!(dev()->taken & MODEL_RSS), rss);
		assert_int_equal(dev()->set_pairs, many ? cases[i].want : 0);
		assert_int_equal(dev()->commands, many);
		for (u32 k = 0; k < cases[i].want; k++) {
			assert_int_equal(rig.vector_qgm[k], k + 1);
			assert_int_equal(dev()->q[2 * k].vector, k);
			assert_int_equal(dev()->q[2 * k + 1].vector, 0xffff);
			assert_true(port_queue_wakes(rig.port, k));
		}
		assert_true(rig.port->can_wake);
		for (u32 k = cases[i].want; k < cases[i].pairs; k++)
			assert_int_equal(dev()->q[2 * k].enabled, 0);
		end();
	}
}

/* Frames go to the pair of the table, and out of the pair they are given to; each wakes its own. */
static void test_frames(void **state)
{
	(void)state;
	start(MODEL_RSS, PAIRS);
	for (u32 i = 0; i < 3000; i++) {
		u32 pair = dev()->table[i % 128];
		struct packet *pkt = rig_packet(100, i);

		expect_on(pair, (u8)i, i);
		assert_int_equal(rig.port->ops->tx(rig.port, pair, &pkt, 1), 1);
		assert_true(frame_is(rig_sent()->data, 100, i));
		assert_int_equal(dev()->q[2 * pair + 1].kicks > 0, 1);
		for (u32 k = 0; k < PAIRS; k++)
			assert_int_equal(rig.port->ops->reclaim(rig.port, k, rig.pc), k == pair);
	}
	for (u32 k = 0; k < PAIRS; k++) {
		u32 was = rig.model->interrupts;
		u8 f[80] = { 0 };

		assert_false(rig.port->ops->arm(rig.port, k, true));
		for (u32 h = 0; h < 128; h++) /* only what is its own wakes it */
			if (h < 16 && dev()->table[h] != k) {
				f[20] = (u8)h;
				assert_true(rig.model->inject(rig.model, f, sizeof(f)));
			}
		assert_int_equal(rig.model->interrupts, was);
		for (u32 h = 0; h < 128; h++)
			if (dev()->table[h] == k) {
				f[20] = (u8)h;
				break;
			}
		assert_true(rig.model->inject(rig.model, f, sizeof(f)));
		assert_int_equal(rig.model->interrupts, was + 1);
		rig.port->ops->arm(rig.port, k, false);
		rig_run(1);
	}
	end();
}

/* At first even; then as the engine says, without a pause. */
static void test_table(void **state)
{
	u32 count[PAIRS] = { 0 };
	struct reta r;

	(void)state;
	start(MODEL_RSS, 8);
	for (u32 i = 0; i < 128; i++)
		count[dev()->table[i]]++;
	for (u32 i = 0; i < PAIRS; i++)
		assert_int_equal(count[i], 128 / PAIRS);
	assert_int_equal(reta_init(&r, 128), 0);
	for (u32 members = 1; members < 16; members++) {
		reta_spread(r.entry, 128, members);
		rig.port->ops->spread(rig.port, &r);
		rig_run(20);
		for (u32 i = 0; i < 128; i++)
			assert_int_equal(dev()->table[i], r.entry[i]);
	}
	/* Two changes while an answer is owed: the last one holds. */
	dev()->mute = true;
	reta_spread(r.entry, 128, 1);
	rig.port->ops->spread(rig.port, &r);
	rig_run(20);
	reta_spread(r.entry, 128, 2);
	rig.port->ops->spread(rig.port, &r);
	rig_run(20);
	reta_spread(r.entry, 128, 4);
	rig.port->ops->spread(rig.port, &r);
	dev()->mute = false;
	model_virtqueue_kick(dev(), 16);
	rig_run(40);
	for (u32 i = 0; i < 128; i++)
		assert_int_equal(dev()->table[i], 2);
	assert_int_equal(rig_nic().resets, 0);
	end();
}

static void test_control_queue_fails(void **state)
{
	(void)state;
	probe(0, PAIRS);
	dev()->mute = true;
	assert_int_equal(rig_up(5000), -ETIMEDOUT);
	assert_int_equal(rig_down(1000), 0);
	dev()->mute = false;
	dev()->nack = 1;
	assert_int_equal(rig_up(5000), -EPROTO);
	assert_int_equal(rig_down(1000), 0);
	dev()->nack = 0;
	assert_int_equal(rig_up(5000), 0);
	rig_run(5);
	end();
	/* While it runs: a reset makes it right. */
	start(MODEL_RSS, PAIRS);
	struct reta r;

	assert_int_equal(reta_init(&r, 128), 0);
	reta_spread(r.entry, 128, 3);
	dev()->mute = true;
	rig.port->ops->spread(rig.port, &r);
	rig_run(500);
	assert_int_equal(rig_nic().resets, 0);
	dev()->mute = false; /* answers nothing that it was asked before the reset */
	dev()->nack = 1;
	model_virtqueue_kick(dev(), 2 * PAIRS);
	dev()->nack = 0;
	rig_run(40);
	assert_int_equal(rig_nic().resets, 1);
	assert_int_equal(rig_nic().bad_descriptor, 1);
	assert_true(rig.port->link);
	end();
}

/* A lie in one pair: it stands still, the others work until the reset, all buffers come back. */
static void test_lie(void **state)
{
	struct packet *pkt, *burst[BURST_MAX];
	u8 hash = 0;

	(void)state;
	start(MODEL_RSS, PAIRS);
	for (u32 round = 0; round < 5; round++) {
		u8 f[80];
		u32 before = rig.port->tx_aborted;

		while (dev()->table[hash] != 2)
			hash++;
		rig.model->stall_tx = true;
		for (u32 k = 0; k < PAIRS; k++) {
			for (u32 i = 0; i < 10; i++)
				burst[i] = rig_packet(64, i);
			assert_int_equal(rig.port->ops->tx(rig.port, k, burst, 10), 10);
		}
		frame_fill(f, sizeof(f), 1);
		f[20] = hash;
		dev()->lie_len = 60000;
		assert_true(rig.model->inject(rig.model, f, sizeof(f)));
		dev()->lie_len = -1;
		assert_int_equal(rig.port->ops->rx(rig.port, 2, rig.pc, &pkt, 1), 0);
		assert_int_equal(rig.port->want_reset, 1);
		assert_int_equal(rig.port->ops->rx(rig.port, 2, rig.pc, &pkt, 1), 0);
		assert_int_equal(rig.port->ops->room(rig.port, 2), 0);
		assert_true(rig.port->ops->room(rig.port, 1) > 0);
		rig.model->stall_tx = false;
		rig_run(30);
		assert_int_equal(rig.port->nic.resets, round + 1);
		assert_int_equal(rig.port->qnic[2].bad_descriptor, round + 1);
		assert_int_equal(rig.port->tx_aborted, before + 10 * PAIRS);
		for (u32 k = 0; k < PAIRS; k++)
			assert_int_equal(rig.port->ops->buffers(rig.port, k), 256);
		for (u32 i = 0; i < 256; i++)
			expect_on(dev()->table[i % 128], (u8)i, i);
	}
	end();
}

/* A pair whose QGM is down has its old buffers, is left off, and gets no frames. */
static void test_one_is_down(void **state)
{
	u32 held;

	(void)state;
	start(MODEL_RSS, PAIRS);
	held = rig.port->ops->buffers(rig.port, 1);
	assert_true(held > 0);
	while (rig.port->ops->stop(rig.port, rig.now) == -EAGAIN)
		rig.now += 1000000;
	for (u32 k = 0; k < PAIRS; k++)
		if (k != 1)
			rig.port->ops->drain(rig.port, k, rig.pc);
	rig.port->draining = 1 << 1;
	assert_int_equal(rig_up(1000), 0);
	rig_run(5);
	assert_int_equal(rig.port->ops->buffers(rig.port, 1), held);
	assert_int_equal(dev()->q[2].enabled, 0);
	for (u32 i = 0; i < 256; i++) {
		assert_true(dev()->table[i % 128] != 1);
		expect_on(dev()->table[i % 128], (u8)i, i);
	}
	rig.port->draining = 0;
	end();
}

static int run_all(const char *name)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offer), cmocka_unit_test(test_frames),
		cmocka_unit_test(test_table), cmocka_unit_test(test_control_queue_fails),
		cmocka_unit_test(test_lie),   cmocka_unit_test(test_one_is_down),
	};

	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
	int failed = run_all("virtio-net pairs, split");

	features = MODEL_EVENT;
	failed += run_all("virtio-net pairs, split, event index");
	features = MODEL_PACKED;
	failed += run_all("virtio-net pairs, packed");
	features = MODEL_PACKED | MODEL_EVENT;
	return failed + run_all("virtio-net pairs, packed, event index");
}
