// SPDX-License-Identifier: MIT
/*
 * ICMPv6: echo, errors and about what there are none, where they come from, their rate; packets to
 * us; neighbours that do not answer.
 *
 *	2001:db8:1::9 --- (1) 2001:db8:1::1/64   router   2001:db8:2::1/64 (2) --- 2001:db8:2::9
 *	fe80::9               fe80::1                     MTU 1400 there
 */
#include "qgm/control.h"
#include "qgm/re/icmp6.h"
#include "tests/unit/re/fates.h"
#include "tests/unit/re/six.h"

static u8 f[FAKE_FRAME];

#define SRC  ip6("2001:db8:1::9")
#define DST  ip6("2001:db8:2::9")
#define OWN1 ip6("2001:db8:1::1")
#define OWN2 ip6("2001:db8:2::1")

static int setup(void **state)
{
	struct pix_op ops[] = { op_if(1, IP(10, 0, 1, 1), 24), op_if(2, IP(10, 0, 2, 1), 24),
				op_if(3, IP(10, 0, 3, 1), 24) };

	(void)state;
	ops[1].iface.mtu = 1400;
	fake_start();
	fake_txn(ops, ARRAY_SIZE(ops));
	six_begin();
	six_addr(1, "2001:db8:1::1", 64);
	six_addr(1, "fe80::1", 64);
	six_addr(2, "2001:db8:2::1", 64);
	six_addr(3, "fe80::1", 64); /* nothing but link-local there */
	six_neigh(1, "2001:db8:1::9", 1);
	six_neigh(1, "fe80::9", 1);
	six_neigh(2, "2001:db8:2::9", 9);
	six_neigh(3, "fe80::3", 3);
	six_route("2001:db8:bad::", 48, NH_ID_UNREACHABLE);
	six_route("2001:db8:dead::", 48, NH_ID_BLACKHOLE);
	six_route("2001:db8:9::", 48, six_nexthop(3, "fe80::3", 3));
	six_commit();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	six_stop();
	fake_stop();
	return 0;
}

static void rx(u16 port, u16 len)
{
	fake_forget();
	fake_rx(port, f, len);
}

static void answered(u16 len, enum drop_reason why, u8 type, u8 code, u32 rest)
{
	rx(1, len);
	assert_int_equal(fate_count, 2);
	assert_int_equal(fates[0].kind, FATE_DROP);
	assert_string_equal(drop_infos[fates[0].why].name, drop_infos[why].name);
	check_icmp6_error(&fates[1], OWN1, SRC, type, code, rest, f, len);
	assert_int_equal(fates[1].in_port, PORT_HOST);
	assert_int_equal(fates[1].out_port, 1);
}

static void dropped(u16 len, enum drop_reason why)
{
	fate_dropped(1, f, len, why);
}

static void punted(u16 len, enum pix_punt_class cls)
{
	fate_punted(1, f, len, cls);
}

static void echo(void **state)
{
	static const u16 sizes[] = { 0, 1, 56, 57, 1400, 1452 };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (u32 k = 0; k < 3; k++) {
			struct pix_ip own = k ? OWN2 : OWN1;
			u16 len = frame_icmp6(f, 1, SRC, own, ICMP6_ECHO_REQUEST, 0, sizes[i]);

			frame_ip6(f)->hop_limit = 0; /* for us: it does not matter */
			if (k == 2 && sizes[i] < 1000)
				len = frame_insert(f, len, 60, "\0\0\1\4\0\0\0\0", 8, 0);
			rx(1, len);
			assert_int_equal(fate_count, 1);
			assert_int_equal(fates[0].kind, FATE_OUT);
			assert_int_equal(fates[0].in_port, 1);
			check_ip6(&fates[0], own, SRC, 64);
			assert_int_equal(fates[0].len, 62 + sizes[i]); /* without extensions */
			assert_int_equal(fates[0].frame[20], 58);
			assert_int_equal(fates[0].frame[54], ICMP6_ECHO_REPLY);
			assert_int_equal(frame_sum6(frame_ip6(fates[0].frame), fates[0].frame + 54,
						    8u + sizes[i], 58),
					 0);
			assert_memory_equal(fates[0].frame + 58, f + len - sizes[i] - 4,
					    4u + sizes[i]);
		}
	}
	dropped(frame_icmp6(f, 1, PIX_IP_NONE, OWN1, ICMP6_ECHO_REQUEST, 0, 8),
		DROP_icmp_forbidden); /* nobody to answer */
}

