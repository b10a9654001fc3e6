// SPDX-License-Identifier: MIT
/*
 * The neighbour's states: every state with every event against a table, whole lives on a made-up
 * clock, and random histories that must keep the invariants.
 */
#include "tests/unit/unit.h"

#include "apps/arpd/neigh.h"

static const u8 mac_a[6] = { 0x52, 0, 0, 0, 0, 0xa }, mac_b[6] = { 0x52, 0, 0, 0, 0, 0xb };

static unsigned step(struct neigh *n, enum neigh_event ev, const u8 *mac, u64 now)
{
	struct neigh_input in = { .event = ev, .mac = mac, .now = now, .jitter = 12345 };

	return neigh_step(n, &in);
}

struct rule {
	enum neigh_state from;
	enum neigh_event event;
	bool other_mac;
	enum neigh_state to;
	unsigned actions;
};

#define MISS  NEIGH_EV_MISS
#define REPLY NEIGH_EV_REPLY
#define HEARD NEIGH_EV_HEARD
#define TIMER NEIGH_EV_TIMER

/* mac_a is known in the published states; tries is 1; nothing changed lately. */
static const struct rule rules[] = {
	{ NEIGH_NONE, MISS, false, NEIGH_INCOMPLETE, NEIGH_BROADCAST },
	{ NEIGH_NONE, HEARD, false, NEIGH_STALE, NEIGH_PUBLISH },
	{ NEIGH_NONE, REPLY, false, NEIGH_REACHABLE, NEIGH_PUBLISH },
	{ NEIGH_NONE, TIMER, false, NEIGH_NONE, NEIGH_FORGET },
	{ NEIGH_INCOMPLETE, MISS, false, NEIGH_INCOMPLETE, 0 },
	{ NEIGH_INCOMPLETE, HEARD, false, NEIGH_DELAY, NEIGH_PUBLISH },
	{ NEIGH_INCOMPLETE, REPLY, false, NEIGH_REACHABLE, NEIGH_PUBLISH },
	{ NEIGH_INCOMPLETE, TIMER, false, NEIGH_INCOMPLETE, NEIGH_BROADCAST },
	{ NEIGH_REACHABLE, MISS, false, NEIGH_REACHABLE, NEIGH_PUBLISH },
	{ NEIGH_REACHABLE, HEARD, false, NEIGH_REACHABLE, 0 },
	{ NEIGH_REACHABLE, HEARD, true, NEIGH_STALE, NEIGH_PUBLISH },
	{ NEIGH_REACHABLE, REPLY, false, NEIGH_REACHABLE, 0 },
	{ NEIGH_REACHABLE, REPLY, true, NEIGH_REACHABLE, NEIGH_PUBLISH },
	{ NEIGH_REACHABLE, TIMER, false, NEIGH_STALE, 0 },
	{ NEIGH_STALE, MISS, false, NEIGH_DELAY, NEIGH_PUBLISH },
	{ NEIGH_STALE, HEARD, false, NEIGH_STALE, 0 },
	{ NEIGH_STALE, HEARD, true, NEIGH_STALE, NEIGH_PUBLISH },
	{ NEIGH_STALE, REPLY, false, NEIGH_REACHABLE, 0 },
	{ NEIGH_STALE, REPLY, true, NEIGH_REACHABLE, NEIGH_PUBLISH },
	{ NEIGH_STALE, TIMER, false, NEIGH_PROBE, NEIGH_UNICAST },
	{ NEIGH_DELAY, MISS, false, NEIGH_DELAY, NEIGH_PUBLISH },
	{ NEIGH_DELAY, HEARD, false, NEIGH_DELAY, 0 },
	{ NEIGH_DELAY, HEARD, true, NEIGH_STALE, NEIGH_PUBLISH },
	{ NEIGH_DELAY, REPLY, false, NEIGH_REACHABLE, 0 },
	{ NEIGH_DELAY, TIMER, false, NEIGH_PROBE, NEIGH_UNICAST },
	{ NEIGH_PROBE, MISS, false, NEIGH_PROBE, NEIGH_PUBLISH },
	{ NEIGH_PROBE, HEARD, false, NEIGH_PROBE, 0 },
	{ NEIGH_PROBE, HEARD, true, NEIGH_STALE, NEIGH_PUBLISH },
	{ NEIGH_PROBE, REPLY, false, NEIGH_REACHABLE, 0 },
	{ NEIGH_PROBE, REPLY, true, NEIGH_REACHABLE, NEIGH_PUBLISH },
	{ NEIGH_PROBE, TIMER, false, NEIGH_PROBE, NEIGH_UNICAST },
	{ NEIGH_FAILED, MISS, false, NEIGH_INCOMPLETE, NEIGH_BROADCAST },
	{ NEIGH_FAILED, HEARD, false, NEIGH_STALE, NEIGH_PUBLISH },
	{ NEIGH_FAILED, REPLY, false, NEIGH_REACHABLE, NEIGH_PUBLISH },
	{ NEIGH_FAILED, TIMER, false, NEIGH_NONE, NEIGH_FORGET },
};

