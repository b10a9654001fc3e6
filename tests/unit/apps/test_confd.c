// SPDX-License-Identifier: MIT
/*
 * Commits: rules over several items, transactions, failures that leave nothing, history, the start,
 * and random changes whose operations must carry the (faked) kernel from one state to the next.
 */
#include "tests/unit/unit.h"

#include "apps/confd/server.h"
#include "tests/unit/apps/pixdev_fake.h"

#include <errno.h>
#include <unistd.h>

static struct store store;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	assert_int_equal(store_init(&store), 0);
	store.booted = true;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	store_free(&store);
	return 0;
}

/* The candidate becomes this text. */
static void load(const char *text)
{
	struct conf_error err = { 0 };
	struct conf c;

	assert_int_equal(conf_init(&c), 0);
	if (conf_parse(&c, text, strlen(text), &err))
		fail_msg("line %u: %s", err.line, err.text);
	conf_free(&store.candidate);
	store.candidate = c;
}

static int commit(bool check, struct commit_result *r, struct conf_error *err)
{
	memset(err, 0, sizeof(*err));
	int e = store_commit(&store, check, r, err);

	text_free(&r->warn);
	return e;
}

static void must_commit(const char *text)
{
	struct commit_result r;
	struct conf_error err;

	load(text);
	if (commit(false, &r, &err))
		fail_msg("%s\n%s", err.text, text);
}

static void expect_running(const char *want)
{
	struct text out = { 0 };

	conf_print_set(store.running.root, &out);
	assert_string_equal(text_str(&out), want);
	text_free(&out);
}

#define A0 "set interfaces eth0 address 10.0.0.1/24\n"
#define A1 "set interfaces eth1 address 10.0.1.1/24\n"
#define A2 "set interfaces eth0 address 10.0.2.1/24\n"
#define A3 "set interfaces eth0 address 10.0.3.1/24\n"
#define A4 "set interfaces eth0 address 10.0.4.1/24\n"
#define A5 "set interfaces eth0 address 10.0.5.1/24\n"
#define A6 "set interfaces eth0 address 10.0.6.1/24\n"
#define A7 "set interfaces eth0 address 10.0.7.1/24\n"
#define A8 "set interfaces eth0 address 10.0.8.1/24\n"
#define A9 "set interfaces eth0 address 10.0.9.1/24\n"

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

static void test_rollback(void **state)
{
	struct conf_error err;
	char line[64];

	(void)state;
	for (int i = 1; i <= HISTORY_MAX + 5; i++) {
		snprintf(line, sizeof(line), "set system host-name r%d\n", i);
		must_commit(line);
	}
	assert_int_equal(store.histories, HISTORY_MAX);
	assert_int_equal(store_rollback(&store, HISTORY_MAX + 1, &err), -1);
	assert_int_equal(err.token, 0);
	assert_int_equal(store_rollback(&store, 1ull << 40, &err), -1);
	assert_int_equal(store_rollback(&store, 1, &err), 0);
	assert_string_equal(store_host_name(&store), "r37"); /* only the candidate changed */
	struct commit_result r;
	assert_int_equal(commit(false, &r, &err), 0);
	assert_string_equal(store_host_name(&store), "r36");
	assert_int_equal(store_rollback(&store, HISTORY_MAX, &err), 0);
	assert_int_equal(commit(false, &r, &err), 0);
	assert_string_equal(store_host_name(&store), "r6");
}

static void test_boot(void **state)
{
	struct conf_error err;
	const char *bad = "version 1;\ninterfaces {\n  eth0 { address 10.0.0.1/24; }\n  eth9 { mtu "
			  "1500; }\n}\n";
	const char *worse = "version 1;\ninterfaces {\n  eth0 { adress 10.0.0.1/24; }\n}\n";

	(void)state;
	assert_int_equal(store_boot(&store, bad, strlen(bad), "fw_cfg", &err), -1);
	assert_int_equal(err.line, 4);
	assert_non_null(strstr(store.boot_error, "line 4: interface \"eth9\" does not exist"));
	assert_int_equal(fake.txns, 0); /* not half of it */
	expect_running("");
	assert_true(store_changed(&store)); /* there to be mended */
	assert_int_equal(store_boot(&store, worse, strlen(worse), "fw_cfg", &err), -1);
	assert_int_equal(err.line, 3);
	assert_non_null(strstr(err.text, "adress"));
	assert_int_equal(fake.txns, 0);
}

