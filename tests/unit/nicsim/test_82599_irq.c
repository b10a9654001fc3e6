// SPDX-License-Identifier: MIT
/* Interrupts and counters of the 82599 model: INTx, MSI-X by IVAR, automatic clear and mask,
 * moderation, read-to-clear, saturation, wide counters, maps of queues to counters. */
#include "tests/unit/nicsim/rig_82599.h"

static u8 f[2048];

static void msix_on(void)
{
	u32 cap = b.dev->cap_msix;

	nicsim_cfg_write(b.dev, cap + 2, 2, 0x8000);
	for (u32 v = 0; v < 64; v++) {
		nicsim_bar_write(b.dev, b.dev->msix_bar, 16 * v, 4, 0xfee00000);
		nicsim_bar_write(b.dev, b.dev->msix_bar, 16 * v + 8, 4, v);
		nicsim_bar_write(b.dev, b.dev->msix_bar, 16 * v + 12, 4, 0);
	}
	wr(GPIE, 1 << 4 | 1 << 30 | 1u << 31);
}

static void frame(void)
{
	inject(f, make_udp4(f, 1, 2, 3, 4, 20));
}

static void test_msix(void **s)
{
	(void)s;
	bench_begin(NULL);
	msix_on();
	rx_start(0, 2);
	rx_start(3, 2);
	rx_on();
	tx_start(0);
	wr(IVAR, 0x80 | 5 | (0x80 | 6) << 8); /* Rx 0 to vector 5, Tx 0 to 6 */
	wr(IVAR + 4, (0x80 | 40u) << 16);     /* Rx 3 to vector 40 */
	wr(IVAR_MISC, (0x80 | 7) << 8);
	wr(EIAC, 0x60);
	frame();
	assert_int_equal(b.interrupts[5], 0); /* masked */
	wr(EIMS, 1 << 5);
	assert_int_equal(b.interrupts[5], 1); /* opens over a cause */
	frame();
	assert_int_equal(b.interrupts[5], 2); /* cleared by itself, so again */
	wr(EIMC, 1 << 5);
	frame();
	assert_int_equal(b.interrupts[5], 2);
	/* without automatic clear there is one message until it is read */
	wr(EIAC, 0x40);
	rd(EICR);
	wr(EIMS, 1 << 5);
	frame();
	frame();
	frame();
	assert_int_equal(b.interrupts[5], 3);
	assert_int_equal(rd(EICR), 1 << 5);
	frame();
	assert_int_equal(b.interrupts[5], 4);
	/* automatic mask */
	wr(EIAC, 0x60);
	rd(EICR);
	wr(EIAM, 1 << 5);
	frame();
	assert_int_equal(b.interrupts[5], 5);
	assert_int_equal(rd(EIMS) & 1 << 5, 0);
	frame();
	assert_int_equal(b.interrupts[5], 5);
	/* Tx */
	wr(EIMS, 1 << 6);
	tx_put(0, TX_BUF, 64, FULL & ~RS, 64 << 14);
	tx_ring(0);
	assert_int_equal(b.interrupts[6], 0); /* nobody asked for a report */
	tx_put(0, TX_BUF, 64, FULL, 64 << 14);
	tx_ring(0);
	assert_int_equal(b.interrupts[6], 1);
	/* a vector above 31, through the second mask register */
	wr(0x5128, 0x800088cc);
	wr(0xec00, 0x80000000u | 3 << 16);
	wr(0xaa4, 1 << 8);
	memset(f, 0, 60);
	f[12] = 0x88;
	f[13] = 0xcc;
	inject(f, 60);
	assert_int_equal(b.interrupts[40], 1);
	assert_int_equal(rd(0xaa4), 1 << 8);
	/* others: link */
	wr(EIMS, 1 << 20);
	nicsim_light_set(b.dev, false);
	assert_int_equal(b.interrupts[7], 1);
	assert_true(rd(EICR) & 1 << 20);
	/* by software */
	wr(EICS, 1 << 6);
	assert_int_equal(b.interrupts[6], 2);
	bench_end();
}

