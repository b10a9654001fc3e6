// SPDX-License-Identifier: MIT
/* Receive and transmit rings of the 82599 model: handshakes, wrap, sizes, several descriptors for a
 * frame, full rings and the packet buffer, counters, write-backs, what a driver may not do. */
#include "tests/unit/nicsim/rig_82599.h"

static u8 f[16384];

static void test_receive(void **s)
{
	const u32 *d;
	u32 len;

	(void)s;
	bench_begin(NULL);
	rx_start(0, 2);
	rx_on();
	/* more frames than the ring has descriptors, posted again one by one */
	for (u32 i = 0; i < 10 * RING; i++) {
		len = make_udp4(f, 0x0a000001, 0x0a000002, (u16)i, 53, i * 5 % 1400);
		assert_true(inject(f, len));
		d = rx_take(0);
		assert_non_null(d);
		assert_int_equal(d[2] & 3, 3);
		assert_int_equal(d[3] & 0xffff, MAX(len, 60u));
		assert_memory_equal(rx_data(0, i % RING), f, len);
		assert_int_equal(d[2] & 0xfff00000, 0);     /* no errors */
		assert_int_equal(d[2] & 0x60, 0x60);        /* IPCS, L4I */
		assert_int_equal(d[0] >> 4 & 0x1fff, 0x21); /* IPv4, UDP */
		rx_post(0, 1);
		assert_null(rx_take(0));
	}
	assert_int_equal(rd(QPRC), 10 * RING);
	assert_int_equal(rd(QPRC), 0); /* read clears */
	assert_int_equal(rd(GPRC), 10 * RING);
	bench_end();
}

static void test_sizes(void **s)
{
	(void)s;
	bench_begin(NULL);
	wr(HLREG0, rd(HLREG0) | 4);
	wr(MAXFRS, 9234u << 16);
	rx_start(0, 2);
	rx_on();
	for (u32 len = 60; len <= 9230; len += len < 1600 ? 1 : 97) {
		u32 left = len, n = (len + 2047) / 2048;

		for (u32 i = 0; i < len; i++)
			f[i] = (u8)(i * 13 + len);
		memcpy(f, b.dev->mac, 6);
		f[12] = 0x88;
		f[13] = 0xb5;
		assert_true(inject(f, len));
		for (u32 i = 0; i < n; i++) {
			u32 at = b.rx_next[0];
			const u32 *d = rx_take(0);

			assert_non_null(d);
			assert_int_equal(d[3] & 0xffff, MIN(left, 2048u));
			assert_int_equal(d[2] >> 1 & 1, i + 1 == n); /* EOP */
			assert_memory_equal(rx_data(0, at), f + i * 2048, MIN(left, 2048u));
			left -= MIN(left, 2048u);
		}
		rx_post(0, n);
	}
	assert_false(inject(f, 9231));
	assert_int_equal(rd(0x40ac), 1); /* ROC */
	wr(HLREG0, rd(HLREG0) & ~4u);
	assert_false(inject(f, 1515));
	bench_end();
}

static void test_crc_and_legacy(void **s)
{
	const u32 *d;

	(void)s;
	bench_begin(NULL);
	wr(HLREG0, rd(HLREG0) & ~2u); /* the FCS goes to memory */
	rx_start(0, 2);
	wr(FCTRL, 0x700);
	wr(RXCTRL, 1);
	memset(f, 0, 60);
	memcpy(f, "\xff\xff\xff\xff\xff\xff", 6);
	assert_true(inject(f, 60));
	d = rx_take(0);
	assert_int_equal(d[3] & 0xffff, 64);
	{
		/* an Ethernet CRC over frame and FCS leaves 0xdebb20e3 (residue) */
		u32 c = ~0u;

		for (u32 i = 0; i < 64; i++) {
			c ^= rx_data(0, 0)[i];
			for (u32 k = 0; k < 8; k++)
				c = c & 1 ? 0xedb88320 ^ c >> 1 : c >> 1;
		}
		assert_int_equal(c, 0xdebb20e3);
	}
	wr(RXCTRL, 0);
	wr(RDRXCTL, rd(RDRXCTL) | 2);
	wr(RXCTRL, 1);
	expect_error(NICSIM_E_STATE); /* HLREG0 and RDRXCTL disagree */
	bench_end();
}

