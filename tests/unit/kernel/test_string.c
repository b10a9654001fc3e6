// SPDX-License-Identifier: MIT
/* Our string functions under other names, compared with the C library's over many overlaps. */
#define memcpy  pix_memcpy
#define memmove pix_memmove
#define memset  pix_memset
#define memcmp  pix_memcmp
#define memchr  pix_memchr
#define strlen  pix_strlen
#define strnlen pix_strnlen
#define strcmp  pix_strcmp
#define strncmp pix_strncmp
#define strchr  pix_strchr
#define strrchr pix_strrchr
#define strstr  pix_strstr
#define strlcpy pix_strlcpy
#include "kernel/lib/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr
#undef strstr
#undef strlcpy

#include "tests/unit/unit.h"

enum { SPAN = 320 };

static void fill(unsigned char *p)
{
	for (int i = 0; i < SPAN; i++)
		p[i] = (unsigned char)(i * 7 + 3);
}

static void test_memmove_all_overlaps(void **state)
{
	unsigned char ours[SPAN], theirs[SPAN];

	(void)state;
	for (int from = 64; from < 200; from += 3) {
		for (int to = 64; to < 200; to++) {
			for (int n = 0; n < 110; n += n < 20 ? 1 : 13) {
				fill(ours);
				fill(theirs);
				assert_ptr_equal(pix_memmove(ours + to, ours + from, n), ours + to);
				memmove(theirs + to, theirs + from, n);
				assert_memory_equal(ours, theirs, SPAN);
			}
		}
	}
}

static void test_memcpy_memset(void **state)
{
	unsigned char src[SPAN], ours[SPAN], theirs[SPAN];

	(void)state;
	fill(src);
	for (int n = 0; n < 200; n++) {
		for (int at = 0; at < 9; at++) {
			memset(ours, 0xee, SPAN);
			memset(theirs, 0xee, SPAN);
			pix_memcpy(ours + at, src + 8 - at, n);
			memcpy(theirs + at, src + 8 - at, n);
			assert_memory_equal(ours, theirs, SPAN);
			pix_memset(ours + at, 0x1c5, n); /* the low byte counts */
			memset(theirs + at, 0xc5, n);
			assert_memory_equal(ours, theirs, SPAN);
		}
	}
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

static void test_comparisons(void **state)
{
	static const char *const words[] = { "", "a", "ab", "abc", "abd", "b", "\x80", "ab\xff" };

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		for (size_t k = 0; k < 8; k++) {
			const char *a = words[i], *b = words[k];

			assert_int_equal(sign(pix_strcmp(a, b)), sign(strcmp(a, b)));
			for (size_t n = 0; n < 5; n++)
				assert_int_equal(sign(pix_strncmp(a, b, n)),
						 sign(strncmp(a, b, n)));
		}
		assert_int_equal(pix_strlen(words[i]), strlen(words[i]));
		assert_int_equal(pix_strnlen(words[i], 2), strnlen(words[i], 2));
	}
	assert_true(pix_memcmp("a\0b", "a\0c", 3) < 0);
	assert_int_equal(pix_memcmp("abc", "abd", 2), 0);
}

static void test_searches(void **state)
{
	const char *s = "hello, hello";

	(void)state;
	assert_ptr_equal(pix_strchr(s, 'l'), s + 2);
	assert_ptr_equal(pix_strchr(s, 0), s + 12);
	assert_null(pix_strchr(s, 'x'));
	assert_ptr_equal(pix_strrchr(s, 'l'), s + 10);
	assert_ptr_equal(pix_strrchr(s, 0), s + 12);
	assert_ptr_equal(pix_strstr(s, "lo, "), s + 3);
	assert_ptr_equal(pix_strstr(s, ""), s);
	assert_null(pix_strstr(s, "hellx"));
	assert_null(pix_strstr("", "a"));
	assert_ptr_equal(pix_memchr(s, ',', 12), s + 5);
	assert_null(pix_memchr(s, ',', 5));
}

static void test_strlcpy(void **state)
{
	char b[4] = "ZZZ";

	(void)state;
	assert_int_equal(pix_strlcpy(b, "abcdef", sizeof(b)), 6);
	assert_string_equal(b, "abc");
	assert_int_equal(pix_strlcpy(b, "x", sizeof(b)), 1);
	assert_string_equal(b, "x");
	b[0] = 'Q';
	assert_int_equal(pix_strlcpy(b, "abc", 0), 3);
	assert_int_equal(b[0], 'Q');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memmove_all_overlaps),
		cmocka_unit_test(test_memcpy_memset),
		cmocka_unit_test(test_comparisons),
		cmocka_unit_test(test_searches),
		cmocka_unit_test(test_strlcpy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