/* An unconfirmed commit is taken back in time, also by a confd that was restarted meanwhile. */
static void test_confirm(void **state)
{
	struct commit_result r;
	struct conf_error err;
	char path[] = "/tmp/confd-test-XXXXXX", older[64];

	(void)state;
	close(mkstemp(path));
	must_commit(A0);
	assert_int_equal(store_save(&store, path, true), 0);
	load(A0 A1);
	assert_int_equal(store_commit_confirmed(&store, 2, &r, &err), 0);
	u64 at = store.confirm_at_s;
	assert_true(at >= store_now() + 119 && at <= store_now() + 120);
	assert_int_equal(store_tick(&store, at - 1, &err), 0);
	expect_running(A0 A1);
	assert_int_equal(store_save(&store, path, true), 0);

	store_free(&store);
	assert_int_equal(store_init(&store), 0);
	assert_int_equal(store_restore(&store, path, &err), 0);
	store.booted = true;
	assert_int_equal(store.confirm_at_s, at);
	load(A0 A2); /* somebody's work in progress */
	fake.txn_error = -EIO;
	assert_int_equal(store_tick(&store, at, &err), -1); /* tried again later */
	expect_running(A0 A1);
	assert_int_equal(store.confirm_at_s, at + 10);
	assert_int_equal(store_tick(&store, at + 10, &err), 1);
	expect_running(A0);
	assert_int_equal(fake.iface[1].addr_count, 0);
	assert_int_equal(store.confirm_at_s, 0);
	assert_true(store_changed(&store));
	assert_int_equal(store_tick(&store, at + 99, &err), 0);

	load(A0 A1);
	assert_int_equal(store_commit_confirmed(&store, 2, &r, &err), 0);
	text_free(&r.warn);
	assert_int_equal(commit(false, &r, &err), 0); /* nothing new: it confirms */
	assert_true(r.confirmed);
	assert_int_equal(store.confirm_at_s, 0);
	expect_running(A0 A1);
	assert_int_equal(store_commit_confirmed(&store, 2, &r, &err), 0); /* nothing to take back */
	assert_int_equal(store.confirm_at_s, 0);
	unlink(path);
	for (int i = 1; i < 3; i++) {
		snprintf(older, sizeof(older), "%s.%d", path, i);
		unlink(older);
	}
}

/* A restarted confd reads its texts again and finds the kernel as it is: nothing to do. */
static void test_restart(void **state)
{
	struct conf_error err;
	char dir[] = "/tmp/confd-test-XXXXXX", path[64], name[80];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/running", dir);
	for (int i = 0; i < HISTORY_MAX + 3; i++) {
		struct text t = { 0 };

		text_printf(
			&t,
			A0
			"set interfaces eth0 mtu 1400\nset interfaces eth0 address 2001:db8::1/64\n"
			"set interfaces eth0 vif 7 address 10.7.0.1/24\n"
			"set interfaces eth0 vif 7 vrf red\nset interfaces eth0 vif 7 vif-c 8 "
			"ipv6\n"
			"set vrfs red table 2\n"
			"set vrfs red routes static 0.0.0.0/0 next-hop 10.7.0.2\n"
			"set routes static ::/0 next-hop fe80::1 interface eth0\n"
			"set routes static 10.66.0.0/16 blackhole\n"
			"set routes static 2001:db8:67::/48 unreachable\n"
			"set routes static 10.%d.0.0/16 next-hop 10.0.0.2 weight 2\n"
			"set routes static 10.%d.0.0/16 next-hop 10.0.0.3\n",
			i, i);
		must_commit(text_str(&t));
		assert_int_equal(store_save(&store, path, true), 0);
		text_free(&t);
	}
	store_free(&store);
	assert_int_equal(store_init(&store), 0);
	u32 before = fake.txns;
	assert_int_equal(store_restore(&store, path, &err), 0);
	store.booted = true;
	expect_running("set interfaces eth0 address 10.0.0.1/24\n"
		       "set interfaces eth0 address 2001:db8::1/64\nset interfaces eth0 mtu 1400\n"
		       "set interfaces eth0 vif 7 address 10.7.0.1/24\n"
		       "set interfaces eth0 vif 7 vrf red\nset interfaces eth0 vif 7 vif-c 8 ipv6\n"
		       "set vrfs red table 2\n"
		       "set vrfs red routes static 0.0.0.0/0 next-hop 10.7.0.2\n"

		       "set routes static 10.34.0.0/16 next-hop 10.0.0.2 weight 2\n"
		       "set routes static 10.34.0.0/16 next-hop 10.0.0.3\n"
		       "set routes static 10.66.0.0/16 blackhole\n"
		       "set routes static 2001:db8:67::/48 unreachable\n"
		       "set routes static ::/0 next-hop fe80::1 interface eth0\n");
	assert_int_equal(fake.txns, before);
	assert_int_equal(store.histories, HISTORY_MAX);
	assert_int_equal(store_rollback(&store, 2, &err), 0);
	struct commit_result r;
	assert_int_equal(commit(false, &r, &err), 0);
	expect_running("set interfaces eth0 address 10.0.0.1/24\n"
		       "set interfaces eth0 address 2001:db8::1/64\nset interfaces eth0 mtu 1400\n"
		       "set interfaces eth0 vif 7 address 10.7.0.1/24\n"
		       "set interfaces eth0 vif 7 vrf red\nset interfaces eth0 vif 7 vif-c 8 ipv6\n"
		       "set vrfs red table 2\n"
		       "set vrfs red routes static 0.0.0.0/0 next-hop 10.7.0.2\n"

		       "set routes static 10.32.0.0/16 next-hop 10.0.0.2 weight 2\n"
		       "set routes static 10.32.0.0/16 next-hop 10.0.0.3\n"
		       "set routes static 10.66.0.0/16 blackhole\n"
		       "set routes static 2001:db8:67::/48 unreachable\n"
		       "set routes static ::/0 next-hop fe80::1 interface eth0\n");
	for (int i = 0; i <= HISTORY_MAX; i++) {
		snprintf(name, sizeof(name), i ? "%s.%d" : "%s", path, i);
		assert_int_equal(unlink(name), 0);
	}
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(store_restore(&store, path, &err), -ENOENT);
	assert_int_equal(store_save(&store, "/nowhere/at/all", true), -ENOENT);
}

