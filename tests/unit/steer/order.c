// SPDX-License-Identifier: MIT
/* order: the rig (order.h). */
#include "tests/unit/steer/order.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "qgm/control.h"
#include "qgm/steer/setting.h"

struct payload {
	u64 seq;
	u32 flow;
	u32 sum;
} __packed;

enum { ETH = 14, FRAME = ETH + 20 + 8 + sizeof(struct payload), MAGIC = 0x5057 };

/* What one queue's wire makes: used by one thread. */
struct wire {
	u64 seed, left;
} __cacheline;

static struct world w;
static struct order_setup cfg;
static struct wire wires[ORDER_PORTS + 1][PORT_QUEUES];
static u64 next_seq[ORDER_FLOWS], expected[ORDER_FLOWS];
static u64 made, taken, dropped, disorder, damaged, gaps;
static u64 control_seed;

static u64 draw(u64 *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed * 0x2545f4914f6cdd1dull >> 16;
}

struct world *order_world(void)
{
	return &w;
}

/* --- frames --- */

static u32 in_port(u32 flow)
{
	return 1 + flow % ORDER_PORTS;
}

static u32 out_port(u32 flow)
{
	return 1 + (flow + 1 + flow / ORDER_PORTS % (ORDER_PORTS - 1)) % ORDER_PORTS;
}

/* The queue by which the NIC's own RSS delivers it. */
static u32 in_queue(u32 flow)
{
	return flow / ORDER_PORTS % w.m[1]->port->rx_queues;
}

static u32 sum_of(const struct payload *p)
{
	return (u32)((p->seq ^ p->flow * 0x9e3779b9u) * 0x85ebca6bu) ^ MAGIC;
}

static void put16(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

static void put_checksum(u8 *ip)
{
	u32 sum = 0;

	for (u32 i = 0; i < 20; i += 2)
		sum += (u32)ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~(sum + (sum >> 16)) & 0xffff);
}

static void make_frame(u8 *d, u32 flow)
{
	u32 in = in_port(flow), out = out_port(flow);
	struct payload p = { .seq = next_seq[flow]++, .flow = flow };

	memset(d, 0, FRAME);
	memcpy(d, w.m[in]->port->mac, 6);
	memcpy(d + 6, (const u8[]){ 2, 9, 9, 9, (u8)in, (u8)flow, 8, 0, 0x45 }, 9);
	put16(d + 16, FRAME - ETH);
	d[22] = 64;
	d[23] = 17;
	memcpy(d + 26, (const u8[]){ 10, 0, (u8)in, (u8)(10 + flow % 200) }, 4);
	memcpy(d + 30, (const u8[]){ 10, 0, (u8)out, 2 }, 4);
	put_checksum(d + ETH);
	put16(d + 34, 1000 + flow);
	put16(d + 36, 53);
	put16(d + 38, FRAME - ETH - 20);
	p.sum = sum_of(&p);
	memcpy(d + FRAME - sizeof(p), &p, sizeof(p));
}

static u32 source(struct memport *m, u32 queue, u8 *data, u32 room)
{
	struct wire *wire = &wires[m->port->id][queue];
	u32 flow;

	(void)room;
	if (!wire->left || draw(&wire->seed) % 16 == 0 ||
	    load_relaxed(&made) - load_relaxed(&taken) - load_relaxed(&dropped) > cfg.window)
		return 0;
	/* Few flows at a time, in trains: they are what a hasty switch reorders. */
	flow = (u32)(draw(&wire->seed) % 16 + (wire->left / 4096) * 16);
	flow = flow * ORDER_PORTS * m->port->rx_queues + queue * ORDER_PORTS + m->port->id - 1u;
	flow %= ORDER_FLOWS;
	if (in_port(flow) != m->port->id || in_queue(flow) != queue)
		return 0;
	make_frame(data, flow);
	store_relaxed(&wire->left, wire->left - 1);
	fetch_add_relaxed(&made, 1);
	return FRAME;
}

