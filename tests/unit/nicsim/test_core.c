// SPDX-License-Identifier: MIT
/* nicsim's core: configuration space, BAR decoding, DMA checks, interrupts, resets, faults. */
#include "tests/unit/nicsim/bench.h"

enum { COMMAND = 4, MSI = 0x50, MSIX = 0x70, PCIE = 0xa0, PM = 0x40, SRIOV = 0x160 };

static struct bench b;

static int setup(void **state)
{
	(void)state;
	bench_start(&b, "mac=52:54:00:12:34:56");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bench_end(&b);
	return 0;
}

static u32 cfg(u32 off, u32 size)
{
	return nicsim_cfg_read(b.dev, off, size);
}

static void set(u32 off, u32 size, u32 v)
{
	nicsim_cfg_write(b.dev, off, size, v);
}

static void test_header(void **state)
{
	u32 off, seen = 0;

	(void)state;
	assert_int_equal(cfg(0, 4), 0x7e571b36);
	assert_int_equal(cfg(8, 4), 0xff000001);
	assert_int_equal(cfg(0x0e, 1), 0);
	set(0, 4, 0x12345678); /* read-only */
	assert_int_equal(cfg(0, 4), 0x7e571b36);
	set(0x3c, 1, 11);
	assert_int_equal(cfg(0x3c, 2), 0x010b);
	set(COMMAND, 2, 0xffff);
	assert_int_equal(cfg(COMMAND, 2), 0x0547);
	/* the chain of capabilities ends, each is the right one */
	assert_true(cfg(6, 2) & 0x10);
	for (off = cfg(0x34, 1); off && seen < 16; off = cfg(off + 1, 1), seen++)
		assert_true(off >= 0x40 && off < 0x100);
	assert_int_equal(off, 0);
	assert_int_equal(seen, 4);
	assert_int_equal(cfg(PM, 1), 1);
	assert_int_equal(cfg(MSI, 1), 5);
	assert_int_equal(cfg(MSIX, 1), 0x11);
	assert_int_equal(cfg(PCIE, 1), 0x10);
	/* the serial number is the MAC with ffff in its middle */
	assert_int_equal(cfg(0x140, 2), 3);
	assert_int_equal(cfg(0x144, 4), 0xff123456);
	assert_int_equal(cfg(0x148, 4), 0x525400ff);
}

static void test_bar_sizing(void **state)
{
	u64 off;

	(void)state;
	assert_int_equal(cfg(0x10, 4), 0xc); /* 64-bit, prefetchable */
	set(0x10, 4, 0xffffffff);
	set(0x14, 4, 0xffffffff);
	assert_int_equal(cfg(0x10, 4), 0xfffff00c);
	assert_int_equal(cfg(0x14, 4), 0xffffffff);
	set(0x18, 4, 0xffffffff);
	assert_int_equal(cfg(0x18, 4), 0xfffff000);
	set(0x1c, 4, 0xffffffff);
	assert_int_equal(cfg(0x1c, 4), 0);
	set(0x28, 4, 0xffffffff); /* CardBus pointer: QEMU tries it as if it were a BAR */
	assert_int_equal(cfg(0x28, 4), 0);
	set(0x10, 4, 0xf0000000);
	set(0x14, 4, 0x12);
	set(0x18, 4, 0xe0001000);
	assert_int_equal(nicsim_bar_at(b.dev, 0x12f0000ffc, false, &off), 0);
	assert_int_equal(off, 0xffc);
	assert_int_equal(nicsim_bar_at(b.dev, 0x12f0001000, false, &off), -1);
	assert_int_equal(nicsim_bar_at(b.dev, 0xe0001010, false, &off), 2);
	assert_int_equal(nicsim_bar_at(b.dev, 0xe0001010, true, &off), -1);
	nicsim_reset(b.dev);
	assert_int_equal(cfg(0x10, 4), 0xc);
	assert_int_equal(cfg(COMMAND, 2), 0);
}

