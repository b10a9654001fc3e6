// SPDX-License-Identifier: MIT
/*
 * Where packets go and where they may come from: groups of equal paths (spread, order, resilience
 *of the choice), reverse path check, VRFs, links with tags, bridges; both families.
 *
 *	10.0.1.9, 2001:db8:1::9 --- (1)  router  (2) (3) (4) --- gateways ::2, ::3, ::4
 */
#include "qgm/re/icmp6.h"
#include "tests/unit/re/fates.h"
#include "tests/unit/re/six.h"

static u8 f[FAKE_FRAME];

#define SRC6 ip6("2001:db8:1::9")
#define FAR6 ip6("2001:db8:f::1")

enum { SRC = 0x0a000109, OWN = 0x0a000101, FAR = 0x14000001 };

static int setup(void **state)
{
	struct pix_op ops[] = {
		op_if(1, OWN, 24),
		op_if(2, IP(10, 0, 2, 1), 24),
		op_if(3, IP(10, 0, 3, 1), 24),
		op_if(4, IP(10, 0, 4, 1), 24),
		op_neigh(1, SRC, 1),
		op_neigh(2, IP(10, 0, 2, 2), 2),
		op_neigh(3, IP(10, 0, 3, 2), 3),
		op_neigh(4, IP(10, 0, 4, 2), 4),
	};

	(void)state;
	fake_start();
	fake_txn(ops, ARRAY_SIZE(ops));
	six_begin();
	six_addr(1, "2001:db8:1::1", 64);
	six_addr(1, "fe80::1", 64);
	six_addr(2, "2001:db8:2::1", 64);
	six_addr(3, "2001:db8:3::1", 64);
	six_addr(4, "2001:db8:4::1", 64);
	six_neigh(1, "2001:db8:1::9", 1);
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

static void forwarded(u16 port, u16 len, u16 to)
{
	assert_int_equal(fate_forwarded(port, f, len), to);
}

static void dropped(u16 port, u16 len, enum drop_reason why)
{
	fate_dropped(port, f, len, why);
}

/* --- groups --------------------------------------------------------------------------------- */

static struct pix_op path(u32 gateway)
{
	struct pix_op op = op_route(IP(20, 0, 0, 0), 8, gateway);

	op.route.flags = PIX_ROUTE_PATH;
	return op;
}

static void three_paths(void)
{
	struct pix_op ops[] = { path(IP(10, 0, 2, 2)), path(IP(10, 0, 3, 2)),
				path(IP(10, 0, 4, 2)) };
	u16 bucket[64];
	u32 nh[3];

	fake_txn(ops, 3);
	six_begin();
	nh[0] = six_nexthop(2, "2001:db8:2::2", 2);
	nh[1] = six_nexthop(3, "2001:db8:3::2", 3);
	nh[2] = six_nexthop(4, "2001:db8:4::2", 4);
	for (u32 i = 0; i < 64; i++)
		bucket[i] = (u16)nh[i % 3];
	six_route("2001:db8:f::", 48, six_group(bucket, 64));
	six_commit();
}

/* A frame of flow `i`. */
static u16 flow(bool six, u32 i)
{
	u16 len;

	if (six) {
		struct pix_ip dst = FAR6;

		dst.lo += i / 50;
		len = frame_udp6(f, 1, SRC6, dst, 64, 8);
		f[54] = (u8)(i >> 8);
		f[55] = (u8)i;
	} else {
		len = frame_udp(f, 1, SRC, FAR + i / 50, 64, 8);
		f[34] = (u8)(i >> 8);
		f[35] = (u8)i;
	}
	return len;
}

/* Chi-square over three paths: 2 degrees of freedom, 0.1 % at 13.8. (IPv4: what the control plane
 * made of three paths; its shares differ by a bucket at most.) */
static void spread(void **state)
{
	(void)state;
	three_paths();
	for (u32 six = 0; six < 2; six++) {
		u32 to[5] = { 0 }, n = 6000;
		double chi = 0;

		for (u32 i = 0; i < n; i++) {
			u16 port;

			rx(1, flow(six, i));
			assert_int_equal(fates[0].kind, FATE_OUT);
			port = fates[0].out_port;
			to[port]++;
			assert_int_equal(fates[0].frame[5], port);
			if (i % 100 == 0) { /* the same flow, the same way */
				rx(1, flow(six, i));
				assert_int_equal(fates[0].out_port, port);
			}
		}
		for (u32 p = 2; p <= 4; p++) {
			double want = n / 3.0, d = to[p] - want;

			chi += d * d / want;
		}
		/* 64 buckets over three: 22, 21, 21; that alone is 1.2 for 6,000 */
		assert_true(chi < 20);
		assert_int_equal(to[1], 0);
	}
}

/* RFC 6438: one 5-tuple of a tunnel, many flow labels: spread; a label keeps its way. */
static void labels(void **state)
{
	u32 to[5] = { 0 };

	(void)state;
	three_paths();
	for (u32 i = 0; i < 3000; i++) {
		u16 len = flow(true, 7), port;

		frame_ip6(f)->vtf = cpu_to_be32(0x60000000 | i * 331 % 0x100000);
		rx(1, len);
		assert_int_equal(fates[0].kind, FATE_OUT);
		port = fates[0].out_port;
		to[port]++;
		rx(1, len);
		assert_int_equal(fates[0].out_port, port);
	}
	for (u32 p = 2; p <= 4; p++)
		assert_in_range(to[p], 850, 1150);
}

/* All fragments of a datagram take one way, whatever is where ports would be. */
static void fragments(void **state)
{
	(void)state;
	three_paths();
	for (u32 d = 0; d < 100; d++) {
		u16 way4 = 0, way6 = 0;

		for (u32 k = 0; k < 4; k++) {
			struct ipv6_fragment h = { .next = 17,
						   .offset = cpu_to_be16((u16)(k * 8 | (k != 3))),
						   .id = d };
			u16 len = frame_ipv4(f, 1, SRC, FAR + d, 17, 64, 24);

			frame_ip(f)->frag = cpu_to_be16((u16)(k | (k != 3 ? IP_MF : 0)));
			f[34] = (u8)(k * 77);
			frame_fix(f);
			rx(1, len);
			assert_int_equal(fates[0].kind, FATE_OUT);
			assert_true(!k || fates[0].out_port == way4);
			way4 = fates[0].out_port;
			len = frame_ipv6(f, 1, SRC6, (struct pix_ip){ FAR6.hi, d }, 44, 64, 32);
			memcpy(f + 54, &h, 8);
			f[62] = (u8)(k * 77);
			rx(1, len);
			assert_int_equal(fates[0].kind, FATE_OUT);
			assert_true(!k || fates[0].out_port == way6);
			way6 = fates[0].out_port;
		}
	}
}

/* A burst of many flows: each flow's packets leave in the order in which they came. */
static void order(void **state)
{
	static struct packet *p[64];
	static u32 last[64];

	(void)state;
	three_paths();
	srand(6);
	for (u32 round = 0, seq = 1; round < 50; round++) {
		fake_forget();
		for (u32 i = 0; i < 64; i++, seq++) {
			u32 which = (u32)rand() % 40;
			bool six = which & 1;
			u16 len = flow(six, which);

			memcpy(f + len - 4, &seq, 4);
			f[len - 5] = (u8)which;
			p[i] = fake_frame(1, f, len);
		}
		fake_burst(p, 64);
		assert_int_equal(fate_count, 64);
		for (u32 i = 0; i < 64; i++) {
			u32 got;

			memcpy(&got, fates[i].frame + fates[i].len - 4, 4);
			assert_true(got > last[fates[i].frame[fates[i].len - 5]]);
			last[fates[i].frame[fates[i].len - 5]] = got;
		}
	}
}

/* A member that is not resolved, a blackhole, a member whose MTU is too small. */
static void members(void **state)
{
	u16 bucket[2], len;
	u32 wait;

	(void)state;
	six_begin();
	wait = six_nexthop(2, "2001:db8:2::2", 0);
	bucket[0] = bucket[1] = (u16)wait;
	six_route("2001:db8:f::", 48, six_group(bucket, 2));
	bucket[0] = bucket[1] = NH_ID_BLACKHOLE;
	six_route("2001:db8:e::", 48, six_group(bucket, 2));
	six_commit();
	rx(1, frame_udp6(f, 1, SRC6, FAR6, 64, 8));
	assert_int_equal(fake_q->c->held, 1);
	assert_int_equal(fake_event_count, 1);
	six_begin();
	six_nexthop_set(wait, 2, "2001:db8:2::2", 2);
	six_commit();
	assert_int_equal(fates[0].kind, FATE_OUT);
	assert_int_equal(fates[0].out_port, 2);
	dropped(1, frame_udp6(f, 1, SRC6, ip6("2001:db8:e::1"), 64, 8), DROP_blackhole);
	len = frame_udp6(f, 1, SRC6, FAR6, 64, 1500);
	rx(1, len);
	assert_int_equal(fates[0].why, DROP_mtu_exceeded);
	check_icmp6_error(&fates[1], ip6("2001:db8:1::1"), SRC6, 2, 0, 1500, f, len);
	rx(1, frame_udp6(f, 1, SRC6, FAR6, 1, 8));
	assert_int_equal(fates[0].why, DROP_ttl_expired);
}

/* --- reverse path --------------------------------------------------------------------------- */

static void urpf_mode(u16 ifid, enum pix_urpf mode)
{
	six_begin();
	six_iface(ifid)->urpf = mode;
	six_commit();
}

static void urpf(void **state)
{
	const u32 dst = IP(10, 0, 2, 2);
	struct pix_ip dst6 = ip6("2001:db8:2::2");
	struct pix_op black = op_route(IP(66, 0, 0, 0), 8, 0);
	u64 before;

	(void)state;
	black.route.type = PIX_ROUTE_BLACKHOLE;
	fake_txn(&black, 1);
	three_paths();
	six_begin();
	six_neigh(2, "2001:db8:2::2", 2);
	six_route("2001:db8:66::", 48, NH_ID_BLACKHOLE);
	six_commit();
	urpf_mode(1, PIX_URPF_STRICT);
	urpf_mode(3, PIX_URPF_STRICT);
	urpf_mode(4, PIX_URPF_LOOSE);
	/* where it belongs */
	forwarded(1, frame_udp(f, 1, SRC, dst, 64, 8), 2);
	forwarded(1, frame_udp(f, 1, IP(10, 0, 1, 77), dst, 64, 8), 2); /* by the subnet */
	forwarded(1, frame_udp6(f, 1, SRC6, dst6, 64, 8), 2);
	forwarded(1, frame_udp6(f, 1, ip6("2001:db8:1::77"), dst6, 64, 8), 2);
	/* on another link, from nowhere */
	dropped(3, frame_udp(f, 3, SRC, dst, 64, 8), DROP_urpf);
	dropped(3, frame_udp6(f, 3, SRC6, dst6, 64, 8), DROP_urpf);
	dropped(1, frame_udp(f, 1, IP(99, 0, 0, 1), dst, 64, 8), DROP_urpf);
	dropped(1, frame_udp6(f, 1, ip6("2001:db9::1"), dst6, 64, 8), DROP_urpf);
	/* packets to us, too */
	dropped(1, frame_icmp(f, 1, IP(99, 0, 0, 1), OWN, 8, 0, 8), DROP_urpf);
	/* feasible paths: one of the group leads there */
	forwarded(3, frame_udp(f, 3, FAR, dst, 64, 8), 2);
	forwarded(3, frame_udp6(f, 3, FAR6, dst6, 64, 8), 2);
	dropped(1, frame_udp(f, 1, FAR, dst, 64, 8), DROP_urpf);
	dropped(1, frame_udp6(f, 1, FAR6, dst6, 64, 8), DROP_urpf);
	/* loose: any route, but no blackhole */
	forwarded(4, frame_udp(f, 4, SRC, dst, 64, 8), 2);
	forwarded(4, frame_udp(f, 4, FAR, dst, 64, 8), 2);
	forwarded(4, frame_udp6(f, 4, SRC6, dst6, 64, 8), 2);
	forwarded(4, frame_udp6(f, 4, FAR6, dst6, 64, 8), 2);
	dropped(4, frame_udp(f, 4, IP(99, 0, 0, 1), dst, 64, 8), DROP_urpf);
	dropped(4, frame_udp6(f, 4, ip6("2001:db9::1"), dst6, 64, 8), DROP_urpf);
	dropped(4, frame_udp(f, 4, IP(66, 0, 0, 1), dst, 64, 8), DROP_urpf);
	dropped(4, frame_udp6(f, 4, ip6("2001:db8:66::1"), dst6, 64, 8), DROP_urpf);
	/* neighbour discovery before there is an address, and link-local: not its business */
	rx(1, frame_icmp6(f, 1, PIX_IP_NONE, ip6("ff02::1:ff00:1"), ND_NEIGHBOR_SOLICIT, 0, 16));
	assert_int_equal(fates[0].kind, FATE_PUNT);
	rx(1, frame_icmp6(f, 1, ip6("fe80::99"), ip6("fe80::1"), ND_NEIGHBOR_SOLICIT, 0, 16));
	assert_int_equal(fates[0].kind, FATE_PUNT);
	/* off again */
	before = fake_drops(DROP_urpf);
	urpf_mode(3, PIX_URPF_OFF);
	forwarded(3, frame_udp(f, 3, SRC, dst, 64, 8), 2);
	assert_int_equal(fake_drops(DROP_urpf), before);
}

/* A burst keeps its order and loses only what is wrong. */
static void urpf_burst(void **state)
{
	static struct packet *p[64];
	u32 good = 0;

	(void)state;
	urpf_mode(1, PIX_URPF_STRICT);
	srand(8);
	for (u32 i = 0; i < 64; i++) {
		bool bad = rand() & 1;
		u16 len = frame_udp(f, 1, bad ? IP(10, 0, 3, 9) : SRC, IP(10, 0, 2, 2), 64, 8);

		frame_ip(f)->id = cpu_to_be16((u16)(bad ? 999 : good++));
		frame_fix(f);
		p[i] = fake_frame(1, f, len);
	}
	fake_forget();
	fake_burst(p, 64);
	assert_int_equal(fake_drops(DROP_urpf), 64 - good);
	good = 0;
	for (u32 i = 0; i < fate_count; i++)
		if (fates[i].kind == FATE_OUT)
			assert_int_equal(be16_to_cpu(frame_ip(fates[i].frame)->id), good++);
}

/* --- VRFs ----------------------------------------------------------------------------------- */

/* Interfaces 3 and 4 are VRF 1, with the same addresses as 1 and 2. */
static void vrfs(void **state)
{
	struct pix_op ops[] = { op_if(3, OWN, 24), op_if(4, IP(10, 0, 2, 1), 24),
				op_neigh(3, SRC, 3), op_neigh(4, IP(10, 0, 2, 2), 4) };
	u16 len;

	(void)state;
	ops[0].iface.vrf = ops[1].iface.vrf = 1;
	fake_txn(ops, ARRAY_SIZE(ops));
	six_begin();
	six_addr(3, "2001:db8:1::1", 64);
	six_addr(4, "2001:db8:2::1", 64);
	six_neigh(3, "2001:db8:1::9", 3);
	six_neigh(4, "2001:db8:2::2", 4);
	six_neigh(2, "2001:db8:2::2", 2);
	six_commit();
	forwarded(1, frame_udp(f, 1, SRC, IP(10, 0, 2, 2), 64, 8), 2);
	forwarded(3, frame_udp(f, 3, SRC, IP(10, 0, 2, 2), 64, 8), 4);
	assert_int_equal(fates[0].frame[5], 4);
	forwarded(1, frame_udp6(f, 1, SRC6, ip6("2001:db8:2::2"), 64, 8), 2);
	forwarded(3, frame_udp6(f, 3, SRC6, ip6("2001:db8:2::2"), 64, 8), 4);
	/* echoes and errors go back where they came from */
	forwarded(3, frame_icmp(f, 3, SRC, OWN, 8, 0, 8), 3);
	forwarded(1, frame_icmp(f, 1, SRC, OWN, 8, 0, 8), 1);
	forwarded(3, frame_icmp6(f, 3, SRC6, ip6("2001:db8:1::1"), ICMP6_ECHO_REQUEST, 0, 8), 3);
	len = frame_udp(f, 3, SRC, IP(10, 0, 2, 2), 1, 8);
	rx(3, len);
	assert_int_equal(fates[0].why, DROP_ttl_expired);
	check_icmp_error(&fates[1], OWN, SRC, 11, 0, 0, f, len);
	assert_int_equal(fates[1].out_port, 3);
	len = frame_udp6(f, 3, SRC6, ip6("2001:db9::1"), 64, 8);
	rx(3, len);
	assert_int_equal(fates[0].why, DROP_no_route);
	check_icmp6_error(&fates[1], ip6("2001:db8:1::1"), SRC6, 1, 0, 0, f, len);
	assert_int_equal(fates[1].out_port, 3);
	/* a destination of one is none of the other */
	three_paths();
	rx(3, frame_udp(f, 3, SRC, FAR, 64, 8));
	assert_int_equal(fates[0].why, DROP_no_route);
	rx(3, frame_udp6(f, 3, SRC6, FAR6, 64, 8));
	assert_int_equal(fates[0].why, DROP_no_route);
	/* neighbours: each waits in its own VRF */
	rx(3, frame_udp(f, 3, SRC, IP(10, 0, 2, 7), 64, 8));
	rx(1, frame_udp(f, 1, SRC, IP(10, 0, 2, 7), 64, 8));
	assert_int_equal(fake_event_count, 2);
	assert_int_equal(fake_events[0].ifid, 4);
	assert_int_equal(fake_events[1].ifid, 2);
	fake_forget();
	fake_txn((struct pix_op[]){ op_neigh(4, IP(10, 0, 2, 7), 7) }, 1);
	fake_epoch();
	assert_int_equal(fate_count, 1);
	assert_int_equal(fates[0].out_port, 4);
	assert_int_equal(fake_q->c->held, 1);
	/* reassembly: the same key in two VRFs */
	len = frame_icmp(f, 1, SRC, OWN, 8, 0, 56);
	frame_ip(f)->frag = cpu_to_be16(IP_MF);
	frame_fix(f);
	rx(1, len);
	f[5] += 2;
	rx(3, len);
	assert_int_equal(fate_count, 0);
	assert_int_equal(fake_q->c->held, 3);
}

/* --- links ---------------------------------------------------------------------------------- */

/* Tags come and go in front of the packet; a bridge takes what has no port. */
static void tags(void **state)
{
	static const char header[2][23] = {
		"\x02\xaa\0\0\0\x55\x02\0\0\0\0\x12\x81\0\0\x07\x86\xdd",
		"\x02\xaa\0\0\0\x55\x02\0\0\0\0\x12\x88\xa8\0\x07\x81\0"
		"\0\x09\x86\xdd"
	};
	struct packet *p;
	u16 len;

	(void)state;
	for (u32 n = 1; n <= 2; n++) {
		six_begin();
		six_route("2001:db8:f::", 48, six_tagged(2, header[n - 1], (u8)(14 + 4 * n)));
		six_commit();
		len = frame_udp6(f, 1, SRC6, FAR6, 64, 100);
		forwarded(1, len, 2);
		assert_int_equal(fates[0].len, len + 4 * n);
		assert_memory_equal(fates[0].frame, header[n - 1], 14 + 4 * n);
		assert_int_equal(fates[0].frame[14 + 4 * n + 7], 63);
		assert_memory_equal(fates[0].frame + 14 + 4 * n + 8, f + 22, len - 22u);
		/* tagged in, as the parser leaves it, and out with as many, or with none */
		memmove(f + 12 + 4 * n, f + 12, len - 12u);
		memcpy(f + 12, header[n - 1] + 12, 4 * n);
		p = fake_frame(1, f, (u16)(len + 4 * n));
		p->l3_off = (u16)(14 + 4 * n);
		fake_forget();
		fake_burst(&p, 1);
		assert_int_equal(fates[0].kind, FATE_OUT);
		assert_int_equal(fates[0].len, len + 4 * n);
		assert_memory_equal(fates[0].frame, header[n - 1], 14 + 4 * n);
		p = fake_frame(1, f, (u16)(len + 4 * n));
		p->l3_off = (u16)(14 + 4 * n);
		pix_ip_store(p->data + p->l3_off + 24, SRC6);
		fake_forget();
		fake_burst(&p, 1);
		assert_int_equal(fates[0].kind, FATE_OUT);
		assert_int_equal(fates[0].out_port, 1);
		assert_int_equal(fates[0].len, len);
		check_ip6(&fates[0], SRC6, SRC6, 63);
	}
	/* errors about tagged packets quote the packet */
	p = fake_frame(1, f, (u16)(len + 8));
	p->l3_off = 22;
	pix_ip_store(p->data + 22 + 24, ip6("2001:db9::1"));
	fake_forget();
	fake_burst(&p, 1);
	assert_int_equal(fates[0].why, DROP_no_route);
	assert_int_equal(fates[1].len, 54 + 8 + len - 14);
	assert_memory_equal(fates[1].frame + 62 + 40, f + 22 + 40, len - 54u);
}

static void bridge(void **state)
{
	(void)state;
	six_begin();
	six_iface(4)->kind = IFACE_IRB;
	six_iface(4)->port = 0;
	six_route("2001:db8:f::", 48, six_nexthop(4, "2001:db8:4::2", 4));
	six_commit();
	rx(1, frame_udp6(f, 1, SRC6, FAR6, 64, 100));
	assert_int_equal(fate_count, 1);
	assert_int_equal(fates[0].kind, FATE_OUT);
	assert_int_equal(fates[0].out_if, 4);
	assert_int_equal(fates[0].out_port, 0); /* fe_send() */
	check_ip6(&fates[0], SRC6, FAR6, 63);
	six_begin();
	six_iface(4)->kind = IFACE_PORT;
	six_iface(4)->port = 4;
	six_commit();
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(spread), T(labels),     T(fragments), T(order), T(members),
		T(urpf),   T(urpf_burst), T(vrfs),      T(tags),  T(bridge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
