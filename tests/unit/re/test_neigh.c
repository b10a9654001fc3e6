// SPDX-License-Identifier: MIT
/*
 * Neighbour queues and the rewrite stage: glean, gateways, order, bounds, events, timeouts, stale
 * generations, planted bugs.
 *
 *	10.0.1.9 --- (1) 10.0.1.1/24   router   10.0.2.1/24 (2) --- 10.0.2.9, gateway 10.0.2.254
 */
#include "tests/unit/re/frames.h"

static u8 f[FAKE_FRAME];

enum {
	SRC = 0x0a000109,
	DST = 0x0a000209,
	GW = 0x0a0002fe,
	OWN1 = 0x0a000101,
	OWN2 = 0x0a000201,
	FAR = 0x14000001,
};

static int setup(void **state)
{
	struct pix_op ops[] = { op_if(1, OWN1, 24), op_if(2, OWN2, 24), op_neigh(1, SRC, 1),
				op_route(IP(20, 0, 0, 0), 8, GW) };

	(void)state;
	fake_start();
	fake_txn(ops, ARRAY_SIZE(ops));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_stop();
	return 0;
}

static void send(u32 dst, u16 id)
{
	u16 len = frame_udp(f, 1, SRC, dst, 64, 12);

	frame_ip(f)->id = cpu_to_be16(id);
	frame_fix(f);
	fake_rx(1, f, len);
}

static void resolve(u32 addr, u8 mac)
{
	fake_txn((struct pix_op[]){ op_neigh(2, addr, mac) }, 1);
	fake_epoch();
}

static void unresolve(u32 addr, enum pix_op_kind how)
{
	fake_txn(
		(struct pix_op[]){ { .kind = how, .neigh = { .ifid = 2, .addr = pix_ip4(addr) } } },
		1);
	fake_epoch();
}

static void out(u32 i, u32 dst, u16 id, u8 mac)
{
	assert_int_equal(fates[i].kind, FATE_OUT);
	check_ip(&fates[i], SRC, dst, 63);
	assert_int_equal(be16_to_cpu(frame_ip(fates[i].frame)->id), id);
	assert_int_equal(fates[i].frame[5], mac);
	assert_int_equal(fates[i].out_port, 2);
}

static void asked(u32 n, u32 addr)
{
	assert_int_equal(fake_event_count, n);
	assert_int_equal(fake_events[n - 1].kind, PIX_EV_NEIGH_MISS);
	assert_int_equal(fake_events[n - 1].ifid, 2);
	assert_int_equal(pix_ip_to4(fake_events[n - 1].addr), addr);
}

static void glean(void **state)
{
	(void)state;
	for (u16 i = 0; i < 5; i++)
		send(DST, i);
	assert_int_equal(fate_count, 0);
	assert_int_equal(fake_q->c->held, 5);
	asked(1, DST);
	fake_epoch(); /* nothing new: they go on waiting */
	assert_int_equal(fate_count, 0);
	resolve(IP(10, 0, 2, 77), 7); /* another one */
	assert_int_equal(fate_count, 0);
	resolve(DST, 9);
	send(DST, 5);
	assert_int_equal(fate_count, 6);
	for (u16 i = 0; i < 6; i++)
		out(i, DST, i, 9);
	assert_int_equal(fake_q->c->held, 0);
	/* a new MAC: the next packet has it */
	resolve(DST, 10);
	send(DST, 6);
	out(6, DST, 6, 10);
	/* gone: glean again */
	unresolve(DST, PIX_OP_NEIGH_DEL);
	send(DST, 7);
	assert_int_equal(fate_count, 7);
	asked(2, DST);
	resolve(DST, 11);
	out(7, DST, 7, 11);
}

static void gateway(void **state)
{
	(void)state;
	send(FAR, 0);
	send(GW, 1); /* the gateway itself waits in the same queue */
	send(FAR + 1, 2);
	assert_int_equal(fake_q->c->held, 3);
	asked(1, GW);
	resolve(GW, 0xfe);
	assert_int_equal(fate_count, 3);
	out(0, FAR, 0, 0xfe);
	out(1, GW, 1, 0xfe);
	out(2, FAR + 1, 2, 0xfe);
	unresolve(GW, PIX_OP_NEIGH_FAIL);
	send(FAR, 3);
	assert_int_equal(fate_count, 3);
	/* its route goes away while the packet waits */
	fake_txn(
		(struct pix_op[]){
			{ .kind = PIX_OP_ROUTE_DEL,
			  .route = { .addr = pix_ip4(IP(20, 0, 0, 0)), .len = 8, .proto = 2 } } },
		1);
	fake_epoch();
	assert_int_equal(fates[3].why, DROP_no_route);
	check_icmp_error(&fates[4], OWN1, SRC, 3, 0, 0, f, 0);
}

