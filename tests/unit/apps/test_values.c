// SPDX-License-Identifier: MIT
/* Addresses and arguments: what is taken, what is refused, and that nothing changes when refused.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>

#include "apps/lib/args.h"
#include "apps/lib/netaddr.h"

static void test_v4(void **state)
{
	static const char *const bad[] = { "",         "1",         "1.2.3",      "1.2.3.",
					   "1.2.3.4.", "1.2.3.4.5", "256.1.1.1",  "1.2.3.1000",
					   "01.2.3.4", "1.2.3.4 ",  " 1.2.3.4",   "-1.2.3.4",
					   "1..2.3",   "a.b.c.d",   "1.2.3.4/24", "0x1.2.3.4" };
	uint32_t a = 77;
	char buf[NETADDR_V4];

	(void)state;
	assert_int_equal(netaddr_parse_v4("10.0.0.1", &a), 0);
	assert_int_equal(a, 0x0a000001);
	assert_int_equal(netaddr_parse_v4("255.255.255.255", &a), 0);
	assert_int_equal(a, 0xffffffff);
	assert_string_equal(netaddr_print_v4(buf, a), "255.255.255.255");
	assert_int_equal(netaddr_parse_v4("0.0.0.0", &a), 0);
	assert_int_equal(a, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		a = 99;
		if (netaddr_parse_v4(bad[i], &a) != -EINVAL)
			fail_msg("'%s' was accepted", bad[i]);
		assert_int_equal(a, 99);
	}
}

static void test_prefix(void **state)
{
	static const char *const bad[] = { "10.0.0.0/33",  "10.0.0.0/",   "10.0.0.1/24",
					   "10.0.0.0/024", "10.0.0.0/8 ", "10.0.0.0/-1",
					   "/8",           "10.0.0/8" };
	uint8_t len = 0;
	uint32_t a = 0;
	char buf[NETADDR_PREFIX];

	(void)state;
	assert_int_equal(netaddr_parse_prefix("10.0.0.0/24", &a, &len), 0);
	assert_int_equal(len, 24);
	assert_string_equal(netaddr_print_prefix(buf, a, len), "10.0.0.0/24");
	assert_int_equal(netaddr_parse_prefix("10.0.0.7", &a, &len), 0);
	assert_int_equal(len, 32);
	assert_int_equal(netaddr_parse_prefix("0.0.0.0/0", &a, &len), 0);
	assert_int_equal(len, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (netaddr_parse_prefix(bad[i], &a, &len) != -EINVAL)
			fail_msg("'%s' was accepted", bad[i]);
	}
	assert_int_equal(netaddr_parse_iface("10.0.0.1/24", &a, &len), 0);
	assert_int_equal(a, 0x0a000001);
	assert_int_equal(netaddr_parse_iface("10.0.0.1", &a, &len), -EINVAL);
	assert_int_equal(netaddr_mask(0), 0);
	assert_int_equal(netaddr_mask(1), 0x80000000);
	assert_int_equal(netaddr_mask(32), 0xffffffff);
}

static void test_mac(void **state)
{
	static const char *const bad[] = { "",
					   "52:54:00:12:34",
					   "52:54:00:12:34:56:78",
					   "52-54-00-12-34-56",
					   "5:54:00:12:34:56",
					   "52:54:00:12:34:5g",
					   "525400123456" };
	uint8_t m[6];
	char buf[NETADDR_MAC];

	(void)state;
	assert_int_equal(netaddr_parse_mac("52:54:00:Ab:cD:ef", m), 0);
	assert_string_equal(netaddr_print_mac(buf, m), "52:54:00:ab:cd:ef");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(netaddr_parse_mac(bad[i], m), -EINVAL);
}

static void test_unicast(void **state)
{
	(void)state;
	assert_true(netaddr_is_unicast(0x01000000));
	assert_true(netaddr_is_unicast(0xdfffffff));
	assert_false(netaddr_is_unicast(0x00ffffff));
	assert_false(netaddr_is_unicast(0x7f000001));
	assert_false(netaddr_is_unicast(0xe0000000));
	assert_false(netaddr_is_unicast(0xffffffff));
}

/* Text, canonical text (RFC 5952); NULL: refused. */
static void test_ip(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "10.0.0.1", "10.0.0.1" },
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
		{ "2001:0db8::0001", "2001:db8::1" },
		{ "2001:db8::1:0:0:1", "2001:db8::1:0:0:1" }, /* first of two equal runs */
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "fe80::", "fe80::" },
		{ "::1", "::1" },
		{ "1::", "1::" },
		{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
		{ "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
		{ "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
		{ "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
		{ "::ffff:1.2.3.4", NULL },
		{ "", NULL },
		{ ":", NULL },
		{ ":::", NULL },
		{ "1:::2", NULL },
		{ "::1::", NULL },
		{ "1:2:3:4:5:6:7", NULL },
		{ "1:2:3:4:5:6:7:8:9", NULL },
		{ "1:2:3:4:5:6:7:8::", NULL },
		{ "::1:2:3:4:5:6:7:8", NULL },
		{ "12345::", NULL },
		{ "g::", NULL },
		{ "1:", NULL },
		{ ":1", NULL },
		{ "1:2:3:4:5:6:7:", NULL },
		{ "::1.2.3", NULL },
		{ "::1.2.3.4:5", NULL },
		{ "1:2:3:4:5:6:7:1.2.3.4", NULL },
		{ "::256.2.3.4", NULL },
		{ "fe80::1%eth0", NULL },
		{ "::1 ", NULL },
	};
	char buf[NETADDR_IP];
	struct pix_ip ip;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int r = netaddr_parse_ip(cases[i].in, &ip);

		if (r != (cases[i].out ? 0 : -EINVAL))
			fail_msg("'%s': %d", cases[i].in, r);
		if (!r)
			assert_string_equal(netaddr_print_ip(buf, ip), cases[i].out);
	}
	assert_string_equal(netaddr_print_ip(buf, PIX_IP_NONE), "");
}

/* Random addresses of few distinct groups against the C library, both ways. */
static void test_ip_library(void **state)
{
	unsigned seed = 5;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char ours[NETADDR_IP], theirs[INET6_ADDRSTRLEN];
		unsigned char wire[16];
		struct pix_ip ip, back;

		for (int i = 0; i < 16; i += 2) {
			seed = seed * 1664525 + 1013904223;
			wire[i] = seed >> 24 & 1 ? 0 : (unsigned char)(seed >> 16);
			wire[i + 1] = seed >> 25 & 1 ? 0 : (unsigned char)(seed >> 8);
		}
		wire[0] |= 0x20; /* neither mapped nor compatible IPv4: those the library dots */
		ip = pix_ip_load(wire);
		assert_string_equal(netaddr_print_ip(ours, ip),
				    inet_ntop(AF_INET6, wire, theirs, sizeof(theirs)));
		assert_int_equal(netaddr_parse_ip(ours, &back), 0);
		assert_true(pix_ip_eq(ip, back));
	}
}

