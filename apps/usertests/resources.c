// SPDX-License-Identifier: MIT
/*
 * What a process held comes back when it is gone, however it ended.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apps/usertests/ut.h"

enum { PAGE = 4096, WARM_UP = 3, ROUNDS = 12 };

struct sysinfo_raw {
	long uptime;
	unsigned long loads[3], totalram, freeram, rest[4];
	unsigned short procs;
	char more[64];
};

static unsigned long free_pages(void)
{
	struct sysinfo_raw si;

	CHECK_EQ(ut_raw(99, (long)&si, 0, 0, 0, 0, 0), 0);
	return si.freeram / PAGE;
}

/* Pages free once all but `slack` of those from `before` are, or after two seconds: who dies gives
 * its last ones back a little later, on a slow machine more than a little. */
static unsigned long settled_pages(unsigned long before, unsigned long slack)
{
	unsigned long now = 0;

	for (int tries = 0; tries < 100 && now + slack < before; tries++) {
		ut_sleep_ms(20);
		now = free_pages();
	}
	return now;
}

/* Memory of all kinds, files, pipes, sockets, a grandchild; then a death of one of four kinds. */
static void hold_and_die(int how)
{
	size_t n = 128 * PAGE;
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd[2];
	static volatile char *volatile nowhere;

	CHECK(p != MAP_FAILED);
	memset(p, 1, n);
	CHECK(sbrk(64 * PAGE) != (void *)-1);
	CHECK_EQ(mprotect(p + 8 * PAGE, 8 * PAGE, PROT_NONE), 0);
	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(write(fd[1], p, 4000), 4000);
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	CHECK_EQ(write(fd[1], p, 4000), 4000);
	pid_t pid = fork();
	if (pid == 0) {
		memset(p, 2, 4 * PAGE);
		_exit(0);
	}
	ut_wait_exit(pid, 0);
	if (how == 0)
		_exit(0);
	if (how == 1)
		*nowhere = 1;
	if (how == 2)
		kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

static void one_round(void)
{
	for (int how = 0; how < 4; how++) {
		pid_t pid = fork();
		if (pid == 0)
			hold_and_die(how);
		if (how == 3) {
			ut_sleep_ms(10);
			kill(pid, SIGTERM);
		}
		int status;
		CHECK_EQ(waitpid(pid, &status, 0), pid);
	}
}

static void pages_come_back(void)
{
	for (int i = 0; i < WARM_UP; i++)
		one_round();
	ut_sleep_ms(20); /* the last thread's stack is freed by whoever runs after it */
	unsigned long before = free_pages();
	for (int i = 0; i < ROUNDS; i++)
		one_round();
	unsigned long after = settled_pages(before, 8);
	printf("usertests:   %lu pages free before %d deaths, %lu after\n", before, 4 * ROUNDS,
	       after);
	/* A leak of one page a death would be 48; other processes may hold a few more or less. */
	CHECK(after + 8 >= before);
}

/* A process that eats all memory dies alone; who sits beside it goes on. */
static void eats_all_memory(void)
{
	unsigned long before = free_pages();
	pid_t pid = fork();

	if (pid == 0) {
		for (;;) {
			char *p = mmap(NULL, 256 * PAGE, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			if (p == MAP_FAILED)
				_exit(1);
			for (size_t i = 0; i < 256; i++)
				p[i * PAGE] = 1;
		}
	}
	ut_wait_signal(pid, SIGKILL);
	CHECK(settled_pages(before, 16) + 16 >= before);
}

/* Files, pipes and sockets until the kernel says no: an error, and all of it comes back. */
static void eats_kernel_memory(void)
{
	unsigned long before = free_pages();
	pid_t pid = fork();

	if (pid == 0) {
		static char page[PAGE];
		int fd[2], n = 0, files = 0;
		while (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0)
			n++;
		CHECK(errno == EMFILE || errno == ENOMEM);
		close(3);
		for (; files < 4000; files++) {
			char name[32];
			snprintf(name, sizeof(name), "%d", files);
			int f = open(ut_path(name), O_WRONLY | O_CREAT, 0600);
			if (f < 0)
				break;
			bool full = false;
			while (!full && lseek(f, 0, SEEK_CUR) < 1 << 20)
				full = write(f, page, sizeof(page)) != sizeof(page);
			close(f);
			if (full)
				break;
		}
		CHECK(errno == ENOSPC && n > 10 && files < 4000);
		for (int i = 0; i <= files; i++) {
			char name[32];
			snprintf(name, sizeof(name), "%d", i);
			unlink(ut_path(name));
		}
		_exit(5);
	}
	ut_wait_exit(pid, 5);
	unsigned long after = settled_pages(before, 64);
	printf("usertests:   %lu pages free before the kernel was full, %lu after\n", before,
	       after);
	CHECK(after + 64 >= before);
}

/* More processes than fit: fork says so, and all of them can be reaped. */
static void fork_bomb(void)
{
	unsigned n = 0;
	int fd[2], status;
	char c;

	CHECK_EQ(pipe(fd), 0);
	while (n < 2000) {
		pid_t pid = fork();
		if (pid == 0) {
			close(fd[1]);
			_exit((int)read(fd[0], &c, 1));
		}
		if (pid < 0)
			break;
		n++;
	}
	CHECK(n < 2000 && n > 20);
	CHECK(errno == EAGAIN || errno == ENOMEM);
	close(fd[1]);
	for (unsigned i = 0; i < n; i++) {
		CHECK(wait(&status) > 0);
		CHECK_EQ(status, 0);
	}
	printf("usertests:   %u processes at once\n", n);
}

const struct test tests_resources[] = {
	{ "pages-come-back", pages_come_back, 0, UT_PIX },
	{ "eats-all-memory", eats_all_memory, 0, UT_PIX },
	{ "eats-kernel-memory", eats_kernel_memory, 0, UT_PIX },
	{ "fork-bomb", fork_bomb, 0, UT_PIX },
	{ NULL, NULL, 0, 0 },
};
