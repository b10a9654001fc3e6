// SPDX-License-Identifier: MIT
/*
 * Ports beyond frames: registers read on request, modules, resets of a port with several queues,
 * flow rules in the filters of a NIC.
 */
#include "tests/unit/unit.h"

#include "qgm/control.h"
#include "qgm/steer/setting.h"
#include "tools/host/world.h"

static struct world w;

/* --- what a port tells -------------------------------------------------------------------- */

static void registers(void **state)
{
	struct port_regs *r;
	u64 first;

	(void)state;
	host_reset();
	world_make(&w, 32ull << 20, 2, 2);
	r = &w.m[2]->port->regs;
	assert_int_equal(r->count, 6);
	assert_int_equal(world_command(&w, 0, (struct ctl_cmd){ .kind = CTL_PORT_REGS, .a = 2 }),
			 -22); /* not its owner */
	assert_int_equal(world_command(&w, 1, (struct ctl_cmd){ .kind = CTL_PORT_REGS, .a = 2 }),
			 1);
	while (!r->rounds) {
		u32 reads = w.m[2]->reg_reads;

		world_turn(&w);
		assert_true(w.m[2]->reg_reads - reads <= PORT_REGS_PER_TURN);
	}
	assert_int_equal(w.m[2]->reg_reads, 5);
	assert_int_equal(r->rounds, 1);
	for (u32 i = 0; i < 6; i++)
		assert_int_equal(r->value[i] & 0xfff, i == 1 ? 0 : r->table[i].off);
	assert_int_equal(r->value[1], 0); /* reading it changes the device */
	for (u32 i = 0; i < 10; i++)
		world_turn(&w);
	assert_int_equal(w.m[2]->reg_reads, 5); /* only when asked */
	first = r->value[0];
	assert_int_equal(world_command(&w, 1, (struct ctl_cmd){ .kind = CTL_PORT_REGS, .a = 2 }),
			 2);
	world_settle(&w, 5, 100);
	assert_int_equal(r->rounds, 2);
	assert_true(r->value[0] != first);
	assert_int_equal(w.m[1]->reg_reads, 0);
}

/* A request keeps its QGM awake until it is answered. */
static void awake(void **state)
{
	struct ctl_cmd cmd = { .kind = CTL_PORT_REGS, .a = 1 };
	u64 deadline;

	(void)state;
	host_reset();
	world_make(&w, 32ull << 20, 1, 1);
	world_settle(&w, 5, 100);
	assert_true(msgring_put(ctl_block()->qgm[0].cmd, &cmd));
	qgm_turn(w.q[0]);
	while (w.m[1]->port->regs.rounds == 0) {
		(void)qgm_sleep_begin(w.q[0], &deadline);
		qgm_sleep_end(w.q[0]);
		assert_true(deadline <= 1);
		qgm_turn(w.q[0]);
	}
	(void)qgm_sleep_begin(w.q[0], &deadline);
	qgm_sleep_end(w.q[0]);
	assert_true(deadline > 1000);
}

/* A QGM without a vector of its own sleeps no longer than a millisecond; the others do. */
static void vectors(void **state)
{
	u64 deadline[3];

	(void)state;
	host_reset();
	world_make_queues(&w, 48ull << 20, 3, 1, 3, 3);
	w.m[1]->port->can_wake = false;
	w.m[1]->port->wake_queues = 1 | 4;
	world_settle(&w, 5, 100);
	for (u32 i = 0; i < 3; i++) {
		(void)qgm_sleep_begin(w.q[i], &deadline[i]);
		qgm_sleep_end(w.q[i]);
	}
	assert_true(deadline[0] > env_clock_hz() / 500);
	assert_true(deadline[1] <= env_clock_hz() / 1000);
	assert_true(deadline[2] > env_clock_hz() / 500);
}

static void module(void **state)
{
	struct port_module m = { .present = true, .identifier = 3, .warning = "odd" }, got;
	struct port *p;
	char text[8];

	(void)state;
	host_reset();
	world_make(&w, 32ull << 20, 1, 1);
	p = w.m[1]->port;
	assert_true(port_module_get(p, &got));
	assert_false(got.present);
	port_module_text(m.vendor, sizeof(m.vendor), (const u8 *)"ACME Corp       ", 16);
	port_module_set(p, &m);
	assert_true(port_module_get(p, &got));
	assert_true(got.present);
	assert_string_equal(got.vendor, "ACME Corp");
	assert_string_equal(got.warning, "odd");
	p->module.version++; /* the owner is writing */
	assert_false(port_module_get(p, &got));
	p->module.version++;
	port_module_text(text, sizeof(text), (const u8 *)"abcdefghij", 10);
	assert_string_equal(text, "abcdefg");
	port_module_text(text, sizeof(text), (const u8 *)"a\x1b[\0 \xff ", 7);
	assert_string_equal(text, "a?[? ?");
	port_module_text(text, sizeof(text), (const u8 *)"        ", 8);
	assert_string_equal(text, "");
	port_module_text(text, sizeof(text), (const u8 *)"\0\0\0", 3);
	assert_string_equal(text, "");
}

