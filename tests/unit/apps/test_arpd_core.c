// SPDX-License-Identifier: MIT
/*
 * arpd's core on a made-up wire and engine: misses, answers, learning, refusals by counter, own
 * addresses, conflicts, bounds, what the shows say.
 *
 *	engine <-- ops -- [ arpd core ] -- frames --> wire        eth0 = 10.0.0.1/24, 192.168.5.1/30
 */
#include "tests/unit/unit.h"

#include "apps/arpd/core.h"
#include "apps/arpd/show.h"
#include "apps/lib/netaddr.h"

static const u8 our_mac[6] = { 0x52, 0x54, 0, 0, 0, 1 }, host[6] = { 0x52, 0x54, 0, 0, 0, 0x22 },
		rival[6] = { 0x52, 0x54, 0, 0, 0, 0x66 }, nobody[6] = { 0 },
		all[6] = { 255, 255, 255, 255, 255, 255 };

enum { OUR = 0x0a000001, HOST = 0x0a000002, T0 = 100000 };

struct world {
	struct arpd a;
	unsigned frames, ops, logs;
	u16 frame_if;
	struct arp_packet frame[4096]; /* sent; newest at frames - 1 */
	struct {
		enum pix_op_kind kind;
		u32 addr;
		u8 mac[6];
	} op[8192];
	char log[256];
	int send_error;
};

static struct world *w;

static int on_send(void *ctx, u16 ifid, const u8 *frame, size_t n)
{
	struct arp_packet p;

	assert_ptr_equal(ctx, w);
	if (w->send_error)
		return w->send_error;
	assert_int_equal(n, ARP_FRAME_LEN);
	assert_int_equal(arp_parse(frame, n, &p),
			 ARP_OK); /* we send nothing that we would refuse */
	w->frame_if = ifid;
	w->frame[w->frames++ % 4096] = p;
	return 0;
}

static void on_engine(void *ctx, enum pix_op_kind kind, u16 ifid, struct pix_ip addr, const u8 *mac)
{
	(void)ctx;
	(void)ifid;
	w->op[w->ops % 8192].kind = kind;
	w->op[w->ops % 8192].addr = pix_ip_to4(addr);
	if (mac)
		memcpy(w->op[w->ops % 8192].mac, mac, 6);
	w->ops++;
}

static void on_addr_state(void *ctx, u16 ifid, struct pix_ip addr, u8 state)
{
	(void)ctx;
	(void)ifid;
	(void)addr;
	(void)state;
	fail_msg("IPv4 addresses have no state");
}

static void on_log(void *ctx, const char *text)
{
	(void)ctx;
	w->logs++;
	snprintf(w->log, sizeof(w->log), "%s", text);
}

static struct pix_iface eth0(void)
{
	struct pix_iface i = { .id = 1, .mode = PIX_IF_L3, .name = "eth0", .up = 1, .link = 1 };

	memcpy(i.mac, our_mac, 6);
	i.addr_count = 2;
	i.addr[0] = (struct pix_addr){ .ip = pix_ip4(OUR), .len = 24 };
	i.addr[1] = (struct pix_addr){ .ip = pix_ip4(0xc0a80501), .len = 30 };
	return i;
}

/* eth0 is up and has announced itself; counters and records start at zero. */
static int setup(void **state)
{
	struct arpd_io io = { on_send, on_engine, on_addr_state, on_log, NULL };
	struct pix_iface i = eth0();

	(void)state;
	w = calloc(1, sizeof(*w));
	io.ctx = w;
	arpd_init(&w->a, &io, 7);
	arpd_iface(&w->a, &i, T0 - 50000);
	arpd_timers(&w->a, T0 - 50000);
	arpd_timers(&w->a, T0 - 40000);
	w->frames = w->ops = 0;
	memset(&w->a.count, 0, sizeof(w->a.count));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(w);
	return 0;
}

static void frame_from(u16 op, const u8 *sha, u32 spa, const u8 *tha, u32 tpa, u64 now)
{
	struct arp_packet p = { .op = op, .spa = spa, .tpa = tpa };
	u8 frame[ARP_FRAME_LEN];

	memcpy(p.eth_dst, all, 6);
	memcpy(p.eth_src, sha, 6);
	memcpy(p.sha, sha, 6);
	memcpy(p.tha, tha, 6);
	arp_build(frame, &p);
	arpd_arp_frame(&w->a, 1, frame, sizeof(frame), now);
}

