// SPDX-License-Identifier: MIT
/*
 * IPv6 input: every bad field ends under its name, exactly once, and nothing is sent; scope,
 * multicast, hop-by-hop options.
 *
 *	2001:db8:1::9 --- (1) 2001:db8:1::1/64   router   2001:db8:2::1/64 (2) --- 2001:db8:2::9
 *	fe80::9               fe80::1                      fe80::1                  (resolved)
 */
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
	struct pix_op ops[] = { op_if(1, IP(10, 0, 1, 1), 24), op_if(2, IP(10, 0, 2, 1), 24) };

	(void)state;
	fake_start();
	fake_txn(ops, ARRAY_SIZE(ops));
	six_begin();
	six_addr(1, "2001:db8:1::1", 64);
	six_addr(1, "fe80::1", 64);
	six_addr(2, "2001:db8:2::1", 64);
	six_addr(2, "fe80::1", 64);
	six_neigh(1, "2001:db8:1::9", 1);
	six_neigh(1, "fe80::9", 1);
	six_neigh(2, "2001:db8:2::9", 9);
	six_neigh(2, "fe80::7", 7);
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

static void dropped(u16 len, enum drop_reason why)
{
	fate_dropped(1, f, len, why);
}

/* The frame in f ends as `why` and is answered by one error. */
static void answered(u16 len, enum drop_reason why, struct pix_ip from, u8 type, u8 code, u32 rest)
{
	fake_forget();
	fake_rx(1, f, len);
	assert_int_equal(fate_count, 2);
	assert_int_equal(fates[0].kind, FATE_DROP);
	assert_string_equal(drop_infos[fates[0].why].name, drop_infos[why].name);
	check_icmp6_error(&fates[1], from, pix_ip_load(frame_ip6(f)->src), type, code, rest, f,
			  len);
	assert_int_equal(fates[1].out_port, 1);
}

static void forwarded(u16 len)
{
	fate_forwarded(1, f, len);
}

static void punted(u16 len, enum pix_punt_class cls)
{
	fate_punted(1, f, len, cls);
}

static u16 good(void)
{
	return frame_ipv6(f, 1, SRC, DST, 17, 64, 40);
}

static void forward(void **state)
{
	u16 len = good();

	(void)state;
	memset(f + len, 0xee, 20); /* link padding does not leave again */
	forwarded((u16)(len + 20));
	assert_int_equal(fates[0].len, len);
	assert_int_equal(fates[0].out_if, 2);
	assert_int_equal(fates[0].out_port, 2);
	check_ip6(&fates[0], SRC, DST, 63);
	assert_memory_equal(fates[0].frame, "\x02\xaa\0\0\0\x09\x02\0\0\0\0\x12\x86\xdd", 14);
	assert_memory_equal(fates[0].frame + 14, f + 14, 7); /* class, label, length, next */
	assert_memory_equal(fates[0].frame + 22, f + 22, 72);
	assert_int_equal(fate_drops(), 0);
	forwarded(frame_ipv6(f, 1, SRC, DST, 59, 2, 0)); /* the smallest; the last hop but one */
	check_ip6(&fates[0], SRC, DST, 1);
}

static void link_layer(void **state)
{
	u16 len = good();

	(void)state;
	f[5] ^= 1;
	dropped(len, DROP_not_for_us);
	good();
	memset(f, 0xff, 6);
	dropped(len, DROP_ip6_broadcast);
	memcpy(f, "\x33\x33\0\0\0\1", 6);
	dropped(len, DROP_ip6_broadcast);
	len = frame_icmp6(f, 1, SRC, OWN1, ICMP6_ECHO_REQUEST, 0, 8);
	memcpy(f, "\x33\x33\0\0\0\1", 6);
	dropped(len, DROP_ip6_broadcast);
	good();
	six_begin();
	six_iface(1)->v6 = false;
	six_commit();
	dropped(94, DROP_ip6_off);
}

static void header(void **state)
{
	u16 len = good();

	(void)state;
	dropped(14, DROP_ip6_truncated);
	dropped(53, DROP_ip6_truncated);
	dropped((u16)(len - 1), DROP_ip6_truncated);
	forwarded(len);
	for (int v = 0; v < 16; v++) {
		if (v == 6)
			continue;
		good();
		f[14] = (u8)(v << 4);
		dropped(len, DROP_ip6_version);
	}
	good();
	f[18] = 0xff; /* payload length beyond the frame */
	dropped(len, DROP_ip6_truncated);
}