static void test_bars32(void **state)
{
	char why[100];
	struct nicsim_dev *dev = nicsim_add(b.sim, "test", true, why, sizeof(why));

	(void)state;
	nicsim_cfg_write(dev, 0x10, 4, ~0u);
	nicsim_cfg_write(dev, 0x14, 4, ~0u);
	assert_int_equal(nicsim_cfg_read(dev, 0x10, 4), 0xfffff008);
	assert_int_equal(nicsim_cfg_read(dev, 0x14, 4), 0);
}

static void test_config_widths(void **state)
{
	(void)state;
	assert_int_equal(cfg(1, 2), 0xffff);
	assert_int_equal(cfg(4096, 4), 0xffffffff);
	assert_int_equal(cfg(4094, 4), 0xffffffff);
	assert_int_equal(b.dev->nerrors, 0);
	set(2, 4, 0);
	set(4096, 4, 0);
	assert_int_equal(b.dev->errors[NICSIM_E_ACCESS], 2);
	set(MSI + 4, 1, 0xff); /* bytes of a wider field */
	set(MSI + 7, 1, 0x12);
	assert_int_equal(cfg(MSI + 4, 4), 0x120000fc);
}

static void test_decoding(void **state)
{
	(void)state;
	assert_int_equal(bench_rd(&b, TEST_ID), 0x54455354);
	set(COMMAND, 2, 4); /* no memory space */
	assert_int_equal(bench_rd(&b, TEST_ID), 0xffffffff);
	bench_wr(&b, TEST_SCRATCH, 5);
	assert_int_equal(b.dev->errors[NICSIM_E_ACCESS], 2);
	set(COMMAND, 2, 6);
	assert_int_equal(bench_rd(&b, TEST_SCRATCH), 0);
	assert_int_equal(nicsim_bar_read(b.dev, 0, 4096, 4), 0xffffffff);
	assert_int_equal(nicsim_bar_read(b.dev, 0, 4092, 8), ~0ull);
	assert_int_equal(nicsim_bar_read(b.dev, 1, 0, 4), 0xffffffff);
	assert_int_equal(nicsim_bar_read(b.dev, 0, 2, 4), 0xffffffff);
	assert_int_equal(nicsim_bar_read(b.dev, 0, 0, 2), 0xffff);
	assert_int_equal(b.dev->errors[NICSIM_E_ACCESS], 7);
	nicsim_bar_write(b.dev, 0, TEST_SCRATCH, 4, 0x1234);
	assert_int_equal(nicsim_bar_read(b.dev, 0, 0, 8), 0x123454455354ull);
}

static void test_reserved_and_state(void **state)
{
	(void)state;
	bench_rings(&b);
	bench_wr(&b, TEST_TX_TAIL, RING);
	assert_int_equal(b.dev->errors[NICSIM_E_TAIL], 1);
	bench_wr(&b, TEST_TX_BASE, 0);
	assert_int_equal(b.dev->errors[NICSIM_E_STATE], 1);
	bench_wr(&b, TEST_CTRL, 16);
	assert_int_equal(b.dev->errors[NICSIM_E_RESERVED], 1);
	assert_int_equal(b.dev->nerrors, 3);
	nicsim_errors_clear(b.dev);
	assert_int_equal(nicsim_report(b.dev, stderr), 0);
}

/* --- DMA ------------------------------------------------------------------------------------ */

