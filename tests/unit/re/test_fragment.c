// SPDX-License-Identifier: MIT
/*
 * Fragmentation: what comes out of a link with a small MTU is put together again, apart from the
 * code under test, and compared with what went in.
 *
 *	10.0.1.9 --- (1) mtu 1500   router   mtu 600 (2) --- 10.0.2.9
 */
#include "tests/unit/re/frames.h"

static u8 f[FAKE_FRAME];

enum { SRC = 0x0a000109, DST = 0x0a000209 };

static void set_mtu(u32 mtu)
{
	struct pix_op op = op_if(2, IP(10, 0, 2, 1), 24);

	op.iface.mtu = mtu;
	fake_txn(&op, 1);
}

static int setup(void **state)
{
	struct pix_op ops[] = { op_if(1, IP(10, 0, 1, 1), 24), op_if(2, IP(10, 0, 2, 1), 24),
				op_neigh(1, SRC, 1), op_neigh(2, DST, 9) };

	(void)state;
	fake_start();
	fake_txn(ops, ARRAY_SIZE(ops));
	set_mtu(600);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_stop();
	return 0;
}

/* fates[at..at+n) are all the fragments of the packet in f, in order, each within the MTU. */
static void whole(u32 at, u32 n, u32 mtu)
{
	const struct ipv4_hdr *sent = frame_ip(f);
	u32 sent_hlen = (sent->ver_ihl & 15u) * 4, frag = be16_to_cpu(sent->frag);
	u32 payload = be16_to_cpu(sent->total_len) - sent_hlen, have = 0;

	for (u32 i = at; i < at + n; i++) {
		const struct ipv4_hdr *ip = frame_ip(fates[i].frame);
		u32 hlen = (ip->ver_ihl & 15u) * 4, fr = be16_to_cpu(ip->frag);
		u32 bytes = be16_to_cpu(ip->total_len) - hlen;

		assert_int_equal(fates[i].kind, FATE_OUT);
		check_ip(&fates[i], SRC, DST, 63);
		assert_true(be16_to_cpu(ip->total_len) <= mtu);
		assert_int_equal(ip->id, sent->id);
		assert_int_equal(ip->tos, sent->tos);
		assert_int_equal(ip->proto, sent->proto);
		assert_int_equal(fr & IP_DF, 0);
		assert_int_equal((fr & IP_OFFMASK) * 8, (frag & IP_OFFMASK) * 8 + have);
		assert_int_equal(fr & IP_MF, i + 1 < at + n ? IP_MF : frag & IP_MF);
		assert_memory_equal(fates[i].frame + 14 + hlen, f + 14 + sent_hlen + have, bytes);
		have += bytes;
		assert_true(i + 1 == at + n || bytes % 8 == 0);
	}
	assert_int_equal(have, payload);
}

static void run(u16 len, u32 n, u32 mtu)
{
	fake_forget();
	fake_rx(1, f, len);
	assert_int_equal(fate_count, n);
	whole(0, n, mtu);
}

static void sizes(void **state)
{
	(void)state;
	for (u16 payload = 500; payload <= 1480; payload++) {
		u32 step = 576, n = payload + 20u <= 600 ? 1 : (payload + step - 1) / step;

		run(frame_ipv4(f, 1, SRC, DST, 17, 64, payload), n, 600);
	}
	set_mtu(68);
	run(frame_ipv4(f, 1, SRC, DST, 17, 64, 48), 1, 68);
	run(frame_ipv4(f, 1, SRC, DST, 17, 64, 49), 2, 68);
	run(frame_ipv4(f, 1, SRC, DST, 17, 64, 1480), 31, 68);
}

/* A fragment is cut again. */
static void again(void **state)
{
	u16 len = frame_ipv4(f, 1, SRC, DST, 17, 64, 1200);

	(void)state;
	frame_ip(f)->frag = cpu_to_be16(IP_MF | 10);
	frame_fix(f);
	run(len, 3, 600);
	frame_ip(f)->frag = cpu_to_be16(77);
	frame_fix(f);
	run(len, 3, 600);
}

/* RFC 791: copied options are in all fragments, others in the first only. */
static void options(void **state)
{
	u16 len = frame_ipv4(f, 1, SRC, DST, 17, 64, 1012);

	(void)state;
	/* record route (not copied), router alert (copied), NOP */
	memcpy(f + 34, "\x07\x07\x04\0\0\0\0\x94\x04\0\0\1", 12);
	f[14] = 0x48;
	frame_fix(f);
	run(len, 2, 600);
	assert_int_equal(fates[0].frame[14], 0x48);
	assert_memory_equal(fates[0].frame + 34, f + 34, 12);
	assert_int_equal(fates[1].frame[14], 0x46);
	assert_memory_equal(fates[1].frame + 34, "\x94\x04\0\0", 4);
}

