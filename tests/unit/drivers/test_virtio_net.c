// SPDX-License-Identifier: MIT
/*
 * The virtio-net driver on a model of the device: the common suite, and a device that lies, on each
 * kind of virtqueue; mergeable buffers; several queue pairs (test_virtio_pairs.c).
 */
#include "tests/unit/drivers/model_virtio.h"
#include "tests/unit/unit.h"

enum { BUFFERS = 1024 };

/* Features of the device that the tests run on, besides the usual. */
static u64 features;

static struct model *model(void)
{
	return model_virtio_with(features, 1);
}

struct nic_under_test nic = { model, &virtio_net_driver, 0x1af4, 0x1041, 256, 256, 1, 0 };

static struct model_virtio *dev(void)
{
	return (struct model_virtio *)rig.model;
}

static int setup(void **state)
{
	(void)state;
	assert_int_equal(rig_start(nic.model(), nic.driver, nic.vendor, nic.device, BUFFERS), 0);
	assert_int_equal(rig_up(1000), 0);
	rig_run(20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_down(1000);
	rig_end();
	return 0;
}

static void inject(void)
{
	u8 f[64];

	frame_fill(f, sizeof(f), 1);
	assert_true(rig.model->inject(rig.model, f, sizeof(f)));
}

/* The lie was counted once, the device reset, and everything works again. */
static void assert_recovered(u32 lies)
{
	rig_run(30);
	assert_int_equal(rig_nic().bad_descriptor, lies);
	assert_int_equal(rig_nic().resets, lies);
	dev()->lie_id = dev()->lie_len = -1;
	dev()->lie_index = 0;
	inject();
	assert_int_equal(rig_run(1), 1);
	assert_true(rig.port->link);
	assert_int_equal(rig.port->ops->buffers(rig.port, 0), 256);
}

static void test_used_id_out_of_range(void **state)
{
	static const s64 ids[] = { 256, 257, 0xffff, 0x10000, 0x80000000, 0xffffffff };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(ids); i++) {
		if (features & MODEL_PACKED && ids[i] > 0xffff) /* has 16 bits there */
			break;
		dev()->lie_id = ids[i];
		inject();
		assert_int_equal(rig_run(1), 0);
		assert_recovered(i + 1);
	}
}

static void test_used_length_out_of_range(void **state)
{
	static const s64 lens[] = { 0, 11, 12 + 1921, 65536, 0xffffffff };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(lens); i++) {
		dev()->lie_len = lens[i];
		inject();
		assert_int_equal(rig_run(1), 0);
		assert_recovered(i + 1);
	}
}

static void test_used_index_jumps(void **state)
{
	(void)state;
	if (features & MODEL_PACKED) /* has no index */
		return;
	dev()->lie_index = 300;
	inject();
	assert_int_equal(rig_run(1), 0);
	assert_recovered(1);
}

/* An entry in the middle of a burst: what came before it counts. */
static void test_lie_in_a_burst(void **state)
{
	(void)state;
	inject();
	inject();
	dev()->lie_len = 70000;
	inject();
	assert_int_equal(rig_run(1), 2);
	assert_recovered(1);
}

/* The transmit ring: a descriptor that is not outstanding, out of range, twice the same. */
static void test_transmit_lies(void **state)
{
	static const u32 ids[] = { 255, 256, 0x10000, 0xffffffff };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(ids); i++) {
		struct packet *pkt;

		if (features & MODEL_PACKED && ids[i] > 0xffff)
			break;
		pkt = rig_packet(64, 1);
		rig.model->stall_tx = true;
		assert_int_equal(rig.port->ops->tx(rig.port, 0, &pkt, 1), 1);
		model_virtio_used(dev(), 1, ids[i], 0);
		assert_int_equal(rig.port->ops->reclaim(rig.port, 0, rig.pc), 0);
		assert_recovered(i + 1);
		assert_int_equal(rig.port->tx_aborted, i + 1);
	}
}

static void test_transmit_used_twice(void **state)
{
	struct packet *pkt[2] = { rig_packet(64, 2), rig_packet(64, 3) };

	(void)state;
	rig.model->stall_tx = true;
	assert_int_equal(rig.port->ops->tx(rig.port, 0, pkt, 2), 2);
	model_virtio_used(dev(), 1, 0, 0);
	model_virtio_used(dev(), 1, 0, 0);
	assert_int_equal(rig.port->ops->reclaim(rig.port, 0, rig.pc), 1);
	assert_recovered(1);
	assert_int_equal(rig.port->tx_aborted, 1);
}

/* Frames shorter than a header reach the engine, which drops them by name. */
static void test_runts_are_passed_on(void **state)
{
	struct packet *pkt;

	(void)state;
	dev()->lie_len = 12 + 5;
	inject();
	assert_int_equal(rig.port->ops->rx(rig.port, 0, rig.pc, &pkt, 1), 1);
	assert_int_equal(pkt->len, 5);
	pool_put(rig.pc, &pkt, 1);
}