/* --- resets --------------------------------------------------------------------------------- */

static u64 left;

/* UDP over IPv4 of 64 flows, spread over the queues by their number. */
static u32 source_of(struct memport *m, u32 queue, u8 *data, u32 room)
{
	static const u8 head[] = { 2,    0x50, 0x49, 0x58, 0, 2, 2, 0, 0,  0,  0, 9, 8,  0,
				   0x45, 0,    0,    46,   0, 0, 0, 0, 64, 17, 0, 0, 10, 0,
				   0,    1,    10,   0,    0, 2, 0, 0, 0,  9,  0, 26 };

	(void)room;
	if (!left || m->port->id != 1 || memport_queue(m, (u32)(left % 64)) != queue)
		return 0;
	memset(data, 0, 60);
	memcpy(data, head, sizeof(head));
	data[35] = (u8)(left % 64 + 1);
	left--;
	return 60;
}

static void start_queues(u16 rx, u16 tx)
{
	host_reset();
	world_make_queues(&w, 48ull << 20, 3, 2, rx, tx);
	for (u16 i = 1; i <= 2; i++) {
		world_bridge(&w, i, 1);
		w.m[i]->source_of = source_of;
	}
	left = 0;
	world_settle(&w, 5, 100);
	host_clock_advance(env_clock_hz() / 50); /* the owners spread their queues */
	world_settle(&w, 5, 100);
}

static void later(void)
{
	host_clock_advance(env_clock_hz() / 50);
	world_settle(&w, 20, 1000);
}

/* Whoever asks, under load, with frames in the Tx rings or not: all buffers come back, no frame is
 * lost unseen, the port runs again. */
static void resets(void **state)
{
	struct port *p;

	(void)state;
	start_queues(3, 3);
	p = w.m[2]->port;
	for (u32 round = 0; round < 20; round++) {
		u32 starts = w.m[2]->starts;

		left = 300;
		w.m[2]->tx_stuck = round & 1;
		while (left > 100)
			world_turn(&w);
		port_want_reset(p);
		while (left)
			world_turn(&w);
		later();
		w.m[2]->tx_stuck = false;
		later();
		assert_int_equal(w.m[2]->starts, starts + 1);
		assert_int_equal(p->state, PORT_RUNNING);
		assert_int_equal(p->nic.resets, round + 1);
		assert_int_equal(p->draining, 0);
		assert_true(p->link);
		assert_null(world_law(&w));
	}
	assert_true(p->tx_aborted > 0);
	assert_int_equal(WORLD_SUM(&w, tx),
			 memport_sent(w.m[1]) + memport_sent(w.m[2]) + p->tx_aborted);
	left = 300;
	while (left)
		world_turn(&w);
	later();
	assert_int_equal(w.m[2]->starts, 21); /* 1 at the start */
}

/* The device is not stopped under a QGM that may be inside of a call. */
static void nobody_inside(void **state)
{
	struct port *p;
	u32 stops;

	(void)state;
	start_queues(3, 3);
	p = w.m[2]->port; /* owner: QGM 1 */
	stops = w.m[2]->stops;
	port_want_reset(p);
	host_clock_advance(env_clock_hz() / 50);
	for (u32 i = 0; i < 50; i++) {
		host_clock_advance(1000);
		qgm_turn(w.q[0]);
		qgm_turn(w.q[1]); /* QGM 2 makes no turn */
	}
	assert_int_equal(p->state, PORT_STOPPING);
	assert_int_equal(w.m[2]->stops, stops);
	ctl_block()->qgm[2].napping = 1; /* it sleeps: it is inside of nothing */
	qgm_turn(w.q[1]);
	qgm_turn(w.q[1]);
	assert_int_equal(w.m[2]->stops, stops + 1);
	ctl_block()->qgm[2].napping = 0;
	later();
	assert_int_equal(p->state, PORT_RUNNING);
	port_want_reset(p);
	later();
	assert_int_equal(w.m[2]->stops, stops + 2);
	assert_int_equal(p->state, PORT_RUNNING);
}

/* A QGM that is down keeps its queue's buffers; the port runs again with the others. */
static void without_one(void **state)
{
	struct port *p;

	(void)state;
	start_queues(3, 3);
	p = w.m[2]->port; /* queue 1 is QGM 2's */
	assert_int_equal(p->queue_qgm[1], 2);
	ctl_block()->qgm[2].up = 0;
	port_want_reset(p);
	host_clock_advance(env_clock_hz() / 50);
	for (u32 i = 0; i < 100; i++) {
		host_clock_advance(10000);
		qgm_turn(w.q[0]);
		qgm_turn(w.q[1]);
	}
	assert_int_equal(p->state, PORT_RUNNING);
	assert_int_equal(p->draining, 2);
	assert_true(p->ops->buffers(p, 1) > 0);
}

