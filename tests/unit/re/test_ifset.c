// SPDX-License-Identifier: MIT
/*
 * qgm/re/if*.c: the routes and objects that follow from interfaces of all kinds, states of IPv6
 * addresses, links, and what is refused, with the reason.
 */
#include "qgm/re/re.h"
#include "tests/unit/re/ways.h"

static void interfaces(void **state)
{
	struct pix_op op;

	(void)state;
	fake_txn((struct pix_op[]){ op_if(1, IP(10, 0, 1, 1), 24), op_if(2, IP(10, 0, 2, 0), 31) },
		 2);
	leads(IP(10, 0, 1, 1), NH_LOCAL, 0, 0);
	leads(IP(10, 0, 1, 7), NH_GLEAN, 1, 0);
	leads(IP(10, 0, 1, 0), NH_BROADCAST, 0, 0);
	leads(IP(10, 0, 1, 255), NH_BROADCAST, 0, 0);
	leads(IP(10, 0, 2, 0), NH_LOCAL, 0, 0);
	leads(IP(10, 0, 2, 1), NH_GLEAN, 2, 0);
	leads(IP(10, 0, 3, 1), NH_NONE, 0, 0);
	assert_int_equal(tables_current()->iface[1]->mtu, 1500);
	assert_memory_equal(tables_current()->iface[1]->mac, "\x02\0\0\0\0\x11", 6);
	assert_int_equal(tables_current()->port_if[2], 2);
	/* addresses may move between interfaces in one transaction, in any order of operations */
	fake_txn((struct pix_op[]){ op_if(2, IP(10, 0, 1, 1), 24), op_if(1, IP(10, 0, 2, 0), 31) },
		 2);
	leads(IP(10, 0, 1, 7), NH_GLEAN, 2, 0);
	leads(IP(10, 0, 2, 1), NH_GLEAN, 1, 0);
	/* down, another VRF, L2, unbound */
	op = op_if(2, IP(10, 0, 1, 1), 24);
	op.iface.up = 0;
	fake_txn(&op, 1);
	leads(IP(10, 0, 1, 1), NH_NONE, 0, 0);
	op = op_if(2, IP(10, 0, 1, 1), 24);
	op.iface.vrf = 3;
	fake_txn(&op, 1);
	leads(IP(10, 0, 1, 1), NH_NONE, 0, 0);
	assert_int_equal(published4(3, IP(10, 0, 1, 1)).kind, NH_LOCAL);
	op = (struct pix_op){ .kind = PIX_OP_IF_SET, .iface = { .id = 2, .mode = PIX_IF_L2 } };
	op.iface.bridge = 1;
	op.iface.up = 1;
	fake_txn(&op, 1);
	assert_int_equal(published4(3, IP(10, 0, 1, 1)).kind, NH_NONE);
	assert_int_equal(tables_current()->iface[2]->bridge, 1);
	fake_txn(&(struct pix_op){ .kind = PIX_OP_IF_SET, .iface.id = 2 }, 1);
	assert_null(tables_current()->iface[2]);
	/* MTU and MAC reach the adjacencies */
	fake_txn(
		(struct pix_op[]){ op_if(1, IP(10, 0, 1, 1), 24), op_neigh(1, IP(10, 0, 1, 9), 9) },
		2);
	op = op_if(1, IP(10, 0, 1, 1), 24);
	op.iface.mtu = 576;
	fake_txn(&op, 1);
	assert_int_equal(
		nh_get(tables_current()->nh, fib_lookup(tables_current()->fib[0], IP(10, 0, 1, 9)))
			->mtu,
		576);
}

