// SPDX-License-Identifier: MIT
/* Jumbo buffers in the whole engine: who gets them, ports that change over under load, replicas,
 * what happens when there are none; the law and all buffers after each. */
#include "tests/unit/unit.h"

#include "qgm/pools.h"
#include "tools/host/world.h"

enum { PORTS = 3, MTU = 9216, LEN = MTU + 14, EINVAL_ = 22 };

static struct world w;
static u32 quota[PORTS + 1], length;
static u64 got[PORTS + 1], wrong;

static u8 byte_of(u32 i)
{
	return (u8)(i * 7 + (i >> 8));
}

static u16 port_of(const struct memport *m)
{
	return m->port->id;
}

/* Frames to nobody, which the bridge floods. */
static u32 source(struct memport *m, u8 *data, u32 room)
{
	if (!quota[port_of(m)] || room < length)
		return 0;
	quota[port_of(m)]--;
	for (u32 i = 14; i < length; i++)
		data[i] = byte_of(i);
	memcpy(data, (const u8[]){ 2, 0, 0, 9, 9, 9, 2, 0, 0, 0, 0, (u8)port_of(m), 0x88, 0xb5 },
	       14);
	return length;
}

static void sink(struct memport *m, const u8 *data, u32 len)
{
	got[port_of(m)]++;
	for (u32 i = 14; i < len; i++)
		wrong += data[i] != byte_of(i);
	wrong += len != length;
}

static void mtu_of(u16 port, u16 mtu)
{
	struct iface want = {
		.id = port,
		.kind = IFACE_PORT,
		.mode = IFACE_MODE_L2,
		.port = port,
		.bridge = 1,
		.mtu = mtu,
		.up = true,
	};
	struct tables *draft = tables_begin();

	assert_non_null(draft);
	assert_int_equal(iface_set(draft, &want), 0);
	tables_commit(draft);
}

static s64 tell(u16 port, u32 mtu)
{
	return world_command(&w, port_get(port)->owner,
			     (struct ctl_cmd){ .kind = CTL_PORT_MTU, .a = port, .b = mtu });
}

static void setup_nodes(u64 bytes, const char *plants, u32 nqgm, u32 nodes)
{
	host_reset();
	host_plant(plants);
	memset(got, 0, sizeof(got));
	memset(quota, 0, sizeof(quota));
	wrong = 0;
	length = LEN;
	world_make_nodes(&w, bytes, nqgm, PORTS, nodes);
	for (u16 i = 1; i <= PORTS; i++) {
		w.m[i]->source = source;
		w.m[i]->sink = sink;
		mtu_of(i, MTU);
	}
}

static void setup(u64 bytes)
{
	setup_nodes(bytes, "", 2, 1);
}

static void ports_to_jumbo(void)
{
	assert_true(qgm_the_plan()->jumbo_count > 0);
	for (u16 i = 1; i <= PORTS; i++) {
		port_get(i)->mtu_max = MTU; /* a driver's offer */
		assert_int_equal(tell(i, MTU), 0);
	}
	world_settle(&w, 8, 2000);
	for (u16 i = 1; i <= PORTS; i++) {
		assert_true(port_get(i)->jumbo);
		assert_int_equal(port_get(i)->state, PORT_RUNNING);
	}
}

static void all_jumbo(void)
{
	setup(64 << 20);
	ports_to_jumbo();
}

static void test_flood(void **state)
{
	(void)state;
	all_jumbo();
	quota[1] = 200;
	world_settle(&w, 8, 20000);
	assert_int_equal(got[1], 0);
	assert_int_equal(got[2] + got[3] + world_drops_all(&w), 400);
	assert_true(got[2] + got[3] > 300);
	assert_int_equal(world_drops_all(&w), world_drops(&w, DROP_no_buffer));
	assert_int_equal(wrong, 0);
	assert_null(world_law(&w));
}

/* What is made here has a buffer of the class that it needs. */
static void test_made(void **state)
{
	struct qgm *q;
	struct packet *p[3];

	(void)state;
	all_jumbo();
	q = w.q[0];
	assert_true(qgm_make_room(q) >= LEN);
	p[0] = qgm_make(q);
	p[1] = qgm_make_for(q, 1514);
	p[2] = qgm_make_for(q, LEN);
	assert_int_equal(p[0]->pool, pool_id(pool_of(q->pc)));
	assert_int_equal(p[1]->pool, pool_id(pool_of(q->pc)));
	assert_int_equal(p[2]->pool, pool_id(pool_of(q->jumbo)));
	assert_true(qgm_room(q, p[2]) >= LEN);
	for (u32 i = 0; i < 3; i++)
		qgm_drop(q, p[i], DROP_no_buffer);
	assert_null(world_law(&w));
	/* Without jumbo buffers there is no such room. */
	setup(16 << 20);
	assert_int_equal(qgm_the_plan()->jumbo_count, 0);
	assert_in_range(qgm_make_room(w.q[0]), 1514, 2048);
	assert_null(qgm_make_for(w.q[0], LEN));
}