static void test_device_asks_for_reset(void **state)
{
	(void)state;
	dev()->needs_reset = true;
	rig_run(40);
	assert_int_equal(rig_nic().resets, 1);
	inject();
	assert_int_equal(rig_run(1), 1);
}

static void test_features(void **state)
{
	(void)state;
	/* MAC, STATUS, VERSION_1; not MTU: 9000 is more than our buffers. */
	assert_true(dev()->taken == (1ull << 5 | 1ull << 16 | 1ull << 32 | features));
	assert_int_equal(rig.port->mtu, 1500);
	assert_int_equal(rig_down(1000), 0);
	dev()->refuse = true;
	assert_int_equal(rig_up(1000), -EPROTO);
	assert_int_equal(rig.port->state, PORT_FAILED);
}

/* One doorbell a burst, none when the device polls, no register read. */
static void test_doorbells(void **state)
{
	struct packet *pkt[BURST_MAX];
	u32 reads = dev()->reads, kicks = dev()->q[1].kicks, n;

	(void)state;
	for (u32 round = 0; round < 2; round++) {
		for (u32 i = 0; i < 64; i++)
			inject();
		n = rig.port->ops->rx(rig.port, 0, rig.pc, pkt, BURST_MAX);
		assert_int_equal(n, 64);
		assert_int_equal(rig.port->ops->tx(rig.port, 0, pkt, n), 64);
		rig.model->run(rig.model);
		assert_int_equal(rig.port->ops->reclaim(rig.port, 0, rig.pc), 64);
		assert_int_equal(dev()->reads, reads);
		assert_int_equal(dev()->q[1].kicks, kicks + 1);
		dev()->polls = true; /* no doorbells from here on */
		rig.model->run(rig.model);
	}
}

static void test_small_ring(void **state)
{
	struct model *m = model();

	(void)state;
	((struct model_virtio *)m)->queue_max = 16;
	((struct model_virtio *)m)->q[0].size = ((struct model_virtio *)m)->q[1].size = 16;
	assert_int_equal(rig_start(m, nic.driver, nic.vendor, nic.device, BUFFERS), 0);
	assert_int_equal(rig_up(1000), 0);
	rig_run(20);
	for (u32 i = 0; i < 1000; i++) {
		struct packet *pkt = rig_packet(64, i);

		inject();
		assert_int_equal(rig_run(1), 1);
		assert_int_equal(rig.port->ops->tx(rig.port, 0, &pkt, 1), 1);
		assert_true(frame_is(rig_sent()->data, 64, i));
	}
	teardown(NULL);
}

static void refuse(struct model *m, const char *why)
{
	assert_int_not_equal(rig_start(m, nic.driver, nic.vendor, nic.device, BUFFERS), 0);
	assert_string_equal(rig.dev.reason, why);
	rig_end();
}

static void test_mtu(void **state)
{
	static const u16 mtus[] = { 0, 67, 68, 1400, 1500, 1501 };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(mtus); i++) {
		struct model *m = model();
		bool good = mtus[i] >= 68 && mtus[i] <= 1500;

		((struct model_virtio *)m)->mtu = mtus[i];
		assert_int_equal(rig_start(m, nic.driver, nic.vendor, nic.device, BUFFERS), 0);
		assert_int_equal(rig_up(1000), 0);
		assert_int_equal(rig.port->mtu, good ? mtus[i] : 1500);
		assert_int_equal(dev()->taken >> 3 & 1, good);
		teardown(NULL);
	}
}

static void test_probe_refuses(void **state)
{
	struct model *m = model();

	(void)state;
	m->cfg[0x34] = 0;
	refuse(m, "no modern virtio interface (legacy only is not driven)");
	m = model();
	((struct model_virtio *)m)->offered &= 0xffffffff;
	refuse(m, "no virtio 1.0 (legacy only is not driven)");
	m = model();
	((struct model_virtio *)m)->offered &= ~(1ull << 5);
	refuse(m, "it has no valid station address");
	m = model();
	((struct model_virtio *)m)->unstable = true;
	refuse(m, "it has no valid station address");
	m = model();
	((struct model_virtio *)m)->q[0].size = 0;
	((struct model_virtio *)m)->queue_max = 0;
	refuse(m, "queue 0 has 0 entries");
	m = model();
	m->cfg[0x60 + 16] = 255;
	m->cfg[0x60 + 17] = 255;
	refuse(m, "the doorbell of queue 1 is out of range");
	m = model();
	m->stuck_reset = true;
	((struct model_virtio *)m)->status = 15;
	refuse(m, "does not come out of its reset");
	m = model();
	m->removed = true;
	refuse(m, "does not come out of its reset");
}