static void test_full(void **s)
{
	u32 taken = 0, got = 0;

	(void)s;
	bench_begin("fifo=16");
	rx_start(0, 2);
	rx_on();
	while (taken < 10000) {
		u32 len = make_udp4(f, 1, 2, (u16)taken, 9, 100);

		if (!inject(f, len))
			break;
		taken++;
	}
	/* the ring, then 16 KiB of packet buffer: records of 142 + 2 + 4 bytes */
	assert_int_equal(taken, RING - 1 + 16384 / 148);
	assert_int_equal(rd(MPC), 1);
	for (u32 i = 0; i < 10 * RING && got < taken; i++) {
		const u32 *d = rx_take(0);

		if (!d)
			break;
		assert_int_equal(rx_data(0, (u32)(d - (const u32 *)mem(RX_RING)) / 4)[35],
				 got & 255);
		got++;
		rx_post(0, 1);
	}
	assert_int_equal(got, taken); /* in order, none lost */
	/* with DROP_EN nothing waits */
	wr(rxo(RXDCTL, 0), 0);
	while (rd(rxo(RXDCTL, 0)) & ENABLE)
		;
	wr(rxo(SRRCTL, 0), 2 | 4 << 8 | 1 << 25 | 1 << 28);
	wr(rxo(RDH, 0), 0);
	wr(rxo(RDT, 0), 0);
	wr(rxo(RXDCTL, 0), ENABLE);
	while (!(rd(rxo(RXDCTL, 0)) & ENABLE))
		;
	for (u32 i = 0; i < 5; i++)
		assert_true(inject(f, 100));
	assert_int_equal(rd(QPRDC), 5);
	assert_int_equal(rd(MPC), 0);
	bench_end();
}

static void test_transmit(void **s)
{
	u32 sent = 0;

	(void)s;
	bench_begin(NULL);
	tx_start(0);
	for (u32 round = 0; round < 5 * RING; round++) {
		u32 len = 60 + round * 37 % 1400, parts = 1 + round % 3, at = 0, last;

		for (u32 i = 0; i < len; i++)
			f[i] = (u8)(i + round);
		memcpy(mem(TX_BUF), f, len);
		for (u32 p = 0; p < parts; p++) {
			u32 n = p + 1 == parts ? len - at : len / parts;

			tx_put(0, TX_BUF + at, n,
			       DATA | IFCS | DEXT | (p + 1 == parts ? EOP | RS : 0), len << 14);
			at += n;
		}
		last = (b.tx_tail[0] + RING - 1) % RING;
		tx_ring(0);
		assert_int_equal(b.nsent, ++sent);
		assert_int_equal(b.sent[0].len, len);
		assert_memory_equal(b.sent[0].data, f, len);
		assert_true(tx_desc(0, last)[3] & 1);
		assert_int_equal(rd(txo(TDH, 0)), b.tx_tail[0]);
		b.nsent = 0;
		sent = 0;
	}
	assert_int_equal(rd(GPTC), 5 * RING);
	/* short frames are padded with zeros */
	memset(mem(TX_BUF), 0xee, 60);
	tx_put(0, TX_BUF, 20, FULL, 20 << 14);
	tx_ring(0);
	assert_int_equal(b.sent[0].len, 60);
	assert_int_equal(b.sent[0].data[19], 0xee);
	for (u32 i = 20; i < 60; i++)
		assert_int_equal(b.sent[0].data[i], 0);
	bench_end();
}

static void test_head_write_back(void **s)
{
	(void)s;
	bench_begin(NULL);
	wr(txo(TDWBAL, 1), HEAD_WB | 1);
	tx_start(1);
	for (u32 i = 0; i < 3; i++)
		tx_put(1, TX_BUF, 64, FULL, 64 << 14);
	tx_ring(1);
	assert_int_equal(*(u32 *)mem(HEAD_WB), 3);
	assert_false(tx_desc(1, 2)[3] & 1); /* and no DD */
	bench_end();
}

static void test_wthresh(void **s)
{
	(void)s;
	bench_begin(NULL);
	wr(txo(TXDCTL, 0), 8 << 16);
	tx_start(0);
	for (u32 i = 0; i < 12; i++)
		tx_put(0, TX_BUF, 64, FULL, 64 << 14);
	tx_ring(0);
	assert_int_equal(b.nsent, 12);
	for (u32 i = 0; i < 12; i++)
		assert_true(tx_desc(0, i)[3] & 1); /* the rest goes when the ring is idle */
	bench_end();
}

static void test_queues(void **s)
{
	static const u32 qs[] = { 0, 1, 15, 16, 63, 64, 100, 127 };

	(void)s;
	bench_begin(NULL);
	for (u32 i = 0; i < ARRAY_SIZE(qs); i++) {
		assert_int_equal(rd(rxo(SRRCTL, qs[i])), 0x402);
		if (qs[i] < 16) /* old place of the same register */
			assert_int_equal(rd(0x2100 + 4 * qs[i]), 0x402);
		tx_start(qs[i]);
		tx_put(qs[i], TX_BUF, 64 + i, FULL, (64 + i) << 14);
		tx_ring(qs[i]);
		assert_int_equal(b.nsent, i + 1);
		assert_int_equal(b.sent[i].len, 64 + i);
	}
	bench_end();
}