static void interface_errors(void **state)
{
	struct pix_op op, two[2];

	(void)state;
#define BAD(field, value)                   \
	op = op_if(1, IP(10, 0, 1, 1), 24); \
	op.iface.field = value;             \
	refused_one(op, -EINVAL_)
	BAD(id, 0);
	BAD(id, FAKE_PORTS + 1);
	BAD(mode, 3);
	BAD(mode, PIX_IF_L2); /* with an address and no bridge */
	BAD(vrf, VRF_MAX);
	BAD(mtu, 67);
	BAD(mtu, 1501);
	BAD(up, 2);
	BAD(addr_count, PIX_IF_ADDRS + 1);
	BAD(addr[0].len, 0);
	BAD(addr[0].len, 33);
	BAD(addr[0].ip, pix_ip4(IP(10, 0, 1, 0)));
	BAD(addr[0].ip, pix_ip4(IP(10, 0, 1, 255)));
	BAD(addr[0].ip, pix_ip4(IP(0, 0, 1, 1)));
	BAD(addr[0].ip, pix_ip4(IP(127, 0, 1, 1)));
	BAD(addr[0].ip, pix_ip4(IP(224, 0, 1, 1)));
	BAD(addr[0].ip, pix_ip4(IP(255, 255, 255, 254)));
	op = op_if(1, IP(10, 0, 1, 1), 24);
	op.iface.addr_count = 2;
	op.iface.addr[1] = (struct pix_addr){ .ip = pix_ip4(IP(10, 0, 1, 2)), .len = 25 };
	refused_one(op, -EINVAL_);
	two[0] = op_if(1, IP(10, 0, 1, 1), 24);
	two[1] = op_if(2, IP(10, 0, 1, 129), 25);
	refused(two, 2, 0, -EEXIST_);
	fake_txn(two, 1);
	refused(two + 1, 1, 0, -EEXIST_);
	two[1].iface.vrf = 1; /* another VRF has its own addresses */
	fake_txn(two + 1, 1);
	refused_one((struct pix_op){ .kind = 99 }, -EINVAL_);
}

/* --- IPv6 ------------------------------------------------------------------------------------- */

static struct pix_iface shown(u16 id)
{
	struct pix_iface ifc;

	assert_int_equal(control_iface(id, &ifc), 0);
	return ifc;
}

static bool maybe_own6(const char *addr, u16 ifid)
{
	return fib6_maybe_own(tables_current()->fib6[0], ip6_scoped(ip6(addr), ifid));
}

/* Modified EUI-64 of 02:00:00:00:00:11 and :12 (RFC 4291 appendix A). */
static void linklocal(void **state)
{
	struct pix_op op = op_if6(1, NULL, 0);
	struct pix_iface ifc;

	(void)state;
	fake_txn(&op, 1);
	ifc = shown(1);
	assert_int_equal(ifc.addr_count, 1);
	assert_true(pix_ip_eq(ifc.addr[0].ip, ip6("fe80::ff:fe00:11")));
	assert_int_equal(ifc.addr[0].len, 64);
	assert_int_equal(tables_current()->iface[1]->v6, 1);
	leads6("fe80::ff:fe00:11", NH_LOCAL, 1, NULL);
	leads6("fe80::1", NH_GLEAN, 1, NULL);
	leads6("fe80::1", NH_NONE, 2, NULL); /* another link */
	assert_true(maybe_own6("fe80::ff:fe00:11", 1));
	/* both links have the same prefix, and may have the same neighbour */
	op = op_if6(2, NULL, 0);
	fake_txn((struct pix_op[]){ op, op_neigh6(1, "fe80::9", 1), op_neigh6(2, "fe80::9", 2) },
		 3);
	leads6("fe80::9", NH_FORWARD, 1, "fe80::9");
	leads6("fe80::9", NH_FORWARD, 2, "fe80::9");
	assert_int_equal(published(0, ip6_scoped(ip6("fe80::9"), 1))->eth[5], 1);
	assert_int_equal(published(0, ip6_scoped(ip6("fe80::9"), 2))->eth[5], 2);
	/* one that is configured takes the place of the one made from the MAC */
	op = op_if6(1, "fe80::abc", 64);
	fake_txn(&op, 1);
	assert_int_equal(shown(1).addr_count, 1);
	leads6("fe80::abc", NH_LOCAL, 1, NULL);
	leads6("fe80::ff:fe00:11", NH_GLEAN, 1, NULL);
	/* IPv6 off: nothing is left */
	op = op_if(1, IP(10, 0, 1, 1), 24);
	fake_txn(&op, 1);
	leads6("fe80::1", NH_NONE, 1, NULL);
	assert_int_equal(tables_current()->iface[1]->v6, 0);
}

