// SPDX-License-Identifier: MIT
/* The 82599 model without its data path: reset and defaults, NVM, semaphores, SFP+ module, link,
 * MDIO, unknown and reserved registers. */
#include "tests/unit/nicsim/rig_82599.h"

enum {
	EEC = 0x10010,
	EERD = 0x10014,
	SWSM = 0x10140,
	GSSR = 0x10160,
	I2CCTL = 0x28,
	MSCA = 0x425c
};

static void test_identity(void **s)
{
	(void)s;
	bench_begin(NULL);
	assert_int_equal(nicsim_cfg_read(b.dev, 0, 4), 0x10fb8086);
	assert_int_equal(nicsim_cfg_read(b.dev, 8, 4) >> 8, 0x020000);
	assert_int_equal(rd(0x5400), 0x12005452); /* RAL0, little-endian bytes 52:54:00:12 */
	assert_int_equal(rd(0x5404), 0x80005634);
	assert_int_equal(rd(0xa200), 0x12005452); /* the same register, other address */
	assert_true(rd(STATUS) & 1 << 19);
	assert_true(rd(STATUS) & 1 << 7);
	assert_int_equal(rd(MAXFRS), 0x05ee0000);
	assert_int_equal(rd(0x3c00), 0x80000); /* RXPBSIZE: 512 KiB */
	assert_int_equal(rd(0xcc00), 0x28000); /* TXPBSIZE: 160 KiB */
	assert_true(rd(0x20) & 4);             /* ESDP.SDP2: module there */
	assert_true(rd(0x10148) & 0x8000);     /* FWSM */
	assert_true(rd(RDRXCTL) & 8);          /* DMAIDONE */
	bench_end();
}

static void test_reset(void **s)
{
	u32 polls = 0;

	(void)s;
	bench_begin(NULL);
	rx_on();
	rx_start(3, 2);
	wr(CTRL, 1 << 26);
	while (rd(CTRL) & 1 << 26)
		assert_true(++polls < 50);
	assert_true(polls > 0);
	assert_int_equal(rd(RXCTRL), 0);
	assert_int_equal(rd(rxo(RXDCTL, 3)), 0);
	assert_int_equal(rd(rxo(RDT, 3)), 0);
	assert_int_equal(rd(rxo(SRRCTL, 3)), 0x402);
	assert_int_equal(rd(0x5400), 0x12005452);
	assert_true(rd(LINKS) & 1 << 30); /* CTRL.RST keeps the link, LRST does not */
	wr(CTRL, 1 << 3);
	assert_false(rd(LINKS) & 1 << 30);
	nicsim_advance(b.sim, 50000000);
	assert_int_equal(rd(CTRL), 0);
	assert_true(rd(LINKS) & 1 << 30);
	assert_int_equal(rd(LINKS) >> 28 & 3, 3); /* 10 Gb/s */
	/* fault: it never ends */
	assert_true(nicsim_fault_set(b.dev, "reset-stuck", ~0ull, 0));
	wr(CTRL, 1 << 26);
	for (u32 i = 0; i < 1000; i++)
		assert_true(rd(CTRL) & 1 << 26);
	assert_true(nicsim_fault_set(b.dev, "reset-stuck", 0, 0));
	while (rd(CTRL) & 1 << 26)
		;
	/* master disable */
	wr(CTRL, 4);
	assert_false(rd(STATUS) & 1 << 19);
	bench_end();
}

static u16 word(u32 at)
{
	u32 v, polls = 0;

	wr(EERD, at << 2 | 1);
	while (!((v = rd(EERD)) & 2))
		assert_true(++polls < 1000);
	return (u16)(v >> 16);
}

