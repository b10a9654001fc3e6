// SPDX-License-Identifier: MIT
/* Offloads of the 82599 model: receive checksums, RSS against Microsoft's vectors, VLAN strip and
 * filter, L2 and L3/L4 filters; transmit checksums, VLAN insertion, TCP segmentation. */
#include "tests/unit/nicsim/rig_82599.h"

static u8 f[16384];

static void test_rx_checksum(void **s)
{
	const u32 *d;
	u32 len;

	(void)s;
	bench_begin(NULL);
	rx_start(0, 2);
	rx_on();
	len = make_tcp4(f, 0x01020304, 0x05060708, 1, 2, 333);
	inject(f, len);
	d = rx_take(0);
	assert_int_equal(d[2] >> 30, 0);
	f[60] ^= 1; /* data */
	inject(f, len);
	d = rx_take(0);
	assert_int_equal(d[2] >> 30, 1); /* L4E */
	f[60] ^= 1;
	f[24] ^= 1; /* IP header checksum */
	inject(f, len);
	d = rx_take(0);
	assert_int_equal(d[2] >> 30, 2); /* IPE */
	len = make_udp4(f, 1, 2, 3, 4, 10);
	f[40] = f[41] = 0; /* no UDP checksum is no error, and nothing was checked */
	inject(f, len);
	d = rx_take(0);
	assert_int_equal(d[2] >> 30, 0);
	assert_int_equal(d[2] & 0x20, 0);
	f[20] = 0x20; /* more fragments: no L4 check */
	f[24] ^= 0x20;
	inject(f, len);
	d = rx_take(0);
	assert_int_equal(d[2] & 0x20, 0);
	assert_int_equal(d[0] >> 4 & 0x1fff, 1);
	len = make_tcp6(f, (const u8 *)"0123456789abcdef", (const u8 *)"fedcba9876543210", 5, 6,
			77);
	inject(f, len);
	d = rx_take(0);
	assert_int_equal(d[2] >> 30, 0);
	assert_int_equal(d[2] & 0x60, 0x20); /* no IPv4 header, L4 checked */
	assert_int_equal(d[0] >> 4 & 0x1fff, 0x14);
	f[100] ^= 4;
	inject(f, len);
	assert_int_equal(rx_take(0)[2] >> 30, 1);
	bench_end();
}

/* Microsoft, "Verifying the RSS Hash Calculation": key and results. */
static const u8 ms_key[40] = { 0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
			       0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
			       0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
			       0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa };
#define IP(a, b, c, d) ((u32)(a) << 24 | (b) << 16 | (c) << 8 | (d))
static const struct {
	u32 da, sa;
	u16 dp, sp;
	u32 ip, tcp;
} ms4[] = {
	{ IP(161, 142, 100, 80), IP(66, 9, 149, 187), 1766, 2794, 0x323e8fc2, 0x51ccc178 },
	{ IP(65, 69, 140, 83), IP(199, 92, 111, 2), 4739, 14230, 0xd718262a, 0xc626b0ea },
	{ IP(12, 22, 207, 184), IP(24, 19, 198, 95), 38024, 12898, 0xd2d0a5de, 0x5c2b394a },
	{ IP(209, 142, 163, 6), IP(38, 27, 205, 30), 2217, 48228, 0x82989176, 0xafc7327f },
	{ IP(202, 188, 127, 2), IP(153, 39, 163, 191), 1303, 44251, 0x5d1809c5, 0x10e828a2 },
};
/* 3ffe:2501:200:1fff::7 to 3ffe:2501:200:3::1 */
static const u8 ms6_sa[16] = {
	0x3f, 0xfe, 0x25, 0x01, 0x02, 0, 0x1f, 0xff, 0, 0, 0, 0, 0, 0, 0, 7
};
static const u8 ms6_da[16] = { 0x3f, 0xfe, 0x25, 0x01, 0x02, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1 };