static struct pix_op op_state(u16 ifid, const char *addr, u8 state)
{
	return (struct pix_op){ .kind = PIX_OP_ADDR_STATE,
				.addr = { .ifid = ifid, .state = state, .ip = ip6(addr) } };
}

/* RFC 4291 2.6.1: the first address of a subnet is its routers'; RFC 6164: not of a /127. */
static void anycast(void **state)
{
	struct pix_op op = op_if6(1, "2001:db8:1::1", 64);

	(void)state;
	fake_txn(&op, 1);
	leads6("2001:db8:1::", NH_LOCAL, 0, NULL);
	leads6("2001:db8:1::2", NH_GLEAN, 1, NULL);
	leads6("fe80::", NH_LOCAL, 1, NULL);
	assert_true(iface_group6(tables_current()->iface[1], ip6("ff02::1:ff00:0")));
	/* any valid address of the subnet will do */
	op = op_if6(1, "2001:db8:2::1", 64);
	op.iface.addr[1] = (struct pix_addr){ .ip = ip6("2001:db8:2::2"), .len = 64 };
	op.iface.addr_count = 2;
	op.iface.dad = 1;
	fake_txn(&op, 1);
	leads6("2001:db8:1::", NH_NONE, 0, NULL);
	leads6("2001:db8:2::", NH_GLEAN, 1, NULL);
	op = op_state(1, "2001:db8:2::2", PIX_ADDR_VALID);
	fake_txn(&op, 1);
	leads6("2001:db8:2::", NH_LOCAL, 0, NULL);
	op = op_state(1, "2001:db8:2::2", PIX_ADDR_DUPLICATE);
	fake_txn(&op, 1);
	leads6("2001:db8:2::", NH_GLEAN, 1, NULL);
	op = op_if6(1, "2001:db8:1::1", 127);
	fake_txn(&op, 1);
	leads6("2001:db8:1::", NH_GLEAN, 1, NULL);
	op = op_if6(1, "2001:db8:1::1", 128);
	fake_txn(&op, 1);
	leads6("2001:db8:1::", NH_NONE, 1, NULL);
	op = op_if(1, IP(10, 0, 1, 1), 24);
	fake_txn(&op, 1);
	leads6("fe80::", NH_NONE, 1, NULL);
}