static void test_eeprom(void **s)
{
	u16 sum = 0;

	(void)s;
	bench_begin(NULL);
	assert_true(rd(EEC) & 1 << 8);
	assert_int_equal(1u << ((rd(EEC) >> 11 & 15) + 6), 4096);
	for (u32 i = 0; i <= 0x3f; i++)
		sum = (u16)(sum + word(i));
	for (u32 i = 3; i < 0x0f; i++) {
		u32 at = word(i), len;

		if (!at || at == 0xffff)
			continue;
		len = word(at);
		if (!len || len == 0xffff)
			continue;
		for (u32 k = 1; k <= len; k++)
			sum = (u16)(sum + word(at + k));
	}
	assert_int_equal(sum, 0xbaba);
	/* initialisation lists of all kinds of modules */
	for (u32 kind = 3; kind <= 6; kind++) {
		u32 at = word(0x2b) + 1u;

		while (word(at) != kind) {
			assert_true(word(at) != 0xffff);
			at += 2;
		}
		assert_true(word(at + 1) != 0xffff);
	}
	assert_true(nicsim_fault_set(b.dev, "eeprom-timeout", ~0ull, 0));
	wr(EERD, 1);
	for (u32 i = 0; i < 10000; i++)
		assert_false(rd(EERD) & 2);
	assert_true(nicsim_fault_set(b.dev, "eeprom-timeout", 0, 0));
	assert_true(rd(EERD) & 2);
	/* never write the NVM */
	wr(0x10018, 1);
	expect_error(NICSIM_E_NVM);
	wr(0x1013c, 1);
	expect_error(NICSIM_E_NVM);
	bench_end();
}

static void test_semaphores(void **s)
{
	(void)s;
	bench_begin(NULL);
	assert_false(rd(SWSM) & 1);
	assert_true(rd(SWSM) & 1); /* taken by the read */
	wr(SWSM, rd(SWSM) | 2);
	assert_true(rd(SWSM) & 2);
	wr(GSSR, rd(GSSR) | 2);
	wr(SWSM, 0);
	assert_int_equal(rd(GSSR), 2);
	assert_false(rd(SWSM) & 3);
	wr(SWSM, 0);
	wr(GSSR, 0);
	expect_error(NICSIM_E_STATE); /* not under SWESMBI */
	bench_end();
}

/* --- I2C master, as slow as a driver's -----------------------------------------------------------
 */

static void lines(bool scl, bool sda)
{
	wr(I2CCTL, (scl ? 2 : 0) | (sda ? 8 : 0));
}

static void i2c_start(void)
{
	lines(true, true);
	lines(true, false);
	lines(false, false);
}

static void i2c_stop(void)
{
	lines(false, false);
	lines(true, false);
	lines(true, true);
}

static bool i2c_write(u8 byte)
{
	bool ack;

	for (u32 i = 0; i < 8; i++) {
		bool bit = byte >> (7 - i) & 1;

		lines(false, bit);
		lines(true, bit);
		lines(false, bit);
	}
	lines(false, true);
	lines(true, true);
	ack = !(rd(I2CCTL) & 4);
	lines(false, true);
	return ack;
}

static u8 i2c_read(bool more)
{
	u8 v = 0;

	for (u32 i = 0; i < 8; i++) {
		lines(true, true);
		v = (u8)(v << 1 | (rd(I2CCTL) >> 2 & 1));
		lines(false, true);
	}
	lines(false, !more);
	lines(true, !more);
	lines(false, !more);
	return v;
}

static int sfp(u8 device, u8 at, u32 n, u8 *out)
{
	i2c_start();
	if (!i2c_write(device) || !i2c_write(at)) {
		i2c_stop();
		return -1;
	}
	i2c_start();
	if (!i2c_write(device | 1)) {
		i2c_stop();
		return -1;
	}
	for (u32 i = 0; i < n; i++)
		out[i] = i2c_read(i + 1 < n);
	i2c_stop();
	return 0;
}

static void test_sfp(void **s)
{
	u8 p[96], d[2], sum = 0;

	(void)s;
	bench_begin(NULL);
	assert_int_equal(sfp(0xa0, 0, 96, p), 0);
	assert_int_equal(p[0], 3);
	assert_int_equal(p[3], 0x10);
	for (u32 i = 0; i < 63; i++)
		sum = (u8)(sum + p[i]);
	assert_int_equal(p[63], sum);
	assert_memory_equal(p + 37, "\x00\x1b\x21", 3);
	assert_int_equal(sfp(0xa2, 96, 2, d), 0);
	assert_int_equal(d[0], 35);
	assert_int_equal(sfp(0x90, 0, 1, p), -1);
	assert_true(nicsim_fault_set(b.dev, "i2c-nak", 1, 0));
	assert_int_equal(sfp(0xa0, 0, 1, p), -1);
	assert_int_equal(sfp(0xa0, 0, 1, p), 0);
	bench_end();
	bench_begin("sfp=da");
	assert_int_equal(sfp(0xa0, 8, 1, p), 0);
	assert_int_equal(p[0], 4);
	bench_end();
	bench_begin("sfp=none");
	assert_int_equal(sfp(0xa0, 8, 1, p), -1);
	assert_false(rd(LINKS) & 1 << 30);
	bench_end();
}