/* RFC 4443 2.2 (b): what was sent to an anycast address is answered from a unicast one. */
static void anycast(void **state)
{
	u16 len = frame_icmp6(f, 1, SRC, ip6("2001:db8:1::"), ICMP6_ECHO_REQUEST, 0, 8);

	(void)state;
	six_begin();
	six_route("2001:db8:1::", 128, NH_ID_LOCAL);
	six_route("2001:db8:2::", 128, NH_ID_LOCAL);
	six_commit();
	for (u32 k = 0; k < 2; k++) {
		rx(1, len);
		assert_int_equal(fate_count, 1);
		assert_int_equal(fates[0].frame[54], ICMP6_ECHO_REPLY);
		check_ip6(&fates[0], OWN1, SRC, 64);
		len = frame_icmp6(f, 1, SRC, ip6("2001:db8:2::"), ICMP6_ECHO_REQUEST, 0, 8);
	}
	/* an error, too */
	answered(frame_ipv6(f, 1, SRC, ip6("2001:db8:1::"), 99, 64, 8), DROP_local_protocol,
		 ICMP6_PARAM_PROB, ICMP6_PARAMPROB_NEXTHEADER, 6);
}

static void to_us(void **state)
{
	u64 epoch;
	u16 len;

	(void)state;
	assert_int_equal(control_listen(1u << PIX_PUNT_ICMP6, &epoch), 0);
	punted(frame_icmp6(f, 1, SRC, OWN1, ICMP6_ECHO_REPLY, 0, 56), PIX_PUNT_ICMP6);
	punted(frame_icmp6(f, 1, SRC, OWN2, ICMP6_DST_UNREACH, 0, 48), PIX_PUNT_ICMP6);
	punted(frame_icmp6(f, 1, SRC, OWN1, ICMP6_PACKET_TOO_BIG, 0, 48), PIX_PUNT_ICMP6);
	punted(frame_icmp6(f, 1, SRC, OWN1, 100, 0, 48), PIX_PUNT_ICMP6);     /* RFC 4443 2.4 (a) */
	dropped(frame_icmp6(f, 1, SRC, OWN1, 200, 0, 48), DROP_icmp_ignored); /* 2.4 (b) */
	dropped(frame_icmp6(f, 1, SRC, OWN1, 138, 0, 48), DROP_icmp_ignored);
	len = frame_icmp6(f, 1, SRC, OWN1, ICMP6_ECHO_REQUEST, 0, 56);
	f[80] ^= 1;
	dropped(len, DROP_icmp_bad);
	dropped(frame_ipv6(f, 1, SRC, OWN1, 58, 64, 7), DROP_icmp_bad);
	assert_int_equal(control_listen(0, &epoch), 0);
	dropped(frame_icmp6(f, 1, SRC, OWN1, ICMP6_ECHO_REPLY, 0, 56), DROP_icmp_ignored);
	answered(frame_udp6(f, 1, SRC, OWN1, 1, 12), DROP_local_protocol, 1, 4, 0);
	answered(frame_ipv6(f, 1, SRC, OWN1, 89, 1, 40), DROP_local_protocol, 4, 1, 6);
	len = frame_ipv6(f, 1, SRC, OWN1, 89, 1, 40);
	len = frame_insert(f, len, 60, "\0\0\1\4\0\0\0\0", 8, 0);
	answered(len, DROP_local_protocol, 4, 1, 40); /* the field that says 89 */
	dropped(frame_ipv6(f, 1, SRC, OWN1, 6, 64, 20), DROP_local_protocol);
	dropped(frame_ipv6(f, 1, SRC, OWN1, 59, 64, 20), DROP_local_protocol);
	len = frame_udp6(f, 1, SRC, OWN1, 64, 12);
	f[70] ^= 1;
	dropped(len, DROP_local_protocol);
	frame_udp6(f, 1, SRC, OWN1, 64, 12);
	f[60] = f[61] = 0; /* RFC 8200 8.1: zero is no checksum */
	dropped(len, DROP_local_protocol);
	assert_int_equal(control_listen(1u << PIX_PUNT_LOCAL, &epoch), 0);
	punted(frame_ipv6(f, 1, SRC, OWN1, 6, 64, 20), PIX_PUNT_LOCAL);
	punted(frame_udp6(f, 1, SRC, IP6_ALL_NODES, 64, 12), PIX_PUNT_LOCAL);
}

