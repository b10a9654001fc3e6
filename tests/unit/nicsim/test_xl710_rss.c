// SPDX-License-Identifier: MIT
/*
 * XL710 model: Toeplitz against Microsoft's verification suite, look-up table, spread over queues,
 * what is not hashed; flow director: add, hit, drop, remove, full table, swapped ends.
 */
#include "tests/unit/nicsim/xl710_rig.h"

static const u8 key[52] = { 0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
			    0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
			    0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
			    0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa };

struct vector4 {
	u8 src[4], dst[4];
	u16 sport, dport;
	u32 tcp, ip;
};

static const struct vector4 v4[] = {
	{ { 66, 9, 149, 187 }, { 161, 142, 100, 80 }, 2794, 1766, 0x51ccc178, 0x323e8fc2 },
	{ { 199, 92, 111, 2 }, { 65, 69, 140, 83 }, 14230, 4739, 0xc626b0ea, 0xd718262a },
	{ { 24, 19, 198, 95 }, { 12, 22, 207, 184 }, 12898, 38024, 0x5c2b394a, 0xd2d0a5de },
	{ { 38, 27, 205, 30 }, { 209, 142, 163, 6 }, 48228, 2217, 0xafc7327f, 0x82989176 },
	{ { 153, 39, 163, 191 }, { 202, 188, 127, 2 }, 44251, 1303, 0x10e828a2, 0x5d1809c5 },
};

struct vector6 {
	u8 src[16], dst[16];
	u16 sport, dport;
	u32 tcp, ip;
};

static const struct vector6 v6[] = {
	{ { 0x3f, 0xfe, 0x25, 0x01, 2, 0, 0x1f, 0xff, 0, 0, 0, 0, 0, 0, 0, 7 },
	  { 0x3f, 0xfe, 0x25, 0x01, 2, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1 },
	  2794,
	  1766,
	  0x40207d3d,
	  0x2cc18cd5 },
	{ { 0x3f, 0xfe, 5, 1, 0, 8, 0, 0, 2, 0x60, 0x97, 0xff, 0xfe, 0x40, 0xef, 0xab },
	  { 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 },
	  14230,
	  4739,
	  0xdde51bbf,
	  0x0f0c461c },
	{ { 0x3f, 0xfe, 0x19, 0, 0x45, 0x45, 0, 3, 2, 0, 0xf8, 0xff, 0xfe, 0x21, 0x67, 0xcf },
	  { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0xf8, 0xff, 0xfe, 0x21, 0x67, 0xcf },
	  44251,
	  38024,
	  0x02d1feef,
	  0x4b61e985 },
};

static void hash_on(u32 queues)
{
	for (u32 i = 0; i < 13; i++)
		xr_wr(R_HKEY + i * 128, key[i * 4] | (u32)key[i * 4 + 1] << 8 |
						(u32)key[i * 4 + 2] << 16 |
						(u32)key[i * 4 + 3] << 24);
	xr_wr(R_PFQF_CTL_0, 1 << 16);
	for (u32 i = 0; i < 128; i++)
		xr_wr(R_HLUT + i * 128, (i * 4 % queues) | (i * 4 + 1) % queues << 8 |
						(i * 4 + 2) % queues << 16 |
						(i * 4 + 3) % queues << 24);
	xr_wr(R_HENA, 1u << 31);                                    /* IPv4 UDP */
	xr_wr(R_HENA + 128, 1u << 1 | 1u << 3 | 1u << 4 |           /* IPv4 TCP, other, fragment */
				    1u << 9 | 1u << 11 | 1u << 13); /* IPv6 */
}

/* The queue that got it, with the write-back. */
static u32 arrived(u32 queues, u64 qw[4])
{
	const u8 *data;

	for (u32 q = 0; q < queues; q++)
		if (xr_rx(q, qw, &data))
			return q;
	return ~0u;
}

