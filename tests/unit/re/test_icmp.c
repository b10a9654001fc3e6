// SPDX-License-Identifier: MIT
/*
 * ICMP: echo replies, every error byte by byte, when none may be sent, the rate limit, punts.
 *
 *	10.0.1.9 --- (1) 10.0.1.1/24   router   10.0.2.1/24 (2) --- 10.0.2.9 (all resolved)
 *	10.0.1.8 -'      mtu 1500               mtu 1000
 */
#include "tests/unit/re/fates.h"
#include "tests/unit/re/frames.h"

static u8 f[FAKE_FRAME];

enum { SRC = 0x0a000109, DST = 0x0a000209, OWN1 = 0x0a000101, OWN2 = 0x0a000201 };

static int setup(void **state)
{
	static struct pix_op ops[7];
	u32 n = 0;

	(void)state;
	ops[n++] = op_if(1, OWN1, 24);
	ops[n++] = op_if(2, OWN2, 24);
	ops[n++] = op_neigh(1, SRC, 1);
	ops[n++] = op_neigh(2, DST, 9);
	ops[n++] = op_route(IP(10, 9, 0, 0), 16, DST);
	ops[n++] = op_route(IP(10, 9, 1, 0), 24, 0);
	ops[n++] = op_route(IP(10, 9, 2, 0), 24, 0);
	ops[1].iface.mtu = 1000;
	ops[5].route.type = PIX_ROUTE_BLACKHOLE;
	ops[6].route.type = PIX_ROUTE_UNREACHABLE;
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

/* The frame in f (on port 1) ends as `why` and is answered by one error from OWN1. */
static void answered(u16 len, enum drop_reason why, u8 type, u8 code, u32 rest)
{
	u32 before = fake_drops(why);

	fake_forget();
	fake_rx(1, f, len);
	assert_int_equal(fate_count, 2);
	assert_int_equal(fates[0].kind, FATE_DROP);
	assert_string_equal(drop_infos[fates[0].why].name, drop_infos[why].name);
	assert_int_equal(fake_drops(why), before + 1);
	check_icmp_error(&fates[1], OWN1, SRC, type, code, rest, f, len);
	assert_memory_equal(fates[1].frame, "\x02\xaa\0\0\0\x01\x02\0\0\0\0\x11\x08\0", 14);
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
	static const u16 sizes[] = { 0, 1, 56, 57, 1472 };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (u32 own = OWN1; own; own = own == OWN1 ? OWN2 : 0) {
			u16 len = frame_icmp(f, 1, SRC, own, 8, 0, sizes[i]);

			frame_ip(f)->tos = 0x10;
			frame_ip(f)->ttl = 1; /* for us: the TTL does not matter */
			frame_fix(f);
			fake_forget();
			fake_rx(1, f, len);
			assert_int_equal(fate_count, 1);
			assert_int_equal(fates[0].kind, FATE_OUT);
			assert_int_equal(fates[0].in_port, 1);
			assert_int_equal(fates[0].out_port, 1);
			check_ip(&fates[0], own, SRC, 64);
			assert_int_equal(frame_ip(fates[0].frame)->tos, 0x10);
			assert_int_equal(fates[0].frame[34], 0);
			assert_int_equal(frame_sum(fates[0].frame + 34, 8u + sizes[i], 0), 0);
			assert_memory_equal(fates[0].frame + 38, f + 38, 4u + sizes[i]);
		}
	}
	assert_int_equal(qgm_re(fake_q) != NULL, 1);
}

static void echo_bad(void **state)
{
	u16 len = frame_icmp(f, 1, SRC, OWN1, 8, 0, 56);

	(void)state;
	f[60] ^= 1;
	dropped(len, DROP_icmp_bad);
	len = frame_ipv4(f, 1, SRC, OWN1, 1, 64, 7);
	dropped(len, DROP_icmp_bad);
	len = frame_ipv4(f, 1, SRC, OWN1, 1, 64, 0);
	dropped(len, DROP_icmp_bad);
	dropped(frame_icmp(f, 1, SRC, OWN1, 13, 0, 12), DROP_icmp_ignored); /* timestamp */
	dropped(frame_icmp(f, 1, SRC, OWN1, 5, 1, 28), DROP_icmp_ignored);  /* redirect */
}