static void test_dma_bounds(void **state)
{
	u8 buf[64], second[4096];
	u64 bad[] = { 0, RAM_BASE - 1, RAM_BASE + RAM_SIZE - 63, RAM_BASE + RAM_SIZE, ~0ull - 10 };

	(void)state;
	memset(buf, 0xaa, sizeof(buf));
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_false(nicsim_dma_ok(b.dev, bad[i], 64));
		assert_false(nicsim_dma_write(b.dev, bad[i], buf, 64));
		assert_false(nicsim_dma_read(b.dev, bad[i], buf, 64));
		assert_int_equal(b.dev->errors[NICSIM_E_DMA], 2 * i + 2);
	}
	for (u32 i = 0; i < RAM_SIZE; i++)
		assert_int_equal(b.ram[i], 0); /* nothing touched, not even the part inside */
	assert_int_equal(buf[63], 0xaa);
	assert_true(nicsim_dma_write(b.dev, RAM_BASE + RAM_SIZE - 64, buf, 64));
	assert_int_equal(b.ram[RAM_SIZE - 1], 0xaa);
	/* a second region that touches the first: one access over both */
	assert_false(nicsim_mem_add(b.dev, RAM_BASE + RAM_SIZE - 1, 4096, second));
	assert_false(nicsim_mem_add(b.dev, ~0ull - 100, 4096, second));
	assert_false(nicsim_mem_add(b.dev, 0, 0, second));
	assert_true(nicsim_mem_add(b.dev, RAM_BASE + RAM_SIZE, 4096, second));
	memset(buf, 0xbb, sizeof(buf));
	assert_true(nicsim_dma_write_back(b.dev, RAM_BASE + RAM_SIZE - 32, buf, 64));
	assert_int_equal(b.ram[RAM_SIZE - 33], 0xaa);
	assert_int_equal(b.ram[RAM_SIZE - 32], 0xbb);
	assert_int_equal(second[31], 0xbb);
	assert_true(nicsim_dma_read(b.dev, RAM_BASE + RAM_SIZE - 16, buf, 32));
	assert_true(nicsim_mem_del(b.dev, RAM_BASE + RAM_SIZE, 4096));
	assert_false(nicsim_mem_del(b.dev, RAM_BASE + RAM_SIZE, 4096));
	assert_false(nicsim_dma_ok(b.dev, RAM_BASE + RAM_SIZE, 1));
}

static void test_bus_master(void **state)
{
	u8 buf[4] = { 1, 2, 3, 4 };

	(void)state;
	set(COMMAND, 2, 2);
	assert_false(nicsim_dma_write(b.dev, RAM_BASE, buf, 4));
	assert_int_equal(b.dev->errors[NICSIM_E_MASTER], 1);
	assert_int_equal(b.ram[0], 0);
	set(COMMAND, 2, 6);
	assert_true(nicsim_dma_write(b.dev, RAM_BASE, buf, 4));
	set(PM + 4, 2, 3); /* D3hot */
	assert_false(nicsim_dma_write(b.dev, RAM_BASE, buf, 4));
	assert_int_equal(b.dev->errors[NICSIM_E_MASTER], 2);
	bench_wr(&b, TEST_SCRATCH, 77);
	set(PM + 4, 2, 0); /* back to D0: an internal reset */
	assert_int_equal(cfg(COMMAND, 2), 0);
	set(COMMAND, 2, 6);
	assert_int_equal(bench_rd(&b, TEST_SCRATCH), 0);
}

static void test_frames(void **state)
{
	u8 frame[200];

	(void)state;
	bench_rings(&b);
	assert_true(nicsim_wire_set(b.dev, "loop", (char[100]){ 0 }, 100));
	for (u32 n = 0; n < 50; n++) {
		const u8 *back;
		u32 len;

		memset(frame, (int)n, sizeof(frame));
		assert_true(bench_tx(&b, frame, 60 + n));
		back = bench_rx(&b, &len);
		assert_non_null(back);
		assert_int_equal(len, 60 + n);
		assert_memory_equal(back, frame, 60 + n);
	}
	assert_int_equal(b.dev->sent, 50);
	assert_int_equal(b.dev->received, 50);
	bench_desc(&b, TX_RING, b.tx)->addr = RAM_BASE + RAM_SIZE - 30;
	bench_desc(&b, TX_RING, b.tx)->len = 60;
	bench_wr(&b, TEST_TX_TAIL, (b.tx + 1) % RING);
	assert_int_equal(b.dev->errors[NICSIM_E_DMA], 1);
	assert_int_equal(b.dev->sent, 50);
}

