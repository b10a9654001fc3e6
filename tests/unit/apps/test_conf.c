// SPDX-License-Identifier: MIT
/*
 * The configuration's text and tree. Cases in tests/unit/apps/cases: NAME.in is a text, NAME.ok
 * what comes of it: the printed tree and its set lines, or "error: line N: sentence".
 */
#include "tests/unit/unit.h"

#include "apps/confd/conf.h"

#include <glob.h>

#define CASES "tests/unit/apps/cases/conf-*.in"

static char *slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *s = calloc(1, 1 << 16);

	assert_non_null(f);
	*n = fread(s, 1, (1 << 16) - 1, f);
	fclose(f);
	return s;
}

static void must_parse(struct conf *c, const char *s)
{
	struct conf_error err = { 0 };

	assert_int_equal(conf_init(c), 0);
	if (conf_parse(c, s, strlen(s), &err))
		fail_msg("line %u: %s\n%s", err.line, err.text, s);
}

/* Both printed forms read back to a tree that prints the same. */
static void check_identity(const struct conf *c)
{
	for (int form = 0; form < 2; form++) {
		struct text first = { 0 }, again = { 0 }, diff = { 0 };
		struct conf copy;

		(form ? conf_print_set : conf_print)(c->root, &first);
		must_parse(&copy, text_str(&first));
		(form ? conf_print_set : conf_print)(copy.root, &again);
		assert_string_equal(text_str(&first), text_str(&again));
		assert_int_equal(conf_diff(c, &copy, &diff), 0);
		assert_int_equal(copy.nodes, c->nodes);
		text_free(&first);
		text_free(&again);
		conf_free(&copy);
	}
}

static void test_cases(void **state)
{
	glob_t g;

	(void)state;
	assert_int_equal(glob(CASES, 0, NULL, &g), 0);
	assert_true(g.gl_pathc >= 10);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct conf_error err = { 0 };
		struct text out = { 0 };
		struct conf c;
		char path[256];
		size_t n, m;
		char *in = slurp(g.gl_pathv[i], &n);

		assert_int_equal(conf_init(&c), 0);
		if (conf_parse(&c, in, n, &err)) {
			text_printf(&out, "error: line %u: %s\n", err.line, err.text);
		} else {
			conf_print(c.root, &out);
			conf_print_set(c.root, &out);
			check_identity(&c);
		}
		snprintf(path, sizeof(path), "%.*sok", (int)strlen(g.gl_pathv[i]) - 2,
			 g.gl_pathv[i]);
		if (getenv("PIX_WRITE_OK")) {
			FILE *f = fopen(path, "w");

			assert_non_null(f);
			fputs(text_str(&out), f);
			fclose(f);
		}
		char *ok = slurp(path, &m);
		if (strcmp(ok, text_str(&out)) != 0)
			fail_msg("%s gave:\n%s", g.gl_pathv[i], text_str(&out));
		free(in);
		free(ok);
		text_free(&out);
		conf_free(&c);
	}
	globfree(&g);
}

static int run_words(struct conf *c, bool set, const char *line, struct conf_error *err)
{
	const char *words[12];
	char copy[256];
	unsigned n = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *p = strtok(copy, " "); p && n < 12; p = strtok(NULL, " "))
		words[n++] = p;
	return set ? conf_set(c, words, n, true, 0, err) : conf_delete(c, words, n, true, err);
}

static void expect_lines(const struct conf *c, const char *want)
{
	struct text out = { 0 };

	conf_print_set(c->root, &out);
	assert_string_equal(text_str(&out), want);
	text_free(&out);
}

static void test_set_and_delete(void **state)
{
	struct conf c;

	(void)state;
	conf_init(&c);
	assert_int_equal(run_words(&c, true, "int eth10 mtu 01400", NULL), 0);
	assert_int_equal(run_words(&c, true, "interfaces eth2 addr 10.0.0.1/24", NULL), 0);
	assert_int_equal(run_words(&c, true, "interfaces eth2 address 10.0.1.1/24", NULL), 0);
	assert_int_equal(run_words(&c, true, "interfaces eth2 address 10.0.0.1/24", NULL), 0);
	assert_int_equal(run_words(&c, true, "interfaces eth10 mtu 1500", NULL), 0);
	expect_lines(&c, "set interfaces eth2 address 10.0.0.1/24\n"
			 "set interfaces eth2 address 10.0.1.1/24\n"
			 "set interfaces eth10 mtu 1500\n");
	assert_int_equal(run_words(&c, false, "interfaces eth2 address 10.0.0.1/24", NULL), 0);
	expect_lines(&c,
		     "set interfaces eth2 address 10.0.1.1/24\nset interfaces eth10 mtu 1500\n");
	assert_int_equal(run_words(&c, false, "interfaces eth10 mtu", NULL), 0);
	expect_lines(&c, "set interfaces eth2 address 10.0.1.1/24\n"); /* empty eth10 went too */
	assert_int_equal(run_words(&c, false, "interfaces", NULL), 0);
	expect_lines(&c, "");
	assert_int_equal(c.nodes, 1);
	conf_free(&c);
}

