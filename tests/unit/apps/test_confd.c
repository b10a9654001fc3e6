// SPDX-License-Identifier: MIT
/*
 * Commits: rules over several items, transactions, what is refused and leaves nothing, and what
 * each kind of item becomes for the kernel.
 */
#include "tests/unit/apps/confd_rig.h"

#include <errno.h>
#include <unistd.h>

static void test_rules(void **state)
{
	static const struct {
		const char *text, *says;
		unsigned line;
	} bad[] = {
		{ A0 "set interfaces eth7 mtu 1500\n",
		  "interface \"eth7\" does not exist; there are eth0, eth1", 2 },
		{ "set interfaces eth0 bridge br0\n" A0,
		  "has both address \"10.0.0.1/24\" and bridge \"br0\"", 2 },
		{ A0 "set interfaces eth1 address 10.0.0.77/24\n",
		  "address \"10.0.0.77/24\" of eth1 overlaps with \"10.0.0.1/24\" of eth0", 2 },
		{ A0 "set interfaces eth1 address 10.0.0.77/8\n", "overlaps", 2 },
		{ A0 "set interfaces eth0 address 10.0.0.77/25\n", "overlaps", 2 },
		{ A0 "set interfaces eth1 address 10.0.0.1/32\n", "is already used", 2 },
		{ A0 "set routes static 10.9.0.0/16 next-hop 10.0.0.1\n",
		  "next-hop \"10.0.0.1\" of route 10.9.0.0/16 is this router's own address on eth0",
		  2 },
		{ A0 "set routes static 10.9.0.0/16 next-hop 10.0.0.255\n",
		  "is the broadcast address", 2 },
		{ A0 "set routes static 10.9.0.0/16 next-hop 10.0.0.0\n", "is the network address",
		  2 },
		{ "set routes static 10.9.0.0/16\n", "leads nowhere", 1 },
		{ "set routes static 10.9.0.0/16 distance 3\n", "leads nowhere", 1 },
		{ "set routes static 10.9.0.0/16 blackhole\nset routes static 10.9.0.0/16 "
		  "unreachable\n",
		  "has both \"blackhole\" and \"unreachable\"", 1 },
		{ A0 "set interfaces eth0 address 10.0.0.2/24\n",
		  "addresses \"10.0.0.1/24\" and \"10.0.0.2/24\" of eth0 are in one network", 2 },
		{ A0 "set interfaces eth1 mtu 1501\n",
		  "mtu \"1501\" of eth1 is more than its port can do (1500)", 2 },
		{ "set interfaces eth0 address 2001:db8::1/64\n"
		  "set interfaces eth1 address 2001:db8::7/64\n",
		  "address \"2001:db8::7/64\" of eth1 overlaps with \"2001:db8::1/64\" of eth0",
		  2 },
		{ "set interfaces eth0 vif 100 address 10.0.0.1/24\n" A0, "is already used", 1 },
		{ A0 "set interfaces eth0 vrf red\n",
		  "vrf \"red\" of eth0 does not exist; it is made by: set vrfs red", 2 },
		{ "set vrfs red table 3\nset vrfs blue table 3\n",
		  "table \"3\" of vrf red is already used by vrf blue", 1 },
		{ A0 "set routes static 2001:db8:9::/48 next-hop 10.0.0.2\n",
		  "is an IPv4 address, the route is IPv6", 2 },
		{ A0 "set routes static ::/0 next-hop fe80::1\n",
		  "is link-local: add its interface", 2 },
		{ A0 "set routes static ::/0 next-hop fe80::1 interface eth1\n",
		  "interface \"eth1\" of next-hop fe80::1 has no address and is not routed", 2 },
		{ "set vrfs red\nset interfaces eth1 vrf red\nset interfaces eth1 ipv6\n"
		  "set routes static ::/0 next-hop fe80::1 interface eth1\n",
		  "is in vrf \"red\", the route in \"default\"", 4 },
		{ "set interfaces eth0 vlan access 10\n",
		  "\"vlan\" of eth0 is of a port of a bridge", 1 },
		{ "set interfaces eth0 bridge br0\nset interfaces eth0 urpf strict\n",
		  "has both \"urpf\" and bridge \"br0\"", 2 },
		{ "set interfaces eth0 bridge br0\nset interfaces eth0 vlan access 10\n"
		  "set interfaces eth0 vlan trunk 20\n",
		  "has both \"vlan access\" and \"vlan trunk\"", 3 },
		{ "set interfaces eth0 bridge br0\nset interfaces eth0 vlan native 10\n",
		  "\"vlan trunk\" is missing", 2 },
		{ "set interfaces eth0 ipv6\nset interfaces eth0 mtu 1279\n",
		  "mtu \"1279\" of eth0 is too small: IPv6 needs at least 1280", 2 },
		{ "set interfaces lo address 192.0.2.1/32\nset interfaces lo mtu 1400\n",
		  "interface \"lo\" has no \"mtu\"", 2 },
		{ "set interfaces br0 vif 10 vif-c 20 address 10.0.0.1/24\n",
		  "has VLANs of one tag", 1 },
		{ "set interfaces br0 address 10.0.0.1/24\nset interfaces br0 mac-limit 5\n",
		  "bridge \"br0\" has no \"mac-limit\"", 2 },
		{ "set interfaces eth0 router-advertisement interval 30\n"
		  "set interfaces eth0 router-advertisement lifetime 20\n",
		  "lifetime \"20\" of eth0 is less than the interval (30 s)", 2 },
		{ "set interfaces eth0 router-advertisement dns 2001:db8::1\n"
		  "set interfaces eth0 router-advertisement dns 2001:db8::2\n"
		  "set interfaces eth0 router-advertisement dns 2001:db8::3\n",
		  "announces more than 2 name servers", 3 },
		{ "set steering workers 0-1\n", "has workers and no mode", 1 },
		{ "set steering interface lo mode rps\n", "interface \"lo\" of steering is no port",
		  1 },
		{ "set steering flow a qgm 1\n", "flow \"a\" matches everything", 1 },
		{ "set steering flow a source 10.0.0.1\n", "qgm is missing", 1 },
		{ "set steering flow a source 10.0.0.1\nset steering flow a source-port 5\n"
		  "set steering flow a qgm 1\n",
		  "its protocol has to be tcp, udp or sctp", 2 },
		{ "set steering flow a protocol tcp\nset steering flow a qgm 1\n"
		  "set steering flow b protocol tcp\nset steering flow b qgm 2\n",
		  "flows \"a\" and \"b\" match the same", 3 },
		{ A0 A2 A3 A4 A5 A6 A7 A8 A9,
		  "has more than 8 addresses; \"10.0.9.1/24\" is one too many", 9 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct commit_result r;
		struct conf_error err;

		load(bad[i].text);
		assert_int_equal(commit(false, &r, &err), -1);
		if (!strstr(err.text, bad[i].says) || (bad[i].line && err.line != bad[i].line))
			fail_msg("%sline %u: %s", bad[i].text, err.line, err.text);
		expect_running("");
		assert_int_equal(fake.txns, 0);
	}
	/* these are fine */
	must_commit("set interfaces eth0 address 2001:db8::1/64\n"
		    "set interfaces eth0 address 2001:db8::2/64\n");
	must_commit(A0 "set interfaces eth0 address 10.0.2.2/24\n" A1
		       "set routes static 10.0.0.0/24 blackhole\nset routes static 0.0.0.0/0 "
		       "next-hop 10.0.1.9\n");
}

/* As many flow rules as there are in the kernel, all in one transaction; and one more. */
static void test_flow_rules(void **state)
{
	static char text[PIX_FLOWS_MAX * 160 + 160];
	struct commit_result r;
	struct conf_error err;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < PIX_FLOWS_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "set steering flow f%d source 10.0.%d.%d\n"
				      "set steering flow f%d protocol udp\n"
				      "set steering flow f%d source-port %d\n"
				      "set steering flow f%d qgm 0\n",
				      i, i / 256, i % 256, i, i, i + 1, i);
	must_commit(text);
	assert_int_equal(fake.txns, 1);
	snprintf(text + n, sizeof(text) - n,
		 "set steering flow one source 10.1.0.0\nset steering flow one qgm 0\n");
	load(text);
	assert_int_equal(commit(false, &r, &err), -1);
	assert_non_null(strstr(err.text, "is one too many: there are 512 at most"));
}