static void expect_hash(const u8 *f, u32 len, u32 hash)
{
	u64 qw[4];

	assert_true(xr_wire(f, len));
	assert_int_equal(arrived(8, qw), hash & 511 & 7);
	assert_int_equal(qw[1] >> 12 & 3, 3);
	assert_int_equal(qw[0] >> 32, hash);
}

static void test_vectors(void **state)
{
	const struct xr_qopt o = { 0 };
	u8 f[256];

	(void)state;
	xr_start("");
	xr_up(8, &o);
	hash_on(8);
	for (u32 i = 0; i < sizeof(v4) / sizeof(*v4); i++)
		for (u32 k = 0; k < 3; k++) {
			u32 len = xr_packet(f, false,
					    k == 0   ? 6
					    : k == 1 ? 17
						     : 47,
					    v4[i].sport, v4[i].dport, 30);

			memcpy(f + 26, v4[i].src, 4);
			memcpy(f + 30, v4[i].dst, 4);
			expect_hash(f, len, k < 2 ? v4[i].tcp : v4[i].ip);
			f[20] = 0x20; /* a fragment: addresses only */
			expect_hash(f, len, v4[i].ip);
		}
	for (u32 i = 0; i < sizeof(v6) / sizeof(*v6); i++)
		for (u32 k = 0; k < 3; k++) {
			u32 len = xr_packet(f, true,
					    k == 0   ? 6
					    : k == 1 ? 17
						     : 47,
					    v6[i].sport, v6[i].dport, 30);

			memcpy(f + 22, v6[i].src, 16);
			memcpy(f + 38, v6[i].dst, 16);
			expect_hash(f, len, k < 2 ? v6[i].tcp : v6[i].ip);
		}
	xr_end(0);
}

static void test_spread(void **state)
{
	const struct xr_qopt o = { .d16 = true };
	u32 n[8] = { 0 };
	double chi = 0;
	u8 f[256];
	u64 qw[4];

	(void)state;
	xr_start("");
	xr_up(8, &o);
	hash_on(8);
	for (u32 i = 0; i < 8000; i++) {
		u32 len = xr_packet(f, false, 17, 1024 + i * 7 % 60000, 53 + i % 11, 20), q;

		assert_true(xr_wire(f, len));
		q = arrived(8, qw);
		assert_true(q < 8);
		n[q]++;
	}
	for (u32 q = 0; q < 8; q++)
		chi += (n[q] - 1000.0) * (n[q] - 1000.0) / 1000.0;
	assert_true(chi < 24.3); /* 7 degrees of freedom, 0.1 % */
	/* types that are not enabled go to queue 0, without a hash */
	xr_wr(R_HENA, 0);
	assert_true(xr_wire(f, xr_packet(f, false, 17, 1, 2, 20)));
	assert_int_equal(arrived(8, qw), 0);
	assert_int_equal(qw[1] >> 12 & 3, 0);
	/* a table of one entry */
	hash_on(1);
	for (u32 i = 0; i < 100; i++) {
		assert_true(xr_wire(f, xr_packet(f, false, 6, i, 2, 20)));
		assert_int_equal(arrived(8, qw), 0);
	}
	xr_end(0);
}

static void exchange(u8 *a, u8 *b, u32 n)
{
	u8 t[4];

	memcpy(t, a, n);
	memcpy(a, b, n);
	memcpy(b, t, n);
}

/* A programming descriptor for frames like `f`, with a dummy that has their ends exchanged, or
 * (dummy: false) on a frame that is sent. */
static void program(u32 q, u8 pctype, u32 pcmd, u32 dest, u32 queue, u32 id, const u8 *f, u32 len,
		    bool dummy)
{
	u32 at = XR_TXB + 0x100000;

	xr_tx_desc(q, queue | (u64)pctype << 17 | 16u << 23,
		   8 | (u64)pcmd << 4 | (u64)dest << 7 | 1ull << 11 | 1ull << 13 | 5ull << 20 |
			   (u64)id << 32);
	memcpy(XR_P(at), f, len);
	if (dummy) {
		exchange(XR_P(at) + 26, XR_P(at) + 30, 4);
		exchange(XR_P(at) + 34, XR_P(at) + 36, 2);
	}
	xr_tx_desc(q, XR_IOVA(at), xr_tx_data(dummy ? 0x13 : 3, 0, len, 0));
	xr_tx_go(q);
}