static const struct arp_packet *last_frame(void)
{
	assert_true(w->frames > 0);
	return &w->frame[(w->frames - 1) % 4096];
}

static void test_resolve(void **state)
{
	const struct arp_packet *p;

	(void)state;
	arpd_miss(&w->a, 1, pix_ip4(HOST), T0);
	assert_int_equal(w->frames, 1);
	p = last_frame();
	assert_int_equal(p->op, ARES_OP_REQUEST);
	assert_int_equal(p->spa, OUR);
	assert_int_equal(p->tpa, HOST);
	assert_memory_equal(p->eth_dst, all, 6);
	assert_memory_equal(p->sha, our_mac, 6);
	assert_memory_equal(p->tha, nobody, 6);
	arpd_miss(&w->a, 1, pix_ip4(HOST), T0 + 1); /* a second packet asks nothing again */
	assert_int_equal(w->frames, 1);
	frame_from(ARES_OP_REPLY, host, HOST, our_mac, OUR, T0 + 2);
	assert_int_equal(w->ops, 1);
	assert_int_equal(w->op[0].kind, PIX_OP_NEIGH_SET);
	assert_int_equal(w->op[0].addr, HOST);
	assert_memory_equal(w->op[0].mac, host, 6);
	assert_int_equal(table_find(&w->a.table, 1, pix_ip4(HOST))->n.state, NEIGH_REACHABLE);
}

static void test_source_is_of_the_subnet(void **state)
{
	(void)state;
	arpd_miss(&w->a, 1, pix_ip4(0xc0a80502), T0);
	assert_int_equal(last_frame()->spa, 0xc0a80501);
}

static void test_silence(void **state)
{
	int wait;

	(void)state;
	arpd_miss(&w->a, 1, pix_ip4(HOST), T0);
	wait = arpd_timers(&w->a, T0);
	assert_int_equal(wait, 1000);
	arpd_timers(&w->a, T0 + 999);
	assert_int_equal(w->frames, 1);
	for (u64 t = T0 + 1000; t <= T0 + 10000; t += 1000)
		arpd_timers(&w->a, t);
	assert_int_equal(w->frames, 3);
	assert_int_equal(w->ops, 1);
	assert_int_equal(w->op[0].kind, PIX_OP_NEIGH_FAIL);
	assert_int_equal(w->a.count.failed, 1);
	for (u64 t = T0 + 11000; t <= T0 + 30000; t += 1000)
		arpd_timers(&w->a, t);
	assert_int_equal(w->a.table.count, 0); /* forgotten */
	assert_int_equal(arpd_timers(&w->a, T0 + 31000), -1);
}

static void test_miss_that_cannot_be(void **state)
{
	static const u32 wrong[] = { OUR,        0x0a000000, 0x0a0000ff, 0x0b000001,
				     0xc0a80500, 0xc0a80503, 0xe0000001, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		arpd_miss(&w->a, 1, pix_ip4(wrong[i]), T0);
		assert_int_equal(w->op[i].kind, PIX_OP_NEIGH_FAIL);
		assert_int_equal(w->op[i].addr, wrong[i]);
	}
	assert_int_equal(w->a.count.miss_off_link, 8);
	arpd_miss(&w->a, 9, pix_ip4(HOST), T0);
	assert_int_equal(w->a.count.rx_unknown_if, 1);
	assert_int_equal(w->op[8].kind, PIX_OP_NEIGH_FAIL);
	assert_int_equal(w->frames, 0);
	assert_int_equal(w->a.table.count, 0);
}

static void test_answers_and_learns(void **state)
{
	const struct arp_packet *p;

	(void)state;
	frame_from(ARES_OP_REQUEST, host, HOST, nobody, OUR, T0);
	assert_int_equal(w->frames, 1);
	p = last_frame();
	assert_int_equal(p->op, ARES_OP_REPLY);
	assert_memory_equal(p->eth_dst, host, 6);
	assert_memory_equal(p->eth_src, our_mac, 6);
	assert_memory_equal(p->sha, our_mac, 6);
	assert_memory_equal(p->tha, host, 6);
	assert_int_equal(p->spa, OUR);
	assert_int_equal(p->tpa, HOST);
	assert_int_equal(w->ops, 1); /* who asks for us will hear from us */
	assert_int_equal(w->op[0].kind, PIX_OP_NEIGH_SET);
	assert_int_equal(table_find(&w->a.table, 1, pix_ip4(HOST))->n.state, NEIGH_STALE);
	assert_int_equal(w->a.count.tx_reply, 1);
}