static unsigned seed = 1;

static unsigned dice(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* Random valid configurations in turn: after each commit the faked kernel has exactly that. */
static void test_random_commits(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		struct text t = { 0 };
		unsigned mode[2], routes = dice(6), count[2] = { 0, 0 }, subs = 0, paths = 0;

		for (unsigned i = 0; i < 2; i++) {
			mode[i] = dice(4);
			if (mode[i] == 1)
				text_printf(&t, "set interfaces eth%u bridge br%u\n", i, dice(3));
			if (mode[i] == 3)
				text_printf(&t, "set interfaces eth%u disable\n", i);
		}
		for (unsigned k = 0; k < 6; k++) { /* networks wander between the interfaces */
			unsigned i = dice(2);

			if (mode[i] != 1 && count[i] < PIX_IF_ADDRS && dice(2)) {
				text_printf(&t, "set interfaces eth%u address 10.0.%u.1/24\n", i,
					    k);
				count[i]++;
			}
		}
		for (unsigned k = 0; k < 6; k++) { /* so do those of sub-interfaces */
			if (dice(2))
				continue;
			text_printf(&t, "set interfaces eth%u vif %u%s address 2001:db8:%u::1/64\n",
				    dice(2), 10 + k, dice(2) ? " vif-c 5" : "", k);
			subs++;
		}
		for (unsigned k = 0; k < routes; k++) {
			unsigned net = 10 + k + dice(2) * 10, hops = dice(4);

			for (unsigned h = 0; h < hops; h++)
				text_printf(&t,
					    "set routes static 10.%u.0.0/16 next-hop 10.0.0.%u "
					    "weight %u\n",
					    net, 9 + h + dice(2) * 10, 1 + dice(2));
			if (!hops)
				text_printf(&t, "set routes static 10.%u.0.0/16 blackhole\n", net);
			paths += hops ? hops : 1;
		}
		must_commit(text_str(&t));
		for (unsigned i = 0; i < 2; i++) {
			assert_int_equal(fake.iface[i].addr_count, count[i]);
			assert_int_equal(fake.iface[i].up, mode[i] != 3);
			assert_int_equal(fake.iface[i].mode, mode[i] == 1 ? PIX_IF_L2
							     : count[i]   ? PIX_IF_L3
									  : PIX_IF_UNUSED);
		}
		assert_int_equal(fake.routes, paths);
		assert_int_equal(fake.ifaces, 2 + subs);
		text_free(&t);
	}
}

static char *ask(const char *request)
{
	struct json_doc doc;
	struct json_writer w;

	assert_int_equal(json_parse(&doc, request, strlen(request)), 0);
	json_begin(&w, 1 << 20);
	confd_answer(&store, doc.root, &w);
	const char *s = json_finish(&w);
	assert_non_null(s);
	char *copy = strdup(s);
	json_free(&w);
	json_doc_free(&doc);
	return copy;
}