static void test_moderation(void **s)
{
	(void)s;
	bench_begin(NULL);
	msix_on();
	rx_start(0, 2);
	rx_on();
	wr(IVAR, 0x80);
	wr(EIAC, 1);
	wr(EIMS, 1);
	wr(EITR, 50 << 3 | 1u << 31); /* 102.4 us */
	for (u32 i = 0; i < 1000; i++) {
		frame();
		if (rx_take(0))
			rx_post(0, 1);
		nicsim_advance(b.sim, 1000);
	}
	/* 1 ms: the first at once, then every 102.4 us */
	assert_in_range(b.interrupts[0], 9, 11);
	/* the last cause is not lost */
	{
		u32 before = b.interrupts[0];

		nicsim_advance(b.sim, 1000000);
		assert_in_range(b.interrupts[0] - before, 0, 1);
		frame();
		assert_int_equal(rd(EIMS) & 1, 1);
	}
	bench_end();
}

static void test_intx(void **s)
{
	(void)s;
	bench_begin(NULL);
	rx_start(0, 2);
	rx_on();
	rd(EICR); /* the link came up */
	wr(IVAR, 0x80);
	wr(EIMS, 1);
	frame();
	assert_true(b.level);
	assert_int_equal(rd(EICR), 1);
	assert_false(b.level);
	frame();
	assert_true(b.level);
	wr(EIMC, 1);
	assert_false(b.level);
	assert_int_equal(rd(EICR), 1);
	bench_end();
}

static void test_counters(void **s)
{
	(void)s;
	bench_begin(NULL);
	rx_start(0, 2);
	rx_start(5, 2);
	rx_on();
	tx_start(9);
	wr(0x2300 + 4, 7 << 8); /* Rx queue 5 counts in set 7 */
	wr(0x8600 + 8, 3 << 8); /* Tx queue 9 in set 3 */
	wr(0x5128, 0x800088cc);
	wr(0xec00, 0x80000000u | 5 << 16);
	memset(f, 0, 1514);
	memcpy(f, "\xff\xff\xff\xff\xff\xff", 6);
	f[12] = 0x88;
	f[13] = 0xcc;
	inject(f, 60);
	inject(f, 100);
	f[0] = 1;
	inject(f, 200);
	f[0] = 2;
	inject(f, 400);
	inject(f, 900);
	inject(f, 1514);
	assert_int_equal(rd(0x40d0), 6); /* TPR */
	assert_int_equal(rd(0x405c), 1); /* PRC64 */
	assert_int_equal(rd(0x4060), 1); /* PRC127 */
	assert_int_equal(rd(0x4064), 1);
	assert_int_equal(rd(0x4068), 1);
	assert_int_equal(rd(0x406c), 1);
	assert_int_equal(rd(0x4070), 1);
	assert_int_equal(rd(0x4078), 2);            /* BPRC */
	assert_int_equal(rd(0x407c), 1);            /* MPRC */
	assert_int_equal(rd(0x1030 + 7 * 0x40), 6); /* QPRC */
	assert_int_equal(rd(0x1034 + 7 * 0x40), 60 + 100 + 200 + 400 + 900 + 1514 + 24);
	assert_int_equal(rd(0x1038 + 7 * 0x40), 0);
	assert_int_equal(rd(0x4088), 60 + 100 + 200 + 400 + 900 + 1514 + 24); /* GORC */
	assert_int_equal(rd(0x408c), 0);
	assert_int_equal(rd(0x4088), 0);
	tx_put(9, TX_BUF, 64, FULL, 64 << 14);
	tx_ring(9);
	assert_int_equal(rd(0x8680 + 12), 1);  /* QPTC */
	assert_int_equal(rd(0x8700 + 24), 68); /* QBTC */
	assert_int_equal(rd(0x40d8 + 4), 1);   /* PTC127 */
	assert_int_equal(rd(0x4090), 68);
	/* errors */
	nicsim_fault_set(b.dev, "crc", 2, 0);
	assert_false(inject(f, 100));
	assert_false(inject(f, 100));
	assert_int_equal(rd(0x4000), 2);
	nicsim_fault_set(b.dev, "undersize", 1, 0);
	assert_false(inject(f, 100));
	assert_int_equal(rd(0x40a4), 1);
	/* a pause frame is not for the host */
	memset(f, 0, 60);
	memcpy(f, "\x01\x80\xc2\x00\x00\x01\x02\x00\x00\x00\x00\x01\x88\x08\x00\x01\x00\x10", 18);
	assert_false(inject(f, 60));
	assert_int_equal(rd(0x41a8), 1);
	bench_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_msix),
		cmocka_unit_test(test_moderation),
		cmocka_unit_test(test_intx),
		cmocka_unit_test(test_counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
