// SPDX-License-Identifier: MIT
/* Several queues of the 82599: what all chips do alike, and its filters for flows (7.1.2.5). */
#include "tests/unit/drivers/mq_chip.h"

static int setup(void **state)
{
	(void)state;
	chip_begin(FLOW_QUEUES, false);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mq_end();
	return 0;
}

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
		struct mq_flow f = mq_flow_random();
		u32 plain = mq_flow_queue(&f), to = (plain + 1) % FLOW_QUEUES;
		struct port_flow r = rule_of(&f, (u8)open, (u8)to);
		int err = set_rule(open, &r);

		if ((open & 3) == 3) { /* IPv6 would match too: software's */
			assert_int_equal(err, -EINVAL);
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
		assert_int_equal(set_rule(open, NULL), 0);
		assert_int_equal(mq_flow_queue(&f), plain);
	}
}

static void test_what_no_filter_can(void **state)
{
	struct mq_flow f = mq_flow_random();
	struct port_flow r = rule_of(&f, 0, 1);

	(void)state;
	r.key.proto = 47;
	assert_int_equal(set_rule(0, &r), -EINVAL);
	r = rule_of(&f, 0, FLOW_QUEUES);
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
	struct mq_flow f = mq_flow_random();
	u32 plain = mq_flow_queue(&f);
	struct port_flow r = rule_of(&f, 0, (u8)((plain + 1) % FLOW_QUEUES));

	(void)state;
	assert_int_equal(set_rule(5, &r), 0);
	assert_int_equal(mq_flow_queue(&f), (plain + 1) % FLOW_QUEUES);
	assert_int_equal(mq_stop(2000), 0);
	assert_int_equal(mq_start(2000, 1000), 0);
	mq_spread(0xff);
	mq_run(20);
	assert_int_equal(mq_flow_queue(&f), plain);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_filters),
		T(test_what_no_filter_can),
		T(test_filters_are_gone_after_a_stop),
	};

	return mq_flows_run() + cmocka_run_group_tests_name("filters", tests, NULL, NULL);
}
