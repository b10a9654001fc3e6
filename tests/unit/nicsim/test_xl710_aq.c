// SPDX-License-Identifier: MIT
/*
 * XL710 model: resets, the admin queue's framing and each command, NVM; what a wrong driver gets
 * reported; faults of the queue.
 */
#include "tests/unit/nicsim/xl710_rig.h"

static void test_resets(void **state)
{
	static const u32 trigger[] = { 1, 2, 4 }, shift[] = { 4, 6, 8 };
	u8 p[16];

	(void)state;
	xr_machine("xl710", "");
	assert_int_equal(xr_rd(0x0b6008), 0x7ff);                 /* GLNVM_ULD: all loaded */
	assert_int_equal(xr_rd(0x1c0400), 1u << 31 | 383u << 16); /* PFLAN_QALLOC */
	assert_int_equal(xr_rd(0x0c2004), 7);
	assert_int_equal(xr_rd(0x0c200c), 5);
	assert_int_equal(xr_rd(0x12a500), 1); /* PXE mode */
	xr_wr(0x0c6300, 17);                  /* a CORER register, and a PFR one */
	xr_wr(0x038580, 5);
	xr_wr(R_PFGEN_CTRL, 1);
	assert_int_equal(xr_rd(R_PFGEN_CTRL), 1);
	xr_wr(0x0c6300, 18); /* not during a reset */
	assert_int_equal(xr_errors(NICSIM_E_STATE), 1);
	xr_us(60);
	assert_int_equal(xr_rd(R_PFGEN_CTRL), 0);
	assert_int_equal(xr_rd(0x0c6300), 17);
	assert_int_equal(xr_rd(0x038580), 0);
	for (u32 i = 0; i < 3; i++) {
		xr_wr(0x0c6300, 17);
		xr_wr(0x0b8190, trigger[i]);
		assert_int_equal(xr_rd(0x0b8188) & 3, 2);
		assert_int_equal(xr_rd(0x0b6008), 0);
		xr_ms(6);
		assert_int_equal(xr_rd(0x0b8188) & 3, 0);
		assert_int_equal(xr_rd(0x0b8188) >> 2 & 3, i + 1);
		assert_int_equal(xr_rd(0x0b8188) >> shift[i] & 3, 1);
		assert_int_equal(xr_rd(0x0b6008), 0x7ff);
		assert_int_equal(xr_rd(0x0c6300), 0);
	}
	/* FLR is a PF reset; queues die with it */
	xr_aq_on();
	nicsim_flr(xr.dev);
	nicsim_cfg_write(xr.dev, 0x10, 4, 0xe0000000);
	nicsim_cfg_write(xr.dev, 0x04, 2, 0x0406);
	xr_ms(1);
	assert_int_equal(xr_rd(R_ATQLEN), 0);
	/* stuck */
	nicsim_fault_set(xr.dev, "reset-stuck", ~0ull, 0);
	xr_wr(R_PFGEN_CTRL, 1);
	xr_ms(1000);
	assert_int_equal(xr_rd(R_PFGEN_CTRL), 1);
	nicsim_fault_set(xr.dev, "reset-stuck", 0, 0);
	xr_ms(20);
	assert_int_equal(xr_rd(R_PFGEN_CTRL), 0);
	/* another function's reset: queues are gone, GRST says so */
	xr_aq_on();
	xr_wr(0x038800, 1u << 20);
	xr_rd(0x038780);
	nicsim_fault_set(xr.dev, "reset-global", 1, 0);
	xr_ms(15);
	assert_int_equal(xr_rd(R_ATQLEN), 0);
	assert_true(xr_rd(0x038780) & 1u << 20);
	memset(p, 0, sizeof(p));
	xr_end(0);
}

