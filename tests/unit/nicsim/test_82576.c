// SPDX-License-Identifier: MIT
/* The 82576 model by registers written down here once more: EEPROM, PHY, offloads of a transmit
 * queue, reports. (What the igb driver uses is tested with it.) */
#include "tests/unit/unit.h"
#include "tools/nicsim/sim.h"
#include "tools/nicsim/wire.h"

enum { MEM = 0x100000, MEM_SIZE = 1 << 20, RING = MEM + 0x1000, DATA = MEM + 0x10000 };

static struct {
	struct nicsim *sim;
	struct nicsim_dev *dev;
	u8 *mem;
	u32 n, len[16];
	u8 frame[16][2048];
	u32 tail;
} b;

static void sent(void *arg, const u8 *f, u32 len)
{
	(void)arg;
	assert_true(b.n < 16 && len <= 2048);
	b.len[b.n] = len;
	memcpy(b.frame[b.n++], f, len);
}

static u32 rd(u32 off)
{
	return (u32)nicsim_bar_read(b.dev, 0, off, 4);
}

static void wr(u32 off, u32 v)
{
	nicsim_bar_write(b.dev, 0, off, 4, v);
}

static int setup(void **state)
{
	char why[160] = "";

	(void)state;
	memset(&b, 0, sizeof(b));
	b.mem = calloc(1, MEM_SIZE);
	b.sim = nicsim_create();
	b.dev = nicsim_add(b.sim, "82576,mac=52:54:00:12:34:56", true, why, sizeof(why));
	assert_string_equal(why, "");
	assert_true(nicsim_mem_add(b.dev, MEM, MEM_SIZE, b.mem));
	assert_true(nicsim_wire_function(b.dev, sent, NULL));
	nicsim_cfg_write(b.dev, 4, 2, 7);
	nicsim_advance(b.sim, 100000000);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (b.dev->nerrors)
		nicsim_report(b.dev, stderr);
	assert_int_equal(b.dev->nerrors, 0);
	nicsim_destroy(b.sim);
	free(b.mem);
	return 0;
}

static void queue_on(void)
{
	wr(0x3800, RING);
	wr(0x3804, 0);
	wr(0x3808, 64 * 16);
	wr(0x3828, 1 << 25);
	while (!(rd(0x3828) & 1 << 25))
		;
	wr(0x400, 2 | 8);
	assert_true(rd(0x8) & 2);
}

static void desc(u32 d0, u32 d1, u32 d2, u32 d3)
{
	u32 d[4] = { d0, d1, d2, d3 };

	memcpy(b.mem + (RING - MEM) + 16 * b.tail++, d, sizeof(d));
}

static u32 ones(const u8 *p, u32 len, u32 s)
{
	for (u32 i = 0; i < len; i++)
		s += (u32)p[i] << (i & 1 ? 0 : 8);
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

static void test_identity(void **state)
{
	u32 v;

	(void)state;
	for (u32 word = 0; word < 3; word++) {
		wr(0x14, 1 | word << 2);
		while (!((v = rd(0x14)) & 2))
			;
		assert_int_equal(v >> 16, b.dev->mac[2 * word] | b.dev->mac[2 * word + 1] << 8);
	}
	wr(0x20, 2u << 26 | 1 << 21 | 2 << 16); /* PHY 1, register 2 */
	while (!((v = rd(0x20)) & 1 << 28))
		;
	assert_int_equal(v & 0xffff, 0x02a8);
	assert_int_equal(rd(0x5400), 0x12005452);
}

/* 2500 bytes of TCP in segments of 1000, with a tag. */
static void test_segments(void **state)
{
	u8 *f = b.mem + (DATA - MEM);
	u32 total = 54 + 2500;

	(void)state;
	queue_on();
	memset(f, 0, 54);
	memset(f, 2, 12);
	f[12] = 8;
	f[14] = 0x45;
	f[22] = 64;
	f[23] = 6;
	f[26] = 10;
	f[30] = 11;
	f[41] = 100; /* sequence number */
	f[46] = 5 << 4;
	f[47] = 0x18; /* ACK, PSH */
	for (u32 i = 54; i < total; i++)
		f[i] = (u8)(i * 7);
	{
		u32 s = ones(f + 26, 8, 6); /* pseudo-header without the length */

		f[50] = (u8)(s >> 8);
		f[51] = (u8)s;
	}
	desc(20 | 14 << 9 | 0x64u << 16, 0, 1u << 29 | 2 << 20 | 1 << 10 | 1 << 11,
	     20 << 8 | 1000u << 16);
	desc(DATA, 0,
	     total | 3 << 20 | 1u << 24 | 1u << 25 | 1u << 27 | 1u << 29 | 1u << 30 | 1u << 31,
	     0x300 | 2500u << 14);
	wr(0x3818, b.tail);
	nicsim_run(b.sim, 0);
	assert_int_equal(b.n, 3);
	for (u32 i = 0; i < 3; i++) {
		u8 *p = b.frame[i];
		u32 part = i < 2 ? 1000 : 500;

		assert_int_equal(b.len[i], 58 + part);
		assert_memory_equal(p + 12, ((const u8[]){ 0x81, 0, 0, 0x64, 8, 0 }), 6);
		assert_int_equal(p[20] << 8 | p[21], 40 + part);
		assert_int_equal(p[42] << 24 | p[43] << 16 | p[44] << 8 | p[45], 100 + 1000 * i);
		assert_int_equal(p[51], i < 2 ? 0x10 : 0x18);
		assert_int_equal(ones(p + 18, 20, 0), 0xffff);
		assert_int_equal(ones(p + 38, 20 + part, ones(p + 30, 8, 6 + 20 + part)), 0xffff);
		assert_memory_equal(p + 58, f + 54 + 1000 * i, part);
	}
	assert_int_equal(b.mem[RING - MEM + 16 + 12] & 1, 1); /* DD */
	assert_int_equal(rd(0x40f8), 1);
}

static void test_reports(void **state)
{
	(void)state;
	queue_on();
	wr(0x3818, 64);
	assert_int_equal(b.dev->errors[NICSIM_E_TAIL], 1);
	wr(0x3800, RING + 128);
	assert_int_equal(b.dev->errors[NICSIM_E_STATE], 1);
	wr(0x4abc, 1);
	assert_int_equal(b.dev->errors[NICSIM_E_ACCESS], 1);
	wr(0x102c, 1);
	assert_int_equal(b.dev->errors[NICSIM_E_NVM], 1);
	assert_int_equal(b.dev->nerrors, 4);
	nicsim_errors_clear(b.dev);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_identity),
		T(test_segments),
		T(test_reports),
	};

	return cmocka_run_group_tests_name("82576", tests, NULL, NULL);
}
