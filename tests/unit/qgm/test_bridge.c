// SPDX-License-Identifier: MIT
/*
 * The whole engine as a switch on the host: QGMs, memory ports, numbered traffic. Every packet is
 * accounted for, order within flows is kept, and the planted bugs are caught.
 *
 *	station 1xx -- port 1 --+          +-- port 2 -- station 2xx
 *	                        |  bridge  |
 *	station 3xx -- port 3 --+    1     +-- port 4 -- station 4xx
 */
#include "tests/unit/unit.h"

#include "qgm/fe/fdb.h"
#include "qgm/pools.h"
#include "qgm/stages.h"
#include "tests/unit/qgm/flows.h"
#include "tools/host/world.h"

enum { PORTS = 4, PER_PORT = 16 };

static struct world w;
static struct flows traffic;
static u64 quota[PORTS + 1]; /* frames that each port's wire still has */
static u64 out_frames[PORTS + 1];
static bool to_unknown;

static u32 source(struct memport *m, u8 *data, u32 room)
{
	u32 id = m->port->id, src, dst, other;
	u64 r;

	if (!quota[id])
		return 0;
	quota[id]--;
	r = flows_random(&traffic);
	other = 1 + (u32)(r >> 20) % (PORTS - 1);
	other = 1 + (id - 1 + other) % PORTS;
	src = id * 100 + (u32)r % PER_PORT;
	dst = to_unknown ? 9999 : other * 100 + (u32)(r >> 8) % PER_PORT;
	/* A flow is a source station and an output port: its order must hold. */
	return flows_make(&traffic, (id - 1) * 256 + ((u32)r % PER_PORT) * 16 + other, src, dst,
			  data, MIN(room, 1514u));
}

static void sink(struct memport *m, const u8 *data, u32 len)
{
	out_frames[m->port->id]++;
	flows_take(&traffic, data, len);
}

static u32 nodes = 1;

static void setup(u32 nqgm, const char *plants)
{
	host_reset();
	host_plant(plants);
	flows_init(&traffic, 88172645463325252ull, FLOWS_MAX);
	memset(quota, 0, sizeof(quota));
	memset(out_frames, 0, sizeof(out_frames));
	to_unknown = false;
	world_make_nodes(&w, 32ull << 20, nqgm, PORTS, nodes);
	for (u16 i = 1; i <= PORTS; i++) {
		w.m[i]->source = source;
		w.m[i]->sink = sink;
		world_bridge(&w, i, 1);
	}
	world_settle(&w, 4, 100);
}

/* Every station says something, so that all are learned. */
static void teach(void)
{
	u8 frame[64] = { 0 };

	for (u32 p = 1; p <= PORTS; p++) {
		for (u32 s = 0; s < PER_PORT; s++) {
			struct fdb *f = NULL;
			u32 id = p * 100 + s;

			memcpy(frame + 6, (const u8[]){ 2, 0, 0, 0, (u8)(id >> 8), (u8)id }, 6);
			memcpy(&f, &ctl_block()->qgm[0].fdb, sizeof(f));
			assert_true(fdb_learn(f, fdb_key(1, 0, frame + 6), (u16)p, NULL, false));
		}
	}
}

static void run(u64 frames)
{
	for (u32 p = 1; p <= PORTS; p++)
		quota[p] = frames / PORTS;
	for (u32 p = 1; p <= PORTS; p++) {
		while (quota[p])
			world_turn(&w);
	}
	world_settle(&w, 4, 1000);
}

static void million(void **state)
{
	u32 nqgm = *(u32 *)*state;
	u64 frames = 1200000;

	setup(nqgm, "");
	teach();
	run(frames);
	assert_int_equal(traffic.total, frames);
	assert_int_equal(traffic.damaged + traffic.unknown + traffic.disorder + traffic.gaps, 0);
	assert_int_equal(world_drops_all(&w), 0);
	assert_int_equal(WORLD_SUM(&w, rx), frames);
	assert_int_equal(WORLD_SUM(&w, tx), frames);
	assert_int_equal(WORLD_SUM(&w, copies), 0);
	if (nqgm > 1)
		assert_true(WORLD_SUM(&w, ring_out) > frames / 4);
	assert_int_equal(WORLD_SUM(&w, ring_out), WORLD_SUM(&w, ring_in));
	assert_null(world_law(&w));
}