static void test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *r = &rules[i];
		struct neigh n = { .state = r->from, .tries = 1, .deadline = 5000 };
		bool published = r->from >= NEIGH_REACHABLE && r->from <= NEIGH_PROBE;
		unsigned act;

		if (published)
			memcpy(n.mac, mac_a, 6);
		act = step(&n, r->event, r->other_mac ? mac_b : mac_a, 100000);
		if (n.state != r->to || act != r->actions)
			fail_msg("rule %zu (%s, event %d): %s, actions %u", i,
				 neigh_state_name(r->from), (int)r->event,
				 neigh_state_name(n.state), act);
		if (neigh_is_published(&n))
			assert_memory_equal(n.mac, r->other_mac ? mac_b : mac_a, 6);
		assert_true(n.state == NEIGH_NONE || n.deadline > 0);
	}
}

/* Runs the timer until an action of expect_end comes. Returns requests sent. */
static unsigned no_answer(struct neigh *n, unsigned expect_end, u64 *end)
{
	unsigned requests = 0;

	for (int i = 0; i < 100; i++) {
		unsigned act;

		*end = n->deadline;
		act = step(n, TIMER, NULL, n->deadline);
		requests += (act & (NEIGH_BROADCAST | NEIGH_UNICAST)) != 0;
		if (act & expect_end)
			return requests;
	}
	fail_msg("no end after 100 timers");
	return 0;
}

static void test_resolve_fails(void **state)
{
	struct neigh n = { 0 };
	u64 end;

	(void)state;
	assert_int_equal(step(&n, MISS, NULL, 1000), NEIGH_BROADCAST);
	assert_int_equal(n.deadline, 2000);
	/* 3 requests in all, a second apart, then FAILED a second after the last */
	assert_int_equal(no_answer(&n, NEIGH_FAIL, &end), 2);
	assert_int_equal(end, 4000);
	assert_int_equal(n.state, NEIGH_FAILED);
	/* within a second a miss fails at once, later it asks again */
	assert_int_equal(step(&n, MISS, NULL, 4999), NEIGH_FAIL);
	assert_int_equal(n.state, NEIGH_FAILED);
	assert_int_equal(step(&n, MISS, NULL, 5000), NEIGH_BROADCAST);
	assert_int_equal(n.state, NEIGH_INCOMPLETE);
	assert_int_equal(n.tries, 1);
	no_answer(&n, NEIGH_FAIL, &end);
	assert_int_equal(step(&n, TIMER, NULL, n.deadline), NEIGH_FORGET);
}

static void test_life(void **state)
{
	struct neigh n = { 0 };
	u64 end, t;

	(void)state;
	step(&n, MISS, NULL, 1000);
	assert_int_equal(step(&n, REPLY, mac_a, 1010), NEIGH_PUBLISH);
	assert_in_range(n.deadline - 1010, NEIGH_REACHABLE_MS / 2, NEIGH_REACHABLE_MS * 3 / 2);
	assert_int_equal(step(&n, TIMER, NULL, n.deadline), 0);
	assert_int_equal(n.state, NEIGH_STALE);
	assert_int_equal(step(&n, TIMER, NULL, n.deadline), NEIGH_UNICAST);
	t = n.asked;
	/* confirmed by the poll: nothing is published again */
	assert_int_equal(step(&n, REPLY, mac_a, t + 5), 0);
	assert_int_equal(n.state, NEIGH_REACHABLE);
	/* next round it is silent: withdrawn after 3 unicast requests */
	step(&n, TIMER, NULL, n.deadline);
	assert_int_equal(no_answer(&n, NEIGH_WITHDRAW, &end), 3);
	assert_int_equal(n.state, NEIGH_FAILED);
	/* it may have another MAC now: packets for it ask everybody at once */
	assert_int_equal(step(&n, MISS, NULL, end), NEIGH_BROADCAST);
}

static void test_flap(void **state)
{
	struct neigh n = { 0 };

	(void)state;
	step(&n, MISS, NULL, 1000);
	step(&n, REPLY, mac_a, 1010);
	assert_int_equal(step(&n, REPLY, mac_b, 1500), NEIGH_FLAP);
	assert_memory_equal(n.mac, mac_a, 6);
	assert_int_equal(step(&n, HEARD, mac_b, 2009), NEIGH_FLAP);
	assert_int_equal(step(&n, HEARD, mac_b, 2010), NEIGH_PUBLISH);
	assert_memory_equal(n.mac, mac_b, 6);
}