/* --- interrupts ----------------------------------------------------------------------------- */

static void test_msix(void **state)
{
	(void)state;
	bench_wr(&b, TEST_RAISE, 2); /* nothing enabled: nothing, and the line is the model's own */
	assert_int_equal(b.irqs, 0);
	set(MSIX + 2, 2, 0x8000);
	assert_int_equal(cfg(MSIX + 2, 2), 0x8003);
	assert_int_equal(nicsim_bar_read(b.dev, 2, 2 * 16 + 12, 4), 1); /* masked by reset */
	bench_wr(&b, TEST_RAISE, 2);
	assert_int_equal(b.irqs, 0);
	assert_int_equal(nicsim_bar_read(b.dev, 2, 0x800, 4), 4);
	nicsim_bar_write(b.dev, 2, 2 * 16, 8, 0xfee01004);
	nicsim_bar_write(b.dev, 2, 2 * 16 + 8, 4, 0x41);
	nicsim_bar_write(b.dev, 2, 2 * 16 + 12, 4, 0); /* unmask: what was pending comes */
	assert_int_equal(b.irqs, 1);
	assert_int_equal(b.vectors[0], 2);
	assert_int_equal(b.dev->msix[2].addr, 0xfee01004);
	assert_int_equal(b.dev->msix[2].data, 0x41);
	assert_int_equal(nicsim_bar_read(b.dev, 2, 0x800, 8), 0);
	set(MSIX + 2, 2, 0xc000); /* function mask */
	bench_wr(&b, TEST_RAISE, 2);
	assert_int_equal(b.irqs, 1);
	set(MSIX + 2, 2, 0x8000);
	assert_int_equal(b.irqs, 2);
	bench_wr(&b, TEST_RAISE, 4);
	assert_int_equal(b.dev->errors[NICSIM_E_VECTOR], 1);
	nicsim_bar_write(b.dev, 2, 0x800, 4, 1);
	assert_int_equal(b.dev->errors[NICSIM_E_ACCESS], 1);
}

static void test_msi_and_line(void **state)
{
	(void)state;
	bench_wr(&b, TEST_RAISE, 1);
	assert_int_equal(b.irqs, 1);
	assert_int_equal(b.vectors[0], NICSIM_NO_VECTOR);
	assert_true(b.levels[0]);
	assert_true(cfg(6, 2) & 8);
	bench_wr(&b, TEST_RAISE, 1); /* a level has no second edge */
	assert_int_equal(b.irqs, 1);
	set(COMMAND, 2, 0x406); /* INTX_DISABLE lets go of it */
	assert_int_equal(b.irqs, 2);
	assert_false(b.levels[1]);
	set(COMMAND, 2, 6);
	assert_int_equal(b.irqs, 3);
	bench_wr(&b, TEST_RAISE, 2);
	assert_int_equal(b.irqs, 4);
	assert_false(cfg(6, 2) & 8);
	set(MSI + 2, 2, 1);
	bench_wr(&b, TEST_RAISE, 3); /* the one message; the line stays quiet */
	assert_int_equal(b.irqs, 5);
	assert_int_equal(b.vectors[4], 0);
}

static void test_timer(void **state)
{
	(void)state;
	set(MSI + 2, 2, 1);
	bench_wr(&b, TEST_TIMER, 100);
	nicsim_advance(b.sim, 99999);
	assert_int_equal(b.irqs, 0);
	nicsim_advance(b.sim, 1);
	assert_int_equal(b.irqs, 1);
	assert_int_equal(b.sim->now, 100000);
	nicsim_advance(b.sim, 1000000);
	assert_int_equal(b.irqs, 1);
}

/* --- resets, faults, options ---------------------------------------------------------------- */

