// SPDX-License-Identifier: MIT
/*
 * VLANs of a bridge, and sub-interfaces: each mode with untagged, priority-tagged, tagged and
 * double-tagged frames, to known, unknown and group addresses; each drop by its name; what IEEE
 * 802.1Q-2022 6.9, 8.6.2, 8.6.4 and 9.6 say about tags. Frames are compared byte by byte.
 *
 *	1 access 10   2 access 10   3 access 20   4 trunk 10,20-30   5 trunk 20 native 10
 */
#include "tests/unit/unit.h"

#include "qgm/ifcount.h"
#include "tests/unit/fe/rig.h"

static struct rig r;

static void switch_of_vlans(u32 nqgm, const char *plants)
{
	struct iface i[] = {
		rig_port(1, PIX_VLAN_ACCESS, 10), rig_port(2, PIX_VLAN_ACCESS, 10),
		rig_port(3, PIX_VLAN_ACCESS, 20), rig_trunk(4, 0, 10, 10, 20, 30),
		rig_trunk(5, 10, 20, 20, 0, 0),
	};

	rig_make(&r, nqgm, 5, plants);
	rig_set(&r, i, ARRAY_SIZE(i));
}

static void access_and_trunk(void **state)
{
	switch_of_vlans(*(u32 *)*state, "");
	/* Unknown: all of VLAN 10, each with the tag that it wants. */
	rig_send(&r, 1, "99 11 0800");
	rig_expect(&r, "2 99 11 0800; 4 99 11 c10 0800; 5 99 11 0800");
	assert_int_equal(rig_where(10, 0x11), 1);
	assert_int_equal(rig_where(0, 0x11) + rig_where(20, 0x11), 0);
	/* Known now; from a trunk, with priority, which is kept nowhere behind an access port. */
	rig_send(&r, 4, "11 44 c24586 0800"); /* PCP 3, VID 10 */
	rig_expect(&r, "1 11 44 0800");
	rig_send(&r, 1, "44 11 0800");
	rig_expect(&r, "4 44 11 c10 0800");
	/* The same station in another VLAN is another station. */
	rig_send(&r, 3, "44 33 0800");
	rig_expect(&r, "4 44 33 c20 0800; 5 44 33 c20 0800");
	/* Between trunks: the tag stays, with its priority and drop eligibility. */
	rig_send(&r, 4, "* 44 c61460 0806"); /* PCP 7, DEI 1, VID 20 */
	rig_expect(&r, "3 * 44 0806; 5 * 44 c61460 0806");
	/* Native: untagged, priority-tagged and tagged are all VLAN 10; it leaves untagged. */
	rig_send(&r, 5, "* 55 0800");
	rig_expect(&r, "1 * 55 0800; 2 * 55 0800; 4 * 55 c10 0800");
	rig_send(&r, 5, "* 55 c40960 0800"); /* PCP 5, VID 0 */
	rig_expect(&r, "1 * 55 0800; 2 * 55 0800; 4 * 55 c40970 0800");
	rig_send(&r, 5, "m 55 c10 0800");
	rig_expect(&r, "1 m 55 0800; 2 m 55 0800; 4 m 55 c10 0800");
	/* Priority-tagged on an access port. */
	rig_send(&r, 1, "44 11 c8192 0800");
	rig_expect(&r, "4 44 11 c8202 0800");
	rig_send(&r, 1, "55 11 c8192 0800");
	rig_expect(&r, "5 55 11 0800");
	/* A VLAN of one member goes nowhere. */
	rig_expect_drop(&r, 4, "* 44 c25 0800", DROP_port_down);
}

