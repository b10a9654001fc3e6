// SPDX-License-Identifier: MIT
/*
 * qgm/re input: every bad field ends under its name, exactly once, and nothing is sent.
 *
 *	10.0.1.9 --- (1) 10.0.1.1/24   router   10.0.2.1/24 (2) --- 10.0.2.9 (resolved)
 *	                               10.0.3.1/24 (3)
 */
#include "tests/unit/re/fates.h"
#include "tests/unit/re/frames.h"

static u8 f[FAKE_FRAME];

enum { SRC = 0x0a000109, DST = 0x0a000209, OWN1 = 0x0a000101, OWN2 = 0x0a000201 };

static int setup(void **state)
{
	struct pix_op ops[4] = { op_if(1, OWN1, 24), op_if(2, OWN2, 24),
				 op_if(3, IP(10, 0, 3, 1), 24), op_neigh(2, DST, 9) };

	(void)state;
	fake_start();
	fake_txn(ops, 4);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_stop();
	return 0;
}

static void dropped(u16 len, enum drop_reason why)
{
	fate_dropped(1, f, len, why);
}

static void forwarded(u16 len)
{
	fate_forwarded(1, f, len);
}

static u16 good(void)
{
	return frame_ipv4(f, 1, SRC, DST, 17, 64, 40);
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
	check_ip(&fates[0], SRC, DST, 63);
	assert_memory_equal(fates[0].frame, "\x02\xaa\0\0\0\x09\x02\0\0\0\0\x12\x08\0", 14);
	assert_memory_equal(fates[0].frame + 34, f + 34, 40);
	assert_int_equal(fate_drops(), 0);
}

static void link_layer(void **state)
{
	(void)state;
	good();
	f[5] ^= 1;
	dropped(74, DROP_not_for_us);
	good();
	f[12] = 0x86;
	f[13] = 0xdd;
	dropped(74, DROP_ip6_off);
	f[13] = 0xde;
	dropped(74, DROP_unknown_ethertype);
	good();
	memset(f, 0xff, 6); /* RFC 1812 5.3.4 */
	dropped(74, DROP_ip_broadcast);
	good();
	memcpy(f, "\x01\0\x5e\0\0\1", 6);
	dropped(74, DROP_ip_broadcast);
	frame_udp(f, 1, SRC, OWN1, 64, 8); /* RFC 1122 3.3.6 */
	memset(f, 0xff, 6);
	dropped(50, DROP_ip_broadcast);
}

static void header(void **state)
{
	u16 len = good();

	(void)state;
	dropped(14, DROP_ip_truncated);
	dropped(33, DROP_ip_truncated);
	dropped((u16)(len - 1), DROP_ip_truncated);
	for (int v = 0; v < 16; v++) {
		if (v == 4)
			continue;
		good();
		f[14] = (u8)(v << 4 | 5);
		frame_fix(f);
		dropped(len, DROP_ip_version);
	}
	for (int ihl = 0; ihl < 5; ihl++) {
		good();
		f[14] = (u8)(0x40 | ihl);
		dropped(len, DROP_ip_header_length);
	}
	frame_ipv4(f, 1, SRC, DST, 17, 64, 0);
	f[14] = 0x46; /* 24 bytes of header in 20 */
	dropped(34, DROP_ip_header_length);
	for (int bit = 0; bit < 160; bit++) {
		good();
		if (bit / 8 == 0)
			continue; /* version and length have their own names */
		f[14 + bit / 8] ^= (u8)(1 << bit % 8);
		dropped(len, DROP_ip_checksum);
	}
	good();
	frame_ip(f)->total_len = cpu_to_be16(19);
	frame_fix(f);
	dropped(len, DROP_ip_total_length);
	good();
	frame_ip(f)->total_len = cpu_to_be16(61);
	frame_fix(f);
	dropped(len, DROP_ip_truncated);
	good();
	forwarded(len);
}

/* A checksum of 0xffff for 0x0000 is wrong only as a sum; RFC 1071's test accepts it. */
static void zero_checksum(void **state)
{
	u16 len = good();

	(void)state;
	for (u32 id = 0; id < 65536; id++) {
		frame_ip(f)->id = cpu_to_be16((u16)id);
		frame_fix(f);
		if (!frame_ip(f)->check || frame_ip(f)->check == cpu_to_be16(0x0100)) {
			forwarded(len);
			check_ip(&fates[0], SRC, DST, 63);
		}
	}
}