static void test_interrupts(void **state)
{
	(void)state;
	for (u32 kind = 0; kind <= 1; kind++) {
		assert_int_equal(
			rig_start(nic.model(), nic.driver, nic.vendor, nic.device, BUFFERS), 0);
		rig.irq_kind = kind;
		rig.port->ops->attach(rig.port, 0);
		assert_int_equal(rig.port->can_wake, kind);
		assert_int_equal(rig_up(1000), 0);
		rig_run(5);
		assert_int_equal(dev()->q[0].vector, kind ? 0 : 0xffff);
		assert_int_equal(dev()->q[1].vector, 0xffff);
		assert_false(rig.port->ops->arm(rig.port, 0, true));
		inject();
		assert_int_equal(rig.model->interrupts, kind);
		assert_true(rig.port->ops->arm(rig.port, 0, true));
		rig.port->ops->arm(rig.port, 0, false);
		assert_int_equal(rig_run(1), 1);
		teardown(NULL);
	}
}

/* --- mergeable buffers ---------------------------------------------------------------------- */

static void start_merge(void)
{
	struct model *m = model_virtio_with(MODEL_EVENT | MODEL_PACKED, 1);

	((struct model_virtio *)m)->wanted = MODEL_MRG;
	assert_int_equal(rig_start(m, nic.driver, nic.vendor, nic.device, BUFFERS), 0);
	assert_int_equal(rig_up(1000), 0);
	rig_run(20);
	assert_true(dev()->taken == (1ull << 5 | 1ull << 16 | 1ull << 32 | MODEL_MRG));
}

/* Frames in one to fifteen buffers, whose parts are put together; bursts of them; the ring wraps.
 */
static void test_merge(void **state)
{
	static const u32 parts[] = { 0, 1999, 700, 256, 108 };
	static u8 f[2048];
	u32 seed = 0;

	(void)state;
	start_merge();
	for (u32 round = 0; round < 20; round++) {
		for (u32 len = 60; len <= 1514; len += 13, seed++) {
			struct packet *pkt[4];
			u32 n = 1 + seed % 3;

			dev()->part = parts[seed % ARRAY_SIZE(parts)];
			for (u32 i = 0; i < n; i++) {
				frame_fill(f, len, seed + i);
				assert_true(rig.model->inject(rig.model, f, len));
			}
			assert_int_equal(rig.port->ops->rx(rig.port, 0, rig.pc, pkt, 4), n);
			for (u32 i = 0; i < n; i++) {
				assert_int_equal(pkt[i]->len, len);
				assert_true(frame_is(pkt[i]->data, len, seed + i));
			}
			pool_put(rig.pc, pkt, n);
			assert_int_equal(rig.port->ops->buffers(rig.port, 0), 256);
		}
	}
	teardown(NULL);
}

/* What is longer than a buffer is lost alone, by name, and writes nothing behind the buffer. */
static void test_merge_too_long(void **state)
{
	static u8 f[16384];

	(void)state;
	start_merge();
	for (u32 len = 1900; len < 16000; len += 171) {
		u64 lost = rig_nic().rx_crc;
		bool fits = len <= POOL_CLASS_STD - PACKET_HEADROOM;

		dev()->part = 1200;
		frame_fill(f, len, len);
		assert_true(rig.model->inject(rig.model, f, len));
		inject();
		assert_int_equal(rig_run(1), fits ? 2 : 1);
		assert_int_equal(rig_nic().rx_crc - lost, !fits);
	}
	assert_int_equal(rig_nic().bad_descriptor, 0);
	teardown(NULL);
}

/* A header that names no buffer, or more than there are. */
static void test_merge_lies(void **state)
{
	static const int lies[] = { -1, 1, 15, 300, -30000 };

	(void)state;
	start_merge();
	for (u32 i = 0; i < ARRAY_SIZE(lies); i++) {
		dev()->lie_buffers = lies[i];
		inject();
		assert_int_equal(rig_run(1), 0);
		dev()->lie_buffers = 0;
		assert_recovered(i + 1);
	}
	teardown(NULL);
}

static int run_all(const char *name, const char *suite)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_used_id_out_of_range),
		T(test_used_length_out_of_range),
		T(test_used_index_jumps),
		T(test_lie_in_a_burst),
		T(test_transmit_lies),
		T(test_transmit_used_twice),
		T(test_runts_are_passed_on),
		T(test_device_asks_for_reset),
		T(test_features),
		T(test_doorbells),
		cmocka_unit_test(test_small_ring),
		cmocka_unit_test(test_mtu),
		cmocka_unit_test(test_probe_refuses),
		cmocka_unit_test(test_interrupts),
	};
	int failed = suite_run(suite);

	return failed + cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest merge[] = {
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_merge_too_long),
		cmocka_unit_test(test_merge_lies),
	};
	int failed = run_all("virtio-net", "virtio-net: suite");

	features = MODEL_EVENT;
	failed += run_all("virtio-net, event index", "virtio-net, event index: suite");
	features = MODEL_PACKED;
	failed += run_all("virtio-net, packed", "virtio-net, packed: suite");
	features = MODEL_PACKED | MODEL_EVENT;
	failed += run_all("virtio-net, packed, event index",
			  "virtio-net, packed, event index: suite");
	return failed + cmocka_run_group_tests_name("virtio-net, merge", merge, NULL, NULL);
}