/* Extension headers that are for us. */
static void chains(void **state)
{
	static const struct {
		u8 first;
		const char *bytes;
		u16 n, last;
		enum drop_reason why; /* none: answered */
		s16 code, pointer;    /* -1: no error */
	} cases[] = {
		{ 60, "\0\0\1\4\0\0\0\0", 8, 0, DROP_none, 0, 0 },
		{ 60, "\0\0\x9e\4\0\0\0\0", 8, 0, DROP_ip6_header, 2, 42 },
		{ 60, "\0\0\x5e\4\0\0\0\0", 8, 0, DROP_ip6_header, -1, 0 },
		{ 60, "\0\1\1\4\0\0\0\0", 8, 0, DROP_none, 0,
		  0 }, /* takes the ICMP header: below */
		{ 43, "\0\0\0\0\0\0\0\0", 8, 0, DROP_none, 0, 0 },
		{ 43, "\0\0\0\1\0\0\0\0", 8, 0, DROP_ip6_routing, 0, 42 }, /* RFC 5095 */
		{ 43, "\0\0\4\2\0\0\0\0", 8, 0, DROP_ip6_routing, 0, 42 }, /* unknown type */
		{ 60, "\53\0\1\4\0\0\0\0\0\0\0\1\0\0\0\0", 16, 8, DROP_ip6_routing, 0, 50 },
		{ 60, "\0\0\1\4\0\0\0\0\0\0\1\4\0\0\0\0", 16, 8, DROP_ip6_header, 1, 40 },
		{ 44, "\0\0\0\0\0\0\0\7", 8, 0, DROP_none, 0, 0 }, /* atomic */
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		u16 len = frame_icmp6(f, 1, SRC, OWN1, ICMP6_ECHO_REQUEST, 0, 24);

		len = frame_insert(f, len, cases[i].first, cases[i].bytes, cases[i].n,
				   cases[i].last);
		if (i == 3) {
			f[62] = 1; /* the message now reads as options: PadN(0) and so on */
			f[63] = 0;
			rx(1, len);
			assert_int_equal(fates[0].kind, FATE_DROP);
			continue;
		}
		if (cases[i].why == DROP_none) {
			rx(1, len);
			assert_int_equal(fates[0].kind, FATE_OUT);
			check_ip6(&fates[0], OWN1, SRC, 64);
			assert_int_equal(fates[0].len, 54 + 32);
		} else if (cases[i].code < 0) {
			dropped(len, cases[i].why);
		} else {
			answered(len, cases[i].why, ICMP6_PARAM_PROB, (u8)cases[i].code,
				 (u32)cases[i].pointer);
		}
	}
	/* nine headers: too many; eight are not */
	for (u32 n = 7; n <= 8; n++) {
		u16 len = frame_icmp6(f, 1, SRC, OWN1, ICMP6_ECHO_REQUEST, 0, 24);

		for (u32 i = 0; i < n; i++)
			len = frame_insert(f, len, 60, "\0\0\1\4\0\0\0\0", 8, 0);
		if (n == 8) {
			dropped(len, DROP_ip6_header);
			continue;
		}
		rx(1, len);
		assert_int_equal(fates[0].kind, FATE_OUT);
	}
}

static void errors(void **state)
{
	(void)state;
	answered(frame_udp6(f, 1, SRC, DST, 1, 12), DROP_ttl_expired, 3, 0, 0);
	answered(frame_udp6(f, 1, SRC, DST, 0, 12), DROP_ttl_expired, 3, 0, 0);
	answered(frame_udp6(f, 1, SRC, ip6("2001:db9::1"), 64, 12), DROP_no_route, 1, 0, 0);
	answered(frame_udp6(f, 1, SRC, ip6("2001:db8:bad::1"), 64, 12), DROP_unreachable, 1, 6, 0);
	dropped(frame_udp6(f, 1, SRC, ip6("2001:db8:dead::1"), 64, 12), DROP_blackhole);
	/* quotes: short, just fitting, cut */
	answered(frame_ipv6(f, 1, SRC, DST, 17, 1, 0), DROP_ttl_expired, 3, 0, 0);
	answered(frame_ipv6(f, 1, SRC, DST, 17, 1, 1192), DROP_ttl_expired, 3, 0, 0);
	answered(frame_ipv6(f, 1, SRC, DST, 17, 1, 1193), DROP_ttl_expired, 3, 0, 0);
	assert_int_equal(fates[1].len, 14 + 1280);
	/* too big for the next link: nobody but the source fragments */
	answered(frame_udp6(f, 1, SRC, DST, 64, 1353), DROP_mtu_exceeded, 2, 0, 1400);
	rx(1, frame_udp6(f, 1, SRC, DST, 64, 1352));
	assert_int_equal(fates[0].kind, FATE_OUT);
	assert_int_equal(fates[0].len, 14 + 1400);
}