static void addresses(void **state)
{
	static const char *const bad_sources[] = {
		"::1",        "::2",           "::ffff:10.0.1.9", "::10.0.1.9", "ff02::1",
		"ff0e::1:2",  "fe80:5::9",     "fe90::9",         "febf::1",    "fe80::1",
		"::ffff:0:0", "2001:db8:1::1", "2001:db8:2::1",
	};
	static const char *const bad_destinations[] = {
		"::",      "::1",     "::ffff:10.0.2.9", "::10.0.2.9",
		"ff00::1", "ff01::1", "fe80:1::1",       "fe80:0:1::1",
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(bad_sources); i++)
		dropped(frame_ipv6(f, 1, ip6(bad_sources[i]), DST, 17, 64, 40), DROP_ip6_source);
	for (u32 i = 0; i < ARRAY_SIZE(bad_destinations); i++)
		dropped(frame_ipv6(f, 1, SRC, ip6(bad_destinations[i]), 17, 64, 40),
			DROP_ip6_destination);
	dropped(frame_ipv6(f, 1, PIX_IP_NONE, DST, 17, 64, 40), DROP_ip6_source);
	forwarded(frame_ipv6(f, 1, ip6("fec0::1"), DST, 17, 64, 40));
	forwarded(frame_ipv6(f, 1, ip6("fc00::1"), DST, 17, 64, 40));
	forwarded(frame_ipv6(f, 1, ip6("0:0:0:1::"), DST, 17, 64, 40));
	forwarded(frame_ipv6(f, 1, ip6("64:ff9b::1.2.3.4"), DST, 17, 64, 40));
}

/* RFC 4007 9, RFC 4443 3.1: link-local addresses do not leave their link. */
static void scope(void **state)
{
	struct pix_ip ll = ip6("fe80::9"), own = ip6("fe80::1");
	u16 len = frame_ipv6(f, 1, ll, DST, 17, 64, 40);

	(void)state;
	answered(len, DROP_ip6_scope, own, 1, ICMP6_DST_UNREACH_BEYONDSCOPE, 0);
	answered(frame_ipv6(f, 1, ll, ip6("2001:db9::"), 17, 64, 8), DROP_ip6_scope, own, 1, 2, 0);
	dropped(frame_ipv6(f, 1, SRC, ip6("fe80::7"), 17, 64, 40), DROP_ip6_scope);
	dropped(frame_ipv6(f, 1, ll, ip6("fe80::8"), 17, 64, 40), DROP_ip6_scope);
	/* to our own ones of that link only, and the answer goes back there */
	fake_forget();
	fake_rx(1, f, frame_icmp6(f, 1, ll, own, ICMP6_ECHO_REQUEST, 0, 8));
	assert_int_equal(fates[0].kind, FATE_OUT);
	assert_int_equal(fates[0].out_port, 1);
	check_ip6(&fates[0], own, ll, 64);
	fake_forget();
	fake_rx(1, f, frame_icmp6(f, 1, ll, OWN2, ICMP6_ECHO_REQUEST, 0, 8));
	assert_int_equal(fates[0].kind, FATE_OUT);
	assert_int_equal(fates[0].out_port, 1);
	check_ip6(&fates[0], OWN2, ll, 64);
	/* the other link's neighbour of that name is another one */
	fake_forget();
	fake_rx(2, f, frame_icmp6(f, 2, ip6("fe80::7"), own, ICMP6_ECHO_REQUEST, 0, 8));
	assert_int_equal(fates[0].out_port, 2);
}