static void addresses6(void **state)
{
	struct pix_op op = op_if6(1, "2001:db8:1::1", 64);
	const struct adjacency *a;
	u64 epoch;

	(void)state;
	op.iface.v6 = 0; /* an address says it, too */
	op.iface.addr[1] = (struct pix_addr){ .ip = ip6("2001:db8:1::2"), .len = 64 };
	op.iface.addr[2] = (struct pix_addr){ .ip = pix_ip4(IP(10, 0, 1, 1)), .len = 24 };
	op.iface.addr_count = 3;
	fake_txn(&op, 1);
	leads6("2001:db8:1::1", NH_LOCAL, 0, NULL);
	leads6("2001:db8:1::2", NH_LOCAL, 0, NULL);
	leads6("2001:db8:1::77", NH_GLEAN, 1, NULL);
	leads6("2001:db8:1::", NH_LOCAL, 0, NULL);
	leads6("2001:db8:1:1::", NH_NONE, 0, NULL);
	leads(IP(10, 0, 1, 7), NH_GLEAN, 1, 0);
	assert_true(maybe_own6("2001:db8:1::1", 0));
	/* the subnet stays while one of its addresses does */
	op.iface.addr[0] = op.iface.addr[2];
	op.iface.addr_count = 2;
	fake_txn(&op, 1);
	leads6("2001:db8:1::1", NH_GLEAN, 1, NULL);
	leads6("2001:db8:1::2", NH_LOCAL, 0, NULL);
	fake_txn((struct pix_op[]){ op_neigh6(1, "2001:db8:1::77", 7) }, 1);
	leads6("2001:db8:1::77", NH_FORWARD, 1, "2001:db8:1::77");
	a = published(0, ip6("2001:db8:1::77"));
	assert_int_equal(a->eth_len, 14);
	assert_memory_equal(a->eth, "\x02\xaa\0\0\0\x07\x02\0\0\0\0\x11\x86\xdd", 14);
	/* the link: all of it in one epoch, both families */
	assert_int_equal(control_link(1, false, &epoch), 0);
	assert_int_equal(epoch, tables_current()->epoch);
	fake_grace();
	leads6("2001:db8:1::77", NH_NONE, 0, NULL);
	leads6("2001:db8:1::2", NH_NONE, 0, NULL);
	leads6("fe80::1", NH_NONE, 1, NULL);
	leads(IP(10, 0, 1, 1), NH_NONE, 0, 0);
	assert_false(maybe_own6("2001:db8:1::2", 0));
	assert_int_equal(control_link(1, true, &epoch), 0);
	fake_grace();
	leads6("2001:db8:1::2", NH_LOCAL, 0, NULL);
	leads6("2001:db8:1::77", NH_GLEAN, 1, NULL); /* the neighbour was forgotten */
}

/* RFC 4862 5.4: an address is the interface's only when nobody else has it. */
static void duplicate_detection(void **state)
{
	struct pix_op op = op_if6(1, "2001:db8:1::1", 64), done;
	u64 epoch;

	(void)state;
	op.iface.dad = 1;
	fake_txn(&op, 1);
	assert_int_equal(shown(1).addr[0].state, PIX_ADDR_TENTATIVE);
	assert_int_equal(shown(1).addr[1].state, PIX_ADDR_TENTATIVE); /* link-local */
	assert_int_equal(tables_current()->iface[1]->addr[0].state, PIX_ADDR_TENTATIVE);
	leads6("2001:db8:1::1", NH_BLACKHOLE, 0, NULL); /* neither ours nor to be asked for */
	leads6("2001:db8:1::77", NH_GLEAN, 1, NULL);
	assert_false(maybe_own6("2001:db8:1::1", 0));
	refused_why(op_state(1, "2001:db8:1::9", PIX_ADDR_VALID), -ENOENT_,
		    "the interface has no such IPv6 address");
	refused_one(op_state(3, "2001:db8:1::1", PIX_ADDR_VALID), -ENOENT_);
	refused_one(op_state(400, "2001:db8:1::1", PIX_ADDR_VALID), -ENOENT_);
	refused_one(op_state(1, "2001:db8:1::1", 3), -EINVAL_);
	done = op_state(1, "2001:db8:1::1", PIX_ADDR_VALID);
	fake_txn(&done, 1);
	leads6("2001:db8:1::1", NH_LOCAL, 0, NULL);
	assert_true(maybe_own6("2001:db8:1::1", 0));
	leads6("fe80::ff:fe00:11", NH_BLACKHOLE, 1, NULL);
	done = op_state(1, "fe80::ff:fe00:11", PIX_ADDR_DUPLICATE);
	fake_txn(&done, 1);
	assert_int_equal(shown(1).addr[1].state, PIX_ADDR_DUPLICATE);
	leads6("fe80::ff:fe00:11", NH_GLEAN, 1, NULL); /* somebody else's */
	/* the same configuration again asks nothing again; a new address is asked for */
	op.iface.addr[1] = (struct pix_addr){ .ip = ip6("2001:db8:1::2"), .len = 64 };
	op.iface.addr_count = 2;
	fake_txn(&op, 1);
	assert_int_equal(shown(1).addr[0].state, PIX_ADDR_VALID);
	assert_int_equal(shown(1).addr[1].state, PIX_ADDR_TENTATIVE);
	assert_int_equal(shown(1).addr[2].state, PIX_ADDR_DUPLICATE);
	/* after the link was away all are asked for again */
	assert_int_equal(control_link(1, false, &epoch), 0);
	assert_int_equal(control_link(1, true, &epoch), 0);
	fake_grace();
	for (u32 i = 0; i < 3; i++)
		assert_int_equal(shown(1).addr[i].state, PIX_ADDR_TENTATIVE);
	leads6("2001:db8:1::1", NH_BLACKHOLE, 0, NULL);
}