static void test_ipnet(void **state)
{
	static const char *const bad[] = { "2001:db8::1",     "2001:db8::/129", "2001:db8::/",
					   "2001:db8::/064",  "10.0.0.0/33",    "/64",
					   "2001:db8::/64/1", "2001:db8::/1000" };
	struct pix_ip ip, other;
	char buf[NETADDR_NET];
	uint8_t len = 0;

	(void)state;
	assert_int_equal(netaddr_parse_ipnet("2001:db8::77/64", &ip, &len), 0);
	assert_int_equal(len, 64);
	assert_string_equal(netaddr_print_ipnet(buf, netaddr_network(ip, len), len),
			    "2001:db8::/64");
	assert_int_equal(netaddr_parse_ip("2001:db8:0:0:ffff::", &other), 0);
	assert_true(netaddr_covers(ip, 64, other));
	assert_int_equal(netaddr_parse_ip("2001:db8:0:1::", &other), 0);
	assert_false(netaddr_covers(ip, 64, other));
	assert_true(netaddr_covers(ip, 63, other));
	assert_int_equal(netaddr_parse_ipnet("::/0", &ip, &len), 0);
	assert_string_equal(netaddr_print_ipnet(buf, ip, len), "::/0");
	assert_true(netaddr_covers(ip, 0, other));
	assert_false(netaddr_covers(ip, 0, pix_ip4(1))); /* the families stay apart */
	assert_int_equal(netaddr_parse_ipnet("10.1.2.3/8", &ip, &len), 0);
	assert_string_equal(netaddr_print_ipnet(buf, netaddr_network(ip, len), len), "10.0.0.0/8");
	assert_string_equal(netaddr_print_ipnet(buf, netaddr_network(ip, 0), 0), "0.0.0.0/0");
	assert_true(netaddr_covers(ip, 8, pix_ip4(0x0affffff)));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (netaddr_parse_ipnet(bad[i], &ip, &len) != -EINVAL)
			fail_msg("'%s' was accepted", bad[i]);
}