/* Pools of three nodes: buffers of one are sent by ports of another and come home. */
static void numa(void **state)
{
	(void)state;
	nodes = 3;
	setup(4, "");
	nodes = 1;
	assert_non_null(qgm_pool(2));
	assert_null(qgm_pool(3));
	teach();
	run(100000);
	assert_int_equal(traffic.total, 100000);
	assert_int_equal(world_drops_all(&w), 0);
	assert_null(world_law(&w));
	assert_int_equal(ctl_block()->qgm[0].snapshot->pools, 3);
}

/* Hooks see every packet once, whichever way it takes, and may end some. */
static u64 hooked[HOOK_POINTS];

static u32 hook_any(enum stage_hook_point at, struct qgm *q, struct packet **p, u32 n)
{
	u32 left = 0;

	for (u32 i = 0; i < n; i++) {
		if (++hooked[at] % 100 == 0)
			qgm_consume(q, p[i]);
		else
			p[left++] = p[i];
	}
	return left;
}

static u32 hook_ingress(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	assert_ptr_equal(t, tables_current());
	return hook_any(HOOK_INGRESS, q, p, n);
}

static u32 hook_forward(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	for (u32 i = 0; i < n; i++)
		assert_true(t->iface[p[i]->out_if] != NULL);
	return hook_any(HOOK_FORWARD, q, p, n);
}

static u32 hook_egress(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	assert_non_null(t);
	return hook_any(HOOK_EGRESS, q, p, n);
}

static void hooks(void **state)
{
	(void)state;
	setup(2, "");
	teach();
	memset(hooked, 0, sizeof(hooked));
	stage_hook_bind(HOOK_INGRESS, hook_ingress);
	stage_hook_bind(HOOK_FORWARD, hook_forward);
	stage_hook_bind(HOOK_EGRESS, hook_egress);
	run(100000);
	for (u32 i = 0; i < HOOK_POINTS; i++)
		stage_hook_bind((enum stage_hook_point)i, NULL);
	assert_int_equal(hooked[HOOK_INGRESS], 100000);
	assert_int_equal(hooked[HOOK_FORWARD], 99000);
	assert_int_equal(hooked[HOOK_EGRESS], 98010);
	assert_int_equal(traffic.total, 97030);
	assert_int_equal(WORLD_SUM(&w, consumed), 2970);
	assert_int_equal(traffic.disorder, 0);
	assert_null(world_law(&w));
}

/* Learning from traffic alone: flooded at first, then unicast; every copy is counted. */
static void learns(void **state)
{
	u32 nqgm = *(u32 *)*state, total;
	static struct pix_mac macs[128];

	setup(nqgm, "");
	run(40000);
	assert_int_equal(fdb_list(0, macs, 128, &total), PORTS * PER_PORT);
	for (u32 i = 0; i < total; i++) {
		u32 id = (u32)macs[i].mac[4] << 8 | macs[i].mac[5];

		assert_int_equal(macs[i].ifid, id / 100);
		assert_int_equal(macs[i].bridge, 1);
	}
	assert_int_equal(fdb_list(60, macs, 128, &total), 4);
	assert_true(WORLD_SUM(&w, copies) > 0 && WORLD_SUM(&w, copies) < 2000);
	assert_int_equal(traffic.total + world_drops_all(&w), 40000 + WORLD_SUM(&w, copies));
	assert_int_equal(world_drops_all(&w), 0);
	assert_null(world_law(&w));
}

static void floods(void **state)
{
	u32 nqgm = *(u32 *)*state;

	setup(nqgm, "");
	to_unknown = true;
	run(8000);
	assert_int_equal(traffic.total + world_drops_all(&w), 3 * 8000);
	assert_int_equal(WORLD_SUM(&w, copies), 2 * 8000);
	assert_null(world_law(&w));
	/* A port without link gets no copy. */
	w.m[4]->link = false;
	host_clock_advance(env_clock_hz() / 10);
	world_settle(&w, 4, 100);
	u64 before = out_frames[4], copies = WORLD_SUM(&w, copies);

	quota[1] = 1000;
	world_settle(&w, 4, 1000);
	assert_int_equal(out_frames[4], before);
	assert_int_equal(WORLD_SUM(&w, copies), copies + 1000);
	assert_null(world_law(&w));
}

