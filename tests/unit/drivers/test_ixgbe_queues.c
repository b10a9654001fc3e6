// SPDX-License-Identifier: MIT
/*
 * Several queues of the 82599 and its filters for flows: what all chips do alike; and which rules
 * go where: 128 filters with fields of their own (7.1.2.5), the Flow Director for the others
 * (7.1.2.7).
 */
#include "tests/unit/drivers/mq_chip.h"

enum { FILTERS = 128 };

/* Rules with an open field have 128 places; one that goes makes room. */
static void test_filters_full(void **state)
{
	static struct mq_flow f[FILTERS + 1];
	struct port_flow r;

	(void)state;
	for (u32 i = 0; i <= FILTERS; i++) {
		f[i] = mq_flow_random();
		r = mq_rule(&f[i], PORT_FLOW_OPEN_SPORT, i % FLOW_QUEUES);
		assert_int_equal(mq_set_rule(i, &r), i < FILTERS ? 0 : -ENOSPC);
	}
	for (u32 i = 0; i <= FILTERS; i++)
		assert_int_equal(mq_flow_queue(&f[i]),
				 i < FILTERS ? i % FLOW_QUEUES
					     : mq_flow_hash(&f[i]) % FLOW_RETA % FLOW_QUEUES);
	assert_int_equal(mq_set_rule(5, NULL), 0);
	assert_int_equal(mq_set_rule(FILTERS, &r), 0);
	assert_int_equal(mq_flow_queue(&f[FILTERS]), FILTERS % FLOW_QUEUES);
}

/* Flows of one bucket: the hash is of the sum of addresses and ports. */
static void test_one_bucket(void **state)
{
	struct mq_flow f[64];

	(void)state;
	for (u32 i = 0; i < 64; i++) {
		struct port_flow r;

		f[i] = (struct mq_flow){ 0x0a000000 + i, 0x0b000000 + i, 7, 9, 17 };
		r = mq_rule(&f[i], 0, i % FLOW_QUEUES);
		assert_int_equal(mq_set_rule(i, &r), 0);
	}
	for (u32 i = 0; i < 64; i += 3)
		assert_int_equal(mq_set_rule(i, NULL), 0);
	for (u32 i = 0; i < 64; i++)
		assert_int_equal(mq_flow_queue(&f[i]),
				 i % 3 ? i % FLOW_QUEUES
				       : mq_flow_hash(&f[i]) % FLOW_RETA % FLOW_QUEUES);
}

/* A command that the device never ends: after some time, without the Flow Director; its rules go
 * to filters, and frames flow. */
static void test_command_stuck(void **state)
{
	struct mq_flow f = mq_flow_random(), g = mq_flow_random();
	struct port_flow r = mq_rule(&f, 0, 1), s = mq_rule(&g, 0, 2);
	int err = -EAGAIN;

	(void)state;
	assert_true(nicsim_fault_set(model_nicsim_dev(rig.model), "fdir-stuck", ~0ull, 0));
	for (u32 i = 0; i < 400 && err == -EAGAIN; i++) {
		err = rig.port->ops->flow(rig.port, 0, &r);
		mq_run(1);
	}
	assert_int_equal(err, 0);
	assert_int_equal(mq_set_rule(1, &s), 0);
	assert_int_equal(mq_flow_queue(&f), 1);
	assert_int_equal(mq_flow_queue(&g), 2);
	assert_true(nicsim_fault_set(model_nicsim_dev(rig.model), "fdir-stuck", 0, 0));
	assert_int_equal(mq_set_rule(0, NULL), 0);
	assert_int_equal(mq_set_rule(1, NULL), 0);
}

/* Planted: registers of the Flow Director that take each other's values, or bytes in the other
 * order. Rules then stand for other flows, which their own must show. */
enum { FDIRIPSA = 0xee18, FDIRIPDA = 0xee1c, FDIRPORT = 0xee20, FDIRHASH = 0xee28 };

static void (*right_wr)(void *m, u32 bar, u64 off, u32 bytes, u64 v);
static u32 wrong;

static void wrong_wr(void *m, u32 bar, u64 off, u32 bytes, u64 v)
{
	bool address = off == FDIRIPSA || off == FDIRIPDA;

	if (address && wrong == 0)
		off ^= FDIRIPSA ^ FDIRIPDA;
	else if (address && wrong == 1)
		v = __builtin_bswap32((u32)v);
	else if (off == FDIRPORT && wrong == 2)
		v = (u32)v << 16 | (u32)v >> 16;
	else if (off == FDIRHASH && wrong == 3)
		v ^= 1; /* another bucket: nothing is found there */
	right_wr(m, bar, off, bytes, v);
}

static void test_planted_registers(void **state)
{
	(void)state;
	right_wr = rig.model->wr;
	rig.model->wr = wrong_wr;
	for (wrong = 0; wrong < 4; wrong++)
		assert_true(mq_rules_missed() > 0);
	rig.model->wr = right_wr;
	assert_int_equal(mq_rules_missed(), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, chip_setup_all, chip_teardown)
	const struct CMUnitTest tests[] = {
		T(test_filters_full),
		T(test_one_bucket),
		T(test_command_stuck),
		T(test_planted_registers),
	};

	return mq_flows_run() + mq_rules_run() +
	       cmocka_run_group_tests_name("82599 rules", tests, NULL, NULL);
}
