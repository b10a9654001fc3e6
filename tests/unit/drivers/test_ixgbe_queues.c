// SPDX-License-Identifier: MIT
/*
 * Several queues of the 82599, each as if it had a QGM: where flows go, by the hash as the data
 * sheet defines it (computed here bit by bit), by the redirection table, by filters; their order;
 * what a queue that leaves does to the others.
 */
#include "tests/unit/drivers/ixgbe_rig.h"

enum { QUEUES = 8, RETA = 128, FLOWS = 4096, LEN = 64 };

static int setup(void **state)
{
	(void)state;
	ixgbe_begin(QUEUES, false);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mq_end();
	return 0;
}

static u32 rng = 1;

static u32 next(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 17;
	rng ^= rng << 5;
	return rng;
}

static struct mq_flow random_flow(void)
{
	struct mq_flow f = { next(), next(), (u16)next(), (u16)next(), next() & 1 ? 6 : 17 };

	f.src = (f.src & 0x00ffffff) | 0x0a000000;
	f.dst = (f.dst & 0x00ffffff) | 0x0b000000;
	return f;
}

/* 7.1.2.8.1: for each bit of the input that is 1, the 32 bits of the key that begin there. */
static u32 hash(const struct mq_flow *f)
{
	u8 in[12] = { (u8)(f->src >> 24),  (u8)(f->src >> 16), (u8)(f->src >> 8),   (u8)f->src,
		      (u8)(f->dst >> 24),  (u8)(f->dst >> 16), (u8)(f->dst >> 8),   (u8)f->dst,
		      (u8)(f->sport >> 8), (u8)f->sport,       (u8)(f->dport >> 8), (u8)f->dport };
	u32 h = 0;

	for (u32 i = 0; i < 96; i++) {
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

	for (u32 q = 0; q < QUEUES; q++) {
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

static u32 queue_of(const struct mq_flow *f)
{
	u8 frame[LEN];
	u32 seq = next();

	mq_frame(frame, LEN, f, seq);
	assert_true(rig.model->inject(rig.model, frame, LEN));
	return which(seq);
}

/* The table of mq_spread() with these queues. */
static void table(u8 *reta, u64 queues)
{
	for (u32 i = 0, q = 0; i < RETA; i++, q++) {
		while (!(queues >> q % QUEUES & 1))
			q++;
		reta[i] = (u8)(q % QUEUES);
	}
}

static void test_hash(void **state)
{
	u8 reta[RETA];

	(void)state;
	table(reta, 0xff);
	for (u32 i = 0; i < FLOWS; i++) {
		struct mq_flow f = random_flow();

		assert_int_equal(queue_of(&f), reta[hash(&f) % RETA]);
	}
}

/* Both directions of a flow are the same QGM's. */
static void test_directions(void **state)
{
	(void)state;
	for (u32 i = 0; i < 500; i++) {
		struct mq_flow f = random_flow();
		struct mq_flow back = { f.dst, f.src, f.dport, f.sport, f.proto };

		assert_int_equal(queue_of(&f), queue_of(&back));
	}
}

/* Chi-square of 7 degrees of freedom: beyond 24.3 once in a thousand. */
static void test_spread_is_even(void **state)
{
	u32 count[QUEUES] = { 0 };
	double x = 0, fair = (double)FLOWS / QUEUES;

	(void)state;
	for (u32 i = 0; i < FLOWS; i++) {
		struct mq_flow f = random_flow();

		count[queue_of(&f)]++;
	}
	for (u32 q = 0; q < QUEUES; q++)
		x += (count[q] - fair) * (count[q] - fair) / fair;
	print_message("chi-square %.1f\n", x);
	assert_true(x < 24.3);
}

/* Flows of the queues that stay do not move; the others' go to those. */
static void test_queue_leaves(void **state)
{
	struct mq_flow flow[500];
	u32 before[500];
	struct reta r;

	(void)state;
	for (u32 i = 0; i < 500; i++) {
		flow[i] = random_flow();
		before[i] = queue_of(&flow[i]);
	}
	assert_int_equal(reta_init(&r, RETA), 0);
	table(r.entry, 0xff);
	reta_spread(r.entry, RETA, 0xff & ~(1u << 3));
	rig.port->ops->spread(rig.port, &r);
	for (u32 i = 0; i < 500; i++) {
		u32 q = queue_of(&flow[i]);

		assert_true(q != 3);
		assert_true(q == before[i] || before[i] == 3);
	}
	reta_spread(r.entry, RETA, 0xff);
	rig.port->ops->spread(rig.port, &r);
	for (u32 i = 0, back = 0; i < 500 || !back; i++) {
		assert_true(i < 500);
		back += queue_of(&flow[i]) == 3;
	}
	/* A queue whose QGM is down keeps its buffers and does not hold up the others. */
	mq_check_buffers();
}

/* A queue that nobody empties loses its own frames only. */
static void test_full_queue_holds_up_nobody(void **state)
{
	struct mq_flow full = random_flow(), other;
	u32 q = queue_of(&full), got;
	u8 frame[LEN];

	(void)state;
	do
		other = random_flow();
	while (queue_of(&other) == q);
	mq_frame(frame, LEN, &full, 0);
	for (u32 i = 0; i < 2 * IXGBE_RING; i++)
		rig.model->inject(rig.model, frame, LEN);
	for (u32 i = 0; i < 1000; i++) {
		struct packet *pkt[BURST_MAX];
		u32 to = hash(&other) % RETA % QUEUES;

		mq_frame(frame, LEN, &other, i);
		assert_true(rig.model->inject(rig.model, frame, LEN));
		assert_int_equal(mq_rx(to, pkt, BURST_MAX), 1);
		assert_int_equal(mq_seq(pkt[0]->data), i);
		pool_put(mq.pc[to], pkt, 1);
	}
	got = mq_run(20);
	assert_true(got > IXGBE_RING - 33); /* the tail is written for 32 descriptors at a time */
	mq_run(1000);
	assert_int_equal(got + rig.port->nic.rx_missed, 2 * IXGBE_RING);
}

/* Frames of 64 flows through all queues and out again: each flow in order, in one queue. */
static void test_order_in_flows(void **state)
{
	struct mq_flow flow[64];
	u32 sent[64] = { 0 }, seen[64] = { 0 }, total = 0;
	u8 frame[LEN];

	(void)state;
	for (u32 i = 0; i < 64; i++)
		flow[i] = random_flow();
	for (u32 round = 0; round < 400; round++) {
		struct packet *pkt[BURST_MAX];
		u32 burst = 1 + next() % 200;

		for (u32 i = 0; i < burst; i++) {
			u32 k = next() % 64;

			mq_frame(frame, LEN, &flow[k], k << 24 | sent[k]++);
			assert_true(rig.model->inject(rig.model, frame, LEN));
		}
		for (u32 q = 0; q < QUEUES; q++) {
			for (u32 n; (n = mq_rx(q, pkt, 1 + next() % BURST_MAX)) != 0;)
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

/* --- filters ------------------------------------------------------------------------------- */

static struct port_flow rule_of(const struct mq_flow *f, u8 open, u8 queue)
{
	return (struct port_flow){ .key = { .src = pix_ip4(f->src),
					    .dst = pix_ip4(f->dst),
					    .sport = f->sport,
					    .dport = f->dport,
					    .proto = f->proto },
				   .open = open,
				   .queue = queue };
}

static int set_rule(u32 slot, const struct port_flow *f)
{
	return rig.port->ops->flow(rig.port, slot, f);
}

/* Each field counts unless it is open. */
static void test_filters(void **state)
{
	(void)state;
	assert_true(rig.port->flow_slots >= 64);
	for (u32 open = 0; open < 32; open++) {
		struct mq_flow f = random_flow();
		u32 plain = queue_of(&f), to = (plain + 1) % QUEUES;
		struct port_flow r = rule_of(&f, (u8)open, (u8)to);
		int err = set_rule(open, &r);

		if ((open & 3) == 3) { /* IPv6 would match too: software's */
			assert_int_equal(err, -EINVAL);
			continue;
		}
		assert_int_equal(err, 0);
		assert_int_equal(queue_of(&f), to);
		for (u32 bit = 0; bit < 5; bit++) {
			struct mq_flow x = f;
			u32 byhash;

			switch (bit) {
			case 0:
				x.src ^= 0x100;
				break;
			case 1:
				x.dst ^= 0x100;
				break;
			case 2:
				x.sport ^= 0x20;
				break;
			case 3:
				x.dport ^= 0x20;
				break;
			default:
				x.proto = x.proto == 6 ? 17 : 6;
				break;
			}
			byhash = hash(&x) % RETA % QUEUES;
			assert_int_equal(queue_of(&x), open >> bit & 1 ? to : byhash);
		}
		assert_int_equal(set_rule(open, NULL), 0);
		assert_int_equal(queue_of(&f), plain);
	}
}

static void test_what_no_filter_can(void **state)
{
	struct mq_flow f = random_flow();
	struct port_flow r = rule_of(&f, 0, 1);

	(void)state;
	r.key.proto = 47;
	assert_int_equal(set_rule(0, &r), -EINVAL);
	r = rule_of(&f, 0, QUEUES);
	assert_int_equal(set_rule(0, &r), -EINVAL);
	r = rule_of(&f, 0, 1);
	r.key.src = (struct pix_ip){ 0x20010db800000000, 1 };
	r.open = PORT_FLOW_OPEN_DST;
	assert_int_equal(set_rule(0, &r), -EINVAL);
	assert_int_equal(set_rule(128, &r), -EINVAL);
}

/* A start finds all slots empty. */
static void test_filters_are_gone_after_a_stop(void **state)
{
	struct mq_flow f = random_flow();
	u32 plain = queue_of(&f);
	struct port_flow r = rule_of(&f, 0, (u8)((plain + 1) % QUEUES));

	(void)state;
	assert_int_equal(set_rule(5, &r), 0);
	assert_int_equal(queue_of(&f), (plain + 1) % QUEUES);
	assert_int_equal(mq_stop(2000), 0);
	assert_int_equal(mq_start(2000, 1000), 0);
	mq_spread(0xff);
	mq_run(20);
	assert_int_equal(queue_of(&f), plain);
}

/* A QGM that is down keeps the buffers of its queue over a restart: the queue stays off. */
static void test_undrained_queue_stays_off(void **state)
{
	struct port *p = rig.port;
	struct mq_flow f;
	struct reta r;

	(void)state;
	do
		f = random_flow();
	while (queue_of(&f) != 3);
	while (p->ops->stop(p, rig.now) == -EAGAIN)
		mq_wait(1);
	p->state = PORT_STOPPED;
	p->draining = 1u << 3;
	for (u32 i = 0; i < QUEUES; i++)
		if (i != 3)
			mq.aborted += p->ops->drain(p, i, mq.pc[i]);
	assert_int_equal(mq_start(2000, 1000), 0);
	mq_spread(0xff & ~(1u << 3));
	mq_run(20);
	assert_true(queue_of(&f) != 3);
	assert_int_equal(p->ops->buffers(p, 3), IXGBE_RING - 1);
	/* A table that names it all the same: not believed. */
	assert_int_equal(reta_init(&r, RETA), 0);
	memset(r.entry, 3, RETA);
	p->ops->spread(p, &r);
	assert_int_equal(queue_of(&f), 0);
	p->draining = 0;
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_hash),
		T(test_directions),
		T(test_spread_is_even),
		T(test_queue_leaves),
		T(test_full_queue_holds_up_nobody),
		T(test_order_in_flows),
		T(test_filters),
		T(test_what_no_filter_can),
		T(test_filters_are_gone_after_a_stop),
		T(test_undrained_queue_stays_off),
	};

	return cmocka_run_group_tests_name("ixgbe_queues", tests, NULL, NULL);
}
