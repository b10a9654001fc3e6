// SPDX-License-Identifier: MIT
/* ping's requests, answers, damage, duplicates and statistics on a made-up clock. */
#include "tests/unit/unit.h"

#include "apps/lib/echo.h"

static struct echo_stats s;
static uint8_t buf[ECHO_HEADER + 2000];

static int reset(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	return 0;
}

/* The answer that an honest host gives. */
static size_t answer_to(uint32_t seq, size_t size, uint64_t sent)
{
	size_t n = echo_build(buf, false, 7, seq, size, sent);

	buf[0] = 0;
	return n;
}

static void test_checksum(void **state)
{
	/* RFC 1071 3: 00 01 f2 03 f4 f5 f6 f7 sums to ddf2, so the checksum is its complement */
	static const uint8_t rfc[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
	uint16_t sum = echo_checksum(rfc, sizeof(rfc));

	(void)state;
	assert_int_equal(((uint8_t *)&sum)[0], 0x22);
	assert_int_equal(((uint8_t *)&sum)[1], 0x0d);
	for (size_t size = 0; size < 70; size++) {
		size_t n = echo_build(buf, false, 0x1234, 99, size, 5);

		assert_int_equal(n, size + 8);
		assert_int_equal(echo_checksum(buf, n), 0); /* over all, its own field included */
	}
	assert_int_equal(buf[0], 8);
	assert_int_equal(buf[1], 0);
	assert_int_equal(buf[6] << 8 | buf[7], 99);
}

static void test_statistics(void **state)
{
	static const uint64_t rtt[] = { 100, 300, 200, 400 };
	uint64_t r;
	uint16_t seq;

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		size_t n;

		echo_sent(&s, i + 1, 1000 * i + 1);
		n = answer_to(i + 1, 56, 1000 * i + 1);
		assert_int_equal(
			echo_answer(&s, false, buf, n, 56, 1000 * i + 1 + rtt[i], &seq, &r),
			ECHO_REPLY);
		assert_int_equal(seq, i + 1);
		assert_int_equal(r, rtt[i]);
	}
	assert_int_equal(s.received, 4);
	assert_int_equal(s.min_us, 100);
	assert_int_equal(s.max_us, 400);
	assert_int_equal(echo_avg(&s), 250);
	assert_int_equal(echo_mdev(&s), 111); /* sqrt(12500) = 111.8 */
	assert_int_equal(echo_answer(&s, false, buf, answer_to(2, 56, 1001), 56, 5000, &seq, &r),
			 ECHO_DUPLICATE);
	assert_int_equal(s.duplicates, 1);
	assert_int_equal(s.received, 4);
}

static void test_refused(void **state)
{
	uint64_t r;
	uint16_t seq;
	size_t n;

	(void)state;
	echo_sent(&s, 1, 1000);
	n = answer_to(1, 56, 1000);
	for (size_t at = ECHO_HEADER; at < n; at++) { /* any damaged data byte */
		buf[at] ^= 0x10;
		assert_int_equal(echo_answer(&s, false, buf, n, 56, 2000, &seq, &r), ECHO_BAD);
		buf[at] ^= 0x10;
	}
	assert_int_equal(s.bad, 56);
	assert_int_equal(echo_answer(&s, false, buf, n - 1, 56, 2000, &seq, &r),
			 ECHO_BAD); /* shorter */
	assert_int_equal(echo_answer(&s, false, buf, 7, 56, 2000, &seq, &r), ECHO_BAD);
	buf[0] = 8; /* our own request */
	assert_int_equal(echo_answer(&s, false, buf, n, 56, 2000, &seq, &r), ECHO_BAD);
	n = answer_to(2, 56, 1000);
	assert_int_equal(echo_answer(&s, false, buf, n, 56, 2000, &seq, &r), ECHO_UNKNOWN);
	n = answer_to(1 + ECHO_WINDOW, 56, 1000); /* same slot, another number */
	assert_int_equal(echo_answer(&s, false, buf, n, 56, 2000, &seq, &r), ECHO_UNKNOWN);
	assert_int_equal(s.received, 0);
}