static void test_version_and_capabilities(void **state)
{
	u8 p[16] = { 0 }, b[4096] = { 0 };
	u32 n, seen = 0;

	(void)state;
	xr_start("");
	assert_int_equal(xr_aq(0x0001, p, NULL, 0, 0), 0);
	assert_int_equal(get16(p + 12), 1);
	memset(p, 0, 16);
	assert_int_equal(xr_aq(0x000a, p, b, 64, XR_BUF), 9); /* too small: tells the size */
	n = xr.reply / 32;
	assert_true(n >= 10);
	memset(p, 0, 16);
	assert_int_equal(xr_aq(0x000a, p, b, 4096, XR_BUF | XR_LB), 0);
	assert_int_equal(get32(p + 4), n);
	for (u32 i = 0; i < n; i++) {
		u32 id = get16(b + i * 32);

		seen |= id == 0x40 ? 1u : id == 0x41 ? 2u : id == 0x43 ? 4u : 0;
		if (id == 0x41)
			assert_int_equal(get32(b + i * 32 + 4), 384);
		if (id == 0x43)
			assert_int_equal(get32(b + i * 32 + 4), 129);
	}
	assert_int_equal(seen, 7);
	memset(p, 0, 16);
	assert_int_equal(xr_aq(0x0107, p, b, 24, XR_BUF), 0);
	assert_int_equal(get16(p) & 0x10, 0x10);
	assert_memory_equal(b, xr_mac, 6);
	/* a locally administered one, then read again */
	assert_int_equal(cmd(0x0108, p, 0x0252u << 16 | 0, 0x11223344, 0, 0), 0);
	memset(p, 0, 16);
	assert_int_equal(xr_aq(0x0107, p, b, 24, XR_BUF), 0);
	assert_memory_equal(b, "\x02\x52\x11\x22\x33\x44", 6);
	/* driver version, unknown command, a second Clear PXE Mode */
	memset(p, 0, 16);
	memcpy(b, "pix", 4);
	assert_int_equal(xr_aq(0x0002, p, b, 4, XR_BUF | XR_RD), 0);
	assert_int_equal(cmd(0x0777, p, 0, 0, 0, 0), 17);
	assert_int_equal(cmd(0x0110, p, 2, 0, 0, 0), 13);
	/* registers by firmware */
	assert_int_equal(cmd(0xff04, p, 0, 0x0c6300, 0, 33), 0);
	assert_int_equal(xr_rd(0x0c6300), 33);
	assert_int_equal(cmd(0xff03, p, 0, 0x0c6300, 0, 0), 0);
	assert_int_equal(get32(p + 12), 33);
	assert_int_equal(cmd(0x0207, p, 0, 0x1c0ac0, 0, 0x10000), 0);
	assert_int_equal(cmd(0x0206, p, 0, 0x1c0ac0, 0, 0), 0);
	assert_int_equal(get32(p + 12), 0x10000);
	assert_int_equal(cmd(0x0500, p, 0, 0, 0, 0), 0);
	xr_end(0);
}

static void test_nvm(void **state)
{
	u8 p[16] = { 0 }, b[512];
	u32 sum = 0, vpd, alt;

	(void)state;
	xr_start("");
	assert_true(xr_rd(0x0b6110) & 1u << 31); /* done, before anything */
	xr_wr(0x0b6110, 0x2f << 14 | 1u << 30);
	vpd = xr_rd(0x0b6114) >> 16;
	xr_wr(0x0b6110, 0x3e << 14 | 1u << 30);
	alt = xr_rd(0x0b6114) >> 16;
	for (u32 i = 0; i < 0x8000; i++) {
		if ((i >= vpd && i < vpd + 512) || (i >= alt && i < alt + 512))
			continue;
		xr_wr(0x0b6110, i << 14 | 1u << 30);
		assert_true(xr_rd(0x0b6110) & 1u << 31);
		sum += xr_rd(0x0b6114) >> 16;
	}
	assert_int_equal(sum & 0xffff, 0xbaba);
	/* by commands: only with the resource */
	put16(p + 2, 128);
	assert_int_equal(xr_aq(0x0701, p, b, 128, XR_BUF), 1);
	assert_int_equal(xr_errors(NICSIM_E_COMMAND), 1);
	assert_int_equal(cmd(0x0008, p, 1 | 1 << 16, 3000, 0, 0), 0);
	assert_int_equal(cmd(0x0008, p, 1 | 1 << 16, 3000, 0, 0), 12);
	memset(p, 0, 16);
	put16(p + 2, 128);
	assert_int_equal(xr_aq(0x0701, p, b, 128, XR_BUF), 0);
	xr_wr(0x0b6110, 0x18 << 14 | 1u << 30);
	assert_int_equal(get16(b + 0x30), xr_rd(0x0b6114) >> 16);
	assert_int_equal(cmd(0x0009, p, 1, 0, 0, 0), 0);
	/* writes are refused and reported */
	memset(p, 0, 16);
	assert_int_equal(xr_aq(0x0702, p, NULL, 0, 0), 1);
	assert_int_equal(xr_errors(NICSIM_E_NVM), 1);
	xr_wr(0x0b6110, 1u << 29 | 1u << 30 | 7 << 14);
	assert_int_equal(xr_errors(NICSIM_E_NVM), 1);
	xr_wr(0x0b6108, 2);
	assert_int_equal(xr_errors(NICSIM_E_NVM), 1);
	nicsim_fault_set(xr.dev, "nvm-error", 1, 0);
	xr_wr(0x0b6110, 1u << 30);
	assert_false(xr_rd(0x0b6110) & 1u << 31);
	xr_end(0);
}