static void errors6(void **state)
{
	struct pix_op op,
		two[2] = { op_if6(1, "2001:db8:1::1", 64), op_if6(2, "2001:db8:1::2", 64) };

	(void)state;
#define BAD6(addr, len, why) refused_why(op_if6(1, addr, len), -EINVAL_, why)
	BAD6("2001:db8::1", 0, "an IPv6 prefix length is 1..128");
	BAD6("2001:db8::1", 129, "an IPv6 prefix length is 1..128");
	BAD6("2001:db8::", 64, "the address is that of the network or of broadcasts");
	BAD6("::", 64, "not a unicast address");
	BAD6("::1", 128, "not a unicast address");
	BAD6("ff02::1", 64, "not a unicast address");
	BAD6("fe80:1::1", 64, "a link-local address is fe80::/64");
	BAD6("fe80::1", 10, "a link-local address is fe80::/64");
	op = op_if6(1, "2001:db8:1::1", 64);
	op.iface.mtu = 1279;
	refused_why(op, -EINVAL_, "IPv6 needs an MTU of 1280");
	op = op_if6(1, "2001:db8:1::1", 64);
	op.iface.addr[1] = op.iface.addr[0];
	op.iface.addr_count = 2;
	refused_why(op, -EINVAL_, "two addresses of the interface overlap");
	op.iface.addr[1] = (struct pix_addr){ .ip = ip6("2001:db8:1::9"), .len = 80 };
	refused_why(op, -EINVAL_, "two addresses of the interface overlap");
	for (u32 i = 0; i < PIX_IF_ADDRS; i++) {
		op.iface.addr[i] = (struct pix_addr){ .ip = ip6("2001:db8:1::1"), .len = 64 };
		op.iface.addr[i].ip.hi += i;
	}
	op.iface.addr_count = PIX_IF_ADDRS;
	refused_why(op, -EINVAL_, "no room for the link-local address");
	refused(two, 2, 0, -EEXIST_);
	assert_string_equal(control_why(), "a subnet of another interface overlaps");
}

/* --- sub-interfaces, IRBs, loopbacks -----------------------------------------------------------
 */

static struct pix_op op_sub(u16 id, u16 port, u16 outer, u16 inner, u32 addr)
{
	struct pix_op op = op_if(id, addr, 24);

	op.iface.kind = PIX_IF_SUB;
	op.iface.port = port;
	op.iface.vlan_outer = outer;
	op.iface.vlan_inner = inner;
	snprintf(op.iface.name, sizeof(op.iface.name), "eth%u.%u", port - 1u, outer);
	return op;
}

