// SPDX-License-Identifier: MIT
/*
 * Random system calls with random arguments, many of which are nearly right: whatever the answers,
 * the kernel lives on, and what the programs held comes back. The seed is printed and fixed, so
 * that a failure can be repeated.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apps/usertests/ut.h"

enum { CHILDREN = 24, AT_ONCE = 3, CHILD_MS = 700, CALLS_MAX = 350 };

static uint64_t rng;

static uint64_t next_random(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng;
}

/* Calls that would only end, stop or delay the child, reach other processes, or the machine. */
static bool left_out(long nr)
{
	static const short list[] = { SYS_exit,       SYS_exit_group,
				      SYS_pause,      SYS_rt_sigsuspend,
				      SYS_kill,       234 /* tgkill */,
				      SYS_reboot,     SYS_rt_sigreturn,
				      SYS_nanosleep,  230 /* clock_nanosleep */,
				      SYS_fork,       56 /* clone */,
				      58 /* vfork */, SYS_execve };

	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (nr == list[i])
			return true;
	return false;
}

static char *pages; /* 16 pages: accessible, then holes and read-only ones */

static void make_pages(void)
{
	pages = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(pages != MAP_FAILED);
	for (unsigned i = 0; i < 16 * 4096; i += 8) {
		uint64_t v = next_random() >> next_random() % 64;
		memcpy(pages + i, &v, 8);
	}
	CHECK_EQ(munmap(pages + 9 * 4096, 4096), 0);
	CHECK_EQ(mprotect(pages + 12 * 4096, 4096, PROT_READ), 0);
	CHECK_EQ(mprotect(pages + 14 * 4096, 4096, PROT_NONE), 0);
}

static void open_things(void)
{
	static const char *const paths[] = { "/dev/null",     "/dev/zero",    "/dev/kmsg",  "/",
					     "/dev/pix/stat", "/dev/pix/log", "/dev/random" };
	int fd[2];

	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		open(paths[i], O_RDWR | O_NONBLOCK);
	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		open(paths[i], O_RDONLY | O_NONBLOCK);
	open("/tmp", O_RDONLY | O_DIRECTORY);
	open(ut_path("fuzz"), O_RDWR | O_CREAT, 0600);
	unlink(ut_path("fuzz"));
	CHECK_EQ(pipe2(fd, O_NONBLOCK), 0);
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 1);
}

static long random_argument(void)
{
	static const long interesting[] = { 0,
					    1,
					    -1,
					    2,
					    8,
					    16,
					    4095,
					    4096,
					    4097,
					    65536,
					    1l << 31,
					    1l << 32,
					    1l << 47,
					    (1l << 47) - 4096,
					    (long)(1ul << 63),
					    0x7fffffff,
					    0x7fffffffffffffff,
					    (long)0xffff800000200000,
					    (long)0xffffffff80200000,
					    (long)0xffffc00000001000,
					    0x5001,
					    0x5002,
					    0x5003,
					    0x5004,
					    0x5401,
					    0x5402,
					    0x541b,
					    0x1002 };

	switch (next_random() % 8) {
	case 0:
		return interesting[next_random() % (sizeof(interesting) / sizeof(long))];
	case 1:
		return (long)(next_random() >> next_random() % 64);
	case 2:
	case 3:
		return (long)(next_random() % 40); /* descriptors, flags, small sizes */
	default:
		return (long)(pages + next_random() % (16 * 4096));
	}
}

/* A path or an address now and then, where a pointer to bytes would say little. */
static void scribble(void)
{
	static const char *const texts[] = {
		"/tmp",     "/tmp/usertests.f", "/run/x",          "..", ".", "/dev/null",
		"/tmp/a/b", "\001\000/tmp/s",   "\002\000\000\000"
	};
	char *p = pages + next_random() % (8 * 4096);
	uint64_t v = next_random() % 2 ? (uint64_t)(pages + next_random() % (16 * 4096))
				       : next_random() >> next_random() % 64;

	if (next_random() % 2)
		memcpy(p, texts[next_random() % (sizeof(texts) / sizeof(texts[0]))], 10);
	else
		memcpy(pages + (next_random() % 4000) * 8, &v, 8);
}

static void child(uint64_t seed)
{
	rng = seed * 0x9e3779b97f4a7c15ull + 1;
	for (int sig = 1; sig < 32; sig++)
		signal(sig, SIG_IGN);
	make_pages();
	open_things();
	for (;;) {
		long nr = (long)(next_random() % CALLS_MAX), a[6];
		if (left_out(nr))
			continue;
		scribble();
		for (unsigned i = 0; i < 6; i++)
			a[i] = random_argument();
		if (nr == SYS_write && a[0] < 3)
			continue; /* not the terminal */
		if ((nr == SYS_munmap || nr == SYS_mmap || nr == SYS_mprotect) && a[0] < 0x10000000)
			continue; /* not this program's own text */
		if (nr == SYS_poll || nr == SYS_ppoll)
			a[2] = 1;
		syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	}
}

static void random_calls(void)
{
	pid_t pid[AT_ONCE];

	for (unsigned round = 0; round < CHILDREN / AT_ONCE; round++) {
		for (unsigned i = 0; i < AT_ONCE; i++) {
			pid[i] = fork();
			CHECK(pid[i] >= 0);
			if (pid[i] == 0) {
				/* Its own group: no call of it can mean the parent's. */
				setsid();
				for (int fd = 0; fd < 3; fd++)
					close(fd);
				child(round * AT_ONCE + i);
			}
		}
		ut_sleep_ms(CHILD_MS);
		for (unsigned i = 0; i < AT_ONCE; i++) {
			kill(pid[i], SIGKILL);
			CHECK_EQ(waitpid(pid[i], NULL, 0), pid[i]);
		}
	}
}

const struct test tests_fuzz[] = {
	{ "fuzz", random_calls, 0, UT_PIX },
	{ NULL, NULL, 0, 0 },
};
