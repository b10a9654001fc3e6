// SPDX-License-Identifier: MIT
/* Text to numbers against the host's functions: value, end and error of random and chosen texts. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "tests/unit/libc/pix.h"

static void check_integer(const char *s, int base)
{
	char *e1, *e2;
	long a, b;
	unsigned long c, d;

	errno = pix_errno = 0;
	a = strtol(s, &e1, base);
	b = pix_strtol(s, &e2, base);
	if (a != b || e1 != e2 || errno != pix_errno)
		fail_msg("strtol(\"%s\", %d): %ld (+%td, %d), expected %ld (+%td, %d)", s, base, b,
			 e2 - s, pix_errno, a, e1 - s, errno);
	errno = pix_errno = 0;
	c = strtoul(s, &e1, base);
	d = pix_strtoul(s, &e2, base);
	if (c != d || e1 != e2 || errno != pix_errno)
		fail_msg("strtoul(\"%s\", %d): %lu (+%td, %d), expected %lu (+%td, %d)", s, base, d,
			 e2 - s, pix_errno, c, e1 - s, errno);
}

static void test_chosen(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"0",
		"-0",
		"+5",
		"--5",
		"0x",
		"0xg",
		"0x1f",
		"-0X1F",
		"08",
		"0777",
		"  12 ",
		"z",
		"zz",
		"9223372036854775807",
		"9223372036854775808",
		"-9223372036854775808",
		"-9223372036854775809",
		"18446744073709551615",
		"18446744073709551616",
		"-18446744073709551615",
		"99999999999999999999999999",
		"1e5",
		"\t\n\v\f\r 7",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		check_integer(texts[i], 10);
		for (int base = 0; base <= 36; base += base == 0 ? 2 : 1)
			check_integer(texts[i], base);
	}
	pix_errno = 0;
	assert_int_equal(pix_strtol("10", NULL, 1), 0);
	assert_int_equal(pix_errno, EINVAL);
	assert_int_equal(pix_strtol("10", NULL, 37), 0);
}

static void test_random(void **state)
{
	char s[26];

	(void)state;
	srand(7221);
	for (int i = 0; i < 300000; i++) {
		size_t n = (size_t)rand() % 25;

		for (size_t k = 0; k < n; k++)
			s[k] = "0123456789abcxXzZ-+ ."[rand() % (k < 2 ? 21 : 14)];
		s[n] = '\0';
		check_integer(s, rand() % 4 ? 10 : rand() % 36 == 0 ? 0 : 2 + rand() % 35);
	}
}

static uint64_t bits(double x)
{
	uint64_t b;

	memcpy(&b, &x, 8);
	return b;
}

static void check_double(const char *s)
{
	char *e1, *e2;
	double a = strtod(s, &e1), b = pix_strtod(s, &e2);
	uint64_t gap = bits(a) > bits(b) ? bits(a) - bits(b) : bits(b) - bits(a);

	if (e1 != e2 || (gap > 1 && !(a != a && b != b)))
		fail_msg("strtod(\"%s\"): %.17g (+%td), expected %.17g (+%td)", s, b, e2 - s, a,
			 e1 - s);
}

static void test_double(void **state)
{
	static const char *const texts[] = { "",
					     "0",
					     "-0",
					     "1",
					     "1.",
					     ".5",
					     ".",
					     "-.",
					     "1e",
					     "1e+",
					     "1e5",
					     "1e-5",
					     "1E+05",
					     "1.7976931348623157e308",
					     "2e308",
					     "1e-310",
					     "4.9e-324",
					     "1e-400",
					     "1e99999999999",
					     "inf",
					     "nan",
					     "x1",
					     " 7 ",
					     "12345678901234567890123",
					     "0.1",
					     "0.000000000000000000012" };
	char s[64];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_double(texts[i]);
	srand(5);
	for (int i = 0; i < 100000; i++) {
		snprintf(s, sizeof(s), "%s%d.%0*de%d", rand() % 2 ? "-" : "", rand(),
			 rand() % 9 + 1, rand(), rand() % 590 - 300);
		check_double(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chosen),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_double),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
