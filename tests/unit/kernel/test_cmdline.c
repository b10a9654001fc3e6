// SPDX-License-Identifier: MIT
/* The kernel's command line and the planted-bug switch on top of it. */
#include "tests/unit/unit.h"
#include "kernel/cmdline.h"
#include "kernel/plant.h"

/* What glibc 2.36 does not have and cmdline.c takes from kernel/lib/string.c. */
size_t strlcpy(char *dst, const char *src, size_t n);
size_t strlcpy(char *dst, const char *src, size_t n)
{
	snprintf(dst, n, "%s", src);
	return strlen(src);
}

static void check(const char *key, const char *want)
{
	char b[64];
	int n = cmdline_get(key, b, sizeof(b));

	if (!want) {
		assert_int_equal(n, -1);
		assert_false(cmdline_has(key));
		return;
	}
	assert_int_equal(n, (int)strlen(want));
	assert_string_equal(b, want);
	assert_true(cmdline_has(key));
}

static void test_words(void **state)
{
	(void)state;
	cmdline_init("  pix.cores=generic:0,qgm:1-3\tpix.selftest  pix.idle=spin\n");
	check("pix.cores", "generic:0,qgm:1-3");
	check("pix.selftest", "");
	check("pix.idle", "spin");
	check("pix", NULL);
	check("pix.id", NULL);
	check("idle", NULL);
	check("spin", NULL);
}

static void test_last_wins(void **state)
{
	(void)state;
	cmdline_init("a=1 b=2 a=3 a");
	check("a", "");
	cmdline_init("a b=2 a=3");
	check("a", "3");
}

static void test_quotes(void **state)
{
	(void)state;
	cmdline_init("x=\"two words\" y=\"\" z=\"open end");
	check("x", "two words");
	check("y", "");
	check("z", "\"open end");
	check("words\"", NULL);
}

static void test_cut(void **state)
{
	char b[4];
	static char text[5000];

	(void)state;
	cmdline_init("key=abcdef");
	assert_int_equal(cmdline_get("key", b, sizeof(b)), 6);
	assert_string_equal(b, "abc");
	assert_int_equal(cmdline_get("key", NULL, 0), 6);
	memset(text, 'a', sizeof(text) - 1);
	memcpy(text + 3000, " late=1 ", 8);
	cmdline_init(text);
	check("late", NULL);
}

static void test_numbers(void **state)
{
	(void)state;
	cmdline_init("a=12 b=0x1F c=4K d=3M e=2G f= g=12x h=-1 i=99999999999999999999 j=0x "
		     "k=17592186044416G l=1Kx");
	assert_int_equal(cmdline_u64("a", 7), 12);
	assert_int_equal(cmdline_u64("b", 7), 31);
	assert_int_equal(cmdline_u64("c", 7), 4096);
	assert_int_equal(cmdline_u64("d", 7), 3 << 20);
	assert_int_equal(cmdline_u64("e", 7), 2ull << 30);
	for (const char *p = "fghijklz"; *p; p++) {
		char key[2] = { *p, 0 };

		assert_int_equal(cmdline_u64(key, 7), 7);
	}
}

static void test_planted(void **state)
{
	(void)state;
	cmdline_init("pix.plant=nap_fence,split_wx");
	assert_true(planted("nap_fence"));
	assert_true(planted("split_wx"));
	assert_false(planted("split"));
	assert_false(planted("nap_fence,split_wx"));
	assert_false(planted(""));
	cmdline_init("");
	assert_false(planted("nap_fence"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),   cmocka_unit_test(test_last_wins),
		cmocka_unit_test(test_quotes),  cmocka_unit_test(test_cut),
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_planted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
