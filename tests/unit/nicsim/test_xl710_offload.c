// SPDX-License-Identifier: MIT
/*
 * XL710 model: checksums both ways, TCP segmentation, VLAN tags both ways, loop-back, statistics,
 * interrupts and their throttling.
 */
#include "tests/unit/nicsim/xl710_rig.h"

static u32 sum(const u8 *p, u32 n, u32 s)
{
	for (u32 i = 0; i < n; i++)
		s += i % 2 == 0 ? (u32)p[i] << 8 : p[i];
	while (s >> 16 != 0)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

static u32 get_be16(const u8 *p)
{
	return (u32)p[0] << 8 | p[1];
}

static u32 get_be32(const u8 *p)
{
	return get_be16(p) << 16 | get_be16(p + 2);
}

/* Are the checksums of an IPv4 or IPv6 TCP/UDP frame right? */
static bool sums_good(const u8 *f, bool v6)
{
	const u8 *ip = f + 14, *l4 = f + (v6 ? 54 : 34);
	u32 n = v6 ? get_be16(ip + 4) : get_be16(ip + 2) - 20u;

	if (!v6 && sum(ip, 20, 0) != 0xffff)
		return false;
	return sum(l4, n, sum(v6 ? ip + 8 : ip + 12, v6 ? 32 : 8, (v6 ? ip[6] : ip[9]) + n)) ==
	       0xffff;
}

/* Put the pseudo header's sum (with or without the length) where the checksum goes. */
static void seed(u8 *f, bool v6, u32 len)
{
	u8 *ip = f + 14, *l4 = f + (v6 ? 54 : 34);
	u8 proto = v6 ? ip[6] : ip[9];
	u32 s = sum(v6 ? ip + 8 : ip + 12, v6 ? 32 : 8, proto + len);
	u32 at = proto == 6 ? 16 : 6;

	if (!v6)
		ip[10] = ip[11] = 0;
	l4[at] = (u8)(s >> 8);
	l4[at + 1] = (u8)s;
}

static u32 cmd_of(bool v6, u8 proto)
{
	return (v6 ? 1u : 3u) << 5 | (proto == 6 ? 1u : 3u) << 8;
}

static u32 off_of(bool v6, u8 proto)
{
	return 14 / 2 | (v6 ? 10u : 5u) << 7 | (proto == 6 ? 5u : 2u) << 14;
}

static void test_tx_sums(void **state)
{
	const struct xr_qopt o = { 0 };
	u8 f[2048];

	(void)state;
	xr_start("");
	xr_up(1, &o);
	for (u32 k = 0; k < 4; k++)
		for (u32 n = 0; n < 200; n++) {
			bool v6 = (k & 1) != 0;
			u8 proto = (k & 2) != 0 ? 6 : 17;
			u32 len = xr_packet(f, v6, proto, n, 80, n * 5);

			seed(f, v6, len - (v6 ? 54 : 34));
			xr.nsent = 0;
			xr_send(0, f, len, cmd_of(v6, proto), off_of(v6, proto), 0);
			assert_int_equal(xr.nsent, 1);
			assert_true(sums_good(xr.sent[0].data, v6));
		}
	/* a wrong seed makes a wrong checksum: the chip adds nothing of its own */
	xr_packet(f, false, 17, 1, 2, 20);
	seed(f, false, 29);
	xr.nsent = 0;
	xr_send(0, f, 62, cmd_of(false, 17), off_of(false, 17), 0);
	assert_false(sums_good(xr.sent[0].data, false));
	xr_end(0);
}

static void test_rx_sums(void **state)
{
	const struct xr_qopt o = { 0 };
	u8 f[512];
	u64 qw[4];
	const u8 *data;

	(void)state;
	xr_start("");
	xr_up(1, &o);
	for (u32 k = 0; k < 12; k++) {
		bool v6 = (k & 1) != 0, l4bad = (k & 2) != 0;
		u8 proto = k < 4 ? 6 : 17;
		bool ipbad = k >= 8 && !v6;
		u32 len = xr_packet(f, v6, proto, 1, 2, 90);

		if (l4bad)
			f[len - 1] ^= 1;
		if (ipbad)
			f[24] ^= 1;
		assert_true(xr_wire(f, len));
		assert_true(xr_rx(0, qw, &data));
		assert_int_equal(qw[1] >> 3 & 1, 1);
		assert_int_equal(qw[1] >> 22 & 1, ipbad);
		assert_int_equal(qw[1] >> 23 & 1, l4bad);
	}
	/* UDP without checksum, ARP, fragment */
	xr_packet(f, false, 17, 1, 2, 90);
	f[40] = f[41] = 0;
	assert_true(xr_wire(f, 132));
	assert_true(xr_rx(0, qw, &data));
	assert_int_equal(qw[1] >> 23 & 1, 0);
	f[20] = 0x20;
	assert_true(xr_wire(f, 132));
	assert_true(xr_rx(0, qw, &data));
	assert_int_equal(qw[1] >> 30 & 0xff, 22);
	f[12] = 8;
	f[13] = 6;
	assert_true(xr_wire(f, 60));
	assert_true(xr_rx(0, qw, &data));
	assert_int_equal(qw[1] >> 30 & 0xff, 11);
	assert_int_equal(qw[1] >> 3 & 1, 0);
	xr_end(0);
}

/* 60,000 bytes in buffers of 12,000: segments of the MSS, sequence, ids, flags, checksums. */
static void tso(bool v6)
{
	static u8 f[65000];
	u32 hdr = (v6 ? 54 : 34) + 20, payload = 60000, mss = 1448, done = 0;
	u32 len = xr_packet(f, v6, 6, 999, 80, payload), at;

	assert_int_equal(len, hdr + payload);
	seed(f, v6, 0);
	f[hdr - 20 + 13] = 0x19; /* FIN, PSH, ACK */
	f[hdr - 20 + 7] = 7;
	xr.nsent = 0;
	xr_tx_desc(0, 0, 1 | 1ull << 4 | (u64)payload << 30 | (u64)mss << 50);
	for (at = 0; at < len;) {
		u32 n = len - at < 12000 ? len - at : 12000;

		memcpy(XR_P(XR_TXB + at), f + at, n);
		xr_tx_desc(
			0, XR_IOVA(XR_TXB + at),
			xr_tx_data(cmd_of(v6, 6) | (at + n == len ? 3 : 0), off_of(v6, 6), n, 0));
		at += n;
	}
	xr_tx_go(0);
	assert_int_equal(xr.nsent, (payload + mss - 1) / mss);
	for (u32 i = 0; i < xr.nsent; i++) {
		const u8 *s = xr.sent[i].data, *tcp = s + hdr - 20;
		u32 n = payload - done < mss ? payload - done : mss;
		bool last = i == xr.nsent - 1;

		assert_int_equal(xr.sent[i].len, hdr + n);
		assert_memory_equal(s + hdr, f + hdr + done, n);
		assert_true(sums_good(s, v6));
		assert_int_equal(get_be32(tcp + 4), 7 + done);
		assert_int_equal(tcp[13], last ? 0x19 : 0x10);
		if (!v6)
			assert_int_equal(get_be16(s + 18), get_be16(f + 18) + i);
		done += n;
	}
	assert_int_equal(done, payload);
}

static void test_tso(void **state)
{
	const struct xr_qopt o = { 0 };

	(void)state;
	xr_start("");
	xr_up(1, &o);
	tso(false);
	tso(true);
	/* lengths that contradict: the queue stops */
	xr_tx_desc(0, 0, 1 | 1ull << 4 | 500ull << 30 | 1000ull << 50);
	xr_tx_desc(0, XR_IOVA(XR_TXB), xr_tx_data(cmd_of(false, 6) | 3, off_of(false, 6), 1000, 0));
	xr_tx_go(0);
	assert_int_equal(xr_errors(NICSIM_E_DESC), 1);
	assert_true(xr_rd(0x0e6480) >> 31);
	assert_int_equal(xr_rd(0x0e6400), 1);
	xr_end(0);
}

static void vlan_mode(u32 emod)
{
	u8 p[16] = { 0, 2 }, b[128] = { 4 };

	b[12] = (u8)(3 | emod << 3);
	assert_int_equal(xr_aq(0x0211, p, b, 128, XR_BUF | XR_RD), 0);
}

static void test_vlan(void **state)
{
	const struct xr_qopt o = { 0 };
	u8 f[128], g[128];
	u64 qw[4];
	const u8 *data;
	u32 len;

	(void)state;
	xr_start("");
	xr_up(1, &o);
	len = xr_packet(f, false, 17, 1, 2, 40);
	xr_send(0, f, len, 8, 0, 0x6123); /* IL2TAG1 */
	assert_int_equal(xr.sent[0].len, len + 4);
	assert_memory_equal(xr.sent[0].data + 12, "\x81\x00\x61\x23", 4);
	assert_memory_equal(xr.sent[0].data + 16, f + 12, len - 12);
	memcpy(g, xr.sent[0].data, len + 4);
	memcpy(g, xr_mac, 6);
	assert_true(xr_wire(g, len + 4)); /* kept */
	assert_true(xr_rx(0, qw, &data));
	assert_int_equal(qw[1] >> 2 & 1, 0);
	assert_int_equal(qw[1] >> 38 & 0x3fff, len + 4);
	vlan_mode(0);
	assert_true(xr_wire(g, len + 4)); /* stripped and shown */
	assert_true(xr_rx(0, qw, &data));
	assert_int_equal(qw[1] >> 2 & 1, 1);
	assert_int_equal(qw[0] >> 16 & 0xffff, 0x6123);
	assert_int_equal(qw[1] >> 38 & 0x3fff, len);
	assert_memory_equal(data, f, len);
	vlan_mode(2);
	assert_true(xr_wire(g, len + 4)); /* stripped and hidden */
	assert_true(xr_rx(0, qw, &data));
	assert_int_equal(qw[1] >> 2 & 1, 0);
	assert_int_equal(qw[1] >> 38 & 0x3fff, len);
	xr_end(0);
}

static void test_stats_and_loopback(void **state)
{
	static const u16 size[] = { 60, 61, 123, 124, 251, 252, 507, 508, 1019, 1020, 1518, 1519 };
	const struct xr_qopt o = { .rxmax = 9000 };
	u8 f[2048] = { 0 }, p[16] = { 4 };
	u64 octets = 0, qw[4];
	const u8 *data;

	(void)state;
	xr_start("");
	xr_up(1, &o);
	assert_int_equal(xr_aq(0x0618, p, NULL, 0, 0), 0);
	for (u32 i = 0; i < 12; i++) {
		memcpy(f, xr_mac, 6);
		f[0] = i % 3 == 1 ? 1 : f[0];
		if (i % 3 == 2)
			memset(f, 255, 6);
		xr_send(0, f, size[i], 0, 0, 0);
		octets += size[i] + 4u;
		assert_true(xr_rx(0, qw, &data));
		assert_int_equal(qw[1] >> 38 & 0x3fff, size[i]);
		assert_int_equal(qw[1] >> 9 & 3, i % 3);
	}
	assert_int_equal(xr.nsent, 0);
	assert_int_equal(xr_stat48(0x300000), octets);
	assert_int_equal(xr_stat48(0x300680), octets);
	assert_int_equal(xr_stat48(0x358080), octets);
	assert_int_equal(xr_stat48(0x328080), octets - 48);
	for (u32 i = 0; i < 7; i++) {
		u32 n = i == 0 || i == 6 ? 1 : 2;

		assert_int_equal(xr_stat48(0x300480 + i * 0x20), n); /* PRC */
		assert_int_equal(xr_stat48(0x3006a0 + i * 0x20), n); /* PTC */
		assert_int_equal(xr_stat48(0x300480 + i * 0x20), n); /* reading clears nothing */
	}
	for (u32 i = 0; i < 3; i++) {
		assert_int_equal(xr_stat48(0x3005a0 + i * 0x20), 4);
		assert_int_equal(xr_stat48(0x3009c0 + i * 0x20), 4);
	}
	/* link down: sent nowhere, counted, completed */
	p[0] = 0;
	assert_int_equal(xr_aq(0x0618, p, NULL, 0, 0), 0);
	nicsim_light_set(xr.dev, false);
	xr_send(0, f, 60, 0, 0, 0);
	assert_int_equal(xr_rd(0x300a20), 1);
	assert_int_equal(*(u64 *)(void *)XR_P(XR_TXR + 12 * 16 + 8) & 15, 15);
	xr_end(0);
}

/* Vectors 0 and 1 with addresses; table in BAR 3. */
static void msix_on(void)
{
	nicsim_cfg_write(xr.dev, 0x1c, 4, 0xe1000000);
	nicsim_cfg_write(xr.dev, 0x20, 4, 0);
	for (u32 v = 0; v < 2; v++) {
		nicsim_bar_write(xr.dev, 3, v * 16, 4, 0xfee00000);
		nicsim_bar_write(xr.dev, 3, v * 16 + 8, 4, v);
		nicsim_bar_write(xr.dev, 3, v * 16 + 12, 4, 0);
	}
	nicsim_cfg_write(xr.dev, xr.dev->cap_msix + 2u, 2, 0x8000);
}

/* A frame without RS: it is sent at once, the head in memory follows with the vector's interrupt,
 * or with one that software triggers. */
static void test_head_without_rs(void **state)
{
	const struct xr_qopt o = { .head_wb = true };
	const u32 *head;
	u8 f[128];
	u32 len;

	(void)state;
	xr_start("");
	head = (const u32 *)(const void *)XR_P(XR_WB);
	msix_on();
	xr_up(1, &o);
	len = xr_packet(f, false, 17, 1, 2, 40);
	memcpy(XR_P(XR_TXB), f, len);
	xr_wr(0x03c000, 1 | 1 << 11 | 1u << 30); /* queue 0 to vector 1, ITR 1 */
	xr_wr(0x030800, 50);                     /* 100 us */
	xr_wr(0x034800, 1 | 3 << 3);
	for (u32 i = 1; i <= 3; i++) {
		xr_tx_desc(0, XR_IOVA(XR_TXB), xr_tx_data(1, 0, len, 0)); /* EOP */
		xr_tx_go(0);
		assert_int_equal(xr.nsent, i);
	}
	/* the first one's interrupt told the head; the others wait for their turn */
	assert_int_equal(xr.irqs[1], 1);
	assert_int_equal(*head, 1);
	xr_wr(0x034800, 1 | 3 << 3);
	assert_int_equal(*head, 1);
	xr_us(150);
	assert_int_equal(xr.irqs[1], 2);
	assert_int_equal(*head, 3);
	/* the cause is off: nothing by itself, but RS tells */
	xr_wr(0x03c000, 1 | 1 << 11);
	xr_tx_desc(0, XR_IOVA(XR_TXB), xr_tx_data(1, 0, len, 0));
	xr_tx_go(0);
	xr_wr(0x034800, 1 | 3 << 3);
	xr_us(150);
	assert_int_equal(*head, 3);
	xr_wr(0x03c000, 1 | 1 << 11 | 1u << 30);
	xr_wr(0x034800, 1 | 1 << 2 | 3 << 3); /* software trigger */
	assert_int_equal(*head, 4);
	xr_tx_desc(0, XR_IOVA(XR_TXB), xr_tx_data(3, 0, len, 0)); /* EOP, RS */
	xr_tx_go(0);
	assert_int_equal(*head, 5);
	xr_end(0);
}

static void test_interrupts(void **state)
{
	const struct xr_qopt o = { 0 };
	u8 f[128];
	u64 qw[4];
	const u8 *data;
	u32 len;

	(void)state;
	xr_start("");
	msix_on();
	xr_up(1, &o);
	len = xr_packet(f, false, 17, 1, 2, 40);
	xr_wr(0x03a000, 1 | 1u << 30); /* queue 0 to vector 1, ITR 0 */
	xr_wr(0x030000, 100);          /* 200 us */
	xr_wr(0x034800, 1 | 3 << 3);
	assert_true(xr_wire(f, len));
	assert_int_equal(xr.irqs[1], 1);
	assert_true(xr_wire(f, len)); /* masked by itself */
	assert_int_equal(xr.irqs[1], 1);
	xr_wr(0x034800, 1 | 3 << 3); /* due, but 200 us have not passed */
	assert_int_equal(xr.irqs[1], 1);
	xr_us(250);
	assert_int_equal(xr.irqs[1], 2);
	while (xr_rx(0, qw, &data))
		;
	/* other causes */
	xr_wr(0x038800, 1u << 25);
	xr_rd(0x038780);
	xr_wr(0x038480, 1 | 3 << 3);
	nicsim_light_set(xr.dev, false);
	assert_int_equal(xr.irqs[0], 1);
	assert_int_equal(xr_rd(0x038780) & (1u << 25 | 1), 1u << 25 | 1);
	assert_int_equal(xr_rd(0x038780), 0); /* reading clears */
	/* software trigger, and a vector that is not there */
	xr_ms(1);
	xr_wr(0x034800, 1 | 1 << 2 | 3 << 3);
	assert_int_equal(xr.irqs[1], 3);
	xr_wr(0x03a004, 200 | 1u << 30);
	assert_int_equal(xr_errors(NICSIM_E_VECTOR), 1);
	xr_end(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tx_sums),
		cmocka_unit_test(test_rx_sums),
		cmocka_unit_test(test_tso),
		cmocka_unit_test(test_vlan),
		cmocka_unit_test(test_stats_and_loopback),
		cmocka_unit_test(test_interrupts),
		cmocka_unit_test(test_head_without_rs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
