// SPDX-License-Identifier: MIT
/*
 * The router's own stations in VLANs of a bridge: what comes to them, what leaves from them.
 *
 *	1 access 10   2 access 20   3 trunk 10,20   4 access 10   IRB 100: VLAN 10   IRB 101: VLAN
 *20
 */
#include "tests/unit/unit.h"

#include "tests/unit/fe/rig.h"

static struct rig r;

static void make(u32 nqgm)
{
	struct iface i[] = {
		rig_port(1, PIX_VLAN_ACCESS, 10), rig_port(2, PIX_VLAN_ACCESS, 20),
		rig_trunk(3, 0, 10, 10, 20, 20),  rig_port(4, PIX_VLAN_ACCESS, 10),
		rig_irb(100, 10, 0xa1),           rig_irb(101, 20, 0xa2),
	};

	i[5].vrf = 3;
	rig_make(&r, nqgm, 4, "");
	rig_set(&r, i, ARRAY_SIZE(i));
}

static void expect_punt(u16 ifid, u32 vrf, const char *untagged)
{
	struct rig_frame f = rig_frame(untagged);
	const struct frame_slot *s = rig_punted(&r);

	assert_non_null(s);
	assert_int_equal(s->cls, PIX_PUNT_ARP);
	assert_int_equal(s->ifid, ifid);
	assert_int_equal(s->vrf, vrf);
	assert_int_equal(s->len, f.len);
	assert_memory_equal(s->data, f.data, f.len);
	assert_null(rig_punted(&r));
}

static void inject(u16 ifid, const char *text)
{
	struct frame_slot *s = framering_reserve(ctl_block()->qgm[0].inject);
	struct rig_frame f = rig_frame(text);

	assert_non_null(s);
	memset(s, 0, sizeof(*s));
	s->cls = INJECT_FRAME;
	s->ifid = ifid;
	s->len = (u16)f.len;
	memcpy(s->data, f.data, f.len);
	framering_commit(ctl_block()->qgm[0].inject);
	rig_clear(&r);
	rig_run(&r);
}

/* To the router: group frames are flooded and copied, unicast ones are taken. */
static void to_router(void **state)
{
	u64 copies;

	make(*(u32 *)*state);
	rig_send(&r, 1, "* 11 0806");
	rig_expect(&r, "3 * 11 c10 0806; 4 * 11 0806");
	expect_punt(100, 0, "* 11 0806");
	rig_send(&r, 3, "* 33 c24596 0806"); /* PCP 3, VID 20 */
	rig_expect(&r, "2 * 33 0806");
	expect_punt(101, 3, "* 33 0806");
	rig_send(&r, 3, "a1 33 c10 0806");
	rig_expect(&r, "");
	expect_punt(100, 0, "a1 33 0806");
	rig_expect_drop(&r, 1, "a1 11 1234", DROP_unknown_ethertype); /* it is RE that says so */
	/* Its address in another VLAN, or behind another tag, is a station like any. */
	rig_send(&r, 2, "a1 22 0806");
	rig_expect(&r, "3 a1 22 c20 0806");
	rig_send(&r, 3, "a1 33 c10 c5 0806");
	rig_expect(&r, "1 a1 33 c5 0806; 4 a1 33 c5 0806");
	rig_send(&r, 3, "* 33 c10 c5 0806");
	rig_expect(&r, "1 * 33 c5 0806; 4 * 33 c5 0806");
	assert_null(rig_punted(&r));
	/* A tag with a priority only is none. */
	rig_send(&r, 3, "a1 33 c10 c8192 0806");
	rig_expect(&r, "");
	expect_punt(100, 0, "a1 33 0806");
	/* Nobody else to flood to: the router gets the frame itself. */
	for (u16 p = 3; p <= 4; p++) {
		struct iface none = rig_port(p, PIX_VLAN_ACCESS, 99);

		rig_set(&r, &none, 1);
	}
	copies = WORLD_SUM(&r.w, copies);
	rig_send(&r, 1, "* 11 0806");
	rig_expect(&r, "");
	expect_punt(100, 0, "* 11 0806");
	assert_int_equal(WORLD_SUM(&r.w, copies), copies);
}

