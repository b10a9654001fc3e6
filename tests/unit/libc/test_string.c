// SPDX-License-Identifier: MIT
/*
 * Strings and memory against the host's own functions, on random data and on blocks that end at an
 * unmapped page, so that a byte read too far is a fault.
 */
#define _GNU_SOURCE
#include "tests/unit/unit.h"

#include <strings.h>
#include <sys/mman.h>

#include "tests/unit/libc/pix.h"

#pragma GCC diagnostic ignored "-Wformat-truncation" /* cutting is what is tested */
#pragma GCC diagnostic ignored "-Wstringop-truncation"

enum { PAGE = 4096 };
static char *edge; /* one past the last readable byte */

static int setup(void **state)
{
	char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	if (p == MAP_FAILED || mprotect(p + PAGE, PAGE, PROT_NONE))
		return -1;
	edge = p + PAGE;
	srand(724);
	return 0;
}

static void fill(char *p, size_t n, int letters)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (char)('a' + rand() % letters);
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

static void test_copy(void **state)
{
	char a[200], b[200], want[200];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t n = (size_t)rand() % 64, from = (size_t)rand() % 64,
		       to = (size_t)rand() % 64;

		fill(a, sizeof(a), 26);
		memcpy(b, a, sizeof(a));
		memcpy(want, a, sizeof(a));
		memmove(want + to, want + from, n); /* overlap in both directions */
		assert_ptr_equal(pix_memmove(a + to, a + from, n), a + to);
		assert_memory_equal(a, want, sizeof(a));
		assert_ptr_equal(pix_memcpy(a + to, b + from, n), a + to);
		memcpy(want + to, b + from, n);
		assert_memory_equal(a, want, sizeof(a));
		assert_ptr_equal(pix_memset(a + from, i, n), a + from);
		memset(want + from, i, n);
		assert_memory_equal(a, want, sizeof(a));
	}
}

static void test_memory_search(void **state)
{
	char a[80];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t n = (size_t)rand() % 70, m = (size_t)rand() % 6;
		char *p = edge - n, needle[6];
		int c = 'a' + rand() % 4;

		fill(p, n, 3);
		fill(needle, m, 3);
		memcpy(a, p, n);
		assert_ptr_equal(pix_memchr(p, c, n), memchr(p, c, n));
		assert_ptr_equal(pix_memrchr(p, c, n), memrchr(p, c, n));
		assert_ptr_equal(pix_memmem(p, n, needle, m), memmem(p, n, needle, m));
		assert_int_equal(pix_memcmp(p, a, n), 0);
		if (n) {
			a[(size_t)rand() % n] = (char)(rand() % 256);
			assert_int_equal(sign(pix_memcmp(p, a, n)), sign(memcmp(p, a, n)));
		}
	}
}

static void test_string_search(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t n = (size_t)rand() % 40, m = (size_t)rand() % 5;
		char *s = edge - n - 1, set[6];
		int c = rand() % 5 ? 'a' + rand() % 4 : 0;

		fill(s, n, 3);
		s[n] = '\0';
		fill(set, m, 4);
		set[m] = '\0';
		assert_int_equal(pix_strlen(s), n);
		assert_int_equal(pix_strnlen(s, m), strnlen(s, m));
		assert_ptr_equal(pix_strchr(s, c), strchr(s, c));
		assert_ptr_equal(pix_strrchr(s, c), strrchr(s, c));
		assert_ptr_equal(pix_strchrnul(s, c), strchrnul(s, c));
		assert_ptr_equal(pix_strstr(s, set), strstr(s, set));
		assert_int_equal(pix_strspn(s, set), strspn(s, set));
		assert_int_equal(pix_strcspn(s, set), strcspn(s, set));
		assert_ptr_equal(pix_strpbrk(s, set), strpbrk(s, set));
	}
	memcpy(edge - 3, "abc", 3);
	assert_int_equal(pix_strnlen(edge - 3, 3), 3); /* no NUL in reach */
}