static void multicast(void **state)
{
	static const char *const others[] = { "ff02::3", "ff02::5",         "ff02::fb",
					      "ff05::2", "ff02::1:ff00:2",  "ff02::1:ff00:9",
					      "ff0e::1", "ff02::1:fe00:1",  "ff02:1::1",
					      "ff12::1", "ff02::1:0:ff00:1" };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(others); i++)
		dropped(frame_udp6(f, 1, SRC, ip6(others[i]), 255, 12), DROP_ip6_multicast);
	/* to us: nobody listens, no answer to a group (RFC 4443 2.4 e.3) */
	dropped(frame_udp6(f, 1, SRC, IP6_ALL_NODES, 255, 12), DROP_ip6_multicast);
	dropped(frame_ipv6(f, 1, SRC, IP6_ALL_ROUTERS, 89, 1, 12), DROP_ip6_multicast);
	/* ping ff02::1: from a unicast address of that interface */
	fake_forget();
	fake_rx(1, f, frame_icmp6(f, 1, SRC, IP6_ALL_NODES, ICMP6_ECHO_REQUEST, 0, 8));
	assert_int_equal(fate_count, 1);
	check_ip6(&fates[0], OWN1, SRC, 64);
	assert_int_equal(frame_sum6(frame_ip6(fates[0].frame), fates[0].frame + 54, 16, 58), 0);
	fake_forget();
	fake_rx(1, f, frame_icmp6(f, 1, ip6("fe80::9"), IP6_ALL_ROUTERS, ICMP6_ECHO_REQUEST, 0, 8));
	check_ip6(&fates[0], ip6("fe80::1"), ip6("fe80::9"), 64);
	/* listeners are heard and not believed */
	dropped(frame_icmp6(f, 1, ip6("fe80::9"), ip6("ff02::16"), MLD2_LISTENER_REPORT, 0, 20),
		DROP_mld_ignored);
	dropped(frame_icmp6(f, 1, ip6("fe80::9"), ip6("ff02::fb"), MLD_LISTENER_REPORT, 0, 16),
		DROP_mld_ignored);
	dropped(frame_icmp6(f, 1, ip6("fe80::9"), IP6_ALL_NODES, MLD_LISTENER_QUERY, 0, 16),
		DROP_mld_ignored);
	dropped(frame_icmp6(f, 1, ip6("fe80::9"), IP6_ALL_ROUTERS, MLD_LISTENER_DONE, 0, 16),
		DROP_mld_ignored);
}

/* Neighbour discovery: who it is for, hop limit 255, whole, right (RFC 4861 6.1, 7.1, 8.1). */
static void discovery(void **state)
{
	struct pix_ip ll = ip6("fe80::9"), sn = ip6("ff02::1:ff00:1");
	u16 len;

	(void)state;
	punted(frame_icmp6(f, 1, SRC, OWN1, ND_NEIGHBOR_SOLICIT, 0, 16), PIX_PUNT_ND);
	assert_memory_equal(fates[0].frame, f, fates[0].len);
	punted(frame_icmp6(f, 1, SRC, sn, ND_NEIGHBOR_SOLICIT, 0, 16), PIX_PUNT_ND);
	punted(frame_icmp6(f, 1, PIX_IP_NONE, sn, ND_NEIGHBOR_SOLICIT, 0, 16), PIX_PUNT_ND);
	punted(frame_icmp6(f, 1, ll, IP6_ALL_NODES, ND_NEIGHBOR_ADVERT, 0, 16), PIX_PUNT_ND);
	punted(frame_icmp6(f, 1, ll, IP6_ALL_ROUTERS, ND_ROUTER_SOLICIT, 0, 0), PIX_PUNT_ND);
	punted(frame_icmp6(f, 1, ll, IP6_ALL_NODES, ND_ROUTER_ADVERT, 0, 8), PIX_PUNT_ND);
	punted(frame_icmp6(f, 1, ll, ip6("fe80::1"), ND_REDIRECT, 0, 32), PIX_PUNT_ND);
	/* a duplicate of our address speaks to a group: arpd must hear it */
	punted(frame_icmp6(f, 1, OWN1, IP6_ALL_NODES, ND_NEIGHBOR_ADVERT, 0, 16), PIX_PUNT_ND);
	dropped(frame_icmp6(f, 1, OWN1, OWN1, ND_NEIGHBOR_ADVERT, 0, 16), DROP_ip6_source);
	dropped(frame_icmp6(f, 1, SRC, ip6("ff02::1:ff00:7"), ND_NEIGHBOR_SOLICIT, 0, 16),
		DROP_ip6_multicast);
	len = frame_icmp6(f, 1, SRC, sn, ND_NEIGHBOR_SOLICIT, 0, 16);
	frame_ip6(f)->hop_limit = 254; /* has crossed a router */
	dropped(len, DROP_nd_bad);
	dropped(frame_icmp6(f, 1, SRC, sn, ND_NEIGHBOR_SOLICIT, 1, 16), DROP_nd_bad);
	len = frame_icmp6(f, 1, SRC, sn, ND_NEIGHBOR_SOLICIT, 0, 16);
	f[70] ^= 1;
	dropped(len, DROP_icmp_bad);
	len = frame_icmp6(f, 1, SRC, sn, ND_NEIGHBOR_SOLICIT, 0, 16);
	len = frame_insert(f, len, 60, "\0\0\1\4\0\0\0\0", 8, 0);
	dropped(len, DROP_nd_bad);
	len = frame_icmp6(f, 1, SRC, OWN1, ND_NEIGHBOR_SOLICIT, 0, 16);
	len = frame_insert(f, len, 44, "\0\0\0\0\0\0\0\1", 8, 0); /* RFC 6980 5 */
	dropped(len, DROP_nd_bad);
	/* to somebody behind us: a packet as any other */
	forwarded(frame_icmp6(f, 1, SRC, DST, ND_NEIGHBOR_SOLICIT, 0, 16));
}