static void test_probe_is_answered_not_learned(void **state)
{
	(void)state;
	frame_from(ARES_OP_REQUEST, host, 0, nobody, OUR, T0);
	assert_int_equal(w->frames, 1);
	assert_int_equal(last_frame()->op, ARES_OP_REPLY);
	assert_int_equal(w->a.table.count, 0);
	assert_int_equal(w->a.count.rx_off_link, 0); /* a probe is not a wrong address */
}

static void test_not_for_us(void **state)
{
	(void)state;
	frame_from(ARES_OP_REQUEST, host, HOST, nobody, 0x0a000003, T0);
	assert_int_equal(w->a.count.rx_not_ours, 1);
	frame_from(ARES_OP_REPLY, host, HOST, our_mac, OUR, T0);
	assert_int_equal(w->a.count.rx_unsolicited, 1);
	frame_from(ARES_OP_REQUEST, host, 0x0b000001, nobody, OUR, T0); /* answered, not learned */
	assert_int_equal(w->a.count.rx_off_link, 1);
	frame_from(ARES_OP_REQUEST, host, 0x0a0000ff, nobody, OUR, T0); /* the broadcast address */
	assert_int_equal(w->a.count.rx_off_link, 2);
	frame_from(ARES_OP_REQUEST, our_mac, OUR, nobody, HOST, T0);
	assert_int_equal(w->a.count.rx_own, 1);
	assert_int_equal(w->a.table.count, 0);
	assert_int_equal(w->ops, 0);
	assert_int_equal(w->frames, 2);
}

static void test_gratuitous_updates_only(void **state)
{
	(void)state;
	frame_from(ARES_OP_REQUEST, host, HOST, nobody, HOST, T0);
	assert_int_equal(w->a.table.count, 0);
	frame_from(ARES_OP_REQUEST, host, HOST, nobody, OUR, T0);
	frame_from(ARES_OP_REQUEST, rival, HOST, nobody, HOST, T0 + 500);
	assert_int_equal(w->a.count.flap, 1);
	frame_from(ARES_OP_REQUEST, rival, HOST, nobody, HOST, T0 + 5000);
	assert_int_equal(w->ops, 2);
	assert_memory_equal(w->op[1].mac, rival, 6);
}

static void test_reply_to_another_is_no_proof(void **state)
{
	(void)state;
	arpd_miss(&w->a, 1, pix_ip4(HOST), T0);
	frame_from(ARES_OP_REPLY, host, HOST, rival, 0x0a000009, T0 + 5);
	assert_int_equal(table_find(&w->a.table, 1, pix_ip4(HOST))->n.state, NEIGH_DELAY);
	arpd_miss(&w->a, 1, pix_ip4(0x0a000003), T0);
	frame_from(ARES_OP_REPLY, rival, 0x0a000003, host, OUR,
		   T0 + 5); /* our address, not our MAC */
	assert_int_equal(table_find(&w->a.table, 1, pix_ip4(0x0a000003))->n.state, NEIGH_DELAY);
}

static void test_conflict(void **state)
{
	(void)state;
	frame_from(ARES_OP_REQUEST, rival, OUR, nobody, HOST, T0);
	assert_int_equal(w->a.count.conflict, 1);
	assert_int_equal(w->logs, 1);
	assert_string_equal(w->log, "eth0: address 10.0.0.1 is also used by 52:54:00:00:00:66");
	assert_int_equal(w->frames, 1); /* defended: an announcement */
	assert_int_equal(last_frame()->spa, OUR);
	assert_int_equal(last_frame()->tpa, OUR);
	frame_from(ARES_OP_REPLY, rival, OUR, our_mac, OUR, T0 + 9999);
	assert_int_equal(w->frames, 1); /* once in 10 s */
	frame_from(ARES_OP_REPLY, rival, OUR, our_mac, OUR, T0 + 10001);
	assert_int_equal(w->frames, 2);
	assert_int_equal(w->a.count.conflict, 3);
	assert_int_equal(w->a.table.count, 0);
}

