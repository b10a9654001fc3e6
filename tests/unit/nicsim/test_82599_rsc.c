// SPDX-License-Identifier: MIT
/* Receive-side coalescing of the 82599 model: segments of a flow in order become one frame; what is
 * out of order, has other flags or another flow does not. */
#include "tests/unit/nicsim/rig_82599.h"

enum { RSCCTL = 0x102c, PART = 1000, HDR = 54 };

static u8 f[2048];

static void put32(u8 *p, u32 v)
{
	for (u32 i = 0; i < 4; i++)
		p[i] = (u8)(v >> (24 - 8 * i));
}

/* Segment with sequence number, flags; checksum made anew. */
static u32 segment(u32 seq, u8 flags, u16 port)
{
	u32 len = make_tcp4(f, 0x0a000001, 0x0a000002, port, 80, PART);
	u16 sum;

	for (u32 i = 0; i < PART; i++)
		f[HDR + i] = (u8)((seq + i) * 31);
	put32(f + 38, seq);
	f[47] = flags;
	f[50] = f[51] = 0;
	sum = (u16)~sum_of(f + 34, 20 + PART, sum_of(f + 26, 8, 6 + 20 + PART));
	f[50] = (u8)(sum >> 8);
	f[51] = (u8)sum;
	return len;
}

static void begin(void)
{
	bench_begin(NULL);
	wr(RDRXCTL, (rd(RDRXCTL) & ~(0x1fu << 17)) | 1 << 25 | 1 << 26 | 2);
	wr(RSCCTL, 1 | 2 << 2); /* 8 buffers */
	wr(IVAR, 0x80);
	wr(EITR, 50 << 3);
	rx_start(0, 2);
	rx_on();
}

/* The next frame of the ring is segments [from, from + n * PART); checks its data. */
static void expect(u32 from, u32 n)
{
	u32 len = HDR + n * PART, got = 0, packets = 0;
	static u8 all[20000];
	const u32 *d;
	bool eop = false;

	while (!eop) {
		u32 at = b.rx_next[0], part;

		d = rx_take(0);
		assert_non_null(d);
		eop = d[2] & 2;
		part = d[3] & 0xffff;
		packets += d[0] >> 17 & 15;
		if (!eop && n > 1)
			assert_int_equal(d[2] >> 4 & 0xffff, b.rx_next[0]); /* NEXTP */
		memcpy(all + got, rx_data(0, at), part);
		got += part;
	}
	assert_int_equal(got, len);
	assert_int_equal(packets, n > 1 ? n : 0);
	assert_int_equal((u32)all[16] << 8 | all[17], len - 14);
	for (u32 i = 0; i < n * PART; i++)
		assert_int_equal(all[HDR + i], (u8)((from + i) * 31));
}

static void test_coalesce(void **s)
{
	(void)s;
	begin();
	for (u32 i = 0; i < 5; i++) {
		inject(f, segment(1000 + i * PART, i == 4 ? 0x18 : 0x10, 7));
		if (i < 4)
			assert_false(((const u32 *)mem(RX_RING))[2] & 1); /* still open */
	}
	expect(1000, 5); /* PSH has closed it */
	/* time closes too */
	inject(f, segment(6000, 0x10, 7));
	inject(f, segment(7000, 0x10, 7));
	nicsim_advance(b.sim, 200000);
	expect(6000, 2);
	assert_null(rx_take(0));
	/* full: 8 buffers of 2 KiB take 16 segments of 1000 */
	for (u32 i = 0; i < 17; i++)
		inject(f, segment(i * PART, 0x10, 7));
	expect(0, 16);
	nicsim_advance(b.sim, 200000);
	expect(16000, 1);
	bench_end();
}

static void test_not(void **s)
{
	(void)s;
	begin();
	inject(f, segment(1000, 0x10, 7));
	inject(f, segment(3000, 0x10, 7)); /* a hole: the first goes, the second opens anew */
	expect(1000, 1);
	inject(f, segment(4000, 0x11, 7)); /* FIN goes by itself, after what was before it */
	expect(3000, 1);
	expect(4000, 1);
	/* two flows at once */
	inject(f, segment(1000, 0x10, 7));
	inject(f, segment(5000, 0x10, 8));
	inject(f, segment(2000, 0x18, 7));
	inject(f, segment(6000, 0x18, 8));
	expect(1000, 2);
	expect(5000, 2);
	/* a wrong checksum is not coalesced */
	inject(f, segment(1000, 0x10, 9));
	segment(2000, 0x18, 9);
	f[51] ^= 1;
	inject(f, HDR + PART);
	expect(1000, 1);
	assert_int_equal(rx_take(0)[2] >> 30, 1);
	bench_end();
}

static void test_misuse(void **s)
{
	(void)s;
	bench_begin(NULL);
	wr(RSCCTL, 1);
	expect_error(NICSIM_E_STATE); /* RDRXCTL.RSCACKC */
	bench_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_coalesce),
		cmocka_unit_test(test_not),
		cmocka_unit_test(test_misuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