/* RFC 4443 2.4 (e) */
static void forbidden(void **state)
{
	struct pix_ip far = ip6("2001:db9::1");
	u16 len;

	(void)state;
	for (u32 type = 0; type < 256; type++) {
		len = frame_icmp6(f, 1, SRC, far, (u8)type, 0, 40);
		if (type < 128 || type == ND_REDIRECT) {
			dropped(len, DROP_icmp_forbidden);
			len = frame_insert(f, len, 60, "\0\0\1\4\0\0\0\0", 8, 0);
			dropped(len, DROP_icmp_forbidden); /* found behind headers */
		} else if (type % 16 == 0) {
			fake_sleep_ms(1000);
			answered(len, DROP_no_route, 1, 0, 0);
		}
	}
	/* later fragments */
	len = frame_ipv6(f, 1, SRC, far, 17, 64, 40);
	len = frame_insert(f, len, 44, "\0\0\0\x08\0\0\0\1", 8, 0);
	dropped(len, DROP_icmp_forbidden);
	f[57] = 1; /* the first one */
	answered(len, DROP_no_route, 1, 0, 0);
	/* to all on the link: no error but what RFC 4443 excepts, see input6 */
	len = frame_udp6(f, 1, SRC, far, 64, 12);
	memset(f, 0xff, 6);
	dropped(len, DROP_icmp_forbidden);
	assert_int_equal(fake_drops(DROP_icmp_rate), 0);
}

/* Where errors come from: the sender's subnet, its scope, else any address of the VRF. */
static void sources(void **state)
{
	struct pix_ip far = ip6("2001:db9::1"), other = ip6("2001:db8:9::5");

	(void)state;
	rx(3, frame_udp6(f, 3, other, far, 64, 12)); /* only link-local there: the first global */
	assert_int_equal(fate_count, 2);
	check_icmp6_error(&fates[1], OWN1, other, 1, 0, 0, f, 74);
	assert_int_equal(fates[1].out_port, 3);
	rx(3, frame_udp6(f, 3, ip6("fe80::3"), far, 64, 12));
	check_icmp6_error(&fates[1], ip6("fe80::1"), ip6("fe80::3"), 1, 2, 0, f, 74);
	/* the longest prefix in common, and no tentative address */
	six_begin();
	six_addr(1, "2001:db8:9:1::1", 64);
	six_iface(1)->addr[3].state = PIX_ADDR_VALID;
	six_commit();
	rx(1, frame_udp6(f, 1, other, far, 64, 12));
	check_icmp6_error(&fates[1], ip6("2001:db8:9:1::1"), other, 1, 0, 0, f, 74);
	six_begin();
	six_iface(1)->addr[3].state = PIX_ADDR_TENTATIVE;
	six_commit();
	rx(1, frame_udp6(f, 1, other, far, 64, 12));
	check_icmp6_error(&fates[1], OWN1, other, 1, 0, 0, f, 74);
	/* who was asked answers (2.2 a) */
	rx(1, frame_udp6(f, 1, SRC, OWN2, 64, 12));
	check_icmp6_error(&fates[1], OWN2, SRC, 1, 4, 0, f, 74);
}

static void no_buffer(void **state)
{
	(void)state;
	fake_no_buffer = true;
	dropped(frame_udp6(f, 1, SRC, DST, 1, 12), DROP_no_buffer);
}

/* Per /64 100 a second after a burst of 64; 1000 in all. */
static void rate(void **state)
{
	u32 sent = 0;

	(void)state;
	for (u32 i = 0; i < 200; i++) {
		rx(1, frame_udp6(f, 1, ip6("2001:db8:1::9"), DST, 1, 12));
		sent += fate_count == 2;
	}
	assert_int_equal(sent, ICMP_BURST_SOURCE);
	assert_int_equal(fake_drops(DROP_icmp_rate), 200 - sent);
	fake_sleep_ms(100);
	sent = 0;
	for (u32 i = 0; i < 200; i++) {
		rx(1, frame_udp6(f, 1, SRC, DST, 1, 12));
		sent += fate_count == 2;
	}
	assert_in_range(sent, 9, 11);
	/* many senders */
	fake_sleep_ms(2000);
	sent = 0;
	for (u32 i = 0; i < 3000; i++) {
		struct pix_ip src = { 0x20010db800010000 | i << 1 | 1, 9 };

		rx(1, frame_udp6(f, 1, src, DST, 1, 12));
		sent += fates[0].why == DROP_ttl_expired;
	}
	assert_in_range(sent, ICMP_BURST_TOTAL * 7 / 10, ICMP_BURST_TOTAL * 9 / 10);
}

