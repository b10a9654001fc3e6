// SPDX-License-Identifier: MIT
/*
 * The shell without a terminal: lines in, text out, with confd in the same process and a double of
 * /dev/pix. tests/unit/apps/cases/shell-NAME.in holds lines, shell-NAME.ok the transcript.
 */
#include "tests/unit/unit.h"

#include "apps/confd/server.h"
#include "apps/pash/commands.h"
#include "apps/pash/complete.h"
#include "apps/pash/grammar.h"
#include "apps/pash/regex.h"
#include "tests/unit/apps/confd_direct.h"
#include "tests/unit/apps/pixdev_fake.h"

#include <errno.h>
#include <glob.h>

#define CASES "tests/unit/apps/cases/shell-*.in"

/* arpd and init in the same process. */
int rpc_query(const char *socket_name, const char *request, struct json_doc *doc, int timeout_ms);

int rpc_query(const char *socket_name, const char *request, struct json_doc *doc, int timeout_ms)
{
	static const char *const answers[][3] = {
		{ "arpd.sock", "{\"cmd\":\"show arp\"}",
		  "{\"arp\":[{\"address\":\"10.0.0.2\",\"mac\":\"02:00:00:00:00:02\","
		  "\"interface\":\"eth0\",\"state\":\"reachable\",\"age_s\":4}]}" },
		{ "arpd.sock", "{\"cmd\":\"show neighbors\"}",
		  "{\"neighbors\":[{\"address\":\"10.0.0.2\",\"mac\":\"02:00:00:00:00:02\","
		  "\"interface\":\"eth0\",\"state\":\"reachable\",\"age_s\":4},{\"address\":"
		  "\"fe80::2\",\"mac\":\"02:00:00:00:00:02\",\"interface\":\"eth0\",\"state\":"
		  "\"stale\",\"age_s\":9,\"router\":true}]}" },
		{ "arpd.sock", "{\"cmd\":\"show neighbors\",\"interface\":\"eth1\"}",
		  "{\"neighbors\":[]}" },
		{ "arpd.sock", "{\"cmd\":\"show router-advertisement\"}",
		  "{\"router_advertisements\":[{\"interface\":\"eth0\",\"active\":true,"
		  "\"interval_s\":30,\"lifetime_s\":90,\"preference\":\"high\",\"managed\":true,"
		  "\"other\":false,\"prefixes\":[\"2001:db8::/64\"],\"dns\":[\"2001:db8::53\"],"
		  "\"sent\":7,\"solicited\":1,\"next_in_s\":12}]}" },
		{ "arpd.sock", "{\"cmd\":\"show arp counters\"}",
		  "{\"arp_counters\":{\"requests\":2,\"none\":0},\"conflicts\":[{\"interface\":"
		  "\"eth0\","
		  "\"address\":\"10.0.0.1\",\"rival\":\"02:00:00:00:00:03\",\"count\":1}]}" },
		{ "arpd.sock", "{\"cmd\":\"clear arp\"}", "{\"cleared\":1}" },
		{ "init.sock", "{\"cmd\":\"show services\"}",
		  "{\"services\":[{\"name\":\"confd\",\"program\":\"/sbin/confd\",\"pid\":3,"
		  "\"uptime_s\":9,\"restarts\":1,\"last_status\":11}]}" },
	};
	const char *reply = "{\"error\":\"no such service\"}";

	(void)timeout_ms;
	memset(doc, 0, sizeof(*doc));
	if (direct_down)
		return -ECONNREFUSED;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (strcmp(answers[i][0], socket_name) == 0 && strcmp(answers[i][1], request) == 0)
			reply = answers[i][2];
	return json_parse(doc, reply, strlen(reply));
}

/* In place of apps/pash/program.c, which starts programs and stops the machine. */
static void name_it(struct session *s, const struct args *a, const char *what)
{
	text_printf(&s->out, "(%s", what);
	for (unsigned i = 0; i < a->count; i++)
		text_printf(&s->out, " %s=%s", command_word(a->row[i]), a->value[i]);
	text_puts(&s->out, ")\n");
}

void cmd_ping(struct session *s, const struct args *a)
{
	name_it(s, a, "ping");
}

void cmd_traceroute(struct session *s, const struct args *a)
{
	name_it(s, a, "traceroute");
}

void cmd_run(struct session *s, const struct args *a)
{
	name_it(s, a, "run");
}

void cmd_reboot(struct session *s, const struct args *a)
{
	name_it(s, a, "reboot");
}

void cmd_poweroff(struct session *s, const struct args *a)
{
	name_it(s, a, "poweroff");
}

void cmd_terminal_length(struct session *s, const struct args *a)
{
	s->length = (unsigned)atoi(a->value[0]);
}