static void test_rx_misuse(void **s)
{
	(void)s;
	bench_begin(NULL);
	wr(rxo(RDBAL, 0), RX_RING);
	wr(rxo(RDLEN, 0), RING * 16);
	wr(rxo(RDT, 0), 5);
	expect_error(NICSIM_E_STATE); /* not enabled */
	wr(rxo(RDT, 0), 0);
	wr(rxo(RXDCTL, 0), ENABLE);
	wr(rxo(RDT, 0), 5);
	expect_error(NICSIM_E_STATE); /* not read back */
	nicsim_errors_clear(b.dev);
	while (!(rd(rxo(RXDCTL, 0)) & ENABLE))
		;
	wr(rxo(RDT, 0), RING);
	expect_error(NICSIM_E_TAIL);
	wr(rxo(RDT, 0), 20);
	wr(rxo(RDT, 0), 10);
	expect_error(NICSIM_E_TAIL); /* taken back */
	wr(rxo(RDBAL, 0), RX_RING + 0x1000);
	expect_error(NICSIM_E_STATE);
	wr(rxo(RDH, 0), 3);
	expect_error(NICSIM_E_STATE);
	/* a descriptor without a buffer */
	memset(mem(RX_RING), 0, RING * 16);
	rx_on();
	memset(f, 0xff, 60);
	inject(f, 60);
	expect_error(NICSIM_E_DESC);
	bench_end();

	bench_begin(NULL);
	wr(rxo(RDBAL, 0), 0x80000000); /* no RAM there */
	wr(rxo(RDLEN, 0), RING * 16);
	wr(rxo(RXDCTL, 0), ENABLE);
	while (!(rd(rxo(RXDCTL, 0)) & ENABLE))
		;
	expect_error(NICSIM_E_DMA);
	bench_end();

	bench_begin(NULL); /* a buffer that ends behind the RAM */
	rx_start(0, 2);
	((u64 *)mem(RX_RING))[0] = MEM + MEM_SIZE - 1024;
	rx_on();
	inject(f, 60);
	expect_error(NICSIM_E_DMA);
	bench_end();

	bench_begin(NULL); /* RXDCTL written again while enabled changes nothing */
	rx_start(0, 2);
	wr(rxo(RXDCTL, 0), ENABLE | 1 << 30);
	wr(rxo(RDT, 0), RING - 1);
	bench_end();

	bench_begin(NULL); /* posted with DD and length still set */
	rx_start(0, 2);
	((u64 *)mem(RX_RING))[1] = 1 | 60ull << 32;
	rx_on();
	inject(f, 60);
	expect_error(NICSIM_E_DESC);
	bench_end();
}

static void tx_wrong(u32 cmd, u32 len, u32 olinfo, enum nicsim_error kind)
{
	bench_begin(NULL);
	tx_start(0);
	tx_put(0, TX_BUF, len, cmd, olinfo);
	tx_ring(0);
	expect_error(kind);
	bench_end();
}

static void test_tx_misuse(void **s)
{
	(void)s;
	bench_begin(NULL);
	wr(txo(TXDCTL, 0), ENABLE);
	expect_error(NICSIM_E_STATE); /* DMATXCTL.TE is off */
	bench_end();
	tx_wrong(FULL, 64, 65 << 14, NICSIM_E_DESC);         /* PAYLEN */
	tx_wrong(FULL & ~IFCS, 64, 64 << 14, NICSIM_E_DESC); /* no FCS */
	tx_wrong(FULL, 10, 10 << 14, NICSIM_E_DESC);         /* shorter than 17 */
	tx_wrong(FULL, 0, 0, NICSIM_E_DESC);                 /* empty buffer */
	tx_wrong(FULL ^ 0x00100000, 64, 64 << 14 | 1 << 4,
		 NICSIM_E_DESC);                                  /* context with EOP, RS */
	tx_wrong(FULL | VLE, 64, 64 << 14, NICSIM_E_DESC);        /* context never written */
	tx_wrong(FULL | 0x00400000, 64, 64 << 14, NICSIM_E_DESC); /* DTYP 7 */
	bench_begin(NULL);
	tx_start(0);
	tx_put(0, MEM + MEM_SIZE - 10, 64, FULL, 64 << 14);
	tx_ring(0);
	expect_error(NICSIM_E_DMA);
	wr(txo(TDT, 0), RING);
	expect_error(NICSIM_E_TAIL);
	bench_end();
	bench_begin(NULL);
	tx_start(0);
	nicsim_cfg_write(b.dev, 4, 2, 2); /* bus mastering off */
	tx_put(0, TX_BUF, 64, FULL, 64 << 14);
	tx_ring(0);
	expect_error(NICSIM_E_MASTER);
	bench_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_receive),        cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_crc_and_legacy), cmocka_unit_test(test_full),
		cmocka_unit_test(test_transmit),       cmocka_unit_test(test_head_write_back),
		cmocka_unit_test(test_wthresh),        cmocka_unit_test(test_queues),
		cmocka_unit_test(test_rx_misuse),      cmocka_unit_test(test_tx_misuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