static void rss_on(u32 fields)
{
	for (u32 i = 0; i < 10; i++) {
		u32 v;

		memcpy(&v, ms_key + 4 * i, 4);
		wr(RSSRK + 4 * i, v);
	}
	for (u32 i = 0; i < 32; i++)
		wr(RETA + 4 * i, (4 * i & 15) | ((4 * i + 1) & 15) << 8 | ((4 * i + 2) & 15) << 16 |
					 ((4 * i + 3) & 15) << 24);
	wr(MRQC, 1 | fields);
	wr(RXCSUM, 1 << 13);
}

static void test_rss_vectors(void **s)
{
	const u32 *d;

	(void)s;
	bench_begin(NULL);
	for (u32 q = 0; q < 16; q++)
		rx_start(q, 2);
	rx_on();
	for (u32 i = 0; i < ARRAY_SIZE(ms4); i++) {
		u32 len = make_tcp4(f, ms4[i].sa, ms4[i].da, ms4[i].sp, ms4[i].dp, 20);

		rss_on(3 << 16); /* TCP over IPv4, IPv4 */
		inject(f, len);
		d = rx_take(ms4[i].tcp & 15);
		assert_non_null(d);
		assert_int_equal(d[1], ms4[i].tcp);
		assert_int_equal(d[0] & 15, 1);
		wr(MRQC, 1 | 1 << 17);
		inject(f, len);
		d = rx_take(ms4[i].ip & 15);
		assert_non_null(d);
		assert_int_equal(d[1], ms4[i].ip);
		assert_int_equal(d[0] & 15, 2);
		wr(MRQC, 1);
		inject(f, len);
		d = rx_take(0); /* nothing asked for: queue 0, no hash */
		assert_non_null(d);
		assert_int_equal(d[0] & 15, 0);
		assert_int_equal(d[1], 0);
	}
	rss_on(1 << 20 | 1 << 21);
	inject(f, make_tcp6(f, ms6_sa, ms6_da, 2794, 1766, 9));
	d = rx_take(0x40207d3d & 15);
	assert_non_null(d);
	assert_int_equal(d[1], 0x40207d3d);
	assert_int_equal(d[0] & 15, 3);
	wr(MRQC, 1 | 1 << 20);
	inject(f, make_tcp6(f, ms6_sa, ms6_da, 2794, 1766, 9));
	d = rx_take(0x2cc18cd5 & 15);
	assert_non_null(d);
	assert_int_equal(d[1], 0x2cc18cd5);
	assert_int_equal(d[0] & 15, 5);
	bench_end();
}

static void test_rss_spread(void **s)
{
	u32 n[16] = { 0 };
	double chi = 0;

	(void)s;
	bench_begin(NULL);
	for (u32 q = 0; q < 16; q++)
		rx_start(q, 2);
	rx_on();
	rss_on(1 << 22 | 1 << 17);
	srand(7);
	for (u32 i = 0; i < 16000; i++) {
		inject(f, make_udp4(f, (u32)rand(), (u32)rand(), (u16)rand(), (u16)rand(), 18));
		for (u32 q = 0; q < 16; q++)
			if (rx_take(q)) {
				n[q]++;
				rx_post(q, 1);
			}
	}
	for (u32 q = 0; q < 16; q++)
		chi += ((double)n[q] - 1000) * ((double)n[q] - 1000) / 1000;
	assert_true(chi < 37.7); /* 15 degrees of freedom, 0.1 % */
	bench_end();
}

static u32 tag(u8 *p, u32 len, u32 tci)
{
	memmove(p + 16, p + 12, len - 12);
	p[12] = 0x81;
	p[13] = 0;
	p[14] = (u8)(tci >> 8);
	p[15] = (u8)tci;
	return len + 4;
}