static void martians(void **state)
{
	static const u32 sources[] = { IP(0, 0, 0, 0),
				       IP(0, 1, 2, 3),
				       IP(127, 0, 0, 1),
				       IP(224, 0, 0, 1),
				       IP(239, 1, 1, 1),
				       IP(240, 0, 0, 1),
				       IP(255, 255, 255, 255),
				       OWN1,
				       OWN2,
				       IP(10, 0, 1, 255),
				       IP(10, 0, 2, 255),
				       IP(10, 0, 3, 0) };
	static const u32 destinations[] = { IP(0, 0, 0, 0),   IP(0, 9, 9, 9),
					    IP(127, 0, 0, 1), IP(127, 255, 1, 1),
					    IP(240, 0, 0, 1), IP(255, 255, 255, 254) };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(sources); i++)
		dropped(frame_ipv4(f, 1, sources[i], DST, 17, 64, 20), DROP_ip_source);
	for (u32 i = 0; i < ARRAY_SIZE(destinations); i++)
		dropped(frame_ipv4(f, 1, SRC, destinations[i], 17, 64, 20), DROP_ip_destination);
	dropped(frame_ipv4(f, 1, SRC, IP(224, 0, 0, 5), 89, 1, 20), DROP_ip_multicast);
	dropped(frame_ipv4(f, 1, SRC, IP(224, 0, 0, 0), 17, 64, 20), DROP_ip_multicast);
	dropped(frame_ipv4(f, 1, SRC, IP(239, 255, 255, 255), 17, 64, 20), DROP_ip_multicast);
	dropped(frame_ipv4(f, 1, SRC, IP(255, 255, 255, 255), 17, 64, 20), DROP_ip_broadcast);
	dropped(frame_ipv4(f, 1, SRC, IP(10, 0, 2, 255), 17, 64, 20), DROP_ip_broadcast);
	dropped(frame_ipv4(f, 1, SRC, IP(10, 0, 2, 0), 17, 64, 20), DROP_ip_broadcast);
	dropped(frame_icmp(f, 1, SRC, IP(10, 0, 1, 255), 8, 0, 20), DROP_ip_broadcast);
	forwarded(frame_ipv4(f, 1, IP(192, 168, 1, 1), DST, 17, 64, 20));
}

/* Put `n` option bytes into a fresh frame. */
static u16 with_options(const void *options, u16 n)
{
	frame_ipv4(f, 1, SRC, DST, 17, 64, (u16)(n + 8));
	memcpy(f + 34, options, n);
	f[14] = (u8)(0x45 + n / 4);
	frame_fix(f);
	return (u16)(34 + n + 8);
}

static void options(void **state)
{
	static const struct {
		u16 n;
		u8 at; /* pointer of the parameter problem; 0: refused silently; 1: passes */
		const char *bytes;
	} cases[] = {
		{ 4, 1, "\1\1\1\1" },
		{ 4, 1, "\0\xff\xff\xff" }, /* nothing counts behind EOL */
		{ 8, 1, "\x07\x07\x04\0\0\0\0\0" },
		{ 12, 1, "\x44\x0c\x05\0\0\0\0\0\0\0\0\0" },
		{ 4, 1, "\x94\x04\0\0" }, /* router alert */
		{ 4, 1, "\x94\x02\1\1" }, /* smallest, largest, emptiest */
		{ 4, 1, "\1\1\x94\x02" },
		{ 4, 1, "\x07\x03\x04\0" },
		{ 4, 1, "\x44\x04\x05\0" },
		{ 8, 0, "\x83\x07\x04\x0a\0\2\3\0" },
		{ 8, 0, "\x89\x07\x04\x0a\0\2\3\0" },
		{ 8, 0, "\1\x83\x07\x04\x0a\0\2\3" },
		{ 4, 21, "\x94\x00\0\0" },
		{ 4, 21, "\x94\x01\0\0" },
		{ 4, 21, "\x94\x05\0\0" },
		{ 4, 23, "\1\1\1\x94" },
		{ 8, 22, "\x07\x07\x03\0\0\0\0\0" },
		{ 8, 22, "\x44\x08\x04\0\0\0\0\0" },
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		u16 len = with_options(cases[i].bytes, cases[i].n);

		if (cases[i].at == 1) {
			forwarded(len);
			check_ip(&fates[0], SRC, DST, 63);
			assert_memory_equal(fates[0].frame + 34, f + 34, cases[i].n + 8u);
			continue;
		}
		if (!cases[i].at) {
			dropped(len, DROP_ip_options);
			continue;
		}
		/* malformed: the sender is told (and is unresolved: the message waits) */
		fake_forget();
		fake_rx(1, f, len);
		assert_int_equal(fate_count, 1);
		assert_int_equal(fates[0].why, DROP_ip_options);
		fake_txn((struct pix_op[]){ op_neigh(1, SRC, 1) }, 1);
		fake_epoch();
		assert_int_equal(fate_count, 2);
		check_icmp_error(&fates[1], OWN1, SRC, 12, 0, (u32)cases[i].at << 24, f, len);
		fake_txn((struct pix_op[]){ { .kind = PIX_OP_NEIGH_DEL,
					      .neigh = { .ifid = 1, .addr = pix_ip4(SRC) } } },
			 1);
	}
}