static void test_flr(void **state)
{
	(void)state;
	bench_wr(&b, TEST_SCRATCH, 1);
	set(MSIX + 2, 2, 0x8000);
	set(PCIE + 8, 2, 0x2810);
	assert_int_equal(bench_rd(&b, TEST_SCRATCH), 1);
	set(PCIE + 8, 2, 0xa810);
	assert_int_equal(cfg(PCIE + 8, 2), 0x2810); /* the bit reads as 0 */
	assert_int_equal(cfg(COMMAND, 2), 0);
	assert_int_equal(cfg(MSIX + 2, 2), 3);
	set(COMMAND, 2, 6);
	assert_int_equal(bench_rd(&b, TEST_SCRATCH), 0);
	bench_wr(&b, TEST_SCRATCH, 1);
	set(PCIE + 9, 1, 0x80); /* by its byte alone */
	assert_int_equal(cfg(COMMAND, 2), 0);
}

static void test_faults(void **state)
{
	u8 frame[60] = { 0 };

	(void)state;
	bench_rings(&b);
	assert_false(nicsim_fault_set(b.dev, "no-such", 1, 0));
	assert_true(nicsim_fault_set(b.dev, "no-done", 2, 0));
	assert_false(bench_tx(&b, frame, 60));
	assert_false(bench_tx(&b, frame, 60));
	assert_true(bench_tx(&b, frame, 60));
	assert_int_equal(nicsim_fault_hits(b.dev, "no-done"), 2);
	assert_int_equal(b.dev->nfaults, 0);
	assert_true(nicsim_fault_set(b.dev, "tx-hang", ~0ull, 0));
	assert_false(bench_tx(&b, frame, 60));
	assert_true(nicsim_fault_set(b.dev, "tx-hang", 0, 0));
	nicsim_kick(b.dev);
	nicsim_run(b.sim, 0);
	assert_int_equal(bench_desc(&b, TX_RING, 3)->status, 1);
	assert_int_equal(b.dev->sent, 4);
	assert_true(nicsim_fault_set(b.dev, "tx-lost", 1, 0));
	assert_true(bench_tx(&b, frame, 60));
	assert_int_equal(b.dev->sent, 4);
	assert_true(nicsim_rx(b.dev, frame, 60));
	assert_true(nicsim_fault_set(b.dev, "rx-lost", 1, 0));
	assert_false(nicsim_rx(b.dev, frame, 60));
	assert_true(nicsim_rx(b.dev, frame, 60));
}

static void test_removed(void **state)
{
	u8 frame[60] = { 0 };

	(void)state;
	bench_rings(&b);
	assert_true(nicsim_fault_set(b.dev, "removed", 1, 0));
	assert_int_equal(bench_rd(&b, TEST_ID), 0xffffffff);
	assert_int_equal(nicsim_bar_read(b.dev, 0, 0, 8), ~0ull);
	assert_int_equal(cfg(0, 4), 0xffffffff);
	assert_false(bench_tx(&b, frame, 60));
	assert_false(nicsim_rx(b.dev, frame, 60));
	assert_false(nicsim_dma_ok(b.dev, RAM_BASE, 4));
	set(COMMAND, 2, 0);
	assert_true(nicsim_fault_set(b.dev, "removed", 0, 0));
	assert_int_equal(cfg(COMMAND, 2), 6); /* the write went nowhere */
	assert_int_equal(b.dev->nerrors, 0);
}

static void test_light(void **state)
{
	u8 frame[60] = { 0 };

	(void)state;
	bench_rings(&b);
	set(MSI + 2, 2, 1);
	b.irqs = 0;
	assert_int_equal(bench_rd(&b, TEST_STATUS), 1);
	nicsim_light_set(b.dev, false);
	assert_int_equal(b.irqs, 1); /* the model was told */
	assert_int_equal(bench_rd(&b, TEST_STATUS), 0);
	assert_false(nicsim_rx(b.dev, frame, 60));
	assert_true(bench_tx(&b, frame, 60));
	assert_int_equal(b.dev->sent, 0);
	nicsim_light_set(b.dev, true);
	assert_true(nicsim_rx(b.dev, frame, 60));
}