static void test_flow_director(void **state)
{
	const struct xr_qopt o = { .fd = true };
	u8 f[256], g[256];
	u64 qw[4];
	u32 len;

	(void)state;
	xr_start("");
	xr_up(4, &o);
	hash_on(4);
	xr_wr(R_PFQF_CTL_0, 1 << 16 | 1 << 17);
	len = xr_packet(f, false, 17, 1111, 2222, 30);
	program(0, 31, 1, 1, 3, 0xabcd, f, len, true);
	assert_int_equal(xr.nsent, 0);
	assert_int_equal(xr_rd(0x246380), 1);
	for (u32 i = 0; i < 3; i++) {
		assert_true(xr_wire(f, len));
		assert_int_equal(arrived(4, qw), 3);
		assert_int_equal(qw[1] >> 11 & 1, 1);
		assert_int_equal(qw[2] >> 4 & 3, 1);
		assert_int_equal(qw[3] >> 32, 0xabcd);
	}
	assert_int_equal(xr_rd(0x266800 + 5 * 4), 3); /* its counter */
	memcpy(g, f, len);                            /* the way back is another flow */
	exchange(g + 26, g + 30, 4);
	exchange(g + 34, g + 36, 2);
	assert_true(xr_wire(g, len));
	assert_int_not_equal(arrived(4, qw), ~0u);
	assert_int_equal(qw[1] >> 11 & 1, 0);
	xr_packet(g, false, 17, 1111, 2223, 30); /* another port */
	assert_true(xr_wire(g, len));
	assert_int_not_equal(arrived(4, qw), ~0u);
	assert_int_equal(qw[1] >> 11 & 1, 0);
	program(0, 31, 1, 0, 0, 7, f, len, true); /* now drop */
	assert_false(xr_wire(f, len));
	assert_int_equal(xr_rd(0x246380), 1);
	program(0, 31, 2, 0, 0, 7, f, len, true);
	assert_int_equal(xr_rd(0x246380), 0);
	assert_true(xr_wire(f, len));
	assert_int_not_equal(arrived(4, qw), ~0u);
	/* removing what is not there: status in queue 0 */
	program(0, 31, 2, 0, 0, 77, f, len, true);
	assert_true(xr_rx_peek(0, qw));
	assert_int_equal(qw[1] >> 38, 0x2000000);
	assert_int_equal(qw[1] >> 19 & 0x3f, 2);
	assert_int_equal(qw[0] >> 32, 77);
	xr.rx_next[0]++;
	/* learnt from a frame that goes out: the answer is steered */
	program(1, 31, 1, 1, 2, 9, f, len, false);
	assert_int_equal(xr.nsent, 1);
	xr_packet(g, false, 17, 2222, 1111, 30);
	memcpy(g + 26, f + 30, 4);
	memcpy(g + 30, f + 26, 4);
	assert_true(xr_wire(g, len));
	assert_int_equal(arrived(4, qw), 2);
	/* all at once */
	xr_wr(0x245d80, 1);
	assert_int_equal(xr_rd(0x246380), 0);
	/* full */
	for (u32 i = 0; i < 8192; i++) {
		xr_packet(g, false, 17, i, 5, 30);
		program(0, 31, 1, 1, 1, i, g, len, true);
	}
	assert_false(xr_rx_peek(0, qw));
	assert_int_equal(xr_rd(0x246380) >> 16, 7680);
	program(0, 31, 1, 1, 1, 9999, f, len, true);
	assert_true(xr_rx_peek(0, qw));
	assert_int_equal(qw[1] >> 19 & 0x3f, 1);
	xr_end(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_flow_director),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
