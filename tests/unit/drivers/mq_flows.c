// SPDX-License-Identifier: MIT
/*
 * Several queues of a port, each as if it had a QGM: where flows go, by the hash as the data sheets
 * define it (computed here bit by bit) and the redirection table; their order; what a queue that
 * leaves does to the others. Run for each driver on the model of its chip (mq_chip.h).
 */
#include "tests/unit/drivers/mq_chip.h"

enum { RETA = FLOW_RETA, FLOWS = 4096, LEN = 64 };

/* The queue that leaves, or is down. */
static u32 last_queue(void)
{
	return chip_queues() - 1;
}

static u64 all_queues(void)
{
	return (1ull << chip_queues()) - 1;
}

static u32 rng = 1;

static u32 flow_rng(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 17;
	rng ^= rng << 5;
	return rng;
}

struct mq_flow mq_flow_random(void)
{
	struct mq_flow f = { flow_rng(), flow_rng(), (u16)flow_rng(), (u16)flow_rng(),
			     flow_rng() & 1 ? 6 : 17 };

	f.src = (f.src & 0x00ffffff) | 0x0a000000;
	f.dst = (f.dst & 0x00ffffff) | 0x0b000000;
	return f;
}

/* 7.1.2.8.1: for each bit of the input that is 1, the 32 bits of the key that begin there. */
u32 mq_flow_hash(const struct mq_flow *f)
{
	u8 in[12] = { (u8)(f->src >> 24),  (u8)(f->src >> 16), (u8)(f->src >> 8),   (u8)f->src,
		      (u8)(f->dst >> 24),  (u8)(f->dst >> 16), (u8)(f->dst >> 8),   (u8)f->dst,
		      (u8)(f->sport >> 8), (u8)f->sport,       (u8)(f->dport >> 8), (u8)f->dport };
	u32 h = 0;

	for (u32 i = 0; i < (chip.no_udp && f->proto == 17 ? 64 : 96); i++) {
		u32 window = 0;

		if (!(in[i / 8] >> (7 - i % 8) & 1))
			continue;
		for (u32 b = i; b < i + 32; b++)
			window = window << 1 | ((b / 8 & 1 ? 0x5a : 0x6d) >> (7 - b % 8) & 1);
		h ^= window;
	}
	return h;
}

/* The queue that receives the one frame that is there. */
static u32 which(u32 want_seq)
{
	struct packet *pkt[BURST_MAX];
	u32 queue = ~0u;

	for (u32 q = 0; q < chip_queues(); q++) {
		u32 n = mq_rx(q, pkt, BURST_MAX);

		if (!n)
			continue;
		assert_int_equal(n, 1);
		assert_int_equal(queue, ~0u);
		assert_int_equal(mq_seq(pkt[0]->data), want_seq);
		queue = q;
		pool_put(mq.pc[q], pkt, 1);
	}
	return queue;
}

u32 mq_flow_queue(const struct mq_flow *f)
{
	u8 frame[LEN];
	u32 seq = flow_rng();

	mq_frame(frame, LEN, f, seq);
	assert_true(rig.model->inject(rig.model, frame, LEN));
	return which(seq);
}

/* The table of mq_spread() with these queues. */
static void table(u8 *reta, u64 queues)
{
	for (u32 i = 0, q = 0; i < RETA; i++, q++) {
		while (!(queues >> q % chip_queues() & 1))
			q++;
		reta[i] = (u8)(q % chip_queues());
	}
}

static void test_hash(void **state)
{
	u8 reta[RETA];

	(void)state;
	table(reta, all_queues());
	for (u32 i = 0; i < FLOWS; i++) {
		struct mq_flow f = mq_flow_random();

		assert_int_equal(mq_flow_queue(&f), reta[mq_flow_hash(&f) % RETA]);
	}
}

/* Both directions of a flow are the same QGM's. */
static void test_directions(void **state)
{
	(void)state;
	for (u32 i = 0; i < 500; i++) {
		struct mq_flow f = mq_flow_random();
		struct mq_flow back = { f.dst, f.src, f.dport, f.sport, f.proto };

		assert_int_equal(mq_flow_queue(&f), mq_flow_queue(&back));
	}
}

/* Chi-square of 7 degrees of freedom: beyond 24.3 once in a thousand; of one: 10.8. */
static void test_spread_is_even(void **state)
{
	u32 count[PORT_QUEUES] = { 0 };
	double x = 0, fair = (double)FLOWS / chip_queues();

	(void)state;
	for (u32 i = 0; i < FLOWS; i++) {
		struct mq_flow f = mq_flow_random();

		count[mq_flow_queue(&f)]++;
	}
	for (u32 q = 0; q < chip_queues(); q++)
		x += (count[q] - fair) * (count[q] - fair) / fair;
	print_message("chi-square %.1f\n", x);
	assert_true(x < (chip_queues() == 2 ? 10.8 : 24.3));
}