static void drops(void **state)
{
	(void)state;
	switch_of_vlans(1, "");
	rig_expect_drop(&r, 1, "22 11 c10 0800", DROP_vlan_tagged_on_access);
	rig_expect_drop(&r, 1, "22 11 s20 0800", DROP_vlan_tagged_on_access);
	rig_expect_drop(&r, 4, "* 44 c11 0800", DROP_vlan_not_member);
	rig_expect_drop(&r, 4, "* 44 c31 0800", DROP_vlan_not_member);
	rig_expect_drop(&r, 4, "* 44 c4095 0800", DROP_vlan_not_member);
	rig_expect_drop(&r, 5, "* 44 c30 0800", DROP_vlan_not_member);
	rig_expect_drop(&r, 4, "* 44 0800", DROP_vlan_untagged);
	rig_expect_drop(&r, 4, "* 44 c8192 0800", DROP_vlan_untagged);
	assert_int_equal(rig_stations(), 0); /* nobody learned from them */
	rig_send(&r, 4, "99 44 c20 0800");
	rig_expect_drop(&r, 4, "44 45 c20 0800", DROP_same_port);
	/* A station whose port left the VLAN is not known in it. */
	rig_send(&r, 1, "* 11 0800");
	struct iface now = rig_port(1, PIX_VLAN_ACCESS, 20);

	rig_set(&r, &now, 1);
	rig_send(&r, 2, "11 22 0800");
	rig_expect(&r, "4 11 22 c10 0800; 5 11 22 0800");
	rig_pass(&r, 3);
	assert_int_equal(rig_where(10, 0x11), 0); /* the sweep forgot it */
}

/* Double-tagged frames: the outer tag is the VLAN, the inner one is payload. */
static void double_tags(void **state)
{
	(void)state;
	switch_of_vlans(1, "");
	rig_send(&r, 4, "* 44 c20 c77 0800");
	rig_expect(&r, "3 * 44 c77 0800; 5 * 44 c20 c77 0800");
	/* In the native VLAN the tag of the payload must not become the VLAN's: it stays tagged. */
	rig_send(&r, 4, "* 44 c10 c20 0800");
	rig_expect(&r, "1 * 44 c20 0800; 2 * 44 c20 0800; 5 * 44 c10 c20 0800");
	/* Priority tag in front of one with a VLAN: untagged to the bridge, payload as it is. */
	rig_send(&r, 5, "* 55 c0 c20 0800");
	rig_expect(&r, "1 * 55 c20 0800; 2 * 55 c20 0800; 4 * 55 c10 c20 0800");
}

/* Transparent ports, as ever: tags are payload. */
static void transparent(void **state)
{
	struct iface i[] = { rig_port(1, PIX_VLAN_TRANSPARENT, 0),
			     rig_port(2, PIX_VLAN_TRANSPARENT, 0), rig_port(3, PIX_VLAN_ACCESS, 7),
			     rig_port(4, PIX_VLAN_TRANSPARENT, 0) };

	(void)state;
	rig_make(&r, 2, 4, "");
	rig_set(&r, i, 4);
	rig_send(&r, 1, "* 11 c10 c20 0800");
	rig_expect(&r, "2 * 11 c10 c20 0800; 4 * 11 c10 c20 0800");
	rig_send(&r, 2, "11 22 0800");
	rig_expect(&r, "1 11 22 0800");
	rig_send(&r, 2, "11 22 c8192 0800");
	rig_expect(&r, "1 11 22 c8192 0800");
	rig_expect_drop(&r, 3, "11 33 0800", DROP_port_down); /* alone in VLAN 7 */
}

/*
 * QinQ: ports 1 and 2 are customers in service VLANs 100 and 200, 3 and 4 trunks to the provider,
 * 5 an access port of service VLAN 100 (802.1Q-2022 clause 16).
 */