/* A refused line names the word by its index and changes nothing. */
static void test_errors(void **state)
{
	static const struct {
		bool set;
		const char *line;
		int token;
		const char *says;
	} bad[] = {
		{ true, "intrfaces eth0 mtu 1500", 0,
		  "unknown word \"intrfaces\"; did you mean \"interfaces\"?" },
		{ true, "interfaces wlan0 mtu 1500", 1, "\"wlan0\" is not an interface name" },
		{ true, "interfaces eth00 mtu 1500", 1, "\"eth00\" is not an interface name" },
		{ true, "interfaces eth0 mtu", 3, "incomplete: after \"mtu\" comes <number>" },
		{ true, "interfaces eth0 mtu 67", 3, "\"67\" is out of range: from 68 to 9216" },
		{ true, "interfaces eth0 mtu 4294967364", 3, "out of range" },
		{ true, "interfaces eth0 mtu 99999999999999999999999999", 3, "not a number" },
		{ true, "interfaces eth0 mtu 1x", 3, "\"1x\" is not a number" },
		{ true, "interfaces eth0 mtu 1500 1", 4,
		  "unexpected \"1\": nothing follows \"1500\"" },
		{ true, "interfaces eth0 disable now", 3, "unexpected \"now\"" },
		{ true, "interfaces eth0 d", 2, "\"d\" is ambiguous: description, dad, disable" },
		{ true, "interfaces eth0 address 10.0.0.1", 3, "lacks its prefix length" },
		{ true, "interfaces eth0 address 10.0.0.0/24", 3, "is the network itself" },
		{ true, "interfaces eth0 address 10.0.0.255/24", 3,
		  "is the broadcast address of 10.0.0.0/24" },
		{ true, "interfaces eth0 address 224.0.0.1/24", 3, "a multicast address" },
		{ true, "interfaces eth0 address 127.0.0.1/8", 3, "a loopback address" },
		{ true, "interfaces eth0 address 10.0.0.1/0", 3, "prefix length" },
		{ true, "interfaces eth0 address 10.0.0.1/33", 3,
		  "is not an IPv4 or IPv6 address" },
		{ true, "interfaces eth0 address 10.0.0.256/24", 3,
		  "is not an IPv4 or IPv6 address" },
		{ true, "interfaces eth0 address 2001:db8::1", 3,
		  "lacks its prefix length, such as 2001:db8::1/64" },
		{ true, "interfaces eth0 address 2001:db8::/64", 3, "is the network itself" },
		{ true, "interfaces eth0 address ff02::1/64", 3, "a multicast address" },
		{ true, "interfaces eth0 address ::1/128", 3, "the loopback address" },
		{ true, "interfaces eth0 address fe80::1/10", 3, "prefix length of a link-local" },
		{ true, "interfaces eth0 address 2001:db8::1/129", 3, "is not an IPv4 or IPv6" },
		{ true, "interfaces eth0 address ::ffff:10.0.0.1/24", 3,
		  "is an IPv4 address: write it as 10.0.0.1/24" },
		{ true, "interfaces eth0.5 mtu 1500", 1,
		  "a sub-interface is configured as interfaces eth0 vif VLAN" },
		{ true, "interfaces eth0 vif 4095 mtu 1500", 3, "out of range: from 1 to 4094" },
		{ true, "interfaces eth0 vif 5 vif-c 0 mtu 1500", 5, "out of range" },
		{ true, "interfaces eth0 vif 5 bridge br0", 4, "unknown word \"bridge\"" },
		{ true, "interfaces eth0 vlan trunk 1,a", 4, "is not a list of VLANs" },
		{ true, "interfaces eth0 vlan trunk 20-10", 4, "from the lower to the higher" },
		{ true, "interfaces eth0 vlan trunk 10-4095", 4, "VLANs are 1 to 4094" },
		{ true, "interfaces eth0 urpf stict", 3, "did you mean \"strict\"?" },
		{ true, "interfaces eth0 router-advertisement dns 10.0.0.1", 4,
		  "is not an IPv6 address" },
		{ true, "vrfs 1red table 3", 1, "is not a name of a VRF" },
		{ true, "vrfs red table 16", 3, "out of range: from 1 to 15" },
		{ true, "routes static 2001:db8::1/32 blackhole", 2,
		  "has host bits set; did you mean 2001:db8::/32?" },
		{ true, "routes static fe80::/64 blackhole", 2, "is link-local" },
		{ true, "routes static ff00::/8 blackhole", 2, "is a multicast prefix" },
		{ true, "routes static ::/0 next-hop fe80::1%eth0", 4,
		  "stands behind the word \"interface\"" },
		{ true, "routes static ::/0 next-hop fe80::1 interface eth0.5000", 6,
		  "is not an interface name, such as eth0 or eth0.100" },
		{ true, "routes static ::/0 next-hop fe80::1 weight 17", 6, "from 1 to 16" },
		{ true, "interfaces eth0 bridge br31", 3, "\"br31\" is not a bridge: br0 to br30" },
		{ true, "bridges br0 ageing 0", 3, "out of range" },
		{ true, "routes static 10.1.2.3/8 blackhole", 2,
		  "has host bits set; did you mean 10.0.0.0/8?" },
		{ true, "routes static 10.0.0.0/8 next-hop 10.0.0", 4,
		  "is not an IPv4 or IPv6 address" },
		{ true, "routes static 10.0.0.0/8 next-hop 0.0.0.1", 4, "0.0.0.0/8" },
		{ true, "routes static 10.0.0.0/8 distance 256", 4, "out of range" },
		{ true, "system host-name -x", 2, "is not a host name" },
		{ true, "system host-name a..b", 2, "is not a host name" },
		{ true, "", 0, "incomplete: one of system, interfaces" },
		{ true, "interfaces", 1, "incomplete: after \"interfaces\" comes <interface>" },
		{ false, "interfaces eth9", 1, "\"eth9\" is not configured" },
		{ false, "interfaces eth0 mtu 1400", 3, "\"1400\" is not configured under mtu" },
		{ false, "", 0, "incomplete" },
	};
	struct conf c;

	(void)state;
	must_parse(&c, "set interfaces eth0 mtu 1500\n");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct conf_error err = { 0 };

		assert_int_equal(run_words(&c, bad[i].set, bad[i].line, &err), -1);
		if (err.token != bad[i].token || !strstr(err.text, bad[i].says))
			fail_msg("%s: token %d: %s", bad[i].line, err.token, err.text);
		expect_lines(&c, "set interfaces eth0 mtu 1500\n");
		assert_int_equal(c.nodes, 5);
	}
	conf_free(&c);
}