static void expect_answer(const char *request, const char *says)
{
	char *s = ask(request);

	if (!strstr(s, says))
		fail_msg("%s\n-> %s\nwanted %s", request, s, says);
	free(s);
}

static void test_requests(void **state)
{
	(void)state;
	expect_answer("{\"op\":\"set\",\"words\":[\"interfaces\",\"eth0\",\"mtu\",\"1400\"]}",
		      "{}");
	expect_answer("{\"op\":\"set\",\"words\":[\"interfaces\",\"eth0\",\"mtu\",\"1\"]}",
		      "\"token\":3");
	expect_answer("{\"op\":\"status\"}", "\"changed\":true");
	expect_answer("{\"op\":\"compare\"}", "{\"lines\":[\"+ set interfaces eth0 mtu 1400\"]}");
	expect_answer("{\"op\":\"compare\",\"with\":1}", "there is no configuration 1");
	expect_answer("{\"op\":\"commit\",\"check\":true}", "\"operations\":1");
	expect_answer("{\"op\":\"commit\"}", "\"epoch\":1");
	expect_answer("{\"op\":\"show\",\"format\":\"json\"}",
		      "{\"configuration\":{\"interfaces\":{\"eth0\":{\"mtu\":1400}}}}");
	expect_answer("{\"op\":\"show\",\"format\":\"json\",\"path\":[\"int\",\"eth0\",\"mtu\"]}",
		      "{\"configuration\":1400}");
	expect_answer("{\"op\":\"show\",\"path\":[\"bridges\"]}",
		      "\\\"bridges\\\" is not configured");
	expect_answer("{\"op\":\"show\",\"format\":\"set\"}",
		      "{\"text\":\"set interfaces eth0 mtu 1400\\n\"}");
	expect_answer(
		"{\"op\":\"complete\",\"for\":\"set\",\"words\":[\"interfaces\"],\"begin\":\"e\"}",
		"{\"word\":\"eth1\"");
	expect_answer("{\"op\":\"complete\",\"for\":\"set\",\"words\":[\"interfaces\",\"eth0\"],"
		      "\"begin\":\"d\"}",
		      "{\"end\":true,\"next\":[{\"word\":\"description\",\"help\":\"free "
		      "text\",\"value\":false},"
		      "{\"word\":\"dad\"");
	expect_answer("{\"op\":\"complete\",\"for\":\"delete\",\"words\":[\"interfaces\",\"eth0\"],"
		      "\"begin\":\"\"}",
		      "{\"end\":true,\"next\":[{\"word\":\"mtu\"");
	expect_answer("{\"op\":\"complete\",\"for\":\"set\",\"words\":[\"interfaces\",\"x\"],"
		      "\"begin\":\"\"}",
		      "\"token\":1");
	expect_answer("{\"op\":\"history\"}", "{\"history\":[{\"number\":0");
	expect_answer("{\"op\":\"rollback\",\"to\":1}", "{}");
	expect_answer("{\"op\":\"discard\"}", "{}");
	expect_answer("{\"op\":\"delete\",\"words\":[\"interfaces\"]}", "{}");
	/* what no client of ours sends */
	expect_answer("{}", "unknown request");
	expect_answer("{\"op\":7}", "unknown request");
	expect_answer("{\"op\":\"set\",\"words\":7}", "has to be an array");
	expect_answer("{\"op\":\"set\",\"words\":[1]}", "a word has to be a text");
	expect_answer("{\"op\":\"set\"}", "incomplete");
	expect_answer("{\"op\":\"set\",\"words\":[\"\",\"\"]}", "unknown word");
	expect_answer("{\"op\":\"set\",\"words\":[\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\","
		      "\"a\",\"a\","
		      "\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\"]}",
		      "too many words");
	expect_answer("{\"op\":\"set\",\"words\":[\"interfaces\",\"eth0\",\"mtu\",\"1\",\"2\","
		      "\"3\",\"4\",\"5\"]}",
		      "\"error\"");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_rules),          T(test_manual),
		T(test_transaction),    T(test_kinds),
		T(test_ids_are_stable), T(test_vrfs),
		T(test_paths),          T(test_swap),
		T(test_refused),        T(test_not_acknowledged),
		T(test_check_only),     T(test_rollback),
		T(test_boot),           T(test_confirm),
		T(test_restart),        T(test_random_commits),
		T(test_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
