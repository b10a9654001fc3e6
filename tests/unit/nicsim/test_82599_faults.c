// SPDX-License-Identifier: MIT
/* Faults of the 82599 model on command: each does what its name says, as often as it was armed, and
 * the model goes on afterwards. */
#include "tests/unit/nicsim/rig_82599.h"

static u8 f[4096];

static void arm(const char *name, u64 count, u64 arg)
{
	assert_true(nicsim_fault_set(b.dev, name, count, arg));
}

static void begin(void)
{
	bench_begin(NULL);
	rx_start(0, 2);
	rx_on();
	tx_start(0);
	make_udp4(f, 1, 2, 3, 4, 58);
}

static const u32 *desc(u32 i)
{
	return mem(RX_RING + 16 * (u64)i);
}

static void send(void)
{
	tx_put(0, TX_BUF, 100, FULL, 100 << 14);
	tx_ring(0);
}

static void test_rx_write_back(void **s)
{
	(void)s;
	begin();
	arm("rx-no-dd", 1, 0);
	inject(f, 100);
	assert_int_equal(desc(0)[2] & 1, 0);
	inject(f, 100);
	assert_int_equal(desc(1)[2] & 1, 1); /* the head has gone on */
	arm("rx-no-length", 1, 0);
	inject(f, 100);
	assert_int_equal(desc(2)[3] & 0xffff, 0);
	assert_int_equal(desc(2)[2] & 3, 3);
	arm("rx-length", 1, 0xffff);
	inject(f, 100);
	assert_int_equal(desc(3)[3] & 0xffff, 0xffff);
	arm("rx-length", 1, 2049);
	inject(f, 100);
	assert_int_equal(desc(4)[3] & 0xffff, 2049);
	arm("rx-no-eop", 1, 0);
	inject(f, 100);
	assert_int_equal(desc(5)[2] & 3, 1);
	arm("rx-error", 1, 0x40000000);
	inject(f, 100);
	assert_int_equal(desc(6)[2] >> 28, 4);
	arm("rx-error", 1, 0);
	inject(f, 100);
	assert_true(desc(7)[2] & 0x20000000);
	arm("rx-head-jump", 1, 3);
	inject(f, 100);
	for (u32 i = 8; i < 11; i++)
		assert_int_equal(desc(i)[2] & 1, 0);
	assert_int_equal(desc(11)[2] & 1, 1);
	assert_int_equal(rd(RDH), 12);
	arm("rx-ghost", 1, 0);
	inject(f, 100);
	assert_int_equal(desc(12)[3] & 0xffff, 60);
	assert_int_equal(desc(13)[3] & 0xffff, 100);
	inject(f, 100);
	assert_int_equal(desc(14)[2] >> 20, 0);
	bench_end();
}

static void test_rx_order(void **s)
{
	(void)s;
	begin();
	arm("rx-order", 1, 0);
	inject(f, 100);
	assert_int_equal(desc(0)[2] & 1, 0);
	inject(f, 90);
	assert_int_equal(desc(1)[3] & 0xffff, 90);
	assert_int_equal(desc(0)[3] & 0xffff, 100); /* came after it */
	bench_end();
}

static void test_rx_hang(void **s)
{
	(void)s;
	begin();
	arm("rx-hang", ~0ull, 0);
	assert_true(inject(f, 100)); /* into the packet buffer */
	assert_null(rx_take(0));
	arm("rx-hang", 0, 0);
	inject(f, 90);
	assert_int_equal(rx_take(0)[3] & 0xffff, 100);
	assert_int_equal(rx_take(0)[3] & 0xffff, 90);
	bench_end();
}