/* The configuration that docs/config.md shows is one: it parses, obeys the rules, is applied. */
static void test_manual(void **state)
{
	static char text[1 << 16];
	FILE *f = fopen("docs/config.md", "r");
	size_t n;

	(void)state;
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = 0;
	char *first = strstr(text, "```\n"), *end = first ? strstr(first + 4, "```") : NULL;
	assert_non_null(end);
	*end = 0;
	assert_non_null(strstr(first, "router-advertisement"));
	fake.port[2].id = 3; /* three ports */
	snprintf(fake.port[2].name, sizeof(fake.port[2].name), "eth2");
	fake.iface[2] = fake.iface[1];
	fake.iface[2].id = fake.iface[2].port = 3;
	snprintf(fake.iface[2].name, sizeof(fake.iface[2].name), "eth2");
	fake.ifaces = 3;
	must_commit(first + 4);
	assert_int_equal(fake.ifaces, 3 + 4); /* lo, eth0.100, eth0.100.200, br0.10 */
}

static void test_transaction(void **state)
{
	(void)state;
	must_commit("set interfaces eth1 bridge br0\nset bridges br0 ageing 60\n"
		    "set interfaces eth0 address 10.0.0.1/24\nset interfaces eth0 mtu 1400\n"
		    "set routes static 10.9.0.0/16 next-hop 10.0.0.2\n"
		    "set routes static 10.8.0.0/16 unreachable\nset routes static 10.8.0.0/16 "
		    "distance 7\n");
	assert_int_equal(fake.txns, 1);
	assert_int_equal(fake.ops, 5);
	assert_int_equal(fake.op[0].kind, PIX_OP_IF_SET);
	assert_int_equal(fake.op[0].iface.id, 1);
	assert_int_equal(fake.op[0].iface.mode, PIX_IF_L3);
	assert_int_equal(fake.op[0].iface.mtu, 1400);
	assert_int_equal(fake.op[0].iface.up, 1);
	assert_int_equal(fake.op[0].iface.addr_count, 1);
	assert_int_equal(pix_ip_to4(fake.op[0].iface.addr[0].ip), 0x0a000001);
	assert_int_equal(fake.op[0].iface.addr[0].len, 24);
	assert_int_equal(fake.op[1].iface.mode, PIX_IF_L2);
	assert_int_equal(fake.op[1].iface.bridge, 1);
	assert_int_equal(fake.op[2].kind, PIX_OP_BRIDGE_SET);
	assert_int_equal(fake.op[2].bridge.id, 1);
	assert_int_equal(fake.op[2].bridge.ageing_s, 60);
	assert_int_equal(fake.op[3].kind, PIX_OP_ROUTE_ADD);
	assert_int_equal(pix_ip_to4(fake.op[3].route.addr), 0x0a080000);
	assert_int_equal(fake.op[3].route.type, PIX_ROUTE_UNREACHABLE);
	assert_int_equal(fake.op[3].route.distance, 7);
	assert_int_equal(pix_ip_to4(fake.op[4].route.gateway), 0x0a000002);
	assert_int_equal(fake.op[4].route.distance, 1);
	assert_int_equal(fake.op[4].route.proto, PIX_ROUTE_STATIC);

	/* the difference only; a host name is not the kernel's business */
	must_commit("set system host-name r1\nset interfaces eth1 bridge br0\nset bridges br0 "
		    "ageing 60\n"
		    "set interfaces eth0 address 10.0.0.1/24\nset interfaces eth0 mtu 1400\n"
		    "set routes static 10.9.0.0/16 next-hop 10.0.0.2\n");
	assert_int_equal(fake.txns, 2);
	assert_int_equal(fake.ops, 1);
	assert_int_equal(fake.op[0].kind, PIX_OP_ROUTE_DEL);
	assert_string_equal(store_host_name(&store), "r1");

	struct commit_result r;
	struct conf_error err;
	assert_int_equal(commit(false, &r, &err), 0); /* nothing changed, nothing sent */
	assert_int_equal(fake.txns, 2);
	assert_int_equal(r.lines, 0);
}