static void test_switch_and_vsi(void **state)
{
	u8 p[16] = { 0 }, b[512] = { 0 };
	u32 seid;

	(void)state;
	xr_start("");
	assert_int_equal(xr_aq(0x0200, p, b, 512, XR_BUF), 0);
	assert_int_equal(get16(b), 1);
	assert_int_equal(get16(b + 2), 1);
	assert_int_equal(b[16], 19);
	seid = get16(b + 18);
	assert_int_equal(seid, 512);
	memset(p, 0, 16);
	put16(p, seid);
	assert_int_equal(xr_aq(0x0212, p, b, 128, XR_BUF), 0);
	assert_int_equal(get16(b + 96), 16); /* queue set of TC 0 */
	assert_int_equal(get16(b + 98), 0xffff);
	assert_int_equal(get16(b + 112), get16(p + 2)); /* statistics */
	assert_int_equal(get16(p + 2), 16);
	xr_vsi(8);
	assert_int_equal(xr_rd(0x20c840), 0);
	/* queues beyond the function's */
	memset(p, 0, 16);
	memset(b, 0, 128);
	put16(p, seid);
	put16(b, 0x40);
	put16(b + 30, 380);
	put16(b + 62, 3 << 9);
	assert_int_equal(xr_aq(0x0211, p, b, 128, XR_BUF | XR_RD), 14);
	assert_int_equal(xr_errors(NICSIM_E_COMMAND), 1);
	/* a second one, and its end */
	memset(p, 0, 16);
	memset(b, 0, 128);
	put16(p, 2);
	p[2] = 1;
	put16(p + 6, 2);
	put16(b, 0x40);
	put16(b + 30, 32);
	assert_int_equal(xr_aq(0x0210, p, b, 128, XR_BUF | XR_RD), 0);
	assert_int_equal(get16(p), 513);
	assert_int_equal(get16(p + 2), 17);
	assert_int_equal(xr_rd(0x20c844), 32);
	assert_int_equal(cmd(0x0243, p, 513, 0, 0, 0), 0);
	assert_int_equal(cmd(0x0243, p, 513, 0, 0, 0), 2);
	assert_int_equal(cmd(0x0243, p, 512, 0, 0, 0), 1);
	/* scheduler */
	memset(p, 0, 16);
	memset(b, 0, 64);
	put16(p, seid);
	b[0] = 3;
	assert_int_equal(xr_aq(0x0407, p, b, 32, XR_BUF | XR_RD), 0);
	assert_int_equal(get16(b + 16), 16);
	assert_int_equal(get16(b + 18), 17);
	put16(p, seid);
	assert_int_equal(xr_aq(0x0408, p, b, 64, XR_BUF), 0);
	assert_int_equal(b[0], 3);
	assert_int_equal(xr_aq(0x0419, p, b, 68, XR_BUF), 0);
	/* VEB */
	assert_int_equal(cmd(0x0230, p, 2 | 512u << 16, 1, 0, 0), 0);
	assert_int_equal(get16(p + 8), 288);
	assert_int_equal(cmd(0x0243, p, 288, 0, 0, 0), 0);
	assert_int_equal(cmd(0x0203, p, 2, 0, 0, 0), 0);
	assert_int_equal(cmd(0x0205, p, 1 | 1 << 16, 0, 0, 0), 0);
	memset(p, 0, 16);
	assert_int_equal(xr_aq(0x0204, p, b, 512, XR_BUF), 0);
	xr_end(0);
}

static void macvlan(u8 *e, const u8 *mac, u32 vlan, u32 flags)
{
	memset(e, 0, 16);
	memcpy(e, mac, 6);
	put16(e + 6, vlan);
	put16(e + 8, flags);
}

