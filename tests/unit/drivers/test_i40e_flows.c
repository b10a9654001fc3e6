// SPDX-License-Identifier: MIT
/* Flow Director of the XL710: what all chips do alike, both families, and what its packet types
 * have in common. */
#include "tests/unit/drivers/mq_chip.h"

enum { LEN6 = 100, ETHER = 14, SLOT_MS = 10 };

/* The first rule says which fields of its type are compared; another that leaves others open is not
 * taken until that one is gone. Of another type it is. */
static void test_one_set_of_fields(void **state)
{
	struct mq_flow a = mq_flow_random(), b = mq_flow_random(), c = mq_flow_random();
	struct port_flow ra, rb, rc;

	(void)state;
	a.proto = b.proto = 17;
	c.proto = 6;
	ra = mq_rule(&a, 0, 1);
	rb = mq_rule(&b, PORT_FLOW_OPEN_SPORT, 2);
	rc = mq_rule(&c, PORT_FLOW_OPEN_SPORT, 3);
	assert_int_equal(mq_set_rule(0, &ra), 0);
	assert_int_equal(mq_set_rule(1, &rb), -EINVAL);
	assert_int_equal(mq_set_rule(2, &rc), 0);
	assert_int_equal(mq_flow_queue(&a), 1);
	assert_int_equal(mq_flow_queue(&c), 3);
	assert_int_equal(mq_set_rule(0, NULL), 0);
	assert_int_equal(mq_set_rule(1, &rb), 0);
	b.sport ^= 1;
	assert_int_equal(mq_flow_queue(&b), 2);
	assert_int_equal(mq_set_rule(0, &ra), -EINVAL);
}

/* A rule on its way can be called back at any moment. */
static void test_called_back(void **state)
{
	struct mq_flow f = mq_flow_random();
	u32 plain = mq_flow_queue(&f);
	struct port_flow r = mq_rule(&f, 0, (plain + 1) % FLOW_QUEUES);

	(void)state;
	for (u32 calls = 1; calls < 8; calls++) {
		int err = -EAGAIN;

		for (u32 i = 0; i < calls && err == -EAGAIN; i++) {
			err = rig.port->ops->flow(rig.port, 3, &r);
			mq_run(SLOT_MS);
		}
		assert_int_equal(mq_set_rule(3, NULL), 0);
		assert_int_equal(mq_flow_queue(&f), plain);
	}
}

/* --- IPv6 ------------------------------------------------------------------------------------ */

static void put16(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

static void put_ip(u8 *p, struct pix_ip ip)
{
	for (u32 i = 0; i < 8; i++) {
		p[i] = (u8)(ip.hi >> (56 - 8 * i));
		p[8 + i] = (u8)(ip.lo >> (56 - 8 * i));
	}
}

/* The queue of a frame of this key. */
static u32 queue6(const struct flow_key *k)
{
	u8 f[LEN6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56, 2, 0, 0, 0, 0, 1, 0x86, 0xdd, 0x60 };
	u32 where = ~0u;

	put16(f + ETHER + 4, LEN6 - ETHER - 40);
	f[ETHER + 6] = k->proto;
	f[ETHER + 7] = 64;
	put_ip(f + ETHER + 8, k->src);
	put_ip(f + ETHER + 24, k->dst);
	put16(f + ETHER + 40, k->sport);
	put16(f + ETHER + 42, k->dport);
	if (k->proto == 17)
		put16(f + ETHER + 44, LEN6 - ETHER - 40);
	else
		f[ETHER + 52] = 5 << 4;
	assert_true(rig.model->inject(rig.model, f, LEN6));
	for (u32 q = 0; q < FLOW_QUEUES; q++) {
		struct packet *pkt[BURST_MAX];
		u32 n = mq_rx(q, pkt, BURST_MAX);

		if (!n)
			continue;
		assert_int_equal(n, 1);
		where = q;
		pool_put(mq.pc[q], pkt, n);
	}
	assert_true(where < FLOW_QUEUES);
	return where;
}

static void test_six(void **state)
{
	const struct flow_key key = { .src = { 0x20010db800000001, 0x1122334455667788 },
				      .dst = { 0x20010db8000000ff, 0x99aabbccddeeff00 },
				      .sport = 1234,
				      .dport = 53,
				      .proto = 17 };
	u32 plain = queue6(&key), to = (plain + 1) % FLOW_QUEUES;

	(void)state;
	for (u32 open = 0; open < 32; open++) {
		struct port_flow r = { key, (u8)open, (u8)to };

		if (!chip.matches((u8)open))
			continue;
		r.key.src = open & PORT_FLOW_OPEN_SRC ? PIX_IP_NONE : key.src;
		r.key.dst = open & PORT_FLOW_OPEN_DST ? PIX_IP_NONE : key.dst;
		assert_int_equal(mq_set_rule(0, &r), 0);
		assert_int_equal(queue6(&key), to);
		for (u32 bit = 0; bit < 7; bit++) {
			struct flow_key x = key;
			u32 field = bit < 4 ? bit / 2 : bit - 2, with, without;

			x.src.hi ^= bit == 0 ? 1ull << 40 : 0;
			x.src.lo ^= bit == 1;
			x.dst.hi ^= bit == 2 ? 1ull << 40 : 0;
			x.dst.lo ^= bit == 3;
			x.sport ^= bit == 4;
			x.dport ^= bit == 5;
			x.proto = bit == 6 ? 6 : 17;
			with = queue6(&x);
			assert_int_equal(mq_set_rule(0, NULL), 0);
			without = queue6(&x);
			assert_int_equal(mq_set_rule(0, &r), 0);
			if (open >> field & 1)
				assert_int_equal(with, to);
			else
				assert_int_equal(with, without);
		}
		assert_int_equal(mq_set_rule(0, NULL), 0);
		assert_int_equal(queue6(&key), plain);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, chip_setup_all, chip_teardown)
	const struct CMUnitTest tests[] = {
		T(test_one_set_of_fields),
		T(test_called_back),
		T(test_six),
	};

	return mq_rules_run() + cmocka_run_group_tests_name("xl710 rules", tests, NULL, NULL);
}
