// SPDX-License-Identifier: MIT
/*
 * Every pointer argument of every system call with every kind of bad pointer: the answer must be
 * -EFAULT, and the kernel must live on. The calls are in badptr_calls.c.
 */
#include "apps/usertests/badptr.h"
#include "apps/usertests/usertests.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

static char *page_new(void)
{
	char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	memset(p, 'a', 2 * PAGE);
	return p;
}

/* A page with nothing behind it. */
static char *page_before_hole(void)
{
	char *p = page_new();

	CHECK_EQ(munmap(p + PAGE, PAGE), 0);
	return p;
}

static char *page_read_only(void)
{
	char *p = page_new();

	CHECK_EQ(mprotect(p, 2 * PAGE, PROT_READ), 0);
	return p;
}

/* Touched before it became inaccessible: there is a frame behind it. */
static char *page_none(void)
{
	char *p = page_new();

	CHECK_EQ(mprotect(p, 2 * PAGE, PROT_NONE), 0);
	return p;
}

static unsigned tries;

static void try_one(struct badptr *b, unsigned long ptr, const char *kind)
{
	if (b->setup)
		b->setup(b);
	b->arg[b->which] = (long)ptr;
	long r = ut_raw(b->nr, b->arg[0], b->arg[1], b->arg[2], b->arg[3], b->arg[4], b->arg[5]);
	if (b->cleanup)
		b->cleanup(b);
	tries++;
	if (r == -EFAULT)
		return;
	ut_fail("%s, argument %d, %s pointer %lx: got %ld, not EFAULT", b->name, b->which, kind,
		ptr, r);
	_exit(1);
}

static void try_all(struct badptr *b)
{
	char *before_hole = page_before_hole();
	char *gone = page_new();

	CHECK_EQ(munmap(gone, 2 * PAGE), 0);
	if (!(b->flags & BP_NULL_OK)) {
		try_one(b, 0, "null");
		try_one(b, 8, "near-null");
	}
	try_one(b, (unsigned long)gone, "unmapped");
	try_one(b, 0xffff800000200000ul, "direct-map");
	try_one(b, 0xffffffff80200000ul, "kernel");
	try_one(b, 0xfffffffffffffff0ul, "top");
	try_one(b, 0x0000900000000000ul, "non-canonical");
	try_one(b, 0x00007ffffffffff8ul, "last-page");
	try_one(b, (unsigned long)page_none(), "no-access");
	if (b->size > 1)
		try_one(b, (unsigned long)before_hole + PAGE - 1, "end-of-mapping");
	if (b->dir == BP_STR)
		try_one(b, (unsigned long)before_hole + PAGE - 5, "unended-string");
	if (b->dir == BP_OUT)
		try_one(b, (unsigned long)page_read_only(), "read-only");
}

static void badptr_all(void)
{
	struct badptr *table;
	unsigned n = badptr_table(&table);
	bool pix = ut_on_pix();

	for (unsigned i = 0; i < n; i++)
		if (pix || !(table[i].flags & BP_PIX))
			try_all(&table[i]);
	printf("usertests:   %u bad pointers in %u arguments\n", tries, n);
	CHECK(tries > 500);
	CHECK_EQ(unlink(ut_path("badptr.sock")), 0);
}

const struct test tests_badptr[] = {
	{ "badptr", badptr_all, 0, 0 },
	{ NULL, NULL, 0, 0 },
};