static void sub_interfaces(void **state)
{
	struct pix_op op = op_sub(64, 1, 100, 0, IP(10, 1, 0, 1)), gone;
	const struct adjacency *a;
	u64 epoch, vlans[PORT_VLAN_WORDS];

	(void)state;
	op.iface.v6 = 1;
	fake_txn((struct pix_op[]){ op, op_sub(65, 1, 100, 200, IP(10, 2, 0, 1)),
				    op_if(1, IP(10, 0, 0, 1), 24), op_neigh(64, IP(10, 1, 0, 9), 9),
				    op_neigh(65, IP(10, 2, 0, 9), 9), op_neigh6(64, "fe80::9", 9) },
		 6);
	assert_string_equal(shown(64).name, "eth0.100");
	control_port_vlans(1, vlans);
	for (u32 i = 0; i < PORT_VLAN_WORDS; i++)
		assert_int_equal(vlans[i], i == 100 / 64 ? 1ull << 100 % 64 : 0);
	control_port_vlans(2, vlans);
	assert_int_equal(vlans[100 / 64], 0);
	assert_int_equal(tables_current()->iface[64]->kind, IFACE_SUB);
	assert_int_equal(tables_current()->iface[65]->vlan_inner, 200);
	leads(IP(10, 1, 0, 7), NH_GLEAN, 64, 0);
	leads(IP(10, 2, 0, 7), NH_GLEAN, 65, 0);
	leads(IP(10, 0, 0, 7), NH_GLEAN, 1, 0);
	a = published(0, pix_ip4(IP(10, 1, 0, 9)));
	assert_int_equal(a->port, 1);
	assert_int_equal(a->eth_len, 18);
	assert_memory_equal(a->eth, "\x02\xaa\0\0\0\x09\x02\0\0\0\0\x11\x81\0\0\x64\x08\0", 18);
	a = published(0, pix_ip4(IP(10, 2, 0, 9)));
	assert_int_equal(a->eth_len, 22);
	assert_memory_equal(a->eth + 12, "\x88\xa8\0\x64\x81\0\0\xc8\x08\0", 10);
	a = published(0, ip6_scoped(ip6("fe80::9"), 64));
	assert_memory_equal(a->eth + 12, "\x81\0\0\x64\x86\xdd", 6);
	/* the port's link is theirs */
	assert_int_equal(control_link(1, false, &epoch), 0);
	fake_grace();
	assert_int_equal(shown(65).link, 0);
	leads(IP(10, 1, 0, 1), NH_NONE, 0, 0);
	leads(IP(10, 2, 0, 1), NH_NONE, 0, 0);
	assert_int_equal(control_link(1, true, &epoch), 0);
	fake_grace();
	leads(IP(10, 2, 0, 1), NH_LOCAL, 0, 0);
	/* refused: the same tags, bad tags, an MTU beyond the port's */
	refused_why(op_sub(66, 1, 100, 0, IP(10, 3, 0, 1)), -EEXIST_,
		    "another interface has these VLAN tags");
	refused_why(op_sub(66, 1, 0, 0, IP(10, 3, 0, 1)), -EINVAL_, "a VLAN is 1..4094");
	refused_why(op_sub(66, 1, 4095, 0, IP(10, 3, 0, 1)), -EINVAL_, "a VLAN is 1..4094");
	refused_why(op_sub(66, 1, 5, 4095, IP(10, 3, 0, 1)), -EINVAL_, "a VLAN is 1..4094");
	refused_why(op_sub(66, 9, 5, 0, IP(10, 3, 0, 1)), -EINVAL_, "no such port");
	refused_why(op_sub(3, 1, 5, 0, IP(10, 3, 0, 1)), -EINVAL_,
		    "ids below 64 are ports, ids from 64 on are not");
	refused_why(op_sub(512, 1, 5, 0, IP(10, 3, 0, 1)), -EINVAL_, "no such interface");
	op = op_sub(66, 1, 5, 0, IP(10, 3, 0, 1));
	op.iface.mtu = 1501;
	refused_why(op, -EINVAL_, "the MTU is larger than the port's");
	/* it goes, and its id may be another's */
	gone = (struct pix_op){ .kind = PIX_OP_IF_SET, .iface.id = 64 };
	fake_txn(&gone, 1);
	assert_int_equal(control_iface(64, &gone.iface), -ENOENT_);
	leads(IP(10, 1, 0, 9), NH_NONE, 0, 0);
	refused_one(op_neigh(64, IP(10, 1, 0, 9), 9), -EINVAL_);
	op = op_sub(64, 2, 100, 0, IP(10, 1, 0, 1));
	fake_txn(&op, 1);
	leads(IP(10, 1, 0, 7), NH_GLEAN, 64, 0);
}