static void failure(void **state)
{
	(void)state;
	send(DST, 0);
	send(DST, 1);
	re_neighbour_failed(fake_q, 2, pix_ip4(IP(10, 0, 2, 10))); /* somebody else */
	re_neighbour_failed(fake_q, 1, pix_ip4(DST));
	assert_int_equal(fate_count, 0);
	re_neighbour_failed(fake_q, 2, pix_ip4(DST));
	assert_int_equal(fate_count, 4);
	assert_int_equal(fake_drops(DROP_neighbour_unresolved), 2);
	check_icmp_error(&fates[3], OWN1, SRC, 3, 1, 0, f, 0);
	re_neighbour_failed(fake_q, 2, pix_ip4(DST));
	assert_int_equal(fate_count, 4);
	fake_law();
}

static void timeout(void **state)
{
	(void)state;
	send(DST, 0);
	fake_sleep_ms(NEIGH_TIMEOUT_MS - 2);
	assert_int_equal(fate_count, 0);
	asked(4, DST); /* at 0, 1, 2 and 3 s */
	fake_sleep_ms(5);
	assert_int_equal(fate_count, 2);
	assert_int_equal(fates[0].why, DROP_neighbour_unresolved);
	check_icmp_error(&fates[1], OWN1, SRC, 3, 1, 0, f, 0);
	fake_sleep_ms(10000);
	assert_int_equal(fake_event_count, 4);
	send(DST, 1); /* and again */
	asked(5, DST);
}

static void event_ring_full(void **state)
{
	(void)state;
	fake_event_full = true;
	send(DST, 0);
	fake_sleep_ms(30);
	assert_int_equal(fake_event_count, 0);
	fake_event_full = false;
	fake_sleep_ms(30);
	asked(1, DST);
}

static void bounds(void **state)
{
	u32 dropped = 0;

	(void)state;
	/* one neighbour: the latest NEIGH_QUEUE are kept */
	for (u16 i = 0; i < NEIGH_QUEUE + 10; i++)
		send(DST, i);
	assert_int_equal(fake_drops(DROP_neighbour_queue_full), 10);
	assert_int_equal(fake_event_count, 1);
	fake_forget();
	resolve(DST, 9);
	assert_int_equal(fate_count, NEIGH_QUEUE);
	for (u16 i = 0; i < NEIGH_QUEUE; i++)
		out(i, DST, (u16)(i + 10), 9);
	/* a scan: NEIGH_ENTRIES neighbours, and events within their rate */
	for (u32 i = 0; i < 200; i++)
		send(IP(10, 0, 2, 10 + i), 0);
	assert_int_equal(fake_q->c->held, NEIGH_ENTRIES);
	assert_int_equal(fake_drops(DROP_neighbour_queue_full) - 10, 200 - NEIGH_ENTRIES);
	assert_true(fake_event_count <= 1 + NEIGH_EVENT_BURST);
	/* fill up: NEIGH_PACKETS in all */
	dropped = fake_drops(DROP_neighbour_queue_full);
	for (u32 k = 0; k < 10; k++)
		for (u32 i = 0; i < NEIGH_ENTRIES; i++)
			send(IP(10, 0, 2, 10 + i), 0);
	assert_int_equal(fake_q->c->held, NEIGH_PACKETS);
	assert_int_equal(fake_drops(DROP_neighbour_queue_full) - dropped,
			 10 * NEIGH_ENTRIES - (NEIGH_PACKETS - NEIGH_ENTRIES));
	fake_forget();
	fake_sleep_ms(NEIGH_TIMEOUT_MS + 5);
	assert_int_equal(fake_q->c->held, 0);
	assert_int_equal(fake_drops(DROP_neighbour_unresolved) + fake_drops(DROP_icmp_rate),
			 NEIGH_PACKETS);
}

/* One of the packets that wait for a gateway gets another way: it goes, the others stay. */
static void rerouted(void **state)
{
	const u32 other = IP(20, 7, 0, 1);

	(void)state;
	resolve(DST, 9);
	send(FAR, 0);
	send(other, 1);
	send(FAR, 2);
	send(other, 3);
	fake_txn((struct pix_op[]){ op_route(IP(20, 7, 0, 0), 16, DST) }, 1);
	fake_epoch();
	assert_int_equal(fate_count, 2);
	out(0, other, 1, 9);
	out(1, other, 3, 9);
	assert_int_equal(fake_q->c->held, 2);
	assert_int_equal(fake_event_count, 1);
	resolve(GW, 0xfe);
	assert_int_equal(fate_count, 4);
	out(2, FAR, 0, 0xfe);
	out(3, FAR, 2, 0xfe);
}

