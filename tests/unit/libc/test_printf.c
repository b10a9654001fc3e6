// SPDX-License-Identifier: MIT
/*
 * The formatter against the host's: every combination of flags, widths, precisions and lengths with
 * many values, then text around it, bounds, and what is refused.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>

#include "tests/unit/libc/pix.h"

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

static char want[800], got[800];

static void compare(const char *fmt, int a, int b)
{
	if (a != b || strcmp(want, got) != 0)
		fail_msg("\"%s\": '%s' (%d), expected '%s' (%d)", fmt, got, b, want, a);
}

/* All subsets of the flags, several widths and precisions. Calls fn with each prefix. */
static void each_prefix(void (*fn)(const char *prefix))
{
	static const char *const widths[] = { "", "1", "5", "12" };
	static const char *const precisions[] = { "", ".", ".0", ".1", ".3", ".10" };
	char p[40];

	for (int flags = 0; flags < 32; flags++) {
		for (int w = 0; w < 4; w++) {
			for (int r = 0; r < 6; r++) {
				snprintf(p, sizeof(p), "%%%s%s%s%s%s%s%s", flags & 1 ? "-" : "",
					 flags & 2 ? "+" : "", flags & 4 ? " " : "",
					 flags & 8 ? "#" : "", flags & 16 ? "0" : "", widths[w],
					 precisions[r]);
				fn(p);
			}
		}
	}
}

static void integers(const char *prefix)
{
	static const long values[] = {
		0,     1,       -1,      7,         42,       -42,      255,
		65535, INT_MAX, INT_MIN, 123456789, LONG_MAX, LONG_MIN, 0x123456789abcdef
	};
	static const char *const lengths[] = { "hh", "h", "", "l", "ll", "j", "z", "t" };
	char fmt[64];

	for (const char *c = "diuoxX"; *c; c++) {
		for (int l = 0; l < 8; l++) {
			snprintf(fmt, sizeof(fmt), "%s%s%c", prefix, lengths[l], *c);
			for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++)
				compare(fmt, snprintf(want, sizeof(want), fmt, values[v]),
					pix_snprintf(got, sizeof(got), fmt, values[v]));
		}
	}
}

static void texts(const char *prefix)
{
	static const char *const values[] = { "", "a", "hello, world" };
	char fmt[64];

	if (strpbrk(prefix, "#+ ") || strpbrk(prefix, "0") == prefix + 1 || strstr(prefix, "-0"))
		return; /* undefined for s and c */
	snprintf(fmt, sizeof(fmt), "%ss", prefix);
	for (int v = 0; v < 3; v++)
		compare(fmt, snprintf(want, sizeof(want), fmt, values[v]),
			pix_snprintf(got, sizeof(got), fmt, values[v]));
	if (strchr(prefix, '.'))
		return;
	snprintf(fmt, sizeof(fmt), "%sc", prefix);
	compare(fmt, snprintf(want, sizeof(want), fmt, 'x'),
		pix_snprintf(got, sizeof(got), fmt, 'x'));
	snprintf(fmt, sizeof(fmt), "%sp", prefix);
	compare(fmt,
		snprintf(want, sizeof(want), fmt, (void *)0x1234), /* glibc prints (nil) for NULL */
		pix_snprintf(got, sizeof(got), fmt, (void *)0x1234));
}

static void doubles(const char *prefix)
{
	static const double values[] = { 0.0,  -0.0,      1.0,        -1.0,
					 0.1,  123.456,   99.9999,    1e15,
					 1e22, 1.7e308,   -2.25,      0.0625,
					 1e-5, 1.0 / 0.0, -1.0 / 0.0, 4503599627370497.0 };
	char fmt[64];

	snprintf(fmt, sizeof(fmt), "%sf", prefix);
	for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++)
		compare(fmt, snprintf(want, sizeof(want), fmt, values[v]),
			pix_snprintf(got, sizeof(got), fmt, values[v]));
}

static void test_integers(void **state)
{
	(void)state;
	each_prefix(integers);
}

static void test_texts(void **state)
{
	(void)state;
	each_prefix(texts);
}

static void test_doubles(void **state)
{
	(void)state;
	each_prefix(doubles);
	srand(31);
	for (int i = 0; i < 100000; i++) {
		double x = (rand() - RAND_MAX / 2) * (i % 2 ? 0.001237 : 1.0 / 1024);
		int prec = rand() % 6;

		compare("%.*f", snprintf(want, sizeof(want), "%.*f", prec, x),
			pix_snprintf(got, sizeof(got), "%.*f", prec, x));
	}
	pix_snprintf(got, sizeof(got), "%.0f %.0f %.0f %.1f", 9.5, 0.5, 2.5, 0.96);
	assert_string_equal(got, "10 0 2 1.0");
}

static void test_stars(void **state)
{
	(void)state;
	for (int w = -12; w <= 12; w++) {
		for (int p = -2; p <= 6; p++)
			compare("%*.*d",
				snprintf(want, sizeof(want), "[%*.*d|%-*d]", w, p, -37, w, 5),
				pix_snprintf(got, sizeof(got), "[%*.*d|%-*d]", w, p, -37, w, 5));
	}
}

static void test_mixed(void **state)
{
	(void)state;
	compare("mixed",
		snprintf(want, sizeof(want), "%s=%d%% [%c] %" PRIu64 " %#lx %5.2s|%-8s|%zu %hhu",
			 "load", 42, 'z', UINT64_MAX, 255L, "abcdef", "left", sizeof(want),
			 (unsigned char)44),
		pix_snprintf(got, sizeof(got), "%s=%d%% [%c] %" PRIu64 " %#lx %5.2s|%-8s|%zu %hhu",
			     "load", 42, 'z', UINT64_MAX, 255L, "abcdef", "left", sizeof(want),
			     (unsigned char)44));
	pix_snprintf(got, sizeof(got), "%s", (char *)NULL);
	assert_string_equal(got, "(null)");
	pix_snprintf(got, sizeof(got), "%.2s", "\x01\x02\x03");
	assert_string_equal(got, "\x01\x02");
}

static void test_bounds(void **state)
{
	char s[16];

	(void)state;
	for (size_t n = 0; n < 12; n++) {
		memset(s, '#', sizeof(s));
		assert_int_equal(pix_snprintf(s, n, "%d-%s", 1234, "abc"), 8);
		if (n)
			assert_int_equal(strlen(s), n - 1 < 8 ? n - 1 : 8);
		assert_int_equal(s[n], '#');
	}
	assert_int_equal(pix_snprintf(NULL, 0, "%0500d", 7), 500);
	pix_errno = 0;
	assert_int_equal(pix_snprintf(s, sizeof(s), "%99999999999d", 1), -1);
	assert_int_equal(pix_errno, EOVERFLOW);
	pix_errno = 0;
	assert_int_equal(pix_snprintf(s, sizeof(s), "ab%qcd"), -1);
	assert_int_equal(pix_errno, EINVAL);
	assert_int_equal(pix_snprintf(s, sizeof(s), "ab%"), -1);
	assert_int_equal(pix_snprintf(s, sizeof(s), "%n", (void *)got),
			 -1); /* %n writes memory: not here */
}

static void test_allocated(void **state)
{
	char *s;

	(void)state;
	assert_int_equal(pix_asprintf(&s, "%1000d", 5), 1000);
	assert_int_equal(strlen(s), 1000);
	pix_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers),  cmocka_unit_test(test_texts),
		cmocka_unit_test(test_doubles),   cmocka_unit_test(test_stars),
		cmocka_unit_test(test_mixed),     cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_allocated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