static void sink(struct memport *m, const u8 *d, u32 len)
{
	struct payload p;
	u64 before;

	fetch_add_relaxed(&taken, 1);
	if (len != FRAME) {
		fetch_add_relaxed(&damaged, 1);
		return;
	}
	memcpy(&p, d + FRAME - sizeof(p), sizeof(p));
	if (p.flow >= ORDER_FLOWS || p.sum != sum_of(&p) || m->port->id != out_port(p.flow) ||
	    d[22] != 63) {
		fetch_add_relaxed(&damaged, 1);
		return;
	}
	before = exchange_acq_rel(&expected[p.flow], p.seq + 1);
	if (p.seq < before)
		fetch_add_relaxed(&disorder, 1);
	else
		fetch_add_relaxed(&gaps, p.seq - before);
}

/* --- the router --- */

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "order: %s failed\n", what);
	abort();
}

static void txn(struct pix_op *ops, u32 n)
{
	u64 epoch;
	u32 failed;

	must(!control_txn(ops, n, 0, &epoch, &failed), "transaction");
}

static void setup(const struct order_setup *s)
{
	static struct pix_op ops[2 * ORDER_PORTS];
	u32 nwires = ORDER_PORTS;

	cfg = *s;
	host_plant(s->plant ? s->plant : "");
	world_make_queues(&w, 48ull << 20, s->nqgm, ORDER_PORTS, s->rx, s->tx);
	memset(ops, 0, sizeof(ops));
	for (u16 i = 1; i <= ORDER_PORTS; i++) {
		struct pix_op *op = &ops[2 * (i - 1)];

		op[0].kind = PIX_OP_IF_SET;
		op[0].iface = (struct pix_iface){ .id = i, .mode = PIX_IF_L3, .up = 1 };
		op[0].iface.addr_count = 1;
		op[0].iface.addr[0].ip = pix_ip4(0x0a000001u | (u32)i << 8);
		op[0].iface.addr[0].len = 24;
		op[1].kind = PIX_OP_NEIGH_SET;
		op[1].neigh =
			(struct pix_neigh){ .ifid = i, .addr = pix_ip4(0x0a000002u | (u32)i << 8) };
		memcpy(op[1].neigh.mac, (const u8[]){ 2, 0, 0, 0, (u8)i, 2 }, 6);
	}
	txn(ops, ARRAY_SIZE(ops));
	nwires *= w.m[1]->port->rx_queues;
	made = taken = dropped = disorder = damaged = gaps = 0;
	control_seed = s->seed;
	memset(next_seq, 0, sizeof(next_seq));
	memset(expected, 0, sizeof(expected));
	for (u32 i = 1; i <= ORDER_PORTS; i++) {
		w.m[i]->source_of = source;
		w.m[i]->sink = sink;
		for (u32 q = 0; q < PORT_QUEUES; q++)
			wires[i][q] = (struct wire){
				.seed = s->seed * 1000003 + i * 8 + q,
				.left = q < w.m[i]->port->rx_queues ? s->frames / nwires : 0,
			};
	}
}

/* --- changes --- */

static struct pix_flow some_flow(u32 flow)
{
	struct pix_flow f = { .src = pix_ip4(0x0a00000au + (in_port(flow) << 8) + flow % 200),
			      .dst = pix_ip4(0x0a000002u | out_port(flow) << 8),
			      .proto = 17,
			      .sport = (u16)(1000 + flow),
			      .dport = 53 };

	switch (draw(&control_seed) % 4) {
	case 0:
		f.src = PIX_IP_NONE;
		break;
	case 1:
		f.sport = f.dport = f.proto = 0;
		break;
	default:
		break;
	}
	f.qgm = (u16)(draw(&control_seed) % w.nqgm);
	return f;
}