/* The interface goes down under waiting packets. */
static void interface_gone(void **state)
{
	u64 epoch;

	(void)state;
	send(DST, 0);
	assert_int_equal(control_link(2, false, &epoch), 0);
	fake_epoch();
	assert_int_equal(fates[0].why, DROP_no_route);
	check_icmp_error(&fates[1], OWN1, SRC, 3, 0, 0, f, 0);
	fake_forget();
	assert_int_equal(control_link(2, true, &epoch), 0);
	resolve(DST, 9);
	send(DST, 1);
	out(0, DST, 1, 9);
	assert_int_equal(control_link(2, false, &epoch), 0); /* the neighbour is forgotten, too */
	assert_int_equal(control_link(2, true, &epoch), 0);
	fake_grace();
	send(DST, 2);
	assert_int_equal(fate_count, 1);
}

/* Ingress interface unbound while the packet waits: no address to answer from. */
static void ingress_gone(void **state)
{
	(void)state;
	send(DST, 0);
	fake_txn((struct pix_op[]){ { .kind = PIX_OP_IF_SET, .iface.id = 1 } }, 1);
	fake_epoch();
	re_neighbour_failed(fake_q, 2, pix_ip4(DST));
	assert_int_equal(fate_count, 1);
	assert_int_equal(fates[0].why, DROP_icmp_forbidden);
}

/* A packet that was looked up before its next hop changed. */
static struct packet *looked_up(u32 dst)
{
	struct packet *p;
	u16 len = frame_udp(f, 1, SRC, dst, 64, 12);
	const struct tables *t = tables_current();

	p = fake_frame(1, f, len);
	p->nh_id = fib_lookup(t->fib[0], dst);
	p->nh_gen = nh_get(t->nh, p->nh_id)->gen;
	p->l4_off = 34;
	return p;
}

static void rewrite(struct packet *p)
{
	fake_taken(1);
	re_rewrite(qgm_re(fake_q), tables_current(), &p, 1);
	fake_law();
}

static void stale(void **state)
{
	struct packet *p;

	(void)state;
	resolve(GW, 0xfe);
	p = looked_up(FAR);
	resolve(GW, 0xfd);
	rewrite(p);
	assert_int_equal(fate_count, 1);
	out(0, FAR, 0x1234, 0xfd); /* by a second lookup */
	/* a second mismatch ends it */
	p = looked_up(FAR);
	p->flags |= PACKET_RELOOKUP;
	p->nh_gen--;
	rewrite(p);
	assert_int_equal(fates[1].why, DROP_stale_nexthop);
	/* an id that is not in the table any more */
	p = looked_up(FAR);
	p->nh_id = 60000;
	rewrite(p);
	out(2, FAR, 0x1234, 0xfd);
	fake_law();
}

static void bugs(void **state)
{
	struct re *re = qgm_re(fake_q);
	struct packet *p;

	(void)state;
	resolve(GW, 0xfe);
	resolve(DST, 9);
	re->plants = RE_PLANT_TTL;
	send(DST, 0);
	assert_int_equal(frame_ip(fates[0].frame)->ttl, 64);
	re->plants = RE_PLANT_CHECKSUM;
	send(DST, 0);
	assert_int_not_equal(frame_sum(fates[1].frame + 14, 20, 0), 0);
	re->plants = RE_PLANT_STALE_NH;
	p = looked_up(FAR);
	unresolve(GW, PIX_OP_NEIGH_DEL);
	rewrite(p);
	assert_int_equal(fates[2].kind, FATE_OUT); /* sent to nobody's MAC */
	assert_memory_equal(fates[2].frame, "\0\0\0\0\0\0", 6);
	re->plants = 0;
	fake_law();
}

/* The plants are asked for by name. */
static void planted_names(void **state)
{
	static const struct {
		const char *name;
		u32 bit;
	} plants[] = { { "ttl", RE_PLANT_TTL },
		       { "checksum", RE_PLANT_CHECKSUM },
		       { "stale-nh", RE_PLANT_STALE_NH },
		       { "arp", RE_PLANT_ARP },
		       { "scope", RE_PLANT_SCOPE } };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(plants); i++) {
		struct re *re;

		fake_plants = plants[i].name;
		re = re_create(fake_q, 0);
		assert_int_equal(re->plants, plants[i].bit);
	}
	fake_plants = NULL;
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(glean),           T(gateway),      T(failure),  T(timeout),
		T(event_ring_full), T(bounds),       T(rerouted), T(stale),
		T(interface_gone),  T(ingress_gone), T(bugs),     T(planted_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