static struct session session;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	direct_down = false;
	assert_int_equal(store_init(&direct_store), 0);
	direct_store.booted = true;
	session_init(&session);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	session_free(&session);
	store_free(&direct_store);
	return 0;
}

static const char *run(const char *line)
{
	text_clear(&session.out);
	session_run(&session, line);
	return text_str(&session.out);
}

static void expect(const char *line, const char *want)
{
	const char *got = run(line);

	if (strcmp(got, want) != 0)
		fail_msg("%s\n%s", line, got);
}

static void expect_part(const char *line, const char *want)
{
	const char *got = run(line);

	if (!strstr(got, want))
		fail_msg("%s\n%s", line, got);
}

static void transcript(FILE *in, struct text *out)
{
	char line[512];

	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = 0;
		text_printf(out, "%s%s\n", session.mode == MODE_CONFIGURE ? "# " : "> ", line);
		session.indent = 2;
		text_puts(out, run(line));
	}
}

static void test_cases(void **state)
{
	glob_t g;

	assert_int_equal(glob(CASES, 0, NULL, &g), 0);
	assert_true(g.gl_pathc >= 4);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		static char ok[1 << 16];
		struct text out = { 0 };
		char path[256];
		FILE *in = fopen(g.gl_pathv[i], "r"), *f;

		assert_non_null(in);
		teardown(state);
		setup(state);
		transcript(in, &out);
		fclose(in);
		snprintf(path, sizeof(path), "%.*sok", (int)strlen(g.gl_pathv[i]) - 2,
			 g.gl_pathv[i]);
		if (getenv("PIX_WRITE_OK")) {
			f = fopen(path, "w");
			assert_non_null(f);
			fputs(text_str(&out), f);
			fclose(f);
		}
		f = fopen(path, "r");
		assert_non_null(f);
		ok[fread(ok, 1, sizeof(ok) - 1, f)] = 0;
		fclose(f);
		if (strcmp(ok, text_str(&out)) != 0)
			fail_msg("%s gave:\n%s", g.gl_pathv[i], text_str(&out));
		text_free(&out);
	}
	globfree(&g);
}

/* Each show's JSON parses, and each show survives a kernel that answers with an error. */
/* Which of the ports' NICs has a rule; the others' frames are software's. */
static void test_flows(void **state)
{
	(void)state;
	fake.flow[0] =
		(struct pix_flow){ .src = pix_ip4(0x0a000001),
				   .proto = 17,
				   .sport = 53,
				   .qgm = 1,
				   .hits = 960,
				   .ports = 1ull << fake.port[0].id | 1ull << fake.port[1].id };
	fake.flow[1] = (struct pix_flow){ .proto = 6, .qgm = 2 };
	fake.flows = 2;
	const char *text = run("show steering flows");
	assert_non_null(strstr(text, "  hardware: eth0, eth1"));
	assert_non_null(strstr(text, "  software"));
	text = run("show steering flows | json");
	assert_non_null(
		strstr(text, "\"applied_by\":\"hardware\",\"hardware\":[\"eth0\",\"eth1\"]"));
	assert_non_null(strstr(text, "\"applied_by\":\"software\",\"hardware\":[]"));
	fake.flows = 0;
}

static void test_json(void **state)
{
	static const char *const shows[] = { "version",
					     "cpu",
					     "memory",
					     "log",
					     "interfaces",
					     "interfaces eth1",
					     "interfaces eth0 detail",
					     "interfaces eth0 registers",
					     "ip route",
					     "arp",
					     "mac",
					     "bridges",
					     "qgm",
					     "drops",
					     "ipv6 route",
					     "neighbors",
					     "routes summary",
					     "vrfs",
					     "steering",
					     "steering flows",
					     "router-advertisement",
					     "conservation",
					     "history",
					     "configuration" };

	(void)state;
	for (size_t i = 0; i < sizeof(shows) / sizeof(shows[0]); i++) {
		struct json_doc doc;
		char line[64];

		snprintf(line, sizeof(line), "show %s | json", shows[i]);
		for (int broken = 0; broken < 2; broken++) {
			fake.error = broken ? -EIO : 0;
			direct_down = broken;
			const char *text = run(line);
			assert_int_equal(session.failed, broken);
			if (json_parse(&doc, text, strlen(text)))
				fail_msg("%s: %s\n%s", line, doc.error, text);
			assert_int_equal(doc.root->type, JSON_OBJECT);
			assert_int_equal(json_get(doc.root, "error") != NULL, broken);
			assert_ptr_equal(strchr(text, '\n'),
					 text + strlen(text) - 1); /* one line */
			json_doc_free(&doc);
		}
	}
}