static void tunnel(void **state)
{
	struct iface i[] = {
		rig_port(1, PIX_VLAN_TUNNEL, 100), rig_port(2, PIX_VLAN_TUNNEL, 200),
		rig_trunk(3, 0, 100, 300, 0, 0),   rig_trunk(4, 100, 100, 300, 0, 0),
		rig_port(5, PIX_VLAN_ACCESS, 100),
	};

	rig_make(&r, *(u32 *)*state, 5, "");
	rig_set(&r, i, ARRAY_SIZE(i));
	/* Untagged, tagged, double-tagged: all carried as they are. */
	rig_send(&r, 1, "* 11 0800");
	rig_expect(&r, "3 * 11 s100 0800; 4 * 11 0800; 5 * 11 0800");
	rig_send(&r, 1, "* 11 c24577 0800"); /* PCP 3, VID 1: the service tag has its priority */
	rig_expect(&r, "3 * 11 s24676 c24577 0800; 4 * 11 s24676 c24577 0800; 5 * 11 c24577 0800");
	rig_send(&r, 1, "* 11 s7 c8 0800");
	rig_expect(&r, "3 * 11 s100 s7 c8 0800; 4 * 11 s100 s7 c8 0800; 5 * 11 s7 c8 0800");
	/* And back: the service tag goes, what is behind it does not. */
	rig_send(&r, 3, "11 33 s100 c1 0800");
	rig_expect(&r, "1 11 33 c1 0800");
	rig_send(&r, 3, "11 33 s200 c1 0800"); /* unknown in 200 */
	rig_expect(&r, "2 11 33 c1 0800; 4 11 33 s200 c1 0800");
	rig_send(&r, 2, "33 22 c5 0800");
	rig_expect(&r, "3 33 22 s200 c5 0800");
	/* In transit between trunks a tag keeps its type, whatever it is. */
	rig_send(&r, 3, "* 33 s300 0800");
	rig_expect(&r, "4 * 33 s300 0800");
	rig_send(&r, 3, "* 33 c300 0800");
	rig_expect(&r, "4 * 33 c300 0800");
	/* An access port in a service VLAN pushes a service tag, too. */
	rig_send(&r, 5, "33 55 0800");
	rig_expect(&r, "3 33 55 s100 0800");
}

/* Frames and bytes of sub-interface `id`, over all QGMs. */
static void assert_count(u16 id, u64 rx, u64 rx_bytes, u64 tx, u64 tx_bytes)
{
	struct ifcount sum = { 0 };

	for (u32 q = 0; q < r.w.nqgm; q++) {
		const struct ifcount *k = &ctl_block()->qgm[q].ifcount[id - IFCOUNT_FIRST];

		sum.rx += k->rx;
		sum.rx_bytes += k->rx_bytes;
		sum.tx += k->tx;
		sum.tx_bytes += k->tx_bytes;
	}
	assert_int_equal(sum.rx, rx);
	assert_int_equal(sum.rx_bytes, rx_bytes);
	assert_int_equal(sum.tx, tx);
	assert_int_equal(sum.tx_bytes, tx_bytes);
}

/*
 * L2 sub-interfaces: members by their tags. Port 1 has 64 (VLAN 10 of the port, access 10), 65 (10
 * to 20: S-VLAN 40, C-VLAN 7) and 66 (port VLAN 50, a trunk inside); 2 and 3 as before; port 1
 * itself is routed.
 */
