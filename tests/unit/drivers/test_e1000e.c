// SPDX-License-Identifier: MIT
/*
 * The e1000e driver on the model of the 82574L: what all NICs do alike with one queue (suite.c),
 * what all do with several (mq_suite.c, mq_flows.c), and what is this chip's.
 */
#include "tests/unit/drivers/mq_chip.h"

enum { BUFFERS = 1024 };

static struct model *model(void)
{
	return model_nicsim(chip.spec);
}

struct nic_under_test nic = { model, &e1000e_driver, 0x8086, 0x10d3, 255, 255, 1, 100 };

/* Each value is added once although reading clears, and none is lost; those of 64 bits are read in
 * two halves. */
static void test_statistics(void **state)
{
	(void)state;
	for (u32 i = 0; i < 1000; i++)
		mq_through(i % mq.queues, 60 + i);
	mq_run(1000);
	assert_int_equal(mq_stat("GPRC"), 1000);
	assert_int_equal(mq_stat("GPTC"), 1000);
	/* Bytes with the FCS: the sum of 64 .. 1063. */
	assert_int_equal(mq_stat("GORC"), 1000 * (64 + 1063) / 2);
	assert_int_equal(mq_stat("GOTC"), 1000 * (64 + 1063) / 2);
	assert_int_equal(mq_stat("PRC64"), 1);
	assert_int_equal(mq_stat("PTC1522"), 1063 - 1023);
	assert_int_equal(mq_stat("CRCERRS"), 0);
	mq_run(2000);
	assert_int_equal(mq_stat("GORC"), 1000 * (64 + 1063) / 2);
}

static void test_registers(void **state)
{
	const struct port_regs *r = &rig.port->regs;

	(void)state;
	assert_int_equal(mq_reg("RDLEN"), 4096);
	assert_int_equal(mq_reg("RDLEN1"), 4096);
	assert_int_equal(mq_reg("TDLEN1"), 4096);
	assert_int_equal(mq_reg("RAL0"), 0x12005452);
	assert_int_equal(mq_reg("STATUS"), 0x80083);
	assert_int_equal(mq_reg("MRQC") & 3, 1);
	assert_int_equal(mq_reg("IVAR"), 0x98);
	assert_int_equal(mq_reg("RFCTL"), 0x8000);
	for (u32 i = 0; i < r->count; i++) { /* two names for one register: a mistake */
		assert_true(strlen(r->table[i].name) < 24);
		for (u32 k = 0; k < i; k++)
			assert_int_not_equal(r->table[i].off, r->table[k].off);
	}
	mq_through(1, 64);
}

/* With one queue nothing is spread, whatever the hash. */
static void test_one_queue(void **state)
{
	u8 f[64];

	(void)state;
	assert_int_equal(rig.port->reta_size, 0);
	for (u32 i = 0; i < 200; i++) {
		struct mq_flow flow = mq_flow_random();

		mq_frame(f, sizeof(f), &flow, i);
		assert_true(rig.model->inject(rig.model, f, sizeof(f)));
	}
	assert_int_equal(mq_run(5), 200);
}

/* IPv6 is spread too, and both directions meet. */
static void test_ipv6(void **state)
{
	u32 count[2] = { 0 };

	(void)state;
	for (u32 i = 0; i < 1000; i++) {
		struct packet *pkt[BURST_MAX];
		u32 queue[2] = { 9, 9 };
		struct mq_flow flow = mq_flow_random();

		for (u32 way = 0; way < 2; way++) {
			u8 f[74];

			frame_fill(f, sizeof(f), i);
			memcpy(f + 22, &flow, sizeof(flow));
			memcpy(f + 12, (const u8[]){ 0x86, 0xdd, 0x60, 0, 0, 0, 0, 20, 6, 64 }, 10);
			if (way) {
				u8 swap[18];

				memcpy(swap, f + 22, 16);
				memcpy(swap + 16, f + 54, 2);
				memmove(f + 22, f + 38, 16);
				memmove(f + 54, f + 56, 2);
				memcpy(f + 38, swap, 16);
				memcpy(f + 56, swap + 16, 2);
			}
			assert_true(rig.model->inject(rig.model, f, sizeof(f)));
			for (u32 q = 0; q < 2; q++) {
				u32 n = mq_rx(q, pkt, BURST_MAX);

				if (n) {
					queue[way] = q;
					pool_put(mq.pc[q], pkt, n);
				}
			}
		}
		assert_true(queue[0] < 2 && queue[0] == queue[1]);
		count[queue[0]]++;
	}
	assert_true(count[0] > 420 && count[1] > 420);
}

