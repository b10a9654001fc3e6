// SPDX-License-Identifier: MIT
/*
 * Neighbour discovery in arpd's core on a made-up wire and engine: resolution, answers, duplicate
 * address detection, router advertisements.
 *
 *	engine <-- ops -- [ arpd core ] -- frames --> wire     eth0 = fe80::1, 2001:db8::1/64 (MAC
 *..:01)
 */
#include "tests/unit/unit.h"

#include "apps/arpd/core.h"
#include "apps/arpd/show.h"
#include "apps/lib/netaddr.h"

static const u8 our_mac[6] = { 0x52, 0x54, 0, 0, 0, 1 }, host[6] = { 0x52, 0x54, 0, 0, 0, 0x22 },
		rival[6] = { 0x52, 0x54, 0, 0, 0, 0x66 };

enum { T0 = 100000 };

struct world {
	struct arpd a;
	unsigned frames, ops, states, logs;
	struct nd_packet frame[1024]; /* sent; newest at frames - 1 */
	struct {
		enum pix_op_kind kind;
		struct pix_ip addr;
		u8 mac[6];
	} op[1024];
	struct pix_ip state_addr;
	u8 state;
	char log[256];
};

static struct world *w;

static struct pix_ip ip(const char *s)
{
	struct pix_ip a;

	assert_int_equal(netaddr_parse_ip(s, &a), 0);
	return a;
}

static int on_send(void *ctx, u16 ifid, const u8 *frame, size_t n)
{
	struct nd_packet p;

	(void)ctx;
	assert_int_equal(ifid, 1);
	if (frame[12] == 0x08)
		return 0;                                /* ARP is test_arpd_core's */
	assert_int_equal(nd_parse(frame, n, &p), ND_OK); /* we send nothing that we would refuse */
	assert_memory_equal(p.eth_src, our_mac, 6);
	w->frame[w->frames++ % 1024] = p;
	return 0;
}

static void on_engine(void *ctx, enum pix_op_kind kind, u16 ifid, struct pix_ip addr, const u8 *mac)
{
	(void)ctx;
	(void)ifid;
	w->op[w->ops % 1024].kind = kind;
	w->op[w->ops % 1024].addr = addr;
	if (mac)
		memcpy(w->op[w->ops % 1024].mac, mac, 6);
	w->ops++;
}

static void on_addr_state(void *ctx, u16 ifid, struct pix_ip addr, u8 state)
{
	(void)ctx;
	(void)ifid;
	w->states++;
	w->state_addr = addr;
	w->state = state;
}

static void on_log(void *ctx, const char *text)
{
	(void)ctx;
	w->logs++;
	snprintf(w->log, sizeof(w->log), "%s", text);
}

static struct pix_iface eth0(void)
{
	struct pix_iface i = { .id = 1,
			       .mode = PIX_IF_L3,
			       .name = "eth0",
			       .up = 1,
			       .link = 1,
			       .v6 = 1,
			       .dad = 1,
			       .mtu = 1500 };

	memcpy(i.mac, our_mac, 6);
	i.addr_count = 2;
	i.addr[0] = (struct pix_addr){ .ip = ip("2001:db8::1"), .len = 64 };
	i.addr[1] = (struct pix_addr){ .ip = ip("fe80::1"), .len = 64 };
	return i;
}