static void sub_interfaces(void **state)
{
	struct iface i[] = {
		rig_sub(64, 1, 300, 0, PIX_VLAN_ACCESS, 10),
		rig_sub(65, 1, 40, 7, PIX_VLAN_ACCESS, 10),
		rig_sub(66, 1, 50, 0, PIX_VLAN_TRUNK, 20),
		rig_port(2, PIX_VLAN_ACCESS, 10),
		rig_trunk(3, 0, 10, 30, 0, 0),
		rig_sub(67, 2, 9, 0, PIX_VLAN_TRANSPARENT, 0),
		rig_sub(68, 3, 4000, 0, PIX_VLAN_TRANSPARENT, 0),
	};

	rig_make(&r, *(u32 *)*state, 3, "");
	i[2].vlan_count = 1;
	i[2].vlan[0] = (struct pix_vlan_range){ 10, 30 };
	rig_set(&r, i, ARRAY_SIZE(i));
	rig_send(&r, 2, "* 22 0800");
	rig_expect(&r,
		   "1 * 22 c300 0800; 1 * 22 s40 c7 0800; 1 * 22 c50 c10 0800; 3 * 22 c10 0800");
	rig_send(&r, 1, "22 11 c300 0800");
	rig_expect(&r, "2 22 11 0800");
	assert_int_equal(rig_where(10, 0x11), 64);
	rig_send(&r, 1, "22 12 s40 c8199 0800"); /* inner PCP 1 is the one that counts */
	rig_expect(&r, "2 22 12 0800");
	assert_int_equal(rig_where(10, 0x12), 65);
	rig_send(&r, 1, "22 13 c50 c10 0800");
	rig_expect(&r, "2 22 13 0800");
	rig_send(&r, 2, "12 22 0800");
	rig_expect(&r, "1 12 22 s40 c7 0800");
	rig_send(&r, 2, "13 22 0800");
	rig_expect(&r, "1 13 22 c50 c10 0800");
	assert_count(64, 1, 64, 1, 64);
	assert_count(65, 1, 68, 2, 136);
	assert_count(66, 1, 68, 2, 136);
	assert_count(67, 0, 0, 0, 0);
	rig_clear(&r);
	for (u32 k = 0; k < 60; k++) { /* as whole bursts */
		struct rig_frame in = rig_frame("12 22 0800"), out = rig_frame("22 12 s40 c7 0800");

		rig_put(&r, 2, &in);
		rig_put(&r, 1, &out);
	}
	rig_run(&r);
	assert_count(65, 61, 61 * 68, 62, 62 * 68);
	assert_count(64, 1, 64, 1, 64);
	/* Out of the port on which it came in, by another sub-interface. */
	rig_send(&r, 1, "12 11 c300 0800");
	rig_expect(&r, "1 12 11 s40 c7 0800");
	rig_expect_drop(&r, 1, "11 14 c300 0800", DROP_same_port);
	/* The trunk inside VLAN 50: native 20, tagged 10 to 30. */
	rig_send(&r, 1, "* 14 c50 0800");
	rig_expect(&r, "3 * 14 c20 0800");
	rig_send(&r, 3, "14 33 c20 0800");
	rig_expect(&r, "1 14 33 c50 0800");
	rig_expect_drop(&r, 1, "* 14 c50 c31 0800", DROP_vlan_not_member);
	/* Tags that nobody has; the port has no interface of its own. */
	rig_expect_drop(&r, 1, "22 11 c301 0800", DROP_no_interface);
	rig_expect_drop(&r, 1, "22 11 s40 c8 0800", DROP_no_interface);
	rig_expect_drop(&r, 1, "22 11 s40 0800", DROP_no_interface);
	rig_expect_drop(&r, 1, "22 11 0800", DROP_no_interface);
	rig_expect_drop(&r, 1, "22 11 c300 c5 0800", DROP_vlan_tagged_on_access);
	/* A transparent sub-interface beside an access port: its own tag is not the access port's.
	 */
	rig_send(&r, 2, "* 77 c9 0800");
	rig_expect(&r, "3 * 77 c4000 0800");
	rig_send(&r, 3, "77 78 c4000 c5 0800");
	rig_expect(&r, "2 77 78 c9 c5 0800");
	/* Down, unbound, moved to another VLAN of the port. */
	i[0].mode = IFACE_MODE_NONE;
	rig_set(&r, &i[0], 1);
	rig_expect_drop(&r, 1, "22 11 c300 0800", DROP_no_interface);
	i[0].mode = IFACE_MODE_L2;
	i[0].vlan_outer = 301;
	rig_set(&r, &i[0], 1);
	rig_expect_drop(&r, 1, "22 11 c300 0800", DROP_no_interface);
	rig_send(&r, 1, "22 11 c301 0800");
	rig_expect(&r, "2 22 11 0800");
}

/* What is cut inside a tag, at each length. */
static void cut(void **state)
{
	(void)state;
	switch_of_vlans(1, "");
	for (u32 len = 0; len < 22; len++) {
		struct rig_frame f = rig_frame("* 44 c20 c30 0800");
		u64 runts = world_drops(&r.w, DROP_runt);

		f.len = len ? len : 1;
		rig_clear(&r);
		rig_put(&r, 4, &f);
		rig_run(&r);
		assert_int_equal(world_drops(&r.w, DROP_runt), runts + 1);
	}
}

/* A burst of many VLANs, each frame to its own. */
static void mixed_burst(void **state)
{
	static char text[32], want[4096];
	u32 nqgm = *(u32 *)*state;
	struct rig_frame f;

	switch_of_vlans(nqgm, "");
	rig_clear(&r);
	for (u32 k = 0; k < 60; k++) {
		u32 vid = 18 + k % 14; /* 18, 19 and 31 are not allowed */

		snprintf(text, sizeof(text), "* %02x c%u 0800", 0x40 + k, vid);
		f = rig_frame(text);
		rig_put(&r, 4, &f);
		if (vid != 20)
			continue;
		snprintf(want + strlen(want), 64, "%s5 * %02x c20 0800; 3 * %02x 0800",
			 *want ? "; " : "", 0x40 + k, 0x40 + k);
	}
	rig_run(&r);
	rig_expect(&r, want);
	assert_int_equal(world_drops(&r.w, DROP_vlan_not_member), 14);
	assert_int_equal(world_drops(&r.w, DROP_port_down), 60 - 14 - 5);
	for (u32 k = 0; k < 60; k++)
		if (k % 14 >= 2 && k % 14 < 13)
			assert_int_equal(rig_where((u16)(18 + k % 14), (u8)(0x40 + k)), 4);
	*want = 0;
}