static void no_buffer(void **state)
{
	u16 len = frame_ipv4(f, 1, SRC, DST, 17, 64, 1400);

	(void)state;
	fake_forget();
	fake_no_buffer = true;
	fake_rx(1, f, len);
	fake_no_buffer = false;
	assert_int_equal(fate_count, 1);
	assert_int_equal(fates[0].why, DROP_no_buffer);
}

/* Small, large, small of one flow in one burst: nobody passes another. */
static void order(void **state)
{
	struct packet *p[3];

	(void)state;
	for (u16 i = 0; i < 3; i++) {
		u16 len = frame_ipv4(f, 1, SRC, DST, 17, 64, i == 1 ? 1400 : 100);

		frame_ip(f)->id = cpu_to_be16(i);
		frame_fix(f);
		p[i] = fake_frame(1, f, len);
	}
	fake_forget();
	fake_burst(p, 3);
	assert_int_equal(fate_count, 5);
	for (u32 i = 0; i < 5; i++)
		assert_int_equal(be16_to_cpu(frame_ip(fates[i].frame)->id), i == 0  ? 0
									    : i < 4 ? 1
										    : 2);
}

/* The pieces wait for the neighbour and come in order; or the first one's fault is told. */
static void unresolved(void **state)
{
	u16 len = frame_ipv4(f, 1, SRC, IP(10, 0, 2, 33), 17, 64, 1400);

	(void)state;
	fake_forget();
	fake_rx(1, f, len);
	assert_int_equal(fate_count, 0);
	assert_int_equal(fake_q->c->held, 3);
	fake_txn((struct pix_op[]){ op_neigh(2, IP(10, 0, 2, 33), 3) }, 1);
	fake_epoch();
	assert_int_equal(fate_count, 3);
	frame_ip(f)->dst = cpu_to_be32(DST);
	for (u32 i = 0; i < 3; i++) {
		struct ipv4_hdr *ip = frame_ip(fates[i].frame);

		assert_int_equal(be32_to_cpu(ip->dst), IP(10, 0, 2, 33));
		ip->dst = cpu_to_be32(DST);
		frame_fix(fates[i].frame);
	}
	whole(0, 3, 600);
	fake_rx(1, f, frame_ipv4(f, 1, SRC, IP(10, 0, 2, 34), 17, 64, 1400));
	fake_forget();
	re_neighbour_failed(fake_q, 2, pix_ip4(IP(10, 0, 2, 34)));
	assert_int_equal(fake_drops(DROP_neighbour_unresolved), 1);
	assert_int_equal(fake_drops(DROP_icmp_forbidden), 2); /* later fragments */
	assert_int_equal(fate_count, 4);
	assert_int_equal(fates[1].kind, FATE_OUT);
	assert_int_equal(fates[1].frame[34], 3);
	assert_int_equal(fates[1].frame[35], 1);
}

/* Packets of the host stack: no TTL decrement in any piece. */
static void host(void **state)
{
	u16 len = frame_ipv4(f, 1, IP(10, 0, 2, 1), DST, 17, 64, 1400);

	(void)state;
	fake_forget();
	fake_host(0, f + 14, (u16)(len - 14));
	assert_int_equal(fate_count, 3);
	for (u32 i = 0; i < 3; i++)
		check_ip(&fates[i], IP(10, 0, 2, 1), DST, 64);
}

/* Any size, options, flags and MTU. */
static void random_ones(void **state)
{
	(void)state;
	srand(5);
	for (int round = 0; round < 3000; round++) {
		u16 payload = (u16)(rand() % 1440), len;
		u32 mtu = 68 + (u32)rand() % 1433;
		bool opts = rand() % 3 == 0;

		if (round % 10 == 0)
			set_mtu(mtu);
		mtu = tables_current()->iface[2]->mtu;
		len = frame_ipv4(f, 1, SRC, DST, 17, 64, (u16)(payload + 40));
		if (opts) {
			memset(f + 34, 1, 40);
			memcpy(f + 34 + rand() % 30, "\x94\x04\0\0", 4);
			f[14] = 0x4f;
		}
		frame_ip(f)->frag = cpu_to_be16((u16)(rand() % 2 ? 0 : IP_MF | (rand() % 1000)));
		frame_fix(f);
		fake_forget();
		fake_rx(1, f, len);
		if (fates[0].kind == FATE_DROP) { /* more than 64 pieces */
			assert_int_equal(fates[0].why, DROP_mtu_exceeded);
			assert_true(payload > ((mtu - 60) & ~7u) * 64);
			continue;
		}
		whole(0, fate_count, mtu);
	}
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(sizes), T(again),      T(options), T(no_buffer),
		T(order), T(unresolved), T(host),    T(random_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
