// SPDX-License-Identifier: MIT
/*
 * Address spaces: copy-on-write, brk, mmap, munmap, mprotect.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apps/usertests/ut.h"

enum { PAGE = 4096 };

static char *map(size_t n)
{
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static bool all(const char *p, char c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != c)
			return false;
	return true;
}

static int data_word = 11; /* .data */
static int bss_word;

/* Parent and children each see their own writes, in every kind of memory. */
static void copy_on_write(void)
{
	int stack_word = 22;
	char *heap = map(16 * PAGE);

	memset(heap, 'p', 16 * PAGE);
	pid_t pid = fork();
	if (pid == 0) {
		CHECK(all(heap, 'p', 16 * PAGE) && data_word == 11 && stack_word == 22);
		memset(heap, 'c', 16 * PAGE);
		data_word = bss_word = stack_word = 1;
		pid_t grandchild = fork();
		if (grandchild == 0) {
			heap[PAGE] = 'g';
			_exit(heap[0] == 'c' && data_word == 1 ? 5 : 1);
		}
		ut_wait_exit(grandchild, 5);
		_exit(all(heap, 'c', 16 * PAGE) ? 6 : 1);
	}
	heap[0] = 'q';
	ut_wait_exit(pid, 6);
	CHECK(heap[0] == 'q' && all(heap + 1, 'p', 16 * PAGE - 1));
	CHECK(data_word == 11 && bss_word == 0 && stack_word == 22);
	/* The last holder writes without copying, which must not lose anything. */
	memset(heap, 'z', 16 * PAGE);
	CHECK(all(heap, 'z', 16 * PAGE));
}

/* The kernel writes into a shared page for the child: a read() must copy it, too. */
static void copy_on_write_by_kernel(void)
{
	char *p = map(PAGE);
	int fd[2];

	memset(p, 'p', PAGE);
	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(write(fd[1], "cccc", 4), 4);
	pid_t pid = fork();
	if (pid == 0)
		_exit(read(fd[0], p, 4) == 4 && p[0] == 'c' && p[4] == 'p' ? 3 : 1);
	ut_wait_exit(pid, 3);
	CHECK(all(p, 'p', PAGE));
}