/* MTU counts what is behind the tags. */
static void mtu(void **state)
{
	struct iface small;

	(void)state;
	switch_of_vlans(1, "");
	small = rig_port(2, PIX_VLAN_ACCESS, 10);
	small.mtu = 46;
	rig_set(&r, &small, 1);
	rig_send(&r, 2, "* 22 0800");
	rig_send(&r, 4, "22 44 c10 0800");
	rig_expect(&r, "2 22 44 0800");
	small.mtu = 45;
	rig_set(&r, &small, 1);
	rig_expect_drop(&r, 4, "22 44 c10 0800", DROP_bridge_mtu);
}

/* Control frames are for this machine, tagged or not, on bridged and routed ports. */
static void control(void **state)
{
	struct iface i[] = { rig_port(1, PIX_VLAN_ACCESS, 10), rig_port(2, PIX_VLAN_ACCESS, 10),
			     rig_trunk(3, 0, 10, 10, 0, 0) };
	const struct frame_slot *s;

	(void)state;
	rig_make(&r, 1, 4, "");
	i[1].mode = IFACE_MODE_L3;
	rig_set(&r, i, 3);
	for (u32 p = 1; p <= 3; p++) {
		struct rig_frame f = rig_frame("l 11 88cc");

		rig_send(&r, p, p == 3 ? "l 11 c10 88cc" : "l 11 88cc");
		rig_expect(&r, "");
		s = rig_punted(&r);
		assert_non_null(s);
		assert_int_equal(s->cls, PIX_PUNT_CONTROL);
		assert_int_equal(s->ifid, p);
		assert_int_equal(s->len, f.len); /* without the tag */
		assert_memory_equal(s->data, f.data, f.len);
	}
	assert_int_equal(world_drops_all(&r.w), 0);
	rig_expect_drop(&r, 4, "l 11 88cc", DROP_no_interface);
	assert_null(rig_punted(&r));
}

/* --- planted bugs ------------------------------------------------------------------------------
 */

static void planted_tag(void **state)
{
	(void)state;
	switch_of_vlans(1, "vlan-tag");
	rig_send(&r, 4, "* 44 c20 0800");
	struct rig_frame right = rig_frame("* 44 0800");

	assert_int_equal(r.out_n[3], 1);
	assert_int_not_equal(r.out[3][0].len, right.len); /* access_and_trunk would fail */
}

static void planted_vlan(void **state)
{
	(void)state;
	switch_of_vlans(1, "fdb-vlan");
	rig_send(&r, 4, "* 44 c20 0800");
	rig_send(&r, 1, "* 44 0800");
	rig_send(&r, 3, "44 33 0800"); /* is on 4 in VLAN 20, taken for the one on 1 in VLAN 10 */
	assert_int_not_equal(r.out_n[4] == 1 && r.out_n[5] == 0, true);
}

static u32 one = 1, two = 2, three = 3;

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(access_and_trunk, &one),
		cmocka_unit_test_prestate(access_and_trunk, &two),
		cmocka_unit_test(drops),
		cmocka_unit_test(double_tags),
		cmocka_unit_test(transparent),
		cmocka_unit_test_prestate(tunnel, &one),
		cmocka_unit_test_prestate(tunnel, &three),
		cmocka_unit_test_prestate(sub_interfaces, &one),
		cmocka_unit_test_prestate(sub_interfaces, &two),
		cmocka_unit_test(cut),
		cmocka_unit_test_prestate(mixed_burst, &one),
		cmocka_unit_test_prestate(mixed_burst, &two),
		cmocka_unit_test(mtu),
		cmocka_unit_test(control),
		cmocka_unit_test(planted_tag),
		cmocka_unit_test(planted_vlan),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	host_reset();
	return rc;
}