/* What a rival answers to our probe: target address 0 (RFC 5227 2.1.1). */
static void test_conflict_by_probe(void **state)
{
	(void)state;
	frame_from(ARES_OP_REPLY, rival, OUR, our_mac, 0, T0);
	assert_int_equal(w->a.count.conflict, 1);
	assert_int_equal(w->logs, 1);
}

static void test_announcements(void **state)
{
	struct pix_iface i = eth0();

	(void)state;
	i.addr[i.addr_count++] = (struct pix_addr){ .ip = pix_ip4(0x0a010001), .len = 24 };
	arpd_iface(&w->a, &i, T0);
	assert_int_equal(arpd_timers(&w->a, T0), 2000);
	assert_int_equal(w->frames, 2);       /* the new address only */
	assert_int_equal(w->frame[0].spa, 0); /* a probe makes a rival speak */
	assert_int_equal(w->frame[0].tpa, 0x0a010001);
	assert_int_equal(w->frame[1].spa, 0x0a010001);
	assert_int_equal(w->frame[1].tpa, 0x0a010001);
	arpd_timers(&w->a, T0 + 2000);
	assert_int_equal(w->frames, 3);
	arpd_timers(&w->a, T0 + 9000);
	assert_int_equal(w->frames, 3);
	/* the link comes back: all addresses again */
	i.link = 0;
	arpd_iface(&w->a, &i, T0 + 10000);
	i.link = 1;
	arpd_iface(&w->a, &i, T0 + 11000);
	arpd_timers(&w->a, T0 + 11000);
	assert_int_equal(w->frames, 3 + 6);
	/* no change, no word */
	arpd_iface(&w->a, &i, T0 + 20000);
	arpd_timers(&w->a, T0 + 20000);
	arpd_timers(&w->a, T0 + 30000);
	assert_int_equal(w->frames, 3 + 6 + 3);
}

static void test_link_down_forgets(void **state)
{
	struct pix_iface i = eth0();

	(void)state;
	frame_from(ARES_OP_REQUEST, host, HOST, nobody, OUR, T0);
	arpd_miss(&w->a, 1, pix_ip4(0x0a000003), T0);
	i.link = 0;
	arpd_iface(&w->a, &i, T0 + 1);
	assert_int_equal(w->a.table.count, 0);
	assert_int_equal(w->a.count.withdrawn, 1);
	assert_int_equal(w->a.count.failed, 1);
	arpd_miss(&w->a, 1, pix_ip4(HOST), T0 + 2); /* down: fails at once */
	assert_int_equal(w->op[w->ops - 1].kind, PIX_OP_NEIGH_FAIL);
	frame_from(ARES_OP_REQUEST, host, HOST, nobody, OUR, T0 + 3);
	assert_int_equal(w->a.table.count, 0);
}

/* A loopback has addresses but no MAC: nothing is sent or answered there. */
static void test_no_mac(void **state)
{
	struct pix_iface i = eth0();

	(void)state;
	i.id = 2;
	memset(i.mac, 0, 6);
	arpd_iface(&w->a, &i, T0);
	arpd_timers(&w->a, T0);
	arpd_miss(&w->a, 2, pix_ip4(HOST), T0);
	assert_int_equal(w->frames, 0);
	assert_int_equal(w->op[0].kind, PIX_OP_NEIGH_FAIL);
}

static void test_address_removed(void **state)
{
	struct pix_iface i = eth0();

	(void)state;
	frame_from(ARES_OP_REQUEST, host, HOST, nobody, OUR, T0);
	frame_from(ARES_OP_REQUEST, rival, 0xc0a80502, nobody, 0xc0a80501, T0);
	assert_int_equal(w->a.table.count, 2);
	i.addr[0] = i.addr[1];
	i.addr_count = 1;
	arpd_iface(&w->a, &i, T0 + 1);
	assert_int_equal(w->a.table.count, 1);
	assert_null(table_find(&w->a.table, 1, pix_ip4(HOST)));
	assert_int_equal(w->op[w->ops - 1].kind, PIX_OP_NEIGH_DEL);
	assert_int_equal(w->op[w->ops - 1].addr, HOST);
	arpd_iface_gone(&w->a, 1, T0 + 2);
	assert_int_equal(w->a.table.count, 0);
}

static void test_rate_limit(void **state)
{
	(void)state;
	for (u32 k = 2; k < 202; k++)
		arpd_miss(&w->a, 1, pix_ip4(0x0a000000 + k), T0);
	assert_int_equal(w->frames, IFACE_BURST);
	assert_int_equal(w->a.count.rate_limited, 200 - IFACE_BURST);
	arpd_timers(&w->a, T0 + 1000); /* a second later: 100 more, bounded by the burst */
	assert_int_equal(w->frames, 2 * IFACE_BURST);
}