static void test_small_and_wrapping(void **state)
{
	uint64_t r;
	uint16_t seq;

	(void)state;
	for (uint32_t q = 65530; q < 65545; q++) {
		for (size_t size = 0; size < 20; size += 5) {
			size_t n;

			echo_sent(&s, q, 50);
			n = answer_to(q, size, 50);
			assert_int_equal(echo_answer(&s, false, buf, n, size, 60, &seq, &r),
					 ECHO_REPLY);
			assert_int_equal(seq, q & 0xffff);
		}
	}
}

static void test_fuzz(void **state)
{
	(void)state;
	srand(792);
	echo_sent(&s, 1, 5);
	for (int i = 0; i < 100000; i++) {
		size_t n = (size_t)rand() % 100;
		uint8_t *p = malloc(n ? n : 1);
		uint64_t r;
		uint16_t seq;

		answer_to(1, 100, 5);
		memcpy(p, buf, n);
		if (n)
			p[(size_t)rand() % n] = (uint8_t)rand();
		echo_answer(&s, false, p, n, (size_t)rand() % 100, 9, &seq, &r);
		free(p);
	}
	assert_true(s.received <= 1);
}

static void test_texts(void **state)
{
	(void)state;
	assert_string_equal(echo_error_text(false, 3, 1), "Destination Host Unreachable");
	assert_string_equal(echo_error_text(false, 11, 0), "Time to live exceeded");
	for (unsigned t = 0; t < 256; t++) {
		for (unsigned c = 0; c < 256; c++)
			assert_non_null(echo_error_text(false, (uint8_t)t, (uint8_t)c));
	}
}

/* ICMPv6 has types of its own; errors quote our packet behind an IP header of either family. */
static void test_families(void **state)
{
	uint8_t error[300] = { 3, 0 };
	uint16_t seq = 0;
	uint64_t rtt;
	size_t n = echo_build(buf, true, 0, 9, 56, 1000);

	memset(&s, 0, sizeof(s));

	(void)state;
	assert_int_equal(buf[0], 128);
	assert_int_equal(buf[2] | buf[3], 0); /* the kernel's */
	echo_sent(&s, 9, 1000);
	buf[0] = 129;
	assert_int_equal(echo_answer(&s, true, buf, n, 56, 2000, &seq, &rtt), ECHO_REPLY);
	assert_int_equal(seq, 9);
	assert_int_equal(rtt, 1000);
	assert_int_equal(echo_answer(&s, false, buf, n, 56, 2000, &seq, &rtt), ECHO_BAD);
	assert_string_equal(echo_error_text(true, 3, 0), "Hop limit exceeded");
	assert_string_equal(echo_error_text(true, 1, 3), "Address unreachable");

	for (int v6 = 0; v6 < 2; v6++) {
		size_t head = v6 ? 40 : 20;

		echo_build(buf, v6, 0, 0x1234, 56, 1000);
		memset(error + 8, 0, sizeof(error) - 8);
		error[8] = v6 ? 0x60 : 0x45;
		error[v6 ? 14 : 17] = v6 ? 58 : 1;
		memcpy(error + 8 + head, buf, 8);
		seq = 0;
		assert_true(echo_quoted(v6, error, 8 + head + 8, &seq));
		assert_int_equal(seq, 0x1234);
		for (size_t cut = 0; cut < 8 + head + 8; cut++) /* ends too soon */
			assert_false(echo_quoted(v6, error, cut, &seq));
		assert_false(echo_quoted(!v6, error, sizeof(error), &seq));
		error[8 + head] = 0; /* not a request */
		assert_false(echo_quoted(v6, error, sizeof(error), &seq));
	}
	error[8] = 0x44; /* a header of 16 bytes */
	assert_false(echo_quoted(false, error, sizeof(error), &seq));
	error[8] = 0x4f; /* of 60, but there are fewer */
	assert_false(echo_quoted(false, error, 60, &seq));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_checksum, reset),
		cmocka_unit_test_setup(test_statistics, reset),
		cmocka_unit_test_setup(test_refused, reset),
		cmocka_unit_test_setup(test_small_and_wrapping, reset),
		cmocka_unit_test_setup(test_fuzz, reset),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