/* Nothing is sent: the jumbo pool runs empty, copies end as no_buffer, and all comes back. */
static void test_empty(void **state)
{
	(void)state;
	all_jumbo();
	w.m[2]->tx_stuck = w.m[3]->tx_stuck = true;
	quota[1] = 4000;
	for (u32 i = 0; i < 3000; i++)
		world_turn(&w);
	assert_null(world_law(&w));
	assert_true(world_drops_all(&w) > 0);
	w.m[2]->tx_stuck = w.m[3]->tx_stuck = false;
	quota[1] = 0;
	world_settle(&w, 8, 20000);
	quota[1] = 10;
	got[2] = 0;
	world_settle(&w, 8, 20000);
	assert_int_equal(got[2], 10);
	assert_int_equal(wrong, 0);
	assert_null(world_law(&w));
}

/* There and back under load: each port has the buffers of its class, none is lost. */
static void test_change(void **state)
{
	(void)state;
	all_jumbo();
	length = 1000;
	for (u32 round = 0; round < 30; round++) {
		u16 port = (u16)(round % PORTS + 1);
		u32 mtu = round & 1 ? 1500 : MTU;

		for (u32 i = 1; i <= PORTS; i++)
			quota[i] = 300;
		world_turn(&w);
		w.m[port]->start_delay = 3;
		assert_int_equal(tell(port, mtu), 0);
		if (round % 5 == 0) /* changed its mind */
			assert_int_equal(tell(port, mtu = 1500 + MTU - mtu), 0);
		world_settle(&w, 8, 20000);
		assert_int_equal(port_get(port)->jumbo, mtu > 1500);
		assert_int_equal(port_get(port)->state, PORT_RUNNING);
		assert_int_equal(pool_buffer_size(pool_of(port_get(port)->pc)),
				 mtu > 1500 ? POOL_CLASS_JUMBO : POOL_CLASS_STD);
		assert_null(world_law(&w));
	}
	assert_int_equal(wrong, 0);
}

/* A stop in the same turn holds: the port has its class, and is started by nobody. */
static void test_stop_while_changing(void **state)
{
	struct ctl_cmd change = { .kind = CTL_PORT_MTU, .a = 1, .b = 1500 };
	struct port *p;

	(void)state;
	all_jumbo();
	p = port_get(1);
	assert_true(msgring_put(ctl_block()->qgm[p->owner].cmd, &change));
	assert_int_equal(
		world_command(&w, p->owner, (struct ctl_cmd){ .kind = CTL_PORT_STOP, .a = 1 }), 0);
	world_settle(&w, 8, 2000);
	assert_int_equal(p->state, PORT_STOPPED);
	assert_false(p->jumbo);
	assert_null(world_law(&w));
	assert_int_equal(
		world_command(&w, p->owner, (struct ctl_cmd){ .kind = CTL_PORT_START, .a = 1 }), 0);
	world_settle(&w, 8, 2000);
	assert_int_equal(p->state, PORT_RUNNING);
	assert_null(world_law(&w));
}

/* A pool of each class on each node; floods from node to node. */
static void test_nodes(void **state)
{
	u32 jumbo = 0, sum = 0;

	(void)state;
	setup_nodes(128 << 20, "", 3, 3);
	ports_to_jumbo();
	for (u32 i = 0; qgm_pool(i); i++) {
		jumbo += pool_buffer_size(qgm_pool(i)) == POOL_CLASS_JUMBO;
		if (pool_buffer_size(qgm_pool(i)) == POOL_CLASS_JUMBO)
			sum += pool_size(qgm_pool(i));
	}
	assert_int_equal(jumbo, 3);
	assert_in_range(sum, qgm_the_plan()->jumbo_count - 3, qgm_the_plan()->jumbo_count);
	for (u32 i = 0; i < 3; i++) {
		const struct pool *p = pool_of(w.q[i]->jumbo);

		assert_int_equal(pool_buffer_size(p), POOL_CLASS_JUMBO);
		assert_int_equal(qgm_pool_node(pool_id(p)), w.q[i]->node);
	}
	for (u32 i = 1; i <= PORTS; i++)
		quota[i] = 100;
	world_settle(&w, 8, 20000);
	assert_int_equal(got[1] + got[2] + got[3] + world_drops_all(&w), 600);
	assert_true(got[1] + got[2] + got[3] > 450);
	assert_int_equal(wrong, 0);
	assert_null(world_law(&w));
}

/* Ordinary buffers in the queues of a jumbo port: nothing of that size comes in. */
static void test_planted(void **state)
{
	(void)state;
	setup_nodes(64 << 20, "jumbo", 2, 1);
	ports_to_jumbo();
	quota[1] = 200;
	world_settle(&w, 8, 20000);
	assert_true(got[2] + got[3] + world_drops_all(&w) != 400 || wrong);
}

static void test_refused(void **state)
{
	(void)state;
	setup(12 << 20);
	assert_int_equal(qgm_the_plan()->jumbo_count, 0);
	for (u16 i = 1; i <= PORTS; i++) {
		assert_int_equal(port_get(i)->mtu_max, 1500);
		assert_int_equal(tell(i, 1501), -EINVAL_);
		assert_int_equal(tell(i, 1500), 0);
	}
	world_settle(&w, 8, 2000);
	assert_false(port_get(1)->jumbo);
	assert_null(world_law(&w));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_made),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_stop_while_changing),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_planted),
	};

	return cmocka_run_group_tests_name("jumbo", tests, NULL, NULL);
}