/* RFC 4861 7.2.5 and appendix C, row by row: state, flags, which address -> state, actions. */
static void test_adverts(void **state)
{
	enum { NO_MAC, SAME, OTHER };
	static const struct {
		enum neigh_state from;
		bool solicited, override;
		int mac;
		enum neigh_state to;
		unsigned actions;
		bool changed; /* the other address is taken */
	} rows[] = {
		{ NEIGH_INCOMPLETE, true, true, NO_MAC, NEIGH_INCOMPLETE, 0, false },
		{ NEIGH_INCOMPLETE, true, false, OTHER, NEIGH_REACHABLE, NEIGH_PUBLISH, true },
		{ NEIGH_INCOMPLETE, false, true, OTHER, NEIGH_STALE, NEIGH_PUBLISH, true },
		{ NEIGH_REACHABLE, true, false, OTHER, NEIGH_STALE, 0, false },
		{ NEIGH_REACHABLE, false, false, OTHER, NEIGH_STALE, 0, false },
		{ NEIGH_STALE, true, false, OTHER, NEIGH_STALE, 0, false },
		{ NEIGH_PROBE, true, false, OTHER, NEIGH_PROBE, 0, false },
		{ NEIGH_DELAY, false, false, OTHER, NEIGH_DELAY, 0, false },
		{ NEIGH_STALE, true, true, OTHER, NEIGH_REACHABLE, NEIGH_PUBLISH, true },
		{ NEIGH_REACHABLE, false, true, OTHER, NEIGH_STALE, NEIGH_PUBLISH, true },
		{ NEIGH_PROBE, true, true, SAME, NEIGH_REACHABLE, 0, false },
		{ NEIGH_PROBE, true, false, SAME, NEIGH_REACHABLE, 0, false },
		{ NEIGH_PROBE, true, false, NO_MAC, NEIGH_REACHABLE, 0, false },
		{ NEIGH_STALE, false, true, SAME, NEIGH_STALE, 0, false },
		{ NEIGH_PROBE, false, false, SAME, NEIGH_PROBE, 0, false },
		{ NEIGH_REACHABLE, false, true, SAME, NEIGH_REACHABLE, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct neigh n = { .state = rows[i].from, .tries = 1, .deadline = 2000 };
		struct neigh_input in = { .event = NEIGH_EV_ADVERT,
					  .mac = rows[i].mac == NO_MAC ? NULL
						 : rows[i].mac == SAME ? mac_a
								       : mac_b,
					  .solicited = rows[i].solicited,
					  .override = rows[i].override,
					  .now = 1000 };

		memcpy(n.mac, mac_a, 6);
		unsigned act = neigh_step(&n, &in);
		if (act != rows[i].actions || n.state != rows[i].to ||
		    memcmp(n.mac, rows[i].changed ? mac_b : mac_a, 6) != 0)
			fail_msg("row %zu: %s, actions %u", i, neigh_state_name(n.state), act);
		assert_int_equal(n.proven, rows[i].to == NEIGH_REACHABLE && rows[i].solicited);
	}
}

static void test_jitter_spreads(void **state)
{
	u64 lo = ~0ull, hi = 0;

	(void)state;
	for (u32 j = 0; j < 40000; j += 7) {
		struct neigh n = { .state = NEIGH_INCOMPLETE, .deadline = 1 };
		struct neigh_input in = {
			.event = NEIGH_EV_REPLY, .mac = mac_a, .now = 1, .jitter = j
		};

		neigh_step(&n, &in);
		lo = n.deadline < lo ? n.deadline : lo;
		hi = n.deadline > hi ? n.deadline : hi;
	}
	assert_in_range(lo, 15001, 15100);
	assert_in_range(hi, 44900, 45001);
}

/* What the engine must believe after a history, kept by its side of the actions. */
static void test_random_histories(void **state)
{
	(void)state;
	srand(4861);
	for (int life = 0; life < 3000; life++) {
		struct neigh n = { 0 };
		bool engine_has = false;
		u8 engine_mac[6] = { 0 };
		u64 now = 1000, last_ask = 0;

		for (int i = 0; i < 60; i++) {
			enum neigh_event ev = (enum neigh_event)(rand() % 4);
			const u8 *mac = rand() % 4 ? mac_a : mac_b;
			unsigned act;

			if (ev == TIMER && !n.deadline)
				continue;
			if (ev == TIMER)
				now = n.deadline > now ? n.deadline : now;
			else
				now += (u64)(rand() % 3000);
			act = step(&n, ev, mac, now);
			if (act & NEIGH_PUBLISH) {
				engine_has = true;
				memcpy(engine_mac, n.mac, 6);
			}
			if (act & (NEIGH_WITHDRAW | NEIGH_FAIL))
				engine_has = false;
			if (act & NEIGH_FORGET) {
				assert_false(engine_has);
				break;
			}
			assert_int_equal(engine_has, neigh_is_published(&n));
			if (engine_has)
				assert_memory_equal(engine_mac, n.mac, 6);
			if (act & NEIGH_BROADCAST) { /* RFC 1122 2.3.2.1: at most one a second */
				assert_true(!last_ask || now - last_ask >= 1000 || ev != TIMER);
				last_ask = now;
			}
			assert_true(n.deadline >= now || ev != TIMER);
			assert_true(n.tries <= NEIGH_TRIES);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_resolve_fails),
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_flap),
		cmocka_unit_test(test_jitter_spreads),
		cmocka_unit_test(test_adverts),
		cmocka_unit_test(test_random_histories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
