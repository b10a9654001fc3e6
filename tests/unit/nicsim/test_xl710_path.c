// SPDX-License-Identifier: MIT
/*
 * XL710 model, first path: reset, admin queue, memory cache, one VSI, queues that pass frames,
 * wrap, both descriptor sizes, several buffers, both kinds of write-back, and what a wrong driver
 * does.
 */
#include "tests/unit/nicsim/xl710_rig.h"

static void test_frames(void **state)
{
	const struct xr_qopt o = { 0 };
	u8 f[2048];

	(void)state;
	xr_start("");
	xr_up(1, &o);
	for (u32 i = 0; i < 1000; i++) {
		u32 len = xr_packet(f, false, 17, i, 9, i % 1400);
		u64 qw[4];
		const u8 *data;

		/* out */
		xr_send(0, f, len, 0, 0, 0);
		assert_int_equal(xr.nsent, 1);
		assert_int_equal(xr.sent[0].len, len < 60 ? 60 : len);
		assert_memory_equal(xr.sent[0].data, f, len);
		xr.nsent = 0;
		/* in */
		assert_true(xr_wire(f, len));
		assert_true(xr_rx(0, qw, &data));
		assert_int_equal(qw[1] >> 38 & 0x3fff, len < 60 ? 60 : len);
		assert_int_equal(qw[1] & 3, 3);
		assert_int_equal(qw[1] >> 30 & 0xff, 24);
		assert_memory_equal(data, f, len);
		assert_false(xr_rx_peek(0, qw));
	}
	/* DD of the last one */
	assert_int_equal(
		*(u64 *)(void *)XR_P(XR_TXR + (xr.tx_tail[0] + XR_RING - 1) % XR_RING * 16 + 8) &
			15,
		15);
	assert_int_equal(xr_stat48(0x3005a0), 1000);
	assert_int_equal(xr_stat48(0x3009c0), 1000);
	assert_int_equal(xr_stat48(0x36c080), 1000);
	xr_end(0);
}

static void test_paged_and_16(void **state)
{
	const struct xr_qopt o = { .d16 = true, .head_wb = true };
	u8 f[256];
	u64 qw[4];
	const u8 *data;

	(void)state;
	xr_start("");
	xr_hmc(true);
	xr_vsi(1);
	xr_promisc(7);
	assert_true(xr_rx_up(0, &o));
	assert_true(xr_tx_up(0, &o));
	for (u32 i = 0; i < 300; i++) {
		u32 len = xr_packet(f, true, 6, 1000 + i, 80, 50);

		xr_send(0, f, len, 0, 0, 0);
		assert_int_equal(*(u32 *)(void *)XR_P(XR_WB), xr.tx_tail[0]);
		assert_true(xr_wire(f, len));
		assert_true(xr_rx(0, qw, &data));
		assert_int_equal(qw[1] >> 30 & 0xff, 92);
		assert_memory_equal(data, f, len);
	}
	assert_int_equal(xr.nsent, 300);
	xr_end(0);
}

/* A jumbo frame in four buffers, then one that the queue may not take. */
static void test_chain(void **state)
{
	const struct xr_qopt o = { .rxmax = 9000 };
	static u8 f[9728];
	u64 qw[4];
	const u8 *data;
	u32 at = 0, len = 7500;

	(void)state;
	xr_start("");
	xr_up(1, &o);
	for (u32 i = 0; i < sizeof(f); i++)
		f[i] = (u8)(i * 13);
	memcpy(f, xr_mac, 6);
	assert_true(xr_wire(f, len));
	for (u32 i = 0; i < 4; i++) {
		u32 n = len - at < 2048 ? len - at : 2048;

		assert_true(xr_rx(0, qw, &data));
		assert_int_equal(qw[1] >> 38 & 0x3fff, n);
		assert_int_equal(qw[1] >> 1 & 1, i == 3);
		assert_memory_equal(data, f + at, n);
		at += n;
	}
	assert_false(xr_wire(f, 8997));
	assert_false(xr_rx_peek(0, qw));
	assert_int_equal(xr_rd(0x310080), 1);
	/* out: 9000 bytes in 5 descriptors */
	for (u32 i = 0; i < 5; i++) {
		memcpy(XR_P(XR_TXB + i * 16384), f + i * 1800, 1800);
		xr_tx_desc(0, XR_IOVA(XR_TXB + i * 16384), xr_tx_data(i == 4 ? 3 : 0, 0, 1800, 0));
	}
	xr_tx_go(0);
	assert_int_equal(xr.nsent, 1);
	assert_int_equal(xr.sent[0].len, 9000);
	assert_memory_equal(xr.sent[0].data, f, 9000);
	xr_end(0);
}

/* A frame whose last descriptor is posted later. */
static void test_split_tail(void **state)
{
	const struct xr_qopt o = { 0 };
	u8 f[200];

	(void)state;
	xr_start("");
	xr_up(1, &o);
	xr_packet(f, false, 17, 1, 2, 150);
	memcpy(XR_P(XR_TXB), f, 192);
	xr_tx_desc(0, XR_IOVA(XR_TXB), xr_tx_data(0, 0, 100, 0));
	xr_tx_go(0);
	assert_int_equal(xr.nsent, 0);
	xr_tx_desc(0, XR_IOVA(XR_TXB + 100), xr_tx_data(3, 0, 92, 0));
	xr_tx_go(0);
	assert_int_equal(xr.nsent, 1);
	assert_memory_equal(xr.sent[0].data, f, 192);
	xr_end(0);
}

static void test_full_ring(void **state)
{
	const struct xr_qopt o = { 0 };
	u8 f[100];
	u64 qw[4];
	const u8 *data;
	u32 len;

	(void)state;
	xr_start("");
	xr_up(1, &o);
	len = xr_packet(f, false, 17, 1, 2, 20);
	for (u32 i = 0; i < XR_RING - 1; i++)
		assert_true(xr_wire(f, len));
	assert_false(nicsim_rx_ready(xr.dev));
	assert_false(xr_wire(f, len));
	assert_int_equal(xr_rd(0x310080), 1);
	for (u32 i = 0; i < XR_RING - 1; i++)
		assert_true(xr_rx(0, qw, &data));
	assert_true(xr_wire(f, len));
	assert_true(xr_rx(0, qw, &data));
	xr_end(0);
}

/* CRC kept: four more bytes, which are the frame's CRC-32 (residue check). */
static void test_crc(void **state)
{
	const struct xr_qopt o = { .keep_crc = true };
	u8 f[100];
	u64 qw[4];
	const u8 *data;
	u32 len, c = ~0u;

	(void)state;
	xr_start("");
	xr_up(1, &o);
	len = xr_packet(f, false, 17, 1, 2, 40);
	assert_true(xr_wire(f, len));
	assert_true(xr_rx(0, qw, &data));
	assert_int_equal(qw[1] >> 38 & 0x3fff, len + 4);
	for (u32 i = 0; i < len + 4; i++) {
		c ^= data[i];
		for (u32 b = 0; b < 8; b++)
			c = c >> 1 ^ (c & 1 ? 0xedb88320 : 0);
	}
	assert_int_equal(c, 0xdebb20e3);
	xr_end(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),    cmocka_unit_test(test_paged_and_16),
		cmocka_unit_test(test_chain),     cmocka_unit_test(test_split_tail),
		cmocka_unit_test(test_full_ring), cmocka_unit_test(test_crc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