static void test_filters(void **state)
{
	static const u8 other[6] = { 2, 0, 0, 0, 0, 7 }, group[6] = { 1, 0, 0x5e, 0, 0, 9 };
	const struct xr_qopt o = { 0 };
	u8 p[16], b[64], f[128], g[128];
	u32 len;

	(void)state;
	xr_start("");
	xr_up(1, &o);
	xr_promisc(0);
	len = xr_packet(f, false, 17, 1, 2, 40);
	assert_true(xr_wire(f, len)); /* the function's own address is there from the beginning */
	memcpy(f, other, 6);
	assert_false(xr_wire(f, len));
	memset(p, 0, 16);
	put16(p, 2);
	put16(p + 2, 512 | 0x8000);
	macvlan(b, other, 0, 1 | 4);
	macvlan(b + 16, group, 5, 1);
	assert_int_equal(xr_aq(0x0250, p, b, 32, XR_BUF | XR_RD), 0);
	assert_int_equal(b[12], 1);
	assert_true(xr_wire(f, len));
	memcpy(f, group, 6);
	assert_false(xr_wire(f, len)); /* VLAN 5 only */
	memcpy(g, f, 12);
	memcpy(g + 12, "\x81\x00\x20\x05", 4);
	memcpy(g + 16, f + 12, len - 12);
	assert_true(xr_wire(g, len + 4));
	memset(f, 255, 6);
	assert_false(xr_wire(f, len));
	xr_promisc(4);
	assert_true(xr_wire(f, len));
	memset(p, 0, 16); /* twice the same */
	put16(p, 1);
	put16(p + 2, 512 | 0x8000);
	assert_int_equal(xr_aq(0x0250, p, b, 16, XR_BUF | XR_RD), 13);
	memset(p, 0, 16);
	put16(p, 1);
	put16(p + 2, 512 | 0x8000);
	memset(b, 0, 16);
	memcpy(b, other, 6);
	b[8] = 1 | 8;
	assert_int_equal(xr_aq(0x0251, p, b, 16, XR_BUF | XR_RD), 0);
	memset(p, 0, 16);
	put16(p, 1);
	put16(p + 2, 512 | 0x8000);
	assert_int_equal(xr_aq(0x0251, p, b, 16, XR_BUF | XR_RD), 2);
	assert_int_equal(b[12], 0xff);
	memcpy(f, other, 6);
	assert_false(xr_wire(f, len));
	/* control packets: drop an EtherType on receive */
	memset(p, 0, 16);
	put16(p + 6, 0x0800);
	put16(p + 8, 1 | 2);
	put16(p + 10, 512 | 0x8000);
	assert_int_equal(xr_aq(0x025a, p, NULL, 0, 0), 0);
	memcpy(f, xr_mac, 6);
	assert_false(xr_wire(f, len));
	memset(p, 0, 16);
	put16(p + 6, 0x0800);
	put16(p + 8, 1 | 2);
	put16(p + 10, 512 | 0x8000);
	assert_int_equal(xr_aq(0x025b, p, NULL, 0, 0), 0);
	assert_true(xr_wire(f, len));
	/* cloud filters are kept */
	memset(p, 0, 16);
	memset(b, 0, 64);
	p[0] = 1;
	put16(p + 2, 512);
	put16(b + 30, 9);
	assert_int_equal(xr_aq(0x025c, p, b, 64, XR_BUF | XR_RD), 0);
	memset(p, 0, 16);
	p[0] = 1;
	put16(p + 2, 512);
	assert_int_equal(xr_aq(0x025c, p, b, 64, XR_BUF | XR_RD), 13);
	memset(p, 0, 16);
	p[0] = 1;
	put16(p + 2, 512);
	assert_int_equal(xr_aq(0x025d, p, b, 64, XR_BUF | XR_RD), 0);
	xr_end(0);
}

