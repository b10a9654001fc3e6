// SPDX-License-Identifier: MIT
/*
 * The router in the whole data plane: real loop, pools, rings and epochs, ports in memory, and a
 * neighbour daemon that answers late or not at all, while routes change under the traffic.
 *
 *	hosts 10.0.<port>.<10..59> on each of 3 ports; 10.0.<port>.60.. never answer ARP
 *	20.<port>.0.0/16 behind gateways 10.0.<port>.250 and .251, flapping
 */
#include "tests/unit/re/frames.h"

#include "tests/unit/qgm/flows.h"
#include "tools/host/world.h"

enum { PORTS = 3, STABLE = 60, FLAPPING = 30, DEAD = 6, FLOWS = STABLE + FLAPPING + DEAD };

static struct world w;
static struct flows flows;
static u64 to_send, bad_out, out_total, icmp_out[256];
static u64 rng;

struct miss {
	u16 ifid;
	u32 addr;
	u32 at; /* turn in which the answer comes */
};
static struct miss misses[512];
static u32 miss_count, turn;

static u32 rnd(u32 n)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (u32)(rng >> 20) % n;
}

static void flow_addresses(u32 flow, u32 *in, u32 *src, u32 *dst)
{
	u32 out = 1 + (flow + flow / 3) % PORTS;

	*in = 1 + flow % PORTS;
	*src = IP(10, 0, *in, 10 + flow % 50);
	if (flow < STABLE)
		*dst = IP(10, 0, out, 10 + (flow * 7) % 50);
	else if (flow < STABLE + FLAPPING)
		*dst = IP(20, out, flow, 1);
	else
		*dst = IP(10, 0, out, 60 + flow % 50);
}

/* Wire in: a frame of a random flow of this port. */
static u32 source(struct memport *m, u8 *data, u32 room)
{
	u32 flow, in, src, dst, len;

	if (!to_send || rnd(3) == 0)
		return 0;
	do
		flow = rnd(FLOWS);
	while (1 + flow % PORTS != m->port->id);
	to_send--;
	if (rnd(50) == 0) { /* ping an address of the router */
		len = frame_icmp(data, 0, IP(10, 0, m->port->id, 10 + rnd(50)),
				 IP(10, 0, 1 + rnd(PORTS), 1), 8, 0, (u16)rnd(1000));
		memcpy(data, m->port->mac, 6);
		return len;
	}
	flow_addresses(flow, &in, &src, &dst);
	len = flows_make(&flows, flow, 0, 0, data, MIN(room, 1514u));
	memcpy(data, m->port->mac, 6);
	frame_ip(data)->src = cpu_to_be32(src);
	frame_ip(data)->dst = cpu_to_be32(dst);
	frame_fix(data);
	return len;
}

/* Wire out: right MACs, TTL, checksum; payload as sent. */
static void sink(struct memport *m, const u8 *data, u32 len)
{
	const struct ipv4_hdr *ip = (const struct ipv4_hdr *)(data + 14);
	u32 dst = be32_to_cpu(ip->dst);

	out_total++;
	if (memcmp(data + 6, m->port->mac, 6) || data[0] != 2 || data[1] != 0xaa ||
	    data[4] != m->port->id || frame_sum(ip, 20, 0)) {
		bad_out++;
		return;
	}
	if (ip->proto == 1) {
		bad_out += ip->ttl != 64 || frame_sum(data + 34, len - 34, 0) != 0;
		icmp_out[data[34]]++;
		return;
	}
	bad_out += ip->ttl != 63;
	if (dst >> 24 == 10)
		bad_out += data[5] != (u8)dst; /* the host's own MAC */
	else
		bad_out += data[5] != 250 && data[5] != 251;
	flows_take(&flows, data, len);
}

static void must_txn(struct pix_op *ops, u32 n)
{
	u64 epoch;
	u32 failed;

	assert_int_equal(control_txn(ops, n, 0, &epoch, &failed), 0);
}

