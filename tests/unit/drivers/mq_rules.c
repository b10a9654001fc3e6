// SPDX-License-Identifier: MIT
/*
 * Flow rules in the filters of a NIC: each field counts unless it is open; rules that come, change
 * and go under traffic lose nothing and keep the order within a queue; a start finds none. Run for
 * each driver on the model of its chip (mq_chip.h). Both address families where the chip has them.
 */
#include "tests/unit/drivers/mq_chip.h"

enum { LEN = 80, TRIES = 20, STEP_MS = 10, PLANT_FLOWS = 8 };

struct port_flow mq_rule(const struct mq_flow *f, u8 open, u32 queue)
{
	return (struct port_flow){
		.key = { .src = open & PORT_FLOW_OPEN_SRC ? PIX_IP_NONE : pix_ip4(f->src),
			 .dst = open & PORT_FLOW_OPEN_DST ? PIX_IP_NONE : pix_ip4(f->dst),
			 .sport = f->sport,
			 .dport = f->dport,
			 .proto = f->proto },
		.open = open,
		.queue = (u8)queue
	};
}

/* Errors of a driver: what it gives its NIC for a rule. */
static void swap_addresses(struct port_flow *f)
{
	f->key = (struct flow_key){ .src = f->key.dst,
				    .dst = f->key.src,
				    .sport = f->key.sport,
				    .dport = f->key.dport,
				    .proto = f->key.proto };
}

static void swap_ports(struct port_flow *f)
{
	u16 sport = f->key.sport;

	f->key.sport = f->key.dport;
	f->key.dport = sport;
}

static void other_byte_order(struct port_flow *f)
{
	f->key.src = pix_ip4(__builtin_bswap32(pix_ip_to4(f->key.src)));
}

static void other_protocol(struct port_flow *f)
{
	f->key.proto = f->key.proto == 6 ? 17 : 6;
}

static void next_queue(struct port_flow *f)
{
	f->queue = (u8)((f->queue + 1) % FLOW_QUEUES);
}

static void (*plant)(struct port_flow *f);

int mq_set_rule(u32 slot, const struct port_flow *f)
{
	struct port_flow given;
	int err = -EAGAIN;

	if (f && plant) {
		given = *f;
		plant(&given);
		f = &given;
	}
	for (u32 i = 0; i < TRIES && err == -EAGAIN; i++) {
		err = rig.port->ops->flow(rig.port, slot, f);
		if (err == -EAGAIN)
			mq_run(STEP_MS);
	}
	return err;
}

static void test_fields(void **state)
{
	(void)state;
	assert_true(rig.port->flow_slots >= 64);
	for (u32 open = 0; open < 32; open++) {
		struct mq_flow f = mq_flow_random();
		u32 plain = mq_flow_queue(&f), to = (plain + 1) % FLOW_QUEUES;
		struct port_flow r = mq_rule(&f, (u8)open, to);
		int err = mq_set_rule(open, &r);

		if (!chip.matches((u8)open)) {
			assert_int_equal(err, -EINVAL);
			assert_int_equal(mq_flow_queue(&f), plain);
			continue;
		}
		assert_int_equal(err, 0);
		assert_int_equal(mq_flow_queue(&f), to);
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
			byhash = mq_flow_hash(&x) % FLOW_RETA % FLOW_QUEUES;
			assert_int_equal(mq_flow_queue(&x), open >> bit & 1 ? to : byhash);
		}
		assert_int_equal(mq_set_rule(open, NULL), 0);
		assert_int_equal(mq_flow_queue(&f), plain);
	}
}

u32 mq_rules_missed(void)
{
	u32 missed = 0;

	for (u32 i = 0; i < PLANT_FLOWS; i++) {
		struct mq_flow f = mq_flow_random();
		u32 to = (mq_flow_queue(&f) + 1) % FLOW_QUEUES;
		struct port_flow r = mq_rule(&f, 0, to);

		assert_int_equal(mq_set_rule(i, &r), 0);
		missed += mq_flow_queue(&f) != to;
		assert_int_equal(mq_set_rule(i, NULL), 0);
	}
	return missed;
}

/* Each error of a driver is seen by its flows; without one none is missed. */
static void test_planted(void **state)
{
	void (*const plants[])(struct port_flow * f) = { swap_addresses, swap_ports,
							 other_byte_order, other_protocol,
							 next_queue };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(plants); i++) {
		plant = plants[i];
		assert_int_equal(mq_rules_missed(), PLANT_FLOWS);
	}
	plant = NULL;
	assert_int_equal(mq_rules_missed(), 0);
}

static void test_what_no_filter_can(void **state)
{
	struct mq_flow f = mq_flow_random();
	struct port_flow r = mq_rule(&f, 0, 1);

	(void)state;
	r.key.proto = 47;
	assert_int_equal(mq_set_rule(0, &r), -EINVAL);
	r = mq_rule(&f, 0, FLOW_QUEUES);
	assert_int_equal(mq_set_rule(0, &r), -EINVAL);
	r = mq_rule(&f, 0, 1);
	assert_int_equal(mq_set_rule(rig.port->flow_slots, &r), -EINVAL);
	r.key.src = (struct pix_ip){ 0x20010db800000000, 1 }; /* one of each family */
	assert_int_equal(mq_set_rule(0, &r), -EINVAL);
	assert_int_equal(mq_set_rule(0, NULL), 0); /* there is none */
}