static void test_vlan(void **s)
{
	u32 len;
	const u32 *d;

	(void)s;
	bench_begin(NULL);
	rx_start(0, 2);
	rx_on();
	len = tag(f, make_udp4(f, 1, 2, 3, 4, 50), 0x6123);
	inject(f, len);
	d = rx_take(0);
	assert_int_equal(d[3] & 0xffff, len);
	assert_true(d[2] & 8); /* VP */
	assert_int_equal(d[2] & 0x60, 0x60);
	wr(rxo(RXDCTL, 0), ENABLE | 1 << 30); /* strip */
	inject(f, len);
	d = rx_take(0);
	assert_int_equal(d[3], (len - 4) | 0x6123u << 16);
	assert_memory_equal(rx_data(0, 1), f, 12);
	assert_memory_equal(rx_data(0, 1) + 12, f + 16, len - 16);
	/* filter */
	for (u32 i = 0; i < 128; i++)
		wr(VFTA + 4 * i, 0);
	wr(VLNCTRL, 0x8100 | 1 << 30);
	assert_false(inject(f, len));
	wr(VFTA + 4 * (0x123 >> 5), 1u << (0x123 & 31));
	assert_true(inject(f, len));
	assert_non_null(rx_take(0));
	len = make_udp4(f, 1, 2, 3, 4, 50);
	assert_true(inject(f, len)); /* untagged passes */
	/* a full-size tagged frame is not too long */
	len = make_udp4(f, 1, 2, 3, 4, 1472);
	wr(VLNCTRL, 0x8100);
	assert_int_equal(len, 1514);
	assert_true(inject(f, tag(f, len, 5)));
	/* insertion */
	tx_start(0);
	len = make_udp4(mem(TX_BUF), 5, 6, 7, 8, 40);
	tx_context(0, 0x2345u << 16 | 14 << 9 | 20, 0, 0);
	tx_put(0, TX_BUF, len, FULL | VLE, len << 14);
	tx_ring(0);
	assert_int_equal(b.sent[0].len, len + 4);
	assert_memory_equal(b.sent[0].data + 12, "\x81\x00\x23\x45\x08\x00", 6);
	bench_end();
}

static bool passes(const char *mac)
{
	memset(f, 0, 60);
	memcpy(f, mac, 6);
	return inject(f, 60);
}

static void test_l2_filters(void **s)
{
	(void)s;
	bench_begin(NULL);
	rx_start(0, 2);
	wr(RDRXCTL, rd(RDRXCTL) | 2);
	wr(RXCTRL, 1);
	for (u32 i = 0; i < 128; i++)
		wr(0x5200 + 4 * i, 0);
	assert_true(passes("\x52\x54\x00\x12\x34\x56"));
	assert_false(passes("\x52\x54\x00\x12\x34\x57"));
	assert_false(passes("\xff\xff\xff\xff\xff\xff"));
	assert_false(passes("\x01\x00\x5e\x00\x00\x05"));
	wr(FCTRL, 1 << 10);
	assert_true(passes("\xff\xff\xff\xff\xff\xff"));
	wr(FCTRL, 1 << 8);
	assert_true(passes("\x01\x00\x5e\x00\x00\x05"));
	wr(FCTRL, 1 << 9);
	assert_true(passes("\x52\x54\x00\x12\x34\x57"));
	assert_false(passes("\x01\x00\x5e\x00\x00\x05"));
	wr(FCTRL, 0);
	/* multicast table, 47:36 of the address: 0x050 */
	wr(0x5090, 4);
	wr(0x5200 + 4 * (0x50 >> 5), 1u << (0x50 & 31));
	assert_true(passes("\x01\x00\x5e\x00\x00\x05"));
	assert_true(rx_take(0)[2] & 1);
	assert_false(passes("\x01\x00\x5e\x00\x00\x06"));
	/* a second station address, in the upper half of the table */
	wr(0xa200 + 8 * 100, 0x33221102);
	wr(0xa204 + 8 * 100, 0x80005544);
	assert_true(passes("\x02\x11\x22\x33\x44\x55"));
	bench_end();
}

