// SPDX-License-Identifier: MIT
/* qgm/re/checksum: RFC 1071 against a byte-wise reference, its example, RFC 1624's corner. */
#include "tests/unit/unit.h"

#include "qgm/re/checksum.h"

/* RFC 1071 4.1, by 16-bit words. */
static u16 reference(const u8 *p, size_t len)
{
	u32 sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (u32)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u16)~sum;
}

static void example(void **state)
{
	/* RFC 1071 3: sum ddf2 */
	const u8 data[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	(void)state;
	assert_int_equal(be16_to_cpu(checksum(data, sizeof(data))), (u16)~0xddf2);
	assert_int_equal(checksum(data, 0), 0xffff);
}

static void every_length_and_alignment(void **state)
{
	static u8 buf[2100];

	(void)state;
	srand(1);
	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (u8)rand();
	for (size_t at = 0; at < 16; at++)
		for (size_t len = 0; len < 2000; len += len < 80 ? 1 : 61)
			assert_int_equal(be16_to_cpu(checksum(buf + at, len)),
					 reference(buf + at, len));
	memset(buf, 0xff, sizeof(buf));
	for (size_t len = 1; len < 2000; len += 7)
		assert_int_equal(be16_to_cpu(checksum(buf, len)), reference(buf, len));
}

/* Every change of one word of a header gives the checksum that a full sum gives. */
static void incremental(void **state)
{
	(void)state;
	srand(2);
	for (int round = 0; round < 200000; round++) {
		u16 h[10];
		u16 from, to, updated;
		int w = rand() % 9;

		for (int i = 0; i < 10; i++)
			h[i] = (u16)(rand() % 5 ? rand() : rand() & 1 ? 0xffff : 0);
		h[0] |= 0x45; /* a header is never all zeroes */
		h[9] = 0;
		h[9] = checksum(h, 20);
		from = h[w];
		to = (u16)(rand() % 5 ? rand() : rand() & 1 ? 0xffff : 0);
		if (!w)
			to |= 0x45;
		updated = checksum_update(h[9], from, to);
		h[w] = to;
		h[9] = 0;
		h[9] = checksum(h, 20);
		assert_int_equal(updated, h[9]);
		h[9] = updated;
		assert_int_equal(checksum(h, 20), 0);
	}
}

/* RFC 1624 4: HC = 0xdd2f, m = 0x5555, m' = 0x3285 gives 0x0000, not 0xffff. */
static void corner(void **state)
{
	(void)state;
	assert_int_equal(checksum_update(0xdd2f, 0x5555, 0x3285), 0x0000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example),
		cmocka_unit_test(every_length_and_alignment),
		cmocka_unit_test(incremental),
		cmocka_unit_test(corner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