/* RFC 8200 4.2, 4.3: unknown options by their two high bits; transit and to us alike. */
static void hop_by_hop(void **state)
{
	static const struct {
		const char *bytes;
		u16 n;
		s8 pointer; /* of the parameter problem; 0 dropped; -1 passes */
	} cases[] = {
		{ "\0\0\1\4\0\0\0\0", 8, -1 },
		{ "\0\0\0\0\0\0\0\0", 8, -1 },                 /* six Pad1 */
		{ "\0\0\5\2\0\0\1\0", 8, -1 },                 /* router alert */
		{ "\0\0\x1e\4\0\0\0\0", 8, -1 },               /* unknown, skip (RFC 4727) */
		{ "\0\0\x3e\0\0\0\0\0", 8, -1 },               /* no data */
		{ "\0\0\x5e\4\0\0\0\0", 8, 0 },                /* unknown, discard */
		{ "\0\0\x9e\4\0\0\0\0", 8, 42 },               /* unknown, tell */
		{ "\0\0\xde\4\0\0\0\0", 8, 42 },               /* unknown, tell unless multicast */
		{ "\0\0\xc2\4\0\1\0\0", 8, 42 },               /* jumbo payload: not ours */
		{ "\0\0\0\0\0\x9e\1\0", 8, 45 },               /* behind padding */
		{ "\0\0\1\5\0\0\0\0", 8, 0 },                  /* beyond the header */
		{ "\0\0\1\4\0\0\0", 7, 0 },                    /* cut by the packet's end */
		{ "\0\0\0\0\0\0\0\1", 8, 0 },                  /* no length */
		{ "\0\1\1\2\0\0\1\6\0\0\0\0\0\0\0\0", 16, 0 }, /* 12 bytes of padding in a row */
		{ "\0\1\1\4\0\0\0\0\5\2\0\0\1\2\0\0", 16, -1 },
		{ "\0\2\x10\0\x11\0\x12\0\x13\0\x14\0\x15\0\x16\0\x17\0\1\4\0\0\0\0", 24, -1 },
		{ "\0\2\x10\0\x11\0\x12\0\x13\0\x14\0\x15\0\x16\0\x17\0\x18\0\1\2\0\0", 24, 0 },
		{ "\0\xff\1\4\0\0\0\0", 8, 0 }, /* longer than the packet */
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		for (u32 to_us = 0; to_us < 2; to_us++) {
			u16 len = to_us ? frame_icmp6(f, 1, SRC, OWN1, ICMP6_ECHO_REQUEST, 0, 8)
					: frame_udp6(f, 1, SRC, DST, 64, 20);

			if (cases[i].n == 7) { /* nothing behind it */
				len = frame_ipv6(f, 1, SRC, DST, 0, 64, 7);
				memcpy(f + 54, cases[i].bytes, 7);
			} else {
				len = frame_insert(f, len, 0, cases[i].bytes, cases[i].n, 0);
			}
			if (cases[i].pointer < 0) {
				forwarded(len);
				assert_int_equal(fates[0].out_port, to_us ? 1 : 2);
				if (to_us)
					check_ip6(&fates[0], OWN1, SRC, 64);
				else
					check_ip6(&fates[0], SRC, DST, 63);
			} else if (cases[i].pointer) {
				answered(len, DROP_ip6_hop_by_hop, OWN1, ICMP6_PARAM_PROB,
					 ICMP6_PARAMPROB_OPTION, (u32)cases[i].pointer);
			} else {
				dropped(len, DROP_ip6_hop_by_hop);
			}
		}
	}
}