static void test_conservation(void **state)
{
	(void)state;
	expect_part("show conservation", "\nconservation: holds\n");
	fake.law[0].rx++;
	expect_part("show conservation", "\nconservation: VIOLATED (qgm 0: difference 1)\n");
	expect_part("show conservation | json", "\"holds\":false,\"why\":\"qgm 0: difference 1\"");
	fake.law[0].rx--;
	fake.pool[0].free -= 2;
	expect_part("show conservation", "VIOLATED (2 buffers unaccounted for)\n");
	fake.pool[0].free += 2;
	fake.port_law[1].difference = 3;
	expect_part("show conservation", "VIOLATED (ports miss 3 packets, rings hold 0)\n");
	fake.snapshot.in_rings = 3;
	expect_part("show conservation", "conservation: holds\n");
	fake.snapshot.missing = 1;
	expect_part("show conservation", "VIOLATED (1 QGM did not answer)\n");
	fake.snapshot.missing = 0;
	fake.snapshot.violations = 1;
	expect_part("show conservation", "VIOLATED (the kernel counts 1 violations)\n");
}

static void test_words(void **state)
{
	(void)state;
	expect("", "");
	expect("   ", "");
	expect_part("sh ver", "PIX 0.1.0");
	expect_part("show version | match PIX", "PIX 0.1.0 (test)\n");
	expect("show configuration | count", "1\n");
	expect("show version | count | json", run("show version | json | count"));
	expect_part("quit now", "unexpected \"now\"");
	assert_false(session.done);
	expect("quit", "");
	assert_true(session.done);
	session.done = false;
	expect("configure", "");
	assert_int_equal(session.mode, MODE_CONFIGURE);
	expect("exit", "");
	assert_int_equal(session.mode, MODE_OPERATION);
	direct_down = true;
	expect("configure", "confd does not answer: the configuration is out of reach\n");
	assert_int_equal(session.mode, MODE_OPERATION);
}

static void test_regex(void **state)
{
	static const struct {
		const char *pattern, *text;
		int found; /* -1: not an expression */
	} cases[] = {
		{ "abc", "xabcx", 1 },
		{ "a.c", "xaxc", 1 },
		{ "a.c", "ac", 0 },
		{ "^abc", "xabc", 0 },
		{ "^abc", "abcx", 1 },
		{ "abc$", "abcx", 0 },
		{ "abc$", "xabc", 1 },
		{ "^$", "", 1 },
		{ "^$", "x", 0 },
		{ "ab*c", "ac", 1 },
		{ "ab*c", "abbbc", 1 },
		{ "ab+c", "ac", 0 },
		{ "ab+c", "abbc", 1 },
		{ "ab?c", "abbc", 0 },
		{ "^ab?c$", "abc", 1 },
		{ "a|b", "b", 1 },
		{ "^(ab|cd)+$", "abcdab", 1 },
		{ "^(ab|cd)+$", "abc", 0 },
		{ "eth[0-2]", "eth3", 0 },
		{ "eth[0-2]", "eth2", 1 },
		{ "[^a]", "aaa", 0 },
		{ "[]x]", "]", 1 },
		{ "[a-]", "-", 1 },
		{ "10\\.0", "1000", 0 },
		{ "10\\.0", "10.0", 1 },
		{ "", "x", 1 },
		{ "a||b", "zzz", 1 },
		{ "()", "z", 1 },
		{ "(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", 0 },
		{ "*", "x", -1 },
		{ "a**", "b", 1 },
		{ "(", "x", -1 },
		{ ")", "x", -1 },
		{ "[a", "x", -1 },
		{ "a\\", "x", -1 },
		{ "((((((((((((((((((a))))))))))))))))))", "a", -1 },
	};
	static struct regex re;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool valid = regex_compile(&re, cases[i].pattern);
		int found = valid ? regex_search(&re, cases[i].text, strlen(cases[i].text)) : -1;

		if (found != cases[i].found)
			fail_msg("\"%s\" in \"%s\": %d", cases[i].pattern, cases[i].text, found);
	}
}

/* The words offered at the end of the line, joined; "!" before an error. */
static const char *offered(const char *line)
{
	static struct candidates c;
	static struct text t;

	complete(&session, line, (unsigned)strlen(line), &c);
	text_clear(&t);
	if (c.error[0])
		text_printf(&t, "!%u %s", c.at, c.error);
	for (unsigned i = 0; i < c.count; i++)
		text_printf(&t, "%s%s", i ? " " : "", c.item[i].word);
	candidates_free(&c);
	return text_str(&t);
}

#define AFTER_SHOW                                                                     \
	"; expected: arp, bridges, configuration, conservation, cpu, drops, history, " \
	"interfaces, ip, ipv6, log, mac, memory, neighbors, qgm, router-advertisement, ..."