/* A scan of a /16: memory is bounded, neighbours that answered stay. */
static void test_scan(void **state)
{
	struct pix_iface i = eth0();
	u32 unresolved;

	(void)state;
	i.addr[0].len = 16;
	arpd_iface(&w->a, &i, T0);
	frame_from(ARES_OP_REQUEST, host, HOST, nobody, OUR, T0);
	for (u32 k = 0; k < 20000; k++)
		arpd_miss(&w->a, 1, pix_ip4(0x0a000100 + k), T0 + k);
	unresolved = table_census(&w->a.table, 0).unresolved;
	assert_int_equal(unresolved, TABLE_UNRESOLVED_IF);
	assert_int_equal(w->a.count.evicted, 20000 - TABLE_UNRESOLVED_IF);
	assert_non_null(table_find(&w->a.table, 1, pix_ip4(HOST)));
	assert_null(table_find(&w->a.table, 1, pix_ip4(0x0a000100))); /* the oldest left */
	assert_non_null(table_find(&w->a.table, 1, pix_ip4(0x0a000100 + 19999)));
}

static void confirm(u32 addr, u64 now)
{
	arpd_miss(&w->a, 1, pix_ip4(addr), now);
	frame_from(ARES_OP_REPLY, host, addr, our_mac, OUR, now);
}

/* More live neighbours than an interface may have: counted, nothing breaks, every miss still gets
 * an answer; who answered us is not pushed out by who did not. */
static void test_table_full(void **state)
{
	struct pix_iface i = eth0();

	(void)state;
	i.addr[0].len = 16;
	arpd_iface(&w->a, &i, T0);
	for (u32 k = 0; k < TABLE_IF_MAX; k++)
		confirm(0x0a000100 + k, T0 + k);
	assert_int_equal(w->a.table.count, TABLE_IF_MAX);
	for (u32 k = 0; k < 10; k++) /* they speak, nobody asked */
		frame_from(ARES_OP_REQUEST, host, 0x0a00e000 + k, nobody, OUR, T0 + 5000);
	assert_int_equal(w->a.table.count, TABLE_IF_MAX);
	assert_int_equal(w->a.count.table_full, 10);
	assert_int_equal(w->a.count.evicted, 0);
	arpd_miss(&w->a, 1, pix_ip4(0x0a00f000), T0 + 5000);
	assert_int_equal(w->op[(w->ops - 1) % 8192].kind, PIX_OP_NEIGH_FAIL);
	assert_int_equal(arpd_clear(&w->a, 0, PIX_IP_NONE), TABLE_IF_MAX);
	assert_int_equal(w->a.table.count, 0);

	for (u32 k = 0; k < TABLE_IF_MAX + 10; k++) /* nobody is proven: the newest stay */
		frame_from(ARES_OP_REQUEST, host, 0x0a000100 + k, nobody, OUR, T0 + 6000 + k);
	assert_int_equal(w->a.table.count, TABLE_IF_MAX);
	assert_int_equal(w->a.count.evicted, 10);
	assert_null(table_find(&w->a.table, 1, pix_ip4(0x0a000100)));
	assert_non_null(table_find(&w->a.table, 1, pix_ip4(0x0a000100 + TABLE_IF_MAX + 9)));
	arpd_miss(&w->a, 1, pix_ip4(0x0a00f000), T0 + 9000); /* a resolved one does not give way */
	assert_int_equal(w->op[(w->ops - 1) % 8192].kind, PIX_OP_NEIGH_FAIL);
}

/* The scan of one interface leaves another one's unresolved neighbours alone. */
static void test_scan_elsewhere(void **state)
{
	struct pix_iface i = eth0(), j = eth0();

	(void)state;
	i.addr[0].len = 16;
	arpd_iface(&w->a, &i, T0);
	j.id = 2;
	j.addr_count = 1;
	j.addr[0] = (struct pix_addr){ .ip = pix_ip4(0x0a050001), .len = 24 };
	arpd_iface(&w->a, &j, T0);
	arpd_miss(&w->a, 2, pix_ip4(0x0a050007), T0);
	for (u32 k = 0; k < 5000; k++)
		arpd_miss(&w->a, 1, pix_ip4(0x0a000100 + k), T0 + 1 + k);
	assert_non_null(table_find(&w->a.table, 2, pix_ip4(0x0a050007)));
	assert_int_equal(table_census(&w->a.table, 1).unresolved, TABLE_UNRESOLVED_IF);
}