static struct pix_op neigh(u16 ifid, u32 addr)
{
	struct pix_op op = { .kind = PIX_OP_NEIGH_SET,
			     .neigh = { .ifid = ifid, .addr = pix_ip4(addr) } };

	memcpy(op.neigh.mac, (const u8[]){ 2, 0xaa, 0, 0, (u8)ifid, (u8)addr }, 6);
	return op;
}

static void event(const struct pix_event *ev)
{
	if (ev->kind != PIX_EV_NEIGH_MISS || miss_count == ARRAY_SIZE(misses))
		return;
	for (u32 i = 0; i < miss_count; i++)
		if (misses[i].addr == pix_ip_to4(ev->addr))
			return;
	misses[miss_count++] = (struct miss){ ev->ifid, pix_ip_to4(ev->addr), turn + rnd(60) };
}

static bool answers(u32 addr)
{
	return (addr & 0xff) < 60 || (addr & 0xff) >= 250;
}

static void failed(const struct miss *m)
{
	for (u32 i = 0; i < w.nqgm; i++) {
		struct ctl_cmd cmd = { .kind = CTL_NEIGH_FAILED,
				       .a = m->ifid,
				       .arg = { 0, pix_ip4(m->addr).lo } };

		assert_true(msgring_put(ctl_block()->qgm[i].cmd, &cmd));
	}
}

/* The neighbour daemon: what is due now, some of it in one transaction. */
static void neighbour_daemon(void)
{
	static struct pix_op ops[4];
	u32 n = 0;

	for (u32 i = 0; i < w.nqgm; i++) {
		struct pix_event ev;

		while (msgring_get(ctl_block()->qgm[i].event, &ev))
			event(&ev);
	}
	for (u32 i = 0; i < miss_count && n < ARRAY_SIZE(ops);) {
		if (misses[i].at > turn) {
			i++;
			continue;
		}
		if (answers(misses[i].addr))
			ops[n++] = neigh(misses[i].ifid, misses[i].addr);
		else
			failed(&misses[i]);
		misses[i] = misses[--miss_count];
	}
	if (n)
		must_txn(ops, n);
	if (rnd(400) == 0) { /* a neighbour is forgotten */
		struct pix_op op = neigh((u16)(1 + rnd(PORTS)), 0);
		u64 epoch;
		u32 at;

		op.neigh.addr =
			pix_ip4(IP(10, 0, op.neigh.ifid, rnd(2) ? 250 + rnd(2) : 10 + rnd(50)));
		op.kind = PIX_OP_NEIGH_FAIL;
		assert_int_equal(control_txn(&op, 1, 0, &epoch, &at), 0);
	}
}

static struct pix_op route(u32 port, u32 gateway)
{
	struct pix_op op = { .kind = PIX_OP_ROUTE_ADD };

	op.route = (struct pix_route){ .addr = pix_ip4(IP(20, port, 0, 0)),
				       .len = 16,
				       .proto = PIX_ROUTE_STATIC,
				       .gateway = pix_ip4(IP(10, 0, port, gateway)) };
	return op;
}

static void flap(void)
{
	struct pix_op op = route(1 + rnd(PORTS), 250 + rnd(2));

	must_txn(&op, 1);
	if (rnd(3) == 0) { /* a more specific in front of it, and away again */
		op.route.addr.lo |= rnd(100) << 8;
		op.route.len = 24;
		op.route.gateway.lo ^= 1;
		must_txn(&op, 1);
		op.kind = PIX_OP_ROUTE_DEL;
		if (rnd(2))
			must_txn(&op, 1);
	}
}

static void start(u32 nqgm, const char *plant)
{
	host_reset();
	if (plant)
		host_plant(plant);
	world_make(&w, 64u << 20, nqgm, PORTS);
	flows_init(&flows, 42, FLOWS);
	rng = 4711 + nqgm;
	to_send = bad_out = out_total = miss_count = turn = 0;
	memset(icmp_out, 0, sizeof(icmp_out));
	for (u16 id = 1; id <= PORTS; id++) {
		struct pix_op ops[2] = { op_if(id, IP(10, 0, id, 1), 24), route(id, 250) };

		w.m[id]->source = source;
		w.m[id]->sink = sink;
		must_txn(ops, 2);
	}
}