static void test_compare(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++) {
		char a[8], b[8];
		size_t n = (size_t)rand() % 8;

		for (int k = 0; k < 7; k++) {
			a[k] = "aAbB\xff\x01z"[rand() % 7];
			b[k] = rand() % 3 ? a[k] : "aAbB\xff\x01z"[rand() % 7];
		}
		a[rand() % 8] = b[rand() % 8] = a[7] = b[7] = '\0';
		assert_int_equal(sign(pix_strcmp(a, b)), sign(strcmp(a, b)));
		assert_int_equal(sign(pix_strncmp(a, b, n)), sign(strncmp(a, b, n)));
		assert_int_equal(sign(pix_strcasecmp(a, b)), sign(strcasecmp(a, b)));
		assert_int_equal(sign(pix_strncasecmp(a, b, n)), sign(strncasecmp(a, b, n)));
	}
}

static void test_bounded_copies(void **state)
{
	char d[16], want[16];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		char s[12];
		size_t n = (size_t)rand() % 10, len = (size_t)rand() % 10;

		fill(s, len, 26);
		s[len] = '\0';
		memset(d, '#', sizeof(d));
		memset(want, '#', sizeof(want));
		assert_int_equal(pix_strlcpy(d, s, n), len);
		snprintf(want, n, "%s", s);
		assert_memory_equal(d, want, sizeof(d));
		memset(d, '#', sizeof(d));
		memset(want, '#', sizeof(want));
		pix_strncpy(d, s, n);
		strncpy(want, s, n);
		assert_memory_equal(d, want, sizeof(d));
	}
	strcpy(d, "ab");
	assert_int_equal(pix_strlcat(d, "cdef", 5), 6);
	assert_string_equal(d, "abcd");
	assert_int_equal(pix_strlcat(d, "x", 3), 4); /* d is longer than its bound: left alone */
	assert_string_equal(d, "abcd");
	assert_ptr_equal(pix_strncat(d, "efgh", 2), d);
	assert_string_equal(d, "abcdef");
	assert_ptr_equal(pix_stpcpy(d, "xyz"), d + 3);
	assert_string_equal(pix_strcat(d, "!"), "xyz!");
	assert_string_equal(pix_strcpy(d, ""), "");
}

static void test_split(void **state)
{
	(void)state;
	for (int i = 0; i < 3000; i++) {
		char a[32], b[32], *sa, *sb, *pa = a, *pb = b;
		char delim[3] = { (char)('a' + rand() % 3), (char)('a' + rand() % 3), 0 };

		fill(a, 30, 4);
		a[rand() % 31] = '\0';
		a[30] = '\0';
		strcpy(b, a);
		for (char *x = pix_strtok_r(a, delim, &sa), *y = strtok_r(b, delim, &sb); x || y;
		     x = pix_strtok_r(NULL, delim, &sa), y = strtok_r(NULL, delim, &sb)) {
			assert_non_null(x);
			assert_non_null(y);
			assert_string_equal(x, y);
		}
		fill(a, 30, 4);
		strcpy(b, a);
		while (pb) {
			char *x = pix_strsep(&pa, delim), *y = strsep(&pb, delim);

			assert_string_equal(x, y);
		}
		assert_null(pa);
		assert_null(pix_strsep(&pa, delim));
	}
}

static void test_duplicates(void **state)
{
	char *s = pix_strdup("text"), *t = pix_strndup("text", 2);

	(void)state;
	assert_string_equal(s, "text");
	assert_string_equal(t, "te");
	pix_free(s);
	pix_free(t);
}

static void test_texts(void **state)
{
	(void)state;
	for (int e = -1; e < 300; e++) {
		assert_non_null(pix_strerror(e));
		assert_non_null(pix_strsignal(e));
	}
	assert_string_equal(pix_strerror(2), "No such file or directory");
	assert_string_equal(pix_strerror(9999), "Unknown error 9999");
	assert_string_equal(pix_strsignal(11), "Segmentation fault");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy),           cmocka_unit_test(test_memory_search),
		cmocka_unit_test(test_string_search),  cmocka_unit_test(test_compare),
		cmocka_unit_test(test_bounded_copies), cmocka_unit_test(test_split),
		cmocka_unit_test(test_duplicates),     cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
