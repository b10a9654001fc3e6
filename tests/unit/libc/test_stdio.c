// SPDX-License-Identifier: MIT
/* Streams on real files and pipes: what was written comes back, whatever the buffer and the order.
 */
#define _GNU_SOURCE
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/libc/pix.h"

static char path[] = "/tmp/pixstdioXXXXXX";

static int setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static size_t slurp(char *buf, size_t n)
{
	int fd = open(path, O_RDONLY);
	ssize_t r = read(fd, buf, n - 1);

	close(fd);
	assert_true(r >= 0);
	buf[r] = '\0';
	return (size_t)r;
}

static void test_write_read(void **state)
{
	static char data[10000], back[10001];
	PIXFILE *f = pix_fopen(path, "w");
	size_t at = 0;

	(void)state;
	srand(9);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)rand();
	while (at < sizeof(data)) { /* pieces of all sizes, around the buffer's */
		size_t n = (size_t)rand() % 2500;

		n = n < sizeof(data) - at ? n : sizeof(data) - at;
		assert_int_equal(pix_fwrite(data + at, 1, n, f), n);
		at += n;
	}
	assert_int_equal(pix_ftell(f), sizeof(data));
	assert_int_equal(pix_fclose(f), 0);
	assert_int_equal(slurp(back, sizeof(back)), sizeof(data));
	assert_memory_equal(back, data, sizeof(data));

	f = pix_fopen(path, "r");
	at = 0;
	while (at < sizeof(data)) {
		size_t n = (size_t)rand() % 2500, r;

		if (rand() % 3 == 0) {
			int c = pix_fgetc(f);

			assert_int_equal(c, (unsigned char)data[at]);
			if (rand() % 2) {
				assert_int_equal(pix_ungetc(c, f), c);
				assert_int_equal(pix_ftell(f), at);
				assert_int_equal(pix_fgetc(f), c);
			}
			at++;
			continue;
		}
		r = pix_fread(back, 1, n, f);
		assert_int_equal(r, n < sizeof(data) - at ? n : sizeof(data) - at);
		assert_memory_equal(back, data + at, r);
		at += r;
	}
	assert_int_equal(pix_fgetc(f), -1);
	assert_true(pix_feof(f));
	assert_false(pix_ferror(f));
	pix_fclose(f);
}

static void test_seek(void **state)
{
	PIXFILE *f = pix_fopen(path, "w+");
	char back[32];

	(void)state;
	pix_fputs("0123456789", f);
	assert_int_equal(pix_fseek(f, 2, SEEK_SET), 0);
	assert_int_equal(pix_fgetc(f), '2');
	assert_int_equal(pix_fseek(f, 1, SEEK_CUR), 0);
	assert_int_equal(pix_ftell(f), 4);
	pix_fputc('x', f); /* from reading to writing in the middle of a buffer */
	assert_int_equal(pix_fflush(f), 0);
	slurp(back, sizeof(back));
	assert_string_equal(back, "0123x56789");
	assert_int_equal(pix_fseek(f, -1, SEEK_END), 0);
	assert_int_equal(pix_fgetc(f), '9');
	assert_int_equal(pix_fgetc(f), -1);
	assert_int_equal(pix_fseek(f, 0, SEEK_SET), 0);
	assert_false(pix_feof(f));
	assert_int_equal(pix_fseek(f, -5, SEEK_SET), -1);
	pix_fclose(f);
	f = pix_fopen(path, "a");
	pix_fprintf(f, "%s-%d", "end", 7);
	pix_fclose(f);
	slurp(back, sizeof(back));
	assert_string_equal(back, "0123x56789end-7");
}

static void test_lines(void **state)
{
	PIXFILE *f = pix_fopen(path, "w");
	char *line = NULL, s[8];
	size_t n = 0;

	(void)state;
	pix_fprintf(f, "one\n\n%3000d\nlast", 7);
	pix_fclose(f);
	f = pix_fopen(path, "r");
	assert_int_equal(pix_getline(&line, &n, f), 4);
	assert_string_equal(line, "one\n");
	assert_int_equal(pix_getline(&line, &n, f), 1);
	assert_int_equal(pix_getline(&line, &n, f), 3001);
	assert_true(n > 3001);
	assert_int_equal(pix_getline(&line, &n, f), 4);
	assert_string_equal(line, "last");
	assert_int_equal(pix_getline(&line, &n, f), -1);
	pix_free(line);
	pix_fseek(f, 0, SEEK_SET);
	assert_string_equal(pix_fgets(s, 3, f), "on");
	assert_string_equal(pix_fgets(s, 8, f), "e\n");
	assert_string_equal(pix_fgets(s, 8, f), "\n");
	assert_int_equal(strlen(pix_fgets(s, 8, f)), 7);
	pix_fclose(f);
}

/* When bytes reach the pipe, by buffering mode. */
static void test_buffering(void **state)
{
	char got[64];
	int p[2];
	PIXFILE *f;

	(void)state;
	assert_int_equal(pipe2(p, O_NONBLOCK), 0);
	f = pix_fdopen(p[1], "w");
	pix_fputs("full\n", f);
	assert_true(read(p[0], got, sizeof(got)) < 0); /* not a terminal: kept */
	pix_fflush(f);
	assert_int_equal(read(p[0], got, sizeof(got)), 5);
	pix_setvbuf(f, NULL, 1 /* _IOLBF */, 64);
	pix_fputs("a line\nrest", f);
	assert_int_equal(read(p[0], got, sizeof(got)), 11);
	pix_fputs("rest", f);
	assert_true(read(p[0], got, sizeof(got)) < 0);
	pix_setvbuf(f, NULL, 2 /* _IONBF */, 0);
	assert_int_equal(read(p[0], got, sizeof(got)), 4); /* setvbuf flushed */
	pix_fprintf(f, "%d and %s", 1, "two");             /* unbuffered: still one write */
	assert_int_equal(read(p[0], got, sizeof(got)), 9);
	pix_fclose(f);
	assert_int_equal(pix_dprintf(p[0], "x"), -1); /* the read end */
	close(p[0]);
}

static void test_errors(void **state)
{
	PIXFILE *f;

	(void)state;
	pix_errno = 0;
	assert_null(pix_fopen("/nonexistent/x", "r"));
	assert_int_equal(pix_errno, ENOENT);
	assert_null(pix_fopen(path, "q"));
	assert_int_equal(pix_errno, EINVAL);
	f = pix_fopen(path, "r");
	assert_int_equal(pix_fputc('x', f), -1);
	assert_true(pix_ferror(f));
	pix_clearerr(f);
	assert_false(pix_ferror(f));
	assert_int_equal(pix_fread(path, 0, 5, f), 0);
	pix_fclose(f);
	f = pix_fopen("/dev/full", "w");
	pix_fputs("text", f);
	assert_int_equal(pix_fflush(f), -1);
	assert_true(pix_ferror(f));
	pix_fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write_read), cmocka_unit_test(test_seek),
		cmocka_unit_test(test_lines),      cmocka_unit_test(test_buffering),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