/* To a group: type 10 is told all the same, type 11 is not (RFC 8200 4.2). */
static void hop_by_hop_group(void **state)
{
	u16 len = frame_udp6(f, 1, SRC, IP6_ALL_NODES, 64, 8);

	(void)state;
	len = frame_insert(f, len, 0, "\0\0\xde\4\0\0\0\0", 8, 0);
	dropped(len, DROP_ip6_hop_by_hop);
	f[56] = 0x9e;
	answered(len, DROP_ip6_hop_by_hop, OWN1, ICMP6_PARAM_PROB, ICMP6_PARAMPROB_OPTION, 42);
	/* MLD as it comes: router alert in front */
	len = frame_icmp6(f, 1, ip6("fe80::9"), ip6("ff02::16"), MLD2_LISTENER_REPORT, 0, 20);
	len = frame_insert(f, len, 0, "\0\0\5\2\0\0\1\0", 8, 0);
	dropped(len, DROP_mld_ignored);
}

/* Headers that are for the destination are not looked at in transit, whatever they are. */
static void transit(void **state)
{
	static const u8 protos[] = { 43, 44, 50, 51, 59, 60, 135, 139, 140, 253 };
	u16 len;

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(protos); i++) {
		forwarded(frame_ipv6(f, 1, SRC, DST, protos[i], 64, 40));
		forwarded(frame_ipv6(f, 1, SRC, DST, protos[i], 64, 1));
	}
	len = frame_udp6(f, 1, SRC, DST, 64, 8);
	len = frame_insert(f, len, 43, "\0\2\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24, 0);
	forwarded(len); /* type 0, not for us */
}

static void bursts(void **state)
{
	static struct packet *p[200];
	static u32 want[200];
	u32 sent = 0, bad = 0, v4 = 0, at = 0;

	(void)state;
	srand(3);
	fake_txn((struct pix_op[]){ op_neigh(2, IP(10, 0, 2, 9), 9) }, 1);
	for (u32 i = 0; i < 200; i++) {
		u16 len = good();

		frame_ip6(f)->vtf = cpu_to_be32(6u << 28 | i);
		if (rand() % 4 == 0) {
			f[14] ^= 0x50;
			bad++;
		} else if (rand() % 4 == 0) { /* both families in one burst */
			len = frame_ipv4(f, 1, IP(10, 0, 1, 9), IP(10, 0, 2, 9), 17, 64, 20);
			v4++;
		} else {
			want[sent++] = i;
		}
		p[i] = fake_frame(1, f, len);
	}
	fake_forget();
	fake_burst(p, 200);
	assert_int_equal(fake_drops(DROP_ip6_version), bad);
	for (u32 i = 0; i < fate_count; i++) {
		if (fates[i].kind != FATE_OUT)
			continue;
		if (fates[i].frame[12] == 8) {
			v4--;
			continue;
		}
		assert_int_equal(be32_to_cpu(frame_ip6(fates[i].frame)->vtf) & 0xfffff, want[at]);
		at++;
	}
	assert_int_equal(at, sent);
	assert_int_equal(v4, 0);
}

