// SPDX-License-Identifier: MIT
/* Flow Director of the 82599 model: the hash against the folded form that drivers use (the stream
 * XORed together 32 bits at a time), perfect and hash filters, masks, counters, misuse. */
#include "tests/unit/nicsim/rig_82599.h"

enum {
	FDIRCTRL = 0xee00,
	FDIRIPSA = 0xee18,
	FDIRIPDA = 0xee1c,
	FDIRPORT = 0xee20,
	FDIRVLAN = 0xee24,
	FDIRHASH = 0xee28,
	FDIRCMD = 0xee2c,
	FDIRFREE = 0xee38,
	FDIRDIP4M = 0xee3c,
	FDIRSIP4M = 0xee40,
	FDIRTCPM = 0xee44,
	FDIRUDPM = 0xee48,
	FDIRUSTAT = 0xee50,
	FDIRFSTAT = 0xee54,
	FDIRMATCH = 0xee58,
	FDIRMISS = 0xee5c,
	FDIRHKEY = 0xee68,
	FDIRSKEY = 0xee6c,
	FDIRM = 0xee70,
	ADD = 1,
	REMOVE = 2,
	QUERY = 3,
	UPDATE = 1 << 3,
	LAST = 1 << 11,
	QUEUE_EN = 1 << 15,
	DROP = 1 << 9,
	UDP = 1 << 5,
	TCP = 2 << 5,
	HKEY = 0x3dad14e2,
	SKEY = 0x174d3614,
};

static u8 f[2048];

u32 n599_fdir_hash(const u8 stream[42], u32 key);