static void test_link(void **s)
{
	(void)s;
	bench_begin(NULL);
	wr(EIMS, 1 << 20);
	wr(GPIE, 0);
	rd(EICR);
	nicsim_light_set(b.dev, false);
	assert_false(rd(LINKS) & 1 << 30);
	assert_false(rd(STATUS) & 1 << 7);
	assert_true(b.level); /* INTx for LSC */
	assert_true(rd(EICR) & 1 << 20);
	assert_false(b.level);
	nicsim_light_set(b.dev, true);
	assert_false(rd(LINKS) & 1 << 30); /* training */
	nicsim_advance(b.sim, 20000000);
	assert_true(rd(LINKS) & 1 << 30);
	wr(AUTOC, rd(AUTOC) | 1 << 12);
	assert_false(rd(LINKS) & 1 << 30);
	nicsim_advance(b.sim, 20000000);
	assert_true(rd(LINKS) & 1 << 30);
	/* flaps: six changes, 500 us apart, then it stays up */
	assert_true(nicsim_fault_set(b.dev, "link-flap", 6, 500000));
	{
		u8 f[60] = { 0 };
		u32 ups = 0, downs = 0;
		bool was = true;

		inject(f, 60);
		for (u32 i = 0; i < 50; i++) {
			bool up = rd(LINKS) & 1 << 30;

			ups += up && !was;
			downs += !up && was;
			was = up;
			nicsim_advance(b.sim, 100000);
		}
		assert_int_equal(downs, 3);
		assert_int_equal(ups, 3);
		assert_true(was);
	}
	bench_end();
}

static void test_mdio(void **s)
{
	u32 polls = 0;

	(void)s;
	bench_begin(NULL);
	wr(MSCA, 0x4c010002);
	while (rd(MSCA) & 1 << 30)
		assert_true(++polls < 100);
	assert_int_equal(rd(0x4260) >> 16, 0xffff); /* nobody there */
	assert_true(nicsim_fault_set(b.dev, "phy-timeout", ~0ull, 0));
	wr(MSCA, 0x4c010002);
	for (u32 i = 0; i < 1000; i++)
		assert_true(rd(MSCA) & 1 << 30);
	bench_end();
}

static void test_wrong_accesses(void **s)
{
	(void)s;
	bench_begin(NULL);
	assert_int_equal(rd(0x0c), 0);
	expect_error(NICSIM_E_ACCESS);
	wr(0x1fffc, 1);
	expect_error(NICSIM_E_ACCESS);
	wr(0x8804, 1); /* SECTXSTAT is read-only */
	expect_error(NICSIM_E_ACCESS);
	wr(RXCTRL, 2);
	expect_error(NICSIM_E_RESERVED);
	wr(rxo(RDBAL, 5), MEM + 64); /* unaligned */
	expect_error(NICSIM_E_RESERVED);
	wr(rxo(RDLEN, 70), 100);
	expect_error(NICSIM_E_RESERVED);
	wr(MAXFRS, 20000u << 16);
	expect_error(NICSIM_E_RESERVED);
	nicsim_bar_write(b.dev, 0, 0x1018, 2, 1);
	expect_error(NICSIM_E_ACCESS);
	wr(0x8120, 1); /* MTQC with the arbiter on */
	expect_error(NICSIM_E_STATE);
	bench_end();
}

static void test_removed(void **s)
{
	(void)s;
	bench_begin(NULL);
	nicsim_fault_set(b.dev, "removed", 1, 0);
	assert_int_equal(rd(STATUS), 0xffffffff);
	wr(RXCTRL, 1);
	nicsim_fault_set(b.dev, "removed", 0, 0);
	assert_int_equal(rd(RXCTRL), 0);
	bench_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity), cmocka_unit_test(test_reset),
		cmocka_unit_test(test_eeprom),   cmocka_unit_test(test_semaphores),
		cmocka_unit_test(test_sfp),      cmocka_unit_test(test_link),
		cmocka_unit_test(test_mdio),     cmocka_unit_test(test_wrong_accesses),
		cmocka_unit_test(test_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