/* Mutated packets of all sorts: no crash, the law holds, none is sent with a wrong checksum. */
static void garbage(void **state)
{
	static const u8 protos[] = { 0, 6, 17, 43, 44, 58, 58, 58, 59, 60, 51, 135 };

	(void)state;
	srand(4);
	for (int round = 0; round < 30000; round++) {
		u16 len = (u16)(14 + rand() % 160), real;
		struct pix_ip dst = rand() % 3 ? OWN1 : rand() % 2 ? DST : IP6_ALL_NODES;

		if (rand() % 2)
			real = frame_icmp6(f, 1, SRC, dst,
					   (u8)(rand() % 2 ? 128 + rand() % 16 : rand()), 0, 60);
		else
			real = frame_ipv6(f, 1, SRC, dst, protos[rand() % 12], 64, 100);
		for (int k = rand() % 3; k; k--) {
			u8 ext[24];
			u16 n = (u16)(8 + rand() % 3 * 8);

			for (u32 i = 0; i < n; i++)
				ext[i] = (u8)(rand() % 8 ? rand() % 6 : rand());
			ext[1] = (u8)(n / 8 - 1);
			real = frame_insert(f, real, protos[rand() % 12], ext, n, 0);
		}
		for (int k = rand() % 4; k; k--)
			f[14 + rand() % 100] = (u8)rand();
		fake_forget();
		fake_rx(1, f, rand() % 2 ? len : real);
		fake_sleep_ms(1);
	}
}

/* The planted bugs are seen: hop limit, scope. */
static void bugs(void **state)
{
	struct re *re = qgm_re(fake_q);

	(void)state;
	re->plants = RE_PLANT_TTL;
	forwarded(good());
	assert_int_equal(frame_ip6(fates[0].frame)->hop_limit, 64);
	re->plants = RE_PLANT_SCOPE;
	forwarded(frame_ipv6(f, 1, ip6("fe80::9"), DST, 17, 64, 40));
	re->plants = 0;
}

static void host_packets(void **state)
{
	u16 len = frame_icmp6(f, 1, OWN2, DST, ICMP6_ECHO_REQUEST, 0, 30);

	(void)state;
	fake_forget();
	fake_host(0, f + 14, (u16)(len - 14));
	assert_int_equal(fates[0].kind, FATE_OUT);
	check_ip6(&fates[0], OWN2, DST, 64); /* no decrement */
	/* link-local and multicast: on the interface that is named */
	len = frame_icmp6(f, 1, ip6("fe80::1"), ip6("fe80::7"), ICMP6_ECHO_REQUEST, 0, 30);
	fake_forget();
	fake_host_on(0, 2, f + 14, (u16)(len - 14));
	assert_int_equal(fates[0].kind, FATE_OUT);
	assert_int_equal(fates[0].out_port, 2);
	assert_int_equal(fates[0].frame[5], 7);
	len = frame_icmp6(f, 1, ip6("fe80::1"), IP6_ALL_NODES, ICMP6_ECHO_REQUEST, 0, 30);
	fake_forget();
	fake_host_on(0, 2, f + 14, (u16)(len - 14));
	assert_int_equal(fates[0].out_port, 2);
	assert_memory_equal(fates[0].frame, "\x33\x33\0\0\0\1\x02\0\0\0\0\x12\x86\xdd", 14);
	assert_memory_equal(fates[0].frame + 14, f + 14, len - 14u);
	/* malformed */
	fake_forget();
	fake_host(0, f + 14, (u16)(len - 14)); /* a group of no interface */
	assert_int_equal(fates[0].why, DROP_ip6_multicast);
	fake_host(0, f + 14, 39);
	fake_host(0, f + 14, (u16)(len - 15));
	fake_host(VRF_MAX, f + 14, (u16)(len - 14));
	len = frame_icmp6(f, 1, OWN2, ip6("fe80::7"), ICMP6_ECHO_REQUEST, 0, 30);
	fake_host(0, f + 14, (u16)(len - 14));
	len = frame_icmp6(f, 1, OWN2, IP6_LOOPBACK, ICMP6_ECHO_REQUEST, 0, 30);
	fake_host(0, f + 14, (u16)(len - 14));
	len = frame_icmp6(f, 1, ip6("ff02::1"), DST, ICMP6_ECHO_REQUEST, 0, 30);
	fake_host(0, f + 14, (u16)(len - 14));
	assert_int_equal(fate_count, 7);
	assert_int_equal(fake_drops(DROP_inject_bad), 6);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(forward),   T(link_layer), T(header),     T(addresses),    T(scope),
		T(multicast), T(discovery),  T(hop_by_hop), T(transit),      T(hop_by_hop_group),
		T(bursts),    T(garbage),    T(bugs),       T(host_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