static void run(u64 packets, bool flapping)
{
	to_send = packets;
	for (turn = 0; to_send && turn < 10000000; turn++) {
		world_turn(&w);
		neighbour_daemon();
		if (flapping && rnd(40) == 0)
			flap();
	}
	for (u32 i = 0; i < 1000; i++, turn++) { /* the last answers */
		world_turn(&w);
		neighbour_daemon();
	}
	host_clock_advance(env_clock_hz() * 6);
	world_settle(&w, 20, 100000);
}

/* Take everything back; what the writer leaves behind then is a leak that ASan reports. */
static void stop(void)
{
	struct control_routes at = { .end = 0 };
	struct pix_route r;
	u32 total;

	while (control_list_routes(&at, &r, 1, &total)) {
		struct pix_op op = { .kind = PIX_OP_ROUTE_DEL, .route = r };

		if (r.proto == PIX_ROUTE_STATIC)
			must_txn(&op, 1);
	}
	for (u16 id = 1; id <= PORTS; id++) {
		struct pix_op op = { .kind = PIX_OP_IF_SET, .iface.id = id };

		must_txn(&op, 1);
	}
	world_settle(&w, 20, 1000);
	tables_reclaim();
	assert_int_equal(tables_pending(), 0);
	host_reset();
}

static void traffic(u32 nqgm)
{
	const char *law;
	u64 held_back = 0;

	start(nqgm, NULL);
	run(100000, true);
	law = world_law(&w);
	if (law)
		fail_msg("%s", law);
	assert_int_equal(bad_out, 0);
	assert_int_equal(flows.damaged + flows.unknown, 0);
	/* what did not come out ended under these names and no other */
	held_back = world_drops(&w, DROP_neighbour_unresolved) +
		    world_drops(&w, DROP_neighbour_queue_full) + world_drops(&w, DROP_icmp_rate) +
		    world_drops(&w, DROP_no_buffer) + world_drops(&w, DROP_tx_full) +
		    world_drops(&w, DROP_ring_full);
	assert_int_equal(world_drops_all(&w), held_back);
	assert_int_equal(100000 - held_back + WORLD_SUM(&w, made), out_total + WORLD_SUM(&w, held));
	assert_true(flows.total > 70000);
	assert_true(icmp_out[0] > 1000 && icmp_out[3] > 100);
	assert_true(world_drops(&w, DROP_neighbour_unresolved) > 100);
	printf("%u QGM: %lu out, %lu echo replies, %lu unreachables, %lu unresolved, %lu over "
	       "queues, "
	       "epoch %lu\n",
	       nqgm, flows.total, icmp_out[0], icmp_out[3],
	       world_drops(&w, DROP_neighbour_unresolved),
	       world_drops(&w, DROP_neighbour_queue_full), tables_current()->epoch);
	/* order within a flow, where its way did not change */
	for (u32 f = 0; f < STABLE; f++)
		assert_true(flows.received[f] > 0);
	assert_int_equal(flows.disorder, 0);
	stop();
}

static void one_qgm(void **state)
{
	(void)state;
	traffic(1);
}

static void two_qgms(void **state)
{
	(void)state;
	traffic(2);
}

static void three_qgms(void **state)
{
	(void)state;
	traffic(3);
}

/* A planted bug is seen by the wire-out checks. */
static void bugs(void **state)
{
	static const char *const names[] = { "ttl", "checksum" };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		start(2, names[i]);
		run(1000, false);
		assert_true(bad_out > 100);
		stop();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_qgm),
		cmocka_unit_test(two_qgms),
		cmocka_unit_test(three_qgms),
		cmocka_unit_test(bugs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