/* From the router: to the station if it is known, else to all; tags as the members have them. */
static void from_router(void **state)
{
	struct iface irb = rig_irb(100, 10, 0xa1);

	make(*(u32 *)*state);
	inject(100, "* a1 0806");
	rig_expect(&r, "1 * a1 0806; 4 * a1 0806; 3 * a1 c10 0806");
	inject(100, "11 a1 0800");
	rig_expect(&r, "1 11 a1 0800; 4 11 a1 0800; 3 11 a1 c10 0800");
	rig_send(&r, 1, "a1 11 0806");
	rig_send(&r, 3, "a1 33 c10 0806");
	inject(100, "11 a1 0800");
	rig_expect(&r, "1 11 a1 0800");
	inject(100, "33 a1 0800");
	rig_expect(&r, "3 33 a1 c10 0800");
	inject(101, "33 a2 0800"); /* not known in VLAN 20 */
	rig_expect(&r, "2 33 a2 0800; 3 33 a2 c20 0800");
	/* Larger than the member's MTU. */
	struct iface small = rig_port(1, PIX_VLAN_ACCESS, 10);

	small.mtu = 45;
	rig_set(&r, &small, 1);
	inject(100, "11 a1 0800");
	rig_expect(&r, "");
	assert_int_equal(world_drops(&r.w, DROP_bridge_mtu), 1);
	/* Down and gone. */
	rig_set(&r, &irb, 1);
	irb.mode = IFACE_MODE_NONE;
	rig_set(&r, &irb, 1);
	inject(100, "11 a1 0800");
	rig_expect(&r, "");
	assert_int_equal(world_drops(&r.w, DROP_no_interface), 1);
	rig_send(&r, 4, "a1 44 0806"); /* a station like any */
	rig_expect_drop(&r, 4, "a1 44 c10 0806", DROP_vlan_tagged_on_access);
	assert_int_equal(rig_punted(&r) != NULL, 1); /* the two from before */
}

/* In a bridge that does not look at tags: untagged frames only. */
static void transparent(void **state)
{
	struct iface i[] = { rig_port(1, PIX_VLAN_TRANSPARENT, 0),
			     rig_port(2, PIX_VLAN_TRANSPARENT, 0), rig_irb(100, 0, 0xa1) };

	(void)state;
	rig_make(&r, 2, 2, "");
	rig_set(&r, i, 3);
	rig_send(&r, 1, "a1 11 0806");
	rig_expect(&r, "");
	expect_punt(100, 0, "a1 11 0806");
	rig_send(&r, 1, "a1 11 c5 0806");
	rig_expect(&r, "2 a1 11 c5 0806");
	rig_send(&r, 1, "* 11 c5 0806");
	rig_expect(&r, "2 * 11 c5 0806");
	assert_null(rig_punted(&r));
	inject(100, "11 a1 0800");
	rig_expect(&r, "1 11 a1 0800");
}

/* A routed sub-interface: what it takes, and the tags of what is sent for it. */
static void routed_sub(void **state)
{
	struct iface i[] = { rig_sub(64, 1, 100, 0, 0, 0), rig_sub(65, 1, 100, 7, 0, 0),
			     rig_port(1, 0, 0) };

	(void)state;
	for (u32 k = 0; k < 3; k++) {
		i[k].mode = IFACE_MODE_L3;
		i[k].bridge = 0;
		memcpy(i[k].mac, (const u8[]){ 2, 0, 0, 0, 0, 0xa1 }, 6);
		i[k].vrf = (u16)k;
	}
	rig_make(&r, 1, 1, "");
	rig_set(&r, i, 3);
	rig_send(&r, 1, "a1 11 c100 0806");
	expect_punt(64, 0, "a1 11 0806");
	rig_send(&r, 1, "* 11 c100 c7 0806");
	expect_punt(65, 1, "* 11 0806");
	rig_send(&r, 1, "* 11 s24676 c8199 0806"); /* priorities, VIDs 100 and 7 */
	expect_punt(65, 1, "* 11 0806");
	rig_send(&r, 1, "* 11 c8192 0806");
	expect_punt(1, 2, "* 11 0806");
	rig_send(&r, 1, "* 11 c100 c8192 0806"); /* the inner tag is a priority */
	expect_punt(64, 0, "* 11 0806");
	rig_expect_drop(&r, 1, "* 11 c100 c8 0806", DROP_no_interface);
	rig_expect_drop(&r, 1, "* 11 c101 0806", DROP_no_interface);
	inject(64, "11 a1 0806");
	rig_expect(&r, "1 11 a1 c100 0806");
	inject(65, "11 a1 0806");
	rig_expect(&r, "1 11 a1 s100 c7 0806");
	inject(1, "11 a1 0806");
	rig_expect(&r, "1 11 a1 0806");
}

/* More for the router than a burst holds, among frames for others. */
static void many(void **state)
{
	u64 punted, out;

	make(*(u32 *)*state);
	rig_clear(&r);
	for (u32 k = 0; k < 240; k++) {
		struct rig_frame f =
			rig_frame(k % 3 ? k % 3 == 1 ? "a1 11 0806" : "* 11 0806" : "55 11 0800");

		rig_put(&r, 1, &f);
	}
	rig_run(&r);
	out = r.out_n[3] + r.out_n[4];
	assert_int_equal(out, 2 * 160);
	punted = WORLD_SUM(&r.w, punted[PIX_PUNT_ARP]) + world_drops(&r.w, DROP_punt_full) +
		 world_drops(&r.w, DROP_punt_rate);
	assert_int_equal(punted, 160);
}

static u32 one = 1, two = 2;

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(to_router, &one),
		cmocka_unit_test_prestate(to_router, &two),
		cmocka_unit_test_prestate(from_router, &one),
		cmocka_unit_test_prestate(from_router, &two),
		cmocka_unit_test(transparent),
		cmocka_unit_test(routed_sub),
		cmocka_unit_test_prestate(many, &one),
		cmocka_unit_test_prestate(many, &two),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	host_reset();
	return rc;
}
