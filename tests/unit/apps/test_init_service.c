// SPDX-License-Identifier: MIT
/* init.conf and the back-off of services. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "apps/init/service.h"

static struct services all;
static char error[96];
static unsigned line;

static void test_parse(void **state)
{
	(void)state;
	assert_int_equal(services_parse(&all,
					"# comment\n\n  service confd /sbin/confd -d x # tail\n"
					"console pash\t/bin/pash\r\n",
					&line, error),
			 0);
	assert_int_equal(all.count, 2);
	assert_string_equal(all.s[0].name, "confd");
	assert_string_equal(all.s[0].argv[0], "/sbin/confd");
	assert_string_equal(all.s[0].argv[2], "x");
	assert_null(all.s[0].argv[3]);
	assert_false(all.s[0].console);
	assert_true(all.s[1].console);
	assert_string_equal(all.s[1].argv[0], "/bin/pash");
	assert_int_equal(services_parse(&all, "", &line, error), 0);
	assert_int_equal(all.count, 0);
}

static void refused(const char *text, unsigned at, const char *why)
{
	assert_int_equal(services_parse(&all, text, &line, error), -EINVAL);
	assert_int_equal(line, at);
	assert_string_equal(error, why);
}

static void test_refused(void **state)
{
	static char text[2000];

	(void)state;
	refused("service a /bin/a\ndaemon b /bin/b\n", 2,
		"neither 'service' nor 'console': daemon");
	assert_int_equal(all.count, 1); /* what came before stands */
	refused("service\n", 1, "a name and a program are expected after service");
	refused("console a\n", 1, "a name and a program are expected after console");
	refused("service a bin/a\n", 1, "not an absolute path: bin/a");
	refused("service a /a\nservice a /b", 2, "second service of the name a");
	refused("service a /a 1 2 3 4 5 6 7 8", 1, "too many arguments from 8");
	memset(text, 'x', SERVICE_TEXT);
	refused(text, 1, "line too long");
	text[0] = '\0';
	for (int i = 0; i <= SERVICES_MAX; i++)
		sprintf(text + strlen(text), "service s%d /bin/s\n", i);
	refused(text, SERVICES_MAX + 1, "too many services at s16");
}

enum { EXITED_0 = 0, EXITED_1 = 1 << 8, KILLED_11 = 11 };

static void test_backoff(void **state)
{
	static const uint64_t waits[] = { 100,  200,   400,   800,   1600, 3200,
					  6400, 12800, 25600, 30000, 30000 };
	struct service s = { .pid = 5 };
	uint64_t now = 1000;

	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		s.started = now;
		s.pid = 5;
		now += 10;
		service_ended(&s, i % 2 ? KILLED_11 : EXITED_1, now);
		assert_int_equal(s.pid, 0);
		assert_int_equal(s.start_at, now + waits[i]);
		assert_int_equal(s.restarts, i + 1);
	}
	s.started = now;
	now += BACKOFF_GOOD_MS; /* it ran well: from the start again */
	service_ended(&s, EXITED_1, now);
	assert_int_equal(s.start_at, now + 100);
}

static void test_console_left(void **state)
{
	struct service s = { .console = true, .delay = 6400 };

	(void)state;
	service_ended(&s, EXITED_0, CONSOLE_LEFT_MS);
	assert_int_equal(s.start_at, CONSOLE_LEFT_MS);
	service_ended(&s, EXITED_1, 60);
	assert_int_equal(s.start_at, 60 + 200);
	service_ended(&s, EXITED_0, 60); /* at once: there is no operator */
	assert_int_equal(s.start_at, 60 + 400);
	s.console = false; /* a daemon that ends at once, without an error, backs off too */
	service_ended(&s, EXITED_0, 70);
	assert_int_equal(s.start_at, 70 + 800);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_backoff),
		cmocka_unit_test(test_console_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