static void test_queue_filters(void **s)
{
	(void)s;
	bench_begin(NULL);
	for (u32 q = 0; q < 8; q++)
		rx_start(q, 2);
	rx_on();
	/* EtherType 88cc to queue 3 */
	wr(0x5128, 0x800088cc);
	wr(0xec00, 0x80000000u | 3 << 16);
	memset(f, 0, 60);
	f[12] = 0x88;
	f[13] = 0xcc;
	inject(f, 60);
	assert_non_null(rx_take(3));
	/* UDP to port 53 from anywhere to queue 4: mask addresses and source port */
	wr(0xe400 + 4 * 9, 53u << 24); /* big-endian ports, destination above */
	wr(0xe800 + 4 * 9, 4 << 21 | 1 << 19 | 1 << 12);
	wr(0xe600 + 4 * 9, 0x80000000u | 1u << 30 | 7 << 25 | 1 | 1 << 2);
	inject(f, make_udp4(f, 1, 2, 3, 53, 10));
	assert_non_null(rx_take(4));
	inject(f, make_udp4(f, 1, 2, 53, 3, 10));
	assert_non_null(rx_take(0));
	inject(f, make_tcp4(f, 1, 2, 3, 53, 10));
	assert_non_null(rx_take(0));
	/* SYN to queue 5 */
	wr(0xec30, 1 | 5 << 1);
	make_tcp4(f, 1, 2, 3, 80, 10);
	f[47] = 2;
	inject(f, 64);
	assert_non_null(rx_take(5));
	f[47] = 0x12;
	inject(f, 64);
	assert_non_null(rx_take(0));
	bench_end();
}

static void zero_sum(u8 *frame, bool tcp, bool six, u32 l4len)
{
	u8 *h = frame + 14, *l4 = h + (six ? 40 : 20);
	u32 proto = tcp ? 6 : 17;
	u16 sum = six ? sum_of(h + 8, 32, proto + l4len) : sum_of(h + 12, 8, proto + l4len);

	l4[tcp ? 16 : 6] = (u8)(sum >> 8);
	l4[tcp ? 17 : 7] = (u8)sum;
	if (!six)
		h[10] = h[11] = 0;
}

static void test_tx_checksum(void **s)
{
	u8 *t;

	(void)s;
	bench_begin(NULL);
	tx_start(2);
	t = mem(TX_BUF);
	for (u32 i = 0; i < 4; i++) {
		u32 n = 101 + i, len;

		if (i == 2)
			len = make_tcp6(t, ms6_sa, ms6_da, 1, 2, n);
		else if (i & 1)
			len = make_udp4(t, 0x0a000001, 0x0a000002, 1, 2, n);
		else
			len = make_tcp4(t, 0x0a000001, 0x0a000002, 1, 2, n);
		memcpy(f, t, len);
		zero_sum(t, !(i & 1), i == 2, len - (i == 2 ? 54 : 34));
		/* TUCMD: IPv4 bit 1, L4T bits 2-3 (1: TCP) */
		tx_context(2, 14 << 9 | (i == 2 ? 40 : 20), (i == 2 ? 0 : 2) | (i & 1 ? 0 : 4),
			   (i & 1) << 4);
		tx_put(2, TX_BUF, len, FULL,
		       len << 14 | (i == 2 ? 0 : 1 << 8) | 1 << 9 | 1 << 7 | (i & 1) << 4);
		tx_ring(2);
		assert_int_equal(b.nsent, i + 1);
		assert_memory_equal(b.sent[i].data, f, len);
		assert_true(checksums_ok(b.sent[i].data, b.sent[i].len));
	}
	/* legacy: TCP checksum at CSO from CSS on */
	{
		u32 len = make_tcp4(t, 3, 4, 5, 6, 60);

		memcpy(f, t, len);
		t[50] = (u8)(sum_of(t + 26, 8, 6 + 80) >> 8);
		t[51] = (u8)sum_of(t + 26, 8, 6 + 80);
		b.nsent = 0;
		tx_put(2, TX_BUF, len, EOP | IFCS | RS | 1 << 26 | 50 << 16, 34 << 8);
		tx_ring(2);
		assert_memory_equal(b.sent[0].data, f, len);
	}
	bench_end();
}

