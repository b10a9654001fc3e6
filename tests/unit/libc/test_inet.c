// SPDX-License-Identifier: MIT
/* inet_pton and inet_ntop against the host's: chosen texts, random damage, random addresses. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>

#include "tests/unit/libc/pix.h"

static void check(int family, const char *s)
{
	unsigned char a[16], b[16];
	int x, y;

	memset(a, 0xaa, 16);
	memset(b, 0xaa, 16);
	x = inet_pton(family, s, a);
	y = pix_inet_pton(family, s, b);
	if (x != y || memcmp(a, b, 16) != 0)
		fail_msg("\"%s\" (%s): %d, expected %d", s, family == AF_INET ? "v4" : "v6", y, x);
}

static const char *const texts[] = {
	"",
	"0.0.0.0",
	"255.255.255.255",
	"1.2.3.4",
	"1.2.3",
	"1.2.3.4.5",
	"256.1.1.1",
	"01.2.3.4",
	"1.2.3.04",
	"1.2.3.4 ",
	".1.2.3",
	"1..2.3",
	"::",
	"::1",
	"1::",
	"1:2:3:4:5:6:7:8",
	"1:2:3:4:5:6:7",
	"1:2:3:4:5:6:7::",
	"::2:3:4:5:6:7:8",
	"1::8",
	"1:::8",
	"1::2::3",
	":1",
	"1:",
	":::",
	":",
	"12345::",
	"g::",
	"fe80::1%eth0",
	"::ffff:1.2.3.4",
	"::1.2.3.4",
	"1:2:3:4:5:6:1.2.3.4",
	"1:2:3:4:5:6:7:1.2.3.4",
	"::1.2.3",
	"1.2.3.4::",
	"::1.2.3.4:5",
	"2001:DB8::aBcD",
	"0:0:0:0:0:0:0:0",
	"1:2:3:4:5:6::7:8",
	"::1:2:3:4:5:6:7",
	"1:2:3:4::5:6:7:8",
	"00001::",
	"0001::",
	"1::0.0.0.0",
	"1:2:3:4:5::1.2.3.4",
	"1::2:",
	"::.",
	"a:b:c:d:e:f:0:1:2",
};

static void test_chosen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		check(AF_INET, texts[i]);
		check(AF_INET6, texts[i]);
	}
	assert_int_equal(pix_inet_pton(99, "::", NULL), -1);
}

static void test_random(void **state)
{
	char s[64];

	(void)state;
	srand(4291);
	for (int i = 0; i < 300000; i++) {
		size_t n;

		strcpy(s, texts[(size_t)rand() % (sizeof(texts) / sizeof(texts[0]))]);
		n = strlen(s);
		for (int k = rand() % 3; n && k >= 0; k--)
			s[(size_t)rand() % n] = ":::..0129afF"[rand() % 12];
		check(rand() % 4 ? AF_INET6 : AF_INET, s);
	}
}

static void test_print(void **state)
{
	(void)state;
	srand(5952);
	for (int i = 0; i < 100000; i++) {
		unsigned char a[16];
		char x[INET6_ADDRSTRLEN], y[INET6_ADDRSTRLEN];

		for (int k = 0; k < 16; k += 2) {
			unsigned v = rand() % 3 ? 0 : (unsigned)rand() >> rand() % 16;

			a[k] = (unsigned char)(v >> 8);
			a[k + 1] = (unsigned char)v;
		}
		if (i % 50 == 0)
			memcpy(a, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
		assert_ptr_equal(pix_inet_ntop(AF_INET6, a, y, sizeof(y)), y);
		assert_string_equal(inet_ntop(AF_INET6, a, x, sizeof(x)), y);
		assert_ptr_equal(pix_inet_ntop(AF_INET, a, y, sizeof(y)), y);
		assert_string_equal(inet_ntop(AF_INET, a, x, sizeof(x)), y);
	}
}

static void test_room(void **state)
{
	char s[16];

	(void)state;
	pix_errno = 0;
	assert_null(pix_inet_ntop(AF_INET, "\xff\xff\xff\xff", s, 15));
	assert_int_equal(pix_errno, ENOSPC);
	assert_non_null(pix_inet_ntop(AF_INET, "\xff\xff\xff\xff", s, 16));
	assert_null(pix_inet_ntop(77, "\xff\xff\xff\xff", s, 16));
	assert_int_equal(pix_errno, EAFNOSUPPORT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chosen),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
