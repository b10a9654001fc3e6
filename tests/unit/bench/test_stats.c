// SPDX-License-Identifier: MIT
/* tools/bench/stats: medians, pairs, targets and the line of JSON, with known answers. */
#include "tests/unit/unit.h"

#include "tools/bench/stats.h"

#include <math.h>

static struct series of(unsigned n, const double *v)
{
	struct series s = { 0 };

	for (unsigned i = 0; i < n; i++)
		assert_true(series_add(&s, v[i]));
	return s;
}

#define OF(...) of(sizeof((double[]){ __VA_ARGS__ }) / sizeof(double), (double[]){ __VA_ARGS__ })

static void near(double a, double b)
{
	if (fabs(a - b) > 1e-9 * fmax(1, fabs(b)))
		fail_msg("%g is not %g", a, b);
}

static void medians(void **state)
{
	struct series s = OF(5, 1, 4, 2, 3), even = OF(4, 1, 3, 2), none = { 0 };
	struct series one = OF(7);

	(void)state;
	near(series_median(&s), 3);
	near(series_min(&s), 1);
	near(series_max(&s), 5);
	near(s.v[0], 5); /* rounds keep their order */
	near(series_median(&even), 2.5);
	near(series_median(&none), 0);
	near(series_min(&none), 0);
	near(series_max(&none), 0);
	near(series_median(&one), 7);
}

static void refused(void **state)
{
	struct series s = { 0 };

	(void)state;
	assert_false(series_add(&s, -1));
	assert_false(series_add(&s, INFINITY));
	assert_false(series_add(&s, NAN));
	assert_int_equal(s.n, 0);
	for (unsigned i = 0; i < STATS_ROUNDS_MAX; i++)
		assert_true(series_add(&s, i));
	assert_false(series_add(&s, 1));
	near(series_median(&s), 50);
}

/* The ratio is the median over pairs, not the ratio of medians: the machine's mood moves both. */
static void pairs(void **state)
{
	struct series a = OF(10, 20, 60), b = OF(5, 20, 20), other = OF(1, 2), zero = OF(1, 0, 1);
	struct series none = { 0 };

	(void)state;
	near(series_pair_ratio(&a, &b), 2); /* 2, 1, 3; of the medians it would be 1 */
	near(series_pair_ratio(&a, &other), 0);
	near(series_pair_ratio(&a, &zero), 0);
	near(series_pair_ratio(&none, &none), 0);
}

static void targets(void **state)
{
	struct result r = { .unit = "Mpps", .ratio = 1.6, .target = 1.5 };

	(void)state;
	assert_true(result_reached(&r));
	r.ratio = 1.4;
	assert_false(result_reached(&r));
	r.unit = "cycles/object";
	assert_true(result_reached(&r));
	r.ratio = 1.51;
	assert_false(result_reached(&r));
	r.ratio = 0; /* no pair was measured */
	assert_false(result_reached(&r));
	r.target = 0;
	assert_true(result_reached(&r));
	assert_true(unit_lower_is_better("s"));
	assert_true(unit_lower_is_better("MiB"));
	assert_false(unit_lower_is_better("stations"));
	assert_false(unit_lower_is_better("Mlookup/s"));
}

static void json(void **state)
{
	struct result r = {
		.bench = "fib4-random",
		.unit = "Mlookup/s",
		.peer = "rte_fib \"2B\"",
		.cpu = "a\\b",
		.note = "tab\there",
		.pix = 141.25,
		.pix_min = 140,
		.pix_max = 150,
		.peer_value = 98.4,
		.peer_min = 98,
		.peer_max = 99,
		.ratio = 1.4375,
		.target = 1.5,
		.rounds = 7,
	};
	char line[512] = "", small[64];
	size_t n;

	(void)state;
	n = result_json(&r, line, sizeof(line));
	assert_int_equal(n, strlen(line));
	assert_string_equal(
		line,
		"{\"bench\":\"fib4-random\",\"unit\":\"Mlookup/s\",\"pix\":141.25,"
		"\"pix_min\":140,\"pix_max\":150,\"peer\":\"rte_fib \\\"2B\\\"\","
		"\"peer_value\":98.4,\"peer_min\":98,\"peer_max\":99,\"ratio\":1.4375,"
		"\"target\":1.5,\"rounds\":7,\"cpu\":\"a\\\\b\",\"note\":\"tab\\u0009here\"}");
	assert_int_equal(result_json(&r, small, sizeof(small)), 0);
	r.peer = "";
	r.target = 0;
	assert_true(result_json(&r, line, sizeof(line)) > 0);
	assert_non_null(strstr(line, "\"peer\":\"\",\"peer_value\":null,\"peer_min\":null,"
				     "\"peer_max\":null,\"ratio\":null,\"target\":null,"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(medians), cmocka_unit_test(refused), cmocka_unit_test(pairs),
		cmocka_unit_test(targets), cmocka_unit_test(json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