static void test_framing(void **state)
{
	u8 p[16] = { 0 }, b[1024] = { 0 };

	(void)state;
	xr_start("");
	/* flags that do not fit */
	assert_int_equal(xr_aq(0x0107, p, NULL, 0, 0), 14);
	assert_int_equal(xr_errors(NICSIM_E_COMMAND), 1);
	assert_int_equal(xr_aq(0x0107, p, b, 1024, XR_BUF), 0); /* LB is missing */
	assert_int_equal(xr_errors(NICSIM_E_COMMAND), 1);
	assert_int_equal(xr_aq(0x0211, p, b, 128, XR_BUF), 14); /* RD is missing */
	assert_int_equal(xr_errors(NICSIM_E_COMMAND), 1);
	assert_int_equal(xr_aq(0x0607, p, NULL, 8, 0), 0); /* length without buffer */
	assert_int_equal(xr_errors(NICSIM_E_COMMAND), 1);
	/* tail beyond, tail while off */
	xr_wr(R_ATQT, XR_AQ_LEN + 3);
	assert_int_equal(xr_errors(NICSIM_E_TAIL), 1);
	xr_end(0);
	xr_machine("xl710", "");
	xr_wr(R_ATQT, 3);
	assert_int_equal(xr_errors(NICSIM_E_STATE), 1);
	xr_wr(0x080300, 0);
	xr_wr(R_ATQLEN, 1u << 31); /* length 0, tail 3 */
	assert_int_equal(xr_errors(NICSIM_E_STATE), 2);
	/* unknown, read-only, reserved */
	assert_int_equal(xr_rd(0x123450), 0xdeadbeef);
	assert_int_equal(xr_errors(NICSIM_E_ACCESS), 1);
	xr_wr(0x123450, 1);
	assert_int_equal(xr_errors(NICSIM_E_ACCESS), 1);
	xr_wr(0x1c0400, 1);
	assert_int_equal(xr_errors(NICSIM_E_STATE), 1);
	xr_wr(0x0c6300, 0x10000);
	assert_int_equal(xr_errors(NICSIM_E_RESERVED), 1);
	/* the ring where there is no memory */
	xr_wr(R_PFGEN_CTRL, 1);
	xr_ms(1);
	xr_wr(0x080000, 0x1000);
	xr_wr(0x080100, 0);
	xr_wr(R_ATQLEN, 1u << 31 | 32);
	xr_wr(R_ATQT, 1);
	nicsim_run(xr.sim, 0);
	assert_int_equal(xr_errors(NICSIM_E_DMA), 1);
	assert_true(xr_rd(R_ATQLEN) & 1u << 30); /* ATQCRIT */
	xr_end(0);
}

static void test_queue_faults(void **state)
{
	u8 p[16] = { 0 }, b[64];

	(void)state;
	xr_start("");
	nicsim_fault_set(xr.dev, "aq-error", 1, 0);
	assert_int_equal(xr_aq(0x0607, p, NULL, 0, 0), 5);
	nicsim_fault_set(xr.dev, "aq-error", 1, 12);
	assert_int_equal(xr_aq(0x0607, p, NULL, 0, 0), 12);
	nicsim_fault_set(xr.dev, "aq-short", 1, 0);
	memset(p, 0, 16);
	assert_int_equal(xr_aq(0x0107, p, b, 24, XR_BUF), 0);
	assert_int_equal(xr.reply, 12);
	nicsim_fault_set(xr.dev, "aq-late", 1, 2000);
	memset(p, 0, 16);
	assert_int_equal(xr_aq(0x0607, p, NULL, 0, 0), -1);
	xr_ms(1);
	assert_int_equal(XR_P(XR_ATQ)[((xr.atq_tail + 31) % 32) * 32] & 1, 0);
	xr_ms(2);
	assert_int_equal(XR_P(XR_ATQ)[((xr.atq_tail + 31) % 32) * 32] & 1, 1);
	nicsim_fault_set(xr.dev, "aq-timeout", 1, 0);
	memset(p, 0, 16);
	assert_int_equal(xr_aq(0x0607, p, NULL, 0, 0), -1);
	xr_ms(5000);
	assert_int_equal(xr_aq(0x0607, p, NULL, 0, 0), -1);
	/* a reset brings it back */
	xr_wr(R_PFGEN_CTRL, 1);
	xr_ms(1);
	xr_aq_on();
	/* shutdown answers, then the queues are off */
	memset(p, 0, 16);
	p[0] = 1;
	assert_int_equal(xr_aq(0x0003, p, NULL, 0, 0), 0);
	assert_int_equal(xr_rd(R_ATQLEN) >> 31, 0);
	/* removed: all ones, no answer; and back */
	nicsim_fault_set(xr.dev, "removed", ~0ull, 0);
	assert_int_equal(xr_rd(R_PFGEN_CTRL), 0xffffffff);
	nicsim_fault_set(xr.dev, "removed", 0, 0);
	xr_wr(R_PFGEN_CTRL, 1);
	xr_ms(1);
	xr_aq_on();
	xr_end(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resets),
		cmocka_unit_test(test_version_and_capabilities),
		cmocka_unit_test(test_nvm),
		cmocka_unit_test(test_switch_and_vsi),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_framing),
		cmocka_unit_test(test_queue_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
