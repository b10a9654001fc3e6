// SPDX-License-Identifier: MIT
/* pix.cores=: what is understood, and where each kind of mistake is pointed at. */
#include "tests/unit/unit.h"
#include "kernel/smp.h"

static enum partition part[CPU_MAX];

static void good(const char *text, u32 ncpu, const char *want)
{
	size_t at = 999;

	assert_int_equal(cores_parse(text, ncpu, part, &at), 0);
	for (u32 i = 0; i < ncpu; i++)
		assert_int_equal("-gqa"[part[i]], want[i]);
}

static void bad(const char *text, u32 ncpu, size_t want_at)
{
	size_t at = 999;

	assert_true(cores_parse(text, ncpu, part, &at) < 0);
	assert_int_equal(at, want_at);
}

static void test_good(void **state)
{
	(void)state;
	good("generic:0", 1, "g");
	good("generic:0,qgm:1-3", 4, "gqqq");
	good("generic:0,qgm:1-3,app:4", 6, "gqqqa-");
	good("qgm:1,generic:0", 2, "gq");
	good("generic:0+2,qgm:1+3-4", 5, "gqgqq");
	good("generic:0,2,qgm:1", 3, "gqg");
	good("generic:0,off:1,qgm:2", 3, "g-q");
	good("generic:0-63", 64,
	     "gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg");
}

static void test_bad(void **state)
{
	(void)state;
	bad("", 2, 0);
	bad("generic", 2, 0);
	bad("generic:", 2, 8);
	bad("fast:0", 2, 0);
	bad("generic:0,qgm:2", 2, 14);   /* no such core */
	bad("generic:0,qgm:0", 2, 14);   /* twice */
	bad("generic:0,qgm:1-", 2, 16);  /* open range */
	bad("generic:0,qgm:3-1", 4, 16); /* backwards */
	bad("generic:0;qgm:1", 2, 9);    /* separator */
	bad("generic:0,", 2, 10);
	bad("generic:1,qgm:0", 2, 0); /* CPU 0 must be generic */
	bad("qgm:1", 2, 0);
	bad("generic:0,qgm:99999999999", 4, 14);
	bad("generic:-1", 4, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