/* To the host stack: from its own address; PMTU is its business. */
static void own_host(void **state)
{
	u16 len = frame_udp6(f, 1, OWN1, ip6("2001:db9::1"), 64, 12);

	(void)state;
	fake_forget();
	fake_host(0, f + 14, (u16)(len - 14));
	assert_int_equal(fate_count, 2);
	assert_int_equal(fates[0].why, DROP_no_route);
	assert_int_equal(fates[1].kind, FATE_PUNT);
	assert_int_equal(fates[1].why, PIX_PUNT_ICMP6);
	fake_forget();
	len = frame_udp6(f, 1, OWN2, DST, 64, 1400);
	fake_host(0, f + 14, (u16)(len - 14));
	assert_int_equal(fates[0].why, DROP_mtu_exceeded);
}

/* Waiting for a neighbour: events carry the address without its scope; address unreachable. */
static void neighbours(void **state)
{
	struct pix_ip who = ip6("2001:db8:2::77"), ll = ip6("fe80::77");
	u32 gw;

	(void)state;
	rx(1, frame_udp6(f, 1, SRC, who, 64, 12));
	assert_int_equal(fate_count, 0);
	assert_int_equal(fake_event_count, 1);
	assert_int_equal(fake_events[0].kind, PIX_EV_NEIGH_MISS);
	assert_int_equal(fake_events[0].ifid, 2);
	assert_memory_equal(&fake_events[0].addr, &who, sizeof(who));
	re_neighbour_failed(fake_q, 2, who);
	assert_int_equal(fate_count, 2);
	assert_int_equal(fates[0].why, DROP_neighbour_unresolved);
	check_icmp6_error(&fates[1], OWN1, SRC, 1, 3, 0, f, 74);
	/* resolved: it goes */
	rx(1, frame_udp6(f, 1, SRC, who, 64, 12));
	six_begin();
	six_neigh(2, "2001:db8:2::77", 0x77);
	six_commit();
	assert_int_equal(fates[0].kind, FATE_OUT);
	assert_int_equal(fates[0].frame[5], 0x77);
	check_ip6(&fates[0], SRC, who, 63);
	/* a link-local gateway */
	six_begin();
	gw = six_nexthop(2, "fe80::77", 0);
	six_route("2001:db8:77::", 48, gw);
	six_commit();
	rx(1, frame_udp6(f, 1, SRC, ip6("2001:db8:77::1"), 64, 12));
	rx(1, frame_udp6(f, 1, SRC, ip6("2001:db8:77::2"), 64, 12));
	assert_int_equal(fake_event_count, 3);
	assert_memory_equal(&fake_events[2].addr, &ll, sizeof(ll));
	assert_int_equal(fake_q->c->held, 2);
	re_neighbour_failed(fake_q, 1, ll); /* of that name on another link */
	assert_int_equal(fake_q->c->held, 2);
	six_begin();
	six_nexthop_set(gw, 2, "fe80::77", 0x78);
	six_commit();
	assert_int_equal(fate_count, 2);
	assert_int_equal(fates[1].frame[5], 0x78);
	check_ip6(&fates[1], SRC, ip6("2001:db8:77::2"), 63);
	six_begin();
	six_nexthop_set(gw, 2, "fe80::77", 0);
	six_commit();
	rx(1, frame_udp6(f, 1, SRC, ip6("2001:db8:77::1"), 64, 12));
	re_neighbour_failed(fake_q, 2, ll);
	assert_int_equal(fates[0].why, DROP_neighbour_unresolved);
}

/*
 * A scan of a whole /64: what is resolved loses nothing, what is not stays within its bounds, and
 * so do the questions.
 */
static void scan(void **state)
{
	u32 out = 0, events;

	(void)state;
	for (u32 ms = 0; ms < 1000; ms++) {
		for (u32 i = 0; i < 10; i++) {
			struct pix_ip who = { DST.hi, 0x10000ull + ms * 10 + i };

			rx(1, frame_udp6(f, 1, SRC, who, 64, 12));
		}
		rx(1, frame_udp6(f, 1, SRC, DST, 64, 12));
		out += fate_count == 1 && fates[0].kind == FATE_OUT;
		assert_true(fake_q->c->held <= NEIGH_PACKETS);
		fake_sleep_ms(1);
	}
	assert_int_equal(out, 1000);
	assert_true(fake_q->c->held <= NEIGH_ENTRIES);
	events = fake_event_count;
	assert_true(events <= NEIGH_EVENT_BURST + NEIGH_EVENT_RATE);
	assert_true(events >= NEIGH_ENTRIES);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(echo),    T(anycast),   T(to_us), T(chains),   T(errors),     T(forbidden),
		T(sources), T(no_buffer), T(rate),  T(own_host), T(neighbours), T(scan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