/* A pair that leaves with a ring that is about to be full would hold up the other: a reset. With
 * descriptors to spare there is none. */
static void test_full_pair_leaves(void **state)
{
	struct mq_flow f;
	struct reta r;
	u8 frame[64];

	(void)state;
	assert_int_equal(reta_init(&r, 128), 0);
	memset(r.entry, 0, 128);
	rig.port->ops->spread(rig.port, &r);
	assert_int_equal(rig.port->want_reset, 0);
	mq_spread(3);
	do
		f = mq_flow_random();
	while (mq_flow_queue(&f) != 1);
	mq_frame(frame, sizeof(frame), &f, 0);
	for (u32 i = 0; i < 200; i++)
		rig.model->inject(rig.model, frame, sizeof(frame));
	rig.port->ops->spread(rig.port, &r);
	assert_int_equal(rig.port->want_reset, 1);
	mq_run(50);
	assert_int_equal(rig.port->nic.resets, 1);
	assert_int_equal(mq_flow_queue(&f), 1);
}

/* The hot path writes one tail a burst of each direction and reads no register. */
static u32 reads, tails;

static u64 count_rd(void *m, u32 bar, u64 off, u32 bytes)
{
	(void)m;
	(void)bar;
	(void)off;
	(void)bytes;
	reads++;
	return 0;
}

static void count_wr(void *m, u32 bar, u64 off, u32 bytes, u64 v)
{
	(void)m;
	(void)bar;
	(void)off;
	(void)bytes;
	(void)v;
	tails++;
}

static void test_doorbells(void **state)
{
	u64 (*rd)(void *, u32, u64, u32) = rig.model->rd;
	void (*wr)(void *, u32, u64, u32, u64) = rig.model->wr;
	struct packet *pkt[BURST_MAX];
	u32 n;

	(void)state;
	for (u32 i = 0; i < 64; i++)
		assert_true(chip_inject(64, i));
	reads = tails = 0;
	rig.model->rd = count_rd;
	rig.model->wr = count_wr;
	n = mq_rx(0, pkt, BURST_MAX);
	assert_int_equal(n, 64);
	assert_int_equal(tails, 1);
	assert_int_equal(rig.port->ops->tx(rig.port, 0, pkt, n), 64);
	assert_int_equal(tails, 2);
	assert_int_equal(rig.port->ops->reclaim(rig.port, 0, mq.pc[0]), 0);
	assert_int_equal(reads, 0);
	rig.model->rd = rd;
	rig.model->wr = wr;
	assert_int_equal(mq_stop(2000), 0); /* those tails were never told */
}

/* Interrupts far apart: the second frame's comes when the interval is over. */
static void test_moderation(void **state)
{
	struct mq_setup s = chip_setup_of(2, false);
	u32 was;

	(void)state;
	assert_int_equal(mq_probe(&s), 0);
	rig.port->irq_interval = 10000;
	assert_int_equal(mq_start(2000, 1000), 0);
	mq_run(20);
	rig.port->ops->arm(rig.port, 0, true);
	was = rig.model->interrupts;
	assert_true(chip_inject(64, 1));
	assert_int_equal(rig.model->interrupts, was + 1);
	assert_int_equal(mq_run(1), 1);
	rig.port->ops->arm(rig.port, 0, true);
	assert_true(chip_inject(64, 2));
	mq_wait(1);
	assert_int_equal(rig.model->interrupts, was + 1);
	mq_wait(10);
	assert_int_equal(rig.model->interrupts, was + 2);
	assert_int_equal(mq_run(1), 1);
	mq_end();
}