static void test_tx(void **s)
{
	(void)s;
	begin();
	arm("tx-no-dd", 1, 0);
	send();
	assert_int_equal(b.nsent, 1);
	assert_int_equal(tx_desc(0, 0)[3] & 1, 0);
	send();
	assert_int_equal(tx_desc(0, 1)[3] & 1, 1);
	arm("tx-hang", ~0ull, 0);
	send();
	send();
	assert_int_equal(b.nsent, 2);
	assert_int_equal(rd(TDH), 2);
	arm("tx-hang", 0, 0);
	nicsim_kick(b.dev);
	nicsim_run(b.sim, 0);
	assert_int_equal(b.nsent, 4);
	assert_int_equal(rd(TDH), 4);
	/* the head jumps over descriptors that were posted */
	for (u32 i = 0; i < 4; i++)
		tx_put(0, TX_BUF, 100, FULL, 100 << 14);
	arm("tx-head-jump", 1, 2);
	tx_ring(0);
	assert_int_equal(b.nsent, 6);
	assert_int_equal(rd(TDH), 8);
	bench_end();

	bench_begin(NULL);
	wr(TDWBAL, HEAD_WB | 1);
	tx_start(0);
	arm("tx-head-wb", 1, 40);
	tx_put(0, TX_BUF, 100, FULL, 100 << 14);
	tx_ring(0);
	assert_int_equal(*(u32 *)mem(HEAD_WB), 40);
	bench_end();
}

static void test_tx_link(void **s)
{
	(void)s;
	begin();
	nicsim_light_set(b.dev, false);
	send();
	assert_int_equal(b.nsent, 0);
	assert_int_equal(rd(TDH), 0);
	nicsim_light_set(b.dev, true);
	nicsim_advance(b.sim, 20000000);
	assert_int_equal(b.nsent, 1); /* goes when the link is back */
	bench_end();
}

static void test_handshakes(void **s)
{
	(void)s;
	bench_begin(NULL);
	arm("rx-enable-stuck", ~0ull, 0);
	wr(RDBAL, RX_RING);
	wr(RDLEN, RING * 16);
	wr(RXDCTL, ENABLE);
	for (u32 i = 0; i < 1000; i++)
		assert_false(rd(RXDCTL) & ENABLE);
	arm("rx-enable-stuck", 0, 0);
	assert_true(rd(RXDCTL) & ENABLE);
	arm("tx-enable-stuck", ~0ull, 0);
	wr(DMATXCTL, rd(DMATXCTL) | 1);
	wr(TDBAL, TX_RING);
	wr(TDLEN, RING * 16);
	wr(TXDCTL, ENABLE);
	for (u32 i = 0; i < 1000; i++)
		assert_false(rd(TXDCTL) & ENABLE);
	arm("tx-enable-stuck", 0, 0);
	assert_true(rd(TXDCTL) & ENABLE);
	arm("master-stuck", ~0ull, 0);
	wr(CTRL, 4);
	assert_true(rd(STATUS) & 1 << 19);
	arm("master-stuck", 0, 0);
	assert_false(rd(STATUS) & 1 << 19);
	arm("semaphore-stuck", 3, 0);
	for (u32 i = 0; i < 3; i++)
		assert_true(rd(0x10140) & 1);
	arm("sfp-absent", 1, 0);
	assert_false(rd(0x20) & 4);
	assert_true(rd(0x20) & 4);
	bench_end();
}

static void test_ecc(void **s)
{
	(void)s;
	begin();
	wr(EIMS, 1 << 28);
	arm("ecc", 1, 0);
	assert_false(inject(f, 100));
	assert_true(b.level);
	assert_true(rd(EICR) & 1 << 28);
	assert_false(inject(f, 100)); /* the data path stands */
	send();
	assert_int_equal(b.nsent, 0);
	wr(CTRL, 1 << 26);
	while (rd(CTRL) & 1 << 26)
		;
	rx_start(0, 2);
	rx_on();
	assert_true(inject(f, 100));
	assert_non_null(rx_take(0));
	bench_end();
}

static void test_removal(void **s)
{
	(void)s;
	begin();
	for (u32 i = 0; i < 4; i++)
		tx_put(0, TX_BUF, 100, FULL, 100 << 14);
	arm("removed", 1, 0);
	tx_ring(0);
	assert_int_equal(rd(TDH), 0xffffffff);
	assert_false(inject(f, 100));
	assert_int_equal(b.nsent, 0);
	arm("removed", 0, 0);
	tx_ring(0);
	assert_int_equal(b.nsent, 4);
	bench_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rx_write_back), cmocka_unit_test(test_rx_order),
		cmocka_unit_test(test_rx_hang),       cmocka_unit_test(test_tx),
		cmocka_unit_test(test_tx_link),       cmocka_unit_test(test_handshakes),
		cmocka_unit_test(test_ecc),           cmocka_unit_test(test_removal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