static void zero_filled(void)
{
	char *p = map(64 * PAGE);

	CHECK(all(p, 0, 64 * PAGE));
	memset(p, 'x', 64 * PAGE);
	CHECK_EQ(munmap(p + 16 * PAGE, 16 * PAGE), 0);
	CHECK(all(p, 'x', 16 * PAGE) && all(p + 32 * PAGE, 'x', 32 * PAGE));
	char *q = mmap(p + 16 * PAGE, 16 * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	CHECK(q == p + 16 * PAGE && all(q, 0, 16 * PAGE));
	q = mmap(p, 8 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	CHECK(q == p && all(q, 0, 8 * PAGE) && all(p + 8 * PAGE, 'x', 8 * PAGE));
}

static void brk_moves(void)
{
	char *start = sbrk(0);

	CHECK(sbrk(100000) == start);
	CHECK(all(start, 0, 100000));
	memset(start, 'b', 100000);
	CHECK(sbrk(-60000) != (void *)-1);
	CHECK(all(start, 'b', 40000));
	CHECK(sbrk(60000) != (void *)-1);
	/* Whole pages that were given back come anew. */
	char *page = (char *)(((uintptr_t)start + 40000 + PAGE - 1) & ~(uintptr_t)(PAGE - 1));
	CHECK(all(page, 0, (size_t)(start + 100000 - page)));
	long now = (long)sbrk(0);
	CHECK_EQ(ut_raw(SYS_brk, 0, 0, 0, 0, 0, 0), now);
	CHECK_EQ(ut_raw(SYS_brk, -1, 0, 0, 0, 0, 0), now);
	CHECK_EQ(ut_raw(SYS_brk, (long)0xffff800000000000ul, 0, 0, 0, 0, 0), now);
}

static void mmap_errors(void)
{
	const int anon = MAP_PRIVATE | MAP_ANONYMOUS;

	CHECK_ERR((long)mmap(NULL, 0, 3, anon, -1, 0), EINVAL);
	CHECK_ERR((long)mmap(NULL, PAGE, 3, MAP_ANONYMOUS, -1, 0), EINVAL);
	CHECK_ERR((long)mmap(NULL, PAGE, 1, MAP_PRIVATE, 99, 0), EBADF);
	CHECK_ERR((long)mmap((void *)0x100000001, PAGE, 3, anon | MAP_FIXED, -1, 0), EINVAL);
	CHECK_ERR((long)mmap((void *)0xffff800000000000ul, PAGE, 3, anon | MAP_FIXED, -1, 0),
		  ENOMEM);
	CHECK_ERR((long)mmap((void *)0x7ffffffff000ul, PAGE, 3, anon | MAP_FIXED, -1, 0), ENOMEM);
	CHECK_ERR(munmap((void *)1, PAGE), EINVAL);
	CHECK_ERR(munmap((void *)0x100000000, 0), EINVAL);
	CHECK_ERR(mprotect((void *)1, PAGE, 1), EINVAL);
	CHECK_ERR(mprotect((void *)0x100000000, PAGE, 1), ENOMEM);
	CHECK_EQ(munmap((void *)0x100000000, PAGE), 0); /* nothing there: fine */
	int fd = open("/dev/null", O_RDWR);
	CHECK_ERR((long)mmap(NULL, PAGE, 1, MAP_PRIVATE, fd, 0), ENODEV);
}

static void write_or_execute(void)
{
	const int anon = MAP_PRIVATE | MAP_ANONYMOUS;
	char *p = map(PAGE);

	CHECK_ERR((long)mmap(NULL, PAGE, 7, anon, -1, 0), EACCES);
	CHECK_ERR(mprotect(p, PAGE, 7), EACCES);
	CHECK_ERR(mprotect(p, PAGE, 8), EINVAL);
	/* Written, then executable: allowed, one after the other. */
	p[0] = (char)0xc3;
	CHECK_EQ(mprotect(p, PAGE, PROT_READ | PROT_EXEC), 0);
	void (*code)(void);
	memcpy(&code, &p, sizeof(code));
	code();
}

/* mprotect to nothing and back keeps the contents, also across fork. */
static void protect_keeps(void)
{
	char *p = map(4 * PAGE);

	memset(p, 'k', 4 * PAGE);
	CHECK_EQ(mprotect(p + PAGE, 2 * PAGE, PROT_NONE), 0);
	pid_t pid = fork();
	if (pid == 0) {
		CHECK_EQ(mprotect(p + PAGE, 2 * PAGE, PROT_READ | PROT_WRITE), 0);
		CHECK(all(p, 'k', 4 * PAGE));
		p[PAGE] = 'c';
		_exit(4);
	}
	ut_wait_exit(pid, 4);
	pid = fork();
	if (pid == 0)
		_exit(p[PAGE]);
	ut_wait_signal(pid, SIGSEGV);
	CHECK_EQ(mprotect(p + PAGE, 2 * PAGE, PROT_READ | PROT_WRITE), 0);
	CHECK(all(p, 'k', 4 * PAGE));
	memset(p, 'l', 4 * PAGE);
	CHECK(all(p, 'l', 4 * PAGE));
}

static void map_file(void)
{
	int fd = open(ut_program(), O_RDONLY);
	char head[64];

	CHECK(fd >= 0);
	CHECK_EQ(read(fd, head, sizeof(head)), sizeof(head));
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(p != MAP_FAILED && memcmp(p, head, sizeof(head)) == 0);
	p[0] = 'X'; /* private: the file stays as it is */
	CHECK_EQ(pread(fd, head, 1, 0), 1);
	CHECK(head[0] == 0x7f);
	CHECK_ERR((long)mmap(NULL, PAGE, 1, MAP_PRIVATE, fd, 1), EINVAL);
	CHECK_ERR((long)mmap(NULL, PAGE, 3, MAP_SHARED, fd, 0), EACCES);
}

/* A deep but legal stack grows by itself. */
static __attribute__((noinline)) int deep(int n)
{
	volatile char frame[1024];

	frame[0] = (char)n;
	return n ? deep(n - 1) + frame[0] - (char)n : 0;
}

static void stack_grows(void)
{
	CHECK_EQ(deep(5000), 0);
}

const struct test tests_memory[] = {
	{ "copy-on-write", copy_on_write, 0, 0 },
	{ "copy-on-write-by-kernel", copy_on_write_by_kernel, 0, 0 },
	{ "zero-filled", zero_filled, 0, 0 },
	{ "brk", brk_moves, 0, 0 },
	{ "mmap-errors", mmap_errors, 0, 0 },
	{ "write-or-execute", write_or_execute, 0, UT_PIX },
	{ "protect-keeps", protect_keeps, 0, 0 },
	{ "map-file", map_file, 0, 0 },
	{ "stack-grows", stack_grows, 0, 0 },
	{ NULL, NULL, 0, 0 },
};
