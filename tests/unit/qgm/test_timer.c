// SPDX-License-Identifier: MIT
/* qgm/timer.c against a plain list: random arms, cancels and jumps of the clock. */
#include "tests/unit/unit.h"

#include "qgm/timer.h"

enum { N = 500, HZ = 1000000000 };

static struct timer_wheel w;
static u64 now;

struct item {
	struct timer t;
	u64 when; /* 0: not armed */
	u32 fired;
};
static struct item items[N];

static void fire(struct qgm *q, struct timer *t)
{
	struct item *i = container_of(t, struct item, t);

	assert_null(q);
	assert_true(i->when && i->when <= now); /* never before its time */
	assert_false(timer_armed(t));
	i->when = 0;
	i->fired++;
}

static u64 earliest(void)
{
	u64 best = ~0ull;

	for (u32 i = 0; i < N; i++)
		if (items[i].when)
			best = MIN(best, items[i].when);
	return best;
}

static void against_list(void **state)
{
	u64 tick, seed = 0x9e3779b97f4a7c15ull;
	u32 fired = 0;

	(void)state;
	now = 123456789012345;
	timer_wheel_init(&w, now, HZ);
	tick = 1ull << w.shift;
	assert_in_range(tick, HZ / 2000, HZ / 1000);
	for (u32 i = 0; i < N; i++)
		items[i] = (struct item){ .t.fn = fire };
	for (u32 step = 0; step < 200000; step++) {
		struct item *i;

		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		i = &items[(seed >> 33) % N];
		switch (seed >> 60) {
		case 0 ... 6: /* delays of all sizes, from nothing to beyond the wheel */
			i->when = now + (seed & ((1ull << (seed >> 40 & 63) % 52) - 1));
			timer_arm(&w, &i->t, i->when);
			break;
		case 7 ... 8:
			timer_cancel(&w, &i->t);
			i->when = 0;
			break;
		default:
			now += seed & ((1ull << (seed >> 40 & 63) % 36) - 1);
			fired += timer_run(&w, NULL, now, ~0u);
			for (u32 k = 0; k < N; k++) /* at most one tick late */
				assert_true(!items[k].when || items[k].when + 2 * tick > now);
		}
		if (step % 64 == 0)
			assert_true(timer_next(&w) <= earliest() + tick || earliest() == ~0ull);
	}
	assert_true(fired > 10000);
	/* Everything fires in the end, whatever the jump. */
	now += 1ull << 53;
	timer_run(&w, NULL, now, ~0u);
	assert_int_equal(earliest(), ~0ull);
	assert_int_equal(w.armed, 0);
	assert_int_equal(timer_next(&w), ~0ull);
	for (u32 l = 0; l < TIMER_LEVELS; l++)
		assert_int_equal(w.occupied[l], 0);
}

static void bounded(void **state)
{
	u32 n = 0;

	(void)state;
	now = 1;
	timer_wheel_init(&w, now, HZ);
	for (u32 i = 0; i < N; i++) {
		items[i] = (struct item){ .t.fn = fire, .when = 1000 };
		timer_arm(&w, &items[i].t, 1000);
	}
	now += HZ;
	while (n < N) {
		u32 k = timer_run(&w, NULL, now, 64);

		assert_true(k == 64 || n + k == N);
		n += k;
		assert_true(n == N || timer_next(&w) == 0);
	}
}

static void clock_backwards(void **state)
{
	(void)state;
	now = HZ;
	timer_wheel_init(&w, now, HZ);
	items[0] = (struct item){ .t.fn = fire, .when = now + HZ };
	timer_arm(&w, &items[0].t, now + HZ);
	assert_int_equal(timer_run(&w, NULL, now - HZ / 2, 9), 0);
	assert_int_equal(timer_run(&w, NULL, now + HZ / 2, 9), 0);
	assert_int_equal(timer_run(&w, NULL, now, 9), 0);
	now += HZ + HZ / 100;
	assert_int_equal(timer_run(&w, NULL, now, 9), 1);
}

static u32 chain_left;

static void chain(struct qgm *q, struct timer *t)
{
	(void)q;
	if (chain_left--)
		timer_arm(&w, t, now); /* again, at the next tick */
}

/* A timer that arms itself in its own function does not spin within one call. */
static void rearm_inside(void **state)
{
	struct timer t = { .fn = chain };

	(void)state;
	now = HZ;
	timer_wheel_init(&w, now, HZ);
	chain_left = 5;
	timer_arm(&w, &t, now);
	for (u32 i = 0; i < 6; i++) {
		now += HZ / 500;
		assert_int_equal(timer_run(&w, NULL, now, ~0u), 1);
	}
	assert_false(timer_armed(&t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_list),
		cmocka_unit_test(bounded),
		cmocka_unit_test(clock_backwards),
		cmocka_unit_test(rearm_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