/* A stop that was asked for ends a reset; what was wanted before a start is forgotten. */
static void stop_wins(void **state)
{
	struct port *p;

	(void)state;
	start_queues(3, 3);
	p = w.m[2]->port;
	port_want_reset(p);
	host_clock_advance(env_clock_hz() / 50);
	qgm_turn(w.q[1]);
	assert_int_equal(p->state, PORT_STOPPING);
	assert_int_equal(world_command(&w, 1, (struct ctl_cmd){ .kind = CTL_PORT_STOP, .a = 2 }),
			 0);
	later();
	assert_int_equal(p->state, PORT_STOPPED);
	port_want_reset(p);
	assert_int_equal(world_command(&w, 1, (struct ctl_cmd){ .kind = CTL_PORT_START, .a = 2 }),
			 0);
	later();
	assert_int_equal(p->state, PORT_RUNNING);
	assert_int_equal(w.m[2]->starts, 2);
	assert_int_equal(p->nic.resets, 1);
}

/* Where memory is short, fewer queues are used: their rings leave half of the buffers. */
static void short_of_memory(void **state)
{
	static const struct {
		u64 bytes;
		u32 queues;
	} cases[] = { { 48ull << 20, 3 }, { 12ull << 20, 2 }, { 6ull << 20, 1 } };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		host_reset();
		world_make_queues(&w, cases[i].bytes, 3, 2, 8, 8);
		assert_int_equal(w.m[1]->port->rx_queues, cases[i].queues);
		assert_int_equal(w.m[2]->port->tx_queues, cases[i].queues);
		assert_true(2 * cases[i].queues * 256 <= qgm_the_plan()->pool_count / 2 ||
			    cases[i].queues == 1);
		for (u16 k = 1; k <= 2; k++) {
			world_bridge(&w, k, 1);
			w.m[k]->source_of = source_of;
		}
		left = 0;
		later();
		left = 1000;
		while (left)
			world_turn(&w);
		later();
		assert_null(world_law(&w));
		assert_int_equal(memport_sent(w.m[2]), 1000);
	}
}

/* --- flow rules ----------------------------------------------------------------------------- */

static int flow(u32 kind, struct pix_flow f)
{
	struct pix_op op = { .kind = kind, .flow = f };
	u32 failed;
	u64 epoch;
	int err = control_txn(&op, 1, 0, &epoch, &failed);

	world_settle(&w, 20, 1000);
	later();
	return err;
}

static struct pix_flow udp(u16 dport, u16 qgm)
{
	return (struct pix_flow){ .src = pix_ip4(0x0a000001),
				  .dst = pix_ip4(0x0a000002),
				  .proto = 17,
				  .sport = 7,
				  .dport = dport,
				  .qgm = qgm };
}

/* The queue of the rule for that port number in the NIC's filters; -1: none. */
static int queue_in_nic(const struct memport *m, u16 dport)
{
	for (u32 i = 0; i < MEMPORT_FLOWS; i++)
		if (m->flows >> i & 1 && m->flow[i].key.dport == dport)
			return m->flow[i].queue;
	return -1;
}

/* Ports whose NIC has the rule for that port number, as listed. */
static u64 listed(u16 dport)
{
	static struct pix_flow f[PIX_FLOWS_MAX];
	u32 total, n = steer_list_flows(0, f, PIX_FLOWS_MAX, &total);

	for (u32 i = 0; i < n; i++)
		if (f[i].dport == dport)
			return f[i].ports;
	return ~0ull;
}