static void to_us(void **state)
{
	u64 epoch;
	u16 len;

	(void)state;
	punted(frame_icmp(f, 1, SRC, OWN1, 0, 0, 56), PIX_PUNT_ICMP);
	punted(frame_icmp(f, 1, SRC, OWN2, 3, 1, 28), PIX_PUNT_ICMP);
	punted(frame_icmp(f, 1, SRC, OWN1, 11, 0, 28), PIX_PUNT_ICMP);
	answered(frame_udp(f, 1, SRC, OWN2, 1, 12), DROP_local_protocol, 3, 3, 0);
	answered(frame_ipv4(f, 1, SRC, OWN1, 89, 1, 40), DROP_local_protocol, 3, 2, 0);
	dropped(frame_ipv4(f, 1, SRC, OWN1, 6, 64, 20), DROP_local_protocol);
	len = frame_udp(f, 1, SRC, OWN1, 64, 12);
	f[50] ^= 1; /* wrong UDP checksum: no answer */
	dropped(len, DROP_local_protocol);
	assert_int_equal(control_listen(1u << PIX_PUNT_LOCAL, &epoch), 0);
	assert_int_equal(epoch, tables_current()->epoch);
	punted(frame_ipv4(f, 1, SRC, OWN1, 6, 64, 20), PIX_PUNT_LOCAL);
	punted(frame_udp(f, 1, SRC, OWN1, 64, 12), PIX_PUNT_LOCAL);
	punted(frame_udp(f, 1, SRC, IP(10, 0, 1, 255), 64, 12), PIX_PUNT_LOCAL);
	punted(frame_udp(f, 1, SRC, IP(255, 255, 255, 255), 64, 12), PIX_PUNT_LOCAL);
	dropped(frame_udp(f, 1, SRC, IP(10, 0, 2, 255), 64, 12), DROP_ip_broadcast);
	dropped(frame_icmp(f, 1, SRC, OWN1, 0, 0, 56), DROP_icmp_ignored); /* class is off */
	assert_int_equal(control_listen(3, &epoch), 0);
	assert_int_equal(control_listen(1u << PIX_PUNT_CLASSES, &epoch), -22);
}

static void errors(void **state)
{
	u16 len;

	(void)state;
	answered(frame_udp(f, 1, SRC, DST, 1, 12), DROP_ttl_expired, 11, 0, 0);
	answered(frame_udp(f, 1, SRC, DST, 0, 12), DROP_ttl_expired, 11, 0, 0);
	answered(frame_udp(f, 1, SRC, IP(99, 0, 0, 1), 64, 12), DROP_no_route, 3, 0, 0);
	answered(frame_udp(f, 1, SRC, IP(10, 9, 2, 7), 64, 12), DROP_unreachable, 3, 1, 0);
	dropped(frame_udp(f, 1, SRC, IP(10, 9, 1, 7), 64, 12), DROP_blackhole);
	/* quotes: short, just fitting, cut */
	answered(frame_ipv4(f, 1, SRC, DST, 17, 1, 0), DROP_ttl_expired, 11, 0, 0);
	answered(frame_ipv4(f, 1, SRC, DST, 17, 1, 528), DROP_ttl_expired, 11, 0, 0);
	answered(frame_ipv4(f, 1, SRC, DST, 17, 1, 529), DROP_ttl_expired, 11, 0, 0);
	assert_int_equal(fates[1].len, 14 + 576);
	/* RFC 1191: DF and too large for the next hop */
	len = frame_udp(f, 1, SRC, DST, 64, 973);
	frame_ip(f)->frag = cpu_to_be16(IP_DF);
	frame_fix(f);
	answered(len, DROP_mtu_exceeded, 3, 4, 1000);
	len = frame_udp(f, 1, SRC, DST, 64, 972);
	frame_ip(f)->frag = cpu_to_be16(IP_DF);
	frame_fix(f);
	fake_forget();
	fake_rx(1, f, len);
	assert_int_equal(fates[0].kind, FATE_OUT);
}

static void forbidden(void **state)
{
	static const u8 silent[] = { 3, 4, 5, 11, 12 }, asked[] = { 0, 8, 13, 17 };
	u16 len;

	(void)state;
	for (u32 i = 0; i < sizeof(silent); i++)
		dropped(frame_icmp(f, 1, SRC, IP(99, 0, 0, 1), silent[i], 0, 28),
			DROP_icmp_forbidden);
	for (u32 i = 0; i < sizeof(asked); i++)
		answered(frame_icmp(f, 1, SRC, IP(99, 0, 0, 1), asked[i], 0, 28), DROP_no_route, 3,
			 0, 0);
	dropped(frame_ipv4(f, 1, SRC, IP(99, 0, 0, 1), 1, 64, 0), DROP_icmp_forbidden);
	len = frame_udp(f, 1, SRC, IP(99, 0, 0, 1), 64, 12);
	frame_ip(f)->frag = cpu_to_be16(1); /* not the first fragment */
	frame_fix(f);
	dropped(len, DROP_icmp_forbidden);
	frame_ip(f)->frag = cpu_to_be16(IP_MF); /* the first */
	frame_fix(f);
	answered(len, DROP_no_route, 3, 0, 0);
	len = frame_udp(f, 1, SRC, IP(99, 0, 0, 1), 64, 12);
	memset(f, 0xff, 6);
	dropped(len, DROP_icmp_forbidden); /* came as a link-layer broadcast */
}

static void no_buffer(void **state)
{
	(void)state;
	fake_no_buffer = true;
	dropped(frame_udp(f, 1, SRC, DST, 1, 12), DROP_no_buffer);
	fake_no_buffer = false;
	answered(frame_udp(f, 1, SRC, DST, 1, 12), DROP_ttl_expired, 11, 0, 0);
}

