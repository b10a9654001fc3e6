// SPDX-License-Identifier: MIT
/* ARP packets: a good one, every field wrong in turn, every length, random bytes, there and back.
 */
#include "tests/unit/unit.h"

#include <sys/mman.h>

#include "apps/arpd/packet.h"

static const u8 good[ARP_FRAME_MIN] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0x00, 0x12, 0x34, 0x56, 0x08, 0x06,
	0x00, 0x01, 0x08, 0x00, 6,    4,    0x00, 0x01, 0x52, 0x54, 0x00, 0x12, 0x34, 0x56,
	10,   0,    0,    2,    0,    0,    0,    0,    0,    0,    10,   0,    0,    1,
};

static void test_good(void **state)
{
	struct arp_packet p;

	(void)state;
	assert_int_equal(arp_parse(good, sizeof(good), &p), ARP_OK);
	assert_int_equal(p.op, ARES_OP_REQUEST);
	assert_int_equal(p.spa, 0x0a000002);
	assert_int_equal(p.tpa, 0x0a000001);
	assert_memory_equal(p.sha, good + 22, 6);
	assert_memory_equal(p.eth_src, good + 6, 6);
	assert_int_equal(p.eth_dst[0], 0xff);
}

struct bad_case {
	size_t at;
	u8 value;
	enum arp_bad expect;
};

static void test_each_field(void **state)
{
	static const struct bad_case cases[] = {
		{ 12, 0x86, ARP_BAD_type }, { 13, 0x00, ARP_BAD_type }, { 14, 0x01, ARP_BAD_hrd },
		{ 15, 0x06, ARP_BAD_hrd },  { 16, 0x86, ARP_BAD_pro },  { 17, 0x06, ARP_BAD_pro },
		{ 18, 0, ARP_BAD_hln },     { 18, 8, ARP_BAD_hln },     { 18, 255, ARP_BAD_hln },
		{ 19, 0, ARP_BAD_pln },     { 19, 16, ARP_BAD_pln },    { 20, 1, ARP_BAD_op },
		{ 21, 0, ARP_BAD_op },      { 21, 3, ARP_BAD_op },      { 21, 9, ARP_BAD_op },
		{ 22, 0x53, ARP_BAD_sha },  { 28, 224, ARP_BAD_spa },   { 28, 127, ARP_BAD_spa },
		{ 28, 255, ARP_BAD_spa },   { 28, 0, ARP_BAD_spa },     { 38, 0, ARP_BAD_tpa },
		{ 38, 127, ARP_BAD_tpa },   { 38, 239, ARP_BAD_tpa },
	};
	struct arp_packet p;
	u8 frame[ARP_FRAME_MIN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(frame, good, sizeof(frame));
		frame[cases[i].at] = cases[i].value;
		if (arp_parse(frame, sizeof(frame), &p) != cases[i].expect)
			fail_msg("byte %zu = %u: expected %s", cases[i].at, cases[i].value,
				 arp_bad_name(cases[i].expect));
	}
	memcpy(frame, good, sizeof(frame));
	memset(frame + 22, 0, 6);
	assert_int_equal(arp_parse(frame, sizeof(frame), &p), ARP_BAD_sha);
	memcpy(frame, good, sizeof(frame));
	memset(frame + 28, 0, 4); /* a probe is fine */
	assert_int_equal(arp_parse(frame, sizeof(frame), &p), ARP_OK);
}

/* Each length on a buffer that ends at an unmapped page: one byte too far is a fault. */
static void test_each_length(void **state)
{
	u8 *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct arp_packet p;

	(void)state;
	assert_ptr_not_equal(page, MAP_FAILED);
	assert_int_equal(mprotect(page + 4096, 4096, PROT_NONE), 0);
	for (size_t n = 0; n <= 60; n++) {
		u8 *frame = page + 4096 - n;

		memset(frame, 0, n);
		memcpy(frame, good, n < sizeof(good) ? n : sizeof(good));
		assert_int_equal(arp_parse(frame, n, &p),
				 n < sizeof(good) ? ARP_BAD_short : ARP_OK);
	}
	munmap(page, 8192);
}

static void test_random(void **state)
{
	unsigned seen[ARP_BAD_COUNT] = { 0 };
	struct arp_packet p;

	(void)state;
	srand(826);
	for (int i = 0; i < 300000; i++) {
		size_t n = (size_t)rand() % 80;
		u8 *frame = malloc(n ? n : 1); /* exact size, so that ASan sees an overrun */
		enum arp_bad r;

		for (size_t k = 0; k < n; k++)
			frame[k] = k < sizeof(good) && rand() % 40 ? good[k] : (u8)rand();
		r = arp_parse(frame, n, &p);
		assert_true(r < ARP_BAD_COUNT);
		seen[r]++;
		free(frame);
	}
	for (int r = 0; r < ARP_BAD_COUNT; r++)
		assert_true(seen[r] > 0); /* the fuzzer reached every answer */
}

static void test_round_trip(void **state)
{
	u8 frame[ARP_FRAME_LEN];
	struct arp_packet p, q;

	(void)state;
	srand(1);
	for (int i = 0; i < 10000; i++) {
		memset(&p, 0, sizeof(p));
		memset(&q, 0, sizeof(q)); /* padding too */
		for (int k = 0; k < 6; k++) {
			p.eth_dst[k] = (u8)rand();
			p.eth_src[k] = (u8)rand();
			p.sha[k] = k ? (u8)rand() : 0x52;
			p.tha[k] = (u8)rand();
		}
		p.op = (u16)(1 + rand() % 2);
		p.spa = 0x0a000000 | (u32)(rand() & 0xffffff);
		p.tpa = 0xc0a80000 | (u32)(rand() & 0xffff);
		arp_build(frame, &p);
		assert_int_equal(arp_parse(frame, sizeof(frame), &q), ARP_OK);
		assert_memory_equal(&p, &q, sizeof(p));
	}
	for (size_t k = ARP_FRAME_MIN; k < ARP_FRAME_LEN; k++)
		assert_int_equal(frame[k], 0); /* padding tells nothing */
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(arp_bad_name(ARP_BAD_short), "short");
	assert_string_equal(arp_bad_name(ARP_BAD_tpa), "tpa");
	assert_string_equal(arp_bad_name(ARP_OK), "ok");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),        cmocka_unit_test(test_each_field),
		cmocka_unit_test(test_each_length), cmocka_unit_test(test_random),
		cmocka_unit_test(test_round_trip),  cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