static void pass(u32 seconds)
{
	for (u32 i = 0; i < seconds * 1000; i++) {
		host_clock_advance(env_clock_hz() / 1000);
		world_turn(&w);
	}
}

/* Ageing: stations that are silent are forgotten, and the sweep stops when none is left. */
static void ages(void **state)
{
	u32 total;
	struct pix_mac mac;
	struct tables *draft;

	(void)state;
	setup(1, "");
	draft = tables_begin();
	assert_int_equal(bridge_set_ageing(draft, 1, 20), 0);
	tables_commit(draft);
	run(40000);
	fdb_list(0, &mac, 0, &total);
	assert_int_equal(total, PORTS * PER_PORT);
	pass(15);
	assert_int_equal(fdb_list(0, &mac, 1, &total), 1);
	assert_int_equal(total, PORTS * PER_PORT);
	assert_in_range(mac.age_s, 13, 16);
	pass(10);
	fdb_list(0, &mac, 0, &total);
	assert_int_equal(total, 0);
	assert_int_equal(w.q[0]->wheel.armed, 0);
}

/* One frame from port 1, as bytes; what becomes of it. */
static u8 one_frame[2048];
static u32 one_len;

static u32 one_source(struct memport *m, u8 *data, u32 room)
{
	u32 n = one_len;

	(void)room;
	if (m->port->id != 1 || !n)
		return 0;
	memcpy(data, one_frame, n);
	one_len = 0;
	return n;
}

static void expect_drop(enum drop_reason why, u32 len)
{
	u64 before = world_drops(&w, why), all = world_drops_all(&w), tx = WORLD_SUM(&w, tx);

	one_len = len;
	world_settle(&w, 4, 100);
	assert_int_equal(world_drops(&w, why), before + 1);
	assert_int_equal(world_drops_all(&w), all + 1);
	assert_int_equal(WORLD_SUM(&w, tx), tx);
	assert_null(world_law(&w));
}

static void drops_by_name(void **state)
{
	u8 dst[6] = { 2, 0, 0, 0, 1, 0x10 }, src[6] = { 2, 0, 0, 0, 0, 0x65 };

	(void)state;
	setup(2, "");
	teach();
	for (u32 i = 1; i <= PORTS; i++)
		w.m[i]->source = one_source;
	memcpy(one_frame, dst, 6);
	memcpy(one_frame + 6, src, 6);
	one_frame[12] = 8;
	expect_drop(DROP_runt, 13);
	memcpy(one_frame + 12, (const u8[]){ 0x81, 0 }, 2);
	expect_drop(DROP_runt, 16); /* cut inside the tag */
	memcpy(one_frame + 12, (const u8[]){ 8, 0 }, 2);
	one_frame[6] = 3;
	expect_drop(DROP_bad_source_mac, 60);
	memset(one_frame + 6, 0, 6);
	expect_drop(DROP_bad_source_mac, 60);
	memcpy(one_frame + 6, src, 6);
	memcpy(one_frame, (const u8[]){ 1, 0x80, 0xc2, 0, 0, 0 }, 6);
	u64 out = WORLD_SUM(&w, tx);

	one_len = 60; /* not forwarded: for the control plane */
	world_settle(&w, 4, 100);
	assert_int_equal(WORLD_SUM(&w, tx), out);
	assert_int_equal(WORLD_SUM(&w, punted[PIX_PUNT_CONTROL]), 1);
	assert_int_equal(WORLD_SUM(&w, consumed), 1);
	memcpy(one_frame, src, 6); /* to itself: behind the same port */
	expect_drop(DROP_same_port, 60);
	memcpy(one_frame, (const u8[]){ 2, 0, 0, 0, 0, 210 }, 6); /* 2xx: port 2 */
	one_len = 60;
	u64 tx = WORLD_SUM(&w, tx);

	world_settle(&w, 4, 100);
	assert_int_equal(WORLD_SUM(&w, tx), tx + 1);
	assert_int_equal(out_frames[2], 1);
	expect_drop(DROP_bridge_mtu, 1515);
	/* Link of the known output is down. The sweep may also forget the station: flood then. */
	w.m[2]->port->link = w.m[2]->link = false;
	expect_drop(DROP_port_down, 60);
	world_bridge(&w, 1, 0);
	expect_drop(DROP_no_interface, 60);
}