static const struct pix_iface *named(const char *name)
{
	for (u32 i = 0; i < fake.ifaces; i++)
		if (strcmp(fake.iface[i].name, name) == 0)
			return &fake.iface[i];
	return NULL;
}

/* What each kind of interface becomes in the kernel. */
static void test_kinds(void **state)
{
	const struct pix_iface *i;

	(void)state;
	must_commit("set vrfs red table 5\n"
		    "set interfaces eth0 address 2001:db8::1/64\n"
		    "set interfaces eth0 urpf strict\n"
		    "set interfaces eth0 router-advertisement interval 30\n"
		    "set interfaces eth0 router-advertisement lifetime 0\n"
		    "set interfaces eth0 router-advertisement preference low\n"
		    "set interfaces eth0 router-advertisement dns 2001:db8::53\n"
		    "set interfaces eth0 vif 100 address 10.1.0.1/24\n"
		    "set interfaces eth0 vif 100 mtu 1400\n"
		    "set interfaces eth0 vif 100 vif-c 200 address 10.2.0.1/24\n"
		    "set interfaces eth0 vif 7 ipv6\nset interfaces eth0 vif 7 vrf red\n"
		    "set interfaces eth0 vif 7 dad 3\n"
		    "set interfaces eth0 vif 8 description \"nothing yet\"\n"
		    "set interfaces eth1 bridge br3\nset interfaces eth1 vlan trunk 20-30\n"
		    "set interfaces eth1 vlan trunk 10,25-31\nset interfaces eth1 vlan native 5\n"
		    "set interfaces eth1 storm-control unknown 9\nset interfaces eth1 mac-limit 8\n"
		    "set interfaces br3 vif 10 address 10.3.0.1/24\nset bridges br3 mac-limit 99\n"
		    "set interfaces lo address 192.0.2.1/32\n");
	i = named("eth0");
	assert_int_equal(i->mode, PIX_IF_L3);
	assert_int_equal(i->urpf, PIX_URPF_STRICT);
	assert_true(i->v6 && i->dad == 1);
	assert_int_equal(i->addr_count, 2); /* and the link-local one */
	assert_int_equal(i->ra.enable, 1);
	assert_int_equal(i->ra.interval_s, 30);
	assert_int_equal(i->ra.lifetime_s, 0xffff);
	assert_int_equal(i->ra.preference, 3);
	assert_int_equal(i->ra.dns_count, 1);
	i = named("eth0.100");
	assert_int_equal(i->kind, PIX_IF_SUB);
	assert_int_equal(i->port, 1);
	assert_int_equal(i->vlan_outer, 100);
	assert_int_equal(i->vlan_inner, 0);
	assert_int_equal(i->mtu, 1400);
	assert_true(i->id >= IF_ID_FIRST && i->id <= IF_ID_LAST);
	assert_int_equal(i->v6, 0);
	i = named("eth0.100.200");
	assert_int_equal(i->vlan_inner, 200);
	assert_int_equal(i->mtu, 1400); /* as the one around it */
	i = named("eth0.7");
	assert_int_equal(i->vrf, 5);
	assert_int_equal(i->dad, 3);
	assert_null(named("eth0.8"));
	i = named("eth1");
	assert_int_equal(i->mode, PIX_IF_L2);
	assert_int_equal(i->vlan_mode, PIX_VLAN_TRUNK);
	assert_int_equal(i->pvid, 5);
	assert_int_equal(i->vlan_count, 2);
	assert_int_equal(i->vlan[0].from, 10);
	assert_int_equal(i->vlan[1].from, 20);
	assert_int_equal(i->vlan[1].to, 31);
	assert_int_equal(i->storm_unknown, 9);
	assert_int_equal(i->mac_limit, 8);
	i = named("br3.10");
	assert_int_equal(i->kind, PIX_IF_IRB);
	assert_int_equal(i->bridge, 4);
	assert_int_equal(i->vlan_outer, 10);
	assert_int_equal(named("lo")->kind, PIX_IF_LOOPBACK);
	assert_int_equal(named("lo")->addr[0].len, 32);
}