/* Send n expiring packets from src; how many were answered. */
static u32 expire(u32 src, u32 n)
{
	u32 before = fake_drops(DROP_ttl_expired), limited = fake_drops(DROP_icmp_rate), made;

	for (u32 i = 0; i < n; i++) {
		fake_forget();
		fake_rx(1, f, frame_udp(f, 1, src, DST, 1, 12));
	}
	made = fake_drops(DROP_ttl_expired) - before;
	assert_int_equal(made + fake_drops(DROP_icmp_rate) - limited, n);
	return made;
}

static void rate_limit(void **state)
{
	u32 made = 0, first, differ = 0;

	(void)state;
	assert_int_equal(expire(SRC, 200), 64); /* burst of a source */
	fake_sleep_ms(100);
	assert_int_equal(expire(SRC, 200), 10); /* 100 a second */
	fake_sleep_ms(5000);
	assert_int_equal(expire(SRC, 200), 64);
	fake_sleep_ms(5000);
	/* many sources: 1,000 in all, whoever they are, less what nobody shall guess */
	for (u32 i = 0; i < 100; i++)
		made += expire(IP(172, 16, i, 1), 64);
	assert_in_range(made, 700, 900);
	first = made;
	fake_sleep_ms(500);
	made = 0;
	for (u32 i = 0; i < 100; i++)
		made += expire(IP(172, 17, i, 1), 64);
	assert_in_range(made, 340, 460);
	/* CVE-2020-25705: what is left of a full bucket is not the same twice */
	for (u32 round = 0; round < 8; round++) {
		fake_sleep_ms(5000);
		made = 0;
		for (u32 i = 0; i < 100; i++)
			made += expire(IP(172, 18, i, 1), 64);
		assert_in_range(made, 700, 900);
		differ += made != first;
	}
	assert_true(differ >= 4);
	fake_sleep_ms(5000); /* the messages wait for 10.0.2.9's... no: no route back, all ended */
}

/* 20,000 echo requests at 150,000 a second: a flood ping is answered. */
static void echo_flood(void **state)
{
	u16 len = frame_icmp(f, 1, SRC, OWN1, 8, 0, 56);
	u32 replies = 0;

	(void)state;
	for (u32 i = 0; i < 20000; i++) {
		fake_clock += FAKE_HZ / 150000;
		fake_q->now = fake_clock;
		fake_forget();
		fake_rx(1, f, len);
		replies += fates[0].kind == FATE_OUT;
	}
	assert_int_equal(replies, 20000);
	for (u32 i = 0; i < 20000; i++) { /* no time passes: the limit holds */
		fake_forget();
		fake_rx(1, f, len);
		replies += fates[0].kind == FATE_OUT;
	}
	assert_true(replies < 20000 + 10001);
	assert_int_equal(replies + fake_drops(DROP_icmp_rate), 40000);
}

/* Pings of this router: to itself, and errors about its own packets reach its host stack. */
static void own_host(void **state)
{
	u16 len = frame_icmp(f, 1, OWN2, OWN1, 8, 0, 20);

	(void)state;
	fake_forget();
	fake_host(0, f + 14, (u16)(len - 14));
	assert_int_equal(fate_count, 1);
	assert_int_equal(fates[0].kind, FATE_PUNT);
	assert_int_equal(fates[0].why, PIX_PUNT_ICMP);
	assert_int_equal(fates[0].frame[34], 0); /* the reply */
	check_ip(&fates[0], OWN1, OWN2, 64);
	len = frame_icmp(f, 1, OWN2, IP(99, 0, 0, 1), 8, 0, 20);
	fake_forget();
	fake_host(0, f + 14, (u16)(len - 14));
	assert_int_equal(fate_count, 2);
	assert_int_equal(fates[0].why, DROP_no_route);
	assert_int_equal(fates[1].kind, FATE_PUNT);
	check_ip(&fates[1], OWN2, OWN2, 64);
	assert_int_equal(fates[1].frame[34], 3);
	assert_int_equal(fates[1].frame[35], 0);
}

/* A reply that finds no way back ends under its own fault; nobody is told. */
static void reply_lost(void **state)
{
	(void)state;
	dropped(frame_icmp(f, 1, IP(172, 16, 0, 1), OWN1, 8, 0, 20), DROP_no_route);
	fake_forget();
	fake_rx(1, f, frame_udp(f, 1, IP(172, 16, 0, 1), DST, 1, 20));
	assert_int_equal(fate_count, 2);
	assert_int_equal(fates[0].why, DROP_ttl_expired);
	assert_int_equal(fates[1].why, DROP_no_route);
	assert_int_equal(fates[1].in_port, PORT_HOST);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(echo),      T(echo_bad),   T(to_us),      T(errors),   T(forbidden),
		T(no_buffer), T(rate_limit), T(echo_flood), T(own_host), T(reply_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