static void tx_full(void **state)
{
	(void)state;
	setup(1, "");
	teach();
	for (u32 i = 1; i <= PORTS; i++)
		w.m[i]->tx_stuck = true;
	run(8000);
	u64 late = qgm_the_plan()->late_slots;

	assert_int_equal(world_drops(&w, DROP_tx_full), 8000 - PORTS * (MEMPORT_TX + late));
	assert_int_equal(WORLD_SUM(&w, held), PORTS * late);
	assert_null(world_law(&w)); /* what waits in the NIC was handed to it */
	for (u32 i = 1; i <= PORTS; i++)
		w.m[i]->tx_stuck = false;
	world_settle(&w, 4, 100);
	assert_int_equal(traffic.total, PORTS * (MEMPORT_TX + late));
	assert_int_equal(traffic.disorder, 0);
	assert_int_equal(WORLD_SUM(&w, held), 0);
	assert_null(world_law(&w));
}

/* Slow ports: frames wait, in order, and all that was not dropped by name comes out. */
static void tx_slow(void **state)
{
	(void)state;
	setup(2, "");
	teach();
	for (u32 i = 1; i <= PORTS; i++) {
		w.m[i]->tx_slow = 3 + i * 7;
		w.m[i]->step_reclaims = i & 1;
	}
	for (u32 p = 1; p <= PORTS; p++)
		quota[p] = 10000;
	for (u32 i = 0; i < 4000; i++) { /* a port step every few turns, in the thick of it */
		host_clock_advance(env_clock_hz() / 300);
		world_turn(&w);
	}
	assert_null(world_law(&w));
	assert_int_equal(WORLD_SUM(&w, held), 0);
	assert_true(world_drops(&w, DROP_tx_full) > 1000);
	assert_int_equal(world_drops_all(&w), world_drops(&w, DROP_tx_full));
	assert_int_equal(traffic.total + world_drops_all(&w), 40000);
	assert_int_equal(traffic.disorder + traffic.damaged, 0);
}

/* The other QGM does not run: its ring fills, then drops by name; later nothing is lost. */
static void ring_full(void **state)
{
	u64 dropped, waiting;

	(void)state;
	setup(2, "");
	teach();
	quota[1] = 20000; /* port 1: QGM 0; ports 2 and 4: QGM 1 */
	while (quota[1])
		qgm_turn(w.q[0]);
	waiting = WORLD_SUM(&w, ring_out) - WORLD_SUM(&w, ring_in);
	dropped = world_drops(&w, DROP_ring_full);
	assert_int_equal(waiting, qgm_the_plan()->ring_slots);
	assert_true(dropped > 0);
	world_settle(&w, 4, 1000);
	assert_int_equal(traffic.total + dropped, 20000);
	assert_int_equal(traffic.disorder, 0);
	assert_null(world_law(&w));
	/* A QGM that is down gets nothing. */
	ctl_block()->qgm[1].up = 0;
	quota[1] = 1000;
	while (quota[1])
		qgm_turn(w.q[0]);
	assert_true(world_drops(&w, DROP_qgm_down) > 300);
	ctl_block()->qgm[1].up = 1;
	assert_null(world_law(&w));
}