/* Ids stay with their names while others come and go; what is deleted is gone. */
static void test_ids_are_stable(void **state)
{
	u16 id100, id200;

	(void)state;
	must_commit("set interfaces eth0 vif 100 address 10.1.0.1/24\n"
		    "set interfaces eth0 vif 200 address 10.2.0.1/24\n");
	id100 = named("eth0.100")->id;
	id200 = named("eth0.200")->id;
	assert_int_not_equal(id100, id200);
	must_commit("set interfaces eth0 vif 50 address 10.5.0.1/24\n"
		    "set interfaces eth0 vif 200 address 10.2.0.1/24\n");
	assert_null(named("eth0.100"));
	assert_int_equal(named("eth0.200")->id, id200);
	assert_int_not_equal(named("eth0.50")->id, id200);
	assert_int_not_equal(named("eth0.50")->id, id100); /* free only from the next commit on */
	must_commit("set interfaces eth0 vif 200 address 10.2.0.1/24\n"
		    "set interfaces eth0 vif 300 address 10.1.0.1/24\n");
	assert_int_equal(named("eth0.200")->id, id200);
	must_commit("");
	assert_int_equal(fake.ifaces, 2);
}

static void test_vrfs(void **state)
{
	u32 red, blue;

	(void)state;
	must_commit(
		"set vrfs red\nset vrfs blue\nset vrfs red routes static 10.0.0.0/8 blackhole\n");
	red = fake.route[0].vrf;
	blue = 0;
	for (u32 i = 1; i < MODEL_VRFS; i++)
		if (strcmp(store.applied.vrf[i], "blue") == 0)
			blue = i;
	assert_true(red && blue && red != blue && red < MODEL_VRFS);
	/* others come, one wants a number that is taken: who was there keeps his */
	struct text t = { 0 };
	for (int i = 0; i < 13; i++)
		text_printf(&t, "set vrfs a%d\n", i);
	text_puts(&t,
		  "set vrfs red\nset vrfs blue\nset vrfs red routes static 10.0.0.0/8 blackhole\n");
	must_commit(text_str(&t));
	assert_string_equal(store.applied.vrf[red], "red");
	assert_string_equal(store.applied.vrf[blue], "blue");
	for (u32 i = 1; i < 16; i++)
		assert_string_not_equal(store.applied.vrf[i], "");
	text_free(&t);
	/* the same addresses in two tables are no conflict */
	must_commit("set vrfs red\nset interfaces eth1 vrf red\n" A0
		    "set interfaces eth1 address 10.0.0.1/24\n");
}