/* A frame that was polled does not end a later sleep. */
static void test_polled_frames_wake_nobody(void **state)
{
	u32 was = rig.model->interrupts;

	(void)state;
	assert_true(chip_inject(64, 1));
	assert_int_equal(mq_run(1), 1);
	assert_false(rig.port->ops->arm(rig.port, 0, true));
	assert_int_equal(rig.model->interrupts, was);
	assert_true(chip_inject(64, 2));
	assert_int_equal(rig.model->interrupts, was + 1);
	rig.port->ops->arm(rig.port, 0, false);
	assert_int_equal(mq_run(1), 1);
}

/* --- probe --------------------------------------------------------------------------------- */

/* Kinds of rig.h: one pair is content with a line, two need messages of their own. */
static void test_interrupts(void **state)
{
	(void)state;
	for (u32 pairs = 1; pairs <= 2; pairs++) {
		for (u32 kind = 0; kind <= 3; kind++) {
			struct mq_setup s = chip_setup_of(pairs, false);

			s.irq = false;
			assert_int_equal(mq_probe(&s), 0);
			rig.irq_kind = kind;
			memset(rig.vector_qgm, 0, sizeof(rig.vector_qgm));
			rig.port->ops->attach(rig.port, 0);
			assert_int_equal(rig.port->can_wake, kind == 1 || (kind && pairs == 1));
			assert_int_equal(mq_start(2000, 1000), 0);
			mq_run(20);
			rig.port->ops->arm(rig.port, 0, true);
			assert_int_equal(rig.rearmed, pairs == 1 && kind > 1);
			mq_end();
		}
	}
}

/* One entry only: the second pair's QGM looks by the clock. */
static void test_too_few_vectors(void **state)
{
	struct mq_setup s = chip_setup_of(2, false);

	(void)state;
	s.irq = false;
	assert_int_equal(mq_probe(&s), 0);
	rig.irq_kind = 1;
	rig.vectors = 1;
	rig.port->ops->attach(rig.port, 0);
	assert_false(rig.port->can_wake);
	assert_int_equal(rig.port->wake_queues, 1);
	assert_int_equal(mq_start(2000, 1000), 0);
	mq_run(20);
	assert_false(rig.port->ops->arm(rig.port, 1, true));
	mq_end();
}

static void test_probe_refuses(void **state)
{
	struct model *m = model();

	(void)state;
	m->removed = true;
	assert_int_not_equal(rig_start(m, nic.driver, nic.vendor, nic.device, BUFFERS), 0);
	assert_string_equal(rig.dev.reason, "its registers do not answer");
	rig_end();
	m = model();
	m->bar_size[0] = 0;
	assert_int_not_equal(rig_start(m, nic.driver, nic.vendor, nic.device, BUFFERS), 0);
	rig_end();
}

int main(void)
{
#define T(f)  cmocka_unit_test_setup_teardown(f, chip_setup1, chip_teardown)
#define T2(f) cmocka_unit_test_setup_teardown(f, chip_setup2, chip_teardown)
	const struct CMUnitTest tests[] = {
		T(test_statistics),
		T2(test_statistics),
		T2(test_registers),
		T(test_one_queue),
		T2(test_ipv6),
		T2(test_full_pair_leaves),
		T(test_doorbells),
		T2(test_polled_frames_wake_nobody),
		cmocka_unit_test(test_moderation),
		cmocka_unit_test(test_interrupts),
		cmocka_unit_test(test_too_few_vectors),
		cmocka_unit_test(test_probe_refuses),
	};
	int failed = suite_run("e1000e: suite");

	return failed + mq_suite_run() + mq_shown_run() + mq_flows_run() +
	       cmocka_run_group_tests_name("82574", tests, NULL, NULL);
}
