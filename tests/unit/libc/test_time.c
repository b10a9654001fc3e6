// SPDX-License-Identifier: MIT
/* The calendar against the host's over 60,000 years, strftime, and the clocks. */
#define _GNU_SOURCE
#include "tests/unit/unit.h"

#include <errno.h>
#include <limits.h>

#include "tests/unit/libc/pix.h"

static void check(time_t t)
{
	struct tm a = { 0 }, b = { 0 };

	gmtime_r(&t, &a);
	assert_ptr_equal(pix_gmtime_r(&t, &b), &b);
	if (a.tm_sec != b.tm_sec || a.tm_min != b.tm_min || a.tm_hour != b.tm_hour ||
	    a.tm_mday != b.tm_mday || a.tm_mon != b.tm_mon || a.tm_year != b.tm_year ||
	    a.tm_wday != b.tm_wday || a.tm_yday != b.tm_yday)
		fail_msg("%ld: %d-%d-%d wday %d yday %d", t, b.tm_year + 1900, b.tm_mon + 1,
			 b.tm_mday, b.tm_wday, b.tm_yday);
	assert_int_equal(pix_timegm(&b), t);
}

static void test_calendar(void **state)
{
	(void)state;
	for (time_t d = -400 * 366; d < 400 * 366; d++)
		check(d * 86400 + (d * 7919) % 86400);
	srand(1970);
	for (int i = 0; i < 100000; i++)
		check(((time_t)rand() << 10 | rand() % 1024) * (rand() % 2 ? 1 : -1));
}

static void test_normalises(void **state)
{
	(void)state;
	srand(3);
	for (int i = 0; i < 20000; i++) {
		struct tm a = { .tm_year = rand() % 300,
				.tm_mon = rand() % 200 - 100,
				.tm_mday = rand() % 900 - 400,
				.tm_hour = rand() % 90 - 40,
				.tm_min = rand() % 900 - 400,
				.tm_sec = rand() % 9000 };
		struct tm b = a;

		assert_int_equal(pix_timegm(&b), timegm(&a));
		assert_int_equal(a.tm_mday, b.tm_mday);
		assert_int_equal(a.tm_year, b.tm_year);
	}
}

static void test_format(void **state)
{
	static const char fmt[] =
		"%a %A %b %B %d %D %e %F %H %I %j %m %M %n%p %R %S %t%T %y %Y %% %s";
	char a[400], b[400];

	(void)state;
	setenv("TZ", "UTC", 1);
	for (time_t t = 0; t < 4000000000; t += 30000017) {
		struct tm tm;

		gmtime_r(&t, &tm);
		assert_int_equal(pix_strftime(b, sizeof(b), fmt, &tm),
				 strftime(a, sizeof(a), fmt, &tm));
		assert_string_equal(a, b);
	}
	{
		struct tm tm = { .tm_year = 126 };

		assert_int_equal(pix_strftime(b, 5, "%Y", &tm), 4);
		assert_int_equal(pix_strftime(b, 4, "%Y", &tm), 0);
	}
}

static void test_clocks(void **state)
{
	struct timespec a, b, c, nap = { 0, 30 * 1000000 };

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(pix_clock_gettime(CLOCK_MONOTONIC, &b), 0);
	assert_int_equal(pix_nanosleep(&nap, NULL), 0);
	clock_gettime(CLOCK_MONOTONIC, &c);
	assert_true(b.tv_sec * 1000000000 + b.tv_nsec >= a.tv_sec * 1000000000 + a.tv_nsec);
	assert_true(c.tv_sec * 1000000000 + c.tv_nsec - b.tv_sec * 1000000000 - b.tv_nsec >=
		    nap.tv_nsec);
	pix_errno = 0;
	assert_int_equal(pix_clock_gettime(-77, &a), -1);
	assert_int_equal(pix_errno, EINVAL);
	nap.tv_nsec = 2000000000;
	assert_int_equal(pix_nanosleep(&nap, NULL), -1);
	assert_int_equal(pix_errno, EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calendar),
		cmocka_unit_test(test_normalises),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