/* A start finds all slots empty; they are filled again. */
static void test_gone_after_a_stop(void **state)
{
	struct mq_flow f = mq_flow_random();
	u32 plain = mq_flow_queue(&f), to = (plain + 1) % FLOW_QUEUES;
	struct port_flow r = mq_rule(&f, 0, to);

	(void)state;
	for (u32 i = 0; i < 3; i++) {
		assert_int_equal(mq_set_rule(5, &r), 0);
		assert_int_equal(mq_flow_queue(&f), to);
		assert_int_equal(mq_stop(2000), 0);
		assert_int_equal(mq_start(2000, 1000), 0);
		mq_spread(0xff);
		mq_run(20);
		assert_int_equal(mq_flow_queue(&f), plain);
	}
}

/* All slots, each with a flow of its own; every second one goes, and comes back to another. */
static void test_all_slots(void **state)
{
	static struct mq_flow f[1024];
	u32 n = MIN((u32)rig.port->flow_slots, (u32)ARRAY_SIZE(f));

	(void)state;
	for (u32 i = 0; i < n; i++) {
		struct port_flow r;

		f[i] = mq_flow_random();
		r = mq_rule(&f[i], 0, i % FLOW_QUEUES);
		assert_int_equal(mq_set_rule(i, &r), 0);
	}
	for (u32 i = 0; i < n; i++)
		assert_int_equal(mq_flow_queue(&f[i]), i % FLOW_QUEUES);
	for (u32 i = 0; i < n; i += 2)
		assert_int_equal(mq_set_rule(i, NULL), 0);
	for (u32 i = 0; i < n; i++)
		assert_int_equal(mq_flow_queue(&f[i]),
				 i % 2 ? i % FLOW_QUEUES
				       : mq_flow_hash(&f[i]) % FLOW_RETA % FLOW_QUEUES);
	for (u32 i = 0; i < n; i += 2) {
		struct port_flow r = mq_rule(&f[i], 0, (i + 3) % FLOW_QUEUES);

		assert_int_equal(mq_set_rule(i, &r), 0);
	}
	for (u32 i = 0; i < n; i++)
		assert_int_equal(mq_flow_queue(&f[i]), (i % 2 ? i : i + 3) % FLOW_QUEUES);
	print_message("%u rules\n", n);
}

/* Some frames of the flow, received by whoever; the queue of the last one. Each queue's are in
 * order, all arrive. */
static u32 traffic(const struct mq_flow *f, u32 n, u32 *seq)
{
	u32 last[FLOW_QUEUES] = { 0 }, got = 0, begin = *seq, where = ~0u;
	u8 frame[LEN];

	for (u32 i = 0; i < n; i++) {
		mq_frame(frame, LEN, f, ++*seq);
		assert_true(rig.model->inject(rig.model, frame, LEN));
	}
	for (u32 q = 0; q < FLOW_QUEUES; q++) {
		struct packet *pkt[BURST_MAX];

		for (u32 k; (k = mq_rx(q, pkt, BURST_MAX)) != 0; got += k) {
			for (u32 i = 0; i < k; i++) {
				u32 s = mq_seq(pkt[i]->data);

				assert_true(s > last[q] && s > begin && s <= *seq);
				last[q] = s;
				where = s == *seq ? q : where;
			}
			pool_put(mq.pc[q], pkt, k);
		}
	}
	assert_int_equal(got, n);
	return where;
}

/* The rule goes from queue to queue while frames come in. */
static void test_changes_under_traffic(void **state)
{
	struct mq_flow f = mq_flow_random();
	u32 plain = mq_flow_queue(&f), seq = 0, was = plain;

	(void)state;
	for (u32 round = 0; round < 32; round++) {
		u32 to = (round * 5 + 1) % FLOW_QUEUES, now = 0;
		struct port_flow r = mq_rule(&f, 0, to);
		const struct port_flow *wish = round % 4 == 3 ? NULL : &r;
		int err = -EAGAIN;

		to = wish ? to : plain;
		for (u32 i = 0; i < TRIES && err == -EAGAIN; i++) {
			err = rig.port->ops->flow(rig.port, 7, wish);
			now = traffic(&f, 20, &seq);
			assert_true(now == was || now == to);
			if (err == -EAGAIN)
				mq_run(STEP_MS);
		}
		assert_int_equal(err, 0);
		assert_int_equal(traffic(&f, 20, &seq), to);
		was = to;
	}
	print_message("%u frames\n", seq);
}

/* Another rule into a slot that is in use: the old one is gone. */
static void test_replaced(void **state)
{
	struct mq_flow f[40];

	(void)state;
	for (u32 i = 0; i < 40; i++) {
		u32 plain;
		struct port_flow r;

		f[i] = mq_flow_random();
		plain = mq_flow_queue(&f[i]);
		r = mq_rule(&f[i], 0, (plain + 1) % FLOW_QUEUES);
		assert_int_equal(mq_set_rule(9, &r), 0);
		assert_int_equal(mq_flow_queue(&f[i]), (plain + 1) % FLOW_QUEUES);
		if (i)
			assert_int_equal(mq_flow_queue(&f[i - 1]),
					 mq_flow_hash(&f[i - 1]) % FLOW_RETA % FLOW_QUEUES);
	}
}

int mq_rules_run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, chip_setup_all, chip_teardown)
	const struct CMUnitTest tests[] = {
		T(test_fields),
		T(test_planted),
		T(test_what_no_filter_can),
		T(test_gone_after_a_stop),
		T(test_all_slots),
		T(test_changes_under_traffic),
		T(test_replaced),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
