// SPDX-License-Identifier: MIT
/* ChaCha20 against the RFC, and that the generator does not repeat itself. */
#include "tests/unit/unit.h"

#include "kernel/lib/random.h"

/* RFC 8439 section 2.3.2: the state and the key stream block. */
static void rfc_block(void **state)
{
	static const u32 in[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574,
				    0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c,
				    0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c,
				    0x00000001, 0x09000000, 0x4a000000, 0x00000000 };
	static const u8 want[64] = { 0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f,
				     0xdd, 0x1f, 0xa3, 0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7,
				     0x33, 0xc0, 0x68, 0x03, 0x04, 0x22, 0xaa, 0x9a, 0xc3, 0xd4,
				     0x6c, 0x4e, 0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa, 0x09,
				     0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12,
				     0x9c, 0xd1, 0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8,
				     0xa2, 0x50, 0x3c, 0x4e };
	u8 out[64];

	(void)state;
	chacha20_block(in, out);
	assert_memory_equal(out, want, 64);
}

static void no_repeats(void **state)
{
	static u8 a[100000], b[1000];
	unsigned count[256] = { 0 };

	(void)state;
	random_bytes(a, sizeof(a));
	random_bytes(b, sizeof(b));
	for (size_t i = 0; i + sizeof(b) <= sizeof(a); i += sizeof(b))
		assert_memory_not_equal(a + i, b, sizeof(b));
	for (size_t i = 0; i < sizeof(a); i++)
		count[a[i]]++;
	/* 390 of each value expected, standard deviation 20: a healthy stream stays within 8 of
	 * them. */
	for (unsigned v = 0; v < 256; v++)
		assert_in_range(count[v], 230, 550);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_block),
		cmocka_unit_test(no_repeats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