/* RFC 3927 2.7: to us, or nowhere; the rest of 169/8 is as any other. */
static void link_local(void **state)
{
	struct pix_op ops[] = { op_neigh(1, SRC, 1), op_if(4, IP(169, 254, 7, 1), 16),
				op_route(IP(169, 0, 0, 0), 8, DST) };

	(void)state;
	fake_txn(ops, ARRAY_SIZE(ops));
	dropped(frame_udp(f, 1, SRC, IP(169, 254, 9, 9), 64, 8), DROP_ip_linklocal);
	dropped(frame_udp(f, 1, IP(169, 254, 9, 9), DST, 64, 8), DROP_ip_linklocal);
	forwarded(frame_udp(f, 1, IP(169, 253, 9, 9), DST, 64, 8));
	forwarded(frame_udp(f, 1, SRC, IP(169, 255, 0, 1), 64, 8));
	forwarded(frame_icmp(f, 1, SRC, IP(169, 254, 7, 1), 8, 0, 8));
	assert_int_equal(fates[0].kind, FATE_OUT);
	fake_txn((struct pix_op[]){ op_neigh(4, IP(169, 254, 9, 9), 4) }, 1);
	dropped(frame_udp(f, 1, SRC, IP(169, 254, 9, 9), 64, 8), DROP_ip_linklocal);
	fake_forget();
	fake_rx(4, f, frame_icmp(f, 4, IP(169, 254, 9, 9), OWN1, 8, 0, 8));
	assert_int_equal(fates[0].kind, FATE_OUT);
	assert_int_equal(fates[0].out_port, 4);
}

static void arp(void **state)
{
	(void)state;
	memset(f, 0, 60);
	memset(f, 0xff, 6);
	memcpy(f + 6, "\x02\xbb\0\0\0\1", 6);
	f[12] = 8;
	f[13] = 6;
	dropped(41, DROP_arp_bad);
	fake_forget();
	fake_rx(1, f, 60);
	fake_rx(1, f, 42);
	memcpy(f, "\x02\0\0\0\0\x11", 6);
	fake_rx(1, f, 42);
	assert_int_equal(fate_count, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(fates[i].kind, FATE_PUNT);
		assert_int_equal(fates[i].why, PIX_PUNT_ARP);
		assert_int_equal(fates[i].in_port, 1);
	}
	memcpy(f, "\x02\0\0\0\0\x12", 6);
	dropped(42, DROP_not_for_us);
}

/* A burst of good and bad ones: each its own end, the good ones in order. */
static void bursts(void **state)
{
	static struct packet *p[200];
	static u32 want[200];
	u32 sent = 0, bad = 0;

	(void)state;
	srand(3);
	for (u32 i = 0; i < 200; i++) {
		u16 len = good();

		frame_ip(f)->id = cpu_to_be16((u16)i);
		frame_fix(f);
		if (rand() % 4 == 0) {
			f[24] ^= 0x55;
			bad++;
		} else {
			want[sent++] = i;
		}
		p[i] = fake_frame(1, f, len);
	}
	fake_forget();
	fake_burst(p, 200);
	assert_int_equal(fake_drops(DROP_ip_checksum), bad);
	sent = 0;
	for (u32 i = 0; i < fate_count; i++)
		if (fates[i].kind == FATE_OUT)
			assert_int_equal(be16_to_cpu(frame_ip(fates[i].frame)->id), want[sent++]);
	assert_int_equal(sent, 200 - bad);
}

/* Random bytes behind a valid start: no crash, the law holds. */
static void garbage(void **state)
{
	(void)state;
	srand(4);
	for (int round = 0; round < 20000; round++) {
		u16 len = (u16)(14 + rand() % 100);

		if (rand() % 2)
			good();
		else
			frame_icmp(f, 1, SRC, OWN1, (u8)rand(), 0, 40);
		for (int k = rand() % 6; k; k--)
			f[14 + rand() % 60] = (u8)rand();
		if (rand() % 2)
			frame_fix(f);
		fake_forget();
		fake_rx(1, f, len);
		fake_sleep_ms(1);
	}
}

static void host_packets(void **state)
{
	u16 len = frame_icmp(f, 1, OWN2, DST, 8, 0, 30);

	(void)state;
	fake_forget();
	fake_host(0, f + 14, (u16)(len - 14));
	assert_int_equal(fates[0].kind, FATE_OUT);
	check_ip(&fates[0], OWN2, DST, 64); /* no decrement */
	frame_ip(f)->check = 0;
	fake_host(0, f + 14, (u16)(len - 14));
	assert_int_equal(fates[1].kind, FATE_OUT);
	check_ip(&fates[1], OWN2, DST, 64);
	len = frame_ipv4(f, 1, OWN2, DST, 253, 64, 0); /* a bare header */
	fake_host(0, f + 14, (u16)(len - 14));
	assert_int_equal(fates[2].kind, FATE_OUT);
	len = frame_icmp(f, 1, OWN2, DST, 8, 0, 30);
	frame_ip(f)->check = 0x1111;
	fake_host(0, f + 14, (u16)(len - 14));
	frame_fix(f);
	fake_host(0, f + 14, 19);
	fake_host(0, f + 14, (u16)(len - 15));
	fake_host(VRF_MAX, f + 14, (u16)(len - 14));
	f[14] = 0x4f;
	fake_host(0, f + 14, (u16)(len - 14));
	assert_int_equal(fate_count, 8);
	assert_int_equal(fake_drops(DROP_inject_bad), 5);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(forward),  T(link_layer), T(header),       T(zero_checksum),
		T(martians), T(options),    T(link_local),   T(arp),
		T(bursts),   T(garbage),    T(host_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