static void test_adopt(void **state)
{
	struct pix_neigh n = { .ifid = 1, .addr = pix_ip4(HOST), .state = 1 };

	(void)state;
	memcpy(n.mac, host, 6);
	arpd_adopt(&w->a, &n, T0);
	arpd_adopt(&w->a, &n, T0); /* twice is once */
	assert_int_equal(w->a.table.count, 1);
	arpd_timers(&w->a, T0 + NEIGH_DELAY_MS + 1);
	assert_int_equal(w->frames, 1);
	assert_memory_equal(last_frame()->eth_dst, host, 6); /* a unicast poll */
	assert_int_equal(w->ops, 0);                         /* the engine has it already */
}

/* A gateway is asked for without a miss, and again after it failed; one that is known is published
 * once more, since the engine says that it has it not. */
static void test_gateway(void **state)
{
	(void)state;
	arpd_gateway(&w->a, 1, pix_ip4(HOST), T0);
	assert_int_equal(w->frames, 1);
	arpd_gateway(&w->a, 1, pix_ip4(HOST), T0 + 500); /* under way */
	assert_int_equal(w->frames, 1);
	for (u64 t = T0 + 1000; t <= T0 + 4000; t += 1000)
		arpd_timers(&w->a, t);
	assert_int_equal(w->op[0].kind, PIX_OP_NEIGH_FAIL);
	assert_int_equal(w->frames, 3);
	arpd_gateway(&w->a, 1, pix_ip4(HOST), T0 + 5000);
	assert_int_equal(w->frames, 4);
	frame_from(ARES_OP_REPLY, host, HOST, our_mac, OUR, T0 + 5001);
	assert_int_equal(w->op[1].kind, PIX_OP_NEIGH_SET);
	arpd_gateway(&w->a, 1, pix_ip4(HOST), T0 + 6000);
	assert_int_equal(w->op[2].kind, PIX_OP_NEIGH_SET);
	assert_int_equal(w->a.count.miss, 0);
	arpd_gateway(&w->a, 1, pix_ip4(0x0b000001), T0); /* off-link: nobody to ask */
	arpd_gateway(&w->a, 9, pix_ip4(HOST), T0);
	assert_int_equal(w->frames, 4);
	assert_int_equal(w->ops, 3);
}

static void test_send_error(void **state)
{
	(void)state;
	w->send_error = -5;
	arpd_miss(&w->a, 1, pix_ip4(HOST), T0);
	assert_int_equal(w->a.count.tx_error, 1);
	assert_int_equal(w->a.count.tx_request, 0);
}

static void test_messages(void **state)
{
	struct {
		struct pix_neigh_msg h;
		u8 room[64];
	} m = { .h = { .kind = PIX_EV_NEIGH_MISS, .ifid = 1, .addr = pix_ip4(HOST) } };

	(void)state;
	arpd_message(&w->a, &m.h, sizeof(m.h), T0);
	assert_int_equal(w->a.count.miss, 1);
	arpd_message(&w->a, &m.h, sizeof(m.h) - 1, T0);
	assert_int_equal(w->a.count.bad_message, 1);
	m.h.kind = PIX_EV_ARP_FRAME;
	m.h.len = 64;
	arpd_message(&w->a, &m.h, sizeof(m.h) + 63, T0); /* says more than there is */
	assert_int_equal(w->a.count.bad_message, 2);
	m.h.len = 41;
	arpd_message(&w->a, &m.h, sizeof(m.h) + 41, T0);
	assert_int_equal(w->a.count.bad[ARP_BAD_short], 1);
	m.h.kind = 77;
	arpd_message(&w->a, &m.h, sizeof(m.h) + 41, T0);
	assert_int_equal(w->a.count.bad_message, 3);
	m.h.kind = PIX_EV_IF_CHANGE;
	arpd_message(&w->a, &m.h, sizeof(m.h) + 41, T0);
	assert_int_equal(w->a.count.bad_message, 3);
}