static void flows(void **state)
{
	struct memport *m;
	u64 both;

	(void)state;
	start_queues(3, 3);
	m = w.m[2]; /* queues 0, 1, 2 are of QGMs 1, 2, 0 */
	assert_int_equal(flow(PIX_OP_FLOW_SET, udp(1, 2)), 0);
	assert_int_equal(queue_in_nic(m, 1), 1);
	assert_int_equal(queue_in_nic(w.m[1], 1), 2);
	assert_int_equal(m->port->flows_used, 1);
	both = 1ull << m->port->id | 1ull << w.m[1]->port->id;
	assert_int_equal(listed(1) & both, both);
	assert_int_equal(flow(PIX_OP_FLOW_SET, udp(1, 0)), 0); /* another QGM */
	assert_int_equal(queue_in_nic(m, 1), 2);
	assert_int_equal(m->port->flows_used, 1);
	for (u16 i = 2; i <= 6; i++)
		assert_int_equal(flow(PIX_OP_FLOW_SET, udp(i, 1)), 0);
	assert_int_equal(m->port->flows_used, MEMPORT_FLOWS); /* the rest in software */
	assert_int_equal(queue_in_nic(m, 5), -1);
	for (u16 i = 1; i <= 6; i++)
		assert_int_equal(listed(i) >> m->port->id & 1, queue_in_nic(m, i) >= 0);
	assert_int_equal(flow(PIX_OP_FLOW_DEL, udp(1, 0)), 0);
	assert_int_equal(queue_in_nic(m, 1), -1);
	assert_int_equal(m->port->flows_used, MEMPORT_FLOWS);
	assert_int_equal(queue_in_nic(m, 5), 0);
	assert_int_equal(listed(5) >> m->port->id & 1, 1);
	port_want_reset(m->port); /* the filters are empty after it */
	later();
	later();
	for (u16 i = 2; i <= 6; i++)
		assert_int_equal(listed(i) >> m->port->id & 1, queue_in_nic(m, i) >= 0);
	assert_int_equal(m->port->flows_used, MEMPORT_FLOWS);
	assert_int_equal(reta_members(m->flows), MEMPORT_FLOWS);
	for (u16 i = 2; i <= 6; i++)
		assert_int_equal(flow(PIX_OP_FLOW_DEL, udp(i, 1)), 0);
	assert_int_equal(m->port->flows_used, 0);
	assert_int_equal(m->flows, 0);
}

/* What the NIC cannot match stays in software, and is not tried over and over. */
static void flows_refused(void **state)
{
	struct pix_flow open = { .proto = 17, .qgm = 2 };
	struct memport *m;
	u32 calls;

	(void)state;
	start_queues(3, 3);
	m = w.m[1];
	m->flow_refuses = PORT_FLOW_OPEN_SRC;
	assert_int_equal(flow(PIX_OP_FLOW_SET, open), 0);
	calls = m->flow_calls;
	assert_int_equal(calls, 1);
	assert_int_equal(m->port->flows_used, 0);
	later();
	later();
	assert_int_equal(m->flow_calls, calls);
	left = 500;
	while (left)
		world_turn(&w);
	later();
	assert_true(w.q[2]->c->stage[PIX_STAGE_parse].packets >= 500); /* all of them, by rings */
	assert_null(world_law(&w));
	ctl_block()->qgm[2].up = 0;
	m->flow_refuses = 0;
	host_clock_advance(env_clock_hz() / 50);
	qgm_turn(w.q[0]);
	qgm_turn(w.q[1]);
	assert_int_equal(m->port->flows_used, 0); /* not to one that is down */
	ctl_block()->qgm[2].up = 1;
	later();
	assert_int_equal(m->port->flows_used, 1);
	assert_int_equal(m->flow[0].queue, 2);
}

/* A NIC that takes its time is asked until the rule is there, or gone. */
static void flows_slowly(void **state)
{
	struct memport *m;

	(void)state;
	start_queues(3, 3);
	m = w.m[2];
	m->flow_takes = 3;
	assert_int_equal(flow(PIX_OP_FLOW_SET, udp(1, 2)), 0);
	for (u32 i = 0; i < 3 && !m->flows; i++)
		assert_int_equal(m->port->flows_used, 0), later();
	assert_int_equal(queue_in_nic(m, 1), 1);
	later();
	assert_int_equal(m->port->flows_used, 1);
	assert_int_equal(m->flow_calls, 3); /* and no more */
	assert_int_equal(flow(PIX_OP_FLOW_DEL, udp(1, 2)), 0);
	for (u32 i = 0; i < 3 && m->flows; i++)
		assert_int_equal(m->port->flows_used, 0), later();
	assert_int_equal(m->flows, 0);
	later();
	assert_int_equal(m->flow_calls, 6);
	/* Wanted, and not wanted any more before it is there. */
	assert_int_equal(flow(PIX_OP_FLOW_SET, udp(2, 2)), 0);
	assert_int_equal(flow(PIX_OP_FLOW_DEL, udp(2, 2)), 0);
	for (u32 i = 0; i < 8; i++)
		later();
	assert_int_equal(m->flows, 0);
	assert_int_equal(m->port->flows_used, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers),       cmocka_unit_test(awake),
		cmocka_unit_test(vectors),         cmocka_unit_test(module),
		cmocka_unit_test(resets),          cmocka_unit_test(nobody_inside),
		cmocka_unit_test(without_one),     cmocka_unit_test(stop_wins),
		cmocka_unit_test(short_of_memory), cmocka_unit_test(flows),
		cmocka_unit_test(flows_refused),   cmocka_unit_test(flows_slowly),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	host_reset();
	return r;
}