static void test_diff(void **state)
{
	struct text out = { 0 };
	struct conf a, b;

	(void)state;
	must_parse(&a, "set system host-name a\nset interfaces eth0 mtu 1400\nset interfaces eth1 "
		       "disable\n"
		       "set routes static 10.0.0.0/8 blackhole\n");
	must_parse(&b, "set system host-name b\nset interfaces eth0 mtu 1400\nset interfaces eth1\n"
		       "set interfaces eth2 description \"x \\\"y\\\"\"\n");
	assert_int_equal(conf_diff(&a, &b, &out), 5);
	assert_string_equal(text_str(&out), "- set system host-name a\n"
					    "+ set system host-name b\n"
					    "- set interfaces eth1 disable\n"
					    "+ set interfaces eth2 description \"x \\\"y\\\"\"\n"
					    "- set routes static 10.0.0.0/8 blackhole\n");
	text_clear(&out);
	assert_int_equal(conf_diff(&a, &a, &out), 0);
	assert_string_equal(text_str(&out), "");
	text_free(&out);
	conf_free(&a);
	conf_free(&b);
}

/* Ten thousand routes in any order: sorted, found, bounded in time. */
static void test_large(void **state)
{
	struct text in = { 0 }, out = { 0 };
	struct conf_error err = { 0 };
	struct conf c;

	(void)state;
	for (unsigned i = 0; i < 10000; i++)
		text_printf(&in, "set routes static 10.%u.%u.0/24 blackhole\n",
			    i * 7919 % 10000 / 250, i * 7919 % 10000 % 250);
	must_parse(&c, text_str(&in));
	check_identity(&c);
	conf_free(&c);
	/* the bound on words holds, and the tree stays whole */
	for (unsigned i = 0; i < 40000; i++)
		text_printf(&in, "set routes static 11.%u.%u.0/24 blackhole\n", i / 250, i % 250);
	conf_init(&c);
	assert_int_equal(conf_parse(&c, in.s, in.len, &err), -1);
	assert_non_null(strstr(err.text, "too large"));
	assert_true(c.nodes <= CONF_NODES_MAX);
	conf_print(c.root, &out);
	assert_false(out.failed);
	text_free(&in);
	text_free(&out);
	conf_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),  cmocka_unit_test(test_set_and_delete),
		cmocka_unit_test(test_errors), cmocka_unit_test(test_diff),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