/* Runs one request and compares the whole answer. */
static void expect_show(const char *request, u64 now, const char *answer)
{
	struct json_doc doc;
	struct json_writer out;

	assert_int_equal(json_parse(&doc, request, strlen(request)), 0);
	json_begin(&out, 1 << 20);
	arpd_show(&w->a, doc.root, &out, now);
	assert_non_null(json_finish(&out));
	if (answer)
		assert_string_equal(json_finish(&out), answer);
	json_free(&out);
	json_doc_free(&doc);
}

static void test_show(void **state)
{
	(void)state;
	expect_show("{\"cmd\":\"show arp\"}", T0, "{\"arp\":[]}");
	arpd_miss(&w->a, 1, pix_ip4(0x0a000003), T0);
	frame_from(ARES_OP_REQUEST, host, HOST, nobody, OUR, T0);
	expect_show("{\"cmd\":\"show arp\"}", T0 + 4500,
		    "{\"arp\":[{\"address\":\"10.0.0.2\",\"mac\":\"52:54:00:00:00:22\","
		    "\"interface\":\"eth0\","
		    "\"state\":\"stale\",\"age_s\":4},{\"address\":\"10.0.0.3\",\"mac\":\"\","
		    "\"interface\":"
		    "\"eth0\",\"state\":\"incomplete\",\"age_s\":4}]}");
	expect_show("{\"cmd\":\"show arp\",\"address\":\"10.0.0.9\"}", T0, "{\"arp\":[]}");
	expect_show("{\"cmd\":\"show arp\",\"interface\":\"eth7\"}", T0,
		    "{\"error\":\"no interface 'eth7'\"}");
	expect_show("{\"cmd\":\"show arp\",\"address\":\"10.0.0\"}", T0,
		    "{\"error\":\"'10.0.0' is not an IPv4 or IPv6 address\"}");
	expect_show("{\"cmd\":\"dance\"}", T0, "{\"error\":\"unknown command 'dance'\"}");
	expect_show("{\"cmd\":\"show arp counters\"}", T0, NULL);
	expect_show("{\"cmd\":\"clear arp\",\"address\":\"10.0.0.2\"}", T0, "{\"cleared\":1}");
	expect_show("{\"cmd\":\"clear arp\"}", T0, "{\"cleared\":1}");
}

/* Random misses, frames, interface changes and time: every miss ends in SET or FAIL, or is still
 * being resolved; entries and chains agree. */
static void test_random(void **state)
{
	u64 now = T0;

	(void)state;
	srand(5227);
	for (int k = 0; k < 200000; k++) {
		u32 peer = 0x0a000000 + (u32)(rand() % 256);
		struct pix_iface i = eth0();
		u8 mac[6] = { 0x52, 0x54, 0, 0, 0, (u8)(2 + rand() % 6) };

		now += (u64)(rand() % 50);
		switch (rand() % 12) {
		case 0:
			i.link = rand() % 4 != 0;
			i.addr_count = (u32)(rand() % 3);
			arpd_iface(&w->a, &i, now);
			break;
		case 1:
		case 2:
		case 3:
			arpd_timers(&w->a, now);
			break;
		case 4:
		case 5:
			arpd_miss(&w->a, 1, pix_ip4(peer), now);
			break;
		case 6:
			arpd_clear(&w->a, 0, pix_ip4(peer));
			break;
		default:
			frame_from((u16)(1 + rand() % 2), mac, peer, our_mac,
				   0x0a000000 + (u32)(rand() % 4), now);
		}
	}
	unsigned found = 0;

	table_foreach(e, &w->a.table)
	{
		assert_ptr_equal(table_find(&w->a.table, e->ifid, e->addr), e);
		found++;
	}
	assert_int_equal(found, w->a.table.count);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_resolve),
		T(test_source_is_of_the_subnet),
		T(test_silence),
		T(test_miss_that_cannot_be),
		T(test_answers_and_learns),
		T(test_probe_is_answered_not_learned),
		T(test_not_for_us),
		T(test_gratuitous_updates_only),
		T(test_reply_to_another_is_no_proof),
		T(test_conflict),
		T(test_conflict_by_probe),
		T(test_announcements),
		T(test_link_down_forgets),
		T(test_no_mac),
		T(test_address_removed),
		T(test_rate_limit),
		T(test_scan),
		T(test_table_full),
		T(test_scan_elsewhere),
		T(test_adopt),
		T(test_gateway),
		T(test_send_error),
		T(test_messages),
		T(test_show),
		T(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
