// SPDX-License-Identifier: MIT
/* The heap: random use with every block's bytes checked, alignment, limits, and misuse that must
 * stop. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/libc/pix.h"

enum { BLOCKS = 600 };
static struct {
	unsigned char *p;
	size_t n;
	unsigned char mark;
} block[BLOCKS];

static size_t random_size(void)
{
	switch (rand() % 8) {
	case 0:
		return (size_t)rand() % 200000;
	case 1:
		return (size_t)rand() % 40000;
	case 2:
		return (size_t)rand() % 5000;
	default:
		return (size_t)rand() % 300;
	}
}

static void check(int i)
{
	for (size_t k = 0; k < block[i].n; k++) {
		if (block[i].p[k] != block[i].mark)
			fail_msg("block %d of %zu bytes: byte %zu changed", i, block[i].n, k);
	}
}

static void fill(int i, size_t n)
{
	assert_non_null(block[i].p);
	assert_int_equal((uintptr_t)block[i].p & 15, 0);
	assert_true(pix_malloc_usable_size(block[i].p) >= n);
	block[i].n = n;
	block[i].mark = (unsigned char)rand();
	memset(block[i].p, block[i].mark, n);
}

static void random_op(int i)
{
	size_t n = random_size(), had;

	switch (rand() % 5) {
	case 0:
	case 1:
		check(i);
		pix_free(block[i].p);
		block[i].p = pix_malloc(n);
		fill(i, n);
		break;
	case 2:
		check(i);
		had = block[i].n < n ? block[i].n : n;
		block[i].p = pix_realloc(block[i].p, n);
		for (size_t k = 0; k < had; k++)
			assert_int_equal(block[i].p[k], block[i].mark);
		fill(i, n);
		break;
	case 3:
		pix_free(block[i].p);
		block[i].p = pix_calloc(n / 8 + 1, 8);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(block[i].p[k], 0);
		fill(i, n);
		break;
	default: {
		size_t align = (size_t)8 << rand() % 10;
		void *p;

		pix_free(block[i].p);
		assert_int_equal(pix_posix_memalign(&p, align, n), 0);
		assert_int_equal((uintptr_t)p & (align - 1), 0);
		block[i].p = p;
		fill(i, n);
	}
	}
}

static void test_random(void **state)
{
	(void)state;
	srand(99);
	for (int i = 0; i < 15000; i++)
		random_op(rand() % BLOCKS);
	for (int i = 0; i < BLOCKS; i++) {
		check(i);
		pix_free(block[i].p);
		block[i].p = NULL;
		block[i].n = 0;
	}
}

/* Freed memory is used again: a program that allocates and frees for ever does not grow. */
static void test_no_growth(void **state)
{
	char line[128];
	long before = 0, after = 0;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		void *p[64];
		long pages = 0;
		int fd;

		for (int i = 0; i < 64; i++)
			p[i] = pix_malloc((size_t)i * (size_t)i * 9 + (size_t)round % 7);
		for (int i = 0; i < 64; i++)
			pix_free(p[(i * 37) % 64]);
		if (round != 100 && round != 1999)
			continue;
		fd = open("/proc/self/statm", O_RDONLY);
		assert_true(read(fd, line, sizeof(line)) > 0);
		close(fd);
		pages = strtol(line, NULL, 10);
		if (round == 100)
			before = pages;
		else
			after = pages;
	}
	assert_true(after - before <= 16);
}

static void test_limits(void **state)
{
	void *p;

	(void)state;
	pix_errno = 0;
	assert_null(pix_malloc((size_t)-1));
	assert_int_equal(pix_errno, ENOMEM);
	assert_null(pix_malloc((size_t)1 << 46));
	assert_null(pix_calloc((size_t)1 << 33, (size_t)1 << 33));
	assert_null(pix_reallocarray(NULL, (size_t)1 << 33, (size_t)1 << 33));
	assert_int_equal(pix_posix_memalign(&p, 24, 8), EINVAL);
	assert_int_equal(pix_posix_memalign(&p, 64, (size_t)-100), ENOMEM);
	p = pix_malloc(0);
	assert_non_null(p);
	pix_free(p);
	pix_free(NULL);
	assert_int_equal(pix_malloc_usable_size(NULL), 0);
}

/* Runs fn in a child; it must die by SIGABRT. */
static void must_abort(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 2);
		fn();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void free_twice(void)
{
	void *p = pix_malloc(100);

	pix_free(p);
	pix_free(p);
}

static void free_wild(void)
{
	char *p = pix_malloc(100);

	pix_memset(p, 0, 64);
	pix_free(p + 32);
}

static void free_odd(void)
{
	pix_free((char *)pix_malloc(100) + 4);
}

static void free_aligned_twice(void)
{
	void *p;

	pix_posix_memalign(&p, 256, 100);
	pix_free(p);
	pix_free(p);
}

static void write_after_free(void)
{
	unsigned char *p = pix_malloc(100);

	pix_free(p);
	pix_memset(p - 16, 0, 16); /* its head */
	pix_malloc(100);
}

static void test_misuse(void **state)
{
	(void)state;
	must_abort(free_twice);
	must_abort(free_wild);
	must_abort(free_odd);
	must_abort(free_aligned_twice);
	must_abort(write_after_free);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_no_growth),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_misuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