/* Any setting of any port, or a rule more or less. */
static void change(void)
{
	static struct pix_flow list[PIX_FLOWS_MAX];
	struct pix_op op = { .kind = PIX_OP_STEER_SET };
	u64 r = draw(&control_seed), epoch, all = (1ull << w.nqgm) - 1;
	u32 failed, total = 0, n = 0;

	if (r % 4 == 0) {
		op.kind = PIX_OP_FLOW_SET;
		op.flow = some_flow((u32)(r >> 8) % ORDER_FLOWS);
	} else if (r % 4 == 1) {
		n = steer_list_flows(0, list, PIX_FLOWS_MAX, &total);
		if (n > 8) {
			op.kind = PIX_OP_FLOW_DEL;
			op.flow = list[(u32)(r >> 8) % n];
		}
	}
	if (op.kind == PIX_OP_STEER_SET) {
		op.steer.port = (u16)((r >> 8) % (ORDER_PORTS + 1));
		op.steer.mode = (u16)((r >> 16) % (op.steer.port ? 4 : 3));
		op.steer.workers = r & 0x80 ? r >> 24 & all : 0;
	}
	/* A pipeline without a worker is refused: nothing has changed then. */
	(void)control_txn(&op, 1, 0, &epoch, &failed);
}

static void count_drops(void)
{
	store_relaxed(&dropped, world_drops_all(&w));
}

static bool all_sent(void)
{
	for (u32 i = 1; i <= ORDER_PORTS; i++) {
		for (u32 q = 0; q < PORT_QUEUES; q++)
			if (load_relaxed(&wires[i][q].left))
				return false;
	}
	return true;
}

static void judge(struct order_result *r)
{
	world_settle(&w, 20, 20000);
	*r = (struct order_result){
		.sent = made,
		.out = taken,
		.drops = world_drops_all(&w),
		.disorder = disorder,
		.damaged = damaged,
		.gaps = gaps,
		.steered = WORLD_SUM(&w, steered),
		.moves = WORLD_SUM(&w, steer_moves),
	};
	r->law = world_law(&w);
	if (!r->law && r->sent != r->out + r->drops)
		r->law = "frames are missing without a drop";
}

/* --- simulated --- */

void order_simulate(const struct order_setup *s, struct order_result *r)
{
	u64 seed = s->seed * 7 + 1, still[QGM_MAX] = { 0 };

	host_reset();
	setup(s);
	for (u64 step = 0; !all_sent(); step++) {
		u32 i = (u32)(draw(&seed) % w.nqgm);

		host_clock_advance(env_clock_hz() / 1000000);
		if (still[i] > step)
			continue;
		qgm_turn(w.q[i]);
		if (draw(&seed) % 128 == 0)
			still[i] = step + draw(&seed) % 100;
		if (draw(&seed) % 128 == 0)
			change();
		count_drops();
	}
	judge(r);
}

/* --- on threads --- */

static bool stop;

static void *runner(void *arg)
{
	struct qgm *q = arg;
	u64 deadline;

	while (!load_relaxed(&stop)) {
		if (qgm_turn(q))
			continue;
		if (qgm_sleep_begin(q, &deadline))
			sched_yield(); /* a very short nap: nobody wakes us */
		qgm_sleep_end(q);
	}
	return NULL;
}

static void *writer(void *arg)
{
	u64 idle = 0, last = 0;

	(void)arg;
	while (!all_sent() || idle < 200) {
		change();
		count_drops();
		usleep(500);
		idle = load_relaxed(&taken) == last && all_sent() ? idle + 1 : 0;
		last = load_relaxed(&taken);
	}
	store_relaxed(&stop, true);
	return NULL;
}

void order_threads(const struct order_setup *s, struct order_result *r)
{
	pthread_t id[QGM_MAX + 1];

	host_reset();
	host_clock_real();
	setup(s);
	stop = false;
	for (u32 i = 0; i < w.nqgm; i++)
		must(!pthread_create(&id[i], NULL, runner, w.q[i]), "thread");
	must(!pthread_create(&id[w.nqgm], NULL, writer, NULL), "thread");
	for (u32 i = 0; i <= w.nqgm; i++)
		pthread_join(id[i], NULL);
	judge(r);
}
