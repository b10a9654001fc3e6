// SPDX-License-Identifier: MIT
/*
 * XL710 model: PHY and MAC commands, link events, flaps; the firmware's LLDP agent.
 */
#include "tests/unit/nicsim/xl710_rig.h"

static void test_link(void **state)
{
	u8 p[16], b[0x218], e[16];
	u16 len;

	(void)state;
	xr_start("");
	assert_int_equal(cmd(0x0607, p, 3, 0, 0, 0), 0);
	assert_int_equal(p[0] & 1, 1);
	assert_int_equal(p[2], 0x19);
	assert_int_equal(p[3], 0x10);
	assert_int_equal(p[4] & 1, 1);
	/* down: one event, not a second before it is armed again */
	nicsim_light_set(xr.dev, false);
	assert_int_equal(xr_event(e, NULL, &len), 0x0607);
	assert_int_equal(e[4] & 1, 0);
	nicsim_light_set(xr.dev, true);
	xr_ms(2);
	assert_int_equal(xr_event(e, NULL, &len), 0);
	assert_int_equal(cmd(0x0607, p, 3, 0, 0, 0), 0);
	assert_int_equal(p[4] & 1, 1);
	/* masked */
	assert_int_equal(cmd(0x0613, p, 0, 0, 2, 0), 0);
	nicsim_light_set(xr.dev, false);
	xr_ms(1);
	assert_int_equal(xr_event(e, NULL, &len), 0);
	nicsim_light_set(xr.dev, true);
	xr_ms(2);
	assert_int_equal(xr_rd(0x1e2440), 2); /* link downs */
	memset(p, 0, 16);
	assert_int_equal(xr_aq(0x0600, p, b, 0x218, XR_BUF | XR_LB), 0);
	assert_int_equal(get32(b), 1u << 0x19);
	assert_int_equal(b[4], 0x10);
	assert_int_equal(b[20], 0x0d);
	/* off and on by configuration */
	assert_int_equal(cmd(0x0601, p, 1u << 0x19, 0x10, 0, 0), 0);
	xr_ms(3);
	assert_int_equal(cmd(0x0607, p, 0, 0, 0, 0), 0);
	assert_int_equal(p[4] & 1, 0);
	assert_int_equal(cmd(0x0605, p, 6, 0, 0, 0), 0);
	xr_ms(3);
	assert_int_equal(cmd(0x0607, p, 0, 0, 0, 0), 0);
	assert_int_equal(p[4] & 1, 1);
	assert_int_equal(cmd(0x0603, p, 1522 | 4 << 16, 0, 0, 0), 0);
	assert_int_equal(cmd(0x0603, p, 20000, 0, 0, 0), 14);
	assert_int_equal(xr_errors(NICSIM_E_COMMAND), 1);
	nicsim_fault_set(xr.dev, "link-flap", 1, 3000);
	xr_ms(11);
	assert_int_equal(cmd(0x0607, p, 0, 0, 0, 0), 0);
	assert_int_equal(p[4] & 1, 0);
	xr_ms(30);
	assert_int_equal(cmd(0x0607, p, 0, 0, 0, 0), 0);
	assert_int_equal(p[4] & 1, 1);
	xr_end(0);
}

static void test_lldp(void **state)
{
	const struct xr_qopt o = { 0 };
	u8 p[16], b[1500],
		f[64] = { 1, 0x80, 0xc2, 0, 0, 0x0e, 2, 0, 0, 0, 0, 1, 0x88, 0xcc, 2, 7 };
	u32 n;

	(void)state;
	xr_start("");
	xr_up(1, &o);
	assert_false(xr_wire(f, 64)); /* eaten */
	memset(p, 0, 16);
	p[0] = 1;
	assert_int_equal(xr_aq(0x0a00, p, b, 1500, XR_BUF | XR_LB), 0);
	assert_int_equal(get16(p + 4), 50);
	assert_memory_equal(b, f + 14, 50);
	xr_ms(2000);
	n = xr.nsent;
	assert_int_equal(n, 1); /* its own */
	assert_int_equal(xr.sent[0].data[12] << 8 | xr.sent[0].data[13], 0x88cc);
	assert_int_equal(cmd(0x0a05, p, 0, 0, 0, 0), 0);
	assert_true(xr_wire(f, 64));
	xr_ms(40000);
	assert_int_equal(xr.nsent, n);
	assert_int_equal(cmd(0x0a05, p, 0, 0, 0, 0), 1);
	memset(p, 0, 16);
	assert_int_equal(xr_aq(0x0a00, p, b, 1500, XR_BUF | XR_LB), 1);
	memset(p, 0, 16);
	put16(p + 2, 20);
	assert_int_equal(xr_aq(0x0a08, p, b, 20, XR_BUF | XR_RD), 0);
	assert_int_equal(cmd(0x0303, p, 1 | 1 << 8, 0, 0, 0), 0);
	assert_int_equal(cmd(0x0a06, p, 1, 0, 0, 0), 0);
	assert_false(xr_wire(f, 64));
	xr_end(0);
	xr_start(",lldp=off");
	xr_up(1, &o);
	assert_true(xr_wire(f, 64));
	assert_int_equal(cmd(0x0a06, p, 1, 0, 0, 0), 1);
	xr_end(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_lldp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