#define E1 "set routes static 10.9.0.0/16 next-hop 10.0.0.2\n"
#define E2 "set routes static 10.9.0.0/16 next-hop 10.0.0.3\n"
#define E3 "set routes static 10.9.0.0/16 next-hop 10.0.0.4\n"

/* Of several paths only those that change are touched. */
static void test_paths(void **state)
{
	(void)state;
	must_commit(A0 E1 E2);
	assert_int_equal(fake.routes, 2);
	assert_int_equal(fake.op[1].route.flags, 0); /* the first replaces what was there */
	assert_int_equal(fake.op[2].route.flags, PIX_ROUTE_PATH);
	must_commit(A0 E1 E2 E3);
	assert_int_equal(fake.ops, 1);
	assert_int_equal(fake.op[0].kind, PIX_OP_ROUTE_ADD);
	assert_int_equal(fake.op[0].route.flags, PIX_ROUTE_PATH);
	assert_true(pix_ip_eq(fake.op[0].route.gateway, pix_ip4(0x0a000004)));
	must_commit(A0 E1 E3);
	assert_int_equal(fake.ops, 1);
	assert_int_equal(fake.op[0].kind, PIX_OP_ROUTE_DEL);
	assert_int_equal(fake.op[0].route.flags, PIX_ROUTE_PATH);
	must_commit(A0 E1 "set routes static 10.9.0.0/16 next-hop 10.0.0.4 weight 3\n");
	assert_int_equal(fake.ops, 1);
	assert_int_equal(fake.op[0].route.weight, 3);
	assert_int_equal(fake.routes, 2);
	must_commit(A0 E1 E3 "set routes static 10.9.0.0/16 distance 9\n"); /* of all paths */
	assert_int_equal(fake.ops, 2);
	assert_int_equal(fake.op[0].route.flags, 0);
	assert_int_equal(fake.routes, 2);
	must_commit(A0 E2); /* nothing in common: the new one replaces all */
	assert_int_equal(fake.ops, 1);
	assert_int_equal(fake.op[0].route.flags, 0);
	assert_int_equal(fake.routes, 1);
	must_commit(A0);
	assert_int_equal(fake.op[0].kind, PIX_OP_ROUTE_DEL);
	assert_int_equal(fake.op[0].route.flags, 0);
	assert_int_equal(fake.routes, 0);
}