/* Flows of the queues that stay do not move; the others' go to those. */
static void test_queue_leaves(void **state)
{
	struct mq_flow flow[500];
	u32 before[500];
	struct reta r;

	(void)state;
	for (u32 i = 0; i < 500; i++) {
		flow[i] = mq_flow_random();
		before[i] = mq_flow_queue(&flow[i]);
	}
	assert_int_equal(reta_init(&r, RETA), 0);
	table(r.entry, all_queues());
	reta_spread(r.entry, RETA, all_queues() & ~(1ull << last_queue()));
	rig.port->ops->spread(rig.port, &r);
	for (u32 i = 0; i < 500; i++) {
		u32 q = mq_flow_queue(&flow[i]);

		assert_true(q != last_queue());
		assert_true(q == before[i] || before[i] == last_queue());
	}
	reta_spread(r.entry, RETA, all_queues());
	rig.port->ops->spread(rig.port, &r);
	for (u32 i = 0, back = 0; i < 500 || !back; i++) {
		assert_true(i < 500);
		back += mq_flow_queue(&flow[i]) == last_queue();
	}
	/* A queue whose QGM is down keeps its buffers and does not hold up the others. */
	mq_check_buffers();
}

/* A queue that nobody empties loses its own frames only. */
static void test_full_queue_holds_up_nobody(void **state)
{
	struct mq_flow full = mq_flow_random(), other;
	u32 q = mq_flow_queue(&full), got;
	u8 frame[LEN];

	(void)state;
	do
		other = mq_flow_random();
	while (mq_flow_queue(&other) == q);
	mq_frame(frame, LEN, &full, 0);
	for (u32 i = 0; i < 2 * chip.ring; i++)
		rig.model->inject(rig.model, frame, LEN);
	for (u32 i = 0; i < 1000; i++) {
		struct packet *pkt[BURST_MAX];
		u32 to = mq_flow_hash(&other) % RETA % chip_queues();

		mq_frame(frame, LEN, &other, i);
		assert_true(rig.model->inject(rig.model, frame, LEN));
		assert_int_equal(mq_rx(to, pkt, BURST_MAX), 1);
		assert_int_equal(mq_seq(pkt[0]->data), i);
		pool_put(mq.pc[to], pkt, 1);
	}
	got = mq_run(20);
	assert_true(got > chip.ring - 33); /* the tail is written for 32 descriptors at a time */
	mq_run(1000);
	assert_int_equal(got + rig.port->nic.rx_missed, 2 * chip.ring);
}

/* Frames of 64 flows through all queues and out again: each flow in order, in one queue. */
static void test_order_in_flows(void **state)
{
	struct mq_flow flow[64];
	u32 sent[64] = { 0 }, seen[64] = { 0 }, total = 0;
	u8 frame[LEN];

	(void)state;
	for (u32 i = 0; i < 64; i++)
		flow[i] = mq_flow_random();
	for (u32 round = 0; round < 400; round++) {
		struct packet *pkt[BURST_MAX];
		u32 burst = 1 + flow_rng() % 200;

		for (u32 i = 0; i < burst; i++) {
			u32 k = flow_rng() % 64;

			mq_frame(frame, LEN, &flow[k], k << 24 | sent[k]++);
			assert_true(rig.model->inject(rig.model, frame, LEN));
		}
		for (u32 q = 0; q < chip_queues(); q++) {
			for (u32 n; (n = mq_rx(q, pkt, 1 + flow_rng() % BURST_MAX)) != 0;)
				assert_int_equal(rig.port->ops->tx(rig.port, q, pkt, n), n);
			rig.port->ops->reclaim(rig.port, q, mq.pc[q]);
		}
		for (const struct sent *s; (s = rig_sent()) != NULL; total++) {
			u32 seq = mq_seq(s->data);

			assert_int_equal(seq & 0xffffff, seen[seq >> 24]++);
		}
	}
	for (u32 i = 0; i < 64; i++)
		assert_int_equal(sent[i], seen[i]);
	print_message("%u frames of 64 flows in order\n", total);
}

/* A QGM that is down keeps the buffers of its queue over a restart: the queue stays off. */
static void test_undrained_queue_stays_off(void **state)
{
	struct port *p = rig.port;
	struct mq_flow f;
	struct reta r;

	(void)state;
	do
		f = mq_flow_random();
	while (mq_flow_queue(&f) != last_queue());
	while (p->ops->stop(p, rig.now) == -EAGAIN)
		mq_wait(1);
	p->state = PORT_STOPPED;
	p->draining = 1u << last_queue();
	for (u32 i = 0; i < chip_queues(); i++)
		if (i != last_queue())
			mq.aborted += p->ops->drain(p, i, mq.pc[i]);
	assert_int_equal(mq_start(2000, 1000), 0);
	mq_spread(all_queues() & ~(1ull << last_queue()));
	mq_run(20);
	assert_true(mq_flow_queue(&f) != last_queue());
	assert_int_equal(p->ops->buffers(p, last_queue()), chip.ring - 1);
	/* A table that names it all the same: not believed. */
	assert_int_equal(reta_init(&r, RETA), 0);
	memset(r.entry, (int)last_queue(), RETA);
	p->ops->spread(p, &r);
	assert_int_equal(mq_flow_queue(&f), 0);
	p->draining = 0;
}

int mq_flows_run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, chip_setup_all, chip_teardown)
	const struct CMUnitTest tests[] = {
		T(test_hash),
		T(test_directions),
		T(test_spread_is_even),
		T(test_queue_leaves),
		T(test_full_queue_holds_up_nobody),
		T(test_order_in_flows),
		T(test_undrained_queue_stays_off),
	};

	return cmocka_run_group_tests_name(chip.name, tests, NULL, NULL);
}
