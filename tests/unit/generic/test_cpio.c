// SPDX-License-Identifier: MIT
/* The newc reader: good archives, and every way in which one can be damaged. */
#include "tests/unit/unit.h"

#include "kernel/errno.h"
#include "kernel/fs/cpio.h"

static char archive[65536];
static size_t used;

static void put(const void *data, size_t n)
{
	memcpy(archive + used, data, n);
	used += n;
	while (used % 4)
		archive[used++] = 0;
}

/* One entry as cpio(1) writes it. */
static void add(const char *name, unsigned mode, const char *data, size_t size)
{
	char header[128];
	size_t namesize = strlen(name) + 1;
	char both[300];

	snprintf(header, sizeof(header),
		 "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", 1, mode, 0, 0, 1,
		 0x5f000000, size, 0, 0, 0, 0, namesize, 0);
	memcpy(both, header, 110);
	memcpy(both + 110, name, namesize);
	put(both, 110 + namesize);
	put(data, size);
}

static int start(void **state)
{
	(void)state;
	memset(archive, 0, sizeof(archive));
	used = 0;
	return 0;
}

static int next(struct cpio_entry *e)
{
	static struct cpio_reader r;

	if (!e) {
		cpio_open(&r, archive, used);
		return 0;
	}
	int err = cpio_next(&r, e);
	if (err < 0)
		assert_non_null(r.error);
	return err;
}

static void reads_all(void **state)
{
	struct cpio_entry e;

	(void)state;
	add(".", 040755, "", 0);
	add("./bin", 040755, "", 0);
	add("bin/sh", 0100755, "#!pix", 5);
	add("/etc/x", 0100644, "abcd", 4);
	add("TRAILER!!!", 0, "", 0);
	next(NULL);
	assert_int_equal(next(&e), 1);
	assert_string_equal(e.name, "");
	assert_int_equal(e.mode, 040755);
	assert_int_equal(next(&e), 1);
	assert_string_equal(e.name, "bin");
	assert_int_equal(next(&e), 1);
	assert_string_equal(e.name, "bin/sh");
	assert_int_equal(e.size, 5);
	assert_memory_equal(e.data, "#!pix", 5);
	assert_int_equal(e.mtime, 0x5f000000);
	assert_int_equal(next(&e), 1);
	assert_string_equal(e.name, "etc/x");
	assert_memory_equal(e.data, "abcd", 4);
	assert_int_equal(next(&e), 0);
}

/* Cut at each byte: an error or the trailer, never a read beyond (the sanitizer watches). */
static void every_truncation(void **state)
{
	struct cpio_entry e;

	(void)state;
	add("a", 0100644, "12345", 5);
	add("dir/b", 0100644, "1", 1);
	add("TRAILER!!!", 0, "", 0);
	size_t whole = used;
	for (size_t n = 0; n < whole; n++) {
		char *copy = malloc(n + 1);
		struct cpio_reader r;
		int err;

		memcpy(copy, archive, n);
		cpio_open(&r, copy, n);
		while ((err = cpio_next(&r, &e)) > 0)
			assert_true((const char *)e.data + e.size <= copy + n);
		if (err == 0)
			assert_true(n > whole - 8); /* only the trailer's padding is missing */
		else
			assert_int_equal(err, -EINVAL);
		free(copy);
	}
}

static void damaged(size_t at, char c)
{
	struct cpio_entry e;
	char old = archive[at];

	archive[at] = c;
	next(NULL);
	assert_int_equal(next(&e), -EINVAL);
	archive[at] = old;
}

static void bad_fields(void **state)
{
	(void)state;
	add("name", 0100644, "data", 4);
	add("TRAILER!!!", 0, "", 0);
	damaged(5, '2');              /* magic of the CRC format */
	damaged(6, 'g');              /* not a hexadecimal digit */
	damaged(6 + 6 * 8, 'F');      /* size: 4 GiB */
	damaged(6 + 11 * 8, '7');     /* name length: 1.9 GiB */
	damaged(6 + 11 * 8 + 7, '0'); /* name length 0 */
	damaged(6 + 11 * 8 + 7, '4'); /* name without its NUL */
	damaged(6 + 11 * 8 + 7, '6'); /* a byte after the NUL */
	damaged(110 + 1, 0);          /* a NUL inside */
}

static void dotdot(void **state)
{
	static const char *const bad[] = { "..", "../x", "a/..", "a/../b", "./..", "a//../b" };
	static const char *const good[] = { "..a", "a..", "a/..b", "a/b.." };
	struct cpio_entry e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		start(NULL);
		add(bad[i], 0100644, "", 0);
		add("TRAILER!!!", 0, "", 0);
		next(NULL);
		assert_int_equal(next(&e), -EINVAL);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		start(NULL);
		add(good[i], 0100644, "", 0);
		add("TRAILER!!!", 0, "", 0);
		next(NULL);
		assert_int_equal(next(&e), 1);
		assert_string_equal(e.name, good[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(reads_all, start),
		cmocka_unit_test_setup(every_truncation, start),
		cmocka_unit_test_setup(bad_fields, start),
		cmocka_unit_test_setup(dotdot, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
