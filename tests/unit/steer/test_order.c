// SPDX-License-Identifier: MIT
/*
 * Order within each flow, in every mode and while modes, workers and flow rules change: simulated
 * (any schedule, from a seed) and on threads. With the marker left out (planted bug steer-mark) it
 * must be seen to break. ORDER_LONG=1: 10^8 frames and many seeds.
 */
#include "tests/unit/unit.h"

#include "tests/unit/steer/order.h"

static bool long_form(void)
{
	return getenv("ORDER_LONG") != NULL;
}

static void show(const char *what, const struct order_setup *s, const struct order_result *r)
{
	print_message("%s: seed %lu, %u QGMs, %u/%u queues: %lu sent, %lu out, %lu drops, %lu "
		      "steered, %lu moves, %lu out of order, law %s\n",
		      what, s->seed, s->nqgm, s->rx, s->tx, r->sent, r->out, r->drops, r->steered,
		      r->moves, r->disorder, r->law ? r->law : "holds");
}

static u64 steered, sent;

static void right(const struct order_result *r)
{
	assert_int_equal(r->disorder, 0);
	assert_int_equal(r->damaged, 0);
	assert_null(r->law);
	assert_true(r->gaps <= r->drops);
	assert_true(r->out > r->sent / 2); /* it is a test of forwarding, not of dropping */
	steered += r->steered;
	sent += r->sent;
	assert_true(r->moves > 20);
}

/* Over all runs of a test: modes that hand frames over were in force for a good part. */
static void steered_much(void)
{
	assert_true(steered > sent / 5);
	steered = sent = 0;
}

static const struct {
	u32 nqgm;
	u16 rx, tx;
} shapes[] = {
	{ 2, 1, 1 }, { 3, 1, 1 }, { 4, 1, 1 }, { 3, 1, 8 }, { 4, 2, 2 }, { 4, 2, 8 }, { 6, 1, 3 },
};

static void simulated(void **state)
{
	u64 seeds = long_form() ? 200 : 1;

	(void)state;
	for (u64 seed = 1; seed <= seeds; seed++) {
		for (u32 i = 0; i < ARRAY_SIZE(shapes); i++) {
			struct order_setup s = { .seed = seed * 977 + i,
						 .nqgm = shapes[i].nqgm,
						 .rx = shapes[i].rx,
						 .tx = shapes[i].tx,
						 .frames = 120000,
						 .window = 3000 };
			struct order_result r;

			order_simulate(&s, &r);
			show("simulated", &s, &r);
			right(&r);
		}
	}
	steered_much();
}

static void simulated_planted(void **state)
{
	u64 seen = 0;

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct order_setup s = { .seed = 5 + i,
					 .nqgm = shapes[i].nqgm,
					 .rx = shapes[i].rx,
					 .tx = shapes[i].tx,
					 .plant = "steer-mark",
					 .frames = 120000,
					 .window = 3000 };
		struct order_result r;

		order_simulate(&s, &r);
		show("without the marker", &s, &r);
		assert_null(r.law);
		seen += r.disorder != 0;
	}
	assert_int_equal(seen, ARRAY_SIZE(shapes));
}

static void threads(void **state)
{
	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct order_setup s = { .seed = 11 + i,
					 .nqgm = shapes[i].nqgm,
					 .rx = shapes[i].rx,
					 .tx = shapes[i].tx,
					 .frames = long_form() ? 15000000 : 120000,
					 .window = 600 };
		struct order_result r;

		order_threads(&s, &r);
		show("threads", &s, &r);
		right(&r);
	}
	steered_much();
}

static void threads_planted(void **state)
{
	struct order_setup s = { .seed = 3,
				 .nqgm = 3,
				 .rx = 1,
				 .tx = 1,
				 .plant = "steer-mark",
				 .frames = 1000000,
				 .window = 3000 };
	struct order_result r = { 0 };

	(void)state;
	for (u32 i = 0; i < 5 && !r.disorder; i++, s.seed++) {
		order_threads(&s, &r);
		show("threads without the marker", &s, &r);
	}
	assert_int_not_equal(r.disorder, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(simulated),
		cmocka_unit_test(simulated_planted),
		cmocka_unit_test(threads),
		cmocka_unit_test(threads_planted),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	host_reset();
	return r;
}