/* Stop and start under traffic: nothing leaks, what waited in the NIC counts as aborted. */
static void stop_start(void **state)
{
	(void)state;
	setup(2, "");
	teach();
	for (u32 round = 0; round < 20; round++) {
		struct port *p = w.m[2]->port;

		w.m[2]->tx_stuck = true;
		for (u32 i = 1; i <= PORTS; i++)
			quota[i] = 500;
		for (u32 i = 0; i < 4; i++)
			world_turn(&w);
		assert_int_equal(
			world_command(&w, 1, (struct ctl_cmd){ .kind = CTL_PORT_STOP, .a = 2 }), 0);
		world_settle(&w, 4, 1000);
		assert_int_equal(p->state, PORT_STOPPED);
		assert_null(world_law(&w));
		w.m[2]->tx_stuck = false;
		w.m[2]->start_delay = 3;
		assert_int_equal(
			world_command(&w, 1, (struct ctl_cmd){ .kind = CTL_PORT_START, .a = 2 }),
			0);
		world_settle(&w, 6, 1000);
		assert_int_equal(p->state, PORT_RUNNING);
		assert_null(world_law(&w));
	}
	assert_true(w.m[2]->port->tx_aborted > 0);
	assert_true(world_drops(&w, DROP_port_down) > 0);
	assert_int_equal(world_command(&w, 0, (struct ctl_cmd){ .kind = CTL_PORT_START, .a = 2 }),
			 -22);
	assert_int_equal(world_command(&w, 0, (struct ctl_cmd){ .kind = 99 }), -22);
}

/* --- planted bugs: each must be seen ---------------------------------------------------------- */

static void planted_leak(void **state)
{
	(void)state;
	setup(1, "leak");
	for (u32 i = 1; i <= PORTS; i++)
		w.m[i]->link = true;
	teach();
	for (u32 i = 1; i <= PORTS; i++)
		w.m[i]->tx_stuck = true; /* so that packets end in drops */
	run(8000);
	assert_non_null(world_law(&w));
}

static void planted_count(void **state)
{
	(void)state;
	setup(1, "count");
	teach();
	for (u32 i = 1; i <= PORTS; i++)
		w.m[i]->tx_stuck = true;
	run(8000);
	assert_non_null(world_law(&w));
}

static void planted_reorder(void **state)
{
	(void)state;
	setup(1, "reorder");
	teach();
	run(8000);
	assert_true(traffic.disorder > 0);
	assert_null(world_law(&w));
}

static void moves(void **state)
{
	bool planted_bug = *(bool *)*state;
	u32 total;
	struct pix_mac mac;

	setup(1, planted_bug ? "fdb-stale" : "");
	for (u32 i = 1; i <= PORTS; i++)
		w.m[i]->source = one_source;
	memset(one_frame, 0, 64);
	memcpy(one_frame, (const u8[]){ 2, 0, 0, 0, 9, 9, 2, 0, 0, 0, 7, 7, 8, 0 }, 14);
	one_len = 60;
	world_settle(&w, 4, 100);
	fdb_list(0, &mac, 1, &total);
	assert_int_equal(mac.ifid, 1);
	/* The same station now speaks behind port 3. */
	w.m[3]->source = one_source;
	w.m[1]->source = NULL;
	struct fdb *f;

	memcpy(&f, &ctl_block()->qgm[0].fdb, sizeof(f));
	fdb_learn(f, fdb_key(1, 0, one_frame + 6), 3, NULL, w.q[0]->plant & PLANT_FDB_STALE);
	fdb_list(0, &mac, 1, &total);
	assert_int_equal(mac.ifid == 3, !planted_bug);
}

static u32 one = 1, two = 2, three = 3, four = 4;
static bool yes = true, no;

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(million, &one),
		cmocka_unit_test_prestate(million, &two),
		cmocka_unit_test_prestate(million, &four),
		cmocka_unit_test(numa),
		cmocka_unit_test(hooks),
		cmocka_unit_test_prestate(learns, &one),
		cmocka_unit_test_prestate(learns, &three),
		cmocka_unit_test_prestate(floods, &one),
		cmocka_unit_test_prestate(floods, &two),
		cmocka_unit_test(ages),
		cmocka_unit_test(drops_by_name),
		cmocka_unit_test(tx_full),
		cmocka_unit_test(tx_slow),
		cmocka_unit_test(ring_full),
		cmocka_unit_test(stop_start),
		cmocka_unit_test(planted_leak),
		cmocka_unit_test(planted_count),
		cmocka_unit_test(planted_reorder),
		cmocka_unit_test_prestate(moves, &no),
		cmocka_unit_test_prestate(moves, &yes),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	host_reset();
	return r;
}