static void test_ip_kinds(void **state)
{
	static const uint8_t mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
	char buf[NETADDR_IP];
	struct pix_ip ip;

	(void)state;
	assert_string_equal(netaddr_print_ip(buf, netaddr_link_local(mac)),
			    "fe80::5054:ff:fe12:3456");
	assert_string_equal(netaddr_print_ip(buf, netaddr_solicited_node(netaddr_link_local(mac))),
			    "ff02::1:ff12:3456");
	assert_true(netaddr_is_host(netaddr_link_local(mac)));
	netaddr_parse_ip("ff02::1", &ip);
	assert_false(netaddr_is_host(ip));
	netaddr_parse_ip("::1", &ip);
	assert_false(netaddr_is_host(ip));
	assert_false(netaddr_is_host(PIX_IP_NONE));
	assert_false(netaddr_is_host(pix_ip4(0x7f000001)));
}

static void test_args(void **state)
{
	uint64_t v = 5;

	(void)state;
	assert_int_equal(args_u64("10", 1, 10, &v), 0);
	assert_int_equal(v, 10);
	assert_int_equal(args_u64("11", 1, 10, &v), -ERANGE);
	assert_int_equal(args_u64("0", 1, 10, &v), -ERANGE);
	assert_int_equal(args_u64("99999999999999999999", 0, UINT64_MAX, &v), -ERANGE);
	assert_int_equal(args_u64("", 0, 10, &v), -EINVAL);
	assert_int_equal(args_u64("-1", 0, 10, &v), -EINVAL);
	assert_int_equal(args_u64(" 1", 0, 10, &v), -EINVAL);
	assert_int_equal(args_u64("1x", 0, 10, &v), -EINVAL);
	assert_int_equal(v, 10);
	assert_int_equal(args_seconds("1", 0, 10000, &v), 0);
	assert_int_equal(v, 1000);
	assert_int_equal(args_seconds("0.25", 0, 10000, &v), 0);
	assert_int_equal(v, 250);
	assert_int_equal(args_seconds("2.0019", 0, 10000, &v), 0);
	assert_int_equal(v, 2001);
	assert_int_equal(args_seconds("0.001", 2, 10000, &v), -ERANGE);
	assert_int_equal(args_seconds("99999999999999999999", 0, 10, &v), -ERANGE);
	assert_int_equal(args_seconds("99999999999999999", 0, 10, &v), -ERANGE);
	assert_int_equal(args_seconds("1s", 0, 10000, &v), -EINVAL);
	assert_int_equal(args_seconds(".5", 0, 10000, &v), -EINVAL);
	assert_int_equal(args_seconds("1.2.3", 0, 10000, &v), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v4),         cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_mac),        cmocka_unit_test(test_unicast),
		cmocka_unit_test(test_args),       cmocka_unit_test(test_ip),
		cmocka_unit_test(test_ip_library), cmocka_unit_test(test_ipnet),
		cmocka_unit_test(test_ip_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