/* Two interfaces swap addresses: each step of the sequence has to be valid. */
static void test_swap(void **state)
{
	(void)state;
	must_commit(A0 A1);
	must_commit("set interfaces eth0 address 10.0.1.1/24\nset interfaces eth1 address "
		    "10.0.0.1/24\n");
	assert_int_equal(pix_ip_to4(fake.iface[0].addr[0].ip), 0x0a000101);
	assert_int_equal(pix_ip_to4(fake.iface[1].addr[0].ip), 0x0a000001);
	must_commit("set interfaces eth1 address 10.0.1.1/24\nset interfaces eth1 address "
		    "10.0.0.1/24\n");
	assert_int_equal(fake.iface[0].mode, PIX_IF_UNUSED);
	assert_int_equal(fake.iface[1].addr_count, 2);
}

static void test_refused(void **state)
{
	struct commit_result r;
	struct conf_error err;

	(void)state;
	must_commit(A0);
	load(A0 A1 "set routes static 10.9.0.0/16 next-hop 10.0.1.2\n");
	fake.txn_error = -EINVAL;
	fake.txn_failed = 1;
	assert_int_equal(commit(false, &r, &err), -1);
	assert_non_null(strstr(err.text, "route 10.9.0.0/16"));
	expect_running(A0);
	assert_int_equal(fake.iface[1].addr_count, 0);
	fake.txn_error = -EINVAL;
	fake.txn_why = "the gateway is on the moon";
	assert_int_equal(commit(false, &r, &err), -1);
	assert_string_equal(err.text, "route 10.9.0.0/16: the gateway is on the moon");
	/* the same commit goes through afterwards, whole */
	assert_int_equal(commit(false, &r, &err), 0);
	expect_running(A0 A1 "set routes static 10.9.0.0/16 next-hop 10.0.1.2\n");
	assert_int_equal(fake.ops, 2);

	fake.error = -EIO;
	load(A0);
	assert_int_equal(commit(false, &r, &err), -1);
	assert_non_null(strstr(err.text, "/dev/pix/stat"));
	fake.error = 0;
	expect_running(A0 A1 "set routes static 10.9.0.0/16 next-hop 10.0.1.2\n");
}

/* A core that hangs: the tables have the change, so the running configuration has it too, and the
 * next commit starts from there. */
static void test_not_acknowledged(void **state)
{
	struct commit_result r;
	struct conf_error err;

	(void)state;
	must_commit(A0 "set routes static 10.9.0.0/16 next-hop 10.0.0.2\n");
	load(A0);
	fake.txn_error = -ETIMEDOUT;
	memset(&err, 0, sizeof(err));
	assert_int_equal(store_commit(&store, false, &r, &err), 0);
	assert_non_null(strstr(text_str(&r.warn), "did not confirm"));
	text_free(&r.warn);
	expect_running(A0);
	must_commit(A0 A1); /* does not delete the route a second time */
	assert_int_equal(fake.ops, 1);
	assert_int_equal(fake.op[0].kind, PIX_OP_IF_SET);
}

static void test_check_only(void **state)
{
	struct commit_result r;
	struct conf_error err;

	(void)state;
	load(A0);
	assert_int_equal(commit(true, &r, &err), 0);
	assert_int_equal(fake.checks, 1);
	assert_int_equal(fake.txns, 0);
	expect_running("");
	assert_true(store_changed(&store));
	store_discard(&store);
	assert_false(store_changed(&store));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, store_setup, store_teardown)
	const struct CMUnitTest tests[] = {
		T(test_rules),
		T(test_manual),
		T(test_flow_rules),
		T(test_transaction),
		T(test_kinds),
		T(test_ids_are_stable),
		T(test_vrfs),
		T(test_paths),
		T(test_swap),
		T(test_refused),
		T(test_not_acknowledged),
		T(test_check_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
