// SPDX-License-Identifier: MIT
/* Addresses and arguments: what is taken, what is refused, and that nothing changes when refused.
 */
#include "tests/unit/unit.h"

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
		cmocka_unit_test(test_v4),   cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_mac),  cmocka_unit_test(test_unicast),
		cmocka_unit_test(test_args),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