static void test_completion(void **state)
{
	static const struct {
		bool configure;
		const char *line, *want;
	} cases[] = {
		{ false, "sh", "show" },
		{ false, "show c", "configuration conservation cpu" },
		{ false, "show interfaces ", "eth0 eth1 <interface> <Enter> |" },
		{ false, "show interfaces eth1", "eth1 <interface>" },
		{ false, "show ip route ", "vrf <prefix> <Enter> |" },
		{ false, "show version |", "count display except json match no-more" },
		{ false, "show version | ", "count display except json match no-more" },
		{ false, "show version | m", "match" },
		{ false, "show version | match ", "<expression>" },
		{ false, "show version | display ", "set" },
		{ false, "ping 10.0.0.1 ", "count interface size ttl <Enter>" },
		{ false, "ping 10.0.0.1 count 3 ", "count interface size ttl <Enter>" },
		{ false, "show nonsense ", "!5 unknown word \"nonsense\"" AFTER_SHOW },
		{ false, "show xyz", "!5 unknown word \"xyz\"" AFTER_SHOW },
		{ false, "show \"abc", "!5 the quote is not closed" },
		{ false, "set ",
		  "!0 \"set\" is a command of configure mode; enter \"configure\" first" },
		{ true, "se", "set" },
		{ true, "set ", "system interfaces bridges vrfs routes steering" },
		{ true, "set interfaces e", "eth0 eth1 <interface>" },
		{ true, "set int eth0 ",
		  "description address ipv6 dad router-advertisement vrf urpf bridge vlan "
		  "storm-control mac-limit mtu disable vif <Enter>" },
		{ true, "set int eth0 mt", "mtu" },
		{ true, "set int eth0 mtu ", "1400 <number>" },
		{ true, "set int eth7x ", "!8 \"eth7x\" is not an interface name, such as eth0" },
		{ true, "delete interfaces eth0 ", "mtu <Enter>" },
		{ true, "run show version ", "<Enter> |" },
		{ true, "run show conf", "configuration" },
		{ true, "delete rou", "" },
		{ true, "commit ", "check confirmed <Enter>" },
	};

	(void)state;
	run("configure");
	expect("set interfaces eth0 mtu 1400", "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		session.mode = cases[i].configure ? MODE_CONFIGURE : MODE_OPERATION;
		const char *got = offered(cases[i].line);
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("\"%s\" offers \"%s\"", cases[i].line, got);
	}
}

static unsigned seed = 7;

static unsigned dice(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* Lines of random words and bytes, run and completed: no crash, no leak, mode stays one of two. */
static void test_random_lines(void **state)
{
	static const char *const word[] = { "show",
					    "set",
					    "delete",
					    "interfaces",
					    "eth0",
					    "eth1",
					    "mtu",
					    "1400",
					    "|",
					    "json",
					    "match",
					    "count",
					    "configuration",
					    "commit",
					    "check",
					    "compare",
					    "rollback",
					    "0",
					    "1",
					    "routes",
					    "static",
					    "10.0.0.0/8",
					    "ipv6",
					    "vif",
					    "vif-c",
					    "100",
					    "vlan",
					    "trunk",
					    "10,20-30",
					    "router-advertisement",
					    "2001:db8::1/64",
					    "2001:db8::/32",
					    "fe80::1",
					    "interface",
					    "vrf",
					    "vrfs",
					    "red",
					    "blackhole",
					    "next-hop",
					    "10.0.0.2",
					    "address",
					    "10.0.0.1/24",
					    "\"",
					    "\"a b\"",
					    "?",
					    "\\",
					    "configure",
					    "exit",
					    "discard",
					    "ip",
					    "route",
					    "bridge",
					    "br0",
					    "conservation",
					    "display",
					    "terminal",
					    "length",
					    "history",
					    "drops",
					    "[",
					    "(" };

	(void)state;
	for (int i = 0; i < 30000; i++) {
		char line[600] = "";
		size_t n = 0;

		for (unsigned k = dice(9); k; k--) {
			if (dice(8)) {
				n += (size_t)snprintf(line + n, sizeof(line) - n, "%s ",
						      word[dice(sizeof(word) / sizeof(word[0]))]);
			} else {
				for (unsigned b = dice(6); b; b--)
					line[n++] = (char)(1 + dice(255));
				line[n++] = ' ';
				line[n] = 0;
			}
		}
		if (dice(4) == 0 && n)
			line[n - 1] = 0;
		offered(line);
		run(line);
		assert_false(session.out.failed);
		assert_true(session.mode == MODE_OPERATION || session.mode == MODE_CONFIGURE);
		session.done = false;
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_cases), T(test_flows), T(test_json),       T(test_conservation),
		T(test_words), T(test_regex), T(test_completion), T(test_random_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
