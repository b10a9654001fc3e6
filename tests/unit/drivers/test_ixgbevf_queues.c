// SPDX-License-Identifier: MIT
/*
 * Several queues of a virtual function of the 82599. Key and table of the hash are the host's; the
 * function says by VFPSRTYPE.RQPL how many low bits of a table's entry choose its queue (data sheet
 * 7.1.2.8, 8.3). What the host's hash says is computed here bit by bit.
 */
#include "tests/unit/drivers/mq_chip.h"

enum { QUEUES = 4, FLOWS = 512, LEN = 64, VFPSRTYPE = 0x300, RQPL_SHIFT = 29 };

static int setup(void **state)
{
	(void)state;
	chip_begin(QUEUES, false);
	assert_int_equal(mq.queues, QUEUES);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mq_end();
	return 0;
}

/* The host's: the verification key of the specification of RSS, and queues in turn. */
static u32 hash(const struct mq_flow *f)
{
	static const u8 key[40] = { 0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
				    0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
				    0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
				    0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa };
	u32 in[3] = { f->src, f->dst, (u32)f->sport << 16 | f->dport }, h = 0;

	for (u32 i = 0; i < 96; i++) {
		u32 window = 0;

		if (!(in[i / 32] >> (31 - i % 32) & 1))
			continue;
		for (u32 b = i; b < i + 32; b++)
			window = window << 1 | (key[b / 8] >> (7 - b % 8) & 1);
		h ^= window;
	}
	return h;
}

static u32 queue_of(const struct mq_flow *flow, u32 seq)
{
	struct packet *pkt[BURST_MAX];
	u32 queue = ~0u;
	u8 f[LEN];

	mq_frame(f, LEN, flow, seq);
	memcpy(f, rig.port->mac, 6);
	assert_true(rig.model->inject(rig.model, f, LEN));
	for (u32 q = 0; q < QUEUES; q++) {
		if (!mq_rx(q, pkt, BURST_MAX))
			continue;
		assert_int_equal(queue, ~0u); /* nowhere else */
		assert_int_equal(mq_seq(pkt[0]->data), seq);
		pool_put(mq.pc[q], pkt, 1);
		queue = q;
	}
	assert_true(queue != ~0u);
	return queue;
}

/* Flows that do not come to the queue that so many bits choose; how many each queue got. */
static u32 misplaced(u32 bits, u32 seen[QUEUES])
{
	u32 wrong = 0;

	memset(seen, 0, QUEUES * sizeof(*seen));
	for (u32 i = 0; i < FLOWS; i++) {
		struct mq_flow f = mq_flow_random();
		u32 queue = queue_of(&f, i + 1);

		seen[queue]++;
		wrong += queue != (hash(&f) & 127) % 4 % (1u << bits);
		wrong += queue != queue_of(&f, i + 1); /* one flow, one queue */
	}
	return wrong;
}

static void test_spread(void **state)
{
	u32 seen[QUEUES];
	double chi = 0;

	(void)state;
	assert_int_equal(misplaced(2, seen), 0);
	for (u32 q = 0; q < QUEUES; q++)
		chi += (seen[q] - FLOWS / 4.0) * (seen[q] - FLOWS / 4.0) / (FLOWS / 4.0);
	assert_true(chi < 16.3); /* p = 0.001 with 3 degrees of freedom */
	print_message("%u flows over 4 queues, chi-square %.2f\n", (u32)FLOWS, chi);
}

/* QGMs come and go: the largest power of two of queues from 0 on that are up. */
static void test_queues_leave(void **state)
{
	static const struct {
		u64 up;
		u32 bits;
	} cases[] = { { 0xf, 2 }, { 0x7, 1 }, { 0x3, 1 }, { 0x1, 0 },
		      { 0xd, 0 }, { 0xb, 1 }, { 0xf, 2 } };
	u32 seen[QUEUES];

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		mq_spread(cases[i].up);
		assert_int_equal(misplaced(cases[i].bits, seen), 0);
		for (u32 q = 0; q < QUEUES; q++)
			assert_int_equal(seen[q] != 0, q < 1u << cases[i].bits);
	}
}

/* After a stop all is queue 0's, until it is spread again. */
static void test_after_a_start(void **state)
{
	u32 seen[QUEUES];

	(void)state;
	assert_int_equal(mq_stop(2000), 0);
	assert_int_equal(mq_start(2000, 1000), 0);
	mq_run(20);
	assert_int_equal(misplaced(0, seen), 0);
	mq_spread(0xf);
	assert_int_equal(misplaced(2, seen), 0);
}

/* Planted: a bit less than is meant, and none. */
static void (*right_wr)(void *m, u32 bar, u64 off, u32 bytes, u64 v);
static u32 lost_bits;

static void wrong_wr(void *m, u32 bar, u64 off, u32 bytes, u64 v)
{
	if (off == VFPSRTYPE)
		v = (v >> RQPL_SHIFT >> lost_bits) << RQPL_SHIFT;
	right_wr(m, bar, off, bytes, v);
}

static void test_planted(void **state)
{
	u32 seen[QUEUES];

	(void)state;
	right_wr = rig.model->wr;
	rig.model->wr = wrong_wr;
	for (lost_bits = 1; lost_bits <= 2; lost_bits++) {
		mq_spread(0xf);
		assert_true(misplaced(2, seen) > 0);
	}
	rig.model->wr = right_wr;
	mq_spread(0xf);
	assert_int_equal(misplaced(2, seen), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_spread),
		T(test_queues_leave),
		T(test_after_a_start),
		T(test_planted),
	};

	return cmocka_run_group_tests_name("queues of a virtual function", tests, NULL, NULL);
}