/* eth0 is up and has announced itself; records start at zero. */
static int setup(void **state)
{
	struct arpd_io io = { on_send, on_engine, on_addr_state, on_log, NULL };
	struct pix_iface i = eth0();

	(void)state;
	w = calloc(1, sizeof(*w));
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

static void deliver(struct nd_packet p, const u8 *from, u64 now)
{
	u8 frame[ND_FRAME_MAX];

	memcpy(p.eth_src, from, 6);
	if (pix_ip6_multicast(p.dst))
		nd_multicast_mac(p.eth_dst, p.dst);
	else
		memcpy(p.eth_dst, our_mac, 6);
	arpd_nd_frame(&w->a, 1, frame, nd_build(frame, &p), now);
}

/* A solicitation of target from src (NULL: nobody). */
static void solicit(const char *src, const char *target, const u8 *mac, u64 now)
{
	struct nd_packet p = { .type = ND_NEIGHBOR_SOLICIT, .target = ip(target) };

	p.dst = netaddr_solicited_node(p.target);
	if (src) {
		p.src = ip(src);
		p.has_slla = true;
		memcpy(p.slla, mac, 6);
	}
	deliver(p, mac, now);
}

static void advert(const char *target, const u8 *mac, bool solicited, bool override, u64 now)
{
	struct nd_packet p = { .type = ND_NEIGHBOR_ADVERT,
			       .src = ip(target),
			       .dst = solicited ? ip("2001:db8::1") : ND_ALL_NODES,
			       .target = ip(target),
			       .solicited = solicited,
			       .override = override,
			       .has_tlla = true };

	memcpy(p.tlla, mac, 6);
	deliver(p, mac, now);
}

static const struct nd_packet *last_frame(void)
{
	assert_true(w->frames > 0);
	return &w->frame[(w->frames - 1) % 1024];
}

static enum neigh_state state_of(const char *addr)
{
	struct entry *e = table_find(&w->a.table, 1, ip(addr));

	return e ? e->n.state : NEIGH_NONE;
}

static void test_resolve(void **state)
{
	static const u8 group[6] = { 0x33, 0x33, 0xff, 0, 0, 0x22 };
	const struct nd_packet *p;

	(void)state;
	arpd_miss(&w->a, 1, ip("2001:db8::22"), T0);
	assert_int_equal(w->frames, 1);
	p = last_frame();
	assert_int_equal(p->type, ND_NEIGHBOR_SOLICIT);
	assert_true(pix_ip_eq(p->src, ip("2001:db8::1")));
	assert_true(pix_ip_eq(p->dst, ip("ff02::1:ff00:22")));
	assert_memory_equal(p->eth_dst, group, 6);
	assert_true(p->has_slla);
	assert_memory_equal(p->slla, our_mac, 6);
	advert("2001:db8::22", host, true, true, T0 + 2);
	assert_int_equal(w->ops, 1);
	assert_int_equal(w->op[0].kind, PIX_OP_NEIGH_SET);
	assert_true(pix_ip_eq(w->op[0].addr, ip("2001:db8::22")));
	assert_memory_equal(w->op[0].mac, host, 6);
	assert_int_equal(state_of("2001:db8::22"), NEIGH_REACHABLE);
	/* it is confirmed by a unicast solicitation later (decision 10), and withdrawn in silence
	 */
	for (u64 t = T0; t < T0 + 45000 + 60000 + 4000; t += 500)
		arpd_timers(&w->a, t);
	assert_int_equal(w->frames, 4);
	assert_true(pix_ip_eq(last_frame()->dst, ip("2001:db8::22")));
	assert_memory_equal(last_frame()->eth_dst, host, 6);
	assert_int_equal(w->op[1].kind, PIX_OP_NEIGH_DEL);
}

static void test_silence(void **state)
{
	(void)state;
	arpd_miss(&w->a, 1, ip("fe80::99"), T0);
	assert_true(pix_ip_eq(last_frame()->src, ip("fe80::1")));
	for (u64 t = T0 + 1000; t <= T0 + 5000; t += 1000)
		arpd_timers(&w->a, t);
	assert_int_equal(w->frames, 3);
	assert_int_equal(w->ops, 1);
	assert_int_equal(w->op[0].kind, PIX_OP_NEIGH_FAIL);
	assert_true(pix_ip_eq(w->op[0].addr, ip("fe80::99")));
	/* neither neighbours: own, the routers' anycast address, elsewhere, a group */
	static const char *const wrong[] = { "2001:db8::1", "2001:db8::", "2001:db9::1",
					     "ff02::9" };
	for (size_t i = 0; i < 4; i++)
		arpd_miss(&w->a, 1, ip(wrong[i]), T0 + 6000);
	assert_int_equal(w->a.count.miss_off_link, 4);
	assert_int_equal(w->frames, 3);
}

static void test_answers(void **state)
{
	const struct nd_packet *p;

	(void)state;
	solicit("2001:db8::22", "2001:db8::1", host, T0);
	assert_int_equal(w->frames, 1);
	p = last_frame();
	assert_int_equal(p->type, ND_NEIGHBOR_ADVERT);
	assert_true(p->router && p->solicited && p->override && p->has_tlla);
	assert_true(pix_ip_eq(p->src, ip("2001:db8::1")));
	assert_true(pix_ip_eq(p->dst, ip("2001:db8::22")));
	assert_true(pix_ip_eq(p->target, ip("2001:db8::1")));
	assert_memory_equal(p->eth_dst, host, 6);
	assert_memory_equal(p->tlla, our_mac, 6);
	assert_int_equal(state_of("2001:db8::22"), NEIGH_STALE); /* it said who it is */
	assert_int_equal(w->op[0].kind, PIX_OP_NEIGH_SET);
	solicit("fe80::22", "fe80::1", host, T0);
	assert_true(pix_ip_eq(last_frame()->src, ip("fe80::1")));
	solicit("2001:db8::22", "2001:db8::7", host, T0);
	assert_int_equal(w->a.count.rx_not_ours, 1);
	solicit(NULL, "2001:db8::1", host, T0); /* somebody probes our address: all shall know */
	assert_int_equal(w->frames, 3);
	assert_true(pix_ip_eq(last_frame()->dst, ND_ALL_NODES) && !last_frame()->solicited);
	solicit("2001:db9::22", "2001:db8::1", host, T0); /* answered, not learned */
	assert_int_equal(w->a.count.rx_off_link, 1);
	assert_int_equal(state_of("2001:db9::22"), NEIGH_NONE);
}

/* The routers' address of a subnet (RFC 4291 2.6.1): answered from our own, without override. */
static void test_anycast(void **state)
{
	const struct nd_packet *p;

	(void)state;
	solicit("2001:db8::22", "2001:db8::", host, T0);
	assert_int_equal(w->frames, 1);
	p = last_frame();
	assert_int_equal(p->type, ND_NEIGHBOR_ADVERT);
	assert_true(p->router && p->solicited && !p->override && p->has_tlla);
	assert_true(pix_ip_eq(p->src, ip("2001:db8::1")));
	assert_true(pix_ip_eq(p->target, ip("2001:db8::")));
	assert_memory_equal(p->tlla, our_mac, 6);
	solicit("fe80::22", "fe80::", host, T0);
	assert_int_equal(w->frames, 2);
	assert_true(pix_ip_eq(last_frame()->src, ip("fe80::1")));
	solicit(NULL, "2001:db8::", host, T0);           /* nobody's to probe */
	solicit("2001:db8::22", "2001:db9::", host, T0); /* another subnet's */
	assert_int_equal(w->frames, 2);
	assert_int_equal(w->a.count.rx_not_ours, 1);
}

static void test_unsolicited(void **state)
{
	(void)state;
	advert("2001:db8::22", host, false, true, T0);
	assert_int_equal(w->a.count.rx_unsolicited, 1);
	assert_int_equal(w->a.table.count, 0);
	solicit("2001:db8::22", "2001:db8::1", host, T0);
	advert("2001:db8::22", rival, false, false, T0 + 10); /* no override */
	assert_int_equal(w->ops, 1);
	advert("2001:db8::22", rival, false, true, T0 + 20);
	assert_int_equal(w->ops, 2);
	assert_memory_equal(w->op[1].mac, rival, 6);
	assert_int_equal(state_of("2001:db8::22"), NEIGH_STALE);
}

static void test_conflict(void **state)
{
	(void)state;
	advert("2001:db8::1", rival, false, true, T0);
	assert_int_equal(w->a.count.conflict, 1);
	assert_string_equal(w->log, "eth0: address 2001:db8::1 is also used by 52:54:00:00:00:66");
	assert_int_equal(w->frames, 1);
	assert_true(last_frame()->override);
	solicit("2001:db8::1", "2001:db8::22", rival, T0 + 100); /* it speaks as us */
	assert_int_equal(w->a.count.conflict, 2);
	assert_int_equal(w->frames, 1); /* once in 10 s */
	advert("2001:db8::1", our_mac, false, true, T0);
	assert_int_equal(w->a.count.rx_own, 1);
}

/* A new address: probed, then announced and told to the engine. */
static struct pix_iface with_tentative(const char *addr)
{
	struct pix_iface i = eth0();

	i.addr[2] = (struct pix_addr){ .ip = ip(addr), .len = 64, .state = PIX_ADDR_TENTATIVE };
	i.addr_count = 3;
	return i;
}

static void test_dad(void **state)
{
	struct pix_iface i = with_tentative("2001:db8:1::1");
	const struct nd_packet *p;

	(void)state;
	i.dad = 2;
	arpd_iface(&w->a, &i, T0);
	arpd_timers(&w->a, T0);
	assert_int_equal(w->frames, 1);
	p = last_frame();
	assert_int_equal(p->type, ND_NEIGHBOR_SOLICIT);
	assert_true(pix_ip_none(p->src) && !p->has_slla);
	assert_true(pix_ip_eq(p->dst, ip("ff02::1:ff00:1")));
	assert_true(pix_ip_eq(p->target, ip("2001:db8:1::1")));
	solicit("2001:db8:1::5", "2001:db8:1::1", host, T0 + 1); /* not ours yet: no answer */
	assert_int_equal(w->frames, 1);
	arpd_timers(&w->a, T0 + 1000);
	assert_int_equal(w->frames, 2);
	assert_int_equal(w->states, 0);
	arpd_miss(&w->a, 1, ip("2001:db8:1::5"), T0 + 1500); /* asked from the link-local address */
	assert_true(pix_ip_eq(last_frame()->src, ip("fe80::1")));
	arpd_timers(&w->a, T0 + 2000);
	assert_int_equal(w->states, 1);
	assert_int_equal(w->state, PIX_ADDR_VALID);
	assert_true(pix_ip_eq(w->state_addr, ip("2001:db8:1::1")));
	assert_int_equal(w->frame[3].type, ND_NEIGHBOR_ADVERT);
	assert_true(pix_ip_eq(w->frame[3].dst, ND_ALL_NODES));
	/* the kernel lists it as it was before the verdict came: said once more, not probed again
	 */
	arpd_iface(&w->a, &i, T0 + 2100);
	arpd_timers(&w->a, T0 + 2100);
	assert_int_equal(w->states, 2);
	assert_int_equal(w->state, PIX_ADDR_VALID);
	i.addr[2].state = PIX_ADDR_VALID;
	arpd_iface(&w->a, &i, T0 + 2200);
	arpd_timers(&w->a, T0 + 2200);
	assert_int_equal(w->states, 2);
	assert_int_equal(w->a.count.dad_started, 1);
}

static void test_duplicate(void **state)
{
	struct pix_iface i = with_tentative("2001:db8:1::1");

	(void)state;
	for (int by_probe = 0; by_probe < 2; by_probe++) {
		struct pix_iface gone = eth0();

		arpd_iface(&w->a, &gone, T0);
		arpd_iface(&w->a, &i, T0);
		arpd_timers(&w->a, T0);
		solicit(NULL, "2001:db8:1::1", our_mac, T0 + 1); /* our own, come back */
		assert_int_equal(w->a.count.dad_duplicate, by_probe);
		if (by_probe)
			solicit(NULL, "2001:db8:1::1", rival, T0 + 5);
		else
			advert("2001:db8:1::1", rival, false, true, T0 + 5);
		assert_int_equal(w->state, PIX_ADDR_DUPLICATE);
		assert_int_equal(w->a.count.dad_duplicate, by_probe + 1);
		assert_non_null(strstr(w->log, "eth0: address 2001:db8:1::1 is a duplicate, "
					       "52:54:00:00:00:66 has it"));
		unsigned sent = w->frames;
		for (u64 t = T0; t < T0 + 9000; t += 1000)
			arpd_timers(&w->a, t);
		assert_int_equal(w->frames, sent); /* neither probed nor announced any more */
		solicit("2001:db8::22", "2001:db8:1::1", host, T0 + 9000);
		assert_int_equal(w->frames, sent); /* nor answered for */
	}
	assert_int_equal(w->states, 2);
	/* the link comes back and the rival is gone: once more */
	i.link = 0;
	arpd_iface(&w->a, &i, T0 + 10000);
	i.link = 1;
	arpd_iface(&w->a, &i, T0 + 11000);
	for (u64 t = T0 + 11000; t < T0 + 14000; t += 100)
		arpd_timers(&w->a, t);
	assert_int_equal(w->states, 3);
	assert_int_equal(w->state, PIX_ADDR_VALID);
}

static struct pix_iface with_ra(void)
{
	struct pix_iface i = eth0();

	i.ra.enable = 1;
	i.ra.interval_s = 30;
	i.ra.managed = 1;
	i.ra.preference = 1;
	i.ra.dns_count = 1;
	i.ra.dns[0] = ip("2001:db8::53");
	return i;
}

/* Advertisements within a time, and the least and most time between two of them. */
static unsigned adverts_until(u64 from, u64 to, u64 *least, u64 *most)
{
	u64 before = w->a.count.nd_tx_router_advert, last = 0;

	*least = ~0ull;
	*most = 0;
	for (u64 t = from; t < to; t += 100) {
		u64 n = w->a.count.nd_tx_router_advert;

		arpd_timers(&w->a, t);
		if (w->a.count.nd_tx_router_advert == n)
			continue;
		assert_int_equal(w->a.count.nd_tx_router_advert, n + 1);
		if (last) {
			*least = t - last < *least ? t - last : *least;
			*most = t - last > *most ? t - last : *most;
		}
		last = t;
	}
	return (unsigned)(w->a.count.nd_tx_router_advert - before);
}

static void test_router_advertisements(void **state)
{
	struct pix_iface i = with_ra();
	const struct nd_packet *p;
	u64 least, most;

	(void)state;
	arpd_iface(&w->a, &i, T0);
	arpd_timers(&w->a, T0);
	assert_int_equal(w->frames, 1);
	p = last_frame();
	assert_int_equal(p->type, ND_ROUTER_ADVERT);
	assert_true(pix_ip_eq(p->src, ip("fe80::1")) && pix_ip_eq(p->dst, ND_ALL_NODES));
	assert_memory_equal(p->slla, our_mac, 6);
	assert_int_equal(p->ra.hop_limit, 64);
	assert_int_equal(p->ra.lifetime_s, 90); /* three intervals */
	assert_true(p->ra.managed && !p->ra.other);
	assert_int_equal(p->ra.preference, 1);
	assert_int_equal(p->ra.mtu, 1500);
	assert_int_equal(p->ra.prefix_count, 1); /* not the link-local one */
	assert_true(pix_ip_eq(p->ra.prefix[0].ip, ip("2001:db8::")));
	assert_true(p->ra.prefix[0].autonomous && p->ra.prefix[0].on_link);
	assert_int_equal(p->ra.prefix[0].valid_s, 2592000);
	assert_int_equal(p->ra.dns_count, 1);
	assert_true(pix_ip_eq(p->ra.dns[0], ip("2001:db8::53")));
	/* the first three quickly, then at random between a third and the whole of the interval */
	assert_true(adverts_until(T0 + 100, T0 + 33000, &least, &most) >= 2);
	assert_in_range(most, 10000, 16100);
	assert_in_range(adverts_until(T0 + 100000, T0 + 400000, &least, &most), 10, 30);
	assert_in_range(least, 9900, 20000);
	assert_in_range(most, 20000, 30100);
	/* switched off: three times lifetime 0, three seconds apart, then silence */
	i.ra.enable = 0;
	arpd_iface(&w->a, &i, T0 + 500000);
	assert_int_equal(adverts_until(T0 + 500000, T0 + 600000, &least, &most), 3);
	assert_int_equal(last_frame()->ra.lifetime_s, 0);
	assert_int_equal(last_frame()->ra.preference, 0);
	assert_in_range(least, 3000, 3100);
}

static void test_router_solicitation(void **state)
{
	struct nd_packet rs = { .type = ND_ROUTER_SOLICIT,
				.src = ip("fe80::22"),
				.dst = ip("ff02::2"),
				.has_slla = true };
	struct pix_iface i = with_ra();
	u64 least, most;

	(void)state;
	memcpy(rs.slla, host, 6);
	deliver(rs, host, T0); /* nobody advertises here */
	arpd_timers(&w->a, T0 + 1000);
	assert_int_equal(w->frames, 0);
	assert_int_equal(state_of("fe80::22"), NEIGH_STALE); /* but it said who it is */
	i.ra.interval_s = 1800;
	arpd_iface(&w->a, &i, T0 + 2000);
	adverts_until(T0 + 2000, T0 + 60000, &least, &most);
	/* ten hosts ask within a second: one answer, within half a second */
	for (u64 t = 0; t < 10; t++)
		deliver(rs, host, T0 + 60000 + t * 100);
	assert_int_equal(adverts_until(T0 + 60000, T0 + 62500, &least, &most), 1);
	/* and the next one not sooner than three seconds behind it */
	deliver(rs, host, T0 + 61000);
	u64 n = w->a.count.nd_tx_router_advert;
	u64 sent = iface_find(&w->a.ifaces, 1)->ra.sent_at;
	for (u64 t = T0 + 61000; w->a.count.nd_tx_router_advert == n && t < T0 + 70000; t += 10)
		arpd_timers(&w->a, t);
	assert_true(iface_find(&w->a.ifaces, 1)->ra.sent_at >= sent + 3000);
	assert_true(iface_find(&w->a.ifaces, 1)->ra.sent_at <= sent + 3600);
}

/* The end of the daemon, and an interface whose link-local address is not valid. */
static void test_ra_ends(void **state)
{
	struct pix_iface i = with_ra();

	(void)state;
	arpd_iface(&w->a, &i, T0);
	arpd_timers(&w->a, T0);
	arpd_stop(&w->a, T0 + 500);
	assert_int_equal(w->frames, 2);
	assert_int_equal(last_frame()->ra.lifetime_s, 0);
	i.addr[1].state = PIX_ADDR_DUPLICATE;
	arpd_iface(&w->a, &i, T0 + 1000);
	for (u64 t = T0 + 1000; t < T0 + 100000; t += 1000)
		arpd_timers(&w->a, t);
	assert_int_equal(w->frames, 2);
}

static void test_show(void **state)
{
	static const char request[] = "{\"cmd\":\"show neighbors\"}",
			  ra_request[] = "{\"cmd\":\"show router-advertisement\"}";
	struct pix_iface i = with_ra();
	struct json_writer out;
	struct json_doc doc;

	i.addr[2] = (struct pix_addr){ .ip = ip("2001:db8::7"), .len = 64 }; /* the same network */
	i.addr_count = 3;

	(void)state;
	arpd_iface(&w->a, &i, T0);
	arpd_timers(&w->a, T0);
	solicit("2001:db8::22", "2001:db8::1", host, T0);
	assert_int_equal(json_parse(&doc, request, strlen(request)), 0);
	json_begin(&out, 1 << 20);
	arpd_show(&w->a, doc.root, &out, T0 + 4500);
	assert_string_equal(json_finish(&out),
			    "{\"neighbors\":[{\"address\":\"2001:db8::22\",\"mac\":"
			    "\"52:54:00:00:00:22\",\"interface\":\"eth0\",\"state\":\"stale\","
			    "\"age_s\":4,\"router\":false}]}");
	json_free(&out);
	json_doc_free(&doc);
	assert_int_equal(json_parse(&doc, ra_request, strlen(ra_request)), 0);
	json_begin(&out, 1 << 20);
	arpd_show(&w->a, doc.root, &out, T0);
	const char *said = json_finish(&out);
	const char *want = "{\"router_advertisements\":[{\"interface\":\"eth0\",\"active\":true,"
			   "\"interval_s\":30,\"lifetime_s\":90,\"preference\":\"high\","
			   "\"managed\":true,\"other\":false,\"prefixes\":[\"2001:db8::/64\"],"
			   "\"dns\":[\"2001:db8::53\"],\"sent\":1,\"solicited\":0,\"next_in_s\":";
	assert_memory_equal(said, want, strlen(want));
	json_free(&out);
	json_doc_free(&doc);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_resolve),
		T(test_silence),
		T(test_answers),
		T(test_anycast),
		T(test_unsolicited),
		T(test_conflict),
		T(test_dad),
		T(test_duplicate),
		T(test_router_advertisements),
		T(test_router_solicitation),
		T(test_ra_ends),
		T(test_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