static struct pix_op op_member(u16 port, u16 bridge)
{
	return (struct pix_op){
		.kind = PIX_OP_IF_SET,
		.iface = { .id = port, .mode = PIX_IF_L2, .bridge = bridge, .up = 1 }
	};
}

static void routed_stations(void **state)
{
	struct pix_op op = op_if(70, IP(10, 7, 0, 1), 24);
	const struct adjacency *a;
	u64 epoch;

	(void)state;
	op.iface.kind = PIX_IF_IRB;
	op.iface.bridge = 3;
	op.iface.vlan_outer = 10;
	op.iface.v6 = 1;
	fake_txn(&op, 1);
	leads(IP(10, 7, 0, 1), NH_NONE, 0, 0); /* no member: no link */
	fake_txn((struct pix_op[]){ op_member(1, 3), op_member(2, 3) }, 2);
	assert_int_equal(control_promiscuous(), 6);
	assert_int_equal(shown(70).link, 1);
	leads(IP(10, 7, 0, 1), NH_LOCAL, 0, 0);
	assert_int_equal(tables_current()->iface[70]->kind, IFACE_IRB);
	assert_memory_equal(shown(70).mac, "\x06\0\x46\0\0\x11", 6);
	leads6("fe80::400:46ff:fe00:11", NH_LOCAL, 70, NULL);
	fake_txn((struct pix_op[]){ op_neigh(70, IP(10, 7, 0, 9), 9) }, 1);
	a = published(0, pix_ip4(IP(10, 7, 0, 9)));
	assert_int_equal(a->port, 0);
	assert_int_equal(a->eth_len, 14); /* the bridge tags */
	/* one member's link is enough */
	assert_int_equal(control_link(1, false, &epoch), 0);
	fake_grace();
	leads(IP(10, 7, 0, 1), NH_LOCAL, 0, 0);
	assert_int_equal(control_link(2, false, &epoch), 0);
	fake_grace();
	leads(IP(10, 7, 0, 1), NH_NONE, 0, 0);
	assert_int_equal(shown(70).link, 0);
	assert_int_equal(control_link(2, true, &epoch), 0);
	fake_grace();
	leads(IP(10, 7, 0, 1), NH_LOCAL, 0, 0);
	/* the last member that is up leaves the bridge */
	fake_txn(&(struct pix_op){ .kind = PIX_OP_IF_SET, .iface.id = 2 }, 1);
	leads(IP(10, 7, 0, 1), NH_NONE, 0, 0);
	op.iface.id = 71;
	op.iface.addr[0].ip = pix_ip4(IP(10, 8, 0, 1));
	refused_why(op, -EEXIST_, "another interface has these VLAN tags");
	op.iface.vlan_outer = 0;
	op.iface.bridge = BRIDGE_MAX;
	refused_why(op, -EINVAL_, "no such bridge");
	op.iface.bridge = 3;
	op.iface.mtu = 9217;
	refused_why(op, -EINVAL_, "an MTU is at most 9216");
	op.iface.mtu = 0;
	op.iface.mode = PIX_IF_L2;
	refused_why(op, -EINVAL_, "only ports and sub-interfaces can be in a bridge");
}

