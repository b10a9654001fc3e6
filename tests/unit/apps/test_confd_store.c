// SPDX-License-Identifier: MIT
/*
 * History, the start, restarts, requests, and random changes whose operations must carry the
 * (faked) kernel from one state to the next.
 */
#include "tests/unit/apps/confd_rig.h"

#include <errno.h>
#include <unistd.h>

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
#define T(f) cmocka_unit_test_setup_teardown(f, store_setup, store_teardown)
	const struct CMUnitTest tests[] = {
		T(test_rollback), T(test_boot),           T(test_confirm),
		T(test_restart),  T(test_random_commits), T(test_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
