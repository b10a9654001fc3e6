// SPDX-License-Identifier: MIT
/* kvsnprintf against the C library's, and its own rules (truncation, unknown conversions). */
#include "tests/unit/unit.h"
#include "kernel/lib/format.h"

#define same(...)                                                      \
	do {                                                           \
		static char ours[256], theirs[256];                    \
		int n = ksnprintf(ours, sizeof(ours), __VA_ARGS__);    \
		int m = snprintf(theirs, sizeof(theirs), __VA_ARGS__); \
		assert_string_equal(ours, theirs);                     \
		assert_int_equal(n, m);                                \
	} while (0)

static void test_integers(void **state)
{
	(void)state;
	same("%d %i %u", -5, 17, 4000000000u);
	same("%d %d", 2147483647, -2147483647 - 1);
	same("%ld %lu", (long)-9223372036854775807L - 1, ~0ul);
	same("%x %X %#x %o", 0xbeef, 0xbeef, 0xbeef, 8);
	same("%hhu %hd %hhd", (unsigned char)200, (short)-3, (signed char)-100);
	same("%zu %ld", (size_t)12345, -1l);
	same("%llx", 0x123456789abcdefull);
}

static void test_widths(void **state)
{
	(void)state;
	same("[%5d][%-5d][%05d][%+d][% d]", 42, 42, 42, 42, 42);
	same("[%8.3d][%-8.3d][%08x][%.0d]", 7, 7, 0xabc, 0);
	same("[%*d][%-*d][%.*d]", 6, 1, 6, 2, 4, 3);
	same("[%016lx]", 0xffff800000000000ul);
	same("[%05d]", -42);
}

static void test_text(void **state)
{
	(void)state;
	same("[%s][%10s][%-10s][%.2s]", "abc", "abc", "abc", "abc");
	same("[%c][%3c]%%", 'x', 'y');
	same("%s", "");
}

static void test_null_and_pointer(void **state)
{
	char b[64];
	const char *volatile none = NULL;

	(void)state;
	ksnprintf(b, sizeof(b), "%s %p", none, (void *)0x1000);
	assert_string_equal(b, "(null) 0x1000");
}

static void test_truncation(void **state)
{
	char b[8] = "ZZZZZZZ";

	(void)state;
	assert_int_equal(ksnprintf(b, 4, "%s", "abcdef"), 6);
	assert_string_equal(b, "abc");
	assert_int_equal(b[4], 'Z');
	assert_int_equal(ksnprintf(b, 1, "%d", 12345), 5);
	assert_string_equal(b, "");
	assert_int_equal(ksnprintf(NULL, 0, "%d", 12345), 5);
}

static void test_unknown(void **state)
{
	char b[32];
	const char *volatile fmt = "a%qb%";

	(void)state;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
	ksnprintf(b, sizeof(b), fmt);
#pragma GCC diagnostic pop
	assert_string_equal(b, "a%qb%");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers),   cmocka_unit_test(test_widths),
		cmocka_unit_test(test_text),       cmocka_unit_test(test_null_and_pointer),
		cmocka_unit_test(test_truncation), cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