static void loopbacks(void **state)
{
	struct pix_op op = op_if(100, IP(192, 0, 2, 1), 32);

	(void)state;
	op.iface.kind = PIX_IF_LOOPBACK;
	op.iface.addr[1] = (struct pix_addr){ .ip = ip6("2001:db8::1"), .len = 128 };
	op.iface.addr[2] = (struct pix_addr){ .ip = pix_ip4(IP(192, 0, 3, 1)), .len = 24 };
	op.iface.addr_count = 3;
	op.iface.dad = 1; /* nobody to ask */
	fake_txn(&op, 1);
	leads(IP(192, 0, 2, 1), NH_LOCAL, 0, 0);
	leads6("2001:db8::1", NH_LOCAL, 0, NULL);
	leads(IP(192, 0, 3, 1), NH_LOCAL, 0, 0);
	leads(IP(192, 0, 3, 2), NH_NONE, 0, 0);     /* no subnet behind it */
	assert_int_equal(shown(100).addr_count, 3); /* no link-local one */
	assert_int_equal(shown(100).link, 1);
	assert_int_equal(shown(100).mtu, 65535);
	refused_one(op_neigh(100, IP(192, 0, 3, 2), 1), -EINVAL_);
}

static void bridge_members(void **state)
{
	struct pix_op op = op_member(1, 2);
	const struct iface *ifc;
	u64 vlans[PORT_VLAN_WORDS];

	(void)state;
	op.iface.vlan_mode = PIX_VLAN_TRUNK;
	op.iface.pvid = 5;
	op.iface.vlan_count = 2;
	op.iface.vlan[0] = (struct pix_vlan_range){ 10, 19 };
	op.iface.vlan[1] = (struct pix_vlan_range){ 30, 30 };
	op.iface.storm_broadcast = 100;
	op.iface.storm_multicast = 200;
	op.iface.storm_unknown = 300;
	op.iface.mac_limit = 7;
	fake_txn(&op, 1);
	ifc = tables_current()->iface[1];
	assert_int_equal(ifc->vlan_mode, PIX_VLAN_TRUNK);
	assert_int_equal(ifc->pvid, 5);
	assert_int_equal(ifc->vlan_count, 2);
	assert_int_equal(ifc->vlan[0].to, 19);
	control_port_vlans(ifc->port, vlans);
	assert_int_equal(vlans[0], 0xffc00 | 1ull << 30);
	assert_int_equal(ifc->storm[STORM_UNKNOWN], 300);
	assert_int_equal(ifc->mac_limit, 7);
#define BADL2(field, value, why)                              \
	op = op_member(1, 2);                                 \
	op.iface.vlan_mode = PIX_VLAN_TRUNK;                  \
	op.iface.vlan_count = 1;                              \
	op.iface.vlan[0] = (struct pix_vlan_range){ 10, 19 }; \
	op.iface.field = value;                               \
	refused_why(op, -EINVAL_, why)
	BADL2(vlan_mode, 4, "no such VLAN mode");
	BADL2(vlan_mode, PIX_VLAN_ACCESS, "an access or tunnel port needs a VLAN");
	BADL2(vlan_mode, PIX_VLAN_TUNNEL, "an access or tunnel port needs a VLAN");
	BADL2(pvid, 4095, "a VLAN is 1..4094");
	BADL2(vlan_count, PIX_IF_VLANS + 1, "too many VLAN ranges");
	BADL2(vlan[0].from, 0, "a VLAN range is 1..4094, lower end first");
	BADL2(vlan[0].from, 20, "a VLAN range is 1..4094, lower end first");
	BADL2(vlan[0].to, 4095, "a VLAN range is 1..4094, lower end first");
	BADL2(bridge, 0, "no such bridge");
	BADL2(v6, 1, "an interface of a bridge has no addresses");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WAYS(interfaces), WAYS(interface_errors), WAYS(linklocal),
		WAYS(anycast),    WAYS(addresses6),       WAYS(duplicate_detection),
		WAYS(errors6),    WAYS(sub_interfaces),   WAYS(routed_stations),
		WAYS(loopbacks),  WAYS(bridge_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