static void tso(bool six, u32 payload, u32 mss)
{
	u8 *t = mem(TX_BUF);
	u32 hdr = six ? 74 : 54, len, at = 0, n = 0, flags;

	if (six)
		len = make_tcp6(t, ms6_sa, ms6_da, 1, 2, payload);
	else
		len = make_tcp4(t, 0x0a000001, 0x0a000002, 1, 2, payload);
	t[hdr - 7] = 0x19; /* FIN, PSH, ACK */
	memcpy(f, t, MIN(len, 16384u));
	zero_sum(t, true, six, 0); /* pseudo header without the length */
	b.nsent = 0;
	tx_context(0, 14 << 9 | (six ? 40 : 20), (six ? 0 : 2) | 4, mss << 16 | 20 << 8);
	/* header and data in buffers of up to 8 KiB */
	for (at = 0; at < len;) {
		u32 part = MIN(len - at, 8192u);

		tx_put(0, TX_BUF + at, part,
		       DATA | IFCS | DEXT | TSE | (at + part == len ? EOP | RS : 0),
		       payload << 14 | 1 << 9 | (six ? 0 : 1 << 8));
		at += part;
	}
	tx_ring(0);
	assert_int_equal(b.nsent, (payload + mss - 1) / mss);
	at = 0;
	for (n = 0; n < b.nsent; n++) {
		const u8 *p = b.sent[n].data;
		u32 part = MIN(mss, payload - at), seq;

		assert_int_equal(b.sent[n].len, MAX(hdr + part, 60u));
		assert_true(checksums_ok(p, b.sent[n].len));
		assert_memory_equal(p + hdr, t + hdr + at, part);
		seq = (u32)p[hdr - 16] << 24 | p[hdr - 15] << 16 | p[hdr - 14] << 8 | p[hdr - 13];
		assert_int_equal(seq, 1000 + at);
		if (!six)
			assert_int_equal((u32)p[18] << 8 | p[19], 0x1234 + n);
		flags = p[hdr - 7];
		assert_int_equal(flags, n + 1 == b.nsent ? 0x19 : 0x10);
		at += part;
	}
	assert_int_equal(at, payload);
}

static void test_tso(void **s)
{
	(void)s;
	bench_begin(NULL);
	tx_start(0);
	tso(false, 14600, 1460);
	tso(false, 14601, 1460);
	tso(false, 1, 1460);
	tso(true, 20000, 1440);
	tso(false, 60000, 8960);
	tso(true, 5000, 100);
	/* without the checksum bits it is a driver's error and nothing leaves */
	b.nsent = 0;
	tx_context(0, 14 << 9 | 20, 2 | 4, 1460u << 16 | 20 << 8);
	tx_put(0, TX_BUF, 2054, FULL | TSE, 2000 << 14);
	tx_ring(0);
	assert_int_equal(b.nsent, 0);
	expect_error(NICSIM_E_DESC);
	bench_end();
}

static void test_loopback(void **s)
{
	u32 len;

	(void)s;
	bench_begin(NULL);
	rx_start(0, 2);
	rx_on();
	tx_start(0);
	wr(HLREG0, rd(HLREG0) | 1 << 15);
	len = make_udp4(mem(TX_BUF), 1, 2, 3, 4, 100);
	tx_put(0, TX_BUF, len, FULL, len << 14);
	tx_ring(0);
	assert_int_equal(b.nsent, 0);
	assert_int_equal(rx_take(0)[3], len);
	assert_memory_equal(rx_data(0, 0), mem(TX_BUF), len);
	bench_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rx_checksum), cmocka_unit_test(test_rss_vectors),
		cmocka_unit_test(test_rss_spread),  cmocka_unit_test(test_vlan),
		cmocka_unit_test(test_l2_filters),  cmocka_unit_test(test_queue_filters),
		cmocka_unit_test(test_tx_checksum), cmocka_unit_test(test_tso),
		cmocka_unit_test(test_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