static void test_bad_specs(void **state)
{
	static const struct {
		const char *spec, *says;
	} bad[] = {
		{ "82598", "no model \"82598\"" },
		{ "", "no model" },
		{ "test,nonsense=1", "no option \"nonsense\"" },
		{ "test,=1", "an option without a name" },
		{ "test,mac=52:54:00:12:34", "is no unicast address" },
		{ "test,mac=53:54:00:12:34:56", "is no unicast address" },
		{ "test,mac=52:54:00:12:34:56x", "is no unicast address" },
		{ "test,seed=x", "is no number" },
		{ "test,fault=zzz", "is not known" },
		{ "test,vfs=1", "at most 0" },
		{ "test,id=t,broken", "t: broken as asked for" },
	};
	char why[160];

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_null(nicsim_add(b.sim, bad[i].spec, false, why, sizeof(why)));
		if (!strstr(why, bad[i].says))
			fail_msg("%s: %s", bad[i].spec, why);
	}
	assert_int_equal(b.sim->ndevs, 1);
	assert_non_null(nicsim_add(b.sim, "test,id=x,fault=tx-hang:3:5", false, why, sizeof(why)));
	assert_int_equal(nicsim_find(b.sim, "x")->nfaults, 1);
	assert_null(nicsim_find(b.sim, "y"));
}

/* --- SR-IOV --------------------------------------------------------------------------------- */

static u32 vf_changes;

static void vfs_changed(struct nicsim_dev *dev)
{
	(void)dev;
	vf_changes++;
}

static void test_sriov(void **state)
{
	static struct nicsim_model pf, vf;
	char why[100];
	struct nicsim_dev *dev, *one;

	(void)state;
	pf = vf = nicsim_testdev;
	vf.device = 0x7e58;
	pf.vf = &vf;
	pf.vfs = 4;
	pf.vf_offset = 0x80;
	pf.vf_stride = 2;
	pf.vfs_changed = vfs_changed;
	dev = nicsim_add_model(b.sim, &pf, "id=pf", false, why, sizeof(why));
	assert_non_null(dev);
	one = nicsim_find(b.sim, "pf.vf1");
	assert_ptr_equal(one, dev->vf[1]);
	assert_int_equal(nicsim_cfg_read(dev, SRIOV, 2), 0x10);
	assert_int_equal(nicsim_cfg_read(dev, SRIOV + 0x0e, 2), 4);
	assert_int_equal(nicsim_cfg_read(dev, SRIOV + 0x1a, 2), 0x7e58);
	nicsim_cfg_write(dev, SRIOV + 0x24, 4, ~0u);
	assert_int_equal(nicsim_cfg_read(dev, SRIOV + 0x24, 4), 0xfffff00c);
	assert_int_equal(nicsim_cfg_read(one, 2, 2), 0x7e58);
	nicsim_cfg_write(one, 4, 2, 6);
	nicsim_cfg_write(dev, SRIOV + 0x10, 2, 9); /* more than there are */
	assert_int_equal(vf_changes, 0);
	nicsim_cfg_write(dev, SRIOV + 8, 2, 9);
	assert_int_equal(dev->vfs_on, 4);
	assert_int_equal(vf_changes, 1);
	assert_int_equal(nicsim_cfg_read(one, 4, 2), 0); /* it is new */
	nicsim_cfg_write(dev, SRIOV + 8, 2, 0);
	assert_int_equal(dev->vfs_on, 0);
	assert_int_equal(vf_changes, 2);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_header),        T(test_bar_sizing),   T(test_bars32),
		T(test_config_widths), T(test_decoding),     T(test_reserved_and_state),
		T(test_dma_bounds),    T(test_bus_master),   T(test_frames),
		T(test_msix),          T(test_msi_and_line), T(test_timer),
		T(test_flr),           T(test_faults),       T(test_removed),
		T(test_light),         T(test_bad_specs),    T(test_sriov),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