static u32 word(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

/*
 * The other way to the same hash: all words of the stream but the first are XORed into one; since
 * the key repeats every 32 bits and 42 bytes are no multiple of 4, its lower half serves for the
 * upper half of the stream with the halves swapped; the first word comes in for both.
 */
static u32 folded(const u8 *s, u32 key)
{
	u32 first = word(s), common = 0, hi, lo, hash = 0;
	u8 last[4] = { s[40], s[41], 0, 0 };

	for (u32 i = 1; i < 10; i++)
		common ^= word(s + 4 * i);
	common ^= word(last);
	hi = common;
	lo = hi >> 16 | hi << 16;
	hi ^= first ^ first >> 16;
	for (u32 n = 0; n < 16; n++) {
		if (n == 1)
			lo ^= first ^ first << 16;
		if (key & 1u << n)
			hash ^= lo >> n;
		if (key & 1u << (n + 16))
			hash ^= hi >> n;
	}
	return hash & 0x7fff;
}

static void test_hash(void **state)
{
	u8 s[42], hw[42];

	(void)state;
	srand(1);
	for (u32 i = 0; i < 2000; i++) {
		u32 key = (u32)rand() << 16 ^ (u32)rand();

		for (u32 k = 0; k < 42; k++)
			s[k] = (u8)rand();
		memcpy(hw, s + 2, 40); /* the chip's order: pool and flow type last */
		memcpy(hw + 40, s, 2);
		assert_int_equal(n599_fdir_hash(hw, key) & 0x7fff, folded(s, key));
	}
}

static void begin_of(bool perfect, u32 pballoc)
{
	u32 polls = 0;

	bench_begin(NULL);
	for (u32 q = 0; q < 8; q++)
		rx_start(q, 2);
	wr(0x3c00, (512 - (32u << pballoc)) << 10); /* room in the packet buffer */
	wr(FDIRHKEY, HKEY);
	wr(FDIRSKEY, SKEY);
	wr(FDIRM, 1 << 5 | 1 << 4 | 1 << 2 | 3); /* no IPv6, flex, pool, VLAN */
	wr(FDIRCTRL,
	   pballoc | (perfect ? 1 << 4 : 0) | 1 << 5 | 127 << 8 | 6 << 16 | 10 << 24 | 4u << 28);
	while (!(rd(FDIRCTRL) & 8))
		assert_true(++polls < 1000);
	assert_true(polls > 0);
	rx_on();
}

static void begin(bool perfect)
{
	begin_of(perfect, 1);
}

static void stream(u8 *s, u32 flow, u32 sa, u32 da, u32 sp, u32 dp)
{
	memset(s, 0, 42);
	s[1] = (u8)flow;
	for (u32 i = 0; i < 4; i++) {
		s[4 + i] = (u8)(da >> (24 - 8 * i));
		s[20 + i] = (u8)(sa >> (24 - 8 * i));
	}
	s[36] = (u8)(sp >> 8);
	s[37] = (u8)sp;
	s[38] = (u8)(dp >> 8);
	s[39] = (u8)dp;
}

static u32 command(u32 cmd)
{
	u32 v, polls = 0;

	wr(FDIRCMD, cmd);
	while ((v = rd(FDIRCMD)) & 3)
		assert_true(++polls < 100);
	return v;
}

static u32 add_perfect(u32 sa, u32 da, u16 sp, u16 dp, u16 id, u32 queue, u32 flags)
{
	u8 s[42];
	u32 hash;

	stream(s, 1, sa, da, sp, dp);
	hash = (folded(s, HKEY) & 0x1fff) | (u32)id << 16;
	wr(FDIRIPSA, __builtin_bswap32(sa));
	wr(FDIRIPDA, __builtin_bswap32(da));
	wr(FDIRPORT, (u32)dp << 16 | sp);
	wr(FDIRVLAN, 0);
	wr(FDIRHASH, hash);
	command(ADD | UPDATE | LAST | QUEUE_EN | UDP | queue << 16 | flags);
	return hash;
}

static void test_perfect(void **state)
{
	const u32 *d;
	u32 hash, free0;

	(void)state;
	begin(true);
	free0 = rd(FDIRFREE) & 0xffff;
	assert_int_equal(free0, 2046);
	hash = add_perfect(0x0a000001, 0x0a000002, 1000, 53, 77, 5, 0);
	assert_int_equal(rd(FDIRFREE) & 0xffff, free0 - 1);
	inject(f, make_udp4(f, 0x0a000001, 0x0a000002, 1000, 53, 20));
	d = rx_take(5);
	assert_non_null(d);
	assert_true(d[2] & 4); /* FLM */
	assert_int_equal(d[1], hash);
	inject(f, make_udp4(f, 0x0a000001, 0x0a000002, 1001, 53, 20));
	assert_non_null(rx_take(0));
	inject(f, make_tcp4(f, 0x0a000001, 0x0a000002, 1000, 53, 20));
	assert_non_null(rx_take(0));
	assert_int_equal(rd(FDIRMATCH), 1);
	assert_int_equal(rd(FDIRMISS), 2);
	assert_int_equal(rd(FDIRMATCH), 0);
	/* same again with another queue: an update */
	add_perfect(0x0a000001, 0x0a000002, 1000, 53, 77, 6, 0);
	assert_int_equal(rd(FDIRFREE) & 0xffff, free0 - 1);
	inject(f, make_udp4(f, 0x0a000001, 0x0a000002, 1000, 53, 20));
	assert_non_null(rx_take(6));
	/* query, remove, query */
	wr(FDIRHASH, hash);
	assert_true(command(QUERY) & 4);
	command(REMOVE);
	assert_false(command(QUERY) & 4);
	inject(f, make_udp4(f, 0x0a000001, 0x0a000002, 1000, 53, 20));
	assert_non_null(rx_take(0));
	command(REMOVE);
	assert_int_equal(rd(FDIRUSTAT), 1 | 1 << 16);
	assert_int_equal(rd(FDIRFSTAT), 1 << 8);
	/* to the drop queue, which is not on */
	add_perfect(1, 2, 3, 4, 78, 127, DROP);
	inject(f, make_udp4(f, 1, 2, 3, 4, 20));
	for (u32 q = 0; q < 8; q++)
		assert_null(rx_take(q));
	bench_end();
}

static void test_masks(void **state)
{
	u8 s[42];

	(void)state;
	begin(true);
	wr(FDIRSIP4M, __builtin_bswap32(0xff)); /* sources of one /24 */
	wr(FDIRUDPM, 0x0000ffff);               /* any source port (low half, bits reversed) */
	stream(s, 1, 0x0a000100, 0x0a000002, 0, 53);
	wr(FDIRIPSA, __builtin_bswap32(0x0a000100));
	wr(FDIRIPDA, __builtin_bswap32(0x0a000002));
	wr(FDIRPORT, 53u << 16);
	wr(FDIRVLAN, 0);
	wr(FDIRHASH, (folded(s, HKEY) & 0x1fff) | 5 << 16);
	command(ADD | UPDATE | LAST | QUEUE_EN | UDP | 3 << 16);
	for (u32 i = 0; i < 50; i++) {
		inject(f, make_udp4(f, 0x0a000100 + i, 0x0a000002, (u16)(i * 77), 53, 20));
		assert_non_null(rx_take(3));
	}
	inject(f, make_udp4(f, 0x0a000201, 0x0a000002, 9, 53, 20));
	assert_non_null(rx_take(0));
	inject(f, make_udp4(f, 0x0a000101, 0x0a000002, 9, 54, 20));
	assert_non_null(rx_take(0));
	/* a wrong bucket never matches */
	stream(s, 1, 0x0b000100, 0x0a000002, 0, 53);
	wr(FDIRIPSA, __builtin_bswap32(0x0b000100));
	wr(FDIRHASH, ((folded(s, HKEY) ^ 1) & 0x1fff) | 6 << 16);
	command(ADD | UPDATE | LAST | QUEUE_EN | UDP | 4 << 16);
	inject(f, make_udp4(f, 0x0b000101, 0x0a000002, 9, 53, 20));
	assert_non_null(rx_take(0));
	bench_end();
}

static void test_signature(void **state)
{
	u8 s[42];

	(void)state;
	begin(false);
	assert_int_equal(rd(FDIRFREE) & 0xffff, 8190);
	for (u32 i = 0; i < 100; i++) {
		stream(s, 2, 0x0a000000 + i, 0x0a000002, 1000 + i, 80);
		wr(FDIRHASH, (folded(s, HKEY) & 0x1fff) | folded(s, SKEY) << 16);
		command(ADD | UPDATE | LAST | QUEUE_EN | TCP | (i & 7) << 16);
	}
	for (u32 i = 0; i < 100; i++) {
		const u32 *d;

		inject(f, make_tcp4(f, 0x0a000000 + i, 0x0a000002, (u16)(1000 + i), 80, 10));
		d = rx_take(i & 7);
		assert_non_null(d);
		assert_true(d[2] & 4);
		rx_post(i & 7, 1);
	}
	assert_int_equal(rd(FDIRMATCH), 100);
	bench_end();
}

/* As many perfect filters as the data sheet says, all of them found again; one more is told. */
static void test_full(void **state)
{
	static const u32 room[] = { 0, 2046, 4094, 8190 };

	(void)state;
	for (u32 alloc = 1; alloc <= 3; alloc++) {
		begin_of(true, alloc);
		wr(EIMS, 1 << 16);
		for (u32 i = 0; i < room[alloc]; i++) {
			assert_int_equal(rd(FDIRFREE) & 0xffff, room[alloc] - i);
			add_perfect(0x0a000000 + i, 0x0a010000, 1000, 53, (u16)i, 1 + i % 7, 0);
		}
		assert_int_equal(rd(FDIRFSTAT), 0);
		for (u32 i = 0; i < room[alloc]; i++) {
			inject(f, make_udp4(f, 0x0a000000 + i, 0x0a010000, 1000, 53, 20));
			assert_non_null(rx_take(1 + i % 7));
			rx_post(1 + i % 7, 1);
		}
		assert_int_equal(rd(FDIRMATCH), room[alloc]);
		add_perfect(1, 2, 3, 4, 7, 1, 0);
		expect_error(NICSIM_E_STATE);
		assert_int_equal(rd(FDIRFSTAT), 1);
		assert_int_equal(rd(FDIRFREE) & 0xffff, 0);
		assert_true(rd(EICR) & 1 << 16);
		/* but an update of one that is there */
		add_perfect(0x0a000005, 0x0a010000, 1000, 53, 5, 0, 0);
		assert_int_equal(rd(FDIRFSTAT), 0);
		inject(f, make_udp4(f, 0x0a000005, 0x0a010000, 1000, 53, 20));
		assert_non_null(rx_take(0));
		bench_end();
	}
}

static void test_misuse(void **state)
{
	(void)state;
	bench_begin(NULL);
	wr(FDIRCMD, ADD | LAST);
	expect_error(NICSIM_E_STATE); /* not initialised */
	wr(FDIRCTRL, 3);
	expect_error(NICSIM_E_STATE); /* no room left in the packet buffer */
	assert_true(nicsim_fault_set(b.dev, "fdir-stuck", ~0ull, 0));
	for (u32 i = 0; i < 10000; i++)
		assert_false(rd(FDIRCTRL) & 8);
	bench_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),   cmocka_unit_test(test_perfect),
		cmocka_unit_test(test_masks),  cmocka_unit_test(test_signature),
		cmocka_unit_test(test_misuse), cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
