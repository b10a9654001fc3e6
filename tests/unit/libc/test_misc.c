// SPDX-License-Identifier: MIT
/* Sorting, searching, environment, options, character classes, jumps. */
#include "tests/unit/unit.h"

#include <ctype.h>
#include <unistd.h>

#include "tests/unit/libc/pix.h"

static unsigned long compares;

static int by_int(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	compares++;
	return (x > y) - (x < y);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void test_sort(void **state)
{
	static int a[3000], b[3000];

	(void)state;
	srand(17);
	for (int round = 0; round < 600; round++) {
		size_t n = (size_t)rand() % (round < 500 ? 20 : 3000);
		int spread = 1 + rand() % 3000, key = rand() % spread;
		const int *found;

		for (size_t i = 0; i < n; i++)
			a[i] = b[i] = round % 5 == 0   ? (int)i
				      : round % 5 == 1 ? -(int)i
						       : rand() % spread;
		compares = 0;
		pix_qsort(a, n, sizeof(int), by_int);
		assert_true(compares <= 2 * n * 13); /* 2 n log n, also for sorted input */
		qsort(b, n, sizeof(int), by_int);
		assert_memory_equal(a, b, n * sizeof(int));
		found = pix_bsearch(&key, a, n, sizeof(int), by_int);
		assert_int_equal(found != NULL, bsearch(&key, a, n, sizeof(int), by_int) != NULL);
		assert_true(!found || *found == key);
	}
	{
		char words[4][7] = { "pear", "apple", "zebra", "mango" }; /* an odd element size */

		pix_qsort(words, 4, 7, by_text);
		assert_string_equal(words[0], "apple");
		assert_string_equal(words[3], "zebra");
	}
}

static void test_environment(void **state)
{
	static char first[] = "A=1", second[] = "AB=2", third[] = "EMPTY=";
	static char *start[] = { first, second, third, NULL };

	(void)state;
	pix_environ = start;
	assert_string_equal(pix_getenv("A"), "1");
	assert_string_equal(pix_getenv("AB"), "2");
	assert_string_equal(pix_getenv("EMPTY"), "");
	assert_null(pix_getenv("B"));
	assert_null(pix_getenv(""));
	assert_int_equal(pix_setenv("A", "x", 0), 0);
	assert_string_equal(pix_getenv("A"), "1");
	assert_int_equal(pix_setenv("A", "x", 1), 0);
	assert_string_equal(pix_getenv("A"), "x");
	for (int i = 0; i < 50; i++) {
		char name[8];

		snprintf(name, sizeof(name), "N%d", i);
		assert_int_equal(pix_setenv(name, name, 1), 0);
	}
	assert_string_equal(pix_getenv("N49"), "N49");
	assert_string_equal(pix_getenv("AB"), "2");
	assert_int_equal(pix_unsetenv("AB"), 0);
	assert_null(pix_getenv("AB"));
	assert_string_equal(pix_getenv("N0"), "N0");
	assert_int_equal(pix_setenv("A=B", "x", 1), -1);
	assert_int_equal(pix_setenv("", "x", 1), -1);
	assert_int_equal(pix_unsetenv("="), -1);
}

/* The same command lines through both getopts. */
static void test_options(void **state)
{
	static const char *const lines[][8] = {
		{ "x", "-a", "-b", "val", "rest" },
		{ "x", "-abval", "-a" },
		{ "x", "-a", "--", "-b" },
		{ "x", "-z", "-a" },
		{ "x", "-b" },
		{ "x", "-" },
		{ "x", "rest", "-a" },
		{ "x", "-aab", "v" },
		{ "x", "-:" },
		{ "x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		for (int colon = 0; colon < 2; colon++) {
			const char *opts = colon ? "+:ab:" : "+ab:", *ours = colon ? ":ab:" : "ab:";
			char *argv[9] = { 0 };
			int argc = 0, c, d;

			for (; lines[i][argc]; argc++)
				argv[argc] = (char *)(uintptr_t)lines[i][argc];
			optind = 0;
			pix_optind = 1;
			opterr = pix_opterr = 0;
			do {
				c = getopt(argc, argv, opts);
				d = pix_getopt(argc, argv, ours);
				assert_int_equal(c, d);
				assert_int_equal(optind, pix_optind);
				if (c == '?' || c == ':')
					assert_int_equal(optopt, pix_optopt);
				if (c == 'b')
					assert_string_equal(optarg, pix_optarg);
			} while (c != -1);
		}
	}
}

#define CLASSES(X) \
	X(alnum)   \
	X(alpha)   \
	X(blank) X(cntrl) X(digit) X(graph) X(lower) X(print) X(punct) X(space) X(upper) X(xdigit)
#define X(c) int pix_is##c(int);
CLASSES(X)
#undef X
int pix_tolower(int);
int pix_toupper(int);

static void test_classes(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
#define X(class) assert_int_equal(!!is##class(c), !!pix_is##class(c));
		CLASSES(X)
#undef X
		assert_int_equal(tolower(c), pix_tolower(c));
		assert_int_equal(toupper(c), pix_toupper(c));
	}
#define X(class) assert_false(pix_is##class(-1) || pix_is##class(1000)); /* any int will do */
	CLASSES(X)
#undef X
}

typedef unsigned long pix_jmp_buf[8];
int pix_setjmp(pix_jmp_buf) __attribute__((returns_twice));
void pix_longjmp(pix_jmp_buf, int) __attribute__((noreturn));
static pix_jmp_buf env;

/* The call that jumps is not inlined, so that a frame is really left behind. */
static void __attribute__((noinline)) leave(int val)
{
	pix_longjmp(env, val);
}

static void test_jump(void **state)
{
	volatile int rounds = 0;
	int r = pix_setjmp(env);

	(void)state;
	rounds++;
	if (rounds == 1) {
		assert_int_equal(r, 0);
		leave(42);
	}
	if (rounds == 2) {
		assert_int_equal(r, 42);
		leave(0);
	}
	assert_int_equal(r, 1); /* 0 is made 1 */
	assert_int_equal(rounds, 3);
}

struct pix_sigaction {
	void (*fn)(int);
	unsigned long mask;
	int flags;
};
int pix_sigaction(int sig, const struct pix_sigaction *act, struct pix_sigaction *old);
int pix_raise(int sig);
int pix_sigprocmask(int how, const unsigned long *set, unsigned long *old);
static volatile int caught;

static void on_signal(int sig)
{
	caught = sig;
}

/* Delivery and return through our restorer. */
static void test_signal(void **state)
{
	struct pix_sigaction act = { .fn = on_signal }, old;
	unsigned long usr1 = 1ul << 9;

	(void)state;
	assert_int_equal(pix_sigaction(10, &act, NULL), 0);
	assert_int_equal(pix_raise(10), 0);
	assert_int_equal(caught, 10);
	caught = 0;
	assert_int_equal(pix_sigprocmask(0, &usr1, NULL), 0);
	pix_raise(10);
	assert_int_equal(caught, 0);
	assert_int_equal(pix_sigprocmask(1, &usr1, NULL), 0);
	assert_int_equal(caught, 10);
	act.fn = NULL;
	assert_int_equal(pix_sigaction(10, &act, &old), 0);
	assert_ptr_equal(old.fn, on_signal);
	assert_int_equal(pix_sigaction(9, &act, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sort),    cmocka_unit_test(test_environment),
		cmocka_unit_test(test_options), cmocka_unit_test(test_classes),
		cmocka_unit_test(test_jump),    cmocka_unit_test(test_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
